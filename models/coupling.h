/* How strongly a kernel couples clusters to themselves; private to models/. */
#ifndef CONTRAFLOW_MODELS_COUPLING_H
#define CONTRAFLOW_MODELS_COUPLING_H

#include <stdbool.h>

#include "contraflow/models/data.h"
#include "contraflow/solver/error.h"

/* Theta of n points times d outputs. */
typedef struct {
    void *context;
    void (*times)(void *context, const double *x, double *out); /* out [n*d] = Theta x */
    size_t d;
    bool shared; /* the outputs are independent and have the same kernel */
} cf_kernel_operator;

/* kappa_q [clusters] of E112, malloc'ed; NULL where data have no two clusters, or need too many
 * products. NaN for a cluster without mass. */
cf_status cf_self_coupling(const cf_kernel_operator *kernel, const cf_data *data, double **out,
                           cf_err *err);

#endif
