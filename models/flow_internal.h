/* What all flows share; private to models/. */
#ifndef CONTRAFLOW_MODELS_FLOW_INTERNAL_H
#define CONTRAFLOW_MODELS_FLOW_INTERNAL_H

#include "contraflow/models/flow.h"

enum { CF_MOST_QUANTITIES = 16 };

/* h [p*d] of the probes at the state y with the companions w. */
typedef void cf_flow_follow(cf_flow *flow, const double *y, const double *w, double *h);

/* A representation keeps its flow in a struct that begins with this one, to which ode.system
 * points. */
struct cf_flow {
    cf_ode ode;
    cf_flow_setup setup;
    const double *start; /* [ode.size] the state at t = 0 */
    double *velocity;    /* [ode.size] for observe */
    cf_root_kind roots[2];
    size_t common_roots;  /* so many of them; those of the clusters follow */
    double *coupling;     /* [clusters] E112, owned; or NULL */
    const char *equation; /* of the dynamics */
    double defect_factor;
    cf_flow_quantity quantities[CF_MOST_QUANTITIES]; /* of the last state */
    cf_status (*observe)(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                         cf_err *err);
    double *probed;         /* owned: h, z, offset [p*d] and |h| [p] of probes; NULL without */
    cf_flow_follow *follow; /* where there are probes */
    const char *(*engine)(const cf_flow *flow);
    void (*release)(cf_flow *flow); /* frees what it owns, not itself */
};

/* Separation of labelled data, collapse where it is asked for, and each cluster: kinds and number.
 */
void cf_flow_set_roots(cf_flow *flow, bool collapse);

/* The event functions of separation and of the clusters, at their places in g; `scratch` as for
 * cf_separation. */
void cf_flow_separation_roots(const cf_flow *flow, const cf_measure *measure, double *scratch,
                              double *g);

/* Adds a quantity to the state that is being observed. */
void cf_flow_put(cf_flow *flow, cf_flow_state *state, const cf_flow_quantity *quantity);

/* Makes room for the probes of the setup, where there are any; and [p*d] of it for the dynamics. */
cf_status cf_flow_add_probes(cf_flow *flow, cf_flow_follow *follow, cf_err *err);
double *cf_flow_probe_offset(const cf_flow *flow);

/* Adds what they need to the size of a flow. */
void cf_flow_count_probes(const cf_flow_setup *setup, cf_flow_size *size);

extern const cf_flow_kind cf_flow_vanilla;
extern const cf_flow_kind cf_flow_neural, cf_flow_neural_field;
extern const cf_flow_kind cf_flow_network;
extern const cf_flow_kind cf_flow_vanilla_density;

#endif
