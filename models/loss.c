/* The invariant loss E3 through kernel sums. With G_i = sum_j m_j eta_ij:
 *   L = sum_i m_i Psi(G_i),
 *   u_i = grad phi(z_i) = sum_j (Psi'_i m_j + m_j Psi'_j) eta'_ij (z_i - z_j)             (E5)
 * and along a motion zdot, with Gdot_i = sum_j m_j eta'_ij (z_i - z_j).(zdot_i - zdot_j),
 *   du_i = sum_j d/dt[eta'_ij (z_i - z_j)] (Psi'_i m_j + m_j Psi'_j)
 *        + sum_j eta'_ij (z_i - z_j) (Psi''_i Gdot_i m_j + m_j Psi''_j Gdot_j).
 * The sum over j includes j = i, so G_i >= m_i > 0 and no logarithm sees an underflow. */
#include "contraflow/models/loss.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"

struct cf_loss {
    const cf_psi *psi;
    cf_pair_sum *sum;
    size_t n;
    double *arrays; /* owns everything below, each [n] */
    double *weights, *ones;
    double *G, *value, *dpsi, *d2psi; /* Psi and its derivatives at G */
    double *mdpsi;                    /* m Psi' */
    double *rate, *mrate;             /* Psi'' Gdot, m Psi'' Gdot */
};

static cf_status check_parameters(const cf_loss_parameters *parameters, const double *weights,
                                  size_t n, cf_err *err)
{
    if (!(parameters->eta.tau >= 1e-6 && parameters->eta.tau <= 1e6))
        return cf_fail(err, CF_EINPUT, "loss.tau = %g: must be in [1e-06, 1e+06]",
                       parameters->eta.tau);
    for (size_t i = 0; i < n && parameters->psi == &cf_psi_nt_xent; i++)
        if (fabs(weights[i] * (double)n - 1) > 1e-12)
            return cf_fail(
                err, CF_EINPUT,
                "loss.kind = nt-xent: needs equal weights; point %zu has weight %g, not 1/%zu",
                i + 1, weights[i], n);
    return CF_OK;
}

static void set_arrays(cf_loss *loss, const double *weights)
{
    double **array[] = {&loss->weights, &loss->ones,  &loss->G,    &loss->value, &loss->dpsi,
                        &loss->d2psi,   &loss->mdpsi, &loss->rate, &loss->mrate};
    for (size_t k = 0; k < sizeof array / sizeof *array; k++)
        *array[k] = loss->arrays + k * loss->n;
    for (size_t i = 0; i < loss->n; i++) {
        loss->weights[i] = weights[i];
        loss->ones[i] = 1;
    }
}

cf_status cf_loss_create(const cf_loss_parameters *parameters, const double *weights, size_t n,
                         size_t d, cf_loss **out, cf_err *err)
{
    *out = NULL;
    cf_status status = check_parameters(parameters, weights, n, err);
    if (status != CF_OK)
        return status;
    cf_loss *loss = cf_allocate("loss", 1, sizeof *loss, err);
    if (loss == NULL)
        return CF_ESYSTEM;
    loss->psi = parameters->psi;
    loss->n = n;
    loss->arrays = cf_allocate("loss arrays", 9 * n, sizeof(double), err);
    status = cf_pair_sum_create(parameters->eta, n, d, CF_SIMD_BEST, &loss->sum, err);
    if (loss->arrays == NULL || status != CF_OK) {
        cf_loss_free(&loss);
        return CF_ESYSTEM;
    }
    set_arrays(loss, weights);
    *out = loss;
    return CF_OK;
}

void cf_loss_free(cf_loss **loss)
{
    if (*loss == NULL)
        return;
    cf_pair_sum_free(&(*loss)->sum);
    free((*loss)->arrays);
    free(*loss);
    *loss = NULL;
}

const char *cf_loss_engine(const cf_loss *loss)
{
    return cf_pair_sum_engine(loss->sum);
}

double cf_loss_value(cf_loss *loss, const double *z)
{
    cf_pair_weights masses = {1, {loss->ones}, {loss->weights}};
    cf_pair_sum_set_points(loss->sum, z);
    cf_pair_sum_potential(loss->sum, &masses, loss->G);
    loss->psi->evaluate(loss->G, loss->n, (double)loss->n, loss->value, loss->dpsi, loss->d2psi);
    double total = 0;
    for (size_t i = 0; i < loss->n; i++) {
        loss->mdpsi[i] = loss->weights[i] * loss->dpsi[i];
        total += loss->weights[i] * loss->value[i];
    }
    return total;
}

/* w_ij = Psi'_i m_j + m_j Psi'_j of E5. */
static cf_pair_weights gradient_weights(const cf_loss *loss)
{
    return (cf_pair_weights){2, {loss->dpsi, loss->ones}, {loss->weights, loss->mdpsi}};
}

double cf_loss_gradient(cf_loss *loss, const double *z, double *u)
{
    double value = cf_loss_value(loss, z);
    cf_pair_weights w = gradient_weights(loss);
    cf_pair_sum_force(loss->sum, &w, u);
    return value;
}

void cf_loss_first_variation(cf_loss *loss, const double *z, double *phi)
{
    cf_loss_value(loss, z);
    cf_pair_weights w = {1, {loss->ones}, {loss->mdpsi}};
    cf_pair_sum_potential(loss->sum, &w, phi);
    for (size_t i = 0; i < loss->n; i++)
        phi[i] += loss->value[i];
}

void cf_loss_hessian_times(cf_loss *loss, const double *zdot, double *du)
{
    cf_pair_weights masses = {1, {loss->ones}, {loss->weights}};
    cf_pair_sum_set_motion(loss->sum, zdot);
    cf_pair_sum_potential_rate(loss->sum, &masses, loss->rate);
    for (size_t i = 0; i < loss->n; i++) {
        loss->rate[i] *= loss->d2psi[i];
        loss->mrate[i] = loss->weights[i] * loss->rate[i];
    }
    cf_pair_weights w = gradient_weights(loss);
    cf_pair_weights dw = {2, {loss->rate, loss->ones}, {loss->weights, loss->mrate}};
    cf_pair_sum_force_rate(loss->sum, &w, &dw, du);
}
