/* The positively homogeneous activations phi(u) = A u + B |u|: relu (A = B = 1/2), leaky relu with
 * slope a (A = (1+a)/2, B = (1-a)/2), abs (A = 0, B = 1). E[u |v|] = 0 by symmetry, so that with
 * the angle t between u and v E[phi phi]   = sqrt(qx qy) (A^2 cos t + B^2 g(t)),  g = (2/pi)(sin t
 * + (pi/2 - t) cos t), E[phi' phi'] = A^2 + B^2 (1 - 2t/pi), which are the forms of E12. */
#include "activation_internal.h"

#include <math.h>
#include <string.h>

#include "contraflow/solver/elementary.h"

typedef struct {
    double odd, even; /* A, B */
} parts;

static parts parts_of(double slope)
{
    return (parts){(1 + slope) / 2, (1 - slope) / 2};
}

static void evaluate(const double *u, size_t count, double slope, double *value, double *derivative,
                     double *second)
{
    cf_elementary_ramp(u, count, slope, value, derivative);
    if (second != NULL)
        memset(second, 0, count * sizeof *second);
}

/* 1 - g(t). g(t) = g(pi - t), and t is folded to [0, pi/2] before: both ends keep their digits, the
 * remaining cancellation in sin t - t cos t being an error of one rounding in the angle. */
static double even_deficit(double t)
{
    double folded = t < CF_PI / 2 ? t : CF_PI - t, half = sin(folded / 2);
    return 2 * half * half - 2 / CF_PI * (sin(folded) - folded * cos(folded));
}

/* With u or v identically 0, the mean of both sides at the kink is that of a right angle. */
static void expectation(parts p, const cf_gaussian_pairs *pairs, double *value, double *derivative)
{
    double odd = p.odd * p.odd, even = p.even * p.even;
    for (size_t i = 0; i < pairs->count; i++) {
        double size = sqrt(pairs->qx[i]) * sqrt(pairs->qy[i]);
        double angle = size > 0 ? pairs->angle[i] : CF_PI / 2;
        value[i] = size * (odd * cos(angle) + even * (1 - even_deficit(angle)));
        derivative[i] = odd + even * (1 - 2 / CF_PI * angle);
    }
}

/* The cosine C of the mapped angle has (A^2+B^2)(1 - C) = A^2 (1 - cos t) + B^2 (1 - g) and
 * (A^2+B^2)(1 + C) = A^2 (1 + cos t) + B^2 (1 + g): sums of nonnegative terms. */
static void map_angle(parts p, const double *angle, size_t count, double *mapped)
{
    double odd = p.odd * p.odd, even = p.even * p.even;
    for (size_t i = 0; i < count; i++) {
        double s = sin(angle[i] / 2), c = cos(angle[i] / 2), deficit = even_deficit(angle[i]);
        double below = odd * 2 * s * s + even * fmax(deficit, 0);
        double above = odd * 2 * c * c + even * (2 - deficit);
        mapped[i] = 2 * atan2(sqrt(below), sqrt(above));
    }
}

/* Three rows that differ in the slope alone. */
#define ROW(id, own_slope)                                                                         \
    static void id##_evaluate(const double *u, size_t count, double slope, double *value,          \
                              double *derivative, double *second)                                  \
    {                                                                                              \
        (void)slope;                                                                               \
        evaluate(u, count, own_slope, value, derivative, second);                                  \
    }                                                                                              \
    static void id##_expectation(const cf_gaussian_pairs *pairs, double slope, double *value,      \
                                 double *derivative)                                               \
    {                                                                                              \
        (void)slope;                                                                               \
        expectation(parts_of(own_slope), pairs, value, derivative);                                \
    }                                                                                              \
    static void id##_map_angle(const double *angle, size_t count, double slope, double *mapped)    \
    {                                                                                              \
        (void)slope;                                                                               \
        map_angle(parts_of(own_slope), angle, count, mapped);                                      \
    }

ROW(relu, 0.0)
ROW(leaky, slope)
ROW(abs, -1.0)

const cf_activation cf_activation_relu = {
    "relu", "max(u, 0)", relu_evaluate, false, relu_expectation, relu_map_angle, 0};
const cf_activation cf_activation_leaky_relu = {"leaky-relu",
                                                "u for u > 0, slope u for u < 0",
                                                leaky_evaluate,
                                                false,
                                                leaky_expectation,
                                                leaky_map_angle,
                                                0};
const cf_activation cf_activation_abs = {"abs",         "|u|", abs_evaluate, false, abs_expectation,
                                         abs_map_angle, 0};
