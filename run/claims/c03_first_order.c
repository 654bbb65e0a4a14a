/* C3: at a local minimizer the first variation has no slope on the support. Minimizers are found by
 * the vanilla flow and Newton's method; the slope is taken from the flow, and from differences of
 * the first variation itself. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "contraflow/models/start.h"
#include "contraflow/models/stationary.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/memory.h"

typedef struct {
    cf_reals tau;
    cf_integers psi, eta, dimension;
    double exponent;
    long points, seed;
} first_order;

static const cf_option OPTIONS[] = {{.key = "tau",
                                     .type = CF_OPTION_REALS,
                                     .offset = offsetof(first_order, tau),
                                     .fallback = "[0.1, 0.5]",
                                     .min = 0.1,
                                     .max = 5,
                                     .doc = "Temperatures."},
                                    {.key = "psi",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(first_order, psi),
                                     .fallback = "[log1p, log, identity]",
                                     .choices = cf_psi_names,
                                     .doc = "Psi of the loss."},
                                    {.key = "eta",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(first_order, eta),
                                     .fallback = "[exponential, power]",
                                     .choices = cf_eta_names,
                                     .doc = "Profiles."},
                                    {.key = "exponent",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(first_order, exponent),
                                     .fallback = "1.5",
                                     .min = 0.25,
                                     .max = 8,
                                     .doc = "Of the power profile."},
                                    {.key = "dimension",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(first_order, dimension),
                                     .fallback = "[2, 3, 4]",
                                     .min = 2,
                                     .max = 6,
                                     .doc = "Of the space in which the sphere lies."},
                                    {.key = "points",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(first_order, points),
                                     .fallback = "9",
                                     .min = 3,
                                     .max = 30,
                                     .doc = "Points, of unequal masses."},
                                    {.key = "seed",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(first_order, seed),
                                     .fallback = "1",
                                     .min = 0,
                                     .max = 1e9,
                                     .doc = "Of the random start."}};

/* Of slopes relative to the forces that they are the sum of: by E5, and by differences (C2). */
static const double TOLERANCE = 1e-12, DIFFERENCES = 1e-9;

/* One loss and its points. */
typedef struct {
    cf_loss_parameters loss;
    size_t n, d;
    double *z, *masses, *phi; /* [(n+1)*d], [n+1], [n+1]: the last point probes, and has no mass */
} subject;

static cf_status open_subject(const first_order *o, subject *s, cf_err *err)
{
    const cf_latent latent = {.sphere = true, .dimension = s->d};
    size_t n = s->n, rows = n + 1;
    double total = 0;
    s->z = cf_allocate("points", rows * (s->d + 2), sizeof *s->z, err);
    if (s->z == NULL)
        return CF_ESYSTEM;
    s->masses = s->z + rows * s->d;
    s->phi = s->masses + rows;
    cf_start_random(&latent, (uint64_t)o->seed, n, s->z);
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t k = 0; k < s->d; k++)
            square += s->z[i * s->d + k] * s->z[i * s->d + k];
        for (size_t k = 0; k < s->d; k++)
            s->z[i * s->d + k] /= sqrt(square);
        total += s->masses[i] = 1 + 0.3 * sin((double)(i + 1));
    }
    for (size_t i = 0; i < n; i++)
        s->masses[i] /= total;
    return CF_OK;
}

/* --- towards the minimizer --- */

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)t, (void)q, (void)err;
    subject *s = context;
    memcpy(s->z, y, s->n * s->d * sizeof *y);
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

/* The vanilla flow for a time in which even weak forces of far points do their work. */
static cf_status descend(subject *s, cf_err *err)
{
    static const cf_integrator_options options = {CF_METHOD_BDF, 1e-6, 1e-9, 20};
    const double times[2] = {0, 1e6};
    const cf_data data = {s->n, s->d, s->z, s->masses, NULL, 0};
    const cf_flow_setup setup = {.data = &data,
                                 .latent = {.sphere = true, .dimension = s->d},
                                 .loss = s->loss,
                                 .start = s->z,
                                 .threshold = 0.9};
    const cf_integration_calls calls = {.context = s, .output = output, .event = event};
    cf_integration run;
    cf_flow *flow = NULL;
    cf_status status = cf_flow_kind_find("vanilla", "particles")->create(&setup, &flow, err);
    if (status == CF_OK)
        status = cf_integrate(cf_flow_ode(flow), &options, times, 2, cf_flow_start(flow), &calls,
                              &run, err);
    if (status == CF_OK && run.outcome != CF_RUN_COMPLETE)
        status = cf_fail(err, CF_ENUMERIC, "%s", run.failure.message);
    cf_flow_free(&flow);
    return status;
}

/* Newton's method; how many modes would lower the loss. */
static cf_status polish(subject *s, size_t *unstable, cf_err *err)
{
    const cf_stationary_setup setup = {&s->loss, s->masses, s->n, s->d};
    static const cf_stationary_options options = {.steps = 50, .tolerance = 1e-15};
    cf_stationary *state = NULL;
    for (size_t i = 0; i < s->n; i++) { /* the flow keeps norms to its tolerance only */
        double square = 0;
        for (size_t k = 0; k < s->d; k++)
            square += s->z[i * s->d + k] * s->z[i * s->d + k];
        for (size_t k = 0; k < s->d; k++)
            s->z[i * s->d + k] /= sqrt(square);
    }
    cf_status status = cf_stationary_create(&setup, &options, s->z, &state, err);
    if (status == CF_OK)
        *unstable = state->unstable;
    cf_stationary_free(&state);
    return status;
}

/* --- slopes --- */

/* phi along a great circle through a point of the support. */
typedef struct {
    subject *s;
    cf_loss *loss;
    size_t point, axis;
} probe;

/* At the angle `step` from z_i towards the part of an axis that is tangential. */
static double variation(void *context, double step)
{
    probe *p = context;
    subject *s = p->s;
    size_t d = s->d;
    const double *z = s->z + p->point * d;
    double *at = s->z + s->n * d, norm = sqrt(1 - z[p->axis] * z[p->axis]);
    for (size_t k = 0; k < d; k++) {
        double tangent = ((k == p->axis ? 1 : 0) - z[p->axis] * z[k]) / norm;
        at[k] = cos(step) * z[k] + sin(step) * tangent;
    }
    cf_loss_first_variation(p->loss, s->z, s->phi);
    return s->phi[s->n];
}

/* The largest slope, relative to the range of phi over one length sqrt(tau). */
static cf_status largest_slope(subject *s, double *largest, cf_err *err)
{
    probe p = {.s = s};
    double scale = fmin(sqrt(s->loss.eta.tau), 1);
    cf_status status = cf_loss_create(&s->loss, s->masses, s->n + 1, s->d, &p.loss, err);
    *largest = 0;
    for (size_t k = 0; k < s->n * s->d && status == CF_OK; k++) {
        p.point = k / s->d;
        p.axis = k % s->d;
        if (fabs(s->z[k]) > 0.9)
            continue;
        double slope = fabs(cf_claim_difference(variation, &p, 0.01 * scale)) * scale;
        double size = fabs(variation(&p, 0));
        *largest = slope <= *largest * size ? *largest : slope / size;
    }
    cf_loss_free(&p.loss);
    return status;
}

static cf_status measure(subject *s, double slopes[2], cf_err *err)
{
    const cf_claim_points points = {s->n, s->d, s->z, s->masses, NULL, 0};
    cf_status status = cf_claim_speed(&s->loss, &points, &slopes[0], err);
    return status == CF_OK ? largest_slope(s, &slopes[1], err) : status;
}

static cf_status find(const subject *s, const char *quantity, double tolerance, double measured,
                      bool control, cf_claim_log *log, cf_err *err)
{
    const cf_finding finding = {quantity, CF_RULE_EQUAL, 0, measured, tolerance, control};
    return cf_claim_find(log, &finding, err, "d %zu, tau %g, psi %s, eta %s, n %zu", s->d,
                         s->loss.eta.tau, s->loss.psi->name, s->loss.eta.row->name, s->n);
}

static cf_status check_subject(subject *s, cf_claim_log *log, cf_err *err)
{
    double before[2], after[2];
    size_t unstable = 0;
    cf_status status = measure(s, before, err);
    if (status == CF_OK)
        status = descend(s, err);
    if (status == CF_OK)
        status = polish(s, &unstable, err);
    if (status == CF_OK)
        status = measure(s, after, err);
    if (status == CF_OK)
        status =
            find(s, "unstable modes of the end of the flow", 0, (double)unstable, false, log, err);
    if (status == CF_OK)
        status = find(s, "slope of phi by E5, relative", TOLERANCE, after[0], false, log, err);
    if (status == CF_OK)
        status = find(s, "slope of phi by differences, relative", DIFFERENCES, after[1], false, log,
                      err);
    if (status == CF_OK)
        status =
            find(s, "slope of phi by E5 at random points", TOLERANCE, before[0], true, log, err);
    return status == CF_OK ? find(s, "slope of phi by differences there", DIFFERENCES, before[1],
                                  true, log, err)
                           : status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const first_order *o = options;
    cf_status status = CF_OK;
    size_t cases = o->tau.count * o->psi.count * o->eta.count;
    for (size_t d = 0; d < o->dimension.count; d++)
        for (size_t k = 0; k < cases && status == CF_OK; k++) {
            size_t row = k / o->tau.count;
            subject s = {.loss = cf_claim_loss_of(o->psi.values[row % o->psi.count],
                                                  o->tau.values[k % o->tau.count], true),
                         .n = (size_t)o->points,
                         .d = (size_t)o->dimension.values[d]};
            s.loss.eta.row = cf_eta_rows[o->eta.values[row / o->psi.count]];
            s.loss.eta.exponent = o->exponent;
            status = open_subject(o, &s, err);
            if (status == CF_OK)
                status = check_subject(&s, log, err);
            free(s.z);
        }
    return status;
}

const cf_claim cf_claim_first_order = {
    .kind = {"C3",
             "At a local minimizer of the loss the first variation has no slope along the sphere "
             "on the support: P_z grad phi(z) = 0.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(first_order)},
    .title = "first-order condition",
    .source = "Proposition 3.1",
    .hypothesis = "a local minimizer, of unequal masses: the end of a vanilla flow, polished",
    .control = "the random points from which the flow began",
    .quick = "{tau: [0.5], dimension: [2, 3], eta: exponential}",
    .full = "{tau: [0.1, 0.2, 0.5, 1, 3], dimension: [2, 3, 4, 5, 6]}",
    .seconds = {2, 1, 20},
    .check = check};
