/* The censored times of a point (E60), and what they say by themselves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "persistence_internal.h"

enum { REPLICATES = 999, SEED = 1 };

/* What is known of one run. */
typedef struct {
    double end, until, emergence, dissolution;
    bool collapsed;
} outcome;

static outcome outcome_of(const cf_group *table, size_t row)
{
    return (outcome){cf_persistence_reals(table, "end")[row],
                     cf_persistence_reals(table, "observed_until")[row],
                     cf_persistence_reals(table, "emergence")[row],
                     cf_persistence_reals(table, "dissolution")[row],
                     strcmp(cf_persistence_texts(table, "status")[row], "norm-collapse") == 0};
}

static bool has_failed(const cf_group *table, size_t row)
{
    return strcmp(cf_persistence_texts(table, "status")[row], "failed") == 0;
}

/* The shortest time that is left after emergence. */
static double follow_up_of(const cf_group *table, const cf_persistence_run *runs, size_t count)
{
    double shortest = INFINITY;
    for (size_t k = 0; k < count; k++) {
        outcome o = outcome_of(table, runs[k].row);
        if (!has_failed(table, runs[k].row) && !isnan(o.emergence))
            shortest = fmin(shortest, o.end - o.emergence);
    }
    return shortest;
}

/* An event at `when` (NaN: none), from `start` on. */
static double time_of(outcome o, double when, double start, int *end)
{
    *end = !isnan(when) ? CF_DISSOLVED : o.collapsed ? CF_COLLAPSED : CF_CENSORED;
    return (isnan(when) ? o.until : when) - start;
}

static bool set_time(cf_time_kind kind, outcome o, double follow_up, double *time, int *end)
{
    if (kind == CF_TIME_EMERGENCE)
        *time = time_of(o, o.emergence, 0, end);
    else
        *time = time_of(o, o.dissolution, kind == CF_TIME_PERSISTENCE ? o.emergence : 0, end);
    if (kind == CF_TIME_PERSISTENCE && *time > follow_up) {
        *time = follow_up;
        *end = CF_CENSORED;
    }
    return kind == CF_TIME_EMERGENCE || !isnan(o.emergence);
}

static void collect(const struct cf_persistence_memory *m, const cf_persistence_run *runs,
                    size_t count, cf_time_kind kind, cf_point_times *out)
{
    size_t first = kind * m->rows + (size_t)(runs - m->runs);
    for (size_t k = 0; k < count; k++) {
        double time;
        int end;
        outcome o = outcome_of(m->table, runs[k].row);
        if (has_failed(m->table, runs[k].row) || !set_time(kind, o, out->follow_up, &time, &end))
            continue;
        size_t place = first + out->sample.count++;
        m->times[place] = time;
        m->ends[place] = end;
        m->run_units[place] = runs[k].unit;
        out->events += end == CF_DISSOLVED;
        out->collapsed += end == CF_COLLAPSED;
        out->censored += end == CF_CENSORED;
    }
    out->sample.times = m->times + first;
    out->sample.ends = m->ends + first;
    out->units = m->run_units + first;
}

/* Of the median, by the bootstrap. */
typedef struct {
    const cf_lifetimes *sample;
    double *times;
    int *ends;
} resampling;

static double resampled_median(void *context, const size_t *drawn, size_t count)
{
    resampling *r = context;
    cf_survival *curve = NULL;
    for (size_t k = 0; k < count; k++) {
        r->times[k] = r->sample->times[drawn[k]];
        r->ends[k] = r->sample->ends[drawn[k]];
    }
    const cf_lifetimes sample = {count, r->times, r->ends};
    if (cf_survival_create(&sample, CF_DISSOLVED, CF_PERSISTENCE_CONFIDENCE, &curve, NULL) != CF_OK)
        return NAN;
    double median = cf_survival_quantile(curve, 0.5).value;
    cf_survival_free(&curve);
    return median;
}

static cf_status resample(cf_point_times *times, cf_err *err)
{
    size_t count = times->sample.count;
    const cf_bootstrap bootstrap = {count, REPLICATES, SEED, CF_PERSISTENCE_CONFIDENCE};
    resampling r = {&times->sample, cf_allocate("bootstrap", count, sizeof(double), err),
                    cf_allocate("bootstrap", count, sizeof(int), err)};
    cf_status status = r.times != NULL && r.ends != NULL ? CF_OK : CF_ESYSTEM;
    if (status == CF_OK)
        status =
            cf_bootstrap_interval(&bootstrap, resampled_median, &r, &times->low, &times->high, err);
    free(r.times);
    free(r.ends);
    return status;
}

static cf_status analyse(cf_point_times *times, cf_err *err)
{
    times->median = (cf_interval){NAN, NAN, NAN};
    times->low = times->high = NAN;
    if (times->sample.count == 0)
        return CF_OK;
    cf_status status = cf_survival_create(&times->sample, CF_DISSOLVED, CF_PERSISTENCE_CONFIDENCE,
                                          &times->curve, err);
    if (status != CF_OK)
        return status;
    times->median = cf_survival_quantile(times->curve, 0.5);
    return resample(times, err);
}

cf_status cf_persistence_times(cf_persistence *p, const cf_persistence_run *runs, size_t count,
                               cf_persistence_point *point, cf_err *err)
{
    const struct cf_persistence_memory *m = p->memory;
    double given = p->follow_up, shortest = follow_up_of(m->table, runs, count);
    cf_status status = CF_OK;
    point->runs = count;
    for (size_t k = 0; k < count; k++)
        point->failed += has_failed(m->table, runs[k].row);
    for (int kind = 0; kind < CF_TIME_KINDS && status == CF_OK; kind++) {
        cf_point_times *times = &point->times[kind];
        bool followed = kind == CF_TIME_PERSISTENCE;
        times->follow_up = !followed ? NAN : given > 0 ? fmin(given, shortest) : shortest;
        collect(m, runs, count, (cf_time_kind)kind, times);
        status = analyse(times, err);
    }
    return status;
}
