/* The rows of the table of activations; one file per family. */
#ifndef CF_MODELS_ACTIVATION_INTERNAL_H
#define CF_MODELS_ACTIVATION_INTERNAL_H

#include "contraflow/models/activation.h"

#define CF_PI 3.14159265358979323846

enum { CF_CHUNK = 256 };

/* phi, phi' and phi'' of up to CF_CHUNK numbers u. */
typedef void cf_activation_triple(const double *u, size_t count, double *value, double *derivative,
                                  double *second);

/* `evaluate` of a row by its triple. */
void cf_activation_evaluate(cf_activation_triple *triple, const double *u, size_t count,
                            double *value, double *derivative, double *second);

extern const cf_activation cf_activation_relu;
extern const cf_activation cf_activation_leaky_relu;
extern const cf_activation cf_activation_abs;
extern const cf_activation cf_activation_erf;
extern const cf_activation cf_activation_tanh;
extern const cf_activation cf_activation_gelu;
extern const cf_activation cf_activation_softplus;

#endif
