#include "contraflow/models/start_law.h"

#include <math.h>

#include "contraflow/solver/bessel.h"

static const double PI = 3.14159265358979323846;

/* Lengths of a normal law beyond which less than 1e-15 of it lies. */
static const double NORMAL_REACH = 8.5;

static double surface(size_t d)
{
    return d == 2 ? 2 * PI : 4 * PI;
}

/* --- uniform and normal --- */

static void uniform(const cf_start_law *law, size_t d, size_t q, const double *z, size_t n,
                    double *rho)
{
    (void)law, (void)q, (void)z;
    for (size_t i = 0; i < n; i++)
        rho[i] = 1 / surface(d);
}

static void normal(const cf_start_law *law, size_t d, size_t q, const double *z, size_t n,
                   double *rho)
{
    (void)q;
    double variance = law->spread * law->spread, scale = pow(2 * PI * variance, -0.5 * (double)d);
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++)
            square += z[i * d + k] * z[i * d + k];
        rho[i] = scale * exp(-square / (2 * variance));
    }
}

static double phi(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

/* The law of h/|h|, h = e_1 + s N(0, I): the integral of r^{d-1} over the ray, with c the cosine
 * of the angle from e_1, D = c/s and B = exp(-(1 - c^2)/2s^2):
 *   d = 2: exp(-1/2s^2)/2 pi + D Phi(D) B / sqrt(2 pi)
 *   d = 3: D exp(-1/2s^2)/(2 pi)^{3/2} + (1 + D^2) Phi(D) B / 2 pi. */
static void projected_normal(const cf_start_law *law, size_t d, size_t q, const double *z, size_t n,
                             double *rho)
{
    (void)q;
    double s = law->spread, far = exp(-1 / (2 * s * s));
    for (size_t i = 0; i < n; i++) {
        double sine = 0, D = z[i * d] / s;
        for (size_t k = 1; k < d; k++)
            sine += z[i * d + k] * z[i * d + k];
        double near = phi(D) * exp(-sine / (2 * s * s));
        if (d == 2)
            rho[i] = far / (2 * PI) + D * near / sqrt(2 * PI);
        else
            rho[i] = D * far / pow(2 * PI, 1.5) + (1 + D * D) * near / (2 * PI);
        rho[i] = fmax(rho[i], 0);
    }
}

cf_status cf_law_near_point(const cf_latent *latent, double spread, cf_start_law *out, cf_err *err)
{
    if (!(spread > 0))
        return cf_fail(err, CF_EINPUT,
                       "start.spread = %g: must be positive where a flow has a density", spread);
    *out = (cf_start_law){.density = latent->sphere ? projected_normal : normal,
                          .axial = true,
                          .width = spread,
                          .reach = NORMAL_REACH * spread,
                          .spread = spread};
    return CF_OK;
}

cf_start_law cf_law_random(const cf_latent *latent)
{
    return (cf_start_law){.density = latent->sphere ? uniform : normal,
                          .axial = true,
                          .width = 1,
                          .reach = NORMAL_REACH,
                          .spread = 1};
}

/* --- perturbed uniform --- */

/* cos(k angle) or P_k at the cosine c, by the recurrences of Chebyshev and Legendre. */
static double zonal(size_t d, long degree, double c)
{
    double before = 1, value = degree == 0 ? 1 : c;
    for (long k = 1; k < degree; k++) {
        double l = (double)k;
        double next =
            d == 2 ? 2 * c * value - before : ((2 * l + 1) * c * value - l * before) / (l + 1);
        before = value;
        value = next;
    }
    return value;
}

static void perturbed(const cf_start_law *law, size_t d, size_t q, const double *z, size_t n,
                      double *rho)
{
    (void)q;
    for (size_t i = 0; i < n; i++) {
        double total = 1;
        for (size_t k = 0; k < law->modes; k++)
            total += law->amplitudes[k] * zonal(d, law->degrees[k], z[i * d]);
        rho[i] = total / surface(d);
    }
}

cf_status cf_law_perturbed(const cf_latent *latent, const long *degrees, const double *amplitudes,
                           size_t modes, cf_start_law *out, cf_err *err)
{
    double total = 0;
    long highest = 1;
    if (!latent->sphere || latent->dimension > 3)
        return cf_fail(err, CF_EINPUT,
                       "start.kind = perturbed: needs latent.space = sphere of dimension 2 or 3");
    for (size_t k = 0; k < modes; k++) {
        total += fabs(amplitudes[k]);
        highest = degrees[k] > highest ? degrees[k] : highest;
    }
    if (total > 1)
        return cf_fail(err, CF_EINPUT,
                       "start.amplitudes: their sizes sum to %g, but a density is positive only up "
                       "to 1",
                       total);
    *out = (cf_start_law){.density = perturbed,
                          .axial = true,
                          .width = 1 / (double)highest,
                          .degrees = degrees,
                          .amplitudes = amplitudes,
                          .modes = modes};
    return CF_OK;
}

/* The mass within `x` of e_1: x an angle up to pi on the circle (of one side, times two), or the
 * cosine from 1 downward on S^2; int P_l = (P_{l-1} - P_{l+1})/(2l+1). */
static double mass_within(const cf_start_law *law, size_t d, double x)
{
    double mass = d == 2 ? x / PI : 0.5 * (1 - x);
    for (size_t k = 0; k < law->modes; k++) {
        double l = (double)law->degrees[k];
        mass += law->amplitudes[k] *
                (d == 2 ? sin(l * x) / (l * PI)
                        : (zonal(3, law->degrees[k] - 1, x) - zonal(3, law->degrees[k] + 1, x)) /
                              (2 * (2 * l + 1)));
    }
    return mass;
}

double cf_law_perturbed_quantile(const cf_start_law *law, size_t d, double mass)
{
    double low = 0, high = 1;
    for (int k = 0; k < 60; k++) {
        double middle = 0.5 * (low + high);
        double x = d == 2 ? PI * middle : 1 - 2 * middle;
        if (mass_within(law, d, x) < mass)
            low = middle;
        else
            high = middle;
    }
    return d == 2 ? PI * low : 1 - 2 * low;
}

/* --- points --- */

/* A point of cluster q; where the cluster has none, any point. */
static bool belongs(const cf_data *data, size_t i, size_t q, double mass)
{
    return mass == 0 || data->labels == NULL || (size_t)data->labels[i] == q;
}

static double mass_of(const cf_data *data, size_t q)
{
    double mass = 0;
    for (size_t i = 0; i < data->n; i++)
        if (data->labels == NULL || (size_t)data->labels[i] == q)
            mass += data->weights[i];
    return mass;
}

static void points(const cf_start_law *law, size_t d, size_t q, const double *z, size_t n,
                   double *rho)
{
    double mass = mass_of(law->data, q), scale = law->peak / (mass > 0 ? mass : 1);
    double rate = 1 / (2 * law->spread * law->spread);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) {
        rho[i] = 0;
        for (size_t j = 0; j < law->data->n; j++) {
            double square = 0;
            for (size_t k = 0; k < d; k++)
                square += (z[i * d + k] - law->z[j * d + k]) * (z[i * d + k] - law->z[j * d + k]);
            if (belongs(law->data, j, q, mass))
                rho[i] += scale * law->data->weights[j] * exp(-rate * square);
        }
    }
}

/* Silverman's rule in m dimensions, (4/(m+2))^{1/(m+4)} s n^{-1/(m+4)}, with s^2 the variance in
 * each about the means of the clusters, and n the points of a cluster. */
static double silverman(const cf_latent *latent, const cf_data *data, const double *z)
{
    size_t d = latent->dimension, m = latent->sphere ? d - 1 : d;
    size_t clusters = data->labels != NULL && data->clusters > 1 ? data->clusters : 1;
    double n = (double)data->n / (double)clusters, variance = 0;
    for (size_t q = 0; q < clusters; q++)
        for (size_t k = 0; k < d; k++) {
            double mass = 0, mean = 0, square = 0;
            for (size_t i = 0; i < data->n; i++) {
                if (clusters > 1 && (size_t)data->labels[i] != q)
                    continue;
                mass += data->weights[i];
                mean += data->weights[i] * z[i * d + k];
                square += data->weights[i] * z[i * d + k] * z[i * d + k];
            }
            variance += mass > 0 ? fmax(square - mean * mean / mass, 0) : 0;
        }
    return sqrt(variance / (double)m) * pow(4 / ((double)m + 2) / n, 1 / ((double)m + 4));
}

/* One over the integral of exp(-|z - z'|^2/2b^2), on the sphere of exp(kappa (z.z' - 1)) with
 * kappa = 1/b^2. */
static double kernel_peak(const cf_latent *latent, double width)
{
    size_t d = latent->dimension;
    double kappa = 1 / (width * width), scaled;
    if (!latent->sphere)
        return pow(2 * PI / kappa, -0.5 * (double)d);
    if (d == 2)
        cf_bessel_scaled(kappa, 1, &scaled);
    else
        cf_bessel_spherical_scaled(kappa, 1, &scaled);
    return 1 / (surface(d) * scaled);
}

cf_start_law cf_law_points(const cf_latent *latent, const cf_data *data, const double *z,
                           double width)
{
    cf_start_law law = {.density = points,
                        .by_cluster = data->labels != NULL,
                        .data = data,
                        .z = z,
                        .spread = width};
    if (width == 0)
        law.spread = silverman(latent, data, z);
    law.width = law.spread;
    law.peak = kernel_peak(latent, law.spread);
    double farthest = 0;
    for (size_t i = 0; i < data->n * latent->dimension; i++)
        farthest = fmax(farthest, fabs(z[i]));
    law.reach = farthest + NORMAL_REACH * law.spread;
    return law;
}

/* --- given --- */

static void given(const cf_start_law *law, size_t d, size_t q, const double *z, size_t n,
                  double *rho)
{
    (void)d, (void)z;
    for (size_t i = 0; i < n; i++)
        rho[i] = i < law->rows ? law->values[i * law->columns + q] : NAN;
}

cf_start_law cf_law_given(const double *values, size_t rows, size_t columns)
{
    return (cf_start_law){.density = given,
                          .by_cluster = columns > 1,
                          .width = INFINITY,
                          .values = values,
                          .rows = rows,
                          .columns = columns};
}
