/* C13: what the loss loses is what the flow dissipates (E9), along flows of every kind. */
#include <math.h>
#include <stdio.h>

#include "contraflow/run/flow_view.h"
#include "contraflow/run/result.h"
#include "subject.h"

typedef struct {
    cf_integers flow, space, loss, eta, views;
    cf_reals tau;
    double rtol, end;
} energy;

/* A kind of flow. */
typedef struct {
    const char *text; /* an item of `flows` */
    bool floored;     /* the norm has a floor on spheres */
    bool points;      /* it has a number of them, which E1 and several views need */
} subject;

static const char *const flow_names[] = {"vanilla", "density",        "neural", "field",
                                         "network", "kinked-network", NULL};
static const subject subjects[] = {
    {"kind: vanilla", false, true},
    {"kind: vanilla, representation: density", false, false},
    {"kind: neural, kernel: {activation: relu, hidden-layers: 2}", true, true},
    {"kind: neural, representation: field, nodes: 3, start-nodes: 3, kernel: {activation: erf}",
     true, false},
    {"kind: network, network: {activation: erf, hidden-layers: 2, widths: 32}", true, true},
    {"kind: network, network: {activation: relu, widths: 256}", true, true}};

/* No flow: its steps are so long that the loss rises between outputs. */
static const subject STEPS = {"kind: network, network: {activation: erf, widths: 32}, train: "
                              "{method: sgd, learning-rate: 5}",
                              true, true};

/* Starts that know the data, by the latent space; a density knows none. */
static const char *const starts[] = {
    "{kind: linear, matrix: [[0.05, 0.1], [0.2, 0.1]], spread: 0.2}",
    "{kind: linear, matrix: [[0.05, 0.1], [0.2, 0.1], [0.1, -0.2]], spread: 0.2}",
    "{kind: linear, matrix: [[0.2, 0.1]], spread: 0.2}",
    "{kind: linear, matrix: [[0.05, 0.1], [0.2, 0.1]], spread: 0.2}"};
static const char *const LAW = "{kind: near-point, spread: 0.3}";

static const char *const loss_names[] = {"log1p", "log", "identity", "nt-xent", NULL};
enum { NT_XENT = 3 };

static const cf_option OPTIONS[] = {
    {.key = "flow",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(energy, flow),
     .fallback = "[vanilla, density, neural, field, network, kinked-network]",
     .choices = flow_names,
     .doc = "Kinds of flows; networks of erf and of ReLU."},
    {.key = "space",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(energy, space),
     .fallback = "[circle, sphere, line, plane]",
     .choices = cf_claim_space_names,
     .doc = "Latent spaces; densities on the circle and the sphere only."},
    {.key = "loss",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(energy, loss),
     .fallback = "[log1p, log, identity, nt-xent]",
     .choices = loss_names,
     .doc = "Psi of the generalized loss, or nt-xent, on spheres only."},
    {.key = "eta",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(energy, eta),
     .fallback = "[exponential, power]",
     .choices = cf_eta_names,
     .doc = "Profiles of the generalized loss."},
    {.key = "views",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(energy, views),
     .fallback = "[1, 2]",
     .min = 1,
     .max = 4,
     .doc = "Views of a point; densities and fields have one."},
    {.key = "tau",
     .type = CF_OPTION_REALS,
     .offset = offsetof(energy, tau),
     .fallback = "0.1",
     .min = 0.1,
     .max = 2,
     .doc = "Temperatures."},
    {.key = "rtol",
     .type = CF_OPTION_REAL,
     .offset = offsetof(energy, rtol),
     .fallback = "1e-6",
     .min = 1e-7,
     .max = 1e-4,
     .doc = "Relative tolerance of the integrator."},
    {.key = "end",
     .type = CF_OPTION_REAL,
     .offset = offsetof(energy, end),
     .fallback = "0.5",
     .min = 0.1,
     .max = 5,
     .doc = "Last time."}};

enum { CIRCLE, SPHERE, LOG = 1, DENSITY = 1, KINKED = 5 /* among the names */ };

/* A loss on a latent space, until the last time. */
typedef struct {
    long space, loss, eta, views;
    double tau, end;
} law;

/* Over losses: the largest defect and rise of the loss between outputs, in units of rtol max(1,
 * |L(0)|), and the bound of C13 in these units. */
typedef struct {
    double defect, rise, bound;
    size_t runs;
} tally;

static void describe(const law *l, char *text, size_t size)
{
    if (l->loss == NT_XENT)
        snprintf(text, size, "{kind: nt-xent, tau: %g}", l->tau);
    else
        snprintf(text, size, "{psi: %s, eta: %s, tau: %g}", loss_names[l->loss],
                 cf_eta_names[l->eta], l->tau);
}

static double largest_rise(const double *loss, size_t count)
{
    double rise = -INFINITY;
    for (size_t k = 1; k < count; k++)
        rise = cf_claim_worst(rise, loss[k] - loss[k - 1]);
    return rise;
}

static void add(double rtol, const cf_result *result, tally *sum)
{
    size_t cursor = 0, count;
    cf_flow_view flow;
    cf_flow_next(result, &cursor, &flow);
    const double *loss = cf_flow_series(&flow, "loss", &count);
    double unit = rtol * fmax(1, fabs(loss[0]));
    sum->defect = cf_claim_worst(sum->defect, cf_group_real(flow.group, "energy_defect") / unit);
    sum->rise = cf_claim_worst(sum->rise, largest_rise(loss, count) / unit);
    sum->runs++;
}

static cf_status run(const energy *o, const subject *s, const law *l, tally *sum, cf_claim_log *log,
                     cf_err *err)
{
    char loss[96], augmentation[64] = "none";
    cf_result *result = NULL;
    describe(l, loss, sizeof loss);
    if (l->views > 1)
        snprintf(augmentation, sizeof augmentation, "{kind: gaussian, size: 0.1, views: %ld}",
                 l->views);
    cf_status status = cf_claim_run(
        log, &result, err,
        "format: 1\ndata: {kind: discs, radius: 0.3, points-per-cluster: 6}\n"
        "augmentation: %s\n"
        "latent: %s\nstart: %s\nloss: %s\nflows: [{%s}]\n"
        "time: {end: %g, outputs: {spacing: linear, count: 12}}\nintegrator: {rtol: %g}\n"
        "clusters: {threshold: 0.999999}\n",
        augmentation, (s->floored ? cf_claim_smooth_spaces : cf_claim_spaces)[l->space],
        s == &subjects[DENSITY] ? LAW : starts[l->space], loss, s->text, l->end, o->rtol);
    if (status == CF_OK)
        add(o->rtol, result, sum);
    cf_result_free(&result);
    return status;
}

static cf_status find(const tally *sum, const char *who, bool control, cf_claim_log *log,
                      cf_err *err)
{
    const cf_finding defect = {"largest |L(0) - L(t) - dissipated| / (rtol max(1, |L(0)|))",
                               CF_RULE_AT_MOST,
                               sum->bound,
                               sum->defect,
                               0,
                               control};
    const cf_finding rise = {"largest rise of L between outputs, likewise",
                             CF_RULE_AT_MOST,
                             sum->bound,
                             sum->rise,
                             0,
                             control};
    cf_status status = cf_claim_find(log, &defect, err, "%s", who);
    return status == CF_OK ? cf_claim_find(log, &rise, err, "%s", who) : status;
}

/* E1 is a loss of points on spheres, and knows no profiles. */
static bool makes_sense(const energy *o, const subject *s, const law *l)
{
    if (l->views > 1 && !s->points)
        return false;
    return l->loss != NT_XENT || (s->points && l->space <= SPHERE && l->eta == o->eta.values[0]);
}

static cf_status check_flow(const energy *o, long flow, long space, cf_claim_log *log, cf_err *err)
{
    char who[112];
    const subject *s = &subjects[flow];
    tally sum = {.defect = 0, .rise = -INFINITY, .bound = s == &subjects[KINKED] ? 1000 : 100};
    size_t total = o->loss.count * o->eta.count * o->views.count * o->tau.count;
    cf_status status = CF_OK;
    for (size_t k = 0; k < total && status == CF_OK; k++) {
        size_t e = k / o->loss.count, v = e / o->eta.count, t = v / o->views.count;
        const law l = {.space = space,
                       .loss = o->loss.values[k % o->loss.count],
                       .eta = o->eta.values[e % o->eta.count],
                       .views = o->views.values[v % o->views.count],
                       .tau = o->tau.values[t],
                       .end = o->end};
        if (makes_sense(o, s, &l))
            status = run(o, s, &l, &sum, log, err);
    }
    snprintf(who, sizeof who, "%s, %s, %zu losses", flow_names[flow], cf_claim_space_names[space],
             sum.runs);
    return status == CF_OK && sum.runs > 0 ? find(&sum, who, false, log, err) : status;
}

/* The hypothesis broken: long steps instead of a flow. */
static cf_status check_steps(const energy *o, cf_claim_log *log, cf_err *err)
{
    const law l = {.space = CIRCLE, .loss = LOG, .eta = 0, .views = 1, .tau = 0.1, .end = 200};
    tally sum = {.defect = 0, .rise = -INFINITY, .bound = 100};
    cf_status status = run(o, &STEPS, &l, &sum, log, err);
    return status == CF_OK ? find(&sum, "circle, log, gradient steps of rate 5", true, log, err)
                           : status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const energy *o = options;
    cf_status status = CF_OK;
    for (size_t f = 0; f < o->flow.count; f++)
        for (size_t s = 0; s < o->space.count && status == CF_OK; s++) {
            long flow = o->flow.values[f], space = o->space.values[s];
            if (flow != DENSITY || space <= SPHERE)
                status = check_flow(o, flow, space, log, err);
        }
    return status == CF_OK ? check_steps(o, log, err) : status;
}

const cf_claim cf_claim_energy = {
    .kind = {"C13",
             "Along every flow the loss falls by what the flow dissipates, to 100 rtol max(1, "
             "|L(0)|), 1000 of networks with kinks, and does not rise by more than that between "
             "outputs.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(energy)},
    .title = "energy identity",
    .source = "theory C13, from E6, E7, E8",
    .hypothesis = "a flow in continuous time, without noise, whose points stay away from the "
                  "origin (E108)",
    .control = "gradient steps of a rate so large that they are no flow",
    .quick = "{space: circle, eta: exponential, loss: [log1p, nt-xent]}",
    .full = "{tau: [0.1, 0.3, 1], end: 1}",
    .seconds = {40, 2, 600},
    .check = check};
