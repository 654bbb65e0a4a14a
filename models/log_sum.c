/* With c_i = min_j s_ij held fixed and T_i = sum_j m_j eta_ij/eta(c_i), rho_i = log T_i + log
 * eta(c_i). For L = sum_i m_i F(rho_i), with X_ij = y_i - x_j,
 *   (dL/dy_i)/m_i =  f_i/T_i sum_j m_j     (eta'_ij/eta(c_i)) X_ij,
 *   (dL/dx_j)/m_j = -        sum_i m_i f_i/T_i (eta'_ij/eta(c_i)) X_ij:
 * a sum over sources, and one from the sources' side over targets. */
#include "log_sum.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"

struct cf_log_sum {
    cf_profile eta;
    cf_pair_sum *forward, *backward; /* to targets, and from them to sources */
    const double *masses;
    size_t n, d;
    double *arrays;           /* owns everything below */
    double *smallest, *total; /* c, T [n] */
    double *slope, *mslope;   /* f/T, m f/T */
    double *change, *mchange, *rhodot;
    double *force; /* [n*d] */
};

enum { POINT_ARRAYS = 7 };

cf_status cf_log_sum_create(const cf_pair_sum_setup *setup, const double *masses, cf_log_sum **out,
                            cf_err *err)
{
    *out = NULL;
    cf_log_sum *sum = cf_allocate("loss", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    sum->eta = setup->profile;
    sum->masses = masses;
    sum->n = setup->n;
    sum->d = setup->d;
    sum->arrays = cf_allocate("loss arrays", sum->n * (POINT_ARRAYS + sum->d), sizeof(double), err);
    cf_status status = sum->arrays == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = cf_pair_sum_create(setup, &sum->forward, err);
    if (status == CF_OK)
        status = cf_pair_sum_create(setup, &sum->backward, err);
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
    cf_pair_sum_free(&(*sum)->forward);
    cf_pair_sum_free(&(*sum)->backward);
    free((*sum)->arrays);
    free(*sum);
    *sum = NULL;
}

const char *cf_log_sum_engine(const cf_log_sum *sum)
{
    return cf_pair_sum_engine(sum->forward);
}

/* a_i m_j eta_ij/eta(c_i), a = 1 where it is NULL; and from the other side q_i eta_ij/eta(c_i). */
static cf_pair_weights to_targets(const cf_log_sum *sum, const double *a)
{
    return (cf_pair_weights){.a = a,
                             .q = a != NULL ? sum->masses : NULL,
                             .b = a != NULL ? NULL : sum->masses,
                             .target_reference = sum->smallest};
}

static cf_pair_weights to_sources(const cf_log_sum *sum, const double *q)
{
    return (cf_pair_weights){.b = q, .source_reference = sum->smallest};
}

void cf_log_sum_evaluate(cf_log_sum *sum, const double *y, const double *x, double *rho)
{
    cf_pair_sum_set_points(sum->forward, y, x);
    cf_pair_sum_set_points(sum->backward, x, y);
    cf_pair_sum_smallest(sum->forward, sum->smallest);
    cf_pair_weights w = to_targets(sum, NULL);
    cf_pair_sum_potential(sum->forward, &w, sum->total);
    for (size_t i = 0; i < sum->n; i++) {
        double lambda[3];
        sum->eta.row->logarithm(&sum->eta, sum->smallest[i], lambda);
        rho[i] = log(sum->total[i]) + lambda[0];
    }
}

static void set_slopes(cf_log_sum *sum, const double *f)
{
    for (size_t i = 0; i < sum->n; i++) {
        sum->slope[i] = f[i] / sum->total[i];
        sum->mslope[i] = sum->masses[i] * sum->slope[i];
    }
}

static void add(const cf_log_sum *sum, double *g)
{
    for (size_t k = 0; k < sum->n * sum->d; k++)
        g[k] += sum->force[k];
}

void cf_log_sum_add_gradient(cf_log_sum *sum, const double *f, double *gy, double *gx)
{
    set_slopes(sum, f);
    cf_pair_weights targets = to_targets(sum, sum->slope), sources = to_sources(sum, sum->mslope);
    cf_pair_sum_force(sum->forward, &targets, sum->force);
    add(sum, gy);
    cf_pair_sum_force(sum->backward, &sources, sum->force);
    add(sum, gx);
}

void cf_log_sum_rate(cf_log_sum *sum, const double *ydot, const double *xdot, double *rhodot)
{
    cf_pair_sum_set_motion(sum->forward, ydot, xdot);
    cf_pair_sum_set_motion(sum->backward, xdot, ydot);
    cf_pair_weights w = to_targets(sum, NULL);
    cf_pair_sum_potential_rate(sum->forward, &w, sum->rhodot);
    for (size_t i = 0; i < sum->n; i++)
        rhodot[i] = sum->rhodot[i] /= sum->total[i];
}

/* (f/T)' = (f' - f rho')/T. */
void cf_log_sum_add_gradient_rate(cf_log_sum *sum, const double *f, const double *fdot, double *gy,
                                  double *gx)
{
    set_slopes(sum, f);
    for (size_t i = 0; i < sum->n; i++) {
        sum->change[i] = (fdot[i] - f[i] * sum->rhodot[i]) / sum->total[i];
        sum->mchange[i] = sum->masses[i] * sum->change[i];
    }
    cf_pair_weights w = to_targets(sum, sum->slope), dw = to_targets(sum, sum->change);
    cf_pair_sum_force_rate(sum->forward, &w, &dw, sum->force);
    add(sum, gy);
    w = to_sources(sum, sum->mslope);
    dw = to_sources(sum, sum->mchange);
    cf_pair_sum_force_rate(sum->backward, &w, &dw, sum->force);
    add(sum, gx);
}
