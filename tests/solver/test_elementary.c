/* Elementary functions of arrays: against the long double library, where they are large and where
 * they are small; limits and NaN; and the same bits from every instruction set. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/elementary.h"
#include "contraflow/solver/random.h"
#include "elementary_kernels.h"

enum { COUNT = 40001 };
static double x[COUNT], a[COUNT], b[COUNT], c[COUNT];

static void spread(double low, double high)
{
    for (size_t k = 0; k < COUNT; k++)
        x[k] = low + (high - low) * (double)k / (COUNT - 1);
}

/* +-10^(low..high). */
static void magnitudes(double low, double high, double sign)
{
    for (size_t k = 0; k < COUNT; k++)
        x[k] = sign * pow(10, low + (high - low) * (double)k / (COUNT - 1));
}

static double worst(const double *value, long double (*exact)(long double))
{
    double most = 0;
    for (size_t k = 0; k < COUNT; k++) {
        long double e = exact(x[k]);
        if (fabsl(e) > 1e-300L)
            most = worse(most, (double)fabsl((value[k] - e) / e));
    }
    return most;
}

static long double gauss_exact(long double t)
{
    return expl(-t * t);
}

static void check_exp(const char *where)
{
    cf_elementary_exp(x, COUNT, a, b);
    check_below(worst(a, expl), 5e-16, "exp, %s", where);
    check_below(worst(b, expm1l), 5e-16, "exp - 1, %s", where);
}

static void check_erf(const char *where)
{
    cf_elementary_erf(x, COUNT, a, b, c);
    check_below(worst(a, erfl), 1e-15, "erf, %s", where);
    check_below(worst(b, erfcl), 1e-15, "erfc, %s", where);
    check_below(worst(c, gauss_exact), 1e-15, "exp(-x^2), %s", where);
}

static void test_accuracy(void)
{
    spread(-700, 700);
    check_exp("in +-700");
    spread(-2, 2);
    check_exp("in +-2");
    magnitudes(-300, 0, -1);
    check_exp("at small arguments");
    spread(-26, 26);
    check_erf("in +-26");
    spread(-1.5, 1.5);
    check_erf("in +-1.5");
    magnitudes(-300, 0, 1);
    check_erf("at small arguments");
    spread(0, 1);
    cf_elementary_log1p(x, COUNT, a);
    check_below(worst(a, log1pl), 4e-16, "log(1 + x)");
    magnitudes(-300, 0, 1);
    cf_elementary_log1p(x, COUNT, a);
    check_below(worst(a, log1pl), 4e-16, "log(1 + x) at small arguments");
}

static void test_limits(void)
{
    const double ends[5] = {0, INFINITY, -INFINITY, NAN, -1e300};
    double p[5], q[5], r[5];
    cf_elementary_erf(ends, 5, p, q, r);
    check(p[0] == 0 && q[0] == 1 && r[0] == 1 && p[1] == 1 && q[1] == 0 && p[2] == -1 &&
              q[2] == 2 && r[4] == 0,
          "erf and erfc take their limits");
    check(isnan(p[3]) && isnan(q[3]) && isnan(r[3]), "and pass NaN on");
    cf_elementary_exp(ends, 5, p, q);
    check(p[0] == 1 && q[0] == 0 && p[2] == 0 && q[2] == -1 && p[4] == 0 && q[4] == -1,
          "exp takes its limits");
    check(isnan(p[3]) && isnan(q[3]), "and passes NaN on");
}

static void test_ramp(void)
{
    const double points[4] = {-2, 0, 3, NAN};
    const cf_ramp sharp = {.below = 0.25};
    double value[4], slope[4], bend[4];
    cf_elementary_ramp(points, 4, sharp, value, slope, bend);
    check(value[0] == -0.5 && value[1] == 0 && value[2] == 3 && isnan(value[3]),
          "a ramp has two sides");
    check(slope[0] == 0.25 && slope[1] == 0.625 && slope[2] == 1,
          "and two slopes, at 0 their mean");
    check(bend[0] == 0 && bend[1] == 0 && bend[2] == 0, "and is not bent");
    memcpy(value, points, sizeof points);
    cf_elementary_ramp(value, 4, sharp, value, slope, NULL);
    check(value[0] == -0.5 && slope[0] == 0.25, "also in place");
}

/* E114: outside it is the sharp ramp; within, each derivative is a difference of what it derives,
 * exactly, for these are polynomials of degree 2 and 1. */
static void test_rounded_ramp(void)
{
    enum { MOST = 41 };
    const cf_ramp sharp = {.below = 0.25}, round = {0.25, 0.5};
    double points[MOST], exact[2][MOST], found[3][MOST], worst = 0;
    for (int k = 0; k < MOST; k++)
        points[k] = (k - 20) / 16.0;
    cf_elementary_ramp(points, MOST, sharp, exact[0], exact[1], NULL);
    cf_elementary_ramp(points, MOST, round, found[0], found[1], found[2]);
    bool outside = true, ends = true;
    for (int k = 1; k + 1 < MOST; k++) {
        const double *v = found[0] + k, *s = found[1] + k, h = points[1] - points[0];
        bool within = fabs(points[k]) < 0.5;
        outside =
            outside && (within || (v[0] == exact[0][k] && s[0] == exact[1][k] && found[2][k] == 0));
        ends = ends && found[0][k] >= exact[0][k] && found[0][k] - exact[0][k] <= 0.75 * 0.5 / 4;
        if (within)
            worst = worse(worst, worse(fabs((v[1] - v[-1]) / (2 * h) - s[0]),
                                       fabs((s[1] - s[-1]) / (2 * h) - found[2][k])));
    }
    check(outside && ends,
          "a rounded ramp is the sharp one outside, and within it is above it by a "
          "quarter of its width times the jump of slopes at most, E114");
    check_below(worst, 1e-15, "and its derivatives are those of the parabola, E114");
}

static void test_sets(void)
{
    static double p[3][COUNT], q[3][COUNT];
    const cf_elementary_kernels *portable = cf_elementary_kernels_get(CF_SIMD_PORTABLE);
    const cf_random random = {3, CF_STREAM_PROBE};
    for (size_t k = 0; k < COUNT; k++)
        x[k] = 3 * cf_random_normal(random, k, 0);
    for (cf_simd simd = CF_SIMD_AVX2; simd <= CF_SIMD_AVX512; simd++) {
        const cf_elementary_kernels *set = cf_elementary_kernels_get(simd);
        portable->erf(x, COUNT, p[0], p[1], p[2]);
        set->erf(x, COUNT, q[0], q[1], q[2]);
        bool same = memcmp(p, q, sizeof p) == 0;
        portable->exp(x, COUNT, p[0], p[1]);
        set->exp(x, COUNT, q[0], q[1]);
        for (size_t k = 0; k < COUNT; k++)
            x[k] = fabs(x[k]) / 20;
        portable->log1p(x, COUNT, p[2]);
        set->log1p(x, COUNT, q[2]);
        check(same && memcmp(p, q, sizeof p) == 0, "%s gives the bits of portable",
              cf_simd_name(simd));
    }
}

int main(void)
{
    test_accuracy();
    test_limits();
    test_ramp();
    test_rounded_ramp();
    test_sets();
    return check_done();
}
