/* From problem to result: runs every flow of a problem and writes the result file as it goes. */
#ifndef CONTRAFLOW_RUN_RUN_H
#define CONTRAFLOW_RUN_RUN_H

#include <stdbool.h>

#include "contraflow/run/parts.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/integrator.h"

typedef struct {
    const char *flow; /* name */
    size_t index, flows;
    double t, end;
    const cf_counts *counts;
} cf_progress;

/* Hooks into a run; each may be NULL. */
typedef struct {
    void *context;
    void (*progress)(void *context, const cf_progress *progress); /* after every step */
    bool (*interrupted)(void *context);                           /* asked after every step */
    const char *command;                                          /* recorded in the result */
    const char *checkpoint; /* file of the checkpoints; NULL: none is written */
    bool resume;            /* go on from that file, if there is one */
} cf_run_hooks;

typedef enum { CF_ENDED_COMPLETE, CF_ENDED_BY_NUMBERS, CF_ENDED_INTERRUPTED } cf_run_end;

/* Runs the flows in order and writes the result to `path` (NULL: to memory only) after each of
 * them, so that a later failure loses nothing. A flow that breaks down or collapses keeps what it
 * computed and the others go on: *end = CF_ENDED_BY_NUMBERS. The caller frees *result, which is
 * valid also on failure to write. Where the problem has a section checkpoint, restart points go to
 * the file of the hooks, the last one also when the run is interrupted; a run that has ended
 * removes it. A run that goes on from a checkpoint has the bits of one that was never stopped. */
cf_status cf_run(const cf_parts *parts, const char *path, const cf_run_hooks *hooks,
                 cf_result **result, cf_run_end *end, cf_err *err);

/* What a flow costs, measured, for estimates only: seconds of one evaluation of its right-hand
 * side, or of one step of its training; how many steps that has, else 0; and how products with its
 * kernel are computed, "" where it has none. */
typedef struct {
    double seconds;
    long steps;
    char kernel[256];
} cf_run_cost;

cf_status cf_run_measure_cost(const cf_parts *parts, size_t flow, cf_run_cost *cost, cf_err *err);

#endif
