/* C11: what homogeneous activations conserve (E14). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "contraflow/run/flow_view.h"
#include "subject.h"

typedef struct {
    cf_integers activation, hidden, widths, parametrization, space;
    cf_reals tau;
    double rtol, end;
    long seed;
} conserved;

static const char *const homogeneous[] = {"relu", "leaky-relu", "abs", NULL};
static const double FACTOR = 10; /* of rtol */

static const cf_option OPTIONS[] = {
    {.key = "activation",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(conserved, activation),
     .fallback = "[relu, leaky-relu]",
     .choices = homogeneous,
     .doc = "Activations, positively homogeneous."},
    {.key = "hidden-layers",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(conserved, hidden),
     .fallback = "[1, 3]",
     .min = 1,
     .max = 6,
     .doc = "Numbers of hidden layers; mean-field networks have one."},
    {.key = "widths",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(conserved, widths),
     .fallback = "[16, 32]",
     .min = 8,
     .max = 1024,
     .doc = "Units of every hidden layer."},
    {.key = "parametrization",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(conserved, parametrization),
     .fallback = "[ntk, mean-field, standard]",
     .choices = cf_parametrization_names,
     .doc = "Parametrizations."},
    {.key = "space",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(conserved, space),
     .fallback = "[circle, plane]",
     .choices = cf_claim_space_names,
     .doc = "Latent spaces."},
    {.key = "tau",
     .type = CF_OPTION_REALS,
     .offset = offsetof(conserved, tau),
     .fallback = "0.1",
     .min = 0.05,
     .max = 2,
     .doc = "Temperatures."},
    {.key = "rtol",
     .type = CF_OPTION_REAL,
     .offset = offsetof(conserved, rtol),
     .fallback = "1e-5",
     .min = 1e-6,
     .max = 1e-4,
     .doc = "Relative tolerance of the integrator."},
    {.key = "end",
     .type = CF_OPTION_REAL,
     .offset = offsetof(conserved, end),
     .fallback = "1",
     .min = 0.1,
     .max = 2,
     .doc = "Last time."},
    {.key = "seed",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(conserved, seed),
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .doc = "Seed of the parameters."}};

/* A network, and how it is trained. */
typedef struct {
    long parametrization, hidden, width, space;
    double tau, end;
    const char *activation, *train;
} network;

/* E14 between the ends of the flow, of a network that is taken for one of ReLU. */
static cf_status drift_at_end(const network *s, const cf_flow_view *flow, size_t d, double *drift,
                              cf_err *err)
{
    double width = (double)s->width;
    const cf_network_options options = {.hidden_layers = s->hidden,
                                        .widths = {&width, 1, 1},
                                        .activation = 0,
                                        .weight_variance = 2,
                                        .parametrization = (int)s->parametrization};
    size_t before, after;
    cf_network *net = NULL;
    const double *start = cf_flow_series(flow, "parameters_start", &before);
    const double *end = cf_flow_series(flow, "parameters_end", &after);
    cf_status status = cf_network_create(&options, 0, 2, d, &net, err);
    if (status == CF_OK &&
        (start == NULL || end == NULL || before != cf_network_parameters(net) || after != before))
        status = cf_fail(err, CF_ENUMERIC, "the parameters of the network are not in the result");
    if (status == CF_OK)
        *drift = cf_network_conserved_drift(net, start, end);
    cf_network_free(&net);
    return status;
}

static cf_status measure(const conserved *o, const network *s, double *drift, cf_claim_log *log,
                         cf_err *err)
{
    cf_result *result = NULL;
    cf_status status = cf_claim_run(
        log, &result, err,
        "format: 1\ndata: {kind: discs, radius: 0.3, points-per-cluster: 6}\nlatent: %s\n"
        "start: {kind: near-point, spread: 0.3}\nloss: {psi: log1p, tau: %g}\n"
        "flows: [{kind: network, seeds: %ld, network: {parametrization: %s, activation: %s, "
        "hidden-layers: %ld, widths: %ld, biases: false}%s}]\n"
        "time: {end: %g, outputs: {spacing: linear, count: 10}}\n"
        "integrator: {rtol: %g}\nsums: {engine: direct}\n",
        cf_claim_smooth_spaces[s->space], s->tau, o->seed,
        cf_parametrization_names[s->parametrization], s->activation, s->hidden, s->width, s->train,
        s->end, o->rtol);
    if (status == CF_OK) {
        size_t cursor = 0, count, d = s->space == 1 ? 3 : s->space == 2 ? 1 : 2;
        cf_flow_view flow;
        cf_flow_next(result, &cursor, &flow);
        status = drift_at_end(s, &flow, d, drift, err);
        const double *seen = cf_flow_series(&flow, "conserved_drift", &count);
        for (size_t k = 0; seen != NULL && k < count; k++)
            *drift = cf_claim_worst(*drift, seen[k]);
    }
    cf_result_free(&result);
    return status;
}

static cf_status find(const conserved *o, const network *s, double drift, bool control,
                      cf_claim_log *log, cf_err *err)
{
    const cf_finding finding = {
        "largest drift of E14, relative", CF_RULE_AT_MOST, FACTOR * o->rtol, drift, 0, control};
    return cf_claim_find(log, &finding, err, "%s%s, %s, %ld hidden, width %ld, %s, tau %g",
                         s->activation, s->train[0] != '\0' ? " in steps" : "",
                         cf_parametrization_names[s->parametrization], s->hidden, s->width,
                         cf_claim_space_names[s->space], s->tau);
}

static cf_status check_network(const conserved *o, network *s, bool control, cf_claim_log *log,
                               cf_err *err)
{
    double drift = 0;
    cf_status status = measure(o, s, &drift, log, err);
    return status == CF_OK ? find(o, s, drift, control, log, err) : status;
}

/* The hypothesis broken: an activation that is not homogeneous, and steps. */
static cf_status check_controls(const conserved *o, network s, cf_claim_log *log, cf_err *err)
{
    s.width = 16; /* wide networks hardly move, and hot losses are flat */
    s.tau = 0.1;
    s.end = 20;
    s.train = "";
    s.activation = "tanh";
    cf_status status = check_network(o, &s, true, log, err);
    s.activation = homogeneous[o->activation.values[0]];
    s.train = ", train: {method: sgd, learning-rate: 1}";
    return status == CF_OK ? check_network(o, &s, true, log, err) : status;
}

static cf_status check_depth(const conserved *o, network s, cf_claim_log *log, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t a = 0; a < o->activation.count; a++)
        for (size_t w = 0; w < o->widths.count; w++)
            for (size_t t = 0; t < o->tau.count && status == CF_OK; t++) {
                s.activation = homogeneous[o->activation.values[a]];
                s.width = o->widths.values[w];
                s.tau = o->tau.values[t];
                status = check_network(o, &s, false, log, err);
            }
    return status == CF_OK ? check_controls(o, s, log, err) : status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const conserved *o = options;
    cf_status status = CF_OK;
    for (size_t p = 0; p < o->parametrization.count; p++) {
        bool shallow = o->parametrization.values[p] == CF_PARAMETRIZATION_MEAN_FIELD;
        for (size_t k = 0; k < (shallow ? 1 : o->hidden.count); k++)
            for (size_t s = 0; s < o->space.count && status == CF_OK; s++) {
                const network first = {.parametrization = o->parametrization.values[p],
                                       .hidden = shallow ? 1 : o->hidden.values[k],
                                       .space = o->space.values[s],
                                       .end = o->end,
                                       .train = ""};
                status = check_depth(o, first, log, err);
            }
    }
    return status;
}

const cf_claim cf_claim_conserved = {
    .kind = {"C11",
             "Networks of positively homogeneous activations without biases keep the squared norm "
             "of the outgoing weights less that of the incoming ones of every hidden unit, to 10 "
             "rtol of the sum of the two.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(conserved)},
    .title = "what ReLU networks conserve",
    .source = "E14, from E8 and the homogeneity of the activation",
    .hypothesis = "positively homogeneous activation, no biases, a flow in continuous time",
    .control = "tanh; gradient steps of rate 1",
    .quick = "{widths: 16, activation: relu, space: plane}",
    .full =
        "{activation: [relu, leaky-relu, abs], hidden-layers: [1, 2, 4], widths: [16, 64, 256], "
        "space: [circle, sphere, line, plane], tau: [0.1, 0.5]}",
    .seconds = {5, 1, 700},
    .check = check};
