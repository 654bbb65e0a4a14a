/* Activation functions phi and their Gaussian pair expectations, E11-E12. */
#ifndef CONTRAFLOW_MODELS_ACTIVATION_H
#define CONTRAFLOW_MODELS_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

/* `count` pairs (u, v) ~ N(0, [[qx, k], [k, qy]]), k = sqrt(qx qy) cos(angle). The angle stands for
 * k because k no longer tells close points apart: 1 - cos(1e-9) is below rounding. */
typedef struct {
    size_t count;
    const double *qx, *qy; /* >= 0 */
    const double *angle;   /* in [0, pi]; without effect where qx or qy is 0 */
} cf_gaussian_pairs;

/* One row per activation: relu, leaky-relu, abs, erf, tanh, gelu, softplus. `slope` is the slope of
 * leaky-relu for negative arguments; the others ignore it. */
typedef struct {
    const char *name;
    const char *doc;
    /* value, derivative, second [count] = phi, phi', phi'' of u; each may be NULL, and value may be
     * u. At a kink the derivative is the mean of both sides and phi'' is 0. */
    void (*evaluate)(const double *u, size_t count, double slope, double *value, double *derivative,
                     double *second);
    bool smooth; /* phi'' is continuous, and not identically 0 */
    /* value [count] = E[phi(u)phi(v)], derivative [count] = E[phi'(u)phi'(v)]; neither NULL. NULL
     * where no closed form is known. */
    void (*expectation)(const cf_gaussian_pairs *pairs, double slope, double *value,
                        double *derivative);
    /* mapped [count]: the angle between phi(u) and phi(v) in L2, with cosine E[phi(u)phi(v)] /
     * sqrt(E[phi(u)^2] E[phi(v)^2]), where it depends on the angle alone (positively homogeneous
     * phi); NULL elsewhere. mapped may be angle. */
    void (*map_angle)(const double *angle, size_t count, double slope, double *mapped);
    /* phi is analytic for |Im u| < strip; only for those without a closed form. */
    double strip;
} cf_activation;

/* NULL-terminated tables: the rows, and their names (for an option of type choice, same order). */
const cf_activation *const *cf_activations(void);
extern const char *const cf_activation_names[];

#endif
