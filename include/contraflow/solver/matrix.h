/* Dense linear algebra with the same bits on any number of threads. Matrices are row-major. */
#ifndef CONTRAFLOW_SOLVER_MATRIX_H
#define CONTRAFLOW_SOLVER_MATRIX_H

#include <stddef.h>

#include "contraflow/solver/error.h"

/* y [n*d] = A [n*n] x [n*d]. scratch [n*d]. Threaded over rows. */
void cf_matrix_times(const double *matrix, const double *x, size_t n, size_t d, double *scratch,
                     double *y);

/* Pivoted Cholesky factorization of a positive semidefinite matrix, in place: A = F F^T with F
 * [n*n], of which columns 0..rank-1 are used and the rest are zero. CF_EINPUT where A is indefinite
 * beyond rounding. One thread; n^3/3 work. */
cf_status cf_matrix_factor(double *matrix, size_t n, size_t *rank, cf_err *err);

#endif
