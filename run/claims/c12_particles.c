/* C12: independent particles approach their density or field like n^-1/2, and densities, as their
 * grids are refined, in the order of the scheme. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../compare_internal.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/memory.h"
#include "slope.h"
#include "subject.h"

typedef struct {
    cf_integers limit;
    cf_reals times;
    long first, counts, seeds;
    double tau;
} particles;

/* What the particles of a latent space approach, by the distance that sees no gaps between nodes;
 * `%g` of the starts is their width. */
typedef struct {
    const char *space, *start, *limit, *flow, *distance;
    double width;
    bool transport;
} approach;

static const char *const limit_names[] = {"circle", "sphere", "line", "field", NULL};
#define NEAR_POINT "{kind: near-point, spread: %g, seed: %ld}"
#define DENSITY "kind: vanilla, representation: density"
#define KERNEL "kernel: {activation: erf, weight-variance: 2, bias-variance: 0.1}"
static const approach approaches[] = {
    {"{space: sphere, dimension: 2}", NEAR_POINT, DENSITY, "kind: vanilla", "W1", 0.3, true},
    {"{space: sphere, dimension: 3}", NEAR_POINT, DENSITY ", grid: {nodes: 32}", "kind: vanilla",
     "discrepancy", 0.3, false},
    {"{space: euclidean, dimension: 1}", NEAR_POINT, DENSITY, "kind: vanilla", "W1", 0.3, true},
    {"{space: sphere, dimension: 2}",
     "{kind: linear, matrix: [[0.05, 0.1], [0.2, 0.1]], spread: %g, seed: %ld}",
     "kind: neural, representation: field, nodes: 8, start-nodes: 4, " KERNEL,
     "kind: neural, " KERNEL, "discrepancy", 0.2, false}};

static const double SLOPE = -0.5, TOLERANCE = 0.1;
static const double WIDER = 2; /* of the control: the start of the particles */
enum { CONTROL_SEEDS = 4, MOST_TIMES = 8 };

static const cf_option OPTIONS[] = {
    {.key = "limit",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(particles, limit),
     .fallback = "[circle, sphere, line, field]",
     .choices = limit_names,
     .doc = "Densities of the vanilla flow on the circle, S^2 or the line; the field of a neural "
            "flow on the circle."},
    {.key = "times",
     .type = CF_OPTION_REALS,
     .offset = offsetof(particles, times),
     .fallback = "[0.1, 1]",
     .min = 0.01,
     .max = 1,
     .doc = "Increasing times; later, repulsion evens the particles out."},
    {.key = "first",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(particles, first),
     .fallback = "25",
     .min = 20,
     .max = 1000,
     .doc = "Smallest number of particles in each of four clusters."},
    {.key = "counts",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(particles, counts),
     .fallback = "3",
     .min = 3,
     .max = 6,
     .doc = "Numbers of particles, each four times the one before."},
    {.key = "seeds",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(particles, seeds),
     .fallback = "24",
     .min = 16,
     .max = 200,
     .doc = "Samples of every size."},
    {.key = "tau",
     .type = CF_OPTION_REAL,
     .offset = offsetof(particles, tau),
     .fallback = "0.1",
     .min = 0.1,
     .max = 1,
     .doc = "Temperature."}};

/* --- particles --- */

/* The problem of a flow at the times, for cf_claim_run and cf_claim_open. */
static void describe(const particles *o, const approach *a, double width, long seed,
                     char start[128], char times[256])
{
    snprintf(start, 128, a->start, width, seed + 1000);
    times[0] = '\0';
    for (size_t k = 0; k < o->times.count; k++)
        snprintf(times + strlen(times), 256 - strlen(times), "%s%.15g", k > 0 ? ", " : "",
                 o->times.values[k]);
}

#define PROBLEM                                                                                    \
    "format: 1\n"                                                                                  \
    "data: {kind: discs, radius: 0.3, points-per-cluster: %ld, seed: %ld}\n"                       \
    "latent: %s\nstart: %s\nloss: {psi: log1p, tau: %g}\n"                                         \
    "flows: [{name: flow, %s}]\ntime: {end: %.15g, outputs: [%s]}\n"                               \
    "sums: {tolerance: 1e-10}\n"

static cf_status run_limit(const particles *o, const approach *a, cf_result **result,
                           cf_claim_log *log, cf_err *err)
{
    char start[128], times[256];
    describe(o, a, a->width, 0, start, times);
    return cf_claim_run(log, result, err, PROBLEM, 10L, 1L, a->space, start, o->tau, a->limit,
                        o->times.values[o->times.count - 1], times);
}

/* Latent points [times][n*d] of a flow, without its observers. */
typedef struct {
    const cf_flow_setup *setup;
    double *points, *radii, *next;
} keeper;

static cf_status output(void *context, double t, const double *h, const double *q, cf_err *err)
{
    (void)q;
    keeper *k = context;
    const cf_flow_setup *setup = k->setup;
    if (t == 0)
        return CF_OK;
    if (!cf_latent_map(&setup->latent, h, setup->data->n, k->next, k->radii))
        return cf_fail(err, CF_ENUMERIC, "a point has no direction");
    k->next += setup->data->n * setup->latent.dimension;
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

static cf_status integrate(const particles *o, const cf_flow *flow, keeper *k, cf_err *err)
{
    static const cf_integrator_options options = {CF_METHOD_AUTO, 1e-6, 1e-9, 20};
    cf_ode ode = *cf_flow_ode(flow);
    double times[MOST_TIMES + 1] = {0};
    cf_integration run;
    const cf_integration_calls calls = {.context = k, .output = output, .event = event};
    ode.roots = 0;
    memcpy(times + 1, o->times.values, o->times.count * sizeof *times);
    cf_status status = cf_integrate(&ode, &options, times, o->times.count + 1, cf_flow_start(flow),
                                    &calls, &run, err);
    if (status == CF_OK && run.outcome != CF_RUN_COMPLETE)
        status = cf_fail(err, CF_ENUMERIC, "%s", run.failure.message);
    return status;
}

/* Distances [times] of latent points from the limit. */
static cf_status compare(const particles *o, const approach *a, const keeper *k,
                         const cf_result *limit, double *out, cf_err *err)
{
    size_t cursor = 0, n = k->setup->data->n, d = k->setup->latent.dimension;
    cf_flow_view flow;
    cf_flow_next(limit, &cursor, &flow);
    const cf_latent_view latent = {.times = o->times.values,
                                   .points = k->points,
                                   .count = o->times.count,
                                   .samples = n,
                                   .views = 1,
                                   .d = d};
    const cf_compare_side side = {.latent = latent,
                                  .weights = k->setup->data->weights,
                                  .times = o->times.values,
                                  .count = o->times.count,
                                  .d = d};
    const cf_compare_reference reference = {.side = cf_compare_side_of(limit, &flow),
                                            .sphere = k->setup->latent.sphere,
                                            .bandwidth = a->transport ? NAN : sqrt(o->tau)};
    cf_flow_comparison c = {0};
    cf_status status = cf_compare_measures(&reference, &side, &c, err);
    const cf_course *course = a->transport ? &c.transport : &c.discrepancy;
    if (status == CF_OK && course->count != o->times.count)
        status = cf_fail(err, CF_ENUMERIC, "%zu common times", course->count);
    if (status == CF_OK)
        memcpy(out, course->value, o->times.count * sizeof *out);
    cf_flow_comparison_release(&c);
    return status;
}

/* A family of samples against the limit: errors [times][counts*seeds]. */
typedef struct {
    const approach *approach;
    const cf_result *limit;
    double width;
    long seeds;
    double *x, *errors;
} family;

/* A sample of 4 `count` particles: its distances [times] from the limit. */
static cf_status sample(const particles *o, const family *f, long count, long seed, double *out,
                        cf_claim_log *log, cf_err *err)
{
    const approach *a = f->approach;
    char start[128], times[256];
    cf_claim_subject subject;
    keeper k = {0};
    describe(o, a, f->width, seed, start, times);
    cf_status status = cf_claim_open(log, &subject, err, PROBLEM, count, seed, a->space, start,
                                     o->tau, a->flow, o->times.values[o->times.count - 1], times);
    if (status == CF_OK) {
        k.setup = &subject.assembly->setup;
        size_t n = k.setup->data->n, size = n * k.setup->latent.dimension;
        k.points = k.next = cf_allocate("points", o->times.count * size, sizeof(double), err);
        k.radii = cf_allocate("points", n, sizeof(double), err);
        status = k.points == NULL || k.radii == NULL ? CF_ESYSTEM : CF_OK;
    }
    if (status == CF_OK)
        status = integrate(o, subject.assembly->flow, &k, err);
    if (status == CF_OK)
        status = compare(o, a, &k, f->limit, out, err);
    free(k.points);
    free(k.radii);
    cf_claim_close(&subject);
    return status;
}

static cf_status measure(const particles *o, const family *f, cf_claim_log *log, cf_err *err)
{
    cf_status status = CF_OK;
    long count = o->first;
    for (long k = 0; k < o->counts; k++, count *= 4) {
        f->x[k] = 4 * (double)count;
        for (long seed = 0; seed < f->seeds && status == CF_OK; seed++) {
            double at[MOST_TIMES];
            status = sample(o, f, count, seed + 1, at, log, err);
            for (size_t t = 0; t < o->times.count; t++)
                f->errors[((long)t * o->counts + k) * f->seeds + seed] = at[t];
        }
    }
    return status;
}

static cf_status find(const particles *o, const family *f, const char *name, cf_claim_log *log,
                      cf_err *err)
{
    char quantity[64];
    bool control = f->width != f->approach->width;
    cf_status status = CF_OK;
    snprintf(quantity, sizeof quantity, "%s%s", f->approach->distance,
             control ? ", particles from a wider start" : " from the limit");
    for (size_t t = 0; t < o->times.count && status == CF_OK; t++) {
        char parameters[112];
        snprintf(parameters, sizeof parameters, "%s, t %g, n %g..%g", name, o->times.values[t],
                 f->x[0], f->x[o->counts - 1]);
        const cf_claim_slope_finding finding = {quantity,
                                                parameters,
                                                f->x,
                                                f->errors + (long)t * o->counts * f->seeds,
                                                (size_t)o->counts,
                                                (size_t)f->seeds,
                                                SLOPE,
                                                TOLERANCE,
                                                control};
        status = cf_claim_find_slope(log, &finding, err);
    }
    return status;
}

static cf_status check_limit(const particles *o, long which, cf_claim_log *log, cf_err *err)
{
    const approach *a = &approaches[which];
    cf_result *limit = NULL;
    size_t size = o->times.count * (size_t)(o->counts * o->seeds);
    double *x = cf_allocate("errors", (size_t)o->counts + size, sizeof *x, err);
    cf_status status = x == NULL ? CF_ESYSTEM : CF_OK;
    family f = {a, NULL, a->width, o->seeds, x, x + o->counts};
    if (status == CF_OK)
        status = run_limit(o, a, &limit, log, err);
    f.limit = limit;
    if (status == CF_OK)
        status = measure(o, &f, log, err);
    if (status == CF_OK)
        status = find(o, &f, limit_names[which], log, err);
    f.width *= WIDER;
    f.seeds = CONTROL_SEEDS;
    if (status == CF_OK)
        status = measure(o, &f, log, err);
    if (status == CF_OK)
        status = find(o, &f, limit_names[which], log, err);
    cf_result_free(&limit);
    free(x);
    return status;
}

/* --- refinement --- */

enum { LEVELS = 3, CIRCLE_NODES = 64 };
static const double LEAST = 0.01, ENOUGH = 1e-8; /* of exponential convergence */

/* Densities on the circle at t = 0.5 with 1, 2, 4 ... times the nodes. */
static cf_status refine(const char *scheme, long first, cf_result *levels[LEVELS + 1],
                        cf_claim_log *log, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k <= LEVELS && status == CF_OK; k++)
        status = cf_claim_run(log, &levels[k], err,
                              "format: 1\ndata: {kind: discs, points-per-cluster: 1}\n"
                              "start: {kind: near-point, spread: 0.3}\n"
                              "loss: {psi: log1p, tau: 0.1}\n"
                              "flows: [{kind: vanilla, representation: density, grid: {scheme: %s, "
                              "nodes: %ld}}]\n"
                              "time: {end: 0.5, outputs: {spacing: linear, count: 1}}\n"
                              "integrator: {rtol: 1e-10}\n",
                              scheme, first << k);
    return status;
}

/* The mean distance of two densities at the last time, at the nodes of the coarser one. */
static double difference(const cf_result *coarse, const cf_result *fine)
{
    cf_flow_view flows[2];
    cf_density_view a, b;
    size_t cursors[2] = {0};
    if (!cf_flow_next(coarse, &cursors[0], &flows[0]) ||
        !cf_flow_next(fine, &cursors[1], &flows[1]) || !cf_flow_density(&flows[0], &a) ||
        !cf_flow_density(&flows[1], &b))
        return NAN;
    double total = 0;
    const double *x = a.values + (a.count - 1) * a.clusters * a.n;
    const double *y = b.values + (b.count - 1) * b.clusters * b.n;
    for (size_t i = 0; i < a.n; i++)
        total += a.weights[i] * fabs(x[i] - y[i * (b.n / a.n)]);
    return total;
}

static cf_status find_order(const char *scheme, const double *error, bool control,
                            cf_claim_log *log, cf_err *err)
{
    const cf_finding finding = {
        "order, from grids of N, 2 N and 4 N nodes", CF_RULE_EQUAL, 2,
        log2(error[LEVELS - 2] / error[LEVELS - 1]), 0.25,          control};
    return cf_claim_find(log, &finding, err, "circle, %s", scheme);
}

/* The largest factor of the error for twice the nodes, down to what is enough. */
static cf_status find_decay(const char *scheme, const double *error, bool control,
                            cf_claim_log *log, cf_err *err)
{
    double worst = 0;
    for (size_t k = 1; k < LEVELS; k++)
        worst = cf_claim_worst(worst, error[k] <= ENOUGH ? 0 : error[k] / error[k - 1]);
    const cf_finding finding = {"largest factor of the error from twice the nodes",
                                CF_RULE_AT_MOST,
                                LEAST,
                                worst,
                                0,
                                control};
    return cf_claim_find(log, &finding, err, "circle, %s", scheme);
}

static cf_status check_scheme(const char *scheme, long first, bool spectral, cf_claim_log *log,
                              cf_err *err)
{
    cf_result *levels[LEVELS + 1] = {NULL};
    double error[LEVELS];
    cf_status status = refine(scheme, first, levels, log, err);
    for (size_t k = 0; k < LEVELS && status == CF_OK; k++)
        error[k] = difference(levels[k], levels[k + 1]);
    if (status == CF_OK)
        status = find_order(scheme, error, spectral, log, err);
    if (status == CF_OK)
        status = find_decay(scheme, error, !spectral, log, err);
    for (size_t k = 0; k <= LEVELS; k++)
        cf_result_free(&levels[k]);
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const particles *o = options;
    cf_status status = CF_OK;
    if (o->times.count > MOST_TIMES)
        return cf_fail(err, CF_EINPUT, "times: %zu of them: at most %d", o->times.count,
                       (int)MOST_TIMES);
    for (size_t k = 0; k < o->limit.count && status == CF_OK; k++)
        status = check_limit(o, o->limit.values[k], log, err);
    if (status == CF_OK)
        status = check_scheme("finite-volumes", 2 * CIRCLE_NODES, false, log, err);
    return status == CF_OK ? check_scheme("spectral", CIRCLE_NODES, true, log, err) : status;
}

const cf_claim cf_claim_particles = {
    .kind = {"C12",
             "The distance of n independent particles from the density, or the field, that they "
             "sample falls like n^-1/2 at a fixed time, and densities converge with the order of "
             "their scheme: finite volumes with the second, harmonics exponentially.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(particles)},
    .title = "particles, densities and fields",
    .source = "E15, E16 as limits of E6, E7; E28, E30, E53",
    .hypothesis = "the particles are independent draws of the law of the density, and t is small "
                  "enough that repulsion has not evened them out",
    .control = "particles drawn from a law twice as wide; the order of the other scheme",
    .quick = "{limit: circle, times: 0.1, first: 20, seeds: 16}",
    .full = "{counts: 4, seeds: 50, times: [0.1, 0.3, 1]}",
    .seconds = {60, 3, 3600},
    .figure = {"particles n", "distance", "Means over samples; lines have the predicted slope.",
               true, true},
    .check = check};
