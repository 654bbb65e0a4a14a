/* Parts of the spectrum; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_SPECTRUM_H
#define CONTRAFLOW_SOLVER_SPECTRUM_H

#include "contraflow/solver/critical.h"

/* Takes the components along orthonormal rows [count*dimension] out of v. */
void cf_project_out(const double *rows, size_t count, size_t dimension, double *v);

/* An orthonormal basis [rank*dimension] of the symmetries at the point evaluated last. */
cf_status cf_symmetries_create(const cf_landscape *landscape, double **out, size_t *rank,
                               cf_err *err);

/* What a Newton step needs: all eigenpairs, or beyond the size of a matrix the Ritz pairs of the
 * Krylov space of the gradient. */
cf_status cf_spectrum_of_gradient(const cf_landscape *landscape, const cf_spectrum_options *options,
                                  const double *gradient, cf_spectrum **out, cf_err *err);

#endif
