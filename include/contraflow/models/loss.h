/* The invariant contrastive loss E3 of a weighted point measure, with its first variation E4,
 * gradient E5 and Hessian products; E1 with one view is the row `nt-xent`. All sums over pairs are
 * kernel sums (solver/pair_sum.h). */
#ifndef CONTRAFLOW_MODELS_LOSS_H
#define CONTRAFLOW_MODELS_LOSS_H

#include <stddef.h>

#include "contraflow/solver/error.h"
#include "contraflow/solver/pair_sum.h"

/* Psi of E2. `points` is the number of points n, which only nt-xent uses: with one view E1 means
 * Psi(G) = log(2nG - 1). */
typedef struct {
    const char *name;
    const char *doc;
    /* psi, dpsi, d2psi [count] = Psi, Psi', Psi'' of G [count]. */
    void (*evaluate)(const double *G, size_t count, double points, double *psi, double *dpsi,
                     double *d2psi);
} cf_psi;

extern const char *const cf_psi_names[];  /* log1p, log, identity: same order as cf_psi_rows */
extern const cf_psi *const cf_psi_rows[]; /* NULL-terminated */
extern const cf_psi cf_psi_nt_xent;

typedef struct {
    const cf_psi *psi;
    cf_profile eta;
    size_t views;
} cf_loss_parameters;

typedef struct cf_loss cf_loss;

/* For n points in R^d with masses `weights` [n], which are copied. CF_EINPUT for tau outside
 * [1e-6, 1e6], and for nt-xent with unequal weights. */
cf_status cf_loss_create(const cf_loss_parameters *parameters, const double *weights, size_t n,
                         size_t d, cf_loss **out, cf_err *err);
void cf_loss_free(cf_loss **loss);

/* The engine of its kernel sums, for provenance; owned by the loss. */
const char *cf_loss_engine(const cf_loss *loss);

/* L[rho] = sum_i m_i Psi(G_i), E3, at z [n*d]. */
double cf_loss_value(cf_loss *loss, const double *z);

/* Returns L and writes u_i = grad phi(z_i) [n*d], so that dL/dz_i = m_i u_i (E5); not projected. */
double cf_loss_gradient(cf_loss *loss, const double *z, double *u);

/* phi(z_i) [n] of E4. */
void cf_loss_first_variation(cf_loss *loss, const double *z, double *phi);

/* The derivative du [n*d] of u along zdot [n*d], at the points of the last cf_loss_gradient: the
 * exact Hessian-vector product of E3, row i divided by m_i. */
void cf_loss_hessian_times(cf_loss *loss, const double *zdot, double *du);

#endif
