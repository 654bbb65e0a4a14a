/* Activation functions phi and their Gaussian pair expectations, E11-E12. */
#ifndef CONTRAFLOW_MODELS_ACTIVATION_H
#define CONTRAFLOW_MODELS_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

/* Squared chords |e - e'|^2 and |e + e'|^2 of unit vectors at an angle t: 4 sin^2(t/2) and 4
 * cos^2(t/2) (E84). They stand for the angle because its cosine no longer tells close points apart:
 * 1 - cos(1e-9) is below rounding. */
typedef struct {
    double *apart, *along;
} cf_chords;

/* `count` pairs (u, v) of one u with many v, ~ N(0, [[qx, k], [k, qy]]), k = sqrt(qx qy) cos t. */
typedef struct {
    size_t count;
    double qx, root_x;           /* the variance, >= 0, and its square root */
    const double *qy, *root_y;   /* [count] */
    const double *apart, *along; /* [count]; without effect where qx or qy is 0 */
} cf_gaussian_pairs;

/* What a row does not know: the slope of leaky-relu for negative arguments, and within which |u| a
 * parabola rounds a kink (E114; 0: none). */
typedef struct {
    double slope, rounding;
} cf_activation_shape;

/* One row per activation: relu, leaky-relu, abs, erf, tanh, gelu, softplus. */
typedef struct {
    const char *name;
    const char *doc;
    /* value, derivative, second [count] = phi, phi', phi'' of u; each may be NULL, and value may be
     * u. At a sharp kink the derivative is the mean of both sides and phi'' is 0. */
    void (*evaluate)(const double *u, size_t count, cf_activation_shape shape, double *value,
                     double *derivative, double *second);
    bool smooth; /* phi'' is continuous, and not identically 0 */
    /* value [count] = E[phi(u)phi(v)], derivative [count] = E[phi'(u)phi'(v)]; of homogeneous phi
     * also the chords of phi(u) and phi(v) as vectors of L2, whose angle depends on t alone. No two
     * of the arrays overlap. NULL where no closed form is known. */
    void (*expectation)(const cf_gaussian_pairs *pairs, double slope, double *value,
                        double *derivative, const cf_chords *mapped);
    bool homogeneous; /* phi(r u) = r phi(u) for r > 0 */
    /* phi is analytic for |Im u| < strip; only for those without a closed form. */
    double strip;
} cf_activation;

/* NULL-terminated tables: the rows, and their names (for an option of type choice, same order). */
const cf_activation *const *cf_activations(void);
extern const char *const cf_activation_names[];

#endif
