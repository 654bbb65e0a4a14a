/* C7: the linear decay of the harmonics of a perturbed uniform measure under E6, by the derivative
 * of the flow and along it, on particles and on spectral densities. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/memory.h"

typedef struct {
    cf_reals tau;
    cf_integers psi, dimension, degrees;
} decay;

static const cf_option OPTIONS[] = {{.key = "tau",
                                     .type = CF_OPTION_REALS,
                                     .offset = offsetof(decay, tau),
                                     .fallback = "[0.05, 0.1, 0.3]",
                                     .min = 0.002,
                                     .max = 1,
                                     .doc = "Temperatures."},
                                    {.key = "psi",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(decay, psi),
                                     .fallback = "[log1p, log]",
                                     .choices = cf_psi_names,
                                     .doc = "Psi of the loss."},
                                    {.key = "dimension",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(decay, dimension),
                                     .fallback = "[2, 3]",
                                     .min = 2,
                                     .max = 3,
                                     .doc = "Of the space in which the sphere lies."},
                                    {.key = "degrees",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(decay, degrees),
                                     .fallback = "[1, 2, 3, 5]",
                                     .min = 1,
                                     .max = 20,
                                     .doc = "Degrees l of the harmonics: modes k on the circle."}};

static const double TOLERANCE = 1e-9; /* relative */
enum { SPECTRAL = 1 /* among cf_grid_schemes */ };

/* What is measured. */
typedef struct {
    double tau;
    long psi;
    size_t d, l;
    double rate;    /* predicted */
    double fastest; /* of all degrees */
    double floor;   /* of its rounding */
} mode;

static double rate_of(const mode *m, size_t l, const double *c)
{
    double psi[3];
    cf_claim_psi(m->psi, c[0], psi);
    return -(double)(l * (l + m->d - 2)) * (2 * psi[1] * c[l] + psi[2] * c[l] * c[l]);
}

/* sigma_l = -l(l+d-2) [2 Psi'(c_0) c_l + Psi''(c_0) c_l^2]. Sums of which c_l is one are known to
 * some rounding errors of c_0. */
static cf_status predict(mode *m, cf_err *err)
{
    size_t count = m->l + cf_claim_kernel_degree(m->tau);
    double *c = cf_allocate("multipliers", count, sizeof *c, err), psi[3];
    if (c == NULL)
        return CF_ESYSTEM;
    cf_status status = cf_claim_multipliers(m->tau, m->d, count, c, err);
    if (status == CF_OK) {
        cf_claim_psi(m->psi, c[0], psi);
        m->rate = rate_of(m, m->l, c);
        m->floor = 1e-14 * (double)(m->l * (m->l + m->d - 2)) * 2 * psi[1] * c[0];
        m->fastest = 0;
        for (size_t l = 1; l < count; l++)
            m->fastest = fmax(m->fastest, fabs(rate_of(m, l, c)));
    }
    free(c);
    return status;
}

static cf_status find(const mode *m, const char *quantity, double measured, bool control,
                      cf_claim_log *log, cf_err *err)
{
    const cf_finding finding = {
        quantity, CF_RULE_EQUAL, m->rate, measured, fmax(TOLERANCE * fabs(m->rate), m->floor),
        control};
    return cf_claim_find(log, &finding, err, "d %zu, tau %g, psi %s, l %zu", m->d, m->tau,
                         cf_psi_names[m->psi], m->l);
}

static double product(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* <v, J v>/<v, v> of the derivative J of the flow at its start. */
static cf_status quotient(const cf_flow *flow, const double *v, double *value, cf_err *err)
{
    const cf_ode *ode = cf_flow_ode(flow);
    double *jv = cf_allocate("derivative", ode->size, sizeof *jv, err), jq;
    cf_status status = jv == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = ode->linearize(ode->system, 0, cf_flow_start(flow), err);
    if (status == CF_OK)
        status = ode->jacobian_times(ode->system, v, jv, &jq, err);
    if (status == CF_OK)
        *value = product(v, jv, ode->size) / product(v, v, ode->size);
    free(jv);
    return status;
}

/* --- particles --- */

/* P_l'(t) of the Legendre polynomials in d dimensions, P_l(1) = 1. */
static double legendre_slope(size_t l, size_t d, double t)
{
    double p0 = 1, p1 = t, q0 = 0, q1 = 1;
    for (size_t k = 1; k < l; k++) {
        double a = (double)(2 * k + d - 2), b = (double)k, c = (double)(k + d - 2);
        double p2 = (a * t * p1 - b * p0) / c, q2 = (a * (p1 + t * q1) - b * q0) / c;
        p0 = p1;
        p1 = p2;
        q0 = q1;
        q1 = q2;
    }
    return q1;
}

/* v_i = grad P_l(z_i . e_1), tangential. */
static void gradient_field(const cf_rule *rule, const double *z, size_t l, double *v)
{
    size_t d = rule->dimension;
    for (size_t i = 0; i < rule->n; i++) {
        double t = z[i * d], slope = legendre_slope(l, d, t);
        for (size_t k = 0; k < d; k++)
            v[i * d + k] = slope * ((k == 0 ? 1 : 0) - t * z[i * d + k]);
    }
}

/* Weighted nodes that are uniform for all degrees that matter: 2 order - l is the lowest degree
 * that they take for l. */
static cf_status create_nodes(const mode *m, cf_rule **nodes, double **field, cf_err *err)
{
    size_t order = m->l + cf_claim_kernel_degree(m->tau) / 2 + 1;
    cf_status status = cf_rule_sphere(m->d, order, nodes, err);
    if (status == CF_OK)
        *field = cf_allocate("field", (*nodes)->n * m->d, sizeof **field, err);
    return status == CF_OK && *field == NULL ? CF_ESYSTEM : status;
}

static cf_status particle_flow(const mode *m, const cf_data *data, const double *start,
                               cf_flow **flow, cf_err *err)
{
    const cf_flow_setup setup = {.data = data,
                                 .latent = {.sphere = true, .dimension = m->d},
                                 .loss = cf_claim_loss_of(m->psi, m->tau, true),
                                 .start = start,
                                 .threshold = 0.9};
    return cf_flow_kind_find("vanilla", "particles")->create(&setup, flow, err);
}

static cf_status particle_rate(const mode *m, double by, double *rate, cf_err *err)
{
    cf_rule *nodes = NULL;
    cf_flow *flow = NULL;
    double *field = NULL;
    cf_status status = create_nodes(m, &nodes, &field, err);
    if (status == CF_OK) {
        cf_claim_tilt(nodes->points, nodes->n, m->d, by);
        gradient_field(nodes, nodes->points, m->l, field);
        const cf_data data = {nodes->n, m->d, nodes->points, nodes->weights, NULL, 0};
        status = particle_flow(m, &data, nodes->points, &flow, err);
    }
    if (status == CF_OK)
        status = quotient(flow, field, rate, err);
    cf_flow_free(&flow);
    cf_rule_free(&nodes);
    free(field);
    return status;
}

/* --- densities --- */

/* The flow of the density 1 + amplitude P_l, of one cluster, and what it borrows. */
typedef struct {
    double point[3], weight, amplitude;
    long degree;
    cf_data data;
    cf_start_law law;
    cf_flow *flow;
} subject;

static cf_status open_subject(const mode *m, double amplitude, subject *s, cf_err *err)
{
    const cf_latent latent = {.sphere = true, .dimension = m->d};
    size_t degree = 3 * m->l + cf_claim_kernel_degree(m->tau); /* and a few interactions */
    *s = (subject){.point = {1}, .weight = 1, .degree = (long)m->l, .amplitude = amplitude};
    s->data = (cf_data){1, m->d, s->point, &s->weight, NULL, 0};
    cf_status status = cf_law_perturbed(&latent, &s->degree, &s->amplitude, 1, &s->law, err);
    if (status != CF_OK)
        return status;
    const cf_flow_setup setup = {
        .data = &s->data,
        .latent = latent,
        .loss = cf_claim_loss_of(m->psi, m->tau, true),
        .threshold = 0.9,
        .law = &s->law,
        .grid = {.scheme = SPECTRAL,
                 .nodes = 2 * (long)(m->d == 2 ? 3 * degree / 2 + 1 : 3 * degree / 4 + 2)},
        .tolerance = 1e-10};
    return cf_flow_kind_find("vanilla", "density")->create(&setup, &s->flow, err);
}

static size_t size_of(const subject *s)
{
    return cf_flow_ode(s->flow)->size;
}

/* v, the state of P_l alone. */
static cf_status direction(const mode *m, const subject *uniform, double **v, cf_err *err)
{
    subject full;
    cf_status status = open_subject(m, 0.5, &full, err);
    if (status == CF_OK && size_of(&full) != size_of(uniform))
        status = cf_fail(err, CF_ENUMERIC, "two densities have different bands");
    if (status == CF_OK)
        *v = cf_allocate("direction", size_of(uniform), sizeof **v, err);
    if (status == CF_OK && *v == NULL)
        status = CF_ESYSTEM;
    for (size_t i = 0; status == CF_OK && i < size_of(uniform); i++)
        (*v)[i] = 2 * (cf_flow_start(full.flow)[i] - cf_flow_start(uniform->flow)[i]);
    cf_flow_free(&full.flow);
    return status;
}

/* Along a flow: <y - uniform, v>/<v, v> at every output. */
typedef struct {
    const double *v, *uniform;
    size_t size, count;
    double amplitude[2];
} follower;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)t, (void)q, (void)err;
    follower *f = context;
    double sum = 0;
    for (size_t i = 0; i < f->size; i++)
        sum += (y[i] - f->uniform[i]) * f->v[i];
    f->amplitude[f->count++ > 0] = sum / product(f->v, f->v, f->size);
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction_, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction_, (void)stop, (void)err;
    return CF_OK;
}

/* log(amplitude(T)/amplitude(0))/T, T = 1/rate. */
static cf_status followed_rate(const mode *m, double amplitude, const double *uniform,
                               const double *v, double *rate, cf_err *err)
{
    subject s;
    cf_integration run;
    const double times[2] = {0, 1 / fabs(m->rate)};
    const cf_integrator_options options = {CF_METHOD_ADAMS, 1e-14, 1e-17, 20};
    cf_status status = open_subject(m, amplitude, &s, err);
    follower f = {.v = v, .uniform = uniform};
    const cf_integration_calls calls = {.context = &f, .output = output, .event = event};
    if (status == CF_OK) {
        f.size = size_of(&s);
        status = cf_integrate(cf_flow_ode(s.flow), &options, times, 2, cf_flow_start(s.flow),
                              &calls, &run, err);
    }
    if (status == CF_OK && run.outcome != CF_RUN_COMPLETE)
        status = cf_fail(err, CF_ENUMERIC, "%s", run.failure.message);
    if (status == CF_OK)
        *rate = log(f.amplitude[1] / f.amplitude[0]) / times[1];
    cf_flow_free(&s.flow);
    return status;
}

/* The limit of small amplitudes: both signs, and half of them, by extrapolation. */
static cf_status limit_rate(const mode *m, const double *uniform, const double *v, double *rate,
                            cf_err *err)
{
    static const double amplitude = 2e-3;
    const double amplitudes[] = {amplitude, -amplitude, amplitude / 2, -amplitude / 2};
    const double weights[] = {-1. / 6, -1. / 6, 2. / 3, 2. / 3};
    cf_status status = CF_OK;
    *rate = 0;
    for (int k = 0; k < 4 && status == CF_OK; k++) {
        double one = NAN;
        status = followed_rate(m, amplitudes[k], uniform, v, &one, err);
        *rate += weights[k] * one;
    }
    return status;
}

static cf_status check_density(const mode *m, cf_claim_log *log, cf_err *err)
{
    subject uniform;
    double *v = NULL, rate = NAN;
    cf_status status = open_subject(m, 0, &uniform, err);
    if (status == CF_OK)
        status = direction(m, &uniform, &v, err);
    if (status == CF_OK)
        status = quotient(uniform.flow, v, &rate, err);
    if (status == CF_OK)
        status = find(m, "rate on a density, derivative of the flow", rate, false, log, err);
    /* A slow mode takes as many steps as others have decayed before. */
    bool slow = fabs(m->rate) < 0.02 * m->fastest;
    if (status == CF_OK && !slow)
        status = limit_rate(m, cf_flow_start(uniform.flow), v, &rate, err);
    if (status == CF_OK && !slow)
        status = find(m, "rate on a density, along the flow", rate, false, log, err);
    cf_flow_free(&uniform.flow);
    free(v);
    return status;
}

static cf_status check_mode(mode *m, cf_claim_log *log, cf_err *err)
{
    double rate = NAN;
    cf_status status = predict(m, err);
    if (status == CF_OK)
        status = particle_rate(m, 0, &rate, err);
    if (status == CF_OK)
        status = find(m, "rate on particles, derivative of the flow", rate, false, log, err);
    return status == CF_OK ? check_density(m, log, err) : status;
}

/* The hypothesis broken: the measure is not uniform. */
static cf_status check_tilted(mode *m, cf_claim_log *log, cf_err *err)
{
    double rate = NAN;
    cf_status status = predict(m, err);
    if (status == CF_OK)
        status = particle_rate(m, 0.3, &rate, err);
    return status == CF_OK ? find(m, "rate on particles moved towards e_1", rate, true, log, err)
                           : status;
}

/* Rates against degrees, as far as they are asked for. */
static cf_status draw(const decay *c, mode m, cf_claim_log *log, cf_err *err)
{
    size_t most = 0;
    for (size_t k = 0; k < c->degrees.count; k++)
        most = (size_t)c->degrees.values[k] > most ? (size_t)c->degrees.values[k] : most;
    double l[64], predicted[64], measured[64];
    cf_status status = CF_OK;
    for (size_t k = 0; k < most && status == CF_OK; k++) {
        m.l = k + 1;
        l[k] = (double)m.l;
        status = predict(&m, err);
        predicted[k] = -m.rate;
        if (status == CF_OK)
            status = particle_rate(&m, 0, &measured[k], err);
        measured[k] *= -1;
    }
    cf_claim_curve points = {"", false, l, measured, most}, line = {"", true, l, predicted, most};
    snprintf(points.label, sizeof points.label, "d %zu, tau %g", m.d, m.tau);
    memcpy(line.label, points.label, sizeof line.label);
    if (status == CF_OK)
        status = cf_claim_draw(log, &points, err);
    return status == CF_OK ? cf_claim_draw(log, &line, err) : status;
}

static cf_status check_modes(const decay *c, mode m, cf_claim_log *log, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < c->degrees.count && status == CF_OK; k++) {
        m.l = (size_t)c->degrees.values[k];
        status = check_mode(&m, log, err);
    }
    if (status == CF_OK)
        status = check_tilted(&m, log, err);
    return status == CF_OK && m.psi == c->psi.values[0] ? draw(c, m, log, err) : status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const decay *c = options;
    cf_status status = CF_OK;
    for (size_t d = 0; d < c->dimension.count; d++)
        for (size_t t = 0; t < c->tau.count; t++)
            for (size_t p = 0; p < c->psi.count && status == CF_OK; p++) {
                const mode m = {.tau = c->tau.values[t],
                                .psi = c->psi.values[p],
                                .d = (size_t)c->dimension.values[d]};
                status = check_modes(c, m, log, err);
            }
    return status;
}

const cf_claim cf_claim_decay = {
    .kind = {"C7",
             "Under the vanilla flow the harmonic of degree l of a perturbed uniform measure on "
             "S^{d-1} changes at the linear rate -l(l+d-2)[2 Psi'(c_0) c_l + Psi''(c_0) c_l^2].",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(decay)},
    .title = "linear decay rates of harmonics",
    .source = "theory C7, from E6 at the uniform measure",
    .hypothesis =
        "a small perturbation of the uniform measure, exponential profile; along the flow, "
        "of degrees no more than fifty times slower than the fastest",
    .control = "the measure is moved towards e_1 by 0.3, and no longer uniform",
    .quick = "{tau: [0.1], psi: [log], degrees: [1, 2, 5]}",
    .full = "{tau: [0.005, 0.01, 0.05, 0.1, 0.3, 1], psi: [log1p, log, identity], degrees: [1, 2, "
            "3, 4, 5, 6, 8, 10]}",
    .seconds = {10, 1, 100},
    .figure = {"degree l", "decay rate",
               "Decay rates of harmonics: points by the derivative of the flow on particles, lines "
               "are C7.",
               false, true},
    .check = check};
