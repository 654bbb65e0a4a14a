/* Products of matrices with a small extent, without BLAS; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_SLIM_PRODUCT_H
#define CONTRAFLOW_SOLVER_SLIM_PRODUCT_H

#include "contraflow/solver/matrix.h"

/* Makes the product if it is of a form that is served here: an extent of at most 4, with the others
 * along rows that are contiguous. False, and nothing is done, otherwise. */
bool cf_slim_multiply(const cf_matrix_product *product);

#endif
