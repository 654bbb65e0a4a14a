#include "contraflow/solver/sobol.h"

#include <gsl/gsl_qrng.h>

cf_status cf_sobol_points(size_t dimension, size_t count, double *points, cf_err *err)
{
    if (dimension < 1 || dimension > CF_SOBOL_DIMENSIONS)
        return cf_fail(err, CF_EINPUT, "Sobol sequence: %zu dimensions: must be in [1, %d]",
                       dimension, CF_SOBOL_DIMENSIONS);
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dimension);
    if (sequence == NULL)
        return cf_fail(err, CF_ESYSTEM, "Sobol sequence: no memory");
    for (size_t k = 0; k < count; k++)
        gsl_qrng_get(sequence, points + k * dimension);
    gsl_qrng_free(sequence);
    return CF_OK;
}
