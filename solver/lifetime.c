/* Maximum likelihood of E65. In gamma = beta/sigma and lambda = 1/sigma the residuals u = lambda
 * log t - x . gamma are linear, so that the logarithm of the likelihood is concave (Burridge, J. R.
 * Statist. Soc. B 43, 1981): Newton's method with a line search finds its only maximum. */
#include "contraflow/solver/lifetime.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cholesky.h"
#include "contraflow/solver/memory.h"

enum { MOST_STEPS = 200, MOST_HALVINGS = 60 };

/* One maximization. Parameters: gamma [columns], then lambda unless it is 1. */
typedef struct {
    const cf_lifetime_model *model;
    size_t size, columns;           /* of parameters; of x with the constant */
    double *log_time;               /* [count] minus `shift`, their mean */
    double *theta, *trial, *step;   /* [size] */
    double *gradient, *information; /* [size], [size^2]: minus the Hessian */
    double *row;                    /* [size] */
    double shift;
    size_t events;
} search;

static void release(search *s)
{
    free(s->log_time); /* the first part of one block */
}

static cf_status check_times(const cf_lifetimes *lifetimes, cf_err *err)
{
    if (lifetimes->count == 0)
        return cf_fail(err, CF_EINPUT, "lifetimes: the sample is empty");
    for (size_t i = 0; i < lifetimes->count; i++)
        if (!(lifetimes->times[i] > 0) || !isfinite(lifetimes->times[i]))
            return cf_fail(err, CF_EINPUT, "lifetimes: time %zu = %g: must be positive and finite",
                           i, lifetimes->times[i]);
    return CF_OK;
}

static cf_status prepare(search *s, const cf_lifetime_model *model, cf_err *err)
{
    const cf_lifetimes *sample = &model->lifetimes;
    cf_status status = check_times(sample, err);
    if (status != CF_OK)
        return status;
    s->model = model;
    s->columns = model->columns + 1;
    s->size = s->columns + !model->law->unit_scale;
    s->log_time =
        cf_allocate("lifetimes", sample->count + s->size * (s->size + 5), sizeof(double), err);
    if (s->log_time == NULL)
        return CF_ESYSTEM;
    double **parts[] = {&s->theta, &s->trial, &s->step, &s->gradient, &s->row, &s->information};
    for (size_t k = 0; k < 6; k++)
        *parts[k] = s->log_time + sample->count + k * s->size;
    for (size_t i = 0; i < sample->count; i++) {
        s->events += sample->ends[i] == model->kind;
        s->shift += log(sample->times[i]) / (double)sample->count;
    }
    for (size_t i = 0; i < sample->count; i++)
        s->log_time[i] = log(sample->times[i]) - s->shift;
    if (s->events == 0)
        return cf_fail(err, CF_ENUMERIC, "lifetimes: no event among %zu times: nothing to fit",
                       sample->count);
    return CF_OK;
}

/* The derivatives of the residual of member i by the parameters. */
static void set_row(const search *s, size_t i)
{
    const double *x = s->model->x + i * s->model->columns;
    s->row[0] = -1;
    for (size_t k = 1; k < s->columns; k++)
        s->row[k] = -x[k - 1];
    if (s->size > s->columns)
        s->row[s->columns] = s->log_time[i];
}

static double residual(const search *s, size_t i, const double *theta)
{
    double u = s->model->law->unit_scale ? s->log_time[i] : 0;
    for (size_t k = 0; k < s->size; k++)
        u += s->row[k] * theta[k];
    return u;
}

static bool is_event(const search *s, size_t i)
{
    return s->model->lifetimes.ends[i] == s->model->kind;
}

/* log of the likelihood of log t - shift; with derivatives where `derivatives`. */
static double evaluate(search *s, const double *theta, bool derivatives)
{
    double value = 0, g[3], lambda = s->size > s->columns ? theta[s->columns] : 1;
    if (!(lambda > 0))
        return -INFINITY;
    if (derivatives)
        memset(s->gradient, 0, s->size * sizeof *s->gradient);
    if (derivatives)
        memset(s->information, 0, s->size * s->size * sizeof *s->information);
    for (size_t i = 0; i < s->model->lifetimes.count; i++) {
        set_row(s, i);
        (is_event(s, i) ? s->model->law->density : s->model->law->tail)(residual(s, i, theta), g);
        value += g[0];
        for (size_t k = 0; derivatives && k < s->size; k++) {
            s->gradient[k] += g[1] * s->row[k];
            for (size_t l = 0; l <= k; l++)
                s->information[k * s->size + l] -= g[2] * s->row[k] * s->row[l];
        }
    }
    double events = (double)s->events;
    if (derivatives && s->size > s->columns) {
        s->gradient[s->columns] += events / lambda;
        s->information[s->size * s->size - 1] += events / (lambda * lambda);
    }
    return value + events * log(lambda);
}

/* The longest of the steps 1, 1/2, 1/4 ... along which the likelihood rises as it should; false
 * where rounding hides any rise. */
static bool advance(search *s, double slope, double *value)
{
    double length = 1;
    for (int halving = 0; halving < MOST_HALVINGS; halving++, length /= 2) {
        for (size_t k = 0; k < s->size; k++)
            s->trial[k] = s->theta[k] + length * s->step[k];
        double trial = evaluate(s, s->trial, false);
        if (!(trial >= *value + 1e-4 * length * slope - 8 * DBL_EPSILON * fabs(*value)))
            continue;
        memcpy(s->theta, s->trial, s->size * sizeof *s->theta);
        *value = trial;
        return true;
    }
    return false;
}

static cf_status no_maximum(cf_err *err)
{
    return cf_fail(err, CF_ENUMERIC,
                   "lifetimes: the likelihood has no maximum (the events lie on the law without "
                   "scatter, or do not bound it)");
}

/* Leaves the Cholesky factor of the information at the maximum. */
static cf_status maximize(search *s, double *value, cf_err *err)
{
    static const double ENOUGH = 1e-20, MOST_PRECISE = 1e12;
    if (s->size > s->columns)
        s->theta[s->columns] = 1;
    *value = evaluate(s, s->theta, false);
    for (int step = 0; step < MOST_STEPS; step++) {
        evaluate(s, s->theta, true);
        if (!cf_cholesky_factor(s->information, s->size, 1e-13))
            return step == 0 ? cf_fail(err, CF_EINPUT, "lifetimes: the columns are dependent")
                             : no_maximum(err);
        memcpy(s->step, s->gradient, s->size * sizeof *s->step);
        cf_cholesky_solve(s->information, s->size, s->step);
        double slope = 0;
        for (size_t k = 0; k < s->size; k++)
            slope += s->gradient[k] * s->step[k];
        if (slope < ENOUGH || !advance(s, slope, value))
            return CF_OK;
        if (s->size > s->columns && s->theta[s->columns] > MOST_PRECISE)
            return no_maximum(err);
    }
    return no_maximum(err);
}

/* --- the result --- */

static cf_lifetime_fit *allocate_fit(size_t columns, cf_err *err)
{
    size_t parameters = columns + 1; /* with log sigma */
    cf_lifetime_fit *fit = cf_allocate("lifetimes", 1, sizeof *fit, err);
    if (fit == NULL)
        return NULL;
    fit->beta = cf_allocate("lifetimes", columns + parameters * parameters, sizeof(double), err);
    if (fit->beta == NULL) {
        free(fit);
        return NULL;
    }
    fit->covariance = fit->beta + columns;
    return fit;
}

void cf_lifetime_fit_free(cf_lifetime_fit **fit)
{
    if (*fit == NULL)
        return;
    free((*fit)->beta); /* the covariance lies behind */
    free(*fit);
    *fit = NULL;
}

/* Of beta = gamma/lambda and log sigma = -log lambda, from that of gamma and lambda. */
static cf_status set_covariance(const search *s, cf_lifetime_fit *fit, cf_err *err)
{
    size_t size = s->size, out = s->columns + 1;
    double *inverse = cf_allocate("lifetimes", 2 * size * size, sizeof *inverse, err);
    if (inverse == NULL)
        return CF_ESYSTEM;
    double *change = inverse + size * size; /* of beta and log sigma by the parameters */
    for (size_t k = 0; k < s->columns; k++)
        change[k * size + k] = fit->sigma;
    if (size > s->columns) {
        for (size_t k = 0; k < s->columns; k++)
            change[k * size + size - 1] = -s->theta[k] * fit->sigma * fit->sigma;
        change[size * size - 1] = -fit->sigma;
    }
    cf_cholesky_invert(s->information, size, inverse);
    for (size_t a = 0; a < size; a++)
        for (size_t b = 0; b < size; b++)
            for (size_t k = 0; k < size; k++)
                for (size_t l = 0; l < size; l++)
                    fit->covariance[a * out + b] +=
                        change[a * size + k] * inverse[k * size + l] * change[b * size + l];
    free(inverse);
    return CF_OK;
}

static cf_status finish(const search *s, double value, cf_lifetime_fit *fit, cf_err *err)
{
    const cf_lifetimes *sample = &s->model->lifetimes;
    fit->law = s->model->law;
    fit->columns = s->model->columns;
    fit->sigma = s->size > s->columns ? 1 / s->theta[s->columns] : 1;
    for (size_t k = 0; k < s->columns; k++)
        fit->beta[k] = s->theta[k] * fit->sigma;
    fit->degrees = INFINITY;
    fit->events = s->events;
    fit->log_likelihood = value;
    for (size_t i = 0; i < sample->count; i++)
        if (is_event(s, i))
            fit->log_likelihood -= s->log_time[i] + s->shift; /* density of t, not of log t */
    fit->aic = 2 * ((double)s->size - fit->log_likelihood);
    cf_status status = set_covariance(s, fit, err);
    fit->beta[0] += s->shift;
    return status;
}

cf_status cf_lifetime_fit_create(const cf_lifetime_model *model, cf_lifetime_fit **out, cf_err *err)
{
    *out = NULL;
    search s = {0};
    double value;
    cf_status status = prepare(&s, model, err);
    if (status == CF_OK)
        status = maximize(&s, &value, err);
    cf_lifetime_fit *fit = status == CF_OK ? allocate_fit(s.columns, err) : NULL;
    if (status == CF_OK)
        status = fit != NULL ? finish(&s, value, fit, err) : CF_ESYSTEM;
    if (status != CF_OK)
        cf_lifetime_fit_free(&fit);
    *out = fit;
    release(&s);
    return status;
}
