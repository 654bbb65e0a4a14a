/* The logarithm of a kernel sum from targets y_i to sources x_j, n points each,
 *   rho_i = log sum_j m_j eta(s_ij),   s_ij = |y_i - x_j|^2 / 2,
 * and the derivatives of sums over i of functions of it. Safe where every eta of a row underflows:
 * eta is taken relative to its value at the smallest s_ij of the row. Private to models/. */
#ifndef CONTRAFLOW_MODELS_LOG_SUM_H
#define CONTRAFLOW_MODELS_LOG_SUM_H

#include "contraflow/solver/pair_sum.h"

typedef struct cf_log_sum cf_log_sum;

/* `masses` [n] are borrowed for the life of the sum. The setup's instruction set is chosen here. */
cf_status cf_log_sum_create(const cf_pair_sum_setup *setup, const double *masses, cf_log_sum **out,
                            cf_err *err);
void cf_log_sum_free(cf_log_sum **sum);
const char *cf_log_sum_engine(const cf_log_sum *sum);

/* rho [n] at targets y [n*d] and sources x [n*d], which may be the same. */
void cf_log_sum_evaluate(cf_log_sum *sum, const double *y, const double *x, double *rho);

/* With L = sum_i m_i F(rho_i) and f_i = F'(rho_i) [n], at the last points: adds (dL/dy_i)/m_i to gy
 * and (dL/dx_j)/m_j to gx [n*d]. */
void cf_log_sum_add_gradient(cf_log_sum *sum, const double *f, double *gy, double *gx);

/* The derivative of rho [n] along motions of targets and sources [n*d]. */
void cf_log_sum_rate(cf_log_sum *sum, const double *ydot, const double *xdot, double *rhodot);

/* The derivative of what cf_log_sum_add_gradient adds, along the last motion; fdot [n] = f'. */
void cf_log_sum_add_gradient_rate(cf_log_sum *sum, const double *f, const double *fdot, double *gy,
                                  double *gx);

#endif
