/* The engines behind cf_symmetric; private to solver/. */
#ifndef CONTRAFLOW_SOLVER_SYMMETRIC_ENGINE_H
#define CONTRAFLOW_SOLVER_SYMMETRIC_ENGINE_H

#include "contraflow/solver/symmetric.h"

/* --- tiles --- */

typedef struct cf_symmetric_tiles cf_symmetric_tiles;

/* Bytes of n(n + block)/2 stored entries. */
double cf_symmetric_tiles_bytes(size_t n);

/* The entries are kept, unless they are stored. */
cf_status cf_symmetric_tiles_create(const cf_symmetric_setup *setup,
                                    const cf_symmetric_entries *entries, bool stored,
                                    cf_symmetric_tiles **out, cf_err *err);
void cf_symmetric_tiles_free(cf_symmetric_tiles **tiles);
void cf_symmetric_tiles_times(cf_symmetric_tiles *tiles, const double *x, double *out);

/* --- low rank --- */

typedef struct cf_low_rank cf_low_rank;

double cf_low_rank_bytes(size_t n, size_t rank, size_t columns);

/* What rounding adds to the certified error, relative to the trace. */
double cf_low_rank_rounding(size_t rank);

/* CF_EINPUT, beginning with sums.tolerance, where the rank would exceed `most_rank`, or rounding
 * ends the factorization before. */
cf_status cf_low_rank_create(const cf_symmetric_setup *setup, const cf_symmetric_entries *entries,
                             size_t most_rank, cf_low_rank **out, cf_err *err);
void cf_low_rank_free(cf_low_rank **matrix);
void cf_low_rank_times(cf_low_rank *matrix, const double *x, double *out);
size_t cf_low_rank_rank(const cf_low_rank *matrix);
double cf_low_rank_error(const cf_low_rank *matrix);

#endif
