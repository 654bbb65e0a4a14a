/* What the two files of C2 share. */
#ifndef CONTRAFLOW_RUN_CLAIM_GRADIENTS_H
#define CONTRAFLOW_RUN_CLAIM_GRADIENTS_H

#include "claim.h"

typedef struct {
    cf_reals tau;
    cf_integers loss, eta, space, dimension, views, activation, hidden_layers;
    double exponent, floor;
    long points, width, seed;
} cf_claim_gradient_options;

extern const char *const cf_claim_gradient_losses[], *const cf_claim_gradient_spaces[],
                                                         *const cf_claim_smooth_activations[];

/* The spread of the points: the length on which their loss changes. */
double cf_claim_gradient_scale(double tau, size_t d);

/* Gradients with respect to the parameters of networks. */
cf_status cf_claim_network_gradients(const cf_claim_gradient_options *options, cf_claim_log *log,
                                     cf_err *err);

#endif
