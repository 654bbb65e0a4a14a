/* The loops behind elementary.h, one table per instruction set; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_ELEMENTARY_KERNELS_H
#define CONTRAFLOW_SOLVER_ELEMENTARY_KERNELS_H

#include <stddef.h>

#include "contraflow/solver/elementary.h"
#include "contraflow/solver/simd.h"

typedef struct {
    void (*exp)(const double *x, size_t count, double *power, double *less_one);
    void (*log1p)(const double *x, size_t count, double *y);
    void (*erf)(const double *x, size_t count, double *erf, double *erfc, double *gauss);
    void (*ramp)(double *x, size_t count, cf_ramp shape); /* in place */
    void (*ramp_slope)(const double *x, size_t count, cf_ramp shape, double *slope);
    void (*ramp_bend)(const double *x, size_t count, cf_ramp shape, double *bend);
} cf_elementary_kernels;

/* Never NULL; an unavailable instruction set falls back to portable. */
const cf_elementary_kernels *cf_elementary_kernels_get(cf_simd simd);

extern const cf_elementary_kernels cf_elementary_kernels_portable;
#ifdef CF_HAVE_X86
extern const cf_elementary_kernels cf_elementary_kernels_avx2;
extern const cf_elementary_kernels cf_elementary_kernels_avx512;
#endif

#endif
