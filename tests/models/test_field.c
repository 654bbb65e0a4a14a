/* The neural flow on a field (E16): with a start that is no law it is the flow of the particles at
 * its nodes; Jacobian products and energy identity hold for every latent space and law; the two
 * ways to integrate over a normal law agree and converge; nodes may come in any order; refinement
 * of a disc converges fast for a smooth kernel; particles approach it like n^{-1/2} (C12). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/transport.h"
#include "shapes.h"

enum { MOST = 1600, MOST_D = 3, MOST_ATOMS = 40000 };

/* Two discs in the plane, a smooth kernel, and a start that is linear in the data. */
typedef struct {
    cf_data data;
    double points[2 * MOST], weights[MOST], start[MOST * MOST_D], kernel[MOST * MOST];
    int labels[MOST];
    cf_rule *law;
    cf_flow_setup setup;
} scene;

static const double centers[2][2] = {{-1, 0.2}, {0.8, -0.3}};
static const double matrix[MOST_D * 2] = {0.1, 0.3, 0.5, -0.2, 0.2, 0.4};

static void set_kernel(scene *s)
{
    cf_err err = {0};
    size_t n = s->data.n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double *x = s->points + 2 * i, *y = s->points + 2 * j;
            s->kernel[i * n + j] = 0.5 + exp(-0.5 * (pow(x[0] - y[0], 2) + pow(x[1] - y[1], 2)));
        }
    cf_kernel_action_free(&s->setup.kernel);
    require(
        cf_kernel_action_matrix(s->kernel, n, s->setup.latent.dimension, &s->setup.kernel, &err),
        &err, "kernel");
}

static void begin(scene *s, size_t n, cf_latent latent, int psi, int eta)
{
    s->data = (cf_data){.n = n,
                        .dimension = 2,
                        .points = s->points,
                        .weights = s->weights,
                        .labels = s->labels,
                        .clusters = 2};
    cf_rule_free(&s->law);
    cf_kernel_action_free(&s->setup.kernel);
    s->setup =
        (cf_flow_setup){.data = &s->data,
                        .latent = latent,
                        .loss = {.psi = cf_psi_rows[psi], .eta = {cf_eta_rows[eta], 0.3, 1.5}},
                        .start = s->start,
                        .threshold = 0.9};
}

/* The start at the points without its random part. */
static void set_start(scene *s)
{
    memset(s->start, 0, sizeof s->start);
    cf_start_add_linear(matrix, s->points, s->data.n, 2, s->setup.latent.dimension, s->start);
}

/* Nodes of order m, and the start's law of order m_b, blurring the loss if asked. */
static void set_nodes(scene *s, size_t order, cf_latent latent, int psi, int eta)
{
    cf_err err = {0};
    cf_rule *disc = NULL;
    require(cf_rule_ball(2, order, &disc, &err), &err, "disc");
    begin(s, 2 * disc->n, latent, psi, eta);
    for (size_t i = 0; i < s->data.n; i++) {
        size_t q = i / disc->n, j = i % disc->n;
        s->labels[i] = (int)q;
        s->weights[i] = (q == 0 ? 0.4 : 0.6) * disc->weights[j];
        for (size_t k = 0; k < 2; k++)
            s->points[2 * i + k] = centers[q][k] + 0.4 * disc->points[2 * j + k];
    }
    cf_rule_free(&disc);
    set_start(s);
    set_kernel(s);
}

static void set_law(scene *s, double spread, size_t order, bool blurred)
{
    cf_err err = {0};
    require(cf_start_near_point_law(&s->setup.latent, spread, order, &s->law, &err), &err, "law");
    s->setup.start_law = s->law;
    s->setup.loss.blur = blurred ? s->law : NULL;
    s->setup.loss.blur_spread = spread;
}

static cf_flow *create(const scene *s, const char *representation)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    require(cf_flow_kind_find("neural", representation)->create(&s->setup, &flow, &err), &err,
            representation);
    return flow;
}

static double rate(cf_flow *flow, const double *y, double *ydot)
{
    cf_err err = {0};
    double q;
    const cf_ode *ode = cf_flow_ode(flow);
    require(ode->rhs(ode->system, 0, y, ydot, &q, &err), &err, "rhs");
    return q;
}

static double largest_difference(const double *a, const double *b, size_t count)
{
    double worst = 0, scale = 0;
    for (size_t i = 0; i < count; i++) {
        worst = worse(worst, fabs(a[i] - b[i]));
        scale = worse(scale, fabs(a[i]));
    }
    return worst / scale;
}

/* --- against particles at the nodes --- */

static const cf_latent latents[] = {
    {true, 2, 0, 1e-4}, {true, 3, 0.3, 0}, {false, 1, 0, 0}, {false, 2, 0, 0}};
enum { LATENTS = 4 };

static const char *name_of(const cf_latent *latent)
{
    static char name[32];
    snprintf(name, sizeof name, "%s, d = %zu", latent->sphere ? "sphere" : "euclidean",
             latent->dimension);
    return name;
}

static void test_no_law(const cf_latent *latent)
{
    static scene s;
    static double a[MOST * MOST_D], b[MOST * MOST_D];
    set_nodes(&s, 4, *latent, 0, 0);
    for (size_t i = 0; i < s.data.n && latent->sphere; i++)
        s.start[i * latent->dimension] += 1;
    cf_flow *field = create(&s, "field"), *particles = create(&s, "particles");
    double p = rate(field, s.start, a), q = rate(particles, s.start, b);
    check(memcmp(a, b, s.data.n * latent->dimension * sizeof *a) == 0 && p == q,
          "%s: without a law of the start, the field is the particles at its nodes (E16)",
          name_of(latent));
    cf_flow_free(&field);
    set_law(&s, 0, 5, false);
    set_start(&s);
    field = create(&s, "field");
    rate(field, s.start, a);
    check_below(largest_difference(a, b, s.data.n * latent->dimension), 1e-14,
                "and so it is with a start of spread 0");
    cf_flow_free(&field);
    cf_flow_free(&particles);
}

/* --- derivatives --- */

static void moved(const double *y, const double *v, double step, size_t size, double *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] = y[i] + step * v[i];
}

static void test_derivatives(const cf_latent *latent, int eta, bool blurred)
{
    static scene s;
    static double v[MOST * MOST_D], jv[MOST * MOST_D], y[MOST * MOST_D], f[MOST * MOST_D],
        slope[MOST * MOST_D];
    const double c[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280}, h = 2e-3;
    double slope_q = 0, decay = 0, jq;
    cf_err err = {0};
    set_nodes(&s, 2, *latent, 0, eta);
    set_law(&s, 0.3, 3, blurred);
    cf_flow *flow = create(&s, "field");
    const cf_ode *ode = cf_flow_ode(flow);
    memset(slope, 0, sizeof slope);
    shape_random(v, s.data.n, latent->dimension, 4, 0);
    double q = rate(flow, s.start, f);
    for (int k = -4; k <= 4; k++) {
        if (k == 0)
            continue;
        double factor = (k > 0 ? c[k - 1] : -c[-k - 1]) / h;
        cf_flow_state state;
        double along[MOST * MOST_D];
        moved(s.start, v, k * h, ode->size, y);
        slope_q += factor * rate(flow, y, along);
        for (size_t i = 0; i < ode->size; i++)
            slope[i] += factor * along[i];
        moved(s.start, f, k * h, ode->size, y);
        require(cf_flow_observe(flow, 0, y, &state, &err), &err, "observe");
        decay += factor * state.loss;
    }
    require(ode->linearize(ode->system, 0, s.start, &err), &err, "linearize");
    require(ode->jacobian_times(ode->system, v, jv, &jq, &err), &err, "jacobian");
    check_below(largest_difference(jv, slope, ode->size), 1e-9,
                "Jacobian products of a field, %s, eta = %s%s (C2)", name_of(latent),
                cf_eta_names[eta], blurred ? ", blurred loss" : "");
    check_near(jq, slope_q, 1e-9 * (fabs(slope_q) + q), "and of the dissipation");
    check_near(-decay, q, 1e-9 * q, "which is -dL/dt (E9)");
    cf_flow_free(&flow);
}

/* --- the normal law --- */

/* Psi = identity: L is a double convolution of normal laws, sum m m (tau/t)^{d/2}
 * exp(-|x-y|^2/2t), t = tau + 2 s^2. */
static void test_closed_form(size_t d)
{
    static scene s;
    const double spread = 0.5, t = 0.3 + 2 * spread * spread;
    double exact = 0;
    cf_err err = {0};
    set_nodes(&s, 3, (cf_latent){false, d, 0, 0}, 2, 0);
    for (size_t i = 0; i < s.data.n; i++)
        for (size_t j = 0; j < s.data.n; j++) {
            double square = 0;
            for (size_t k = 0; k < d; k++)
                square += pow(s.start[i * d + k] - s.start[j * d + k], 2);
            exact += s.weights[i] * s.weights[j] * pow(0.3 / t, 0.5 * (double)d) *
                     exp(-square / (2 * t));
        }
    for (int blurred = 0; blurred < 2; blurred++) {
        cf_flow_state state;
        set_law(&s, spread, blurred ? 14 : 22, blurred);
        cf_flow *flow = create(&s, "field");
        require(cf_flow_observe(flow, 0, s.start, &state, &err), &err, "observe");
        check_near(state.loss, exact, 1e-9, "R^%zu: the loss of a normal start, %s (E16)", d,
                   blurred ? "one convolution known" : "both by a rule");
        cf_flow_free(&flow);
        cf_rule_free(&s.law);
    }
}

/* The two ways have the same limit, and get there exponentially. */
static void test_orders(int psi)
{
    static scene s;
    static double limit[MOST * MOST_D], f[MOST * MOST_D];
    double error[2][3];
    set_nodes(&s, 2, (cf_latent){false, 2, 0, 0}, psi, 0);
    for (int blurred = 1; blurred >= 0; blurred--)
        for (size_t k = 0; k < 4; k++) {
            set_law(&s, 0.4, k == 0 ? 24 : 3 * k + 1, blurred || k == 0);
            cf_flow *flow = create(&s, "field");
            if (k > 0)
                rate(flow, s.start, f);
            else if (blurred)
                rate(flow, s.start, limit);
            if (k > 0)
                error[blurred][k - 1] = largest_difference(limit, f, s.data.n * 2);
            cf_flow_free(&flow);
            cf_rule_free(&s.law);
        }
    check(error[1][0] < 1e-2 && error[1][1] < 0.1 * error[1][0] && error[1][2] < 0.1 * error[1][1],
          "Psi = %s: orders 4, 7, 10 of the start err by %.1e, %.1e, %.1e", cf_psi_names[psi],
          error[1][0], error[1][1], error[1][2]);
    check(error[0][2] < 0.3 * error[0][1] && error[0][2] < 1e-2,
          "a rule for both convolutions tends to the same: %.1e, %.1e, %.1e", error[0][0],
          error[0][1], error[0][2]);
}

/* Where the start does not know the data, the field keeps its symmetry: nothing moves in R^d, and
 * on the sphere nothing moves sideways. */
static void test_symmetry(const cf_latent *latent)
{
    static scene s;
    static double f[MOST * MOST_D];
    size_t d = latent->dimension;
    double sideways = 0, along = 0;
    set_nodes(&s, 3, *latent, 0, 0);
    set_law(&s, 0.1, 4, !latent->sphere);
    memset(s.start, 0, sizeof s.start);
    cf_flow *flow = create(&s, "field");
    rate(flow, s.start, f);
    for (size_t i = 0; i < s.data.n * d; i++) {
        double *part = latent->sphere && i % d == 0 ? &along : &sideways;
        *part = worse(*part, fabs(f[i]));
    }
    check(sideways < 1e-15 && (along > 1e-3) == latent->sphere,
          "%s: a start that does not know the data stays symmetric (E16): %.1e, %.1e",
          name_of(latent), sideways, along);
    cf_flow_free(&flow);
}

static void test_permutation(void)
{
    static scene s, t;
    static double f[MOST * MOST_D], g[MOST * MOST_D], expected[MOST * MOST_D];
    set_nodes(&s, 4, latents[0], 0, 0);
    set_nodes(&t, 4, latents[0], 0, 0);
    size_t n = s.data.n;
    for (size_t i = 0; i < n; i++) {
        size_t j = (11 * i + 5) % n;
        t.weights[i] = s.weights[j];
        t.labels[i] = s.labels[j];
        memcpy(t.points + 2 * i, s.points + 2 * j, 2 * sizeof(double));
    }
    set_start(&t);
    set_kernel(&t);
    set_law(&s, 0.2, 3, false);
    set_law(&t, 0.2, 3, false);
    cf_flow *a = create(&s, "field"), *b = create(&t, "field");
    rate(a, s.start, f);
    rate(b, t.start, g);
    for (size_t i = 0; i < n; i++)
        memcpy(expected + 2 * i, f + 2 * ((11 * i + 5) % n), 2 * sizeof(double));
    check_below(largest_difference(expected, g, 2 * n), 1e-13,
                "the order of the nodes does not matter (C1)");
    cf_flow_free(&a);
    cf_flow_free(&b);
}

/* --- runs --- */

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

static void integrate(const scene *s, const char *representation, double rtol, trace *r)
{
    cf_err err = {0};
    cf_integration result;
    const double times[] = {0, 0.25, 0.5, 1};
    const cf_integrator_options options = {CF_METHOD_ADAMS, rtol, rtol / 1000, 20};
    const cf_integration_calls calls = {.context = r, .output = output, .event = event};
    r->flow = create(s, representation);
    r->rises = 0;
    require(cf_integrate(cf_flow_ode(r->flow), &options, times, 4, cf_flow_start(r->flow), &calls,
                         &result, &err),
            &err, "integration");
    cf_flow_free(&r->flow);
}

static trace new_trace(void)
{
    return (trace){.points = calloc(MOST_ATOMS * MOST_D, sizeof(double)),
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
    static scene s;
    trace r = new_trace();
    set_nodes(&s, 4, *latent, 0, 0);
    set_law(&s, 0.2, 3, !latent->sphere);
    integrate(&s, "field", 1e-7, &r);
    check_below(fabs(r.first - r.loss - r.dissipated), 100 * 1e-7,
                "%s: energy identity of a run of a field, L falls by %.3g (C13)", name_of(latent),
                r.first - r.loss);
    check_below(r.rises, 100 * 1e-7, "and L does not rise");
    free_trace(&r);
}

/* The latent measure at t = 1 against that of finer nodes. */
static void test_refinement(const cf_latent *latent)
{
    static scene s;
    trace fine = new_trace(), r = new_trace();
    double loss[4], error[4];
    const size_t orders[] = {2, 4, 6, 8};
    set_nodes(&s, 14, *latent, 0, 0);
    set_law(&s, 0.1, 3, !latent->sphere);
    integrate(&s, "field", 1e-10, &fine);
    for (size_t k = 0; k < 4; k++) {
        set_nodes(&s, orders[k], *latent, 0, 0);
        set_law(&s, 0.1, 3, !latent->sphere);
        integrate(&s, "field", 1e-10, &r);
        loss[k] = fabs(r.loss - fine.loss);
        error[k] = distance(&r, &fine);
        printf("# order %zu: %zu atoms, loss %.2e, discrepancy %.2e\n", orders[k], r.n, loss[k],
               error[k]);
    }
    check(loss[1] < loss[0] / 20 && loss[2] < loss[1] / 20 && loss[3] < 1e-8,
          "%s: discs refine exponentially for a smooth kernel: %.1e, %.1e, %.1e, %.1e (E31)",
          name_of(latent), loss[0], loss[1], loss[2], loss[3]);
    check(error[1] < error[0] / 10 && error[2] < error[1] / 10 && error[3] < 1e-5,
          "and so does the latent measure: %.1e, %.1e, %.1e, %.1e", error[0], error[1], error[2],
          error[3]);
    free_trace(&fine);
    free_trace(&r);
}

/* n points of the two discs, with starts of the same law. */
static void set_particles(scene *s, size_t n, const cf_latent *latent, double spread, unsigned seed)
{
    const cf_random random = {seed, CF_STREAM_DATA};
    begin(s, n, *latent, 0, 0);
    for (size_t i = 0; i < n; i++) {
        size_t q = cf_random_uniform(random, i, 0) < 0.4 ? 0 : 1;
        double r = 0.4 * sqrt(cf_random_uniform(random, i, 1));
        double angle = 6.283185307179586 * cf_random_uniform(random, i, 2);
        s->labels[i] = (int)q;
        s->weights[i] = 1 / (double)n;
        s->points[2 * i] = centers[q][0] + r * cos(angle);
        s->points[2 * i + 1] = centers[q][1] + r * sin(angle);
    }
    cf_start_near_point(latent, spread, seed, n, s->start);
    cf_start_add_linear(matrix, s->points, n, 2, latent->dimension, s->start);
    set_kernel(s);
}

/* C12 at t = 1; E MMD^2 = C/n exactly at t = 0. */
static void test_particles(const cf_latent *latent)
{
    enum { SEEDS = 6 };
    static scene s;
    trace field = new_trace(), r = new_trace();
    const size_t counts[] = {50, 200, 800};
    double mean[3] = {0};
    set_nodes(&s, 6, *latent, 0, 0);
    set_law(&s, 0.2, 6, !latent->sphere);
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
          "%s: particles approach the field like n^%.2f: %.1e, %.1e, %.1e (C12)", name_of(latent),
          slope, exp(mean[0]), exp(mean[1]), exp(mean[2]));
    free_trace(&field);
    free_trace(&r);
}

int main(void)
{
    for (size_t k = 0; k < LATENTS; k++) {
        test_no_law(&latents[k]);
        test_derivatives(&latents[k], 0, false);
        test_symmetry(&latents[k]);
    }
    for (size_t k = 2; k < LATENTS; k++) {
        test_derivatives(&latents[k], 1, false);
        test_derivatives(&latents[k], 0, true);
    }
    for (size_t d = 1; d <= 2; d++)
        test_closed_form(d);
    for (int psi = 0; cf_psi_rows[psi] != NULL; psi++)
        test_orders(psi);
    test_permutation();
    for (size_t k = 0; k < LATENTS; k += 3) {
        test_energy(&latents[k]);
        test_refinement(&latents[k]);
        test_particles(&latents[k]);
    }
    return check_done();
}
