#include "logistic.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/elementary.h"
#include "contraflow/solver/memory.h"
#include "observer_internal.h"

enum { MOST_STEPS = 200, MOST_HALVINGS = 40, VECTORS = 7, FEW_PRODUCTS = 100000 };

static const double GRADIENT_TOLERANCE = 1e-12;
static const double SMALL_FALL = 1e-12; /* of the objective: less may be its rounding */

/* Coefficients are [classes*(features + 1)], the bias of each class last. */
typedef struct {
    const cf_logistic *problem;
    size_t size;           /* of a coefficient vector */
    double *memory;        /* everything below */
    double *scores;        /* [classes*n] */
    double *probabilities; /* [classes*n] */
    double *residuals;     /* [classes*n] */
    double *rows;          /* [n] */
    double *coefficients, *gradient, *step, *trial, *r, *p, *product;
} fit;

static cf_status prepare(fit *f, const cf_logistic *problem, cf_err *err)
{
    size_t n = problem->n, points = problem->classes * n;
    *f = (fit){.problem = problem, .size = problem->classes * (problem->features + 1)};
    f->memory = cf_allocate("linear classifier", 3 * points + n + VECTORS * f->size,
                            sizeof *f->memory, err);
    if (f->memory == NULL)
        return CF_ESYSTEM;
    double *next = f->memory;
    double **large[] = {&f->scores, &f->probabilities, &f->residuals};
    for (size_t k = 0; k < 3; k++, next += points)
        *large[k] = next;
    f->rows = next;
    next += n;
    double **small[VECTORS] = {&f->coefficients, &f->gradient, &f->step, &f->trial, &f->r, &f->p,
                               &f->product};
    for (size_t k = 0; k < VECTORS; k++, next += f->size)
        *small[k] = next;
    return CF_OK;
}

/* s_q(i) = w_q . x_i + b_q */
static void evaluate_scores(const fit *f, const double *w, double *scores)
{
    const cf_logistic *a = f->problem;
#pragma omp parallel for schedule(static, 1) if (a->n * f->size > FEW_PRODUCTS)
    for (size_t q = 0; q < a->classes; q++) {
        const double *row = w + q * (a->features + 1);
        double *s = scores + q * a->n;
        for (size_t i = 0; i < a->n; i++)
            s[i] = row[a->features];
        for (size_t k = 0; k < a->features; k++)
            for (size_t i = 0; i < a->n; i++)
                s[i] += row[k] * a->x[k * a->n + i];
    }
}

/* out_q = sum_i residual_q(i) (x_i, 1) + ridge w_q */
static void collect(const fit *f, const double *w, double *out)
{
    const cf_logistic *a = f->problem;
#pragma omp parallel for schedule(static, 1) if (a->n * f->size > FEW_PRODUCTS)
    for (size_t q = 0; q < a->classes; q++) {
        const double *residual = f->residuals + q * a->n;
        size_t first = q * (a->features + 1), last = first + a->features;
        for (size_t k = 0; k < a->features; k++)
            out[first + k] = cf_weighted_dot(NULL, residual, a->x + k * a->n, a->n);
        out[last] = 0;
        for (size_t i = 0; i < a->n; i++)
            out[last] += residual[i];
        for (size_t k = first; k <= last; k++)
            out[k] += a->ridge * w[k];
    }
}

/* Probabilities of points first, ..., and their losses, log sum_q exp s_q - s_label. */
static void softmax(const fit *f, size_t first, size_t count)
{
    const cf_logistic *a = f->problem;
    double *row = f->rows + first, largest[CF_BLOCK], sum[CF_BLOCK] = {0};
    double x[CF_BLOCK], less_one[CF_BLOCK];
    for (size_t l = 0; l < count; l++)
        largest[l] = -INFINITY;
    for (size_t q = 0; q < a->classes; q++)
        for (size_t l = 0; l < count; l++)
            largest[l] = fmax(largest[l], f->scores[q * a->n + first + l]);
    for (size_t q = 0; q < a->classes; q++) {
        const double *s = f->scores + q * a->n + first;
        double *p = f->probabilities + q * a->n + first;
        for (size_t l = 0; l < count; l++)
            x[l] = s[l] - largest[l];
        cf_elementary_exp(x, count, p, less_one);
        for (size_t l = 0; l < count; l++)
            sum[l] += p[l];
    }
    for (size_t q = 0; q < a->classes; q++)
        for (size_t l = 0; l < count; l++)
            f->probabilities[q * a->n + first + l] /= sum[l];
    for (size_t l = 0; l < count; l++)
        row[l] =
            log(sum[l]) + largest[l] - f->scores[(size_t)a->labels[first + l] * a->n + first + l];
}

/* The objective at w; leaves scores and probabilities there. */
static double objective(const fit *f, const double *w)
{
    const cf_logistic *a = f->problem;
    evaluate_scores(f, w, f->scores);
#pragma omp parallel for schedule(static) if (a->n * f->size > FEW_PRODUCTS)
    for (size_t first = 0; first < a->n; first += CF_BLOCK)
        softmax(f, first, a->n - first < CF_BLOCK ? a->n - first : CF_BLOCK);
    return cf_weighted_dot(NULL, a->weights, f->rows, a->n) +
           0.5 * a->ridge * cf_weighted_dot(NULL, w, w, f->size);
}

/* The gradient, at the probabilities of the last objective. */
static void evaluate_gradient(const fit *f, const double *w, double *out)
{
    const cf_logistic *a = f->problem;
    for (size_t q = 0; q < a->classes; q++)
        for (size_t i = 0; i < a->n; i++) {
            double target = (size_t)a->labels[i] == q ? 1 : 0;
            f->residuals[q * a->n + i] = a->weights[i] * (f->probabilities[q * a->n + i] - target);
        }
    collect(f, w, out);
}

/* The Hessian times v, at the probabilities of the last objective. */
static void hessian_times(const fit *f, const double *v, double *out)
{
    const cf_logistic *a = f->problem;
    evaluate_scores(f, v, f->residuals);
#pragma omp parallel for schedule(static) if (a->n * f->size > FEW_PRODUCTS)
    for (size_t i = 0; i < a->n; i++) {
        double mean = 0;
        for (size_t q = 0; q < a->classes; q++)
            mean += f->probabilities[q * a->n + i] * f->residuals[q * a->n + i];
        for (size_t q = 0; q < a->classes; q++)
            f->residuals[q * a->n + i] = a->weights[i] * f->probabilities[q * a->n + i] *
                                         (f->residuals[q * a->n + i] - mean);
    }
    collect(f, v, out);
}

/* step = -H^{-1} gradient by conjugate gradients, to a residual that makes Newton superlinear.
 * Where the ridge alone holds coefficients, rounding makes them take several times the size. */
static void solve(const fit *f)
{
    double square = cf_weighted_dot(NULL, f->gradient, f->gradient, f->size), norm = sqrt(square);
    double enough = fmin(0.1, sqrt(norm)) * norm;
    for (size_t k = 0; k < f->size; k++) {
        f->step[k] = 0;
        f->p[k] = f->r[k] = -f->gradient[k];
    }
    for (size_t iteration = 0; iteration < 10 * f->size && sqrt(square) > enough; iteration++) {
        hessian_times(f, f->p, f->product);
        double length = square / cf_weighted_dot(NULL, f->p, f->product, f->size);
        for (size_t k = 0; k < f->size; k++) {
            f->step[k] += length * f->p[k];
            f->r[k] -= length * f->product[k];
        }
        double last = square;
        square = cf_weighted_dot(NULL, f->r, f->r, f->size);
        for (size_t k = 0; k < f->size; k++)
            f->p[k] = f->r[k] + square / last * f->p[k];
    }
}

/* The objective at a part of the step, which accept makes the next coefficients. */
static double try(const fit *f, double length)
{
    for (size_t k = 0; k < f->size; k++)
        f->trial[k] = f->coefficients[k] + length * f->step[k];
    return objective(f, f->trial);
}

static void accept(fit *f)
{
    double *keep = f->coefficients;
    f->coefficients = f->trial;
    f->trial = keep;
}

/* Halves the step until the objective falls as it should; false where rounding hides any fall. */
static bool search(fit *f, double slope, double *value)
{
    double length = 1;
    for (int halving = 0; halving < MOST_HALVINGS; halving++, length /= 2) {
        double trial = try(f, length);
        if (!(trial <= *value + 1e-4 * length * slope + 4 * DBL_EPSILON * fabs(*value)))
            continue;
        accept(f);
        *value = trial;
        return true;
    }
    return false;
}

/* Objectives lead to where their rounding hides what a step gains; Newton's method converges there
 * by itself, and gradients tell when it has. */
static void minimize(fit *f)
{
    double value = objective(f, f->coefficients), last = INFINITY;
    for (int step = 0; step < MOST_STEPS; step++) {
        evaluate_gradient(f, f->coefficients, f->gradient);
        double norm = sqrt(cf_weighted_dot(NULL, f->gradient, f->gradient, f->size));
        if (norm <= GRADIENT_TOLERANCE || norm > last / 2)
            return;
        solve(f);
        double slope = cf_weighted_dot(NULL, f->gradient, f->step, f->size);
        if (-slope < SMALL_FALL) {
            value = try(f, 1);
            accept(f);
            last = norm;
        } else if (!search(f, slope, &value))
            return;
    }
}

cf_status cf_logistic_fit(const cf_logistic *problem, double *scores, cf_err *err)
{
    fit f;
    if (prepare(&f, problem, err) != CF_OK)
        return CF_ESYSTEM;
    minimize(&f);
    evaluate_scores(&f, f.coefficients, scores);
    free(f.memory);
    return CF_OK;
}
