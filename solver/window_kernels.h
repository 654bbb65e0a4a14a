/* The innermost loops of the window transforms (window.h), one table per instruction set; private
 * to solver/. All give the same bits. */
#ifndef CONTRAFLOW_SOLVER_WINDOW_KERNELS_H
#define CONTRAFLOW_SOLVER_WINDOW_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "contraflow/solver/simd.h"

enum { CF_WINDOW_MOST = 16, CF_WINDOW_DEGREE = 11, CF_WINDOW_BLOCK = 64 };

/* Points on a periodic grid, and the window by which they see it: in every dimension `width` nodes
 * from `first` on, with weights that are polynomials of u = `place`, coefficient k of node m at
 * [k][m]. Rows (the last dimension) have `stride` >= length + width numbers, so that a window need
 * not be wrapped within them. */
typedef struct {
    int rank, width; /* 1 to 3; 8 or 16 */
    size_t length, stride;
    const uint32_t *first; /* [n*rank] */
    const double *place;   /* [n*rank] in [-1, 1] */
    double polynomial[CF_WINDOW_DEGREE + 1][CF_WINDOW_MOST];
} cf_window_points;

typedef struct {
    /* Adds q_j times the window of point j to the grid, from <= j < to. */
    void (*spread)(const cf_window_points *points, size_t from, size_t to, const double *q,
                   double *grid);
    /* values[f * CF_WINDOW_BLOCK + j - from] = sum of grid[f] over the window of point j. */
    void (*gather)(const cf_window_points *points, size_t from, size_t to, int fields,
                   const double *const *grid, double *values);
} cf_window_kernels;

/* Never NULL; an unavailable instruction set falls back to portable. */
const cf_window_kernels *cf_window_kernels_get(cf_simd simd);

extern const cf_window_kernels cf_window_kernels_portable;
#ifdef CF_HAVE_X86
extern const cf_window_kernels cf_window_kernels_avx2;
extern const cf_window_kernels cf_window_kernels_avx512;
#endif

#endif
