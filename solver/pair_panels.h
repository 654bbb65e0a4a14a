/* The inner loops over coordinates of pairs in any dimension: a few targets against a block of
 * sources. One table per instruction set; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_PAIR_PANELS_H
#define CONTRAFLOW_SOLVER_PAIR_PANELS_H

#include <stddef.h>

#include "pair_tiles.h"

enum {
    CF_PANEL = 16,      /* sources of a panel, whose k-th coordinates are neighbors */
    CF_PANEL_ROWS = 8,  /* targets at once */
    CF_PANEL_MOST = 256 /* sources at once, and the distance between rows of results */
};

/* Points by rows [n][width], width = d padded to CF_LANES with zeros, and by panels
 * [n/CF_PANEL][d][CF_PANEL]; both begin at a target or source of the block. */
typedef struct {
    size_t d, width, sources;             /* a multiple of CF_PANEL, at most CF_PANEL_MOST */
    const double *y, *ydot;               /* CF_PANEL_ROWS targets, rows */
    const double *x_panels, *xdot_panels; /* sources */
} cf_panel_block;

typedef struct {
    /* s [CF_PANEL_ROWS][CF_PANEL_MOST] = |y - x|^2 / 2, and (y - x).(ydot - xdot). */
    void (*distances)(const cf_panel_block *block, double *s);
    void (*motions)(const cf_panel_block *block, double *p);
    /* u = w_ij k and, unless v is NULL, v = w_ji k for target i and `count` sources from j on. */
    void (*weigh)(const cf_tile_weights *w, size_t i, size_t j, size_t count, const double *k,
                  double *u, double *v);
    /* y_out_i += sum_j u_ij (y_i - x_j) and, unless v is NULL, x_out_j -= sum_i v_ij (y_i - x_j):
     * rows of y_out, of x [sources] and of x_out as wide as y; u and v as s. */
    void (*moments)(const cf_panel_block *block, const double *x, const double *u, const double *v,
                    double *y_out, double *x_out);
} cf_pair_panels;

#endif
