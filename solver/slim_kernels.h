/* The loops of products of which one extent is small, one table per instruction set; private to
 * solver/. `wide` rows have `width` numbers and follow each other at `stride`; there are 1 to
 * CF_SLIM `slim` rows, CF_SLIM_STRIDE apart but for `project`; the coefficient of wide row i and
 * slim row k is coefficients[i*across + k*along]. */
#ifndef CONTRAFLOW_SOLVER_SLIM_KERNELS_H
#define CONTRAFLOW_SOLVER_SLIM_KERNELS_H

#include <stddef.h>

#include "contraflow/solver/simd.h"

enum { CF_SLIM = 4, CF_SLIM_STRIDE = 512 };

typedef struct {
    size_t rows, width, stride; /* of the wide rows */
    size_t slim;                /* rows */
    const double *coefficients;
    size_t across, along;
} cf_slim_shape;

typedef struct {
    /* wide_i = beta wide_i + sum_k c_ik slim_k; beta = 0 overwrites. */
    void (*combine)(const cf_slim_shape *s, const double *slim, double beta, double *wide);
    /* slim_k += sum_i c_ik wide_i, row after row. */
    void (*gather)(const cf_slim_shape *s, const double *wide, double *slim);
    /* out[i*slim + k] = wide_i . slim_k, slim rows of s->width numbers one after the other; no
     * coefficients. */
    void (*project)(const cf_slim_shape *s, const double *wide, const double *slim, double *out);
} cf_slim_kernels;

/* Never NULL; an unavailable instruction set falls back to portable. */
const cf_slim_kernels *cf_slim_kernels_get(cf_simd simd);

extern const cf_slim_kernels cf_slim_kernels_portable;
#ifdef CF_HAVE_X86
extern const cf_slim_kernels cf_slim_kernels_avx2;
extern const cf_slim_kernels cf_slim_kernels_avx512;
#endif

#endif
