/* Radial profiles eta of the loss, E2. */
#include <math.h>

#include "contraflow/solver/pair_sum.h"
#include "pair_kernels.h"

/* eta(s) = exp(-s/tau). */
static void exponential(double tau, double exponent, const double *s, size_t count, double *k0,
                        double *k1, double *k2)
{
    (void)exponent;
    cf_pair_kernels_portable.exponential(1 / tau, s, count, k0, k1, k2);
}

/* eta(s) = (1 + s/tau)^-p. */
static void power(double tau, double exponent, const double *s, size_t count, double *k0, double *k1,
                  double *k2)
{
    for (size_t j = 0; j < count; j++) {
        double base = 1 + s[j] / tau, value = pow(base, -exponent);
        k0[j] = value;
        if (k1 != NULL)
            k1[j] = -exponent / tau * value / base;
        if (k2 != NULL)
            k2[j] = exponent * (exponent + 1) / (tau * tau) * value / (base * base);
    }
}

static const cf_profile_row exponential_row = {"exponential", "exp(-s/tau), the Gaussian of E2",
                                               exponential};
static const cf_profile_row power_row = {"power", "(1 + s/tau)^-exponent, a heavy tail", power};

const char *const cf_eta_names[] = {"exponential", "power", NULL};
const cf_profile_row *const cf_eta_rows[] = {&exponential_row, &power_row, NULL};
