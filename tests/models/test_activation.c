/* Every row of the table of activations keeps the contract of activation.h. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/activation.h"

static const double PI = 3.14159265358979323846;
static const double SLOPE = 0.3;
static const cf_activation_shape SHAPE = {.slope = 0.3};

static double value_at(const cf_activation *row, double u)
{
    double value;
    row->evaluate(&u, 1, SHAPE, &value, NULL, NULL);
    return value;
}

static double derivative_at(const cf_activation *row, double u)
{
    double derivative;
    row->evaluate(&u, 1, SHAPE, NULL, &derivative, NULL);
    return derivative;
}

static double second_at(const cf_activation *row, double u)
{
    double second;
    row->evaluate(&u, 1, SHAPE, NULL, NULL, &second);
    return second;
}

static void check_second(const cf_activation *row)
{
    double worst = 0, largest = 0, h = 1e-3;
    for (double u = -6.0625; u < 6.1; u += 0.125) {
        double one = derivative_at(row, u + h) - derivative_at(row, u - h);
        double two = derivative_at(row, u + 2 * h) - derivative_at(row, u - 2 * h);
        double three = derivative_at(row, u + 3 * h) - derivative_at(row, u - 3 * h);
        worst = worse(worst, fabs((45 * one - 9 * two + three) / (60 * h) - second_at(row, u)));
        largest = worse(largest, fabs(second_at(row, u)));
    }
    check_below(worst, 1e-11, "%s: the second derivative is that of the first (C2)", row->name);
    check(row->smooth == (largest > 0), "%s: it is smooth where the second derivative is not zero",
          row->name);
    check(isfinite(second_at(row, 800)) && isfinite(second_at(row, -800)),
          "%s: the second derivative is finite at large arguments", row->name);
}

static void check_derivative(const cf_activation *row)
{
    double worst = 0, h = 1e-3;
    for (double u = -6.0625; u < 6.1; u += 0.125) {
        double one = value_at(row, u + h) - value_at(row, u - h);
        double two = value_at(row, u + 2 * h) - value_at(row, u - 2 * h);
        double three = value_at(row, u + 3 * h) - value_at(row, u - 3 * h);
        double slope = (45 * one - 9 * two + three) / (60 * h);
        worst = worse(worst, fabs(slope - derivative_at(row, u)));
    }
    check_below(worst, 1e-11, "%s: the derivative is that of the value (C2)", row->name);
    double sides = (derivative_at(row, 1e-12) + derivative_at(row, -1e-12)) / 2;
    check_near(derivative_at(row, 0), sides, 1e-11,
               "%s: the derivative at 0 is the mean of both sides", row->name);
    check(isfinite(value_at(row, 800)) && isfinite(value_at(row, -800)) &&
              isfinite(derivative_at(row, 800)) && isfinite(derivative_at(row, -800)),
          "%s: large arguments give finite values", row->name);
}

/* E[phi phi] and E[phi' phi'] at an angle, and the angle of phi(u) and phi(v) unless it is NULL. */
static void expectations(const cf_activation *row, const double q[2], double t, double out[2],
                         double *mapped)
{
    double apart = 4 * sin(t / 2) * sin(t / 2), along = 4 * cos(t / 2) * cos(t / 2);
    double root = sqrt(q[1]), chord[2];
    const cf_gaussian_pairs pairs = {1, q[0], sqrt(q[0]), q + 1, &root, &apart, &along};
    row->expectation(&pairs, SLOPE, out, out + 1, &(cf_chords){chord, chord + 1});
    if (mapped != NULL)
        *mapped = 2 * atan2(sqrt(chord[0]), sqrt(chord[1]));
}

/* (u, v) = r (sx cos w, sy cos(w - t)), r^2/2 exponential, w uniform: the trapezoidal rule over the
 * whole plane converges for smooth phi; homogeneous phi need the mean over w alone. */
static void by_quadrature(const cf_activation *row, const double q[2], double t, double out[2])
{
    double hp = 1.0 / 12, s = cos(t / 2), d = sin(t / 2);
    out[0] = out[1] = 0;
    for (int i = -108; i <= 108; i++)
        for (int j = -108; j <= 108; j++) {
            double p = hp * i, r = hp * j, weight = hp * hp * exp(-(p * p + r * r) / 2) / (2 * PI);
            double u = sqrt(q[0]) * (s * p + d * r), v = sqrt(q[1]) * (s * p - d * r);
            out[0] += weight * value_at(row, u) * value_at(row, v);
            out[1] += weight * derivative_at(row, u) * derivative_at(row, v);
        }
}

/* Homogeneous phi: the mean over the polar angle w, piece by piece between the kinks. */
static void by_angle(const cf_activation *row, const double q[2], double t, double out[2])
{
    double ends[5] = {-PI / 2, t - PI / 2, PI / 2, t + PI / 2, 3 * PI / 2};
    enum { STEPS = 400 };
    out[0] = out[1] = 0;
    for (int piece = 0; piece < 4; piece++)
        for (int i = 0; i < STEPS; i++)
            for (int side = -1; side <= 1; side += 2) {
                double h = (ends[piece + 1] - ends[piece]) / STEPS; /* two-point Gauss rule */
                double w = ends[piece] + h * (i + 0.5 + side * 0.5 / sqrt(3));
                double u = sqrt(q[0]) * cos(w), v = sqrt(q[1]) * cos(w - t);
                out[0] += h / 2 * value_at(row, u) * value_at(row, v) / PI;
                out[1] += h / 2 * derivative_at(row, u) * derivative_at(row, v) / (2 * PI);
            }
}

static void check_expectation(const cf_activation *row)
{
    double worst = 0, q[2] = {1.7, 0.6};
    for (int step = 0; step <= 8; step++) {
        double t = PI * step / 8, exact[2], found[2];
        expectations(row, q, t, found, NULL);
        if (row->homogeneous)
            by_angle(row, q, t, exact);
        else
            by_quadrature(row, q, t, exact);
        worst = worse(worst, worse(fabs(found[0] - exact[0]), fabs(found[1] - exact[1])));
    }
    check_below(worst, 1e-10, "%s: the closed forms are the Gaussian expectations (E12)",
                row->name);
}

/* d E[phi(u)phi(v)] / dk = E[phi'(u)phi'(v)] at fixed variances. */
static void check_price(const cf_activation *row)
{
    double worst = 0, q[2] = {1.7, 0.6}, size = sqrt(1.7 * 0.6), h = 1e-3;
    for (double t = 0.2; t < 3; t += 0.2) {
        double values[4], there[2];
        for (int i = 0; i < 4; i++) {
            double angle = t + h * (i < 2 ? i - 2 : i - 1);
            double found[2];
            expectations(row, q, angle, found, NULL);
            values[i] = found[0];
        }
        expectations(row, q, t, there, NULL);
        double rate = (8 * (values[2] - values[1]) - (values[3] - values[0])) / (12 * h);
        worst = worse(worst, fabs(rate + there[1] * size * sin(t)));
    }
    check_below(worst, 1e-11, "%s: dE[phi phi]/dk = E[phi' phi'] (Price's theorem)", row->name);
}

/* The cosine of the mapped angle is the correlation of phi(u) and phi(v); near 0 the angle keeps
 * its digits: E|phi(u) - phi(v)|^2 = (A^2 + B^2) t^2 to leading order, at equal variances. */
static void check_map(const cf_activation *row)
{
    const double q[2] = {1.3, 1.3};
    double worst = 0, mapped, same[2], found[2];
    expectations(row, q, 0, same, &mapped);
    check(mapped == 0, "%s: equal points stay equal", row->name);
    for (int step = 1; step <= 31; step++) {
        expectations(row, q, 0.1 * step, found, &mapped);
        worst = worse(worst, fabs(cos(mapped) - found[0] / same[0]));
    }
    check_below(worst, 1e-14, "%s: the mapped angle has the cosine of the expectations", row->name);
    expectations(row, q, 1e-12, found, &mapped);
    check_near(mapped / 1e-12, 1, 1e-11, "%s: tiny angles are kept with their digits", row->name);
}

/* q = 0: phi(0) and the mean derivative at 0 take the place of u. */
static void check_origin(const cf_activation *row)
{
    const double origin[2] = {0, 0}, mixed[2] = {0, 1.7};
    double centre = derivative_at(row, 0), both[2], once[2];
    expectations(row, origin, 0.3, both, NULL);
    check_near(both[1], centre * centre, 1e-15, "%s: at the origin E[phi'phi'] = phi'(0)^2",
               row->name);
    expectations(row, mixed, 0.3, both, NULL);
    expectations(row, mixed, PI / 2, once, NULL);
    check(isfinite(both[1]) && both[1] == once[1], "%s: the angle to the origin has no effect",
          row->name);
}

int main(void)
{
    int count = 0;
    for (const cf_activation *const *row = cf_activations(); *row != NULL; row++, count++) {
        check(strcmp((*row)->name, cf_activation_names[count]) == 0, "%s: has its name in order",
              (*row)->name);
        check((*row)->expectation != NULL || (*row)->strip > 0,
              "%s: has closed forms or a strip of analyticity", (*row)->name);
        check_second(*row);
        check_derivative(*row);
        if ((*row)->expectation == NULL)
            continue;
        check_expectation(*row);
        check_price(*row);
        check_origin(*row);
        if ((*row)->homogeneous)
            check_map(*row);
    }
    check(count == 7 && cf_activation_names[count] == NULL, "seven activations");
    return check_done();
}
