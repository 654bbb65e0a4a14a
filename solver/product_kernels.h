/* The inner loops over pairs of points near the origin, in any dimension, by products of matrices:
 * distances from norms and scalar products, sums over points from products with the kernel. One
 * table per instruction set; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_PRODUCT_KERNELS_H
#define CONTRAFLOW_SOLVER_PRODUCT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "pair_panels.h"
#include "pair_tiles.h"

enum {
    CF_PRODUCT_SIDE = 128,  /* targets or sources of a tile, at most; multiples of CF_PANEL */
    CF_PRODUCT_STRIDE = 136 /* between targets of a tile: a power of two would crowd the cache */
};

/* By panels [stride/CF_PANEL][d][CF_PANEL]: x in units of sqrt(tau/log2 e), so that eta =
 * 2^(-|x_i - x_j|^2 / 2), and v so that |x_i - x_j|^2 / 2 tau changes at the rate (x_i - x_j).(v_i
 * - v_j). The padding is at the origin. */
typedef struct {
    size_t d;
    const double *x, *v;
    double *xx, *xv; /* [stride] of E88: h and its rate */
    bool without_self;
} cf_product_points;

/* K_ij = (p_i + p_j) eta_ij, and sums over j of K_ij q_j; p, dp, q, sum and dsum [stride], the
 * first three zero in the padding. */
typedef struct {
    const double *p, *dp, *q;
    double *sum, *dsum; /* added to: of K and of K', for targets */
    double *k, *dk;     /* the tile of K and of K', from the first target and source */
    /* Unless NULL, the sums over the targets of the tile, from its first source: added to. */
    double *side, *dside;
} cf_product_sums;

typedef void (*cf_product_function)(const cf_product_points *points, const cf_product_sums *sums,
                                    const cf_tile_range *range);

/* result_r += sum over t < terms of k[r row + t column] value_t, r < rows, a multiple of CF_LANES.
 * Results and values have their coordinates in groups of CF_LANES:
 * [groups][stride/CF_LANES][CF_LANES].
 */
typedef struct {
    size_t rows, terms, row, column, groups, stride;
    const double *k, *values;
    double *results;
} cf_product;

typedef struct {
    void (*norms)(const cf_product_points *points, size_t count);   /* xx */
    void (*scalars)(const cf_product_points *points, size_t count); /* xv */
    cf_product_function potential, potential_rate; /* sums of eta q; of its rate, in dsum */
    cf_product_function force, force_rate;         /* K and its sums; with K' at the rates dp */
    void (*multiply)(const cf_product *product);
} cf_product_kernels;

#endif
