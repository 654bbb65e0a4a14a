/* Radial profiles eta of the loss, E2. */
#include <math.h>

#include "contraflow/solver/pair_sum.h"
#include "vector_kernels.h"

/* eta(s) = exp(-s/tau). */
static void exponential(const cf_profile *profile, const cf_vector_kernels *vector, const double *s,
                        size_t count, double *k0, double *k1, double *k2)
{
    double rate = 1 / profile->tau;
    vector->exponential(-rate, s, count, k0);
    if (k1 != NULL)
        vector->scale(-rate, k0, count, k1);
    if (k2 != NULL)
        vector->scale(rate * rate, k0, count, k2);
}

/* eta(s) = (1 + s/tau)^-p. */
static void power(const cf_profile *profile, const cf_vector_kernels *vector, const double *s,
                  size_t count, double *k0, double *k1, double *k2)
{
    (void)vector;
    double p = profile->exponent, tau = profile->tau;
    for (size_t j = 0; j < count; j++) {
        double base = 1 + s[j] / tau, value = pow(base, -p);
        k0[j] = value;
        if (k1 != NULL)
            k1[j] = -p / tau * value / base;
        if (k2 != NULL)
            k2[j] = p * (p + 1) / (tau * tau) * value / (base * base);
    }
}

static const cf_profile_row exponential_row = {"exponential", "exp(-s/tau), the Gaussian of E2",
                                               exponential};
static const cf_profile_row power_row = {"power", "(1 + s/tau)^-exponent, a heavy tail", power};

const char *const cf_eta_names[] = {"exponential", "power", NULL};
const cf_profile_row *const cf_eta_rows[] = {&exponential_row, &power_row, NULL};
