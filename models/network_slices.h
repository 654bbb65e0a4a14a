/* What the passes of a network are made on; private to models/. */
#ifndef CONTRAFLOW_MODELS_NETWORK_SLICES_H
#define CONTRAFLOW_MODELS_NETWORK_SLICES_H

#include "network_internal.h"

/* One hidden layer at all points, each [n*units]. */
typedef struct {
    double *value, *slope, *delta;   /* a, phi', dL/du */
    double *value_rate, *delta_rate; /* their derivatives along a motion */
    double *second, *bend;           /* phi'', phi'' dL/da: where there is a phi'' */
    double rounding;                 /* of kinks, E114 */
} cf_hidden_arrays;

/* Where the parameters are few, the points go through all layers in slices that stay in the cache,
 * one thread a slice, each with a gradient of its own; else all points are one slice, whose layers
 * go to threads. Counts alone decide. */
struct cf_network_pass {
    const cf_network *network;
    size_t room, n;
    const double *x;
    cf_hidden_arrays *hidden; /* [H] */
    double *arrays;
    size_t slice;    /* points of a slice; 0: all are one */
    double *partial; /* [slices*P] gradients of the slices of the room; or NULL */
    bool bends;      /* keeps phi'' */
};

/* Points first, ..., first + n - 1. */
typedef struct {
    size_t index, first, n;
} cf_slice;

/* What is passed over the points: what a pass does not need is NULL. */
typedef struct {
    const double *theta, *motion; /* [P] */
    const double *g, *gdot;       /* [n*d] */
    bool values;                  /* forward: no derivatives */
    double *out;                  /* [n*d] or a gradient [P] */
} cf_pass_job;

typedef void cf_slice_work(cf_network_pass *pass, const cf_pass_job *j, cf_slice s);
typedef void cf_layer_work(cf_network_pass *pass, const cf_pass_job *j, cf_slice s, size_t l);

/* All slices, on threads. */
void cf_in_slices(cf_network_pass *pass, const cf_pass_job *j, cf_slice_work *work);

/* What is done entry by entry in hidden layer l, in parts of the slice. */
void cf_in_parts(cf_network_pass *pass, const cf_pass_job *j, cf_slice s, size_t l,
                 cf_layer_work *work);

/* The rows of the slice in an array of the layer's units, and in what enters layer l. */
double *cf_slice_rows(double *array, cf_slice s, const cf_layer *layer);
const double *cf_slice_input(const cf_network_pass *pass, cf_slice s, size_t l);

/* Where the gradient of a slice goes, and gradient = the sum of them in their order. */
double *cf_slice_gradient(const cf_network_pass *pass, cf_slice s, double *gradient);
void cf_add_slices(const cf_network_pass *pass, double *gradient);

#endif
