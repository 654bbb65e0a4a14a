/* Which cluster dissolves first, and why (E113), from the table of clusters of a sweep. */
#ifndef CONTRAFLOW_RUN_CLUSTERS_H
#define CONTRAFLOW_RUN_CLUSTERS_H

#include "contraflow/run/persistence.h"

/* What clusters are told apart by: mass and self-coupling. */
enum { CF_CAUSES = 2 };
extern const char *const cf_cause_names[CF_CAUSES];

/* A cluster at a point of the sweep. */
typedef struct {
    const char *name;
    const cf_persistence_point *point; /* its times */
    double causes[CF_CAUSES];          /* their means over runs; NaN: undefined */
    size_t first;                      /* runs in which it dissolved first */
} cf_cluster_fate;

/* The clusters of one flow at one point. */
typedef struct {
    const cf_persistence_series *series; /* of its first cluster */
    cf_cluster_fate *clusters;
    size_t count;
    size_t dissolved;       /* runs in which one of them did */
    int columns[CF_CAUSES]; /* causes in the law */
    cf_persistence_law law; /* of dissolution: median = factor mass^b_1 coupling^b_2 */
} cf_cluster_group;

typedef struct {
    cf_cluster_group *groups;
    size_t count;
    cf_cluster_fate *fates; /* of all groups */
} cf_clusters_fates;

/* From what cf_persistence_create_clusters gave, borrowed and kept. */
cf_status cf_clusters_fates_create(const cf_persistence *clusters, cf_clusters_fates **out,
                                   cf_err *err);
void cf_clusters_fates_free(cf_clusters_fates **fates);

/* The place of the axis "cluster". */
size_t cf_cluster_axis(const cf_persistence *clusters);

#endif
