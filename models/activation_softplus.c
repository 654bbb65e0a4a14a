/* phi(u) = log(1 + e^u); branch points at +-i pi. No closed form of E[phi phi] is known. */
#include "activation_internal.h"

#include <math.h>

static void evaluate(const double *u, size_t count, double slope, double *value, double *derivative)
{
    (void)slope;
    for (size_t i = 0; i < count; i++) {
        double decay = exp(-fabs(u[i]));
        if (value != NULL)
            value[i] = fmax(u[i], 0) + log1p(decay);
        if (derivative != NULL)
            derivative[i] = (u[i] > 0 ? 1 : decay) / (1 + decay);
    }
}

const cf_activation cf_activation_softplus = {"softplus", "log(1 + e^u)", evaluate,
                                              NULL,       NULL,           CF_PI};
