/* phi(u) = tanh(u); poles at +-i pi/2. No closed form of E[phi phi] is known. */
#include "activation_internal.h"

#include <math.h>

static void evaluate(const double *u, size_t count, double slope, double *value, double *derivative)
{
    (void)slope;
    for (size_t i = 0; i < count; i++) {
        double decay = exp(-2 * fabs(u[i]));
        if (value != NULL)
            value[i] = tanh(u[i]);
        if (derivative != NULL)
            derivative[i] = 4 * decay / ((1 + decay) * (1 + decay));
    }
}

const cf_activation cf_activation_tanh = {"tanh", "tanh(u)", evaluate, NULL, NULL, CF_PI / 2};
