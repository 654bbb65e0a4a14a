/* Keeps what flows put out of themselves (cf_flow_quantity), along a run and at events; private to
 * run/. */
#ifndef CONTRAFLOW_RUN_KEEP_H
#define CONTRAFLOW_RUN_KEEP_H

#include <stdbool.h>

#include "contraflow/models/flow.h"
#include "contraflow/run/result.h"
#include "series.h"

struct cf_kept;

/* Zero-initialize; the first output sets it. */
typedef struct {
    struct cf_kept *kept; /* [count] */
    size_t count;
} cf_keeper;

void cf_keeper_release(cf_keeper *keeper);
cf_status cf_keep_output(cf_keeper *keeper, const cf_flow_state *state, bool snapshot, cf_err *err);
cf_status cf_keep_event(cf_keeper *keeper, const cf_flow_state *state, cf_err *err);

/* The k-th of all series; NULL beyond the last. */
cf_series *cf_keep_series(const cf_keeper *keeper, size_t k);

/* Into the group of the flow, and into that of its events. */
cf_status cf_keep_write(const cf_keeper *keeper, cf_group *group, cf_err *err);
cf_status cf_keep_write_events(const cf_keeper *keeper, cf_group *group, cf_err *err);

#endif
