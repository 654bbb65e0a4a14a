#include "activation_internal.h"

static const cf_activation *const rows[] = {
    &cf_activation_relu, &cf_activation_leaky_relu, &cf_activation_abs,      &cf_activation_erf,
    &cf_activation_tanh, &cf_activation_gelu,       &cf_activation_softplus, NULL};

const char *const cf_activation_names[] = {"relu", "leaky-relu", "abs",      "erf",
                                           "tanh", "gelu",       "softplus", NULL};

const cf_activation *const *cf_activations(void)
{
    return rows;
}
