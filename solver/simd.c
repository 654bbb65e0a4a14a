#include "contraflow/solver/simd.h"

#include "vector_kernels.h"

bool cf_simd_available(cf_simd simd)
{
#ifdef CF_HAVE_X86
    if (simd == CF_SIMD_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
    if (simd == CF_SIMD_AVX2)
        return __builtin_cpu_supports("avx2");
#endif
    return simd == CF_SIMD_BEST || simd == CF_SIMD_PORTABLE;
}

const cf_vector_kernels *cf_vector_kernels_get(cf_simd simd)
{
    if (simd == CF_SIMD_BEST)
        simd = cf_simd_available(CF_SIMD_AVX512) ? CF_SIMD_AVX512 : CF_SIMD_AVX2;
#ifdef CF_HAVE_X86
    if (simd == CF_SIMD_AVX512 && cf_simd_available(simd))
        return &cf_vector_kernels_avx512;
    if (simd == CF_SIMD_AVX2 && cf_simd_available(simd))
        return &cf_vector_kernels_avx2;
#endif
    return &cf_vector_kernels_portable;
}

const char *cf_simd_name(cf_simd simd)
{
    return cf_vector_kernels_get(simd)->name;
}
