/* Views in rows i*V + v brought together by view, and the partner terms of the losses E1 and E2:
 * lambda_i = log eta(s_i), s_i = |y_i - x_i|^2 / 2, of point i seen in two views. Private to
 * models/.
 */
#ifndef CONTRAFLOW_MODELS_VIEW_PAIRS_H
#define CONTRAFLOW_MODELS_VIEW_PAIRS_H

#include "contraflow/solver/pair_sum.h"

/* V views of n points in R^d: by_view [V][n*d] from rows [n*V*d], and rows = factor by_view. */
typedef struct {
    size_t views, n, d;
} cf_view_shape;

void cf_views_gather(const cf_view_shape *shape, const double *rows, double *by_view);
void cf_views_scatter(const cf_view_shape *shape, double factor, const double *by_view,
                      double *rows);

/* Two views of n points and, where rates are asked for, their motions; [n*d] each. */
typedef struct {
    const cf_profile *eta;
    size_t n, d;
    const double *y, *x, *ydot, *xdot;
} cf_view_pair;

/* lambda [n], and its derivative along the motions. */
void cf_view_pair_similarity(const cf_view_pair *pair, double *lambda);
void cf_view_pair_similarity_rate(const cf_view_pair *pair, double *lambdadot);

/* Subtracts f_i dlambda_i/dy_i from row i of gy and f_i dlambda_i/dx_i from gx [n*d]; then the
 * derivative of that along the motions when f changes at the rate fdot. */
void cf_view_pair_subtract_gradient(const cf_view_pair *pair, const double *f, double *gy,
                                    double *gx);
void cf_view_pair_subtract_gradient_rate(const cf_view_pair *pair, const double *f,
                                         const double *fdot, double *gy, double *gx);

#endif
