/* phi(u) = tanh(u); poles at +-i pi/2. No closed form of E[phi phi] is known. */
#include "activation_internal.h"

#include <math.h>

static void evaluate(const double *u, size_t count, double slope, double *value, double *derivative,
                     double *second)
{
    (void)slope;
    for (size_t i = 0; i < count; i++) {
        double y = tanh(u[i]), decay = exp(-2 * fabs(u[i]));
        double slope_here = 4 * decay / ((1 + decay) * (1 + decay));
        if (value != NULL)
            value[i] = y;
        if (derivative != NULL)
            derivative[i] = slope_here;
        if (second != NULL)
            second[i] = -2 * y * slope_here;
    }
}

const cf_activation cf_activation_tanh = {"tanh", "tanh(u)", evaluate, true, NULL, NULL, CF_PI / 2};
