/* Flows: a training dynamics on a representation, as a cf_ode that can be observed (theory 3). */
#ifndef CONTRAFLOW_MODELS_FLOW_H
#define CONTRAFLOW_MODELS_FLOW_H

#include "contraflow/models/data.h"
#include "contraflow/models/kernel_action.h"
#include "contraflow/models/latent.h"
#include "contraflow/models/loss.h"
#include "contraflow/models/measure.h"
#include "contraflow/models/network.h"
#include "contraflow/models/probes.h"
#include "contraflow/models/start_law.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/ode.h"

/* How a density is discretized: an index into cf_grid_schemes, the number of nodes along the
 * circle, from pole to pole or along a side of the box (0: by the scheme), and in R^d the half side
 * of the box (0: by the scheme). */
typedef struct {
    int scheme;
    long nodes;
    double box;
} cf_grid_options;

extern const char *const cf_grid_schemes[]; /* auto, spectral, finite-volumes, NULL */

/* Everything that a flow is made of; borrowed, and kept for the life of the flow. The points are
 * all views of all samples. */
typedef struct {
    const cf_data *data;
    cf_latent latent;
    cf_loss_parameters loss;
    const double *start; /* [n*d] raw embedding */
    double threshold;    /* s*: crossings of the separation of all clusters and of each are roots,
                          * where the data are labelled */
    cf_kernel_action *kernel;      /* of neural flows: Theta */
    const cf_probes *probes;       /* that follow a neural or network flow, or NULL */
    cf_probe_kernel *probe_kernel; /* of neural flows with probes */
    /* Network flows. */
    const cf_network *network;
    uint64_t seed;       /* of theta(0) */
    bool centered;       /* h = start + f - f(0), else h = f (E10) */
    bool kernel_drift;   /* keep Theta(0), so that its drift can be observed */
    const double *limit; /* [n*n] what Theta(0) tends to, or NULL */
    size_t views;        /* of a sample, for the shapes of results; 0 without augmentation */
    /* Fields: data are nodes of the data law, start is Delta(0) there, and b has this law, of which
     * loss.blur is a rule where the loss knows it; NULL: b = 0. */
    const cf_rule *start_law;
    const double *draws; /* [draw_count*d] of this law, for observers that need a sample */
    size_t draw_count;   /* 0: there is no law */
    bool quadrature;     /* the data are nodes of a rule, not a sample or points of their own */
    /* Flows on a density. */
    const cf_start_law *law;
    cf_grid_options grid;
    double noise;     /* diffusivity sigma >= 0 */
    double end;       /* of the run, for the size of a box */
    double tolerance; /* of the integrator: for what is resolved, and the width of kinks (E114) */
} cf_flow_setup;

/* Of all clusters; of a point; of one cluster (E111), the last roots of a flow. */
typedef enum { CF_ROOT_SEPARATION, CF_ROOT_COLLAPSE, CF_ROOT_CLUSTER } cf_root_kind;

typedef enum {
    CF_KEEP_ONCE,      /* the same at all times */
    CF_KEEP_WHOLE,     /* and whole numbers, such as labels */
    CF_KEEP_OUTPUTS,   /* at every output */
    CF_KEEP_SNAPSHOTS, /* in snapshots */
    CF_KEEP_EVENTS,    /* in snapshots and at events */
    CF_KEEP_ENDS       /* at the first and the last output, as NAME_start and NAME_end */
} cf_keeping;

/* What a flow puts out beside loss, dissipation and measure. Numbers (rank 0) are kept once or at
 * every output. */
typedef struct {
    const char *name, *unit, *equation;
    cf_keeping keeping;
    int rank;
    size_t dims[3];
    const double *values; /* product of dims; valid as long as the state */
} cf_flow_quantity;

/* A flow read at one time. Pointers are valid until the next call on the flow. */
typedef struct {
    cf_measure measure;      /* latent points */
    cf_measure sample;       /* the same, or blocks of its points where they are too many for sums
                              * over pairs */
    const double *embedding; /* [n*d] raw h; NULL where no points are embedded */
    double loss;             /* E3 */
    double dissipation;      /* -dL/dt, E9 */
    double smallest_norm;    /* min |h_i|; NaN where there is none */
    size_t smallest;         /* its point */
    const cf_flow_quantity
        *quantities; /* [quantity_count], the same at every time but for values */
    size_t quantity_count;
    const char *warning; /* what a user should know of this state, or NULL */
} cf_flow_state;

typedef struct cf_flow cf_flow;

/* What a flow needs, from counts alone. */
typedef struct {
    size_t state;      /* numbers that are integrated */
    size_t companions; /* integrated beside them, for probes */
    size_t snapshot;   /* numbers that a snapshot keeps, */
    size_t ends;       /* and that are kept at the start and at the end */
    size_t atoms;      /* of its measure, or nodes of its density */
    double bytes;      /* that the flow allocates; kernels and the integrator's vectors apart */
} cf_flow_size;

/* A dynamics on a representation. */
typedef struct {
    const char *name;
    const char *representation;
    cf_status (*create)(const cf_flow_setup *setup, cf_flow **out, cf_err *err);
    /* Needs data, latent, views, probes and network of the setup. */
    cf_flow_size (*size)(const cf_flow_setup *setup);
} cf_flow_kind;

/* NULL-terminated table: vanilla on particles (E6), neural on particles (E7) and on a field (E16),
 * network (E8), whose state are its parameters. */
const cf_flow_kind *const *cf_flow_kinds(void);

/* The row of a dynamics on a representation; NULL where there is none. */
const cf_flow_kind *cf_flow_kind_find(const char *name, const char *representation);
void cf_flow_free(cf_flow **flow);

/* One integral: the dissipated loss. Roots: see cf_flow_root. */
const cf_ode *cf_flow_ode(const cf_flow *flow);
const double *cf_flow_start(const cf_flow *flow);
cf_root_kind cf_flow_root(const cf_flow *flow, size_t root);
size_t cf_flow_root_cluster(const cf_flow *flow, size_t root); /* of a CF_ROOT_CLUSTER */

/* The label of the dynamics: "E6" of vanilla, "E7" of neural, "E8" of network flows. */
const char *cf_flow_equation(const cf_flow *flow);

/* The engine of the kernel sums, for provenance. */
const char *cf_flow_engine(const cf_flow *flow);

/* The bound of |L(0) - L(t) - dissipated| is this times rtol max(1, |L(0)|) (C13). */
double cf_flow_defect_factor(const cf_flow *flow);

cf_status cf_flow_observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                          cf_err *err);

/* Adds to an observed state what the probes are at (y, q), q as the integrator puts it out, the
 * companions behind the integrals: probe_latent [p, d]. Nothing without probes. */
void cf_flow_probe(cf_flow *flow, const double *y, const double *q, cf_flow_state *state);

#endif
