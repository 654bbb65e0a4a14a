/* Real discrete Fourier transforms in one, two or three dimensions, several arrays at once.
 * Values: row-major in `shape`, the arrays interleaved, element m of array b at m*batch + b. Modes:
 * complex, real and imaginary part side by side, with the last dimension halved, mode k of array b
 * at 2 (k*batch + b). The same bits on every call and any number of threads. */
#ifndef CONTRAFLOW_SOLVER_FOURIER_H
#define CONTRAFLOW_SOLVER_FOURIER_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct cf_fourier cf_fourier;

/* The smallest length >= `least` for which transforms are fast: even, of factors 2, 3, 5. */
size_t cf_fourier_length(size_t least);

/* rank 1 to 3; shape [rank], each below 2^31. */
cf_status cf_fourier_create(int rank, const size_t *shape, size_t batch, cf_fourier **out,
                            cf_err *err);
void cf_fourier_free(cf_fourier **fourier);

/* Per array: values prod(shape), complex modes prod(shape[0 .. rank-2]) (shape[rank-1]/2 + 1). */
size_t cf_fourier_values(const cf_fourier *fourier);
size_t cf_fourier_modes(const cf_fourier *fourier);

/* modes_k = sum_m values_m exp(-2 pi i k.m/shape). The transforms are not scaled: back after
 * forward multiplies by prod(shape). Arrays come from cf_allocate, do not overlap, and the argument
 * is overwritten. Several threads may transform with one cf_fourier. */
void cf_fourier_forward(const cf_fourier *fourier, double *values, double *modes);
void cf_fourier_back(const cf_fourier *fourier, double *modes, double *values);

#endif
