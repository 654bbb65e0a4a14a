/* What density solutions converge to and what they keep: the order of the schemes, the linear rates
 * (C7), symmetries, the uniform density.
 *
 *   build/tests/check-density          every level of refinement, every rate; minutes
 *   build/tests/check-density small    fewer of both; seconds
 *
 * Lines that begin with #csv are the tables of results/infinite-data. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/bessel.h"
#include "solve.h"

static const double PI = 3.14159265358979323846;

/* --- order --- */

/* Mean distance of two solutions of which one has `factor` times the nodes along every side. On the
 * circle node 0 is the same; in a box cells of the finer one are averaged. */
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

static void print_order(const char *scheme, long nodes, double error, double before)
{
    printf("#csv orders,%s,%ld,%.3g,", scheme, nodes, error);
    if (isnan(before))
        printf("\n");
    else
        printf("%.2f\n", log2(before / error));
}

/* Finite volumes against those of twice the cells, `levels` times, in L1. */
static void test_volumes(cf_latent latent, double tau, const char *name, long first, size_t levels)
{
    static solution s[2];
    const cf_start_law law = near_point(latent, latent.sphere ? 0.3 : 0.5);
    const cf_data data = data_of(4);
    double before = NAN, order = NAN;
    for (size_t k = 0; k <= levels; k++) {
        cf_flow_setup setup = setup_of(&data, latent, &law, VOLUMES, first << k);
        setup.loss.eta.tau = tau;
        solve(&setup, "density", 0.5, 1e-8, &s[k % 2]);
        if (k == 0)
            continue;
        double d = difference(&s[(k - 1) % 2], &s[k % 2], 2, latent.sphere);
        print_order(name, first << (k - 1), d, before);
        order = log2(before / d);
        before = d;
    }
    check_near(order, 2, 0.25, "%s, finite volumes: they are of second order (C12)", name);
}

/* P_l at c. */
static double legendre(long degree, double c)
{
    double before = 0, value = 1;
    for (long l = 0; l < degree; l++) {
        double next = ((2 * (double)l + 1) * c * value - (double)l * before) / ((double)l + 1);
        before = value;
        value = next;
    }
    return value;
}

/* The mean of cos k angle or P_k(z e_1) over the density. */
static double moment(const solution *s, long degree)
{
    double total = 0;
    for (size_t i = 0; i < s->n; i++) {
        double c = s->points[i * s->d];
        total +=
            s->weights[i] * s->rho[i] *
            (s->d == 2 ? cos((double)degree * acos(fmin(fmax(c, -1), 1))) : legendre(degree, c));
    }
    return total;
}

/* The largest error of a moment of degree up to 12. */
static double moment_error(const solution *a, const solution *b)
{
    double worst = 0;
    for (long degree = 1; degree <= 12; degree++)
        worst = worse(worst, fabs(moment(a, degree) - moment(b, degree)));
    return worst;
}

/* Harmonics against many more, by moments: exponential, down to the tolerance of the integrator. */
static void test_harmonics(cf_latent latent, const char *name, long first, size_t levels)
{
    static solution reference, s;
    const cf_start_law law = near_point(latent, 0.3);
    const cf_data data = data_of(4);
    double error = NAN, before = NAN;
    bool falls = true;
    cf_flow_setup setup = setup_of(&data, latent, &law, SPECTRAL, 8 * first);
    solve(&setup, "density", 0.5, 1e-12, &reference);
    for (size_t k = 0; k < levels; k++, before = error) {
        setup.grid.nodes = first + (long)k * first / 2;
        solve(&setup, "density", 0.5, 1e-12, &s);
        error = moment_error(&s, &reference);
        printf("#csv orders,%s,%ld,%.3g,\n", name, setup.grid.nodes, error);
        falls = falls && (isnan(before) || error < 0.1 * before || error < 1e-11);
    }
    check(falls, "%s: as many nodes more, a tenth of the error or less (C12)", name);
    check_below(error, 1e-10, "%s: down to the tolerance of the integrator", name);
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

/* --- C7 --- */

static double rate_of(const cf_psi *psi, size_t d, double tau, long l)
{
    double c[8], value, dpsi, d2psi;
    if (d == 2)
        cf_bessel_scaled(1 / tau, 8, c);
    else
        cf_bessel_spherical_scaled(1 / tau, 8, c);
    psi->evaluate(c, 1, 0, &value, &dpsi, &d2psi);
    return -(double)(l * (l + (long)d - 2)) * (2 * dpsi * c[l] + d2psi * c[l] * c[l]);
}

/* A decay to measure: of degree l, until the amplitude is e^-1 of itself. */
typedef struct {
    cf_latent latent;
    int psi;
    double tau;
    long l;
    double exact;
} decay;

/* In the mean over perturbations by +size and -size the first nonlinear correction cancels. */
static double error_of_rate(const decay *of, int scheme, long nodes)
{
    static solution s;
    const cf_data data = data_of(4);
    double end = fmin(1 / -of->exact, 20), mean = 0;
    for (double size = -2e-5; size < 3e-5; size += 4e-5) {
        cf_err err = {0};
        cf_start_law law;
        require(cf_law_perturbed(&of->latent, &of->l, &size, 1, &law, &err), &err, "law");
        cf_flow_setup setup = setup_of(&data, of->latent, &law, scheme, nodes);
        setup.loss.psi = cf_psi_rows[of->psi];
        setup.loss.eta.tau = of->tau;
        solve(&setup, "density", end, 1e-13, &s);
        double norm = of->latent.dimension == 2 ? 2 : 2 * (double)of->l + 1;
        mean += 0.5 * log(norm * moment(&s, of->l) / size) / end;
    }
    return fabs(mean / of->exact - 1);
}

/* Harmonics to 1e-8, finite volumes at second order. */
static void test_rates(cf_latent latent, int psi, double tau)
{
    static const long modes[2][4] = {{1, 2, 3, 5}, {1, 2, 3, 4}};
    size_t d = latent.dimension;
    double worst = 0, order = INFINITY;
    for (int k = 0; k < 4; k++) {
        decay of = {latent, psi, tau, modes[d - 2][k], 0};
        of.exact = rate_of(cf_psi_rows[psi], d, tau, of.l);
        double error = error_of_rate(&of, SPECTRAL, d == 2 ? 96 : 48);
        printf("#csv rates,S%zu,%s,%g,%ld,%.9f,%.1e,", d - 1, cf_psi_names[psi], tau, of.l,
               of.exact, error);
        worst = worse(worst, error);
        if (d == 2) {
            double coarse = error_of_rate(&of, VOLUMES, 200),
                   fine = error_of_rate(&of, VOLUMES, 400);
            printf("%.1e,%.1e,%.2f", coarse, fine, log2(coarse / fine));
            order = fmin(order, log2(coarse / fine));
        }
        printf(d == 2 ? "\n" : ",,\n");
    }
    check_below(worst, 1e-8, "S%zu, %s, tau = %g: harmonics decay at the rates of C7", d - 1,
                cf_psi_names[psi], tau);
    if (d == 2)
        check_near(order, 2, 0.25, "and by finite volumes at rates of second order");
}

/* --- symmetries --- */

static double POINTS[5] = {0.3, 1.0, 2.2, 2.9, 4.4}; /* angles */
static double POINT_WEIGHTS[5] = {0.1, 0.15, 0.2, 0.25, 0.3};
static int POINT_LABELS[5] = {0, 0, 1, 1, 1};
static const cf_data POINT_DATA = {5, 1, POINTS, POINT_WEIGHTS, POINT_LABELS, CLUSTERS};

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

static void test_all_rates(void)
{
    static const double taus[] = {0.05, 0.1, 0.5};
    for (size_t d = 2; d <= 3; d++)
        for (int psi = 0; psi < 3; psi++)
            for (size_t k = 0; k < 3; k++)
                test_rates(d == 2 ? CIRCLE : SPHERE, psi, taus[k]);
}

int main(int count, char **arguments)
{
    bool small = count > 1 && strcmp(arguments[1], "small") == 0;
    size_t levels = small ? 2 : 5;
    test_volumes(CIRCLE, 0.1, "circle", 120, levels);
    test_volumes(LINE, 0.1, "line", 120, levels);
    if (!small)
        test_volumes(PLANE, 0.5, "plane", 40, 3);
    test_harmonics(CIRCLE, "circle by harmonics", 48, small ? 5 : 6);
    test_harmonics(SPHERE, "sphere by harmonics", 24, small ? 5 : 6);
    test_schemes_agree();
    if (small)
        test_rates(CIRCLE, 0, 0.1);
    else
        test_all_rates();
    test_symmetry();
    test_uniform();
    return check_done();
}
