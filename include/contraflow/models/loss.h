/* Contrastive losses: E2 of V views of weighted points; the invariant case E3 of one view, with its
 * first variation E4 and gradient E5; and E1, the row `nt-xent`. Value, gradient and Hessian
 * products; all sums over pairs are kernel sums (solver/pair_sum.h). */
#ifndef CONTRAFLOW_MODELS_LOSS_H
#define CONTRAFLOW_MODELS_LOSS_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"
#include "contraflow/solver/pair_sum.h"
#include "contraflow/solver/quadrature.h"

/* Psi of E2. `points` is the number of points n, which only nt-xent uses: with one view E1 means
 * Psi(G) = log(2nG - 1), with several views it has no Psi. */
typedef struct {
    const char *name;
    const char *doc;
    /* psi, dpsi, d2psi [count] = Psi, Psi', Psi'' of G [count]. */
    void (*evaluate)(const double *G, size_t count, double points, double *psi, double *dpsi,
                     double *d2psi);
    /* The same for Psi(e^l) as a function of l [count] = log q: log1p and log are finite for every
     * finite l, identity overflows to infinity from l = 709.8 on. NULL for nt-xent. */
    void (*of_log)(const double *l, size_t count, double *psi, double *dpsi, double *d2psi);
} cf_psi;

extern const char *const cf_psi_names[];  /* log1p, log, identity: same order as cf_psi_rows */
extern const cf_psi *const cf_psi_rows[]; /* NULL-terminated */
extern const cf_psi cf_psi_nt_xent;

typedef struct {
    const cf_psi *psi;
    cf_profile eta;
    size_t views; /* V; 0 and 1 are the invariant case */
    /* Invariant case in R^d with the exponential profile: points that are blurred by N(0,
     * blur_spread^2 I), for which this is a rule (cf_rule_normal, scaled); borrowed, and kept.
     * NULL: they are not. */
    const cf_rule *blur;
    double blur_spread;
    cf_sums engine;   /* of the kernel sums, and the error that it may have, see */
    double tolerance; /* solver/pair_sum.h; of one view: with several, `direct` alone serves */
    bool unit;        /* points have norm 1 and motions are tangential */
} cf_loss_parameters;

typedef struct cf_loss cf_loss;

/* For n points in R^d of masses `weights` [n], which are copied. With V > 1 views, n counts all
 * views, row i*V + v is view v of point i, and its views share the mass of a point. CF_EINPUT for
 * tau outside [1e-6, 1e6], for views of unequal masses, and for nt-xent with points of unequal
 * masses. */
cf_status cf_loss_create(const cf_loss_parameters *parameters, const double *weights, size_t n,
                         size_t d, cf_loss **out, cf_err *err);
void cf_loss_free(cf_loss **loss);

/* The engine of its kernel sums, for provenance; owned by the loss. */
const char *cf_loss_engine(const cf_loss *loss);

/* L at z [n*d]: E3 with one view, else E2 or E1. Infinite where Psi = identity overflows, finite
 * otherwise. */
double cf_loss_value(cf_loss *loss, const double *z);

/* Returns L and writes u [n*d], row by row dL/dz divided by the mass of the row: grad phi(z_i) of
 * E5 with one view. Not projected. */
double cf_loss_gradient(cf_loss *loss, const double *z, double *u);

/* The derivative du [n*d] of u along zdot [n*d], at the points of the last cf_loss_gradient: the
 * exact Hessian-vector product, each row divided by its mass. */
void cf_loss_hessian_times(cf_loss *loss, const double *zdot, double *du);

/* The shape of the invariant loss at the points of the last cf_loss_gradient: G_i, and Psi' and
 * Psi'' there, each [n] and owned by the loss. False with several views and with blurred points. */
typedef struct {
    const double *G, *dpsi, *d2psi;
} cf_loss_shape;
bool cf_loss_shape_of(const cf_loss *loss, cf_loss_shape *shape);

/* phi(z_i) [n] of E4. False, and nothing is written, with several views: that loss compares
 * partners and is no function of the latent measure. */
bool cf_loss_first_variation(cf_loss *loss, const double *z, double *phi);

#endif
