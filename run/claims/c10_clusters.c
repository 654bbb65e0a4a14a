/* C10: what a kernel that is constant on clusters keeps, and how little moves if it nearly is
 * (E107). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "contraflow/solver/integrator.h"
#include "contraflow/solver/memory.h"
#include "subject.h"

typedef struct {
    cf_integers space, psi, activation, hidden;
    cf_reals tau;
    double radius, rtol, end;
} clusters;

static const cf_option OPTIONS[] = {{.key = "space",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(clusters, space),
                                     .fallback = "[circle, sphere, plane]",
                                     .choices = cf_claim_space_names,
                                     .doc = "Latent spaces."},
                                    {.key = "psi",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(clusters, psi),
                                     .fallback = "[log1p, log]",
                                     .choices = cf_psi_names,
                                     .doc = "Psi of the loss."},
                                    {.key = "activation",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(clusters, activation),
                                     .fallback = "[relu, erf]",
                                     .choices = cf_activation_names,
                                     .doc = "Activations of the kernels of the bound."},
                                    {.key = "hidden-layers",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(clusters, hidden),
                                     .fallback = "[1, 3]",
                                     .min = 1,
                                     .max = 10,
                                     .doc = "Hidden layers of these kernels."},
                                    {.key = "tau",
                                     .type = CF_OPTION_REALS,
                                     .offset = offsetof(clusters, tau),
                                     .fallback = "0.1",
                                     .min = 0.05,
                                     .max = 2,
                                     .doc = "Temperatures."},
                                    {.key = "radius",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(clusters, radius),
                                     .fallback = "0.02",
                                     .min = 1e-6,
                                     .max = 0.02,
                                     .doc = "Of the discs: the smaller, the smaller is epsilon."},
                                    {.key = "rtol",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(clusters, rtol),
                                     .fallback = "1e-6",
                                     .min = 1e-9,
                                     .max = 1e-5,
                                     .doc = "Relative tolerance of the integrator."},
                                    {.key = "end",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(clusters, end),
                                     .fallback = "1",
                                     .min = 0.1,
                                     .max = 10,
                                     .doc = "Last time."}};

enum { PER_CLUSTER = 8, OUTPUTS = 21 };

/* A flow: a loss, and an item of `flows` in YAML. */
typedef struct {
    long space, psi, activation, hidden;
    double tau;
    const char *flow;
    double epsilon; /* of the kernel of the bound */
} motion;

/* A flow with int sum_k |g_k| dt as a second integral, and what it keeps. */
typedef struct {
    const cf_ode *inner;
    cf_claim_slope slope;
    size_t n, d;
    double *g;      /* [n*d] */
    double *start;  /* [n*d] h(0) */
    double epsilon; /* of the bound */
    double change;  /* largest |(h_i - h_j)(t) - (h_i - h_j)(0)| within a cluster */
    double part;    /* largest growth of |h_i - h_j| as a part of its bound */
} follower;

static cf_status rhs(void *system, double t, const double *h, double *hdot, double *rates,
                     cf_err *err)
{
    follower *f = system;
    cf_status status = f->inner->rhs(f->inner->system, t, h, hdot, rates, err);
    if (status == CF_OK)
        status = cf_claim_slope_at(&f->slope, h, f->g, err);
    rates[1] = 0;
    for (size_t i = 0; i < f->n && status == CF_OK; i++) {
        double square = 0;
        for (size_t k = 0; k < f->d; k++)
            square += f->g[i * f->d + k] * f->g[i * f->d + k];
        rates[1] += sqrt(square);
    }
    return status;
}

/* |h_i - h_j| at t and at 0, and the size of the difference of the two vectors. */
static void distances(const follower *f, const double *h, size_t i, size_t j, double out[3])
{
    double square[3] = {0};
    for (size_t k = 0; k < f->d; k++) {
        double now = h[i * f->d + k] - h[j * f->d + k];
        double then = f->start[i * f->d + k] - f->start[j * f->d + k];
        square[0] += now * now;
        square[1] += then * then;
        square[2] += (now - then) * (now - then);
    }
    for (int k = 0; k < 3; k++)
        out[k] = sqrt(square[k]);
}

static cf_status output(void *context, double t, const double *h, const double *q, cf_err *err)
{
    (void)err;
    follower *f = context;
    const int *labels = f->slope.setup->data->labels;
    for (size_t i = 0; i < f->n && t > 0; i++)
        for (size_t j = 0; j < i; j++) {
            double at[3];
            if (labels[i] != labels[j])
                continue;
            distances(f, h, i, j, at);
            f->change = cf_claim_worst(f->change, at[2]);
            f->part = cf_claim_worst(f->part, (at[0] - at[1]) / (f->epsilon * q[1]));
        }
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

static cf_status integrate(const clusters *o, const cf_flow *flow, follower *f, cf_err *err)
{
    cf_ode ode = *cf_flow_ode(flow);
    cf_integration run;
    double times[OUTPUTS];
    const cf_integrator_options options = {CF_METHOD_ADAMS, o->rtol, o->rtol / 1000, 20};
    const cf_integration_calls calls = {.context = f, .output = output, .event = event};
    for (size_t k = 0; k < OUTPUTS; k++)
        times[k] = o->end * (double)k / (OUTPUTS - 1);
    f->inner = cf_flow_ode(flow);
    ode.system = f;
    ode.quadratures = 2;
    ode.roots = 0;
    ode.rhs = rhs;
    cf_status status = cf_integrate(&ode, &options, times, OUTPUTS, f->start, &calls, &run, err);
    if (status == CF_OK && run.outcome != CF_RUN_COMPLETE)
        status = cf_fail(err, CF_ENUMERIC, "%s", run.failure.message);
    return status;
}

static cf_status open_flow(const clusters *o, const motion *m, cf_claim_subject *subject,
                           cf_claim_log *log, cf_err *err)
{
    return cf_claim_open(log, subject, err,
                         "format: 1\n"
                         "data: {kind: discs, radius: %g, points-per-cluster: %d}\n"
                         "latent: %s\nstart: {kind: near-point, spread: 0.3}\n"
                         "loss: {psi: %s, tau: %g}\nflows: [{%s}]\nsums: {engine: direct}\n",
                         o->radius, (int)PER_CLUSTER, cf_claim_smooth_spaces[m->space],
                         cf_psi_names[m->psi], m->tau, m->flow);
}

/* Follows the flow to its end. */
static cf_status follow(const clusters *o, const motion *m, follower *f, cf_claim_log *log,
                        cf_err *err)
{
    cf_claim_subject subject;
    *f = (follower){.epsilon = m->epsilon, .part = -INFINITY};
    cf_status status = open_flow(o, m, &subject, log, err);
    if (status == CF_OK) {
        const cf_flow_setup *setup = &subject.assembly->setup;
        f->n = setup->data->n;
        f->d = setup->latent.dimension;
        f->g = cf_allocate("gradient", f->n * f->d, sizeof(double), err);
        f->start = cf_duplicate("start", cf_flow_start(subject.assembly->flow), f->n * f->d,
                                sizeof(double), err);
        status = f->g == NULL || f->start == NULL ? CF_ESYSTEM
                                                  : cf_claim_slope_create(setup, &f->slope, err);
    }
    if (status == CF_OK)
        status = integrate(o, subject.assembly->flow, f, err);
    cf_claim_slope_release(&f->slope);
    free(f->g);
    free(f->start);
    cf_claim_close(&subject);
    return status;
}

/* --- conservation --- */

static cf_status find_change(const clusters *o, const motion *m, bool control, cf_claim_log *log,
                             cf_err *err)
{
    follower f;
    cf_status status = follow(o, m, &f, log, err);
    const cf_finding finding = {"largest change of h_i - h_j within a cluster",
                                CF_RULE_AT_MOST,
                                o->rtol,
                                f.change,
                                0,
                                control};
    if (status != CF_OK)
        return status;
    return cf_claim_find(log, &finding, err, "%s kernel, %s, psi %s, tau %g",
                         control ? cf_activation_names[m->activation] : "block",
                         cf_claim_space_names[m->space], cf_psi_names[m->psi], m->tau);
}

static cf_status check_conservation(const clusters *o, motion m, cf_claim_log *log, cf_err *err)
{
    char flow[128];
    m.flow = "kind: neural, kernel: {kind: block, matrix: [[1, 0.3, 0.2, -0.1], [0.3, 1.5, 0, "
             "0.4], [0.2, 0, 1, 0.1], [-0.1, 0.4, 0.1, 2]]}";
    m.epsilon = 1;
    cf_status status = find_change(o, &m, false, log, err);
    m.activation = o->activation.values[0];
    snprintf(flow, sizeof flow, "kind: neural, kernel: {activation: %s}",
             cf_activation_names[m.activation]);
    m.flow = flow;
    return status == CF_OK ? find_change(o, &m, true, log, err) : status;
}

/* --- the bound --- */

/* max over pairs i, j of a cluster and all k of |Theta_ik - Theta_jk|. */
static cf_status epsilon_of(const clusters *o, const motion *m, double *epsilon, cf_claim_log *log,
                            cf_err *err)
{
    cf_claim_subject subject;
    double *theta = NULL;
    cf_status status = open_flow(o, m, &subject, log, err);
    if (status == CF_OK) {
        const cf_data *data = subject.assembly->setup.data;
        const cf_mlp mlp = {m->hidden, (int)m->activation, 0.2, 1, 0.1};
        size_t n = data->n;
        theta = cf_allocate("kernel", n * n, sizeof *theta, err);
        status = theta == NULL
                     ? CF_ESYSTEM
                     : cf_mlp_kernel(&mlp, data->points, n, data->dimension, NULL, theta, err);
        *epsilon = 0;
        for (size_t i = 0; i < n && status == CF_OK; i++)
            for (size_t j = 0; j < i; j++)
                for (size_t k = 0; k < n && data->labels[i] == data->labels[j]; k++)
                    *epsilon = cf_claim_worst(*epsilon, fabs(theta[i * n + k] - theta[j * n + k]));
    }
    free(theta);
    cf_claim_close(&subject);
    return status;
}

static cf_status find_part(const clusters *o, const motion *m, bool control, cf_claim_log *log,
                           cf_err *err)
{
    follower f;
    cf_status status = follow(o, m, &f, log, err);
    const cf_finding finding = {"largest growth of |h_i - h_j| / (epsilon int sum_k |g_k| dt)",
                                CF_RULE_AT_MOST,
                                1,
                                f.part,
                                0,
                                control};
    if (status != CF_OK)
        return status;
    return cf_claim_find(log, &finding, err, "%s%s, %ld hidden, %s, psi %s, tau %g, epsilon %.2g",
                         control ? "vanilla flow, epsilon of " : "",
                         cf_activation_names[m->activation], m->hidden,
                         cf_claim_space_names[m->space], cf_psi_names[m->psi], m->tau, m->epsilon);
}

static cf_status check_bound(const clusters *o, motion m, cf_claim_log *log, cf_err *err)
{
    char flow[128];
    snprintf(flow, sizeof flow,
             "kind: neural, kernel: {activation: %s, hidden-layers: %ld, weight-variance: 1, "
             "bias-variance: 0.1}",
             cf_activation_names[m.activation], m.hidden);
    m.flow = flow;
    cf_status status = epsilon_of(o, &m, &m.epsilon, log, err);
    if (status == CF_OK)
        status = find_part(o, &m, false, log, err);
    m.flow = "kind: vanilla";
    return status == CF_OK ? find_part(o, &m, true, log, err) : status;
}

static cf_status check_loss(const clusters *o, motion m, cf_claim_log *log, cf_err *err)
{
    cf_status status = check_conservation(o, m, log, err);
    for (size_t a = 0; a < o->activation.count; a++)
        for (size_t h = 0; h < o->hidden.count && status == CF_OK; h++) {
            m.activation = o->activation.values[a];
            m.hidden = o->hidden.values[h];
            status = check_bound(o, m, log, err);
        }
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const clusters *o = options;
    cf_status status = CF_OK;
    for (size_t s = 0; s < o->space.count; s++)
        for (size_t p = 0; p < o->psi.count; p++)
            for (size_t t = 0; t < o->tau.count && status == CF_OK; t++) {
                const motion m = {
                    .space = o->space.values[s], .psi = o->psi.values[p], .tau = o->tau.values[t]};
                status = check_loss(o, m, log, err);
            }
    return status;
}

const cf_claim cf_claim_clusters = {
    .kind = {"C10",
             "With a kernel that depends on the two clusters only, the differences of points of a "
             "cluster are conserved; if its rows differ by at most epsilon within a cluster, the "
             "distances grow by at most epsilon int sum_k |dL/dh_k| dt.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(clusters)},
    .title = "clusters move as one",
    .source = "from E7 with the kernels of section 4; E107",
    .hypothesis = "the kernel that moves the points is block-constant, or has this epsilon",
    .control = "a kernel that is not block-constant; the vanilla flow, whose kernel is diagonal, "
               "with the epsilon of another",
    .quick = "{space: [circle, plane], psi: log1p, hidden-layers: 1}",
    .full =
        "{space: [circle, sphere, line, plane], psi: [log1p, log, identity], activation: [relu, "
        "leaky-relu, abs, erf, tanh, gelu, softplus], hidden-layers: [1, 2, 4], tau: [0.1, "
        "0.5]}",
    .seconds = {5, 1, 60},
    .check = check};
