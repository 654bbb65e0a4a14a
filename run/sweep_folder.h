/* The folder of a sweep: who uses it, what it is of, and a journal of the runs that have ended;
 * private to run/. */
#ifndef CONTRAFLOW_RUN_SWEEP_FOLDER_H
#define CONTRAFLOW_RUN_SWEEP_FOLDER_H

#include <stdbool.h>

#include "contraflow/solver/error.h"

typedef struct cf_sweep_folder cf_sweep_folder;

/* Makes the folder where there is none, and locks it. `identity` is all that the rows depend on, as
 * lines "key: value" of YAML: a folder that holds another one is refused with the difference, and
 * one that holds the same only serves to resume. CF_EINPUT for these, and for a folder in use. */
cf_status cf_sweep_folder_open(const char *path, const char *identity, bool resume,
                               cf_sweep_folder **out, cf_err *err);
void cf_sweep_folder_close(cf_sweep_folder **folder);

/* What the journal knows: rows [runs], malloc'ed texts where NULL was, and seconds [runs] of each.
 * A record that was not written to its end is dropped. */
cf_status cf_sweep_folder_read(cf_sweep_folder *folder, size_t runs, char **rows, double *seconds,
                               cf_err *err);

/* Appends a run to the journal; `flush` hands the journal to the disk. */
cf_status cf_sweep_folder_append(cf_sweep_folder *folder, size_t run, double seconds,
                                 const char *rows, cf_err *err);
cf_status cf_sweep_folder_flush(cf_sweep_folder *folder, cf_err *err);

#endif
