/* Harmonics on the circle and the sphere: the basis is orthonormal, products are projected without
 * aliasing, the multipliers of the exponential kernel are scaled Bessel functions (E15), the values
 * do not depend on how many functions are transformed together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/harmonics.h"
#include "contraflow/solver/random.h"

enum { MOST = 200000 };
static const double PI = 3.14159265358979323846;

static cf_harmonics *open(size_t d, size_t degree, size_t orders, size_t batch)
{
    cf_err err = {0};
    cf_harmonics *h = NULL;
    if (d == 2)
        require(cf_harmonics_circle(degree, 3 * degree + 2 + degree % 2, batch, &h, &err), &err,
                "circle");
    else
        require(cf_harmonics_sphere(degree, orders, batch, &h, &err), &err, "sphere");
    return h;
}

static void fill(double *a, size_t count, uint64_t seed)
{
    const cf_random random = {seed, CF_STREAM_PROBE};
    for (size_t i = 0; i < count; i++)
        a[i] = cf_random_normal(random, i, 0);
}

static double distance(const double *a, const double *b, size_t count)
{
    double worst = 0;
    for (size_t i = 0; i < count; i++)
        worst = worse(worst, fabs(a[i] - b[i]));
    return worst;
}

static void test_round_trip(size_t d, size_t degree, size_t orders)
{
    static double a[MOST], back[MOST], f[MOST], one[MOST], single[MOST];
    enum { BATCH = 3 };
    const double factors[BATCH] = {0.5, -1, 2};
    cf_harmonics *h = open(d, degree, orders, BATCH), *h1 = open(d, degree, orders, 1);
    const cf_harmonics_grid *g = cf_harmonics_view(h), *g1 = cf_harmonics_view(h1);
    fill(a, g->size, 1);
    cf_harmonics_synthesize(h, a, f);
    cf_harmonics_analyze(h, f, back);
    check_below(distance(a, back, g->size), 1e-12, "d = %zu, degree %zu: analysis undoes synthesis",
                d, degree);
    double norm = 0, square = 0, area = 0;
    for (size_t i = 0; i < g->size; i++)
        norm += a[i] * a[i];
    for (size_t i = 0; i < g->nodes; i++) {
        area += g->weights[i];
        for (size_t b = 0; b < BATCH; b++)
            square += g->weights[i] * f[i * BATCH + b] * f[i * BATCH + b];
    }
    check_near(area, d == 2 ? 2 * PI : 4 * PI, 1e-12, "the weights sum to the surface");
    check_near(square / norm, 1, 1e-12, "the basis is orthonormal (Parseval)");
    cf_harmonics_combine(h, factors, a, single);
    cf_harmonics_synthesize(h1, single, one);
    for (size_t i = 0; i < g->nodes; i++)
        one[i] -= 0.5 * f[i * BATCH] - f[i * BATCH + 1] + 2 * f[i * BATCH + 2];
    memset(back, 0, sizeof back);
    check_below(distance(one, back, g->nodes), 1e-11, "combination commutes with synthesis");
    check(g1->size * BATCH == g->size, "every function has as many coefficients");
    cf_harmonics_free(&h);
    cf_harmonics_free(&h1);
}

/* Projection on a larger basis, in which the product is exact, agrees where both have the degree.
 */
static void test_products(size_t d)
{
    static double a[MOST], b[MOST], f[MOST], g[MOST], product[MOST], small[MOST], large[MOST];
    size_t degree = 10;
    cf_harmonics *h = open(d, degree, degree, 1), *twice = open(d, 2 * degree, 2 * degree, 1);
    const cf_harmonics_grid *low = cf_harmonics_view(h), *high = cf_harmonics_view(twice);
    fill(a, low->size, 2);
    fill(b, low->size, 3);
    cf_harmonics_synthesize(h, a, f);
    cf_harmonics_synthesize(h, b, g);
    for (size_t i = 0; i < low->nodes; i++)
        product[i] = f[i] * g[i];
    cf_harmonics_analyze(h, product, small);
    double lost = 0, whole = 0, kept = 0;
    for (size_t i = 0; i < low->size; i++)
        kept += small[i] * small[i];
    /* The same two functions on the larger grid, by their own coefficients. */
    for (int k = 0; k < 2; k++) {
        const double *from = k == 0 ? a : b;
        size_t used = 0, index = 0;
        memset(large, 0, high->size * sizeof *large);
        for (size_t m = 0; m <= 2 * degree; m++) {
            size_t parts = m == 0 ? 1 : 2;
            for (size_t l = m; l <= (d == 2 ? m : 2 * degree); l++, index += parts)
                for (size_t p = 0; p < parts && l <= degree; p++)
                    large[index + p] = from[used++];
        }
        cf_harmonics_synthesize(twice, large, k == 0 ? f : g);
    }
    for (size_t i = 0; i < high->nodes; i++)
        product[i] = f[i] * g[i];
    cf_harmonics_analyze(twice, product, large);
    for (size_t i = 0; i < high->size; i++) {
        whole += large[i] * large[i];
        if (high->degrees[i] > degree)
            lost += large[i] * large[i];
    }
    check_near((kept + lost) / whole, 1, 1e-12, "d = %zu: products are projected without aliasing",
               d);
    check(lost > 0.1 * whole, "and the product has parts beyond the band");
    cf_harmonics_free(&h);
    cf_harmonics_free(&twice);
}

/* To the rounding of the cosine, divided by tau. */
static void test_multipliers(size_t d, double tau, size_t degree)
{
    static double values[MOST], scratch[MOST], c[MOST], exact[MOST];
    cf_harmonics *h = open(d, degree, 0, 1);
    const cf_harmonics_grid *g = cf_harmonics_view(h);
    for (size_t i = 0; i < g->nodes; i++)
        values[i] = exp((g->points[i * d] - 1) / tau);
    cf_harmonics_multipliers(h, values, scratch, c);
    if (d == 2)
        cf_bessel_scaled(1 / tau, degree + 1, exact);
    else
        cf_bessel_spherical_scaled(1 / tau, degree + 1, exact);
    for (size_t l = 0; l <= degree; l++)
        exact[l] *= d == 2 ? 2 * PI : 4 * PI;
    check_below(distance(c, exact, degree + 1) / exact[0], fmax(1e-13, 1e-16 / tau),
                "d = %zu, tau = %g: the multipliers of eta are scaled Bessel functions (E15)", d,
                tau);
    cf_harmonics_free(&h);
}

/* A rotation of the sphere about another axis mixes the orders of a degree, and nothing else. */
static void test_rotation(void)
{
    static double f[MOST], a[MOST], spectrum[64], turned[64];
    cf_harmonics *h = open(3, 12, 12, 1);
    const cf_harmonics_grid *g = cf_harmonics_view(h);
    for (int k = 0; k < 2; k++) {
        double c = cos(k * 0.7), s = sin(k * 0.7);
        for (size_t i = 0; i < g->nodes; i++) {
            const double *z = g->points + 3 * i;
            double x = c * z[0] - s * z[1], y = s * z[0] + c * z[1];
            f[i] = x * x * x * y + z[2] * x - 0.3 * y * y * z[2];
        }
        cf_harmonics_analyze(h, f, a);
        cf_harmonics_spectrum(h, a, k == 0 ? spectrum : turned);
    }
    check_below(distance(spectrum, turned, 13), 1e-14,
                "the spectrum does not change in a rotation");
    check_below(spectrum[5], 1e-14, "a polynomial of degree 4 has no degree 5");
    cf_harmonics_free(&h);
}

int main(void)
{
    test_round_trip(2, 21, 21);
    test_round_trip(2, 100, 100);
    test_round_trip(3, 8, 8);
    test_round_trip(3, 40, 40);
    test_round_trip(3, 41, 3);
    test_round_trip(3, 200, 0);
    test_products(2);
    test_products(3);
    for (size_t d = 2; d <= 3; d++) {
        test_multipliers(d, 0.5, 40);
        test_multipliers(d, 0.1, 80);
        test_multipliers(d, 1e-4, 1500);
    }
    test_rotation();
    return check_done();
}
