/* Sobol's sequence: points that fill the unit cube evenly. */
#ifndef CONTRAFLOW_SOLVER_SOBOL_H
#define CONTRAFLOW_SOLVER_SOBOL_H

#include <stddef.h>

#include "contraflow/solver/error.h"

enum { CF_SOBOL_DIMENSIONS = 40 };

/* points [count*dimension]: the first points of the sequence (Antonov and Saleev's order; the
 * origin is left out), in (0, 1). CF_EINPUT beyond CF_SOBOL_DIMENSIONS. */
cf_status cf_sobol_points(size_t dimension, size_t count, double *points, cf_err *err);

#endif
