/* Functions on S^2 of degree L, moved between points, a torus, and harmonics. By its angles t from
 * the pole e_3 and s around it, a function on the sphere is one on the torus if one goes on over
 * the pole, f(-t, s) = f(t, s + pi); it is a trigonometric polynomial there, which windows
 * (window.h) take to points, with no exception at the poles. Harmonics are reached from the nodes
 * t_a = 2 pi (a
 * + 1/2)/M, which avoid the poles, by Legendre functions p_lm with sum_m p_lm(t) p_lm(t')
 * e^{im(s-s')} = P_l(cos of the angle between). Private to solver/. */
#ifndef CONTRAFLOW_SOLVER_SPHERE_TRANSFORM_H
#define CONTRAFLOW_SOLVER_SPHERE_TRANSFORM_H

#include <stddef.h>

#include "contraflow/solver/error.h"
#include "window.h"

typedef struct cf_sphere_transform cf_sphere_transform;

typedef struct {
    const cf_window_row *row;
    size_t points, degree;
    size_t length; /* M > 2 degree + 4, a fast length of at least 32 */
} cf_sphere_setup;

cf_status cf_sphere_transform_create(const cf_sphere_setup *setup, cf_sphere_transform **out,
                                     cf_err *err);
void cf_sphere_transform_free(cf_sphere_transform **transform);

/* Unit vectors [n*3]. */
void cf_sphere_set_points(cf_sphere_transform *transform, const double *x);

/* A function at the nodes 0 <= a < M/2: its modes e^{ims}, m <= L+1, by m, real and imaginary parts
 * [M/2] each. This is the number of numbers. */
size_t cf_sphere_nodes_size(const cf_sphere_setup *setup);

/* nodes, such that sum_a p_lm(t_a) nodes_ma = sum_j q_j p_lm(t_j) e^{-ims_j}: point masses; or,
 * with velocities [n*2] along t and s, how these sums change. */
void cf_sphere_spread(cf_sphere_transform *transform, const double *q, double *nodes);
void cf_sphere_spread_moving(cf_sphere_transform *transform, const double *q,
                             const double *velocity, double *nodes);

/* out[k], k < count <= 2: the sum over sources at `nodes` of sum_l a[k]_l P_l, a[k] [L+1]. */
void cf_sphere_convolve(cf_sphere_transform *transform, const double *nodes, int count,
                        const double *const *a, double *const *out);

/* Field `field` < 3 of the window is to show the function at `nodes`; its derivative by t; or that
 * by s, over sin t. */
typedef enum { CF_SPHERE_VALUE, CF_SPHERE_ALONG, CF_SPHERE_AROUND } cf_sphere_part;
void cf_sphere_show(cf_sphere_transform *transform, int field, const double *nodes,
                    cf_sphere_part part);

/* Prepares the vector field (radial function) x + gradient of the potential, and gives its
 * component c at the nodes. */
void cf_sphere_vector(cf_sphere_transform *transform, const double *potential,
                      const double *radial);
void cf_sphere_component(cf_sphere_transform *transform, int c, double *nodes);

/* Evaluates what is shown. */
cf_window *cf_sphere_window(cf_sphere_transform *transform);

/* Predicted nanoseconds of Fourier and Legendre sums of a potential and a force. */
double cf_sphere_predict(const cf_sphere_setup *setup);

/* Bytes of a transform, with its windows and Fourier transforms. */
double cf_sphere_bytes(const cf_sphere_setup *setup);

#endif
