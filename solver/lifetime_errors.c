/* Intervals and tests of fitted laws of lifetimes, E65 and E66. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/lifetime.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/statistics.h"

/* --- intervals --- */

static double quantile_of(const cf_lifetime_fit *fit, double confidence)
{
    double p = (1 + confidence) / 2;
    return isinf(fit->degrees) ? cf_normal_quantile(p) : cf_student_quantile(p, fit->degrees);
}

cf_interval cf_lifetime_parameter(const cf_lifetime_fit *fit, size_t k, double confidence)
{
    size_t size = fit->columns + 2;
    double value = k + 1 < size ? fit->beta[k] : log(fit->sigma);
    double width = quantile_of(fit, confidence) * sqrt(fit->covariance[k * size + k]);
    return (cf_interval){value, value - width, value + width};
}

/* log T_p = x . beta + sigma w_p is smooth in the parameters. */
cf_interval cf_lifetime_quantile(const cf_lifetime_fit *fit, const double *x, double p,
                                 double confidence)
{
    size_t size = fit->columns + 2;
    double quantile = fit->law->quantile(p), value = fit->sigma * quantile, variance = 0;
    for (size_t a = 0; a < size; a++) {
        double da = a == 0 ? 1 : a + 1 < size ? x[a - 1] : fit->sigma * quantile;
        value += a + 1 < size ? fit->beta[a] * da : 0;
        for (size_t b = 0; b < size; b++) {
            double db = b == 0 ? 1 : b + 1 < size ? x[b - 1] : fit->sigma * quantile;
            variance += da * fit->covariance[a * size + b] * db;
        }
    }
    double width = quantile_of(fit, confidence) * sqrt(variance);
    return (cf_interval){exp(value), exp(value - width), exp(value + width)};
}

/* --- samples with other rows or columns --- */

typedef struct {
    cf_lifetime_model model;
    double *times, *x;
    int *ends;
} sample;

static cf_status sample_create(const cf_lifetime_model *model, size_t columns, sample *out,
                               cf_err *err)
{
    size_t count = model->lifetimes.count;
    out->times = cf_allocate("lifetimes", count, sizeof(double), err);
    out->x = cf_allocate("lifetimes", count, columns * sizeof(double), err);
    out->ends = cf_allocate("lifetimes", count, sizeof(int), err);
    out->model = *model;
    out->model.columns = columns;
    out->model.x = out->x;
    out->model.lifetimes = (cf_lifetimes){0, out->times, out->ends};
    return out->times != NULL && out->x != NULL && out->ends != NULL ? CF_OK : CF_ESYSTEM;
}

static void sample_release(sample *s)
{
    free(s->times);
    free(s->x);
    free(s->ends);
}

/* Member i of the model, and the place for its columns. */
static double *sample_add(sample *s, const cf_lifetime_model *from, size_t i)
{
    size_t row = s->model.lifetimes.count++;
    s->times[row] = from->lifetimes.times[i];
    s->ends[row] = from->lifetimes.ends[i];
    return s->x + row * s->model.columns;
}

/* --- the jackknife --- */

/* estimate [columns + 2]: beta and log sigma without the members of a unit. */
static cf_status fit_without(const cf_lifetime_model *model, const size_t *unit, size_t left_out,
                             sample *rest, double *estimate, cf_err *err)
{
    cf_lifetime_fit *fit = NULL;
    rest->model.lifetimes.count = 0;
    for (size_t i = 0; i < model->lifetimes.count; i++)
        if (unit[i] != left_out)
            memcpy(sample_add(rest, model, i), model->x + i * model->columns,
                   model->columns * sizeof(double));
    cf_status status = cf_lifetime_fit_create(&rest->model, &fit, err);
    if (status == CF_OK) {
        memcpy(estimate, fit->beta, (model->columns + 1) * sizeof *estimate);
        estimate[model->columns + 1] = log(fit->sigma);
    }
    cf_lifetime_fit_free(&fit);
    return status;
}

/* (S - 1)/S sum (e_s - mean)(e_s - mean)^T of the estimates [units*size]. */
static void set_covariance(const double *estimates, size_t units, cf_lifetime_fit *fit)
{
    size_t size = fit->columns + 2;
    double n = (double)units;
    for (size_t a = 0; a < size; a++)
        for (size_t b = 0; b < size; b++) {
            double mean_a = 0, mean_b = 0, sum = 0;
            for (size_t s = 0; s < units; s++) {
                mean_a += estimates[s * size + a] / n;
                mean_b += estimates[s * size + b] / n;
            }
            for (size_t s = 0; s < units; s++)
                sum += (estimates[s * size + a] - mean_a) * (estimates[s * size + b] - mean_b);
            fit->covariance[a * size + b] = (n - 1) / n * sum;
        }
    fit->degrees = n - 1;
}

cf_status cf_lifetime_jackknife(const cf_lifetime_model *model, const size_t *unit, size_t units,
                                cf_lifetime_fit *fit, cf_err *err)
{
    if (units < 2)
        return cf_fail(err, CF_EINPUT, "jackknife: %zu unit: must be at least 2", units);
    size_t size = fit->columns + 2;
    sample rest = {.times = NULL};
    cf_status status = sample_create(model, model->columns, &rest, err);
    double *estimates = cf_allocate("jackknife", units * size, sizeof *estimates, err);
    if (estimates == NULL)
        status = CF_ESYSTEM;
    for (size_t s = 0; s < units && status == CF_OK; s++)
        status = fit_without(model, unit, s, &rest, estimates + s * size, err);
    if (status == CF_OK)
        set_covariance(estimates, units, fit);
    free(estimates);
    sample_release(&rest);
    return status;
}

/* --- lack of fit --- */

/* Numbers the groups in which there is an event from 0; a group without one gets `groups`. */
static size_t number_groups(const cf_lifetime_model *model, const size_t *group, size_t groups,
                            size_t *number)
{
    size_t count = 0;
    for (size_t g = 0; g < groups; g++)
        number[g] = groups;
    for (size_t i = 0; i < model->lifetimes.count; i++)
        if (model->lifetimes.ends[i] == model->kind)
            number[group[i]] = 0;
    for (size_t g = 0; g < groups; g++)
        if (number[g] == 0)
            number[g] = count++;
    return count;
}

/* The members of groups with an event, which get a constant each. Those of other groups are
 * certain to outlive their times where their constant grows without bound, and add log 1. */
static void fill_free(const cf_lifetime_model *model, const size_t *group, const size_t *number,
                      size_t groups, sample *out)
{
    for (size_t i = 0; i < model->lifetimes.count; i++) {
        size_t own = number[group[i]];
        if (own == groups)
            continue;
        double *x = sample_add(out, model, i);
        for (size_t k = 0; k < out->model.columns; k++)
            x[k] = own == k + 1;
    }
}

cf_status cf_lifetime_lack_of_fit(const cf_lifetime_model *model, const cf_lifetime_fit *fit,
                                  const size_t *group, size_t groups, cf_test *test, cf_err *err)
{
    *test = (cf_test){0, 0, NAN};
    if (groups < model->columns + 2)
        return CF_OK;
    sample all = {.times = NULL};
    cf_lifetime_fit *free_fit = NULL;
    size_t *number = cf_allocate("lack of fit", groups, sizeof *number, err);
    size_t count = number == NULL ? 0 : number_groups(model, group, groups, number);
    cf_status status = count == 0 ? CF_ESYSTEM : sample_create(model, count - 1, &all, err);
    if (status == CF_OK) {
        fill_free(model, group, number, groups, &all);
        status = cf_lifetime_fit_create(&all.model, &free_fit, err);
    }
    if (status == CF_OK) {
        test->degrees = groups - 1 - model->columns;
        test->statistic = 2 * (free_fit->log_likelihood - fit->log_likelihood);
        test->p = cf_chi_square_tail(test->statistic, (double)test->degrees);
    }
    cf_lifetime_fit_free(&free_fit);
    sample_release(&all);
    free(number);
    return status;
}
