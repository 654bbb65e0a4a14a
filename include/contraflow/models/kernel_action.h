/* The kernel of a neural flow, E7, as what the flow needs of it: a symmetric positive semidefinite
 * linear map of n points times d outputs. */
#ifndef CONTRAFLOW_MODELS_KERNEL_ACTION_H
#define CONTRAFLOW_MODELS_KERNEL_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contraflow/models/network.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/symmetric.h"

/* A kernel by its entries: of an infinitely wide network, by blocks, or a matrix [n*n]. One of the
 * three is given. Of the data, points and labels are needed at creation alone, and earlier
 * questions need their counts only. */
typedef struct {
    const cf_data *data;
    const cf_mlp *mlp;
    const cf_block *block;
    const double *matrix;
} cf_kernel_source;

/* How its products may be computed. */
typedef struct {
    cf_symmetric_engine engine;
    double tolerance;         /* as in symmetric.h, of low rank */
    double memory, available; /* bytes of the machine, and those that are free */
} cf_kernel_demand;

/* The counts by which cf_symmetric_choose predicts and chooses. */
cf_symmetric_setup cf_kernel_setup(const cf_kernel_source *source, size_t d,
                                   const cf_kernel_demand *demand);

typedef struct cf_kernel_action cf_kernel_action;

/* By entries; the same for all outputs. The source is needed at creation alone. */
cf_status cf_kernel_action_create(const cf_kernel_source *source, size_t d,
                                  const cf_kernel_demand *demand, cf_kernel_action **out,
                                  cf_err *err);

/* By the matrix Theta [n*n], exactly; copied. */
cf_status cf_kernel_action_matrix(const double *theta, size_t n, size_t d, cf_kernel_action **out,
                                  cf_err *err);

/* gamma J J^T of a finite network at its initialization, J = df/dtheta at the points [n*D]: the
 * linearized network, whose outputs do not share one kernel. By that matrix or, where n is large
 * beside the number of parameters, by a pull-back and a push-forward without any matrix. The
 * network and the points are borrowed for the life of the action. */
cf_status cf_kernel_action_network(const cf_network *network, uint64_t seed, const double *points,
                                   size_t n, size_t d, cf_kernel_action **out, cf_err *err);

void cf_kernel_action_free(cf_kernel_action **action);

/* out [n*d] = Theta x, x [n*d]; they do not overlap. The same bits on any number of threads. */
void cf_kernel_action_times(cf_kernel_action *action, const double *x, double *out);

/* Whether the outputs are independent and have the same kernel. */
bool cf_kernel_action_shared(const cf_kernel_action *action);

/* Bytes of the action of a network, the network apart. */
double cf_kernel_action_network_bytes(const cf_network *network, size_t n, size_t d);

/* How products are computed, with memory, time and, of low rank, the certified error. */
const char *cf_kernel_action_engine(const cf_kernel_action *action);

#endif
