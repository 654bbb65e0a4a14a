/* What density solutions converge to and what they keep: the order of the schemes, symmetries, the
 * uniform density, the linear rates by finite volumes (C7), and particles (C12). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/transport.h"

enum { MOST = 8192, MOST_POINTS = 4096, CLUSTERS = 2 };
static const double PI = 3.14159265358979323846;
static const cf_latent CIRCLE = {.sphere = true, .dimension = 2};
static const cf_latent SPHERE = {.sphere = true, .dimension = 3};
static const cf_latent LINE = {.sphere = false, .dimension = 1};
enum { SPECTRAL = 1, VOLUMES = 2 };

/* A state of a flow: nodes, their weights, the density of each cluster; or points. */
typedef struct {
    size_t n, d;
    double loss, points[3 * MOST], weights[MOST], rho[CLUSTERS * MOST], measure[CLUSTERS * MOST];
} solution;

static const double *quantity(const cf_flow_state *state, const char *name)
{
    for (size_t k = 0; k < state->quantity_count; k++)
        if (strcmp(state->quantities[k].name, name) == 0)
            return state->quantities[k].values;
    return NULL;
}

typedef struct {
    cf_flow *flow;
    solution *last;
} keeper;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)q;
    keeper *k = context;
    solution *s = k->last;
    cf_flow_state state;
    cf_status status = cf_flow_observe(k->flow, t, y, &state, err);
    const double *rho = quantity(&state, "density");
    size_t copies = rho != NULL ? state.measure.clusters : 1;
    s->n = state.measure.n / copies;
    s->d = state.measure.dimension;
    s->loss = state.loss;
    memcpy(s->points, state.measure.points, s->n * s->d * sizeof(double));
    memcpy(s->measure, state.measure.weights, state.measure.n * sizeof(double));
    if (rho != NULL) {
        memcpy(s->rho, rho, copies * s->n * sizeof(double));
        memcpy(s->weights, quantity(&state, "grid_weight"), s->n * sizeof(double));
    }
    return status;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

static void solve(const cf_flow_setup *setup, const char *representation, double end, double rtol,
                  solution *out)
{
    cf_err err = {0};
    cf_integration run;
    keeper k = {NULL, out};
    const double times[2] = {0, end};
    require(cf_flow_kind_find("vanilla", representation)->create(setup, &k.flow, &err), &err,
            "flow");
    const cf_integrator_options options = {CF_METHOD_AUTO, rtol, rtol / 1000, 20};
    const cf_integration_calls calls = {.context = &k, .output = output, .event = event};
    require(cf_integrate(cf_flow_ode(k.flow), &options, times, 2, cf_flow_start(k.flow), &calls,
                         &run, &err),
            &err, "integration");
    if (run.outcome != CF_RUN_COMPLETE)
        check(false, "a run is complete: %s", run.failure.message);
    cf_flow_free(&k.flow);
}

/* Two clusters of shares 1/4 and 3/4. */
static double X[MOST_POINTS], WEIGHTS[MOST_POINTS];
static int LABELS[MOST_POINTS];

static cf_data data_of(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        LABELS[i] = i >= n / 4;
        WEIGHTS[i] = 1 / (double)n;
    }
    return (cf_data){n, 1, X, WEIGHTS, LABELS, CLUSTERS};
}

static cf_flow_setup setup_of(const cf_data *data, cf_latent latent, const cf_start_law *law,
                              int scheme, long nodes)
{
    return (cf_flow_setup){.data = data,
                           .latent = latent,
                           .loss = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], 0.1, 1}},
                           .threshold = 0.9,
                           .law = law,
                           .grid = {scheme, nodes, latent.sphere ? 0 : 6}};
}

static cf_start_law near_point(cf_latent latent, double spread)
{
    cf_err err = {0};
    cf_start_law law;
    require(cf_law_near_point(&latent, spread, &law, &err), &err, "law");
    return law;
}

/* --- order --- */

/* Mean distance of two solutions of which one has a multiple of the nodes of the other. On the
 * circle node 0 is the same; on the line cells of the finer one are averaged. */
static double difference(const solution *coarse, const solution *fine, bool average)
{
    size_t factor = fine->n / coarse->n;
    double total = 0;
    for (size_t i = 0; i < coarse->n; i++) {
        double value = average ? 0 : fine->rho[i * factor];
        for (size_t k = 0; k < factor && average; k++)
            value += fine->rho[i * factor + k] / (double)factor;
        total += coarse->weights[i] * fabs(coarse->rho[i] - value);
    }
    return total;
}

static void test_order(cf_latent latent, const char *name)
{
    static solution s[4];
    const cf_start_law law = near_point(latent, 0.3);
    const cf_data data = data_of(4);
    for (int k = 0; k < 4; k++) {
        const cf_flow_setup setup = setup_of(&data, latent, &law, VOLUMES, 120L << k);
        solve(&setup, "density", 0.5, 1e-8, &s[k]);
    }
    bool average = !latent.sphere;
    double first = difference(&s[0], &s[1], average), second = difference(&s[1], &s[2], average);
    double third = difference(&s[2], &s[3], average);
    printf("# %s, volumes: differences %.3g %.3g %.3g\n", name, first, second, third);
    check_near(log2(second / third), 2, 0.25, "%s: finite volumes are of second order (C12)", name);
}

static void test_spectral_order(cf_latent latent, const char *name)
{
    static solution reference, s;
    const cf_start_law law = near_point(latent, 0.4);
    const cf_data data = data_of(4);
    double error[3];
    const long nodes[2][4] = {{48, 96, 192, 384}, {24, 48, 96, 192}};
    size_t row = latent.dimension - 2;
    cf_flow_setup setup = setup_of(&data, latent, &law, SPECTRAL, nodes[row][3]);
    solve(&setup, "density", 0.5, 1e-11, &reference);
    for (int k = 0; k < 3; k++) {
        setup.grid.nodes = nodes[row][k];
        solve(&setup, "density", 0.5, 1e-11, &s);
        error[k] = latent.dimension == 2 ? difference(&s, &reference, false)
                                         : fabs(s.loss - reference.loss);
    }
    printf("# %s, spectral: errors %.3g %.3g %.3g\n", name, error[0], error[1], error[2]);
    check(error[1] < 1e-2 * error[0] && (error[2] < 1e-2 * error[1] || error[2] < 1e-10),
          "%s: twice the harmonics, a hundredth of the error and less (C12)", name);
    check_below(error[2], 1e-8, "%s: down to the tolerance of the integrator", name);
}

/* Both schemes, one solution. */
static void test_schemes_agree(void)
{
    static solution a, b;
    const cf_start_law law = near_point(CIRCLE, 0.3);
    const cf_data data = data_of(4);
    const cf_flow_setup spectral = setup_of(&data, CIRCLE, &law, SPECTRAL, 400);
    const cf_flow_setup volumes = setup_of(&data, CIRCLE, &law, VOLUMES, 1600);
    solve(&spectral, "density", 1, 1e-9, &a);
    solve(&volumes, "density", 1, 1e-9, &b);
    check_below(difference(&a, &b, false), 2e-4, "harmonics and finite volumes agree");
    check_below(fabs(a.loss - b.loss), 2e-5, "and so do their losses");
}

/* --- C7 by finite volumes --- */

static double rate_by_volumes(long cells, long k, double end)
{
    static solution s;
    cf_err err = {0};
    cf_start_law law;
    const double size = 1e-4;
    const cf_data data = data_of(4);
    require(cf_law_perturbed(&CIRCLE, &k, &size, 1, &law, &err), &err, "law");
    const cf_flow_setup setup = setup_of(&data, CIRCLE, &law, VOLUMES, cells);
    solve(&setup, "density", end, 1e-10, &s);
    double amplitude = 0;
    for (size_t i = 0; i < s.n; i++)
        amplitude +=
            2 * s.weights[i] * s.rho[i] * cos((double)k * 2 * PI * (double)i / (double)s.n);
    return log(amplitude / size) / end;
}

static void test_rates(void)
{
    double c[8];
    cf_bessel_scaled(10, 8, c);
    for (long k = 1; k <= 5; k += k == 3 ? 2 : 1) {
        double psi1 = 1 / (1 + c[0]), psi2 = -psi1 * psi1;
        double exact = -(double)(k * k) * (2 * psi1 * c[k] + psi2 * c[k] * c[k]);
        double coarse = fabs(rate_by_volumes(100, k, 0.5 / -exact) - exact);
        double fine = fabs(rate_by_volumes(200, k, 0.5 / -exact) - exact);
        check_near(log2(coarse / fine), 2, 0.3,
                   "mode %ld: the rate by finite volumes converges to C7 at second order", k);
        check_below(fine / -exact, 1e-2, "and is near it with 200 cells");
    }
}

/* --- symmetries --- */

static double POINTS[5] = {0.3, 1.0, 2.2, 2.9, 4.4}; /* angles */
static double POINT_WEIGHTS[5] = {0.1, 0.15, 0.2, 0.25, 0.3};
static int POINT_LABELS[5] = {0, 0, 1, 1, 1};
static const cf_data POINT_DATA = {5, 1, X, POINT_WEIGHTS, POINT_LABELS, CLUSTERS};

/* From five points at sign * angle + turn, in the plane of e_1, e_2 or of e_1, e_3, or at these
 * positions on the line. */
static void solve_points(cf_latent latent, double sign, double turn, size_t axis, int scheme,
                         long nodes, solution *out)
{
    double z[15] = {0};
    size_t d = latent.dimension;
    for (size_t i = 0; i < 5; i++) {
        double angle = sign * POINTS[i] + turn;
        z[i * d] = latent.sphere ? cos(angle) : sign * (POINTS[i] - 2);
        if (latent.sphere)
            z[i * d + axis] = sin(angle);
    }
    const cf_start_law law = cf_law_points(&latent, &POINT_DATA, z, 0.4);
    const cf_flow_setup setup = setup_of(&POINT_DATA, latent, &law, scheme, nodes);
    solve(&setup, "density", 1, 1e-10, out);
}

/* The largest difference of rho at node i and of the other at `offset` + sign*i. */
static double unlike(const solution *a, const solution *b, long sign, size_t offset)
{
    double worst = 0;
    size_t n = a->n;
    for (size_t q = 0; q < CLUSTERS; q++)
        for (size_t i = 0; i < n; i++) {
            size_t j = (offset + (sign > 0 ? i : n - i)) % n;
            worst = fmax(worst, fabs(a->rho[q * n + i] - b->rho[q * n + j]));
        }
    return worst;
}

static void test_symmetry(void)
{
    static solution a, b;
    for (int scheme = SPECTRAL; scheme <= VOLUMES; scheme++) {
        const char *name = cf_grid_schemes[scheme];
        solve_points(CIRCLE, 1, 0, 1, scheme, 192, &a);
        solve_points(CIRCLE, -1, 0, 1, scheme, 192, &b);
        check_below(unlike(&a, &b, -1, 0), 1e-8, "%s: mirror images stay mirror images", name);
        solve_points(CIRCLE, 1, 2 * PI * 29 / 192, 1, scheme, 192, &b);
        check_below(unlike(&a, &b, 1, 29), 1e-8, "%s: a turned start gives the turned solution",
                    name);
        check(unlike(&a, &b, 1, 0) > 1e-3, "which is another one");
    }
    solve_points(LINE, 1, 0, 0, VOLUMES, 200, &a);
    solve_points(LINE, -1, 0, 0, VOLUMES, 200, &b);
    check_below(unlike(&a, &b, -1, a.n - 1), 1e-8, "on the line, too");
    solve_points(SPHERE, 1, 0, 1, SPECTRAL, 48, &a);
    solve_points(SPHERE, 1, 0.7, 1, SPECTRAL, 48, &b);
    check_near(a.loss, b.loss, 1e-8, "the loss does not change with a rotation of the sphere");
    solve_points(SPHERE, 1, 0, 2, SPECTRAL, 48, &b);
    check_near(a.loss, b.loss, 1e-8, "nor with one about its axis");
}

static void test_uniform(void)
{
    static solution s;
    const cf_data data = data_of(4);
    for (int k = 0; k < 3; k++) {
        const cf_latent latent = k < 2 ? CIRCLE : SPHERE;
        const cf_start_law law = cf_law_random(&latent);
        const cf_flow_setup setup =
            setup_of(&data, latent, &law, k == 1 ? VOLUMES : SPECTRAL, k < 2 ? 192 : 48);
        double worst = 0, uniform = k < 2 ? 1 / (2 * PI) : 1 / (4 * PI);
        solve(&setup, "density", 10, 1e-12, &s);
        for (size_t i = 0; i < s.n; i++)
            worst = fmax(worst, fabs(s.rho[i] / uniform - 1));
        check_below(worst, 1e-12, "the uniform density stays, d = %zu, %s", latent.dimension,
                    k == 1 ? "volumes" : "harmonics");
    }
}

/* --- particles --- */

static double distance(const solution *a, const solution *b)
{
    static double angles[2][MOST];
    const solution *both[2] = {a, b};
    cf_atoms atoms[2];
    cf_err err = {0};
    double w1;
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < both[k]->n; i++)
            angles[k][i] = atan2(both[k]->points[2 * i + 1], both[k]->points[2 * i]);
        atoms[k] = (cf_atoms){both[k]->n, angles[k], both[k]->measure};
    }
    require(cf_wasserstein1_circle(&atoms[0], &atoms[1], &w1, &err), &err, "W1");
    return w1;
}

/* C12: means over seeds of W1 between n independent particles and the density. */
static void test_particles(double end)
{
    enum { SIZES = 3, SEEDS = 5 };
    static const size_t sizes[SIZES] = {100, 400, 1600};
    static double h[2 * MOST_POINTS];
    static solution density, particles;
    double mean[SIZES] = {0}, spread = 0.3;
    const cf_start_law law = near_point(CIRCLE, spread);
    cf_data data = data_of(4);
    cf_flow_setup setup = setup_of(&data, CIRCLE, &law, SPECTRAL, 768);
    solve(&setup, "density", end, 1e-7, &density);
    double total = 0; /* all clusters are alike: one stands for their sum */
    for (size_t i = 0; i < density.n; i++)
        total += density.measure[i] /= WEIGHTS[0];
    check_near(total, 1, 1e-9, "the measure of the density has mass 1");
    for (size_t k = 0; k < SIZES; k++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            data = data_of(sizes[k]);
            cf_start_near_point(&CIRCLE, spread, seed, sizes[k], h);
            setup.start = h;
            solve(&setup, "particles", end, 1e-6, &particles);
            mean[k] += distance(&density, &particles) / SEEDS;
        }
    printf("# t = %g: W1 %.4f %.4f %.4f for n = 100, 400, 1600\n", end, mean[0], mean[1], mean[2]);
    check_near(log(mean[2] / mean[0]) / log(16), -0.5, 0.12,
               "t = %g: particles approach the density like n^(-1/2) (C12)", end);
    check_below(mean[2], 0.03, "and 1600 of them are near it");
}

int main(void)
{
    test_order(CIRCLE, "circle");
    test_order(LINE, "line");
    test_spectral_order(CIRCLE, "circle");
    test_spectral_order(SPHERE, "sphere");
    test_schemes_agree();
    test_rates();
    test_symmetry();
    test_uniform();
    test_particles(1);
    return check_done();
}
