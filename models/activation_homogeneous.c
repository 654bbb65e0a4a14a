/* The positively homogeneous activations phi(u) = A u + B |u|: relu (A = B = 1/2), leaky relu with
 * slope a (A = (1+a)/2, B = (1-a)/2), abs (A = 0, B = 1). E[u |v|] = 0 by symmetry, so that with
 * the angle t between u and v E[phi phi]   = sqrt(qx qy) (A^2 cos t + B^2 g(t)),  g = (2/pi)(sin t
 * + (pi/2 - t) cos t), E[phi' phi'] = A^2 + B^2 (1 - 2t/pi), which are the forms of E12. */
#include "activation_internal.h"

#include "contraflow/solver/elementary.h"
#include "gaussian_kernels.h"

typedef struct {
    double odd, even; /* A, B */
} parts;

static parts parts_of(double slope)
{
    return (parts){(1 + slope) / 2, (1 - slope) / 2};
}

static void expectation(parts p, const cf_gaussian_pairs *pairs, double *value, double *derivative,
                        const cf_chords *mapped)
{
    cf_gaussian_kernels_get(CF_SIMD_BEST)
        ->homogeneous(pairs, p.odd * p.odd, p.even * p.even, value, derivative, mapped);
}

/* Three rows that differ in the slope alone. */
#define ROW(id, own_slope)                                                                         \
    static void id##_evaluate(const double *u, size_t count, cf_activation_shape shape,            \
                              double *value, double *derivative, double *second)                   \
    {                                                                                              \
        double slope = shape.slope;                                                                \
        (void)slope;                                                                               \
        const cf_ramp ramp = {own_slope, shape.rounding};                                          \
        cf_elementary_ramp(u, count, ramp, value, derivative, second);                             \
    }                                                                                              \
    static void id##_expectation(const cf_gaussian_pairs *pairs, double slope, double *value,      \
                                 double *derivative, const cf_chords *mapped)                      \
    {                                                                                              \
        (void)slope;                                                                               \
        expectation(parts_of(own_slope), pairs, value, derivative, mapped);                        \
    }

ROW(relu, 0.0)
ROW(leaky, slope)
ROW(abs, -1.0)

const cf_activation cf_activation_relu = {
    "relu", "max(u, 0)", relu_evaluate, false, relu_expectation, true, 0};
const cf_activation cf_activation_leaky_relu = {"leaky-relu",
                                                "u for u > 0, slope u for u < 0",
                                                leaky_evaluate,
                                                false,
                                                leaky_expectation,
                                                true,
                                                0};
const cf_activation cf_activation_abs = {"abs", "|u|", abs_evaluate, false, abs_expectation,
                                         true,  0};
