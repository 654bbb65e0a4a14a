/* C5: the loss of the uniform measure in closed form, against every engine of kernel sums, and
 * vanilla flows that reach it from clustered data and from data without clusters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "contraflow/run/flow_view.h"
#include "contraflow/solver/memory.h"

typedef struct {
    cf_reals tau, flow_tau;
    cf_integers psi, dimension, flow_dimension;
    double end;
    long points, seed;
} uniform;

static const cf_option OPTIONS[] = {{.key = "tau",
                                     .type = CF_OPTION_REALS,
                                     .offset = offsetof(uniform, tau),
                                     .fallback = "[0.02, 0.05, 0.1, 0.5, 2]",
                                     .min = 0.01,
                                     .max = 100,
                                     .doc = "Temperatures of the closed form."},
                                    {.key = "psi",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(uniform, psi),
                                     .fallback = "[log1p, log, identity]",
                                     .choices = cf_psi_names,
                                     .doc = "Psi of the loss."},
                                    {.key = "dimension",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(uniform, dimension),
                                     .fallback = "[2, 3]",
                                     .min = 2,
                                     .max = 4,
                                     .doc = "Of the space in which the sphere lies."},
                                    {.key = "flow-tau",
                                     .type = CF_OPTION_REALS,
                                     .offset = offsetof(uniform, flow_tau),
                                     .fallback = "[0.1]",
                                     .min = 0.05,
                                     .max = 0.3,
                                     .doc = "Temperatures of the flows."},
                                    {.key = "flow-dimension",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(uniform, flow_dimension),
                                     .fallback = "[2, 3]",
                                     .min = 2,
                                     .max = 3,
                                     .doc = "Dimensions of the flows."},
                                    {.key = "points",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(uniform, points),
                                     .fallback = "100",
                                     .min = 50,
                                     .max = 1000,
                                     .doc = "Points in each of four clusters."},
                                    {.key = "end",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(uniform, end),
                                     .fallback = "1000",
                                     .min = 1000,
                                     .max = 1e6,
                                     .doc = "Time of the flows."},
                                    {.key = "seed",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(uniform, seed),
                                     .fallback = "1",
                                     .min = 0,
                                     .max = 1e9,
                                     .doc = "Of data and start."}};

/* Of losses: the rounding of sums of size 1, what fast engines are asked for, and what the flows
 * leave at the end. */
static const double EXACT = 1e-13, FAST = 2e-12, REACHED = 1e-6;

/* Psi(c_0). */
static cf_status closed_form(long psi, double tau, size_t d, double *value, cf_err *err)
{
    double c0, at[3];
    cf_status status = cf_claim_multipliers(tau, d, 1, &c0, err);
    if (status == CF_OK)
        cf_claim_psi(psi, c0, at);
    *value = status == CF_OK ? at[0] : NAN;
    return status;
}

/* --- engines --- */

/* Where an engine serves: dimensions from .. to. */
static const struct {
    cf_sums engine;
    size_t from, to;
} ENGINES[] = {
    {CF_SUMS_DIRECT, 2, 4}, {CF_SUMS_CIRCLE, 2, 2}, {CF_SUMS_SPHERE, 3, 3}, {CF_SUMS_GRID, 2, 3}};

typedef struct {
    double tau;
    long psi;
    const cf_rule *nodes;
    const char *quantity;
    bool control;
} sample;

static cf_status check_engine(const sample *s, size_t k, cf_claim_log *log, cf_err *err)
{
    size_t d = s->nodes->dimension;
    bool exact = ENGINES[k].engine == CF_SUMS_DIRECT;
    cf_loss_parameters loss = cf_claim_loss_of(s->psi, s->tau, ENGINES[k].engine != CF_SUMS_GRID);
    cf_finding finding = {s->quantity, CF_RULE_EQUAL, NAN, NAN, exact ? EXACT : FAST, s->control};
    loss.engine = ENGINES[k].engine;
    loss.tolerance = 1e-12;
    cf_status status = closed_form(s->psi, s->tau, d, &finding.predicted, err);
    if (status == CF_OK)
        status = cf_claim_loss(&loss, s->nodes->points, s->nodes->weights, s->nodes->n, d,
                               &finding.measured, err);
    /* Sums of errors relative to 1: of log G, relative to G. */
    if (!exact && s->psi == 1)
        finding.tolerance = FAST / exp(finding.predicted);
    return status == CF_OK ? cf_claim_find(log, &finding, err, "d %zu, tau %g, psi %s, %s", d,
                                           s->tau, cf_psi_names[s->psi], cf_sums_names[loss.engine])
                           : status;
}

/* Nodes that are uniform for all harmonics that the kernel sees, then moved towards e_1. */
static cf_status check_form(const uniform *o, double tau, size_t d, cf_claim_log *log, cf_err *err)
{
    cf_rule *nodes = NULL;
    cf_status status = cf_rule_sphere(d, cf_claim_kernel_degree(tau) / 2 + 2, &nodes, err);
    for (size_t p = 0; p < o->psi.count && status == CF_OK; p++) {
        const sample s = {tau, o->psi.values[p], nodes, "L of the uniform measure", false};
        for (size_t k = 0; k < sizeof ENGINES / sizeof *ENGINES && status == CF_OK; k++)
            if (d >= ENGINES[k].from && d <= ENGINES[k].to)
                status = check_engine(&s, k, log, err);
    }
    if (status == CF_OK) {
        const sample s = {tau, o->psi.values[0], nodes, "L of a measure moved towards e_1", true};
        cf_claim_tilt(nodes->points, nodes->n, d, 0.3);
        status = check_engine(&s, 0, log, err);
    }
    cf_rule_free(&nodes);
    return status;
}

/* --- flows --- */

static const char *const PROBLEM =
    "format: 1\n"
    "data: {kind: discs, centers: %s, radius: %g, points-per-cluster: %ld, seed: %ld}\n"
    "latent: {space: sphere, dimension: %zu, norm-floor: %g}\n"
    "start: {kind: linear, matrix: %s, spread: 0.02, seed: %ld}\n"
    "loss: {psi: %s, tau: %.17g}\n"
    "time: {end: %.17g, outputs: {spacing: log, first: 1, count: 20}}\n"
    "snapshots: [%.17g]\n"
    "flows:\n  - {name: flow, %s}\n";

/* Data, and how they move. */
static const struct {
    const char *name, *centers;
    double radius;
    long clusters;
    const char *flow;
    double floor; /* of norms: a point may be moved through the origin */
    bool control;
} DATA[] = {
    {"four clusters", "[[-1, -1], [-1, 1], [1, -1], [1, 1]]", 0.3, 4, "kind: vanilla", 0, false},
    {"no clusters", "[[0, 0]]", 1.5, 1, "kind: vanilla", 0, false},
    {"four clusters, each moved as a whole", "[[-1, -1], [-1, 1], [1, -1], [1, 1]]", 0.3, 4,
     "kind: neural, kernel: {kind: block, matrix: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, "
     "0], [0, 0, 0, 1]]}",
     1e-2, true}};

/* The loss above its limit, for the figure. */
static cf_status draw(const cf_result *result, double limit, const char *label, cf_claim_log *log,
                      cf_err *err)
{
    size_t cursor = 0, count = 0;
    cf_flow_view flow;
    cf_flow_next(result, &cursor, &flow);
    const double *times = cf_flow_series(&flow, "time", &count);
    const double *loss = cf_flow_series(&flow, "loss", &count);
    double *excess = cf_allocate("curve", count, sizeof *excess, err);
    if (excess == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < count; k++)
        excess[k] = loss[k] - limit;
    /* Without t = 0, for which a logarithmic axis has no place. */
    cf_claim_curve curve = {"", false, (double *)times + 1, excess + 1, count - 1};
    snprintf(curve.label, sizeof curve.label, "%s", label);
    cf_status status = cf_claim_draw(log, &curve, err);
    free(excess);
    return status;
}

static cf_status check_flow(const uniform *o, double tau, size_t d, size_t k, cf_claim_log *log,
                            cf_err *err)
{
    cf_result *result = NULL;
    char label[64];
    long points = 4 * o->points / DATA[k].clusters;
    cf_finding finding = {"loss at the end", CF_RULE_EQUAL, NAN, NAN, REACHED, DATA[k].control};
    cf_status status = closed_form(0, tau, d, &finding.predicted, err);
    if (status == CF_OK)
        status = cf_claim_run(log, &result, err, PROBLEM, DATA[k].centers, DATA[k].radius, points,
                              o->seed, d, DATA[k].floor,
                              d == 2 ? "[[0.3, 0], [0, 0.3]]" : "[[0.3, 0], [0, 0.3], [0, 0]]",
                              o->seed, cf_psi_names[0], tau, o->end, o->end, DATA[k].flow);
    snprintf(label, sizeof label, "%s, d %zu", DATA[k].name, d);
    if (status == CF_OK) {
        size_t cursor = 0, count = 0;
        cf_flow_view flow;
        cf_flow_next(result, &cursor, &flow);
        const double *loss = cf_flow_series(&flow, "loss", &count);
        finding.measured = loss[count - 1];
        if (tau == o->flow_tau.values[0])
            status = draw(result, finding.predicted, label, log, err);
    }
    if (status == CF_OK)
        status = cf_claim_find(log, &finding, err, "d %zu, tau %g, psi %s, n %ld, %s", d, tau,
                               cf_psi_names[0], 4 * o->points, DATA[k].name);
    cf_result_free(&result);
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const uniform *o = options;
    cf_status status = CF_OK;
    for (size_t d = 0; d < o->dimension.count; d++)
        for (size_t t = 0; t < o->tau.count && status == CF_OK; t++)
            status = check_form(o, o->tau.values[t], (size_t)o->dimension.values[d], log, err);
    for (size_t d = 0; d < o->flow_dimension.count; d++)
        for (size_t t = 0; t < o->flow_tau.count; t++)
            for (size_t k = 0; k < sizeof DATA / sizeof *DATA && status == CF_OK; k++)
                status = check_flow(o, o->flow_tau.values[t], (size_t)o->flow_dimension.values[d],
                                    k, log, err);
    return status;
}

const cf_claim cf_claim_uniform = {
    .kind = {"C5",
             "The uniform measure on S^{d-1} has G = c_0 = Gamma(d/2) (2 tau)^{d/2-1} "
             "I_{d/2-1}(1/tau) e^{-1/tau} everywhere, so L = Psi(c_0); vanilla flows reach this "
             "loss from clustered and from unclustered data alike.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(uniform)},
    .title = "the loss of the uniform measure, and flows to it",
    .source = "Theorem 3.2; vanilla flows of section 3",
    .hypothesis = "the uniform measure, exponential profile; the vanilla flow",
    .control = "the measure is moved towards e_1 by 0.3; a kernel moves each cluster as a whole",
    .quick = "{tau: [0.1], dimension: [2, 3], flow-dimension: [2], points: 50}",
    .full = "{tau: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 10, 100], dimension: [2, 3, 4], "
            "flow-tau: [0.05, 0.1, 0.2, 0.3], points: 200}",
    .seconds = {20, 2, 300},
    .figure = {"time t", "L(t) - L(uniform)",
               "Loss above that of the uniform measure along the flows of C5.", true, true},
    .check = check};
