/* C8: under E8 the embedding moves as its tangent kernel says (E105). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "subject.h"

typedef struct {
    cf_integers parametrization, activation, hidden, widths, space, psi;
    double tau;
    long seed;
} identity;

static const cf_option OPTIONS[] = {
    {.key = "parametrization",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(identity, parametrization),
     .fallback = "[ntk, mean-field, standard]",
     .choices = cf_parametrization_names,
     .doc = "Parametrizations."},
    {.key = "activation",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(identity, activation),
     .fallback = "[relu, leaky-relu, abs, erf, tanh, gelu, softplus]",
     .choices = cf_activation_names,
     .doc = "Activations."},
    {.key = "hidden-layers",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(identity, hidden),
     .fallback = "[1, 2, 4]",
     .min = 1,
     .max = 10,
     .doc = "Numbers of hidden layers; mean-field networks have one."},
    {.key = "widths",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(identity, widths),
     .fallback = "[5, 17, 64]",
     .min = 4,
     .max = 2048,
     .doc = "Units of every hidden layer."},
    {.key = "space",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(identity, space),
     .fallback = "[circle, sphere, plane]",
     .choices = cf_claim_space_names,
     .doc = "Latent spaces."},
    {.key = "psi",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(identity, psi),
     .fallback = "[log1p, identity]",
     .choices = cf_psi_names,
     .doc = "Psi of the loss."},
    {.key = "tau",
     .type = CF_OPTION_REAL,
     .offset = offsetof(identity, tau),
     .fallback = "0.1",
     .min = 0.01,
     .max = 10,
     .doc = "Temperature."},
    {.key = "seed",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(identity, seed),
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .doc = "Seed of the parameters."}};

static const double ROUNDING = 1e-14; /* of sums over all parameters, relative to their terms */

/* Of an architecture: the largest error of E105, and the smallest with a kernel that is not that of
 * these parameters, and with a rate gamma that is not that of the parametrization. */
typedef struct {
    long parametrization, hidden, width;
    double error, other_kernel, other_rate;
} cell;

/* max_i |hdot_i + factor (Theta g)_i| / max_i (|Theta| |g|)_i, E105. */
static double defect(const double *kernel, double factor, const double *g, const double *hdot,
                     size_t nd)
{
    double worst = 0, largest = 0;
    for (size_t i = 0; i < nd; i++) {
        double sum = 0, size = 0;
        for (size_t j = 0; j < nd; j++) {
            sum += kernel[i * nd + j] * g[j];
            size += fabs(kernel[i * nd + j] * g[j]);
        }
        worst = cf_claim_worst(worst, fabs(hdot[i] + factor * sum));
        largest = fmax(largest, size);
    }
    return worst / largest;
}

/* hdot [n*d] of E8 at theta: the motion of the parameters, pushed forward. */
static cf_status push(const cf_assembly *a, const double *theta, double *motion, double *hdot,
                      cf_err *err)
{
    const cf_ode *ode = cf_flow_ode(a->flow);
    const cf_data *data = a->setup.data;
    cf_network_pass *pass = NULL;
    double dissipation;
    cf_status status = ode->rhs(ode->system, 0, theta, motion, &dissipation, err);
    if (status == CF_OK)
        status = cf_network_pass_create(a->network, data->n, true, &pass, err);
    if (status == CF_OK) {
        cf_network_forward(pass, theta, data->points, data->n, hdot);
        cf_network_push(pass, theta, motion, hdot);
    }
    cf_network_pass_free(&pass);
    return status;
}

/* g [n*d] = dL/dh of the embedding of theta. */
static cf_status slope(const cf_assembly *a, const double *theta, double *g, cf_err *err)
{
    cf_flow_state state;
    cf_claim_slope at;
    cf_status status = cf_claim_slope_create(&a->setup, &at, err);
    if (status == CF_OK)
        status = cf_flow_observe(a->flow, 0, theta, &state, err);
    if (status == CF_OK)
        status = cf_claim_slope_at(&at, state.embedding, g, err);
    cf_claim_slope_release(&at);
    return status;
}

static cf_status compare(const cf_assembly *a, cell *c, double *work, cf_err *err)
{
    size_t n = a->setup.data->n, nd = n * a->setup.latent.dimension;
    double *g = work, *hdot = g + nd, *kernel = hdot + nd, *motion = kernel + nd * nd;
    const double *theta = cf_flow_start(a->flow), *points = a->setup.data->points;
    cf_status status = push(a, theta, motion, hdot, err);
    if (status == CF_OK)
        status = slope(a, theta, g, err);
    if (status == CF_OK)
        status = cf_network_kernel(a->network, theta, points, n, kernel, err);
    if (status != CF_OK)
        return status;
    double rate = c->parametrization == CF_PARAMETRIZATION_MEAN_FIELD ? (double)c->width : 1;
    c->error = cf_claim_worst(c->error, defect(kernel, 1, g, hdot, nd));
    c->other_rate = fmin(c->other_rate, defect(kernel, 1 / rate, g, hdot, nd));
    cf_network_initialize(a->network, a->setup.seed + 1, motion);
    status = cf_network_kernel(a->network, motion, points, n, kernel, err);
    c->other_kernel = fmin(c->other_kernel, defect(kernel, 1, g, hdot, nd));
    return status;
}

static cf_status check_network(const identity *o, cell *c, size_t activation, size_t space,
                               size_t psi, cf_claim_log *log, cf_err *err)
{
    cf_claim_subject subject;
    double *work = NULL;
    cf_status status = cf_claim_open(
        log, &subject, err,
        "format: 1\n"
        "data: {kind: discs, points-per-cluster: [3, 4, 5, 6], radius: 0.3}\n"
        "latent: %s\nstart: {kind: near-point, spread: 0.5}\nloss: {psi: %s, tau: %g}\n"
        "flows: [{kind: network, seeds: %ld, network: {parametrization: %s, activation: %s, "
        "hidden-layers: %ld, widths: %ld}}]\nsums: {engine: direct}\n"
        "integrator: {rtol: 1e-13}\n", /* kinks are sharp, as in the kernel (E114) */
        cf_claim_spaces[space], cf_psi_names[psi], o->tau, o->seed,
        cf_parametrization_names[c->parametrization], cf_activation_names[activation], c->hidden,
        c->width);
    if (status == CF_OK) {
        size_t nd = subject.assembly->setup.data->n * subject.assembly->setup.latent.dimension;
        size_t parameters = cf_network_parameters(subject.assembly->network);
        work = cf_allocate("identity", nd * (nd + 2) + parameters, sizeof *work, err);
        status = work == NULL ? CF_ESYSTEM : compare(subject.assembly, c, work, err);
    }
    free(work);
    cf_claim_close(&subject);
    return status;
}

static cf_status find(const cell *c, const char *quantity, double measured, bool control,
                      cf_claim_log *log, cf_err *err)
{
    const cf_finding finding = {quantity, CF_RULE_EQUAL, 0, measured, ROUNDING, control};
    return cf_claim_find(log, &finding, err, "%s, %ld hidden, width %ld",
                         cf_parametrization_names[c->parametrization], c->hidden, c->width);
}

static cf_status check_cell(const identity *o, cell *c, cf_claim_log *log, cf_err *err)
{
    cf_status status = CF_OK;
    c->error = 0;
    c->other_kernel = c->other_rate = INFINITY;
    for (size_t a = 0; a < o->activation.count; a++)
        for (size_t s = 0; s < o->space.count; s++)
            for (size_t p = 0; p < o->psi.count && status == CF_OK; p++)
                status =
                    check_network(o, c, (size_t)o->activation.values[a], (size_t)o->space.values[s],
                                  (size_t)o->psi.values[p], log, err);
    if (status == CF_OK)
        status = find(c, "largest error of dh/dt = -gamma Theta dL/dh, relative", c->error, false,
                      log, err);
    if (status == CF_OK)
        status = find(c, "the same with the kernel of other parameters", c->other_kernel, true, log,
                      err);
    if (status == CF_OK && c->parametrization == CF_PARAMETRIZATION_MEAN_FIELD)
        status = find(c, "the same with gamma = 1", c->other_rate, true, log, err);
    return status;
}

/* All widths of one parametrization and depth, with a curve of the figure. */
static cf_status check_depth(const identity *o, long parametrization, long hidden,
                             cf_claim_log *log, cf_err *err)
{
    size_t count = o->widths.count;
    double *widths = cf_allocate("widths", 2 * count, sizeof *widths, err);
    if (widths == NULL)
        return CF_ESYSTEM;
    cf_claim_curve curve = {"", false, widths, widths + count, count};
    snprintf(curve.label, sizeof curve.label, "%s, %ld hidden",
             cf_parametrization_names[parametrization], hidden);
    cf_status status = CF_OK;
    for (size_t w = 0; w < count && status == CF_OK; w++) {
        cell c = {
            .parametrization = parametrization, .hidden = hidden, .width = o->widths.values[w]};
        status = check_cell(o, &c, log, err);
        curve.x[w] = (double)c.width;
        curve.y[w] = c.error;
    }
    if (status == CF_OK)
        status = cf_claim_draw(log, &curve, err);
    free(widths);
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const identity *o = options;
    cf_status status = CF_OK;
    for (size_t p = 0; p < o->parametrization.count; p++) {
        bool shallow = o->parametrization.values[p] == CF_PARAMETRIZATION_MEAN_FIELD;
        for (size_t k = 0; k < (shallow ? 1 : o->hidden.count) && status == CF_OK; k++)
            status = check_depth(o, o->parametrization.values[p], shallow ? 1 : o->hidden.values[k],
                                 log, err);
    }
    return status;
}

const cf_claim cf_claim_tangent_kernel = {
    .kind = {"C8",
             "A network whose parameters follow the gradient flow moves its outputs by dh/dt = "
             "-gamma Theta dL/dh with its own tangent kernel Theta of the moment, to rounding, "
             "whatever its activation, depth, width and parametrization.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(identity)},
    .title = "outputs move by the tangent kernel",
    .source = "Proposition 4.1; E105",
    .hypothesis = "Theta is the kernel of the parameters that move, gamma their rate",
    .control = "the kernel of parameters of another seed; gamma = 1 of a mean-field network",
    .quick = "{hidden-layers: [1, 3], widths: [5, 64]}",
    .full = "{hidden-layers: [1, 2, 3, 4, 6, 10], widths: [4, 5, 17, 64, 256, 1024], space: "
            "[circle, sphere, line, plane], psi: [log1p, log, identity]}",
    .seconds = {5, 1, 600},
    .figure = {"width", "relative error",
               "Largest error of dh/dt = -gamma Theta dL/dh over activations and latent spaces.",
               true, true},
    .check = check};
