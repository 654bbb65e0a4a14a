/* Data: the measure mu = sum_i m_i delta_{x_i} with labels, and the table of generators (theory 1).
 */
#ifndef CONTRAFLOW_MODELS_DATA_H
#define CONTRAFLOW_MODELS_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"

struct cf_cluster_law;

typedef struct {
    size_t n;         /* points */
    size_t dimension; /* D */
    double *points;   /* [n*D] row-major */
    double *weights;  /* [n] masses m_i > 0, sum 1 */
    int *labels;      /* [n] in 0..clusters-1, or NULL: unlabelled; used for observing only */
    size_t clusters;  /* largest label + 1; 0 when unlabelled */
} cf_data;

/* Zeroed points, weights 1/n, labels 0 (or none). CF_EINPUT for n = 0 or D = 0. */
cf_status cf_data_create(size_t n, size_t dimension, int labelled, cf_data **out, cf_err *err);
void cf_data_free(cf_data **data);

/* Completes data whose arrays were filled by hand or from a file: at least two points, finite
 * coordinates, labels >= 0 (sets `clusters`), weights finite and positive (rescales them to sum 1).
 * The message names the row, counted from 1. */
cf_status cf_data_finish(cf_data *data, cf_err *err);

/* One row per generator: discs, gaussians, rings, moons, sphere-caps. */
typedef struct {
    cf_kind kind;
    /* The law of its clusters; private to models/. */
    cf_status (*law)(const void *options, struct cf_cluster_law *law, cf_err *err);
} cf_data_kind;

/* A sample. Point i of cluster k depends on (seed, k, i) alone. */
cf_status cf_data_generate(const cf_data_kind *kind, const void *options, cf_data **out,
                           cf_err *err);

/* How many points a sample has, and their dimension, before any is drawn. */
cf_status cf_data_count(const cf_data_kind *kind, const void *options, size_t *n, size_t *dimension,
                        cf_err *err);

/* The law itself, as nodes of a quadrature rule that integrates polynomials of degree below 2*order
 * exactly over each cluster (moons: in the limit of large order). The masses of the clusters are
 * their shares of the points; the seed plays no part. CF_EINPUT for too many nodes. */
cf_status cf_data_quadrature(const cf_data_kind *kind, const void *options, size_t order,
                             cf_data **out, cf_err *err);

/* NULL-terminated table. */
const cf_data_kind *const *cf_data_kinds(void);

#endif
