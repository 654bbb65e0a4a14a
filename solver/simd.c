#include "contraflow/solver/simd.h"

#include "vector_kernels.h"
#include "window_kernels.h"

static const struct {
    const cf_vector_kernels *vector;
    const cf_window_kernels *window;
} tables[] = {
    [CF_SIMD_PORTABLE] = {&cf_vector_kernels_portable, &cf_window_kernels_portable},
#ifdef CF_HAVE_X86
    [CF_SIMD_AVX2] = {&cf_vector_kernels_avx2, &cf_window_kernels_avx2},
    [CF_SIMD_AVX512] = {&cf_vector_kernels_avx512, &cf_window_kernels_avx512},
#endif
};

bool cf_simd_available(cf_simd simd)
{
#ifdef CF_HAVE_X86
    if (simd == CF_SIMD_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    if (simd == CF_SIMD_AVX2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return simd == CF_SIMD_BEST || simd == CF_SIMD_PORTABLE;
}

static cf_simd chosen = CF_SIMD_BEST; /* of the process */

void cf_simd_use(cf_simd simd)
{
    chosen = simd;
}

cf_simd cf_simd_resolve(cf_simd simd)
{
    if (simd == CF_SIMD_BEST)
        simd = chosen;
    if (simd == CF_SIMD_BEST)
        simd = cf_simd_available(CF_SIMD_AVX512) ? CF_SIMD_AVX512 : CF_SIMD_AVX2;
    return cf_simd_available(simd) ? simd : CF_SIMD_PORTABLE;
}

const cf_vector_kernels *cf_vector_kernels_get(cf_simd simd)
{
    return tables[cf_simd_resolve(simd)].vector;
}

const cf_window_kernels *cf_window_kernels_get(cf_simd simd)
{
    return tables[cf_simd_resolve(simd)].window;
}

const char *cf_simd_name(cf_simd simd)
{
    return cf_vector_kernels_get(simd)->name;
}
