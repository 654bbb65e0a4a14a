/* phi(u) = erf(u), E12. With k = sqrt(qx qy) cos t and d = qx qy sin^2 t,
 *   (1 + 2qx)(1 + 2qy) - 4k^2 = 1 + 2(qx + qy) + 4d =: S,
 * a sum of nonnegative terms; the arcsine of E12 is atan2(2k, sqrt S), well conditioned everywhere.
 */
#include "activation_internal.h"

#include <math.h>

#include "contraflow/solver/elementary.h"

static void triple(const double *u, size_t count, double *value, double *derivative, double *second)
{
    double complement[CF_CHUNK];
    cf_elementary_erf(u, count, value, complement, derivative);
    for (size_t i = 0; i < count; i++) {
        derivative[i] *= 2 / sqrt(CF_PI);
        second[i] = -2 * u[i] * derivative[i];
    }
}

static void evaluate(const double *u, size_t count, double slope, double *value, double *derivative,
                     double *second)
{
    (void)slope;
    cf_activation_evaluate(triple, u, count, value, derivative, second);
}

static void expectation(const cf_gaussian_pairs *pairs, double slope, double *value,
                        double *derivative)
{
    (void)slope;
    for (size_t i = 0; i < pairs->count; i++) {
        double qx = pairs->qx[i], qy = pairs->qy[i], size = sqrt(qx) * sqrt(qy);
        double k = size * cos(pairs->angle[i]), rest = size * sin(pairs->angle[i]);
        double root = sqrt(1 + 2 * (qx + qy) + 4 * rest * rest);
        value[i] = 2 / CF_PI * atan2(2 * k, root);
        derivative[i] = 4 / CF_PI / root;
    }
}

const cf_activation cf_activation_erf = {"erf", "erf(u)", evaluate, true, expectation, NULL, 0};
