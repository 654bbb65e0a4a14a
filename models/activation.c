#include "activation_internal.h"

#include <string.h>

#include "gaussian_kernels.h"

static const cf_activation *const rows[] = {
    &cf_activation_relu, &cf_activation_leaky_relu, &cf_activation_abs,      &cf_activation_erf,
    &cf_activation_tanh, &cf_activation_gelu,       &cf_activation_softplus, NULL};

const char *const cf_activation_names[] = {"relu", "leaky-relu", "abs",      "erf",
                                           "tanh", "gelu",       "softplus", NULL};

const cf_activation *const *cf_activations(void)
{
    return rows;
}

void cf_activation_evaluate(cf_activation_triple *triple, const double *u, size_t count,
                            double *value, double *derivative, double *second)
{
    double chunk[3][CF_CHUNK], *const out[3] = {value, derivative, second};
    for (size_t first = 0; first < count; first += CF_CHUNK) {
        size_t size = count - first < CF_CHUNK ? count - first : CF_CHUNK;
        triple(u + first, size, chunk[0], chunk[1], chunk[2]);
        for (int k = 0; k < 3; k++)
            if (out[k] != NULL)
                memcpy(out[k] + first, chunk[k], size * sizeof *value);
    }
}

const cf_gaussian_kernels *cf_gaussian_kernels_get(cf_simd simd)
{
#ifdef CF_HAVE_X86
    simd = cf_simd_resolve(simd);
    if (simd == CF_SIMD_AVX512)
        return &cf_gaussian_kernels_avx512;
    if (simd == CF_SIMD_AVX2)
        return &cf_gaussian_kernels_avx2;
#endif
    (void)simd;
    return &cf_gaussian_kernels_portable;
}
