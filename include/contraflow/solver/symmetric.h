/* Symmetric positive semidefinite matrices that are given by their entries, and their products with
 * few columns. Tiles of entries are stored, or computed again for every product with the same bits;
 * or the matrix is replaced by one of low rank with a certified error (E83). The order of every sum
 * is fixed: the same bits on any number of threads. */
#ifndef CONTRAFLOW_SOLVER_SYMMETRIC_H
#define CONTRAFLOW_SOLVER_SYMMETRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

/* out [count] = the entries (row, first), (row, first + 1) ... The same bits wherever a run begins
 * and ends. Several threads ask at once. */
typedef struct {
    void (*get)(const void *context, size_t row, size_t first, size_t count, double *out);
    const void *context;
} cf_symmetric_entries;

/* `auto`: what is predicted to take the least time, by counts alone, within tolerance and memory.
 */
typedef enum {
    CF_SYMMETRIC_AUTO,
    CF_SYMMETRIC_STORED,
    CF_SYMMETRIC_RECOMPUTED,
    CF_SYMMETRIC_LOW_RANK,
    CF_SYMMETRIC_EXACT, /* stored where there is memory for it, or else recomputed */
    CF_SYMMETRIC_ENGINES = 3
} cf_symmetric_engine;

extern const char *const cf_symmetric_names[]; /* of stored, recomputed, low-rank */

typedef struct {
    size_t n, columns;
    double entry_seconds; /* predicted, of one entry on one thread */
    size_t rank;          /* predicted at the tolerance, or n */
    double products;      /* how many are expected */
    bool once;            /* entries are there at creation alone: none is recomputed */
    cf_symmetric_engine engine;
    double tolerance; /* trace of what low rank may leave out, relative to that of the matrix */
    double memory;    /* bytes of the machine, on which the choice of low rank depends */
    double available; /* and those that are free, on which it depends whether entries are stored */
} cf_symmetric_setup;

/* What an engine would need; `seconds` on one thread. */
typedef struct {
    bool serves; /* within tolerance and memory */
    double bytes;
    double error; /* relative to the trace; 0: rounding alone */
    double seconds_before, seconds_each;
} cf_symmetric_plan;

typedef struct {
    cf_symmetric_engine chosen; /* one of the three */
    cf_symmetric_plan plans[CF_SYMMETRIC_ENGINES];
} cf_symmetric_choice;

/* By counts alone. CF_EINPUT, beginning with sums.engine or sums.tolerance, for an engine that
 * cannot serve, with the nearest one that does. */
cf_status cf_symmetric_choose(const cf_symmetric_setup *setup, cf_symmetric_choice *choice,
                              cf_err *err);

typedef struct cf_symmetric cf_symmetric;

/* Where low rank turns out not to reach the tolerance,
 * `auto` takes what is next best, and otherwise CF_EINPUT says what can be reached. */
cf_status cf_symmetric_create(const cf_symmetric_setup *setup, const cf_symmetric_entries *entries,
                              cf_symmetric **out, cf_err *err);
void cf_symmetric_free(cf_symmetric **matrix);

/* out [n*columns] = A x, x [n*columns]; they do not overlap. */
void cf_symmetric_times(cf_symmetric *matrix, const double *x, double *out);

/* "low-rank, rank 62, error 8e-09 of the trace, 49.6 MB; auto: ...": engine, and what was predicted
 * of the others where there was a choice. */
const char *cf_symmetric_description(const cf_symmetric *matrix);

/* Whether products ask for entries. */
bool cf_symmetric_keeps_entries(const cf_symmetric *matrix);

/* The certified error, relative to the trace: 0 where it is rounding alone; and the rank, or n. */
double cf_symmetric_error(const cf_symmetric *matrix);
size_t cf_symmetric_rank(const cf_symmetric *matrix);

#endif
