#include "contraflow/models/loss.h"

#include <math.h>

#include "loss_internal.h"

static cf_status check_weights(const cf_loss_parameters *parameters, const double *weights,
                               size_t n, cf_err *err)
{
    size_t views = parameters->views > 1 ? parameters->views : 1;
    if (n % views != 0)
        return cf_fail(err, CF_EINPUT, "loss: %zu rows are no whole number of groups of %zu views",
                       n, views);
    for (size_t i = 0; i < n; i++) {
        if (weights[i] != weights[i / views * views])
            return cf_fail(err, CF_EINPUT,
                           "loss: the views of a point must have equal weights; row %zu has %g, "
                           "not %g",
                           i + 1, weights[i], weights[i / views * views]);
        if (parameters->psi == &cf_psi_nt_xent && !(fabs(weights[i] * (double)n - 1) <= 1e-12))
            return cf_fail(err, CF_EINPUT,
                           "loss.kind = nt-xent: needs equal weights; point %zu has weight %g, "
                           "not 1/%zu",
                           i / views + 1, weights[i] * (double)views, n / views);
    }
    return CF_OK;
}

static const cf_loss_form *form_of(const cf_loss_parameters *parameters)
{
    if (parameters->views < 2)
        return parameters->blur != NULL ? &cf_loss_blurred : &cf_loss_invariant;
    return parameters->psi == &cf_psi_nt_xent ? &cf_loss_nt_xent : &cf_loss_generalized;
}

cf_status cf_loss_create(const cf_loss_parameters *parameters, const double *weights, size_t n,
                         size_t d, cf_loss **out, cf_err *err)
{
    *out = NULL;
    if (!(parameters->eta.tau >= 1e-6 && parameters->eta.tau <= 1e6))
        return cf_fail(err, CF_EINPUT, "loss.tau = %g: must be in [1e-06, 1e+06]",
                       parameters->eta.tau);
    cf_status status = check_weights(parameters, weights, n, err);
    return status == CF_OK ? form_of(parameters)->create(parameters, weights, n, d, out, err)
                           : status;
}

void cf_loss_free(cf_loss **loss)
{
    if (*loss != NULL)
        (*loss)->form->free(*loss);
    *loss = NULL;
}

const char *cf_loss_engine(const cf_loss *loss)
{
    return loss->engine;
}

double cf_loss_value(cf_loss *loss, const double *z)
{
    return loss->form->evaluate(loss, z, NULL);
}

double cf_loss_gradient(cf_loss *loss, const double *z, double *u)
{
    return loss->form->evaluate(loss, z, u);
}

void cf_loss_hessian_times(cf_loss *loss, const double *zdot, double *du)
{
    loss->form->hessian_times(loss, zdot, du);
}

bool cf_loss_shape_of(const cf_loss *loss, cf_loss_shape *shape)
{
    if (loss->form->shape == NULL)
        return false;
    loss->form->shape(loss, shape);
    return true;
}

bool cf_loss_first_variation(cf_loss *loss, const double *z, double *phi)
{
    if (loss->form->first_variation == NULL)
        return false;
    loss->form->first_variation(loss, z, phi);
    return true;
}
