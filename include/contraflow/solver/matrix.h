/* Dense linear algebra with the same bits on any number of threads. Matrices are row-major. */
#ifndef CONTRAFLOW_SOLVER_MATRIX_H
#define CONTRAFLOW_SOLVER_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

/* y [n*d] = A [n*n] x [n*d]. scratch [n*d]. Threaded over rows. */
void cf_matrix_times(const double *matrix, const double *x, size_t n, size_t d, double *scratch,
                     double *y);

/* C [rows*columns] = alpha op(A) op(B) + beta C with op(A) [rows*inner], op(B) [inner*columns]; a
 * transposed factor is stored the other way round, A as [inner*rows]. With beta = 0 C is
 * overwritten whatever it holds. */
typedef struct {
    size_t rows, columns, inner;
    double alpha;
    const double *a;
    bool a_transposed;
    const double *b;
    bool b_transposed;
    double beta;
    double *c;
} cf_matrix_product;

/* By BLAS on one thread a tile; tiles depend on the shape alone and go to threads. */
void cf_matrix_multiply(const cf_matrix_product *product);

/* Between begin and end several threads may make products at once: BLAS is set to one thread, a
 * setting of the whole process, and then back to what it was. */
int cf_matrix_begin(void);
void cf_matrix_end(int threads);

/* The kernels that BLAS has chosen for this processor, "Haswell" say: its bits depend on them. */
const char *cf_matrix_kernels(void);

/* Pivoted Cholesky factorization of a positive semidefinite matrix, in place: A = F F^T with F
 * [n*n], of which columns 0..rank-1 are used and the rest are zero. pivot [n], or NULL: row
 * pivot[j] of F ends with column j. What is small beside `scale` is rounding; 0: the largest
 * element of the diagonal. CF_EINPUT where A is indefinite beyond it. One thread; n^3/3 work. */
cf_status cf_matrix_factor(double *matrix, size_t n, double scale, size_t *pivot, size_t *rank,
                           cf_err *err);

/* The symmetric tridiagonal matrix with `diagonal` [n] and `off` [n-1] beside it, destroyed: its
 * eigenvalues, ascending, replace the diagonal, and row k of vectors [n*n] is the unit eigenvector
 * of eigenvalue k. */
cf_status cf_matrix_eigen_tridiagonal(double *diagonal, double *off, size_t n, double *vectors,
                                      cf_err *err);

/* The eigenvalues of a symmetric matrix, ascending; row k of the matrix becomes the unit
 * eigenvector of eigenvalue k. One thread; about 9 n^3 work. */
cf_status cf_matrix_eigen(double *matrix, size_t n, double *values, cf_err *err);

/* Whether no eigenvalue of a symmetric matrix is below -tolerance times its largest diagonal
 * element. One thread; n^3/3 work, on a copy. */
cf_status cf_matrix_semidefinite(const double *matrix, size_t n, double tolerance,
                                 bool *semidefinite, cf_err *err);

#endif
