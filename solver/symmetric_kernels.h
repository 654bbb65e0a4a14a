/* Products of a few rows of a tile, compiled once per instruction set; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_SYMMETRIC_KERNELS_H
#define CONTRAFLOW_SOLVER_SYMMETRIC_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/simd.h"

/* The entries (row + r, column + j), r < rows, j < width, of a symmetric matrix, rows one after the
 * other. `width`, `column` and `stride` are multiples of CF_LANES; arrays are aligned to 64 bytes,
 * their `columns` columns at distances of `stride`. */
typedef struct {
    const double *entries;
    size_t rows, width, row, column;
    bool mirrored; /* they stand for the entries (column + j, row + r), too */
    const double *x;
    double *y;
    size_t columns, stride;
} cf_symmetric_strip;

/* y += strip x. */
typedef void cf_symmetric_multiply(const cf_symmetric_strip *strip);

cf_symmetric_multiply *cf_symmetric_multiply_get(cf_simd simd);

extern cf_symmetric_multiply cf_symmetric_multiply_portable;
#ifdef CF_HAVE_X86
extern cf_symmetric_multiply cf_symmetric_multiply_avx2;
extern cf_symmetric_multiply cf_symmetric_multiply_avx512;
#endif

#endif
