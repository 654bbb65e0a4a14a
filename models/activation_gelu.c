/* phi(u) = u Phi(u), Phi the standard normal distribution function and p its density.
 *
 * Phi(u) = P(a < u), a normal, gives the orthant probability
 *   F = E[Phi(u)Phi(v)] = 1/4 + asin(k / sqrt((1+qx)(1+qy))) / 2pi = 1/4 + atan2(k, sqrt M) / 2pi,
 *   M = det(I + Sigma) = 1 + qx + qy + qx qy sin^2 t.
 * The factor p(v) tilts the Gaussian: v gets variance qy/(1+qy), covariance k/(1+qy), and u is left
 * with the variance q', 1 + q' = M/(1+qy). Hence
 *   E[v Phi(u) p(v)] = k / (2pi (1+qy) sqrt M),  E[v p(u) Phi(v)] = (M/(1+qx) - 1) / (2pi sqrt M),
 *   E[u v p(u) p(v)] = k / (2pi M^{3/2}).
 * Gaussian integration by parts, E[u g] = qx E[dg/du] + k E[dg/dv] with g = v Phi(u) Phi(v), then
 * collects to
 *   E[phi phi]   = k F + qx qy (M + cos^2 t) / (2pi (1+qx)(1+qy) sqrt M),
 *   E[phi' phi'] = F + k (1/(1+qx) + 1/(1+qy) + 1/M) / (2pi sqrt M). */
#include "activation_internal.h"

#include <math.h>

#include "contraflow/solver/elementary.h"
#include "gaussian_kernels.h"

static void triple(const double *u, size_t count, double *value, double *derivative, double *second)
{
    double own[CF_CHUNK], complement[CF_CHUNK], gauss[CF_CHUNK];
    for (size_t i = 0; i < count; i++)
        second[i] = -u[i] * sqrt(0.5);
    cf_elementary_erf(second, count, own, complement, gauss);
    for (size_t i = 0; i < count; i++) {
        double distribution = complement[i] / 2, density = gauss[i] / sqrt(2 * CF_PI);
        value[i] = u[i] * distribution;
        derivative[i] = distribution + u[i] * density;
        second[i] = (2 - u[i] * u[i]) * density;
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
    cf_gaussian_kernels_get(CF_SIMD_BEST)->gelu(pairs, value, derivative);
}

const cf_activation cf_activation_gelu = {
    "gelu", "u Phi(u), Phi the normal distribution function", evaluate, true, expectation, false,
    0};
