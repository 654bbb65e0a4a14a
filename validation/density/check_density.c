/* What density solutions converge to and what they keep: the order of the schemes, the linear rates
 * (C7), symmetries, the uniform density, particles (C12).
 *
 *   build/tests/check-density          five levels of refinement, 10^4 particles; minutes
 *   build/tests/check-density small    fewer of both; seconds
 *
 * Lines that begin with # are tables, of which results/density is made. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/statistics.h"
#include "contraflow/solver/transport.h"

enum { MOST = 32768, MOST_POINTS = 16384, CLUSTERS = 2, MOST_LEVELS = 5, MOST_SEEDS = 10 };

/* The size of the experiment. */
typedef struct {
    size_t levels, plane_levels; /* of refinement, by factors of 2 */
    size_t sizes, seeds;         /* of samples, by factors of 4 from 100 on; of each */
    double slack;                /* added to the bound of the slope */
} scale;

static const scale FULL = {MOST_LEVELS, 2, 4, MOST_SEEDS, 0}, SMALL = {3, 0, 3, 5, 0.05};
static const double PI = 3.14159265358979323846;
static const cf_latent CIRCLE = {.sphere = true, .dimension = 2};
static const cf_latent SPHERE = {.sphere = true, .dimension = 3};
static const cf_latent LINE = {.sphere = false, .dimension = 1};
static const cf_latent PLANE = {.sphere = false, .dimension = 2};
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

/* Mean distance of two solutions of which one has twice the nodes along every side. On the circle
 * node 0 is the same; in a box cells of the finer one are averaged. */
static double difference(const solution *coarse, const solution *fine, size_t factor, bool circle)
{
    double total = 0;
    size_t side = coarse->d == 2 && !circle ? (size_t)(sqrt((double)coarse->n) + 0.5) : coarse->n;
    for (size_t i = 0; i < coarse->n; i++) {
        double value = circle ? fine->rho[i * factor] : 0;
        size_t rows = side < coarse->n ? factor : 1, first = i / side * rows * side * factor;
        for (size_t a = 0; a < rows && !circle; a++)
            for (size_t b = 0; b < factor; b++)
                value += fine->rho[first + a * side * factor + i % side * factor + b] /
                         (double)(rows * factor);
        total += coarse->weights[i] * fabs(coarse->rho[i] - value);
    }
    return total;
}

/* Finite volumes against those of twice the cells. */
static void test_order(cf_latent latent, double tau, const char *name, long first, size_t levels)
{
    static solution s[2];
    const cf_start_law law = near_point(latent, latent.sphere ? 0.3 : 0.5);
    const cf_data data = data_of(4);
    double before = 0, order = NAN, d = 0;
    printf("# | %s, cells along a side | L1 distance from twice as many | order |\n# | --- | --- | "
           "--- |\n",
           name);
    for (size_t k = 0; k <= levels; k++) {
        cf_flow_setup setup = setup_of(&data, latent, &law, VOLUMES, first << k);
        setup.loss.eta.tau = tau;
        solve(&setup, "density", 0.5, 1e-8, &s[k % 2]);
        if (k == 0)
            continue;
        d = difference(&s[(k - 1) % 2], &s[k % 2], 2, latent.sphere);
        order = log2(before / d);
        if (k == 1)
            printf("# | %ld | %.3g | |\n", first, d);
        else
            printf("# | %ld | %.3g | %.2f |\n", first << (k - 1), d, order);
        before = d;
    }
    check_near(order, 2, 0.25, "%s: finite volumes are of second order (C12)", name);
}

static void test_spectral_order(cf_latent latent, const char *name, long first)
{
    static solution reference, s;
    const cf_start_law law = near_point(latent, 0.4);
    const cf_data data = data_of(4);
    double error[3];
    cf_flow_setup setup = setup_of(&data, latent, &law, SPECTRAL, 8 * first);
    solve(&setup, "density", 0.5, 1e-11, &reference);
    printf("# | %s, nodes | error | ratio |\n# | --- | --- | --- |\n", name);
    for (int k = 0; k < 3; k++) {
        setup.grid.nodes = first << k;
        solve(&setup, "density", 0.5, 1e-11, &s);
        error[k] = latent.dimension == 2 ? difference(&s, &reference, reference.n / s.n, true)
                                         : fabs(s.loss - reference.loss);
        if (k == 0)
            printf("# | %ld | %.3g | |\n", first, error[k]);
        else
            printf("# | %ld | %.3g | %.3g |\n", first << k, error[k], error[k - 1] / error[k]);
    }
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
    check_below(difference(&a, &b, 4, true), 2e-4, "harmonics and finite volumes agree");
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
    printf("# | degree k | rate by C7 | relative error, 100 cells | 200 cells | order |\n"
           "# | --- | --- | --- | --- | --- |\n");
    cf_bessel_scaled(10, 8, c);
    for (long k = 1; k <= 5; k += k == 3 ? 2 : 1) {
        double psi1 = 1 / (1 + c[0]), psi2 = -psi1 * psi1;
        double exact = -(double)(k * k) * (2 * psi1 * c[k] + psi2 * c[k] * c[k]);
        double coarse = fabs(rate_by_volumes(100, k, 0.5 / -exact) - exact);
        double fine = fabs(rate_by_volumes(200, k, 0.5 / -exact) - exact);
        printf("# | %ld | %.6f | %.2e | %.2e | %.2f |\n", k, exact, coarse / -exact, fine / -exact,
               log2(coarse / fine));
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
            worst = worse(worst, fabs(a->rho[q * n + i] - b->rho[q * n + j]));
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
            worst = worse(worst, fabs(s.rho[i] / uniform - 1));
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

/* C12: W1 between n independent particles and the density. */
static void test_particles(const scale *size, double end)
{
    static double h[2 * MOST_POINTS], values[MOST_LEVELS * MOST_SEEDS], x[MOST_LEVELS];
    static solution density, particles;
    const double spread = 0.3;
    const cf_start_law law = near_point(CIRCLE, spread);
    cf_data data = data_of(4);
    cf_flow_setup setup = setup_of(&data, CIRCLE, &law, SPECTRAL, 768);
    solve(&setup, "density", end, 1e-7, &density);
    double total = 0; /* all clusters are alike: one stands for their sum */
    for (size_t i = 0; i < density.n; i++)
        total += density.measure[i] /= WEIGHTS[0];
    check_near(total, 1, 1e-9, "the measure of the density has mass 1");
    printf("# | n, t = %g | mean W1 | sqrt(n) W1 |\n# | --- | --- | --- |\n", end);
    for (size_t k = 0; k < size->sizes; k++) {
        size_t n = 100u << (2 * k);
        double mean = 0;
        for (size_t seed = 0; seed < size->seeds; seed++) {
            data = data_of(n);
            cf_start_near_point(&CIRCLE, spread, seed + 1, n, h);
            setup.start = h;
            solve(&setup, "particles", end, 1e-6, &particles);
            values[k * size->seeds + seed] = distance(&density, &particles);
            mean += values[k * size->seeds + seed] / (double)size->seeds;
        }
        x[k] = (double)n;
        printf("# | %zu | %.4g | %.3f |\n", n, mean, mean * sqrt((double)n));
    }
    const cf_power_law fit = cf_power_law_fit(x, values, size->sizes, size->seeds, 0.95);
    printf("# W1 ~ n^%.3f, 95 %% interval [%.3f, %.3f]\n", fit.slope, fit.low, fit.high);
    check_near(fit.slope, -0.5, 0.1 + size->slack,
               "t = %g: particles approach the density like n^(-1/2) (C12)", end);
}

/* --- cost --- */

/* O(M log M) for a right-hand side: told, and held loosely, because clocks are shared. */
static void test_cost(void)
{
    enum { LEVELS = 6, REPEATS = 50 };
    const cf_start_law law = near_point(CIRCLE, 0.3);
    const cf_data data = data_of(4);
    double x[LEVELS], seconds[LEVELS];
    printf("# | nodes | microseconds of a right-hand side |\n# | --- | --- |\n");
    for (int k = 0; k < LEVELS; k++) {
        const cf_flow_setup setup = setup_of(&data, CIRCLE, &law, SPECTRAL, 768L << k);
        cf_err err = {0};
        cf_flow *flow = NULL;
        require(cf_flow_kind_find("vanilla", "density")->create(&setup, &flow, &err), &err, "flow");
        const cf_ode *ode = cf_flow_ode(flow);
        double *rate = malloc(ode->size * sizeof *rate), q, best = INFINITY;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            clock_t started = clock();
            require(ode->rhs(ode->system, 0, cf_flow_start(flow), rate, &q, &err), &err, "rhs");
            best = fmin(best, (double)(clock() - started) / CLOCKS_PER_SEC);
        }
        x[k] = (double)setup.grid.nodes;
        seconds[k] = best;
        printf("# | %ld | %.0f |\n", setup.grid.nodes, 1e6 * best);
        free(rate);
        cf_flow_free(&flow);
    }
    const cf_power_law fit = cf_power_law_fit(x, seconds, LEVELS, 1, 0.95);
    printf("# cost ~ M^%.2f\n", fit.slope);
    check_below(fit.slope, 1.5, "a right-hand side costs about M log M");
}

int main(int count, char **arguments)
{
    const scale *size = count > 1 && strcmp(arguments[1], "small") == 0 ? &SMALL : &FULL;
    test_order(CIRCLE, 0.1, "circle by finite volumes", 120, size->levels);
    test_order(LINE, 0.1, "line by finite volumes", 120, size->levels);
    if (size->plane_levels > 0)
        test_order(PLANE, 0.5, "plane by finite volumes", 40, size->plane_levels);
    test_spectral_order(CIRCLE, "circle by harmonics", 48);
    test_spectral_order(SPHERE, "sphere by harmonics", 24);
    test_schemes_agree();
    test_rates();
    test_symmetry();
    test_uniform();
    if (size == &FULL)
        test_particles(size, 0.3);
    test_particles(size, 1);
    if (size == &FULL)
        test_cost();
    return check_done();
}
