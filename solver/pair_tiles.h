/* Sums over a tile of pairs, targets times sources, with everything in registers: the exponential
 * profile, d <= 4. One table per instruction set; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_PAIR_TILES_H
#define CONTRAFLOW_SOLVER_PAIR_TILES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CF_TILE_DIMENSIONS = 4,
    CF_TILE_ROWS = 4,     /* tiles begin and end at multiples of this and of CF_LANES */
    CF_TILE_SOURCES = 16, /* and even tiles, in their sources, of this */
    CF_TILE_MOST = 256    /* sources of a tile */
};

/* 2^-1021 = e^-707.7 is the least eta. */
#define CF_TILE_NEAR 707.0

/* Weights by side: w_ij = a_i q_j + b_j. [stride] each, zero in the padding. */
typedef struct {
    const double *a, *q, *b;
} cf_tile_weights;

/* Arrays by coordinate, coordinates `stride` apart. The padding lies so far away that eta is
 * nothing there. */
typedef struct {
    size_t stride;
    const double *y, *x;       /* targets, sources [d*stride] */
    const double *scaled;      /* scale x, scale = sqrt(log2 e / 2 tau), padding 0 [d*stride] */
    const double *ydot, *xdot; /* their motions */
    const double *c_target, *c_source; /* [stride] twice the reference, or 0 */
    cf_tile_weights w, dw;
    double tau, scale;
    bool without_self;
    double *out; /* [width*stride] of the targets, added to */
    /* Of the sources of a tile of ONCE, [width*side_stride], added to, less the sign that X changes
     * from the other end; in tiles that are even with the sign, in units of scaled points. */
    double *side;
    size_t side_stride;
} cf_pair_tile;

typedef struct {
    size_t target, target_end, source, source_end;
} cf_tile_range;

typedef void (*cf_tile_function)(const cf_pair_tile *tile, const cf_tile_range *range);

/* All pairs, for the targets, less their references; or the pairs of two sets of rows of the same
 * points, for both, without references. */
enum { CF_TILE_ALL, CF_TILE_ONCE, CF_TILE_MODES };

/* In units of the profile: the sums of q_j eta, w eta X, q_j eta (X.V), and, with u = w' - w
 * (X.V)/tau, of eta (u X + w V), where X = y_i - x_j and V = X'. */
enum { CF_TILE_POTENTIAL, CF_TILE_FORCE, CF_TILE_POTENTIAL_RATE, CF_TILE_FORCE_RATE, CF_TILE_SUMS };

typedef struct {
    cf_tile_function sum[CF_TILE_SUMS][CF_TILE_MODES][CF_TILE_DIMENSIONS];
    /* The first two sums over pairs that count once, where b = a q: w_ij = (a_i + a_j) q_j; and
     * with q = 1, of tiles without padding. No s is above CF_TILE_NEAR tau. */
    cf_tile_function even[2][2][CF_TILE_DIMENSIONS];
    cf_tile_function smallest[CF_TILE_DIMENSIONS]; /* out = min(out, s) over the sources */
} cf_pair_tiles;

#endif
