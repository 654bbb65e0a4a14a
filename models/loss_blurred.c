/* E3 of the measure beta * Delta_#mu in R^d, beta = N(0, s^2 I), as a function of the points Delta
 * (E16). With the exponential profile one of the two convolutions is known,
 *   beta * eta = A eta_s,   eta_s(|x|^2/2) = exp(-|x|^2/2(tau + s^2)),   A = (tau/(tau+s^2))^{d/2},
 * and a rule of beta, points b_k of weight v_k, does the other:
 *   G_ki = A sum_j m_j eta_s(Delta_i + b_k - Delta_j),   L = sum_k v_k sum_i m_i Psi(G_ki).
 * The rule is symmetric, b_{k'} = -b_k with k' = K-1-k, so that the gradient is one sum per k,
 *   u_i = sum_k v_k A sum_j (Psi'_ki m_j + m_j Psi'_k'j) grad eta_s(Delta_i + b_k - Delta_j),
 * the exact derivative of this L: the flow keeps its energy identity whatever the rule. Work K n^2
 * d, where a rule for both convolutions needs K^2 n^2 d. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "loss_internal.h"

typedef struct {
    cf_loss base;
    const cf_psi *psi;
    const cf_rule *rule; /* K points */
    cf_pair_sum *sum;
    size_t n, d;
    double *arrays;                               /* owns everything below */
    double *weights, *sources, *column, *dcolumn; /* [n] m, A m, and A m Psi' */
    double *points, *shifted, *force;             /* [n*d] Delta, Delta + b_k, one sum */
    double *G, *value, *dpsi, *d2psi, *rate;      /* [K*n] Psi at G; Psi'' Gdot */
} blurred;

static void set_arrays(blurred *loss, const double *weights, double amplitude)
{
    double **small[] = {&loss->weights, &loss->sources, &loss->column, &loss->dcolumn};
    double **middle[] = {&loss->points, &loss->shifted, &loss->force};
    double **large[] = {&loss->G, &loss->value, &loss->dpsi, &loss->d2psi, &loss->rate};
    double *next = loss->arrays;
    for (size_t k = 0; k < 4; k++, next += loss->n)
        *small[k] = next;
    for (size_t k = 0; k < 3; k++, next += loss->n * loss->d)
        *middle[k] = next;
    for (size_t k = 0; k < 5; k++, next += loss->n * loss->rule->n)
        *large[k] = next;
    for (size_t i = 0; i < loss->n; i++) {
        loss->weights[i] = weights[i];
        loss->sources[i] = amplitude * weights[i];
    }
}

static void release(cf_loss *base)
{
    blurred *loss = (blurred *)base;
    cf_pair_sum_free(&loss->sum);
    free(loss->arrays);
    free(loss);
}

static cf_status create(const cf_loss_parameters *parameters, const double *weights, size_t n,
                        size_t d, cf_loss **out, cf_err *err)
{
    double variance = parameters->blur_spread * parameters->blur_spread;
    double tau = parameters->eta.tau, wider = tau + variance;
    const cf_pair_sum_setup setup = {
        .profile = {parameters->eta.row, wider, parameters->eta.exponent},
        .n = n,
        .d = d,
        .two_sets = true,
        .engine = parameters->engine};
    blurred *loss = cf_allocate("loss", 1, sizeof *loss, err);
    if (loss == NULL)
        return CF_ESYSTEM;
    loss->psi = parameters->psi;
    loss->rule = parameters->blur;
    loss->n = n;
    loss->d = d;
    loss->arrays =
        cf_allocate("loss arrays", n * (4 + 3 * d + 5 * loss->rule->n), sizeof(double), err);
    cf_status status =
        loss->arrays == NULL ? CF_ESYSTEM : cf_pair_sum_create(&setup, &loss->sum, err);
    if (status != CF_OK) {
        release(&loss->base);
        return status;
    }
    set_arrays(loss, weights, pow(tau / wider, 0.5 * (double)d));
    loss->base = (cf_loss){&cf_loss_blurred, cf_pair_sum_engine(loss->sum)};
    *out = &loss->base;
    return CF_OK;
}

/* Targets Delta + b_k. */
static void set_targets(blurred *loss, size_t k)
{
    const double *b = loss->rule->points + k * loss->d;
    for (size_t i = 0; i < loss->n * loss->d; i++)
        loss->shifted[i] = loss->points[i] + b[i % loss->d];
    cf_pair_sum_set_points(loss->sum, loss->shifted, loss->points);
}

/* L, with G, Psi and its derivatives. */
static double value_at(blurred *loss, const double *z)
{
    double total = 0;
    const cf_pair_weights masses = {.b = loss->sources};
    memcpy(loss->points, z, loss->n * loss->d * sizeof *z);
    for (size_t k = 0; k < loss->rule->n; k++) {
        double mean = 0, *value = loss->value + k * loss->n;
        set_targets(loss, k);
        cf_pair_sum_potential(loss->sum, &masses, loss->G + k * loss->n);
        loss->psi->evaluate(loss->G + k * loss->n, loss->n, (double)loss->n, value,
                            loss->dpsi + k * loss->n, loss->d2psi + k * loss->n);
        for (size_t i = 0; i < loss->n; i++)
            mean += loss->weights[i] * value[i];
        total += loss->rule->weights[k] * mean;
    }
    return total;
}

/* A m_j f_j, f [n] of the mirror image of b_k. */
static const double *mirrored(const blurred *loss, size_t k, const double *f, double *column)
{
    const double *mirror = f + (loss->rule->n - 1 - k) * loss->n;
    for (size_t j = 0; j < loss->n; j++)
        column[j] = loss->sources[j] * mirror[j];
    return column;
}

static cf_pair_weights weights_of(const blurred *loss, size_t k, const double *f, double *column)
{
    return (cf_pair_weights){
        .a = f + k * loss->n, .q = loss->sources, .b = mirrored(loss, k, f, column)};
}

static void add_force(const blurred *loss, size_t k, double *u)
{
    for (size_t i = 0; i < loss->n * loss->d; i++)
        u[i] += loss->rule->weights[k] * loss->force[i];
}

static double evaluate(cf_loss *base, const double *z, double *u)
{
    blurred *loss = (blurred *)base;
    double value = value_at(loss, z);
    if (u == NULL)
        return value;
    memset(u, 0, loss->n * loss->d * sizeof *u);
    for (size_t k = 0; k < loss->rule->n; k++) {
        cf_pair_weights w = weights_of(loss, k, loss->dpsi, loss->column);
        set_targets(loss, k);
        cf_pair_sum_force(loss->sum, &w, loss->force);
        add_force(loss, k, u);
    }
    return value;
}

static void hessian_times(cf_loss *base, const double *zdot, double *du)
{
    blurred *loss = (blurred *)base;
    const cf_pair_weights masses = {.b = loss->sources};
    cf_pair_sum_set_motion(loss->sum, zdot, zdot);
    for (size_t k = 0; k < loss->rule->n; k++) {
        double *rate = loss->rate + k * loss->n;
        set_targets(loss, k);
        cf_pair_sum_potential_rate(loss->sum, &masses, rate);
        for (size_t i = 0; i < loss->n; i++)
            rate[i] *= loss->d2psi[k * loss->n + i];
    }
    memset(du, 0, loss->n * loss->d * sizeof *du);
    for (size_t k = 0; k < loss->rule->n; k++) {
        cf_pair_weights w = weights_of(loss, k, loss->dpsi, loss->column);
        cf_pair_weights dw = weights_of(loss, k, loss->rate, loss->dcolumn);
        set_targets(loss, k);
        cf_pair_sum_force_rate(loss->sum, &w, &dw, loss->force);
        add_force(loss, k, du);
    }
}

const cf_loss_form cf_loss_blurred = {create, release, evaluate, hessian_times, NULL, NULL};
