/* The loss E3 of a density on the nodes of a quadrature, and its first variation E4; private to
 * models/. With nodes of weight w_i, a convolution C that is symmetric for those weights and
 * G = C rho, the discrete loss is L = sum_i w_i rho_i Psi(G_i), and phi = Psi(G) + C(Psi'(G) rho)
 * is exactly its derivative: dL = sum_i w_i phi_i drho_i. */
#ifndef CONTRAFLOW_MODELS_MEAN_FIELD_H
#define CONTRAFLOW_MODELS_MEAN_FIELD_H

#include "contraflow/models/loss.h"

/* out [n] = sum_j w_j eta(x_i, x_j) f_j; f is not kept. */
typedef struct {
    void *context;
    void (*apply)(void *context, const double *f, double *out);
} cf_convolution;

typedef struct cf_mean_field cf_mean_field;

/* `weights` [n] and the context are borrowed and kept. CF_EINPUT for nt-xent, which depends on the
 * number of points. */
cf_status cf_mean_field_create(const cf_psi *psi, size_t n, const double *weights,
                               const cf_convolution *convolution, cf_mean_field **out, cf_err *err);
void cf_mean_field_free(cf_mean_field **field);

/* Returns L and writes phi [n] at rho [n]. Where G is below 1e-14 of its maximum, the rounding
 * error of the convolution, it counts as that constant. */
double cf_mean_field_evaluate(cf_mean_field *field, const double *rho, double *phi);

/* The derivative of phi [n] along the motion v [n], at the last evaluation. */
void cf_mean_field_move(cf_mean_field *field, const double *v, double *phidot);

#endif
