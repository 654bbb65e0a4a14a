/* Rules of order m integrate all polynomials of degree below 2m exactly, and no more than that
 * (E31): monomials against their closed moments, up to rotation; smooth integrands at a spectral
 * rate. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "contraflow/solver/quadrature.h"

enum { MOST_D = 4 };
static const double PI = 3.14159265358979323846;

static double integrate(const cf_rule *rule, const int *power)
{
    double total = 0;
    for (size_t i = 0; i < rule->n; i++) {
        double value = rule->weights[i];
        for (size_t k = 0; k < rule->dimension; k++)
            for (int factor = 0; factor < power[k]; factor++)
                value *= rule->points[i * rule->dimension + k];
        total += value;
    }
    return total;
}

/* --- closed moments E[prod x_k^power_k] --- */

static double sphere_moment(size_t d, const int *power, int degree)
{
    double log_value = lgamma((double)d / 2) - lgamma(((double)d + degree) / 2);
    for (size_t k = 0; k < d; k++) {
        if (power[k] % 2 != 0)
            return 0;
        log_value += lgamma((power[k] + 1) / 2.0) - lgamma(0.5);
    }
    return exp(log_value);
}

static double ball_moment(size_t d, const int *power, int degree)
{
    return sphere_moment(d, power, degree) * (double)d / ((double)d + degree);
}

/* |x|^2 is chi-squared, independent of the direction. */
static double normal_moment(size_t d, const int *power, int degree)
{
    return sphere_moment(d, power, degree) * pow(2, degree / 2.0) *
           exp(lgamma(((double)d + degree) / 2) - lgamma((double)d / 2));
}

static double interval_moment(size_t d, const int *power, int degree)
{
    (void)d, (void)power;
    return 1 / (degree + 1.0);
}

static const double ANGLE = 0.8, RADIUS = 0.7, NOISE = 0.25;

/* int of f(t) over (0, end) by the double exponential rule: another route than Gauss. */
static double double_exponential(double (*f)(double t, double a, double b), double end, double a,
                                 double b)
{
    double total = 0, step = 1.0 / 64;
    for (int k = -256; k <= 256; k++) {
        double s = PI / 2 * sinh(k * step), scale = PI / 4 * cosh(k * step) / pow(cosh(s), 2);
        total += end * scale * step * f(end / (1 + exp(-2 * s)), a, b);
    }
    return total;
}

static double polar_integrand(double t, double cosines, double sines)
{
    return pow(cos(t), cosines) * pow(sin(t), sines);
}

/* x = (cos t, sin t y), y on the sphere of R^{d-1}. */
static double cap_moment(size_t d, const int *power, int degree)
{
    int rest = degree - power[0];
    return sphere_moment(d - 1, power + 1, rest) *
           double_exponential(polar_integrand, ANGLE, power[0], rest + (double)d - 2) /
           double_exponential(polar_integrand, ANGLE, 0, (double)d - 2);
}

static double binomial(int n, int k)
{
    return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0));
}

/* x = R e + noise g by the binomial theorem in each coordinate. */
static double ring_moment(size_t d, const int *power, int degree)
{
    (void)d, (void)degree;
    double total = 0;
    for (int i = 0; i <= power[0]; i++)
        for (int j = 0; j <= power[1]; j++) {
            const int circle[2] = {power[0] - i, power[1] - j}, normal[2] = {i, j};
            total += binomial(power[0], i) * binomial(power[1], j) * pow(NOISE, i + j) *
                     normal_moment(2, normal, i + j) * pow(RADIUS, circle[0] + circle[1]) *
                     sphere_moment(2, circle, circle[0] + circle[1]);
        }
    return total;
}

/* --- the rules, with one face --- */

static cf_status cap(size_t d, size_t m, cf_rule **out, cf_err *err)
{
    return cf_rule_cap(d, ANGLE, m, out, err);
}

static cf_status ring(size_t d, size_t m, cf_rule **out, cf_err *err)
{
    (void)d;
    return cf_rule_ring(RADIUS, NOISE, m, out, err);
}

static cf_status interval(size_t d, size_t m, cf_rule **out, cf_err *err)
{
    (void)d;
    return cf_rule_interval(m, out, err);
}

static const struct {
    const char *name;
    size_t first, last; /* dimensions */
    cf_status (*create)(size_t d, size_t m, cf_rule **out, cf_err *err);
    double (*moment)(size_t d, const int *power, int degree);
} kinds[] = {{"interval", 1, 1, interval, interval_moment},
             {"normal", 1, 3, cf_rule_normal, normal_moment},
             {"sphere", 1, 4, cf_rule_sphere, sphere_moment},
             {"ball", 1, 4, cf_rule_ball, ball_moment},
             {"cap", 2, 4, cap, cap_moment},
             {"ring", 2, 2, ring, ring_moment}};

/* The largest error over all monomials of degree first..last; relative to the mean of |x_0|^degree
 * bounded below by 1. */
static double largest_error(size_t kind, const cf_rule *rule, int first, int last)
{
    double worst = 0;
    size_t d = rule->dimension;
    int power[MOST_D] = {0};
    for (;;) {
        size_t k = 0; /* the next exponents, like the digits of a number */
        while (k < d && power[k] == last)
            power[k++] = 0;
        if (k == d)
            return worst;
        power[k]++;
        int degree = 0;
        for (k = 0; k < d; k++)
            degree += power[k];
        if (degree < first || degree > last)
            continue;
        const int single[MOST_D] = {degree + degree % 2};
        double scale = fmax(1, fabs(kinds[kind].moment(d, single, single[0])));
        double exact = kinds[kind].moment(d, power, degree);
        worst = worse(worst, fabs(integrate(rule, power) - exact) / scale);
    }
}

static void test_exactness(size_t kind, size_t d, size_t m)
{
    cf_err err = {0};
    cf_rule *rule = NULL;
    require(kinds[kind].create(d, m, &rule, &err), &err, kinds[kind].name);
    int degree = 2 * (int)m;
    double total = 0, least = INFINITY;
    for (size_t i = 0; i < rule->n; i++) {
        total += rule->weights[i];
        least = -worse(-least, -rule->weights[i]);
    }
    check(least > 0 && fabs(total - 1) < 1e-14, "%s, R^%zu: %zu positive weights of sum 1",
          kinds[kind].name, d, rule->n);
    check_below(largest_error(kind, rule, 0, degree - 1), 1e-13,
                "%s, R^%zu, order %zu: exact for degrees below %d (E31)", kinds[kind].name, d, m,
                degree);
    bool finite = d == 1 && (kind == 2 || kind == 3); /* two points, or pairs of them */
    if (m < 7 && !finite)
        check(largest_error(kind, rule, degree, degree + 2) > 1e-12,
              "and not far beyond, up to %.1e (control)",
              largest_error(kind, rule, degree, degree + 2));
    cf_rule_free(&rule);
}

/* Mean of exp(a.x) over the ball of R^2, by its series sum_k (|a|/2)^{2k} / (k! (k+1)!). */
static void test_rate(void)
{
    double exact = 0, term = 1, previous = INFINITY;
    for (int k = 0; k < 40; k++) {
        exact += term;
        term *= 2.25 / ((k + 1.0) * (k + 2.0));
    }
    for (size_t m = 2; m <= 8; m += 2) {
        cf_err err = {0};
        cf_rule *rule = NULL;
        double value = 0;
        require(cf_rule_ball(2, m, &rule, &err), &err, "ball");
        for (size_t i = 0; i < rule->n; i++)
            value += rule->weights[i] *
                     exp(3 * (0.6 * rule->points[2 * i] + 0.8 * rule->points[2 * i + 1]));
        double error = fabs(value - exact) / exact;
        check(error < fmax(previous / 30, 1e-14), "exp on the disc, order %zu: error %.1e", m,
              error);
        previous = error;
        cf_rule_free(&rule);
    }
}

static void test_degenerate(void)
{
    cf_err err = {0};
    cf_rule *rule = NULL;
    require(cf_rule_ring(2, 0, 6, &rule, &err), &err, "ring");
    check(rule->n == 12 && fabs(hypot(rule->points[0], rule->points[1]) - 2) < 1e-15,
          "a ring without noise is one circle");
    cf_rule_free(&rule);
    require(cf_rule_ring(1, 1e-6, 6, &rule, &err), &err, "ring");
    double variance = 0;
    for (size_t i = 0; i < rule->n; i++)
        variance +=
            rule->weights[i] * pow(hypot(rule->points[2 * i], rule->points[2 * i + 1]) - 1, 2);
    check_near(variance, 1e-12, 1e-17, "a thin ring keeps the variance of its radius");
    cf_rule_free(&rule);
    require(cf_rule_cap(3, 1e-4, 4, &rule, &err), &err, "cap");
    double square = 0;
    for (size_t i = 0; i < rule->n; i++)
        square += rule->weights[i] * pow(rule->points[3 * i + 1], 2);
    check_near(square, 1e-8 / 4, 1e-16, "a small cap keeps the variance of its width");
    cf_rule_free(&rule);
    check(cf_rule_normal(10, 12, &rule, &err) == CF_EINPUT && rule == NULL, "%s", err.message);
}

int main(void)
{
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (size_t d = kinds[kind].first; d <= kinds[kind].last; d++)
            for (size_t m = 1; m <= 7; m += 3)
                test_exactness(kind, d, m);
    test_rate();
    test_degenerate();
    return check_done();
}
