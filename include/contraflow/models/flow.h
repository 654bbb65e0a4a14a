/* Flows: a training dynamics on a representation, as a cf_ode that can be observed (theory 3). */
#ifndef CONTRAFLOW_MODELS_FLOW_H
#define CONTRAFLOW_MODELS_FLOW_H

#include "contraflow/models/data.h"
#include "contraflow/models/latent.h"
#include "contraflow/models/loss.h"
#include "contraflow/models/measure.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/ode.h"

/* Everything that a flow is made of; borrowed, and kept for the life of the flow. */
typedef struct {
    const cf_data *data;
    cf_latent latent;
    cf_loss_parameters loss;
    const double *start;  /* [n*d] raw embedding */
    const double *kernel; /* [n*n] Theta, symmetric; neural flows only */
    double threshold;     /* s*: crossings of separation are roots, where the data are labelled */
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

/* NULL-terminated table: vanilla on particles (E6), neural on particles (E7). */
const cf_flow_kind *const *cf_flow_kinds(void);
void cf_flow_free(cf_flow **flow);

/* One integral: the dissipated loss. Roots: see cf_flow_root. */
const cf_ode *cf_flow_ode(const cf_flow *flow);
const double *cf_flow_start(const cf_flow *flow);
cf_root_kind cf_flow_root(const cf_flow *flow, size_t root);

/* The engine of the kernel sums, for provenance. */
const char *cf_flow_engine(const cf_flow *flow);

cf_status cf_flow_observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                          cf_err *err);

/* Memory that a particle flow of n points in R^d allocates, in bytes (the kernel and CVODE's
 * vectors apart). */
double cf_flow_bytes(size_t n, size_t d);

#endif
