/* The layers of a network; private to models/. */
#ifndef CONTRAFLOW_MODELS_NETWORK_INTERNAL_H
#define CONTRAFLOW_MODELS_NETWORK_INTERNAL_H

#include "contraflow/models/network.h"

/* u = s W a + t b: W [out*in] at theta + weights, b [out] at theta + biases. */
typedef struct {
    size_t in, out;
    size_t weights, biases;
    bool biased;
    double s, t;
} cf_layer;

struct cf_network {
    size_t hidden;    /* H; layers[H] is the output */
    cf_layer *layers; /* [H+1] */
    size_t parameters;
    const cf_activation *activation;
    double slope;
    cf_parametrization parametrization;
    double rate;
};

#endif
