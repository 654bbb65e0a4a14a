/* Activation functions phi and their Gaussian pair expectations, E11-E12. */
#ifndef CONTRAFLOW_MODELS_ACTIVATION_H
#define CONTRAFLOW_MODELS_ACTIVATION_H

#include <stddef.h>

#include "contraflow/solver/error.h"

/* One row per activation: relu, leaky-relu, abs, erf, tanh, gelu, softplus. `slope` is the slope of
 * leaky-relu for negative arguments; the others ignore it. */
typedef struct {
    const char *name;
    const char *doc;
    /* value [count] = phi(u), derivative [count] = phi'(u); either may be NULL. At a kink the
     * derivative is the mean of both sides. */
    void (*evaluate)(const double *u, size_t count, double slope, double *value,
                     double *derivative);
    /* With (u,v) ~ N(0, [[qx, k], [k, qy]]) for each of `count` pairs: value = E[phi(u)phi(v)],
     * derivative = E[phi'(u)phi'(v)]. NULL where no closed form is known. */
    void (*expectation)(const double *qx, const double *qy, const double *k, size_t count,
                        double slope, double *value, double *derivative);
} cf_activation;

/* NULL-terminated tables: the rows, and their names (for an option of type choice, same order). */
const cf_activation *const *cf_activations(void);
extern const char *const cf_activation_names[];

#endif
