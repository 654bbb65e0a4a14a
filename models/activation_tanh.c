/* phi(u) = tanh(u); poles at +-i pi/2. No closed form of E[phi phi] is known. */
#include "activation_internal.h"

#include <math.h>

#include "contraflow/solver/elementary.h"

/* With e = exp(-2|u|): tanh|u| = (1 - e)/(1 + e), and its derivative 4e/(1 + e)^2. */
static void triple(const double *u, size_t count, double *value, double *derivative, double *second)
{
    double power[CF_CHUNK], less_one[CF_CHUNK];
    for (size_t i = 0; i < count; i++)
        second[i] = -2 * fabs(u[i]);
    cf_elementary_exp(second, count, power, less_one);
    for (size_t i = 0; i < count; i++) {
        double inverse = 1 / (1 + power[i]);
        value[i] = (u[i] < 0 ? less_one[i] : -less_one[i]) * inverse;
        derivative[i] = 4 * power[i] * inverse * inverse;
        second[i] = -2 * value[i] * derivative[i];
    }
}

static void evaluate(const double *u, size_t count, cf_activation_shape shape, double *value,
                     double *derivative, double *second)
{
    (void)shape;
    cf_activation_evaluate(triple, u, count, value, derivative, second);
}

const cf_activation cf_activation_tanh = {"tanh", "tanh(u)", evaluate, true,
                                          NULL,   false,     CF_PI / 2};
