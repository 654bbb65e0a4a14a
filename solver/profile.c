/* Radial profiles eta of the loss, E2. */
#include <math.h>
#include <string.h>

#include "contraflow/solver/pair_sum.h"
#include "vector_kernels.h"

/* eta(s) = exp(-s/tau). */
static void exponential(const cf_profile *profile, const cf_vector_kernels *vector, const double *s,
                        size_t count, double *k0)
{
    vector->exponential(-1 / profile->tau, s, count, k0);
}

static void exponential_ratio(const cf_profile *profile, const cf_vector_kernels *vector,
                              const double *s, double *c, size_t count, double *k0)
{
    for (size_t j = 0; j < count; j++)
        c[j] = s[j] - c[j];
    vector->exponential(-1 / profile->tau, c, count, k0);
}

static void exponential_derivatives(const cf_profile *profile, const cf_vector_kernels *vector,
                                    const double *s, const double *k0, size_t count, double *k1,
                                    double *k2)
{
    (void)s;
    double rate = 1 / profile->tau;
    vector->scale(-rate, k0, count, k1);
    if (k2 != NULL)
        vector->scale(rate * rate, k0, count, k2);
}

static void exponential_logarithm(const cf_profile *profile, double s, double lambda[3])
{
    lambda[0] = -s / profile->tau;
    lambda[1] = -1 / profile->tau;
    lambda[2] = 0;
}

/* eta(s) = (1 + s/tau)^-p. */
static void power(const cf_profile *profile, const cf_vector_kernels *vector, const double *s,
                  size_t count, double *k0)
{
    for (size_t j = 0; j < count; j++)
        k0[j] = 1 + s[j] / profile->tau;
    vector->power(-profile->exponent, k0, count, k0);
}

static void power_ratio(const cf_profile *profile, const cf_vector_kernels *vector, const double *s,
                        double *c, size_t count, double *k0)
{
    for (size_t j = 0; j < count; j++)
        c[j] = (profile->tau + s[j]) / (profile->tau + c[j]);
    vector->power(-profile->exponent, c, count, k0);
}

static void power_derivatives(const cf_profile *profile, const cf_vector_kernels *vector,
                              const double *s, const double *k0, size_t count, double *k1,
                              double *k2)
{
    (void)vector;
    double p = profile->exponent, tau = profile->tau;
    for (size_t j = 0; j < count; j++) {
        double base = 1 + s[j] / tau;
        k1[j] = -p / tau * k0[j] / base;
        if (k2 != NULL)
            k2[j] = p * (p + 1) / (tau * tau) * k0[j] / (base * base);
    }
}

static void power_logarithm(const cf_profile *profile, double s, double lambda[3])
{
    double p = profile->exponent, base = profile->tau + s;
    lambda[0] = -p * log1p(s / profile->tau);
    lambda[1] = -p / base;
    lambda[2] = p / base / base;
}

static const cf_profile_row exponential_row = {
    "exponential",     "exp(-s/tau), the Gaussian of E2", exponential,
    exponential_ratio, exponential_derivatives,           exponential_logarithm};
static const cf_profile_row power_row = {
    "power",        "(1 + s/tau)^-exponent, a heavy tail", power, power_ratio, power_derivatives,
    power_logarithm};

const char *const cf_eta_names[] = {"exponential", "power", NULL};
const cf_profile_row *const cf_eta_rows[] = {&exponential_row, &power_row, NULL};

/* In blocks, because the vector kernels want aligned arrays of whole vectors. */
void cf_profile_values(const cf_profile *profile, const double *s, size_t count, double *eta)
{
    enum { BLOCK = 64 };
    const cf_vector_kernels *vector = cf_vector_kernels_get(CF_SIMD_BEST);
    _Alignas(64) double from[BLOCK] = {0}, to[BLOCK];
    for (size_t first = 0; first < count; first += BLOCK) {
        size_t used = count - first < BLOCK ? count - first : BLOCK;
        memcpy(from, s + first, used * sizeof *s);
        profile->row->value(profile, vector, from, BLOCK, to);
        memcpy(eta + first, to, used * sizeof *s);
    }
}
