/* Cholesky factors of small symmetric positive definite matrices; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_CHOLESKY_H
#define CONTRAFLOW_SOLVER_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* The lower triangle of matrix [n*n] becomes that of L, A = L L^T. False where a pivot is not above
 * `smallest` times its diagonal element. */
bool cf_cholesky_factor(double *matrix, size_t n, double smallest);

/* x [n] becomes A^{-1} x. */
void cf_cholesky_solve(const double *factor, size_t n, double *x);

/* inverse [n*n] = A^{-1}. */
void cf_cholesky_invert(const double *factor, size_t n, double *inverse);

#endif
