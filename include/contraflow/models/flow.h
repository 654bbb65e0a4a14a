/* Flows: a training dynamics on a representation, as a cf_ode that can be observed (theory 3). */
#ifndef CONTRAFLOW_MODELS_FLOW_H
#define CONTRAFLOW_MODELS_FLOW_H

#include "contraflow/models/data.h"
#include "contraflow/models/latent.h"
#include "contraflow/models/loss.h"
#include "contraflow/models/measure.h"
#include "contraflow/models/network.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/ode.h"

/* Everything that a flow is made of; borrowed, and kept for the life of the flow. The points are
 * all views of all samples. */
typedef struct {
    const cf_data *data;
    cf_latent latent;
    cf_loss_parameters loss;
    const double *start; /* [n*d] raw embedding */
    double threshold;    /* s*: crossings of separation are roots, where the data are labelled */
    /* Neural flows: Theta, symmetric. Network flows: the limit of their kernel, or NULL. [n*n];
     * with outputs that do not share one kernel [n*d * n*d]. */
    const double *kernel;
    bool coupled_outputs;
    /* Network flows. */
    const cf_network *network;
    uint64_t seed;     /* of theta(0) */
    bool centered;     /* h = start + f - f(0), else h = f (E10) */
    bool kernel_drift; /* keep Theta(0), so that its drift can be observed */
} cf_flow_setup;

typedef enum { CF_ROOT_SEPARATION, CF_ROOT_COLLAPSE } cf_root_kind;

/* A flow read at one time. Pointers are valid until the next call on the flow. */
typedef struct {
    cf_measure measure;      /* latent points */
    const double *embedding; /* [n*d] raw h */
    double loss;             /* E3 */
    double dissipation;      /* -dL/dt, E9 */
    double smallest_norm;    /* min |h_i|; NaN in R^d */
    size_t smallest;         /* its point */
} cf_flow_state;

typedef struct cf_flow cf_flow;

typedef struct {
    const char *name;
    const char *representation;
    cf_status (*create)(const cf_flow_setup *setup, cf_flow **out, cf_err *err);
} cf_flow_kind;

/* NULL-terminated table: vanilla on particles (E6), neural on particles (E7), network (E8), whose
 * state are its parameters. */
const cf_flow_kind *const *cf_flow_kinds(void);
void cf_flow_free(cf_flow **flow);

/* One integral: the dissipated loss. Roots: see cf_flow_root. */
const cf_ode *cf_flow_ode(const cf_flow *flow);
const double *cf_flow_start(const cf_flow *flow);
cf_root_kind cf_flow_root(const cf_flow *flow, size_t root);

/* The engine of the kernel sums, for provenance. */
const char *cf_flow_engine(const cf_flow *flow);

/* The bound of |L(0) - L(t) - dissipated| is this times rtol max(1, |L(0)|) (C13). */
double cf_flow_defect_factor(const cf_flow *flow);

cf_status cf_flow_observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                          cf_err *err);

/* What only network flows have. */
typedef struct {
    double conserved_drift; /* E14; NaN where nothing is conserved */
    double kernel_drift;    /* |Theta(t) - Theta(0)| / |Theta(0)|, Frobenius; NaN unless set up */
    double kernel_error;    /* |Theta(0) - Theta| / |Theta|, Theta the limit; NaN without one */
} cf_network_state;

/* False for flows without a network. */
bool cf_flow_has_network(const cf_flow *flow);
cf_status cf_flow_observe_network(cf_flow *flow, const double *y, cf_network_state *state,
                                  cf_err *err);

/* Memory that a flow of n points in R^d allocates, in bytes (the kernel and CVODE's vectors apart);
 * what a network adds to that. */
double cf_flow_bytes(size_t n, size_t d);
double cf_flow_network_bytes(const cf_network *network, size_t n, size_t d, bool kernel_drift);

#endif
