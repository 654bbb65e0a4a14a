/* Losses of points, and the exact values that claims compare with. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/memory.h"

static double squared_distance(const double *x, const double *y, size_t d)
{
    double sum = 0;
    for (size_t k = 0; k < d; k++)
        sum += (x[k] - y[k]) * (x[k] - y[k]);
    return sum;
}

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

/* forces [n]: the sums over j of m_j (Psi'(G_i) + Psi'(G_j)) |eta'(s_ij)| |z_i - z_j|. Many points
 * stand for a smooth measure: then some of them tell the forces of those that follow. */
static void size_forces(const cf_loss_parameters *loss, const cf_claim_points *p, double *slopes,
                        double *forces)
{
    double lambda[3], eta, psi[3];
    size_t stride = 1 + p->n / 512;
    for (size_t i = 0; i < p->n; i++) {
        double G = 0;
        for (size_t j = 0; j < p->n && i % stride == 0; j++) {
            double s = squared_distance(p->z + i * p->d, p->z + j * p->d, p->d) / 2;
            cf_profile_values(&loss->eta, &s, 1, &eta);
            G += p->masses[j] * eta;
        }
        if (i % stride == 0)
            loss->psi->evaluate(&G, 1, (double)p->n, &psi[0], &psi[1], &psi[2]);
        slopes[i] = psi[1];
    }
    for (size_t i = 0; i < p->n; i++) {
        forces[i] = i % stride == 0 ? 0 : forces[i - 1];
        for (size_t j = 0; j < p->n && i % stride == 0; j++) {
            double square = squared_distance(p->z + i * p->d, p->z + j * p->d, p->d);
            loss->eta.row->logarithm(&loss->eta, square / 2, lambda);
            forces[i] += p->masses[j] * (slopes[i] + slopes[j]) * exp(lambda[0]) * fabs(lambda[1]) *
                         sqrt(square);
        }
    }
}

/* The largest |velocity_i| / forces_i; a point without forces has no velocity. */
static double largest_speed(const cf_claim_points *p, const double *velocity, const double *forces)
{
    double largest = 0;
    for (size_t i = 0; i < p->n; i++) {
        double square = 0;
        for (size_t k = 0; k < p->d; k++)
            square += velocity[i * p->d + k] * velocity[i * p->d + k];
        double speed = square == 0 ? 0 : sqrt(square) / forces[i];
        largest = speed <= largest ? largest : speed;
    }
    return largest;
}

cf_status cf_claim_speed(const cf_loss_parameters *loss, const cf_claim_points *p, double *speed,
                         cf_err *err)
{
    cf_flow *flow = NULL;
    double dissipation,
        *arrays = cf_allocate("forces", 3 * p->n + 2 * p->n * p->d, sizeof(double), err);
    if (arrays == NULL)
        return CF_ESYSTEM;
    double *weights = arrays, *forces = weights + p->n, *slopes = forces + p->n;
    double *start = slopes + p->n, *velocity = start + p->n * p->d;
    memcpy(weights, p->masses, p->n * sizeof *weights);
    memcpy(start, p->z, p->n * p->d * sizeof *start);
    const cf_data data = {p->n, p->d, start, weights, (int *)p->labels, p->clusters};
    const cf_flow_setup setup = {.data = &data,
                                 .latent = {.sphere = true, .dimension = p->d},
                                 .loss = *loss,
                                 .start = start,
                                 .threshold = 0.9};
    cf_status status = cf_flow_kind_find("vanilla", "particles")->create(&setup, &flow, err);
    if (status == CF_OK) {
        const cf_ode *ode = cf_flow_ode(flow);
        status = ode->rhs(ode->system, 0, cf_flow_start(flow), velocity, &dissipation, err);
    }
    if (status == CF_OK) {
        size_forces(loss, p, slopes, forces);
        *speed = largest_speed(p, velocity, forces);
    }
    cf_flow_free(&flow);
    free(arrays);
    return status;
}
