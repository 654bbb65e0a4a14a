/* Probes: unseen points of zero mass that follow a neural or network flow without acting on it
 * (E54). */
#ifndef CONTRAFLOW_MODELS_PROBES_H
#define CONTRAFLOW_MODELS_PROBES_H

#include <stddef.h>
#include <stdint.h>

#include "contraflow/models/network.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/solver/error.h"

/* Borrowed arrays. */
typedef struct {
    size_t n;             /* p; 0: there are none */
    const double *points; /* [p*D] */
    const double *start;  /* [p*d] raw embedding at time 0 */
} cf_probes;

/* Theta(p, x_j) as what a flow needs of it: a linear map from n points to p probes, d outputs each.
 */
typedef struct cf_probe_kernel cf_probe_kernel;

/* By the block theta [p*n], the same for all outputs; borrowed for the life of the kernel. */
cf_status cf_probe_kernel_matrix(const double *theta, size_t p, size_t n, size_t d,
                                 cf_probe_kernel **out, cf_err *err);

/* gamma J(probes) J(points)^T of a finite network at its initialization, by a pull-back and a
 * push-forward (E55). The network and both sets of points are borrowed for the life of the kernel.
 */
cf_status cf_probe_kernel_network(const cf_network *network, uint64_t seed, const double *points,
                                  size_t n, const cf_probes *probes, cf_probe_kernel **out,
                                  cf_err *err);
void cf_probe_kernel_free(cf_probe_kernel **kernel);

/* out [p*d] = Theta x, x [n*d]; they do not overlap. The same bits on any number of threads. */
void cf_probe_kernel_times(cf_probe_kernel *kernel, const double *x, double *out);

/* Bytes that cf_probe_kernel_network allocates. */
double cf_probe_kernel_network_bytes(const cf_network *network, size_t n, size_t p);

/* The block tangent [p*n] of cf_mlp_kernel between points x [p*D] and y [n*D], in tiles of the
 * square kernel: equal points have equal entries, to the tolerance that cf_mlp_kernel states. */
cf_status cf_mlp_kernel_between(const cf_mlp *mlp, const cf_data *x, const cf_data *y,
                                double *tangent, cf_err *err);

/* The block [p*n] of a block kernel between labelled x and y, whose own kernel is valid. CF_EINPUT
 * where x has no labels, or one that the kernel does not know. */
cf_status cf_block_kernel_between(const cf_block *block, const cf_data *x, const cf_data *y,
                                  double *tangent, cf_err *err);

#endif
