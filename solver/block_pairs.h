/* Pairs of blocks of points, in parallel and in an order that no number of threads changes. Private
 * to solver/. */
#ifndef CONTRAFLOW_SOLVER_BLOCK_PAIRS_H
#define CONTRAFLOW_SOLVER_BLOCK_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

/* What two blocks do when they meet; host == guest is a block by itself. */
typedef void (*cf_block_meeting)(const void *context, size_t host, size_t guest);

/* Each pair of blocks meets once, and each block itself. At any time a block is in one meeting, so
 * that these may write to the rows of both. */
void cf_block_pairs_once(size_t blocks, bool threaded, cf_block_meeting meet, const void *context);

/* Every host meets all guests, one after the other; meetings write to the rows of the host. */
void cf_block_pairs_all(size_t blocks, bool threaded, cf_block_meeting meet, const void *context);

#endif
