/* phi(u) = log(1 + e^u); branch points at +-i pi. No closed form of E[phi phi] is known. */
#include "activation_internal.h"

#include <math.h>

#include "contraflow/solver/elementary.h"

/* With e = exp(-|u|): max(u, 0) + log(1 + e). */
static void triple(const double *u, size_t count, double *value, double *derivative, double *second)
{
    double power[CF_CHUNK], less_one[CF_CHUNK];
    for (size_t i = 0; i < count; i++)
        second[i] = -fabs(u[i]);
    cf_elementary_exp(second, count, power, less_one);
    cf_elementary_log1p(power, count, value);
    for (size_t i = 0; i < count; i++) {
        double inverse = 1 / (1 + power[i]);
        value[i] += u[i] > 0 ? u[i] : 0;
        derivative[i] = (u[i] > 0 ? 1 : power[i]) * inverse;
        second[i] = power[i] * inverse * inverse;
    }
}

static void evaluate(const double *u, size_t count, cf_activation_shape shape, double *value,
                     double *derivative, double *second)
{
    (void)shape;
    cf_activation_evaluate(triple, u, count, value, derivative, second);
}

const cf_activation cf_activation_softplus = {"softplus", "log(1 + e^u)", evaluate, true,
                                              NULL,       false,          CF_PI};
