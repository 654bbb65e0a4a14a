/* Sums over points on the circle of a smooth periodic kernel f(theta) = sum_k f_k e^{ik theta},
 *   sum_j q_j f(theta_i - theta_j),
 * in a number of operations proportional to the points: a non-uniform Fourier transform by local
 * moments. Private to solver/.
 *
 * The circle is divided into M cells of half-width h = pi/M. With theta = theta_c + h u, |u| <= 1,
 *   e^{ik theta} = e^{ik theta_c} sum_{p<Q} (ikh)^p/p! u^p,   remainder at most (|k|h)^Q/Q!,
 * so that moments sum q u^p of each cell give the modes of the points by Q transforms of length M,
 * and modes give the Taylor polynomial of the sum in every cell by Q transforms back. */
#ifndef CONTRAFLOW_SOLVER_PERIODIC_H
#define CONTRAFLOW_SOLVER_PERIODIC_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    size_t points; /* n */
    size_t modes;  /* modes 0 .. K of real functions */
    size_t cells;  /* M > 2K, a fast length */
    size_t order;  /* Q, 8 or 16 */
} cf_periodic_size;

typedef struct cf_periodic cf_periodic;

cf_status cf_periodic_create(cf_periodic_size size, cf_periodic **out, cf_err *err);
void cf_periodic_free(cf_periodic **periodic);

/* Angles [n] in [-pi, pi]; what is kept is the cell and the place in it. */
void cf_periodic_set_points(cf_periodic *periodic, const double *angle);

/* modes [2(K+1)], real and imaginary parts: sum_j q_j b_j e^{-ik theta_j}; b [n], or NULL for 1. */
void cf_periodic_modes(cf_periodic *periodic, const double *q, const double *b, double *modes);

/* A function on the circle, factor sum_{|k|<=K} (ik)^derivative f_k modes_k e^{ik theta}. */
typedef struct {
    double factor;
    const double *kernel; /* f_k [K+1], real: the kernel is even */
    int derivative;
    const double *modes;
} cf_periodic_function;

/* out_i += a_i b_i times the function at theta_i; a and b [n], each NULL for 1. */
void cf_periodic_add(cf_periodic *periodic, const cf_periodic_function *function, const double *a,
                     const double *b, double *out);

/* For sum |q| = 1, the error that the cells add to sums of the derivative of f: with e_k =
 * (kh)^Q/Q!, sources and targets each in a cell, sum_k |k^derivative f_k| (2 e_k + e_k^2). */
double cf_periodic_error(cf_periodic_size size, const double *kernel, int derivative);

/* Predicted nanoseconds of one pass from points to modes or back. */
double cf_periodic_cost(cf_periodic_size size);

#endif
