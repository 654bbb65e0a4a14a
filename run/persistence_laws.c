/* Whether the points of a series differ, and by which law (E64, E66). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "persistence_internal.h"

enum { FEWEST_POINTS = 3 };
static const double PREFERENCE = 2; /* of AIC, for Weibull over log-normal */

void cf_persistence_pool_release(cf_persistence_pool *all)
{
    free(all->times);
    free(all->x);
    free(all->ends);
    free(all->groups);
    free(all->units);
}

cf_status cf_persistence_pool_create(size_t most, size_t columns, cf_persistence_pool *all,
                                     cf_err *err)
{
    *all = (cf_persistence_pool){.columns = columns};
    all->times = cf_allocate("law", most + 1, sizeof *all->times, err);
    all->x = cf_allocate("law", (most + 1) * (columns + 1), sizeof *all->x, err);
    all->ends = cf_allocate("law", most + 1, sizeof *all->ends, err);
    all->groups = cf_allocate("law", most + 1, sizeof *all->groups, err);
    all->units = cf_allocate("law", most + 1, sizeof *all->units, err);
    return all->times != NULL && all->x != NULL && all->ends != NULL && all->groups != NULL &&
                   all->units != NULL
               ? CF_OK
               : CF_ESYSTEM;
}

/* The units that occur are numbered without gaps. */
static cf_status number_units(cf_persistence_pool *all, size_t most, cf_err *err)
{
    size_t *numbers = cf_allocate("units", most, sizeof *numbers, err);
    if (numbers == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < all->count; k++) {
        size_t *number = &numbers[all->units[k]];
        if (*number == 0)
            *number = ++all->unit_count;
        all->units[k] = *number - 1;
    }
    free(numbers);
    return CF_OK;
}

static cf_status pool(const cf_persistence *p, const cf_persistence_series *series, int kind,
                      cf_persistence_pool *all, cf_err *err)
{
    size_t most = 0;
    for (size_t i = 0; i < series->count; i++)
        most += series->points[i].times[kind].sample.count;
    cf_status status = cf_persistence_pool_create(most, series->lawful_count, all, err);
    for (size_t i = 0; i < series->count && status == CF_OK; i++) {
        const cf_persistence_point *point = &series->points[i];
        const cf_point_times *times = &point->times[kind];
        for (size_t k = 0; k < times->sample.count; k++) {
            for (size_t c = 0; c < all->columns; c++)
                all->x[all->count * all->columns + c] =
                    log(p->axes[series->lawful[c]].numbers[point->levels[series->lawful[c]]]);
            all->times[all->count] = times->sample.times[k];
            all->ends[all->count] = times->sample.ends[k];
            all->units[all->count] = times->units[k];
            all->groups[all->count++] = all->group_count;
            all->events += times->sample.ends[k] == CF_DISSOLVED;
        }
        all->group_count += times->sample.count > 0;
    }
    return status;
}

static cf_lifetime_model model_of(const cf_persistence_pool *all, const cf_lifetime_law *law)
{
    return (cf_lifetime_model){.law = law,
                               .lifetimes = {all->count, all->times, all->ends},
                               .kind = CF_DISSOLVED,
                               .x = all->x,
                               .columns = all->columns};
}

/* The log-normal law, unless Weibull's is clearly better. */
static cf_status choose(const cf_persistence_pool *all, cf_persistence_law *out, cf_err *err)
{
    const cf_lifetime_law *const *laws = cf_lifetime_laws();
    cf_lifetime_fit *fits[3] = {NULL};
    size_t normal = 0, weibull = 0;
    cf_status status = CF_OK;
    for (size_t k = 0; k < 3; k++) {
        cf_lifetime_model model = model_of(all, laws[k]);
        cf_err failure = {0};
        cf_status fitted = cf_lifetime_fit_create(&model, &fits[k], &failure);
        out->aic[k] = fitted == CF_OK ? fits[k]->aic : NAN;
        if (fitted == CF_ESYSTEM)
            status = cf_fail(err, CF_ESYSTEM, "%s", failure.message);
        if (fitted != CF_OK)
            snprintf(out->message, sizeof out->message, "%.250s", failure.message);
        if (laws[k] == cf_lifetime_law_find("log-normal"))
            normal = k;
        if (laws[k] == cf_lifetime_law_find("weibull"))
            weibull = k;
    }
    size_t chosen = out->aic[weibull] < out->aic[normal] - PREFERENCE ? weibull : normal;
    out->fit = fits[chosen];
    out->law = out->fit != NULL ? laws[chosen] : NULL;
    for (size_t k = 0; k < 3; k++)
        if (k != chosen)
            cf_lifetime_fit_free(&fits[k]);
    return status;
}

/* Failures of the numbers leave the law as it is, and say so. */
static cf_status heed(cf_status status, const cf_err *failure, cf_persistence_law *out, cf_err *err)
{
    if (status == CF_ESYSTEM)
        return cf_fail(err, status, "%s", failure->message);
    if (status != CF_OK)
        snprintf(out->message, sizeof out->message, "%.250s", failure->message);
    return CF_OK;
}

cf_status cf_persistence_seek(cf_persistence_pool *all, size_t most, cf_persistence_law *out,
                              cf_err *err)
{
    cf_err failure = {0};
    cf_status status = number_units(all, most, err);
    out->lack = (cf_test){0, 0, NAN};
    out->aic[0] = out->aic[1] = out->aic[2] = NAN;
    if (status == CF_OK)
        status = choose(all, out, err);
    if (status != CF_OK || out->law == NULL)
        return status;
    const cf_lifetime_model model = model_of(all, out->law);
    if (all->group_count > 0)
        status = cf_lifetime_lack_of_fit(&model, out->fit, all->groups, all->group_count,
                                         &out->lack, &failure);
    status = heed(status, &failure, out, err);
    if (status != CF_OK || all->unit_count < 3 || all->unit_count == all->count)
        return status;
    failure = (cf_err){0};
    status = cf_lifetime_jackknife(&model, all->units, all->unit_count, out->fit, &failure);
    out->jackknife = status == CF_OK;
    return heed(status, &failure, out, err);
}

static cf_status compare(const cf_persistence *p, cf_persistence_series *series, int kind,
                         cf_err *err)
{
    cf_persistence_pool all;
    cf_persistence_law *law = &series->laws[kind];
    cf_status status = pool(p, series, kind, &all, err);
    const cf_lifetimes sample = {all.count, all.times, all.ends};
    series->log_rank[kind] = (cf_test){0, 0, NAN};
    law->lack = (cf_test){0, 0, NAN};
    law->aic[0] = law->aic[1] = law->aic[2] = NAN;
    if (status == CF_OK && all.group_count > 1)
        status = cf_log_rank(&sample, CF_DISSOLVED, all.groups, all.group_count,
                             &series->log_rank[kind], err);
    if (all.columns == 0)
        snprintf(law->message, sizeof law->message, "no parameter takes three positive values");
    else if (all.group_count < FEWEST_POINTS)
        snprintf(law->message, sizeof law->message, "fewer than three points have times");
    else if (status == CF_OK)
        status = cf_persistence_seek(&all, p->memory->units, law, err);
    cf_persistence_pool_release(&all);
    return status;
}

cf_status cf_persistence_compare(const cf_persistence *p, cf_persistence_series *series,
                                 cf_err *err)
{
    cf_status status = CF_OK;
    for (int kind = 0; kind < CF_TIME_KINDS && status == CF_OK; kind++)
        status = compare(p, series, kind, err);
    return status;
}
