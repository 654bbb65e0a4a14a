/* Points in blocks, and meetings of pairs of blocks, in parallel and in an order that no number of
 * threads changes. Private to solver/. */
#ifndef CONTRAFLOW_SOLVER_BLOCK_PAIRS_H
#define CONTRAFLOW_SOLVER_BLOCK_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/pair_sum.h"

/* Each part (all points, or a half of them) is padded to whole lanes and cut into blocks of its
 * own.
 */
typedef struct {
    size_t n;      /* points */
    size_t parts;  /* 1 or 2 */
    size_t part;   /* points of a part */
    size_t padded; /* and with its padding */
    size_t stride; /* of all parts */
    size_t lanes;  /* a block is a multiple of */
    size_t block;  /* points of a block, at most */
    size_t blocks; /* of a part */
    bool threaded;
} cf_block_layout;

/* `lanes` divides the size of every block, and 64. */
cf_block_layout cf_block_layout_of(const cf_pair_sum_setup *setup, size_t lanes);

/* The ends of pairs, an end that is computed alone counting twice: `all`, or those within groups of
 * `alone` points. For predictions of cost. */
double cf_block_pairs_count(const cf_block_layout *layout, bool all, size_t alone);

/* The place of point i among `stride` ones. */
size_t cf_block_place(const cf_block_layout *layout, size_t i);

/* The places [first, end) of a block, its padding included. */
void cf_block_bounds(const cf_block_layout *layout, size_t block, size_t *first, size_t *end);

/* column [stride] = values [n] at their places, or zero where values is NULL; the padding stays. */
void cf_block_column(const cf_block_layout *layout, const double *values, double *column);

/* What two blocks do when they meet; host == guest is a block by itself. */
typedef void (*cf_block_meeting)(const void *context, size_t host, size_t guest);

/* Each pair of blocks meets once: of two parts those of different ones, of one part also each block
 * itself. At any time a block is in one meeting, so that these may write to the rows of both. */
void cf_block_pairs_once(const cf_block_layout *layout, cf_block_meeting meet, const void *context);

/* Every host meets all guests, of the other part if there are two, one after the other; meetings
 * write to the rows of the host. */
void cf_block_pairs_all(const cf_block_layout *layout, cf_block_meeting meet, const void *context);

#endif
