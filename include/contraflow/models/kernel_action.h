/* The kernel of a neural flow, E7, as what the flow needs of it: a symmetric positive semidefinite
 * linear map of n points times d outputs. */
#ifndef CONTRAFLOW_MODELS_KERNEL_ACTION_H
#define CONTRAFLOW_MODELS_KERNEL_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contraflow/models/network.h"
#include "contraflow/solver/error.h"

typedef struct cf_kernel_action cf_kernel_action;

/* By the matrix Theta [n*n], the same for all outputs; borrowed for the life of the action. */
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

#endif
