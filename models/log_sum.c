/* With c_i = min_j s_ij held fixed and T_i = sum_j m_j eta_ij/eta(c_i), rho_i = log T_i + log
 * eta(c_i). For L = sum_i m_i F(rho_i), with X_ij = z_i - z_j,
 *   (dL/dz_i)/m_i = sum_j [f_i/T_i m_j /eta(c_i) + m_j f_j/T_j /eta(c_j)] eta'_ij X_ij:
 * without the references one sum, with them two. */
#include "log_sum.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"

struct cf_log_sum {
    cf_profile eta;
    cf_pair_sum *sum;
    const double *masses;
    size_t n, d;
    bool relative;            /* at the last points */
    double *arrays;           /* owns everything below */
    double *smallest, *total; /* c, T [n] */
    double *slope, *mslope;   /* f/T, m f/T */
    double *change, *mchange; /* their derivatives */
    double *rhodot;
    double *force; /* [n*d] */
};

enum { POINT_ARRAYS = 7 };

cf_status cf_log_sum_create(const cf_pair_sum_setup *setup, const double *masses, cf_log_sum **out,
                            cf_err *err)
{
    *out = NULL;
    cf_pair_sum_setup referred = *setup;
    referred.references = true;
    cf_log_sum *sum = cf_allocate("loss", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    sum->eta = setup->profile;
    sum->masses = masses;
    sum->n = setup->n;
    sum->d = setup->d;
    sum->arrays = cf_allocate("loss arrays", sum->n * (POINT_ARRAYS + sum->d), sizeof(double), err);
    cf_status status =
        sum->arrays == NULL ? CF_ESYSTEM : cf_pair_sum_create(&referred, &sum->sum, err);
    if (status != CF_OK) {
        cf_log_sum_free(&sum);
        return status;
    }
    double **array[] = {&sum->smallest, &sum->total,   &sum->slope,  &sum->mslope,
                        &sum->change,   &sum->mchange, &sum->rhodot, &sum->force};
    for (size_t k = 0; k < sizeof array / sizeof *array; k++)
        *array[k] = sum->arrays + k * sum->n;
    *out = sum;
    return CF_OK;
}

void cf_log_sum_free(cf_log_sum **sum)
{
    if (*sum == NULL)
        return;
    cf_pair_sum_free(&(*sum)->sum);
    free((*sum)->arrays);
    free(*sum);
    *sum = NULL;
}

const char *cf_log_sum_engine(const cf_log_sum *sum)
{
    return cf_pair_sum_engine(sum->sum);
}

/* m_j/eta(c_i). */
static cf_pair_weights masses_of(const cf_log_sum *sum)
{
    return (cf_pair_weights){.b = sum->masses,
                             .target_reference = sum->relative ? sum->smallest : NULL};
}

void cf_log_sum_evaluate(cf_log_sum *sum, const double *z, bool relative, double *rho)
{
    sum->relative = relative;
    cf_pair_sum_set_points(sum->sum, z, z);
    if (relative)
        cf_pair_sum_smallest(sum->sum, sum->smallest);
    cf_pair_weights w = masses_of(sum);
    cf_pair_sum_potential(sum->sum, &w, sum->total);
    for (size_t i = 0; i < sum->n; i++) {
        double lambda[3] = {0};
        if (relative)
            sum->eta.row->logarithm(&sum->eta, sum->smallest[i], lambda);
        rho[i] = log(sum->total[i]) + lambda[0];
    }
}

static void add(const cf_log_sum *sum, double *g)
{
    for (size_t k = 0; k < sum->n * sum->d; k++)
        g[k] += sum->force[k];
}

static void set_slopes(cf_log_sum *sum, const double *f)
{
    for (size_t i = 0; i < sum->n; i++) {
        sum->slope[i] = f[i] / sum->total[i];
        sum->mslope[i] = sum->masses[i] * sum->slope[i];
    }
}

void cf_log_sum_gradient(cf_log_sum *sum, const double *f, double *g)
{
    set_slopes(sum, f);
    cf_pair_weights w = {.a = sum->slope, .q = sum->masses, .b = sum->mslope};
    if (!sum->relative) {
        cf_pair_sum_force(sum->sum, &w, g);
        return;
    }
    w.b = NULL;
    w.target_reference = sum->smallest;
    cf_pair_sum_force(sum->sum, &w, g);
    w = (cf_pair_weights){.b = sum->mslope, .source_reference = sum->smallest};
    cf_pair_sum_force(sum->sum, &w, sum->force);
    add(sum, g);
}

void cf_log_sum_rate(cf_log_sum *sum, const double *zdot, double *rhodot)
{
    cf_pair_weights w = masses_of(sum);
    cf_pair_sum_set_motion(sum->sum, zdot, zdot);
    cf_pair_sum_potential_rate(sum->sum, &w, sum->rhodot);
    for (size_t i = 0; i < sum->n; i++)
        rhodot[i] = sum->rhodot[i] /= sum->total[i];
}

/* (f/T)' = (f' - f rho')/T. */
void cf_log_sum_gradient_rate(cf_log_sum *sum, const double *f, const double *fdot, double *gdot)
{
    set_slopes(sum, f);
    for (size_t i = 0; i < sum->n; i++) {
        sum->change[i] = (fdot[i] - f[i] * sum->rhodot[i]) / sum->total[i];
        sum->mchange[i] = sum->masses[i] * sum->change[i];
    }
    cf_pair_weights w = {.a = sum->slope, .q = sum->masses, .b = sum->mslope};
    cf_pair_weights dw = {.a = sum->change, .q = sum->masses, .b = sum->mchange};
    if (!sum->relative) {
        cf_pair_sum_force_rate(sum->sum, &w, &dw, gdot);
        return;
    }
    w.b = dw.b = NULL;
    w.target_reference = sum->smallest;
    cf_pair_sum_force_rate(sum->sum, &w, &dw, gdot);
    w = (cf_pair_weights){.b = sum->mslope, .source_reference = sum->smallest};
    dw = (cf_pair_weights){.b = sum->mchange};
    cf_pair_sum_force_rate(sum->sum, &w, &dw, sum->force);
    add(sum, gdot);
}
