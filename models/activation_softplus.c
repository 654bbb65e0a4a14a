/* phi(u) = log(1 + e^u); branch points at +-i pi. No closed form of E[phi phi] is known. */
#include "activation_internal.h"

#include <math.h>

static void evaluate(const double *u, size_t count, double slope, double *value, double *derivative,
                     double *second)
{
    (void)slope;
    for (size_t i = 0; i < count; i++) {
        double x = u[i], decay = exp(-fabs(x));
        if (value != NULL)
            value[i] = fmax(x, 0) + log1p(decay);
        if (derivative != NULL)
            derivative[i] = (x > 0 ? 1 : decay) / (1 + decay);
        if (second != NULL)
            second[i] = decay / ((1 + decay) * (1 + decay));
    }
}

const cf_activation cf_activation_softplus = {"softplus", "log(1 + e^u)", evaluate, true,
                                              NULL,       NULL,           CF_PI};
