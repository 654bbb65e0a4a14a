/* Radial profiles eta of the loss, E2. */
#include <math.h>

#include "contraflow/solver/pair_sum.h"
#include "vector_kernels.h"

/* eta(s) = exp(-s/tau). */
static void exponential(const cf_profile *profile, const cf_vector_kernels *vector, const double *s,
                        size_t count, double *k0)
{
    vector->exponential(-1 / profile->tau, s, count, k0);
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

/* eta(s) = (1 + s/tau)^-p. */
static void power(const cf_profile *profile, const cf_vector_kernels *vector, const double *s,
                  size_t count, double *k0)
{
    (void)vector;
    for (size_t j = 0; j < count; j++)
        k0[j] = pow(1 + s[j] / profile->tau, -profile->exponent);
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

static const cf_profile_row exponential_row = {"exponential", "exp(-s/tau), the Gaussian of E2",
                                               exponential, exponential_derivatives};
static const cf_profile_row power_row = {"power", "(1 + s/tau)^-exponent, a heavy tail", power,
                                         power_derivatives};

const char *const cf_eta_names[] = {"exponential", "power", NULL};
const cf_profile_row *const cf_eta_rows[] = {&exponential_row, &power_row, NULL};
