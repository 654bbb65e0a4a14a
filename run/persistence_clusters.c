#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/clusters.h"
#include "contraflow/solver/memory.h"
#include "persistence_internal.h"

const char *const cf_cause_names[CF_CAUSES] = {"mass", "self_coupling"};

static const double ALIKE = 1e-9; /* logarithms that differ by less */

size_t cf_cluster_axis(const cf_persistence *p)
{
    size_t a = 0;
    while (a + 1 < p->axis_count && strcmp(p->axes[a].name, "cluster") != 0)
        a++;
    return a;
}

/* --- groups: what differs in its cluster only --- */

static bool belongs(const cf_persistence *p, const cf_cluster_group *group,
                    const cf_persistence_series *series, const cf_persistence_point *point)
{
    const size_t *levels = group->clusters[0].point->levels;
    bool same = strcmp(group->series->flow, series->flow) == 0;
    for (size_t a = 0; a < p->axis_count; a++)
        same = same && (a == cf_cluster_axis(p) || levels[a] == point->levels[a]);
    return same;
}

static size_t count_points(const cf_persistence *p)
{
    size_t count = 0;
    for (size_t s = 0; s < p->count; s++)
        count += p->series[s].count;
    return count;
}

/* Clusters in the order of their names. */
static void gather(const cf_persistence *p, cf_cluster_group *group)
{
    size_t axis = cf_cluster_axis(p);
    const cf_cluster_fate first = group->clusters[0];
    group->count = 0;
    for (size_t level = 0; level < p->axes[axis].count; level++)
        for (size_t s = 0; s < p->count; s++)
            for (size_t i = 0; i < p->series[s].count; i++) {
                const cf_persistence_point *point = &p->series[s].points[i];
                const cf_cluster_group here = {.series = group->series,
                                               .clusters = (cf_cluster_fate *)&first};
                if (point->levels[axis] == level && belongs(p, &here, &p->series[s], point))
                    group->clusters[group->count++] =
                        (cf_cluster_fate){.name = p->axes[axis].texts[level], .point = point};
            }
}

static void find_groups(const cf_persistence *p, cf_clusters_fates *out)
{
    cf_cluster_fate *next = out->fates;
    for (size_t s = 0; s < p->count; s++)
        for (size_t i = 0; i < p->series[s].count; i++) {
            const cf_persistence_point *point = &p->series[s].points[i];
            size_t g = 0;
            while (g < out->count && !belongs(p, &out->groups[g], &p->series[s], point))
                g++;
            if (g < out->count)
                continue;
            cf_cluster_group *group = &out->groups[out->count++];
            *group = (cf_cluster_group){.series = &p->series[s], .clusters = next};
            next[0].point = point;
            gather(p, group);
            next += group->count;
        }
}

/* --- who is first --- */

static double cause_of(const cf_persistence *p, size_t cause, size_t row)
{
    const double *column = cf_persistence_reals(p->memory->table, cf_cause_names[cause]);
    return column == NULL ? NAN : column[row];
}

static void set_means(const cf_persistence *p, cf_cluster_fate *fate)
{
    for (size_t c = 0; c < CF_CAUSES; c++) {
        fate->causes[c] = 0;
        for (size_t k = 0; k < fate->point->runs; k++)
            fate->causes[c] += cause_of(p, c, fate->point->rows[k]) / (double)fate->point->runs;
    }
}

/* earliest [runs]: scratch, the first dissolution of every run. */
static void count_first(const cf_persistence *p, cf_cluster_group *group, double *earliest)
{
    const double *dissolution = cf_persistence_reals(p->memory->table, "dissolution");
    const long *run = cf_persistence_integers(p->memory->table, "run");
    for (int pass = 0; pass < 3; pass++)
        for (size_t q = 0; q < group->count; q++)
            for (size_t k = 0; k < group->clusters[q].point->runs; k++) {
                size_t row = group->clusters[q].point->rows[k];
                double *first = &earliest[run[row]];
                if (pass < 2)
                    *first = pass == 0 ? INFINITY : fmin(*first, dissolution[row]);
                else
                    group->clusters[q].first += dissolution[row] == *first;
            }
    for (size_t q = 0; q < group->count; q++) {
        set_means(p, &group->clusters[q]);
        group->dissolved += group->clusters[q].first;
    }
}

static double *room_for_runs(const cf_persistence *p, cf_err *err)
{
    const long *run = cf_persistence_integers(p->memory->table, "run");
    long most = 0;
    for (size_t r = 0; r < p->memory->rows; r++)
        most = run[r] > most ? run[r] : most;
    return cf_allocate("clusters", (size_t)most + 1, sizeof(double), err);
}

/* --- why --- */

/* A cause that is positive everywhere and not the same for all. */
static bool is_column(const cf_persistence *p, const cf_cluster_group *group, size_t cause)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t q = 0; q < group->count; q++)
        for (size_t k = 0; k < group->clusters[q].point->runs; k++) {
            double value = cause_of(p, cause, group->clusters[q].point->rows[k]);
            if (!(value > 0))
                return false;
            least = fmin(least, log(value));
            most = fmax(most, log(value));
        }
    return most - least > ALIKE;
}

/* The j-th time of a sample is of the j-th run that has one: rows without are passed over. */
static void add_cluster(const cf_persistence *p, const cf_cluster_group *group,
                        const cf_cluster_fate *fate, cf_persistence_pool *all)
{
    const cf_point_times *times = &fate->point->times[CF_TIME_DISSOLUTION];
    const double *emergence = cf_persistence_reals(p->memory->table, "emergence");
    char *const *status = cf_persistence_texts(p->memory->table, "status");
    size_t j = 0;
    for (size_t k = 0; k < fate->point->runs; k++) {
        size_t row = fate->point->rows[k];
        if (isnan(emergence[row]) || strcmp(status[row], "failed") == 0)
            continue;
        for (size_t c = 0; c < all->columns; c++)
            all->x[all->count * all->columns + c] =
                log(cause_of(p, (size_t)group->columns[c], row));
        all->times[all->count] = times->sample.times[j];
        all->ends[all->count] = times->sample.ends[j];
        all->units[all->count++] = times->units[j];
        all->events += times->sample.ends[j++] == CF_DISSOLVED;
    }
}

static cf_status explain(const cf_persistence *p, cf_cluster_group *group, cf_err *err)
{
    cf_persistence_pool all;
    size_t columns = 0, most = 0;
    for (size_t c = 0; c < CF_CAUSES; c++)
        if (is_column(p, group, c))
            group->columns[columns++] = (int)c;
    if (columns == 0) {
        snprintf(group->law.message, sizeof group->law.message,
                 "clusters have the same mass, and no self-coupling that tells them apart");
        return CF_OK;
    }
    for (size_t q = 0; q < group->count; q++)
        most += group->clusters[q].point->runs;
    cf_status status = cf_persistence_pool_create(most, columns, &all, err);
    for (size_t q = 0; q < group->count && status == CF_OK; q++)
        add_cluster(p, group, &group->clusters[q], &all);
    if (status == CF_OK)
        status = cf_persistence_seek(&all, p->memory->units, &group->law, err);
    cf_persistence_pool_release(&all);
    return status;
}

cf_status cf_clusters_fates_create(const cf_persistence *clusters, cf_clusters_fates **out,
                                   cf_err *err)
{
    size_t most = count_points(clusters);
    cf_clusters_fates *fates = cf_allocate("clusters", 1, sizeof *fates, err);
    *out = fates;
    if (fates == NULL)
        return CF_ESYSTEM;
    fates->groups = cf_allocate("clusters", most, sizeof *fates->groups, err);
    fates->fates = cf_allocate("clusters", most, sizeof *fates->fates, err);
    double *earliest = room_for_runs(clusters, err);
    bool enough = fates->groups != NULL && fates->fates != NULL && earliest != NULL;
    cf_status status = enough ? CF_OK : CF_ESYSTEM;
    if (status == CF_OK)
        find_groups(clusters, fates);
    for (size_t g = 0; g < fates->count && status == CF_OK; g++) {
        count_first(clusters, &fates->groups[g], earliest);
        status = explain(clusters, &fates->groups[g], err);
    }
    free(earliest);
    if (status != CF_OK)
        cf_clusters_fates_free(out);
    return status;
}

void cf_clusters_fates_free(cf_clusters_fates **fates)
{
    if (*fates == NULL)
        return;
    for (size_t g = 0; g < (*fates)->count; g++)
        cf_lifetime_fit_free(&(*fates)->groups[g].law.fit);
    free((*fates)->groups);
    free((*fates)->fates);
    free(*fates);
    *fates = NULL;
}
