#include "contraflow/solver/elementary.h"

#include <string.h>

#include "elementary_kernels.h"
#include "vector_kernels.h"

const cf_elementary_kernels *cf_elementary_kernels_get(cf_simd simd)
{
#ifdef CF_HAVE_X86
    simd = cf_simd_resolve(simd);
    if (simd == CF_SIMD_AVX512)
        return &cf_elementary_kernels_avx512;
    if (simd == CF_SIMD_AVX2)
        return &cf_elementary_kernels_avx2;
#endif
    (void)simd;
    return &cf_elementary_kernels_portable;
}

void cf_elementary_exp(const double *x, size_t count, double *power, double *less_one)
{
    cf_elementary_kernels_get(CF_SIMD_BEST)->exp(x, count, power, less_one);
}

void cf_elementary_log1p(const double *x, size_t count, double *y)
{
    cf_elementary_kernels_get(CF_SIMD_BEST)->log1p(x, count, y);
}

void cf_elementary_erf(const double *x, size_t count, double *erf, double *erfc, double *gauss)
{
    cf_elementary_kernels_get(CF_SIMD_BEST)->erf(x, count, erf, erfc, gauss);
}

void cf_elementary_ramp(const double *x, size_t count, cf_ramp shape, double *value, double *slope,
                        double *bend)
{
    const cf_elementary_kernels *kernels = cf_elementary_kernels_get(CF_SIMD_BEST);
    if (slope != NULL) /* first, as value may be x */
        kernels->ramp_slope(x, count, shape, slope);
    if (bend != NULL)
        kernels->ramp_bend(x, count, shape, bend);
    if (value != NULL && value != x)
        memcpy(value, x, count * sizeof *value);
    if (value != NULL)
        kernels->ramp(value, count, shape);
}

void cf_elementary_add(double alpha, const double *x, size_t count, double *y)
{
    cf_vector_kernels_get(CF_SIMD_BEST)->add_scaled(alpha, x, count, y);
}

void cf_elementary_multiply(const double *x, size_t count, double *y)
{
    cf_vector_kernels_get(CF_SIMD_BEST)->multiply(x, count, y);
}
