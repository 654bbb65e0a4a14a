/* What the observers share: their rows, cluster means, and coordinates by column. */
#ifndef CONTRAFLOW_MODELS_OBSERVER_INTERNAL_H
#define CONTRAFLOW_MODELS_OBSERVER_INTERNAL_H

#include <stddef.h>

#include "contraflow/models/observer.h"

extern const cf_observer cf_observer_separation, cf_observer_knn, cf_observer_silhouette,
    cf_observer_linear_separability, cf_observer_cluster_count, cf_observer_effective_rank,
    cf_observer_alignment, cf_observer_uniformity;

/* Rows of pairwise sums go to threads in this many blocks, each with its own scratch. Fewer pairs
 * than FEW_PAIRS, or entries of a matrix than FEW_ENTRIES, stay on one thread. */
enum { CF_ROW_BLOCKS = 64, CF_FEW_PAIRS = 200000, CF_FEW_ENTRIES = 20000, CF_BLOCK = 256 };

/* Means relative to the first point z_0, so that coincident points have variance exactly 0. */
typedef struct {
    size_t present;  /* clusters of positive mass */
    double *masses;  /* [clusters] M_q */
    double *centers; /* [clusters*d] cluster mean - z_0; 0 where the mass is 0 */
    double *mean;    /* [d] mean - z_0 */
} cf_clusters;

/* Fills `scratch`, of clusters*(d + 1) + d doubles, and returns views into it. */
cf_clusters cf_clusters_find(const cf_measure *measure, double *scratch);

/* The same in allocated memory, which free(clusters->masses) releases. */
cf_status cf_clusters_create(const cf_measure *measure, cf_clusters *clusters, cf_err *err);

/* |z_i - mean of its cluster|^2. */
double cf_clusters_deviation(const cf_clusters *clusters, const cf_measure *measure, size_t i);

/* What a point is not a partner of: its own mass m_i; nothing where it stands for many points. */
double cf_own_mass(const cf_measure *measure, size_t i);

double cf_squared_distance(const double *x, const double *y, size_t d);

/* squares [CF_BLOCK]: |z_i - z_j|^2 for j = first, ..., of which there are as many as are returned.
 */
size_t cf_squared_distances(const cf_measure *measure, size_t i, size_t first, double *squares);

/* sum_i m_i r_i / sum_i m_i, in order of i. */
double cf_mass_mean(const double *m, const double *r, size_t n);

/* sum_i m_i x_i y_i, or sum_i x_i y_i where m is NULL; fixed order. */
double cf_weighted_dot(const double *m, const double *x, const double *y, size_t n);

/* x [d*n]: the coordinates by column, each with weighted mean 0. */
void cf_columns_center(const cf_measure *measure, double *x);

/* Centered columns x [d*n] become `rank` columns with sum_i m_i x_i x_i^T = I (pivoted
 * Gram-Schmidt); directions of standard deviation below 1e-8 of the largest are dropped. Returns
 * the rank. */
size_t cf_columns_whiten(const double *m, size_t n, size_t d, double *x);

#endif
