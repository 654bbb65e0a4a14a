/* The innermost loops, one table per instruction set; private to solver/. Where numbers are added
 * up, arrays are aligned to 64 bytes and `count` is a multiple of CF_LANES (callers pad). */
#ifndef CONTRAFLOW_SOLVER_VECTOR_KERNELS_H
#define CONTRAFLOW_SOLVER_VECTOR_KERNELS_H

#include <stddef.h>

#include "contraflow/solver/simd.h"
#include "pair_panels.h"
#include "pair_tiles.h"
#include "product_kernels.h"

enum { CF_LANES = 8 };

/* Terms of a sum over pairs below which waking threads costs more than it saves. */
#define CF_WORTH_THREADS 262144.0

typedef struct cf_vector_kernels {
    const char *name;
    const cf_pair_tiles *tiles;
    const cf_pair_panels *panels;
    const cf_product_kernels *products;
    /* y = exp(scale x) for scale x <= 709; relative error below 3e-16, and up to a last bit more
     * where the result is denormal; exp(-inf) = 0. */
    void (*exponential)(double scale, const double *x, size_t count, double *y);
    /* y = x^exponent for exponent < 0: relative error below 6e-16 (1 + |log y|). 0 for x >= 2^1000,
     * infinite where the result would exceed 2^1023, NaN for x < 2^-1000. */
    void (*power)(double exponent, const double *x, size_t count, double *y);
    /* y = alpha x, then y += alpha x. */
    void (*scale)(double alpha, const double *x, size_t count, double *y);
    void (*add_scaled)(double alpha, const double *x, size_t count, double *y);
    /* y = x y. */
    void (*multiply)(const double *x, size_t count, double *y);
    /* sum x y, in CF_LANES partial sums added pairwise at the end. */
    double (*dot)(const double *x, const double *y, size_t count);
    /* angle [count] of points xy [2 count] of the plane, in [-pi, pi], to 5e-16, 0 at the origin.
     * No demands on alignment and count. */
    void (*angle)(const double *xy, size_t count, double *angle);
} cf_vector_kernels;

/* Never NULL; an unavailable instruction set falls back to portable. */
const cf_vector_kernels *cf_vector_kernels_get(cf_simd simd);

extern const cf_vector_kernels cf_vector_kernels_portable;
#ifdef CF_HAVE_X86
extern const cf_vector_kernels cf_vector_kernels_avx2;
extern const cf_vector_kernels cf_vector_kernels_avx512;
#endif

#endif
