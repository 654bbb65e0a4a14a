/* The invariant loss E3 through kernel sums. With G_i = sum_j m_j eta_ij:
 *   L = sum_i m_i Psi(G_i),
 *   u_i = grad phi(z_i) = sum_j (Psi'_i m_j + m_j Psi'_j) eta'_ij (z_i - z_j)             (E5)
 * and along a motion zdot, with Gdot_i = sum_j m_j eta'_ij (z_i - z_j).(zdot_i - zdot_j),
 *   du_i = sum_j d/dt[eta'_ij (z_i - z_j)] (Psi'_i m_j + m_j Psi'_j)
 *        + sum_j eta'_ij (z_i - z_j) (Psi''_i Gdot_i m_j + m_j Psi''_j Gdot_j).
 * The sum over j includes j = i, so G_i >= m_i > 0 and no logarithm sees an underflow. */
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "loss_internal.h"

typedef struct {
    cf_loss base;
    const cf_psi *psi;
    cf_pair_sum *sum;
    size_t n;
    double *arrays; /* owns everything below, each [n] */
    double *weights;
    double *G, *value, *dpsi, *d2psi; /* Psi and its derivatives at G */
    double *mdpsi;                    /* m Psi' */
    double *rate, *mrate;             /* Psi'' Gdot, m Psi'' Gdot */
} invariant;

static void set_arrays(invariant *loss, const double *weights)
{
    double **array[] = {&loss->weights, &loss->G,     &loss->value, &loss->dpsi,
                        &loss->d2psi,   &loss->mdpsi, &loss->rate,  &loss->mrate};
    for (size_t k = 0; k < sizeof array / sizeof *array; k++)
        *array[k] = loss->arrays + k * loss->n;
    memcpy(loss->weights, weights, loss->n * sizeof *weights);
}

static void release(cf_loss *base)
{
    invariant *loss = (invariant *)base;
    cf_pair_sum_free(&loss->sum);
    free(loss->arrays);
    free(loss);
}

static cf_status create(const cf_loss_parameters *parameters, const double *weights, size_t n,
                        size_t d, cf_loss **out, cf_err *err)
{
    const cf_pair_sum_setup setup = {.profile = parameters->eta,
                                     .n = n,
                                     .d = d,
                                     .unit = parameters->unit,
                                     .engine = parameters->engine,
                                     .tolerance = parameters->tolerance};
    invariant *loss = cf_allocate("loss", 1, sizeof *loss, err);
    if (loss == NULL)
        return CF_ESYSTEM;
    loss->psi = parameters->psi;
    loss->n = n;
    loss->arrays = cf_allocate("loss arrays", 8 * n, sizeof(double), err);
    cf_status status =
        loss->arrays == NULL ? CF_ESYSTEM : cf_pair_sum_create(&setup, &loss->sum, err);
    if (status != CF_OK) {
        release(&loss->base);
        return status;
    }
    set_arrays(loss, weights);
    loss->base = (cf_loss){&cf_loss_invariant, cf_pair_sum_engine(loss->sum)};
    *out = &loss->base;
    return CF_OK;
}

static double value_at(invariant *loss, const double *z)
{
    const cf_pair_weights masses = {.b = loss->weights};
    cf_pair_sum_set_points(loss->sum, z, z);
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
static cf_pair_weights gradient_weights(const invariant *loss)
{
    return (cf_pair_weights){.a = loss->dpsi, .q = loss->weights, .b = loss->mdpsi};
}

static double evaluate(cf_loss *base, const double *z, double *u)
{
    invariant *loss = (invariant *)base;
    double value = value_at(loss, z);
    const cf_pair_weights w = gradient_weights(loss);
    if (u != NULL)
        cf_pair_sum_force(loss->sum, &w, u);
    return value;
}

static void first_variation(cf_loss *base, const double *z, double *phi)
{
    invariant *loss = (invariant *)base;
    value_at(loss, z);
    const cf_pair_weights w = {.b = loss->mdpsi};
    cf_pair_sum_potential(loss->sum, &w, phi);
    for (size_t i = 0; i < loss->n; i++)
        phi[i] += loss->value[i];
}

static void hessian_times(cf_loss *base, const double *zdot, double *du)
{
    invariant *loss = (invariant *)base;
    const cf_pair_weights masses = {.b = loss->weights};
    cf_pair_sum_set_motion(loss->sum, zdot, zdot);
    cf_pair_sum_potential_rate(loss->sum, &masses, loss->rate);
    for (size_t i = 0; i < loss->n; i++) {
        loss->rate[i] *= loss->d2psi[i];
        loss->mrate[i] = loss->weights[i] * loss->rate[i];
    }
    const cf_pair_weights w = gradient_weights(loss);
    const cf_pair_weights dw = {.a = loss->rate, .q = loss->weights, .b = loss->mrate};
    cf_pair_sum_force_rate(loss->sum, &w, &dw, du);
}

static void shape_of(const cf_loss *base, cf_loss_shape *shape)
{
    const invariant *loss = (const invariant *)base;
    *shape = (cf_loss_shape){loss->G, loss->dpsi, loss->d2psi};
}

const cf_loss_form cf_loss_invariant = {create,        release,         evaluate,
                                        hessian_times, first_variation, shape_of};
