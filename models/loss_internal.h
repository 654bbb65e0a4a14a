/* What a form of the loss provides; private to models/. */
#ifndef CONTRAFLOW_MODELS_LOSS_INTERNAL_H
#define CONTRAFLOW_MODELS_LOSS_INTERNAL_H

#include "contraflow/models/loss.h"

typedef struct cf_loss_form {
    /* Parameters are checked. */
    cf_status (*create)(const cf_loss_parameters *parameters, const double *weights, size_t n,
                        size_t d, cf_loss **out, cf_err *err);
    void (*free)(cf_loss *loss);
    /* The value and, unless u is NULL, the gradient u. */
    double (*evaluate)(cf_loss *loss, const double *z, double *u);
    void (*hessian_times)(cf_loss *loss, const double *zdot, double *du);
    /* NULL where the loss is no function of the latent measure. */
    void (*first_variation)(cf_loss *loss, const double *z, double *phi);
    /* NULL where it is not made of Psi(G_i). */
    void (*shape)(const cf_loss *loss, cf_loss_shape *shape);
} cf_loss_form;

/* The first member of every form's own struct. */
struct cf_loss {
    const cf_loss_form *form;
    const char *engine;
};

extern const cf_loss_form cf_loss_invariant;                    /* E3 */
extern const cf_loss_form cf_loss_blurred;                      /* E3 of blurred points */
extern const cf_loss_form cf_loss_generalized, cf_loss_nt_xent; /* E2 and E1 of several views */

#endif
