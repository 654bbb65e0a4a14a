/* Real band-limited functions on the circle S^1 and the sphere S^2, several at once: values at the
 * nodes of a quadrature, and coefficients in an orthonormal basis of eigenfunctions of the
 * Laplacian, whose eigenvalue is -l (l + d - 2) at degree l. Twice as fast as the band there is no
 * aliasing: the nodes integrate products of three such functions exactly, so that analysis of a
 * product of two is its projection.
 *
 * Values of the functions b < batch: node i at i*batch + b. Coefficients: by order m = 0, 1, ...,
 * within it by degree, then by function, and for m > 0 the cosine beside the sine. */
#ifndef CONTRAFLOW_SOLVER_HARMONICS_H
#define CONTRAFLOW_SOLVER_HARMONICS_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct cf_harmonics cf_harmonics;

/* The circle: degrees (and orders) k <= degree on `nodes` > 3 degree equidistant nodes from (1, 0)
 * on; `nodes` even. N log N. */
cf_status cf_harmonics_circle(size_t degree, size_t nodes, size_t batch, cf_harmonics **out,
                              cf_err *err);

/* The sphere with its poles at +-e_1: degrees l <= degree, orders m <= orders <= degree about that
 * axis. Gauss nodes from pole to pole times equidistant longitudes, the latter outermost. Legendre
 * sums by matrix products, L^3, with tables of about L^3 numbers where orders = degree. */
cf_status cf_harmonics_sphere(size_t degree, size_t orders, size_t batch, cf_harmonics **out,
                              cf_err *err);
void cf_harmonics_free(cf_harmonics **harmonics);

/* Latitudes that the sphere needs for a degree. */
size_t cf_harmonics_latitudes(size_t degree);

typedef struct {
    size_t dimension;      /* d: 2 or 3 */
    size_t degree;         /* the highest */
    size_t nodes;          /* n */
    size_t size;           /* coefficients of all functions together */
    const double *points;  /* [n*d] unit vectors */
    const double *weights; /* [n] of the surface measure */
    const size_t *degrees; /* [size] of each coefficient */
} cf_harmonics_grid;

/* Valid as long as the harmonics. */
const cf_harmonics_grid *cf_harmonics_view(const cf_harmonics *harmonics);

/* values [n*batch] of coefficients [size], and the projection back. */
void cf_harmonics_synthesize(cf_harmonics *harmonics, const double *coefficients, double *values);
void cf_harmonics_analyze(cf_harmonics *harmonics, const double *values, double *coefficients);

/* sum_b factor_b f_b of the functions b: `out` are coefficients of a single one. */
void cf_harmonics_combine(const cf_harmonics *harmonics, const double *factors,
                          const double *coefficients, double *out);

/* Of a single function: the norm of its part of every degree, out [degree + 1]. */
void cf_harmonics_spectrum(const cf_harmonics *harmonics, const double *coefficients, double *out);

/* Funk-Hecke: convolution over the surface measure with the kernel whose `values` [n] are those of
 * k(., e_1), a function of the distance alone, multiplies degree l by out[l], [degree + 1]. Of
 * harmonics with batch = 1. `scratch` [size]. */
void cf_harmonics_multipliers(cf_harmonics *harmonics, const double *values, double *scratch,
                              double *out);

#endif
