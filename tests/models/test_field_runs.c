/* Runs of the neural flow on a field (E16): the energy identity holds, refinement of a disc
 * converges fast for a smooth kernel, and particles approach it like n^{-1/2} (C12). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/transport.h"
#include "field_scene.h"

enum { MOST_ATOMS = 40000 };

typedef struct {
    cf_flow *flow;
    double loss, first, dissipated, rises;
    size_t n;
    double *points, *weights; /* of the measure at the end */
} trace;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    trace *r = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(r->flow, t, y, &state, err);
    if (status != CF_OK)
        return status;
    if (t == 0)
        r->first = r->loss = state.loss;
    r->rises = worse(r->rises, state.loss - r->loss);
    r->loss = state.loss;
    r->dissipated = q[0];
    r->n = state.measure.n;
    memcpy(r->points, state.measure.points, r->n * state.measure.dimension * sizeof(double));
    memcpy(r->weights, state.measure.weights, r->n * sizeof(double));
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

static void integrate(const field_scene *s, const char *representation, double rtol, trace *r)
{
    cf_err err = {0};
    cf_integration result;
    const double times[] = {0, 0.25, 0.5, 1};
    const cf_integrator_options options = {CF_METHOD_ADAMS, rtol, rtol / 1000, 20};
    const cf_integration_calls calls = {.context = r, .output = output, .event = event};
    r->flow = field_create(s, representation);
    r->rises = 0;
    require(cf_integrate(cf_flow_ode(r->flow), &options, times, 4, cf_flow_start(r->flow), &calls,
                         &result, &err),
            &err, "integration");
    cf_flow_free(&r->flow);
}

static trace new_trace(void)
{
    return (trace){.points = calloc(MOST_ATOMS * FIELD_MOST_D, sizeof(double)),
                   .weights = calloc(MOST_ATOMS, sizeof(double))};
}

static void free_trace(trace *r)
{
    free(r->points);
    free(r->weights);
}

static double distance(const trace *a, const trace *b)
{
    cf_err err = {0};
    double value;
    const cf_atoms x = {a->n, a->points, a->weights}, y = {b->n, b->points, b->weights};
    require(cf_discrepancy(&x, &y, 2, 0.3, &value, &err), &err, "distance");
    return value;
}

static void test_energy(const cf_latent *latent)
{
    static field_scene s;
    trace r = new_trace();
    field_set_nodes(&s, 4, *latent, 0, 0);
    field_set_law(&s, 0.2, 3, !latent->sphere);
    integrate(&s, "field", 1e-7, &r);
    check_below(fabs(r.first - r.loss - r.dissipated), 100 * 1e-7,
                "%s: energy identity of a run of a field, L falls by %.3g (C13)",
                field_latent_name(latent), r.first - r.loss);
    check_below(r.rises, 100 * 1e-7, "and L does not rise");
    free_trace(&r);
}

/* The latent measure at t = 1 against that of finer nodes. */
static void test_refinement(const cf_latent *latent)
{
    static field_scene s;
    trace fine = new_trace(), r = new_trace();
    double loss[4], error[4];
    const size_t orders[] = {2, 4, 6, 8};
    field_set_nodes(&s, 14, *latent, 0, 0);
    field_set_law(&s, 0.1, 3, !latent->sphere);
    integrate(&s, "field", 1e-10, &fine);
    for (size_t k = 0; k < 4; k++) {
        field_set_nodes(&s, orders[k], *latent, 0, 0);
        field_set_law(&s, 0.1, 3, !latent->sphere);
        integrate(&s, "field", 1e-10, &r);
        loss[k] = fabs(r.loss - fine.loss);
        error[k] = distance(&r, &fine);
        printf("# order %zu: %zu atoms, loss %.2e, discrepancy %.2e\n", orders[k], r.n, loss[k],
               error[k]);
    }
    check(loss[1] < loss[0] / 20 && loss[2] < loss[1] / 20 && loss[3] < 1e-8,
          "%s: discs refine exponentially for a smooth kernel: %.1e, %.1e, %.1e, %.1e (E31)",
          field_latent_name(latent), loss[0], loss[1], loss[2], loss[3]);
    check(error[1] < error[0] / 10 && error[2] < error[1] / 10 && error[3] < 1e-5,
          "and so does the latent measure: %.1e, %.1e, %.1e, %.1e", error[0], error[1], error[2],
          error[3]);
    free_trace(&fine);
    free_trace(&r);
}

/* n points of the two discs, with starts of the same law. */
static void set_particles(field_scene *s, size_t n, const cf_latent *latent, double spread,
                          unsigned seed)
{
    const cf_random random = {seed, CF_STREAM_DATA};
    field_begin(s, n, *latent, 0, 0);
    for (size_t i = 0; i < n; i++) {
        size_t q = cf_random_uniform(random, i, 0) < 0.4 ? 0 : 1;
        double r = 0.4 * sqrt(cf_random_uniform(random, i, 1));
        double angle = 6.283185307179586 * cf_random_uniform(random, i, 2);
        s->labels[i] = (int)q;
        s->weights[i] = 1 / (double)n;
        s->points[2 * i] = field_centers[q][0] + r * cos(angle);
        s->points[2 * i + 1] = field_centers[q][1] + r * sin(angle);
    }
    cf_start_near_point(latent, spread, seed, n, s->start);
    cf_start_add_linear(field_matrix, s->points, n, 2, latent->dimension, s->start);
    field_set_kernel(s);
}

/* C12 at t = 1; E MMD^2 = C/n exactly at t = 0. */
static void test_particles(const cf_latent *latent)
{
    enum { SEEDS = 6 };
    static field_scene s;
    trace field = new_trace(), r = new_trace();
    const size_t counts[] = {50, 200, 800};
    double mean[3] = {0};
    field_set_nodes(&s, 6, *latent, 0, 0);
    field_set_law(&s, 0.2, 6, !latent->sphere);
    integrate(&s, "field", 1e-7, &field);
    for (size_t k = 0; k < 3; k++) {
        for (unsigned seed = 1; seed <= SEEDS; seed++) {
            set_particles(&s, counts[k], latent, 0.2, seed);
            integrate(&s, "particles", 1e-6, &r);
            mean[k] += log(distance(&r, &field)) / SEEDS;
        }
        printf("# n = %zu: %.3e\n", counts[k], exp(mean[k]));
    }
    double slope = (mean[2] - mean[0]) / log(16);
    check(fabs(slope + 0.5) < 0.1,
          "%s: particles approach the field like n^%.2f: %.1e, %.1e, %.1e (C12)",
          field_latent_name(latent), slope, exp(mean[0]), exp(mean[1]), exp(mean[2]));
    free_trace(&field);
    free_trace(&r);
}

int main(void)
{
    for (size_t k = 0; k < FIELD_LATENTS; k += 3) {
        test_energy(&field_latents[k]);
        test_refinement(&field_latents[k]);
        test_particles(&field_latents[k]);
    }
    return check_done();
}
