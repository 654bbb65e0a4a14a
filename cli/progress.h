/* Progress of a run on standard error: a bar on a terminal, plain lines elsewhere; private to cli/.
 */
#ifndef CONTRAFLOW_CLI_PROGRESS_H
#define CONTRAFLOW_CLI_PROGRESS_H

#include "contraflow/run/run.h"
#include "contraflow/run/sweep.h"

typedef struct {
    bool quiet, terminal;
    long long last; /* milliseconds of the last print */
    size_t flow;    /* printed last, counted from 1 */
    int tenth;      /* of a plain line */
} cf_progress_printer;

void cf_progress_start(cf_progress_printer *printer, bool quiet);
void cf_progress_print(cf_progress_printer *printer, const cf_progress *progress);

void cf_progress_print_sweep(cf_progress_printer *printer, const cf_sweep_progress *progress);

/* Clears the bar. */
void cf_progress_finish(cf_progress_printer *printer);

#endif
