/* A problem assembled: the constant parts that its flows share. */
#ifndef CONTRAFLOW_RUN_PARTS_H
#define CONTRAFLOW_RUN_PARTS_H

#include "contraflow/models/augmentation.h"
#include "contraflow/models/data.h"
#include "contraflow/models/kernel_action.h"
#include "contraflow/models/latent.h"
#include "contraflow/models/loss.h"
#include "contraflow/models/network.h"
#include "contraflow/models/probes.h"
#include "contraflow/models/start_law.h"
#include "contraflow/run/problem.h"
#include "contraflow/solver/error.h"

enum { CF_FIELD_DRAWS = 2048 };

/* What a field (E16) has instead of a sample. */
typedef struct {
    const cf_data *nodes; /* NULL: the flow is no field */
    cf_data *owned;       /* the nodes, unless they are the data */
    cf_rule *law;         /* of b; NULL: b = 0 */
    const cf_rule *blur;  /* the law, where the loss knows it */
    double spread;        /* of a normal law */
    double *draws;        /* [CF_FIELD_DRAWS*d] of it, or NULL */
    double *start;        /* [nodes*d] */
} cf_parts_field;

typedef struct {
    const cf_problem *problem;           /* borrowed, kept */
    cf_data *data;                       /* n samples */
    const cf_augmentation *augmentation; /* NULL: none */
    size_t views;                        /* V */
    cf_data *rows;                       /* [n*V] all views; what flows see */
    cf_latent latent;
    cf_loss_parameters loss;
    char sums[192];         /* the engine of the kernel sums, as cf_loss_engine */
    double *start;          /* [n*V*d] raw embedding, the same for all views of a sample */
    cf_data *probes;        /* p unseen points, whose masses mean nothing; NULL: none */
    double *probe_start;    /* [p*d] */
    cf_probes probe_set;    /* the same as flows take it */
    cf_parts_field *fields; /* [flow_count] */
    cf_start_law law;       /* of a point, where a flow has a density */
    double *given;          /* its values at nodes, or NULL */
    double *directions;     /* [n*V*d] latent points that it stands on, or NULL */
    double *times;          /* [time_count] 0, outputs and snapshots, the end */
    bool *keeps;            /* [time_count] whether the output keeps its embedding */
    size_t time_count;
    bool *observes; /* [observer_count] whether the observer is used */
} cf_parts;

/* Generates or reads data and start, checks what can only be checked then (labels where they are
 * needed, shapes, the range of observers, memory). Messages name file, line, key, value and rule.
 */
cf_status cf_parts_create(const cf_problem *problem, cf_parts **out, cf_err *err);
void cf_parts_free(cf_parts **parts);

/* What a flow sees: all views, or its nodes. */
const cf_data *cf_parts_rows(const cf_parts *parts, size_t flow);

/* Whether there are probes and the flow moves them: it is a network, or neural with a kernel that
 * is known everywhere. */
bool cf_parts_follows(const cf_parts *parts, size_t flow);

/* Theta of a neural flow, NULL for another one; `network` is that of an empirical kernel, which
 * keeps it. And its bytes, from counts. */
cf_status cf_parts_kernel(const cf_parts *parts, size_t flow, const cf_network *network,
                          cf_kernel_action **out, cf_err *err);
double cf_parts_kernel_bytes(const cf_parts *parts, size_t flow, const cf_network *network);

/* For a network flow that records its kernel, what that tends to, malloc'ed, [n*V * n*V]; NULL
 * where there is none. */
cf_status cf_parts_limit(const cf_parts *parts, size_t flow, double **out, cf_err *err);

/* The network of a network flow or of an empirical kernel; NULL for another flow. */
cf_status cf_parts_network(const cf_parts *parts, size_t flow, cf_network **out, cf_err *err);

/* Bytes that a run needs at its widest moment, and bytes of its result file; both from counts. */
double cf_parts_memory(const cf_parts *parts);
double cf_parts_result_bytes(const cf_parts *parts);

#endif
