#include "contraflow/run/version.h"

#include <stdio.h>

#include <gsl/gsl_version.h>

#include "contraflow/solver/integrator.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/simd.h"
#include "version_config.h"

const char *cf_version(void)
{
    return CF_VERSION;
}

const char *cf_git_commit(void)
{
    return CF_GIT_COMMIT;
}

void cf_build_description(char *text, size_t size)
{
#ifdef _OPENMP
    const char *threads = "openmp";
#else
    const char *threads = "one thread";
#endif
    snprintf(text, size, "%s, GSL %s, HDF5 %s, OpenBLAS %s (%s), %s, %s, %s",
             cf_integrator_library(), gsl_version, CF_HDF5_VERSION, CF_OPENBLAS_VERSION,
             cf_matrix_kernels(), CF_COMPILER, threads, cf_simd_name(CF_SIMD_BEST));
}
