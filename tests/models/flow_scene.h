/* Vanilla and neural flows of a few particles in four clusters. */
#ifndef CONTRAFLOW_TESTS_FLOW_SCENE_H
#define CONTRAFLOW_TESTS_FLOW_SCENE_H

#include "contraflow/models/flow.h"

enum { FLOW_MOST = 200, FLOW_MOST_D = 3 };

typedef struct {
    double weights[FLOW_MOST], start[FLOW_MOST * FLOW_MOST_D], kernel[FLOW_MOST * FLOW_MOST];
    int labels[FLOW_MOST];
    cf_data data;
    cf_symmetric_engine kernel_engine;
    cf_flow_setup setup;
} flow_scene;

/* Equal masses; the start, and the kernel of a neural flow, are set by the caller. */
void flow_set_scene(flow_scene *s, size_t n, cf_latent latent, const cf_psi *psi, double tau);

/* Unequal masses. */
void flow_set_uneven(flow_scene *s);

/* A smooth positive definite kernel of random points in the plane. */
void flow_set_smooth_kernel(flow_scene *s);

/* With the kernel as it is now. */
cf_flow *flow_create(flow_scene *s, const char *kind);

#endif
