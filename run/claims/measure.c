/* Losses of points, and the exact values that claims compare with. */
#include <math.h>
#include <stdlib.h>

#include "claim.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/memory.h"

cf_loss_parameters cf_claim_loss_of(long psi, double tau, bool sphere)
{
    return (cf_loss_parameters){.psi = cf_psi_rows[psi],
                                .eta = {cf_eta_rows[0], tau, 1},
                                .views = 1,
                                .engine = CF_SUMS_DIRECT,
                                .unit = sphere};
}

cf_status cf_claim_loss(const cf_loss_parameters *loss, const double *z, const double *weights,
                        size_t n, size_t d, double *value, cf_err *err)
{
    cf_loss *created = NULL;
    double *equal = cf_allocate("masses", n, sizeof *equal, err);
    if (equal == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < n; i++)
        equal[i] = 1 / (double)n;
    cf_status status = cf_loss_create(loss, weights != NULL ? weights : equal, n, d, &created, err);
    if (status == CF_OK)
        *value = cf_loss_value(created, z);
    cf_loss_free(&created);
    free(equal);
    return status;
}

void cf_claim_psi(long psi, double G, double out[3])
{
    cf_psi_rows[psi]->evaluate(&G, 1, 0, &out[0], &out[1], &out[2]);
}

/* c_l = Gamma(d/2) (2 tau)^{d/2-1} e^{-1/tau} I_{l+d/2-1}(1/tau); for odd d with the spherical
 * i_k = sqrt(pi tau/2) I_{k+1/2}. */
cf_status cf_claim_multipliers(double tau, size_t d, size_t count, double *c, cf_err *err)
{
    bool odd = d % 2 == 1;
    size_t first = odd ? (d - 3) / 2 : d / 2 - 1;
    double *bessel = cf_allocate("multipliers", first + count, sizeof *bessel, err);
    if (bessel == NULL)
        return CF_ESYSTEM;
    double factor = exp(lgamma(0.5 * (double)d)) * pow(2 * tau, 0.5 * (double)d - 1);
    if (odd) {
        cf_bessel_spherical_scaled(1 / tau, first + count, bessel);
        factor *= sqrt(2 / (acos(-1) * tau));
    } else {
        cf_bessel_scaled(1 / tau, first + count, bessel);
    }
    for (size_t l = 0; l < count; l++)
        c[l] = factor * bessel[first + l];
    free(bessel);
    return CF_OK;
}

size_t cf_claim_kernel_degree(double tau)
{
    return 8 + (size_t)ceil(sqrt(70 / tau));
}

double cf_claim_difference(double (*f)(void *context, double step), void *context, double step)
{
    static const double factors[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
    double total = 0;
    for (int k = 0; k < 4; k++)
        total += factors[k] * (f(context, (k + 1) * step) - f(context, -(k + 1) * step));
    return total / step;
}

bool cf_claim_lists(const cf_integers *list, long value)
{
    for (size_t k = 0; k < list->count; k++)
        if (list->values[k] == value)
            return true;
    return false;
}

void cf_claim_tilt(double *z, size_t n, size_t d, double by)
{
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        z[i * d] += by;
        for (size_t k = 0; k < d; k++)
            square += z[i * d + k] * z[i * d + k];
        for (size_t k = 0; k < d; k++)
            z[i * d + k] /= sqrt(square);
    }
}
