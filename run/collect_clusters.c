/* Clusters one by one: their separations, and when they emerge and dissolve (E110, E111). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "collect_internal.h"
#include "contraflow/models/observer.h"
#include "contraflow/solver/memory.h"

/* --- along the run --- */

static cf_status begin(cf_collector *c, const cf_measure *measure, cf_err *err)
{
    size_t K = measure->clusters, d = measure->dimension;
    c->cluster_masses =
        cf_allocate("clusters", 2 * K + K * (d + 1) + d, sizeof *c->cluster_masses, err);
    if (c->cluster_masses == NULL)
        return CF_ESYSTEM;
    c->clusters = K;
    for (size_t i = 0; i < measure->n; i++)
        c->cluster_masses[measure->labels[i]] += measure->weights[i];
    return CF_OK;
}

cf_status cf_collect_clusters(cf_collector *c, const cf_measure *measure, cf_err *err)
{
    if (!c->parts->observes[0] || measure->labels == NULL || measure->clusters < 2)
        return CF_OK;
    cf_status status = c->cluster_masses == NULL ? begin(c, measure, err) : CF_OK;
    if (status != CF_OK)
        return status;
    double *each = c->cluster_masses + c->clusters;
    cf_separation_of_each(measure, each + c->clusters, each);
    return cf_series_append(&c->series[CF_CLUSTER_SEPARATION], each, c->clusters, err);
}

cf_status cf_collect_cluster_event(cf_collector *c, double t, size_t cluster, int direction,
                                   cf_err *err)
{
    const double row[] = {t, (double)cluster, direction};
    cf_status status = CF_OK;
    for (size_t k = 0; k < 3 && status == CF_OK; k++)
        status = cf_series_append(&c->series[CF_CLUSTER_TIME + k], &row[k], 1, err);
    return status;
}

double cf_collected_until(const cf_collector *c)
{
    const cf_series *time = &c->series[CF_TIME];
    return time->count > 0 ? time->values[time->count - 1] : 0;
}

/* --- times --- */

cf_cluster_times cf_cluster_times_begin(bool above)
{
    return (cf_cluster_times){above ? 0 : NAN, NAN};
}

void cf_cluster_times_add(cf_cluster_times *times, double t, double direction)
{
    if (isnan(times->emergence) && direction > 0)
        times->emergence = t;
    else if (!isnan(times->emergence) && isnan(times->dissolution) && direction < 0)
        times->dissolution = t;
}

/* --- records --- */

enum { MASS, EMERGENCE, DISSOLUTION, PERSISTENCE, REALS };
enum { EMERGENCE_CENSORED, PERSISTENCE_CENSORED, FLAGS };

/* One cluster into its place of every column [REALS][K] and [FLAGS][K]. */
static void describe(const cf_collector *c, size_t q, double *reals, long *flags)
{
    size_t K = c->clusters;
    double first = c->series[CF_CLUSTER_SEPARATION].values[q];
    cf_cluster_times times = cf_cluster_times_begin(first >= c->parts->problem->cluster_threshold);
    for (size_t k = 0; k < c->series[CF_CLUSTER_TIME].count; k++)
        if (c->series[CF_CLUSTER_INDEX].values[k] == (double)q)
            cf_cluster_times_add(&times, c->series[CF_CLUSTER_TIME].values[k],
                                 c->series[CF_CLUSTER_DIRECTION].values[k]);
    bool emerged = !isnan(times.emergence), dissolved = !isnan(times.dissolution);
    double end = dissolved ? times.dissolution : cf_collected_until(c);
    reals[MASS * K + q] = c->cluster_masses[q];
    reals[EMERGENCE * K + q] = times.emergence;
    reals[DISSOLUTION * K + q] = times.dissolution;
    reals[PERSISTENCE * K + q] = emerged ? end - times.emergence : NAN;
    flags[EMERGENCE_CENSORED * K + q] = !emerged && !isnan(first);
    flags[PERSISTENCE_CENSORED * K + q] = emerged && !dissolved;
}

static cf_status write_columns(size_t K, double *reals, long *flags, cf_group *group, cf_err *err)
{
    static const char *const names[] = {
        "mass",        "emergence",          "dissolution",
        "persistence", "emergence_censored", "persistence_censored"};
    cf_status status = CF_OK;
    for (size_t k = 0; k < REALS + FLAGS && status == CF_OK; k++) {
        bool real = k < REALS;
        cf_record record = {.name = (char *)names[k],
                            .unit = real && k != MASS ? "t" : "1",
                            .equation = k == MASS ? "E17" : "E111",
                            .type = real ? CF_VALUE_REAL : CF_VALUE_INTEGER,
                            .rank = 1,
                            .dims = {K},
                            .real = real ? reals + k * K : NULL,
                            .integer = real ? NULL : flags + (k - REALS) * K};
        status = cf_group_add(group, &record, err);
    }
    return status;
}

static cf_status write_times(const cf_collector *c, cf_group *group, cf_err *err)
{
    size_t K = c->clusters;
    double *reals = cf_allocate("clusters", REALS * K, sizeof *reals, err);
    long *flags = cf_allocate("clusters", FLAGS * K, sizeof *flags, err);
    cf_status status = reals != NULL && flags != NULL ? CF_OK : CF_ESYSTEM;
    for (size_t q = 0; q < K && status == CF_OK; q++)
        describe(c, q, reals, flags);
    if (status == CF_OK)
        status = write_columns(K, reals, flags, group, err);
    free(reals);
    free(flags);
    return status;
}

cf_status cf_collector_write_clusters(const cf_collector *c, cf_group *group, cf_result *result,
                                      cf_err *err)
{
    const cf_series *series = &c->series[CF_CLUSTER_SEPARATION];
    if (c->clusters == 0)
        return CF_OK;
    char path[512];
    cf_record record = {.name = "cluster_separation",
                        .unit = "1",
                        .equation = "E110",
                        .type = CF_VALUE_REAL,
                        .rank = 2,
                        .dims = {series->count / c->clusters, c->clusters},
                        .real = series->values};
    snprintf(path, sizeof path, "%s/clusters", group->path);
    cf_status status = cf_group_add(group, &record, err);
    if (status == CF_OK)
        status = cf_result_add_group(result, path, &group, err);
    return status == CF_OK ? write_times(c, group, err) : status;
}
