/* One flow of a problem, ready to run; private to run/. */
#ifndef CONTRAFLOW_RUN_ASSEMBLY_H
#define CONTRAFLOW_RUN_ASSEMBLY_H

#include "contraflow/models/training.h"
#include "contraflow/run/parts.h"
#include "contraflow/solver/integrator.h"

typedef struct {
    cf_flow_setup setup;
    double *limit; /* what the kernel of a network tends to, or NULL */
    cf_network *network;
    cf_kernel_action *kernel;
    double *probe_block; /* Theta(probes, points), or NULL */
    cf_probe_kernel *probe_kernel;
    cf_flow *flow;
    cf_training
        *training; /* of a network that is trained in steps, which the flow observes; or NULL */
} cf_assembly;

/* The setup of a flow without its kernel and network: what its size depends on. */
void cf_setup_flow(const cf_parts *parts, size_t flow, cf_flow_setup *setup);

cf_integrator_options cf_setup_integrator(const cf_problem *problem);

cf_status cf_assembly_create(const cf_parts *parts, size_t flow, cf_assembly **out, cf_err *err);
void cf_assembly_free(cf_assembly **assembly);

#endif
