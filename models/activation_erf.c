/* phi(u) = erf(u), E12. With k = sqrt(qx qy) cos t and d = qx qy sin^2 t,
 *   (1 + 2qx)(1 + 2qy) - 4k^2 = 1 + 2(qx + qy) + 4d =: S,
 * a sum of nonnegative terms; the arcsine of E12 is atan2(2k, sqrt S), well conditioned everywhere.
 */
#include "activation_internal.h"

#include <math.h>

#include "contraflow/solver/elementary.h"
#include "gaussian_kernels.h"

static void triple(const double *u, size_t count, double *value, double *derivative, double *second)
{
    double complement[CF_CHUNK];
    cf_elementary_erf(u, count, value, complement, derivative);
    for (size_t i = 0; i < count; i++) {
        derivative[i] *= 2 / sqrt(CF_PI);
        second[i] = -2 * u[i] * derivative[i];
    }
}

static void evaluate(const double *u, size_t count, cf_activation_shape shape, double *value,
                     double *derivative, double *second)
{
    (void)shape;
    cf_activation_evaluate(triple, u, count, value, derivative, second);
}

static void expectation(const cf_gaussian_pairs *pairs, double slope, double *value,
                        double *derivative, const cf_chords *mapped)
{
    (void)slope, (void)mapped;
    cf_gaussian_kernels_get(CF_SIMD_BEST)->erf(pairs, value, derivative);
}

const cf_activation cf_activation_erf = {"erf", "erf(u)", evaluate, true, expectation, false, 0};
