/* Sweeps: many runs of one problem, each with other values of some of its keys, in a folder:
 *   table.csv, table.h5   a row for each flow of each run; always whole, at most seconds old
 *   sweep.yaml            all that the table depends on
 *   journal               the runs that have ended, to go on from
 *   runs/NUMBER.h5        whole results, where the sweep keeps them */
#ifndef CONTRAFLOW_RUN_SWEEP_H
#define CONTRAFLOW_RUN_SWEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/run/problem.h"

typedef struct {
    size_t runs, ended, failed;
    double seconds_left; /* NaN: not known yet */
} cf_sweep_progress;

typedef struct {
    const char *const *settings; /* [setting_count] the --set that `problem` was read with */
    size_t setting_count;
    const char *folder;
    size_t jobs; /* processes */
    int threads; /* of each */
    bool resume;
    const char *command;
    void *context; /* of the two hooks, which may be NULL */
    void (*progress)(void *context, const cf_sweep_progress *progress);
    bool (*interrupted)(void *context);
} cf_sweep_options;

/* Runs all that has not been run yet. Rows depend on the problem alone: not on the number of
 * processes, nor on interruptions. A run that fails is a row that says why; it never stops others.
 * No thread may have been started before in this process. CF_EINPUT, before anything runs, for a
 * folder in use, one that holds another sweep, and axes that make no sense. */
cf_status cf_sweep(const cf_problem *problem, const cf_sweep_options *options,
                   cf_sweep_progress *end, cf_err *err);

#endif
