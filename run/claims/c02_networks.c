/* C2 of networks: the parameters move along -gamma times the gradient of the loss of their outputs
 * (E8), whose differences are taken along a random direction of parameters. */
#include <math.h>
#include <stdlib.h>

#include "../assembly.h"
#include "c02_gradients.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

static const char *const PARAMETRIZATIONS[] = {"ntk", "mean-field", "standard"};

static const char *const PROBLEM =
    "format: 1\n"
    "data: {kind: discs, points-per-cluster: 4, seed: %ld}\n"
    "latent: {space: %s, dimension: %ld}\n"
    "start: {kind: near-point, spread: %g, seed: %ld}\n"
    "loss: {%s: %s, tau: %.17g}\n"
    "time: {end: 1}\n"
    "sums: {engine: direct}\n"
    "flows:\n"
    "  - {name: net, kind: network, seeds: %ld, network: {parametrization: %s, activation: %s, "
    "hidden-layers: %ld, widths: %ld}}\n";

/* One network with one loss. */
typedef struct {
    long parametrization, activation, layers, loss, space;
    double tau;
} network;

/* What a problem is assembled to. */
typedef struct {
    cf_problem *problem;
    cf_parts *parts;
    cf_assembly *assembly;
} subject;

static double scale_of(const cf_claim_gradient_options *o, double tau)
{
    return cf_claim_gradient_scale(tau, (size_t)o->dimension.values[0]);
}

/* The loss at the temperature of the network times `factor`. */
static cf_status open_subject(const cf_claim_gradient_options *o, const network *net, double factor,
                              subject *s, cf_err *err)
{
    char text[1024];
    const char *loss = cf_claim_gradient_losses[net->loss];
    snprintf(text, sizeof text, PROBLEM, o->seed, cf_claim_gradient_spaces[net->space],
             o->dimension.values[0], scale_of(o, net->tau), o->seed,
             cf_psi_names[net->loss] == NULL ? "kind" : "psi", loss, net->tau * factor, o->seed,
             PARAMETRIZATIONS[net->parametrization], cf_claim_smooth_activations[net->activation],
             net->layers, o->width);
    cf_status status = cf_problem_parse("C2", text, NULL, 0, &s->problem, err);
    if (status == CF_OK)
        status = cf_parts_create(s->problem, &s->parts, err);
    if (status == CF_OK)
        status = cf_assembly_create(s->parts, 0, &s->assembly, err);
    return status;
}

static void close_subject(subject *s)
{
    cf_assembly_free(&s->assembly);
    cf_parts_free(&s->parts);
    cf_problem_free(&s->problem);
}

/* The loss along a line of parameters. */
typedef struct {
    cf_flow *flow;
    double *y, *v, *ydot; /* [size]; y owns them all: point, direction, right-hand side */
    size_t size;
    cf_status status;
    cf_err *err;
} line;

static double loss_along(void *context, double step)
{
    line *l = context;
    cf_flow_state state = {.loss = NAN};
    const double *start = cf_flow_start(l->flow);
    for (size_t k = 0; k < l->size; k++)
        l->y[k] = start[k] + step * l->v[k];
    cf_status status = cf_flow_observe(l->flow, 0, l->y, &state, l->err);
    l->status = l->status == CF_OK ? status : l->status;
    return state.loss;
}

/* The motion of `mover` along the direction against differences of the loss of `s`, relative to the
 * sum of the sizes of its terms. Parameters change by 1 in all, so that outputs change by about 1,
 * times gamma of mean-field networks. */
static cf_status compare(const subject *s, const subject *mover, uint64_t seed, double *error,
                         cf_err *err)
{
    const cf_ode *ode = cf_flow_ode(mover->assembly->flow);
    line l = {.flow = s->assembly->flow, .size = ode->size, .err = err};
    double rate = cf_network_rate(s->assembly->network), exact = 0, size = 0, dissipation;
    const cf_flow_setup *setup = &s->assembly->setup;
    double scale = cf_claim_gradient_scale(setup->loss.eta.tau, setup->latent.dimension);
    l.y = cf_allocate("parameters", 3 * l.size, sizeof *l.y, err);
    if (l.y == NULL)
        return CF_ESYSTEM;
    l.v = l.y + l.size;
    l.ydot = l.v + l.size;
    for (size_t k = 0; k < l.size; k++)
        l.v[k] = cf_random_normal((cf_random){seed, CF_STREAM_PROBE}, k, 2) *
                 sqrt(rate / (double)l.size);
    l.status = ode->rhs(ode->system, 0, cf_flow_start(l.flow), l.ydot, &dissipation, err);
    for (size_t k = 0; k < l.size; k++) {
        double term = -l.ydot[k] * l.v[k] / rate;
        exact += term;
        size += fabs(term);
    }
    double slope = cf_claim_difference(loss_along, &l, 0.02 * scale);
    *error = fabs(slope - exact) / size;
    free(l.y);
    return l.status;
}

static cf_status measure(const cf_claim_gradient_options *o, const network *net, bool control,
                         double *error, cf_err *err)
{
    subject s = {0}, mover = {0};
    cf_status status = open_subject(o, net, 1, &s, err);
    if (status == CF_OK)
        status = open_subject(o, net, control ? 1.01 : 1, &mover, err);
    if (status == CF_OK)
        status = compare(&s, &mover, (uint64_t)o->seed, error, err);
    close_subject(&mover);
    close_subject(&s);
    return status;
}

/* The worst of all losses, spaces and temperatures; of a control, the best. */
static cf_status worst_error(const cf_claim_gradient_options *o, network net, bool control,
                             double *worst, cf_err *err)
{
    cf_status status = CF_OK;
    *worst = control ? INFINITY : 0;
    for (size_t l = 0; l < o->loss.count; l++)
        for (size_t s = 0; s < o->space.count; s++)
            for (size_t t = 0; t < o->tau.count && status == CF_OK; t++) {
                double error = NAN;
                net.loss = o->loss.values[l];
                net.space = o->space.values[s];
                net.tau = o->tau.values[t];
                if (cf_psi_names[net.loss] == NULL && net.space != 0)
                    continue;
                status = measure(o, &net, control, &error, err);
                if (control ? !(error >= *worst) : !(error <= *worst))
                    *worst = error;
            }
    return status;
}

static cf_status check_network(const cf_claim_gradient_options *o, const network *net,
                               cf_claim_log *log, cf_err *err)
{
    cf_status status = CF_OK;
    for (int control = 0; control < 2 && status == CF_OK; control++) {
        cf_finding finding = {control ? "gradient of 1.01 tau by all parameters, relative error"
                                      : "gradient by all parameters, relative error",
                              CF_RULE_EQUAL,
                              0,
                              NAN,
                              1e-9,
                              control};
        status = worst_error(o, *net, control, &finding.measured, err);
        if (status == CF_OK)
            status = cf_claim_find(log, &finding, err, "%s network, %s, %ld hidden, all losses",
                                   PARAMETRIZATIONS[net->parametrization],
                                   cf_claim_smooth_activations[net->activation], net->layers);
    }
    return status;
}

cf_status cf_claim_network_gradients(const cf_claim_gradient_options *o, cf_claim_log *log,
                                     cf_err *err)
{
    cf_status status = CF_OK;
    for (long p = 0; p < 3; p++)
        for (size_t a = 0; a < o->activation.count; a++)
            for (size_t h = 0; h < o->hidden_layers.count && status == CF_OK; h++) {
                const network net = {p, o->activation.values[a], o->hidden_layers.values[h], 0, 0,
                                     0};
                if (net.layers == 1 || p != CF_PARAMETRIZATION_MEAN_FIELD)
                    status = check_network(o, &net, log, err);
            }
    return status;
}
