/* Non-uniform Fourier transforms on a periodic box in one to three dimensions, of `length` nodes in
 * each: points to modes by spreading with a window of few nodes and a Fourier transform, modes to
 * values at points by the transposed way. Private to solver/.
 *
 * The window is that of Kaiser and Bessel, phi(x) = e^-b I_0(b sqrt(1 - (2x/w)^2)) for |x| <= w/2
 * nodes, by a polynomial between any two nodes; its transform is w sinh(r)/r e^-b, r^2 = b^2 - (pi
 * w f)^2, f in cycles per node. */
#ifndef CONTRAFLOW_SOLVER_WINDOW_H
#define CONTRAFLOW_SOLVER_WINDOW_H

#include <stddef.h>

#include "contraflow/solver/error.h"

/* For sums with the kernel e^{-|x|^2/2} and its derivatives up to the second, on `density` nodes
 * per unit of length: each dimension adds at most tolerance/6 to the error relative to the kernel.
 */
typedef struct {
    double tolerance;
    int width;      /* w */
    double density; /* the least for which `shape` attains it */
    double shape;   /* b */
} cf_window_row;

/* The cheapest row for a tolerance; NULL where rounding forbids it. */
const cf_window_row *cf_window_choose(double tolerance);

typedef struct {
    const cf_window_row *row;
    int rank;                 /* 1 to 3 */
    int fields;               /* functions that can be evaluated at once */
    size_t points;            /* n */
    size_t shortest, longest; /* nodes in a dimension; fast lengths, at least 32 */
} cf_window_setup;

typedef struct cf_window cf_window;

cf_status cf_window_create(const cf_window_setup *setup, cf_window **out, cf_err *err);
void cf_window_free(cf_window **window);

/* Chooses the smallest grid of at least that many nodes in a dimension; returns their number, 0
 * where there is none. Points must be set anew. */
size_t cf_window_resize(cf_window *window, size_t nodes);

/* Positions [n*rank] in [0, 1): parts of the period. */
void cf_window_set_points(cf_window *window, const double *position);

/* Of the present grid: complex numbers of a spectrum, length^(rank-1) (length/2 + 1) in the order
 * of cf_fourier; and the inverse of the window's transform [length] at the modes of a dimension, in
 * the same order: 0, 1, ..., -1. */
size_t cf_window_modes(const cf_window *window);
const double *cf_window_inverse(const cf_window *window);

/* spectrum [2 cf_window_modes] of sum_j q_j b_j (window at point j); b has the given stride, or is
 * NULL for 1. Times the inverses of every dimension: sum_j q_j b_j e^{-2 pi i k.x_j}. */
void cf_window_spread(cf_window *window, const double *q, const double *b, size_t stride,
                      double *spectrum);

/* A spectrum for the caller to fill, to be shown as a function: times the inverses of every
 * dimension, modes of sum_k f_k e^{2 pi i k.x}. */
double *cf_window_workspace(cf_window *window);
void cf_window_show(cf_window *window, int field);

/* out[i * out_stride] += factor a_i b_{i*b_stride} times the function at point i; a, b NULL for 1.
 */
typedef struct {
    int field;
    double factor;
    const double *a, *b;
    size_t b_stride;
    double *out;
    size_t out_stride;
} cf_window_term;

/* Evaluates functions 0 .. fields-1 at all points, and adds the terms in their order. */
void cf_window_add(cf_window *window, int fields, const cf_window_term *terms, size_t count);

/* Predicted nanoseconds: a spread costs window + nodes + grid, a show costs grid, and evaluating f
 * functions costs window + f nodes. */
typedef struct {
    double window, nodes, grid;
} cf_window_cost;
cf_window_cost cf_window_predict(const cf_window_setup *setup, size_t length);

#endif
