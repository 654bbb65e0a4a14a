/* Counts what an integrator spends on E6 (Psi = log, rtol 1e-6) from four tight clusters: on the
 * approach to equilibrium of 1000 points, until the largest speed is below 1e-6 or t = 10^4, and on
 * a million points on the circle until the loss is within 1e-6 of the uniform one. Right-hand sides
 * and Jacobian products cost alike. A line of JSON a run.
 * Usage: bench-tails THREADS [--quick] */
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contraflow/models/flow.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/threads.h"

static const double PI = 3.14159265358979323846, SPREAD = 0.01, SMALL = 1e-6, END = 1e4;

typedef struct {
    size_t n, d;
    double tau;
    cf_method method;
    bool quick, by_loss; /* also with --quick; ends by the loss, not by the speed */
} tail;

static const tail tails[] = {
    {1000, 2, 0.1, CF_METHOD_BDF, false, false},   {1000, 2, 0.01, CF_METHOD_BDF, true, false},
    {1000, 3, 0.1, CF_METHOD_BDF, false, false},   {1000, 3, 0.01, CF_METHOD_BDF, false, false},
    {1000, 2, 0.1, CF_METHOD_AUTO, true, false},   {1000, 2, 0.01, CF_METHOD_AUTO, true, false},
    {1000, 3, 0.1, CF_METHOD_AUTO, false, false},  {1000, 3, 0.01, CF_METHOD_AUTO, false, false},
    {1000000, 2, 0.1, CF_METHOD_AUTO, false, true}};

/* A flow that stops where it has become slow, or its loss small; what is evaluated for that is not
 * counted. */
typedef struct {
    cf_flow *observed;
    const cf_ode *flow;
    const tail *tail;
    double *velocity, uniform;
} slowing;

static cf_status rhs(void *system, double t, const double *y, double *ydot, double *qdot,
                     cf_err *err)
{
    const cf_ode *flow = ((slowing *)system)->flow;
    return flow->rhs(flow->system, t, y, ydot, qdot, err);
}

static cf_status linearize(void *system, double t, const double *y, cf_err *err)
{
    const cf_ode *flow = ((slowing *)system)->flow;
    return flow->linearize(flow->system, t, y, err);
}

static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    const cf_ode *flow = ((slowing *)system)->flow;
    return flow->jacobian_times(flow->system, v, jv, jq, err);
}

static cf_status precondition(void *system, double gamma, const double *r, double *z, cf_err *err)
{
    const cf_ode *flow = ((slowing *)system)->flow;
    return flow->precondition(flow->system, gamma, r, z, err);
}

static cf_status factor(void *system, double gamma, cf_err *err)
{
    const cf_ode *flow = ((slowing *)system)->flow;
    return flow->factor(flow->system, gamma, err);
}

static cf_status goal(void *system, double t, const double *y, double *g, cf_err *err)
{
    slowing *s = system;
    size_t n = s->tail->n, d = s->tail->d;
    double dissipation, largest = 0;
    if (s->tail->by_loss) {
        cf_flow_state state;
        cf_status status = cf_flow_observe(s->observed, t, y, &state, err);
        *g = status == CF_OK ? (state.loss - s->uniform) / SMALL - 1 : 0;
        return status;
    }
    cf_status status = rhs(s, t, y, s->velocity, &dissipation, err);
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++)
            square += s->velocity[i * d + k] * s->velocity[i * d + k];
        largest = fmax(largest, square);
    }
    *g = sqrt(largest) / SMALL - 1;
    return status;
}

static cf_ode slowing_ode(slowing *s)
{
    cf_ode ode = *s->flow;
    ode.system = s;
    ode.rhs = rhs;
    ode.linearize = linearize;
    ode.jacobian_times = jacobian_times;
    ode.precondition = ode.precondition != NULL ? precondition : NULL;
    ode.factor = ode.factor != NULL ? factor : NULL;
    ode.roots = 1;
    ode.root = goal;
    return ode;
}

/* Clusters around the corners of a square or a regular tetrahedron. */
static void set_start(size_t n, size_t d, double *z)
{
    static const double corner[4][3] = {{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}};
    const cf_random random = {1, CF_STREAM_PROBE};
    for (size_t i = 0; i < n; i++) {
        double *zi = z + i * d, square = 0;
        double angle = PI / 2 * (double)(i % 4);
        for (size_t k = 0; k < d; k++) {
            double center =
                d == 2 ? (k == 0 ? cos(angle) : sin(angle)) : corner[i % 4][k] / sqrt(3);
            zi[k] = center + SPREAD * cf_random_normal(random, i, (uint32_t)k);
            square += zi[k] * zi[k];
        }
        for (size_t k = 0; k < d; k++)
            zi[k] /= sqrt(square);
    }
}

static cf_status ignore(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)err;
    return CF_OK;
}

static cf_status stop_at_goal(void *context, double t, const double *y, const double *q,
                              size_t root, int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)err;
    *stop = direction < 0;
    return CF_OK;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void put_out(const tail *c, const cf_flow *flow, const cf_integration *result, double taken)
{
    printf("{\"n\": %zu, \"sphere\": %zu, \"tau\": %g, \"method\": \"%s\", \"t\": %.1f, \"steps\": "
           "%ld, \"right_hand_sides\": %ld, \"jacobian_products\": %ld, \"threads\": %d, "
           "\"seconds\": %.3f, \"engine\": \"%s\"}\n",
           c->n, c->d - 1, c->tau, result->method, result->t, result->counts.steps,
           result->counts.rhs_evaluations + result->counts.linearizations,
           result->counts.jacobian_products, cf_threads(), taken, cf_flow_engine(flow));
    fflush(stdout);
}

static cf_status follow(const tail *c, double *weights, double *start, double *velocity,
                        cf_err *err)
{
    for (size_t i = 0; i < c->n; i++)
        weights[i] = 1 / (double)c->n;
    set_start(c->n, c->d, start);
    const cf_data data = {.n = c->n, .dimension = c->d, .points = start, .weights = weights};
    const cf_flow_setup setup = {.data = &data,
                                 .latent = {.sphere = true, .dimension = c->d},
                                 .loss = {.psi = cf_psi_rows[1],
                                          .eta = {cf_eta_rows[0], c->tau, 0},
                                          .engine = CF_SUMS_AUTO,
                                          .tolerance = 1e-12},
                                 .start = start};
    const cf_integrator_options options = {c->method, 1e-6, 1e-9, 20};
    const cf_integration_calls calls = {.output = ignore, .event = stop_at_goal};
    cf_flow *flow = NULL;
    cf_integration result = {0};
    cf_status status = cf_flow_kind_find("vanilla", "particles")->create(&setup, &flow, err);
    if (status != CF_OK)
        return status;
    slowing s = {.observed = flow, .flow = cf_flow_ode(flow), .tail = c, .velocity = velocity};
    cf_bessel_scaled(1 / c->tau, 1, &s.uniform);
    s.uniform = log(s.uniform);
    const cf_ode ode = slowing_ode(&s);
    double began = seconds();
    status = cf_integrate(&ode, &options, (double[]){0, END}, 2, cf_flow_start(flow), &calls,
                          &result, err);
    put_out(c, flow, &result, seconds() - began);
    if (status == CF_OK && result.outcome == CF_RUN_FAILED)
        status = cf_fail(err, CF_ENUMERIC, "%s", result.failure.message);
    if (status == CF_OK && c->by_loss && result.outcome != CF_RUN_STOPPED_BY_EVENT)
        status = cf_fail(err, CF_ENUMERIC, "%zu points do not reach the uniform loss", c->n);
    cf_flow_free(&flow);
    return status;
}

int main(int argc, char **argv)
{
    cf_err err = {0};
    bool quick = argc > 2 && strcmp(argv[2], "--quick") == 0;
    cf_status status = CF_OK;
    cf_set_threads(argc > 1 ? strtol(argv[1], NULL, 10) : 0);
    for (size_t k = 0; k < sizeof tails / sizeof *tails && status == CF_OK; k++) {
        const tail *c = &tails[k];
        if (quick && !c->quick)
            continue;
        double *weights = cf_allocate("masses", c->n, sizeof *weights, &err);
        double *points = cf_allocate("points", 2 * c->n * c->d, sizeof *points, &err);
        status = weights == NULL || points == NULL
                     ? CF_ESYSTEM
                     : follow(c, weights, points, points + c->n * c->d, &err);
        free(weights);
        free(points);
    }
    if (status != CF_OK)
        fprintf(stderr, "bench-tails: %s\n", err.message);
    return status == CF_OK ? 0 : 1;
}
