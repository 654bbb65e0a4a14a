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

/* K [n*n] and Theta [n*n] (either may be NULL, not both) of `points` [n*dimension], symmetric to
 * the last bit, positive semidefinite to rounding, with equal rows where points are equal. Relative
 * to the diagonal: closed forms to 1e-12; tanh and softplus, by series, to 1e-10 up to diag K = 30
 * and 120, beyond which CF_EINPUT names value, point and layer. Memory beside the results: n*n
 * where covariance is NULL, n*dimension, and for a series 16 n bytes a term (24 + 134 q terms for
 * tanh, 24 + 33 q for softplus, q the largest diag K). Threaded; the same bits on any number of
 * threads. */
cf_status cf_mlp_kernel(const cf_mlp *mlp, const double *points, size_t n, size_t dimension,
                        double *covariance, double *tangent, cf_err *err);

/* Theta [n*n] of a block kernel; CF_EINPUT where the matrix is not square, symmetric and positive
 * semidefinite, lacks a label, or the data are unlabelled. */
cf_status cf_block_kernel(const cf_block *block, const cf_data *data, double *tangent, cf_err *err);

#endif
