/* Counts what an integrator spends on the approach to equilibrium (E6, 1000 points from four tight
 * clusters, Psi = log, rtol 1e-6) until the largest speed is below 1e-6 or t = 10^4: right-hand
 * sides and Jacobian products, which cost alike. One line of JSON a run.
 * Usage: bench-tails [--quick] */
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "contraflow/models/flow.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/random.h"

enum { POINTS = 1000, MOST_D = 3 };

static const double PI = 3.14159265358979323846, SPREAD = 0.01, SLOW = 1e-6, END = 1e4;

typedef struct {
    size_t d;
    double tau;
    cf_method method;
} tail;

static const tail tails[] = {
    {2, 0.1, CF_METHOD_BDF},  {2, 0.01, CF_METHOD_BDF},  {3, 0.1, CF_METHOD_BDF},
    {3, 0.01, CF_METHOD_BDF}, {2, 0.1, CF_METHOD_AUTO},  {2, 0.01, CF_METHOD_AUTO},
    {3, 0.1, CF_METHOD_AUTO}, {3, 0.01, CF_METHOD_AUTO},
};
static const size_t QUICK = 2; /* the first ones */

/* A flow that stops where it has become slow; its right-hand sides for that are not counted. */
typedef struct {
    const cf_ode *flow;
    double velocity[POINTS * MOST_D];
    size_t d;
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

static cf_status speed(void *system, double t, const double *y, double *g, cf_err *err)
{
    slowing *s = system;
    double dissipation, largest = 0;
    cf_status status = rhs(s, t, y, s->velocity, &dissipation, err);
    for (size_t i = 0; i < POINTS; i++) {
        double square = 0;
        for (size_t k = 0; k < s->d; k++)
            square += s->velocity[i * s->d + k] * s->velocity[i * s->d + k];
        largest = fmax(largest, square);
    }
    *g = sqrt(largest) / SLOW - 1;
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
    ode.root = speed;
    return ode;
}

/* Clusters around the corners of a square or a regular tetrahedron. */
static void set_start(size_t d, double *z)
{
    static const double corner[4][3] = {{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}};
    const cf_random random = {1, CF_STREAM_PROBE};
    for (size_t i = 0; i < POINTS; i++) {
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

static cf_status stop_where_slow(void *context, double t, const double *y, const double *q,
                                 size_t root, int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)err;
    *stop = direction < 0;
    return CF_OK;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static cf_status follow(const tail *c, cf_err *err)
{
    static double weights[POINTS], start[POINTS * MOST_D];
    static slowing s;
    for (size_t i = 0; i < POINTS; i++)
        weights[i] = 1.0 / POINTS;
    set_start(c->d, start);
    const cf_data data = {.n = POINTS, .dimension = c->d, .points = start, .weights = weights};
    const cf_flow_setup setup = {.data = &data,
                                 .latent = {.sphere = true, .dimension = c->d},
                                 .loss = {.psi = cf_psi_rows[1],
                                          .eta = {cf_eta_rows[0], c->tau, 0},
                                          .engine = CF_SUMS_AUTO,
                                          .tolerance = 1e-12},
                                 .start = start};
    const double times[] = {0, END};
    const cf_integrator_options options = {c->method, 1e-6, 1e-9, 20};
    const cf_integration_calls calls = {.output = ignore, .event = stop_where_slow};
    cf_flow *flow = NULL;
    cf_integration result = {0};
    cf_status status = cf_flow_kind_find("vanilla", "particles")->create(&setup, &flow, err);
    if (status != CF_OK)
        return status;
    s.flow = cf_flow_ode(flow);
    s.d = c->d;
    const cf_ode ode = slowing_ode(&s);
    double began = seconds();
    status = cf_integrate(&ode, &options, times, 2, cf_flow_start(flow), &calls, &result, err);
    printf("{\"sphere\": %zu, \"tau\": %g, \"method\": \"%s\", \"t\": %.1f, \"steps\": %ld, "
           "\"right_hand_sides\": %ld, \"jacobian_products\": %ld, \"seconds\": %.2f, \"engine\": "
           "\"%s\"}\n",
           c->d - 1, c->tau, result.method, result.t, result.counts.steps,
           result.counts.rhs_evaluations + result.counts.linearizations,
           result.counts.jacobian_products, seconds() - began, cf_flow_engine(flow));
    if (status == CF_OK && result.outcome == CF_RUN_FAILED)
        status = cf_fail(err, CF_ENUMERIC, "%s", result.failure.message);
    cf_flow_free(&flow);
    return status;
}

int main(int argc, char **argv)
{
    size_t count = sizeof tails / sizeof *tails;
    if (argc > 1 && strcmp(argv[1], "--quick") == 0)
        count = QUICK;
    for (size_t k = 0; k < count; k++) {
        cf_err err = {0};
        if (follow(&tails[k], &err) != CF_OK) {
            fprintf(stderr, "bench-tails: %s\n", err.message);
            return 1;
        }
        fflush(stdout);
    }
    return 0;
}
