/* The rows of the table of activations; one file per family. */
#ifndef CF_MODELS_ACTIVATION_INTERNAL_H
#define CF_MODELS_ACTIVATION_INTERNAL_H

#include "contraflow/models/activation.h"

#define CF_PI 3.14159265358979323846

extern const cf_activation cf_activation_relu;
extern const cf_activation cf_activation_leaky_relu;
extern const cf_activation cf_activation_abs;
extern const cf_activation cf_activation_erf;
extern const cf_activation cf_activation_tanh;
extern const cf_activation cf_activation_gelu;
extern const cf_activation cf_activation_softplus;

#endif
