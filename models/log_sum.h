/* The logarithms of kernel sums among n points,
 *   rho_i = log sum_j m_j eta(s_ij),   s_ij = |z_i - z_j|^2 / 2,
 * over the pairs that a setup names, and the derivatives of sums over i of functions of them. Where
 * every eta of a row may underflow, eta is taken relative to its value at the smallest s_ij of the
 * row, which costs four times as much. Private to models/. */
#ifndef CONTRAFLOW_MODELS_LOG_SUM_H
#define CONTRAFLOW_MODELS_LOG_SUM_H

#include "contraflow/solver/pair_sum.h"

typedef struct cf_log_sum cf_log_sum;

/* `masses` [n] are borrowed for the life of the sum; references are set up here. */
cf_status cf_log_sum_create(const cf_pair_sum_setup *setup, const double *masses, cf_log_sum **out,
                            cf_err *err);
void cf_log_sum_free(cf_log_sum **sum);
const char *cf_log_sum_engine(const cf_log_sum *sum);

/* rho [n] at z [n*d]. Without `relative` every row must have an eta above e^-300. */
void cf_log_sum_evaluate(cf_log_sum *sum, const double *z, bool relative, double *rho);

/* With L = sum_i m_i F(rho_i) and f_i = F'(rho_i) [n], at the last points: (dL/dz_i)/m_i [n*d]. */
void cf_log_sum_gradient(cf_log_sum *sum, const double *f, double *g);

/* The derivative of rho [n] along a motion [n*d]; then that of the gradient, fdot [n] = f'. */
void cf_log_sum_rate(cf_log_sum *sum, const double *zdot, double *rhodot);
void cf_log_sum_gradient_rate(cf_log_sum *sum, const double *f, const double *fdot, double *gdot);

#endif
