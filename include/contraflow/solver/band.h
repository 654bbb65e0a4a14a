/* Symmetric positive definite band matrices in single precision, which is enough to precondition.
 */
#ifndef CONTRAFLOW_SOLVER_BAND_H
#define CONTRAFLOW_SOLVER_BAND_H

#include <stdbool.h>
#include <stddef.h>

/* The lower triangle of a matrix of `width` subdiagonals, column by column: element (i, j), j <= i
 * <= j + width, at j (width + 1) + i - j. */
typedef struct {
    size_t size, width;
    float *elements; /* [size * (width + 1)] */
} cf_band;

/* The Cholesky factor in place of the matrix; false where the matrix is not definite. One thread;
 * size width^2 work. */
bool cf_band_factor(cf_band *band);

/* x [size] = A^-1 x by the factor; 4 size width work. */
void cf_band_solve(const cf_band *factor, float *x);

#endif
