/* Neural kernels of infinitely wide networks: the covariance K and the tangent kernel Theta,
 * E11-E13. */
#ifndef CONTRAFLOW_MODELS_NEURAL_KERNEL_H
#define CONTRAFLOW_MODELS_NEURAL_KERNEL_H

#include <stddef.h>

#include "contraflow/models/activation.h"
#include "contraflow/models/data.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"

/* kind `mlp`: a fully connected network in the NTK parametrization. */
typedef struct {
    long hidden_layers;     /* H >= 1 */
    int activation;         /* index into cf_activations() */
    double slope;           /* of leaky-relu */
    double weight_variance; /* sigma_w^2 */
    double bias_variance;   /* sigma_b^2 */
} cf_mlp;

extern const cf_kind cf_mlp_kind;

/* kind `block`: Theta_ij = beta[label_i][label_j] (C10). */
typedef struct {
    cf_matrix matrix;
} cf_block;

extern const cf_kind cf_block_kind;

/* Entries of K and Theta between `points` [n*dimension], which are needed at creation alone.
 * Relative to the diagonal: closed forms to 1e-12; tanh and softplus, by series, to 1e-10 up to
 * diag K = 30 and 120, beyond which CF_EINPUT names value, point and layer. Memory: n numbers for
 * each dimension and five a layer, and for a series in each layer 2n a term (24 + 134 q terms for
 * tanh, 24 + 33 q for softplus, q the largest diag K). */
typedef struct cf_mlp_entries cf_mlp_entries;

cf_status cf_mlp_entries_create(const cf_mlp *mlp, const double *points, size_t n, size_t dimension,
                                cf_mlp_entries **out, cf_err *err);
void cf_mlp_entries_free(cf_mlp_entries **entries);

/* The pairs (i, first), (i, first+1) ... (i, first+count-1). */
typedef struct {
    size_t i, first, count;
} cf_pair_row;

/* covariance and tangent [tile.count], either of which may be NULL; the same bits wherever the
 * tile begins and ends, and for (i, j) as for (j, i). Several threads may ask at once. */
void cf_mlp_entries_get(const cf_mlp_entries *entries, cf_pair_row tile, double *covariance,
                        double *tangent);

/* All of them: K [n*n] and Theta [n*n] (either may be NULL, not both), symmetric to the last bit,
 * positive semidefinite to rounding, with equal rows where points are equal. Threaded; the same
 * bits on any number of threads. */
cf_status cf_mlp_kernel(const cf_mlp *mlp, const double *points, size_t n, size_t dimension,
                        double *covariance, double *tangent, cf_err *err);

/* CF_EINPUT where the matrix of a block kernel is not square, symmetric and positive semidefinite,
 * lacks a label, or the data are unlabelled. */
cf_status cf_block_check(const cf_block *block, const cf_data *data, cf_err *err);

/* Entries [row.count] of Theta of a block kernel that has been checked. */
void cf_block_entries_get(const cf_block *block, const cf_data *data, cf_pair_row row, double *out);

#endif
