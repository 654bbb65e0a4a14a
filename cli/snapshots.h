/* Which snapshots a figure shows; private to cli/. */
#ifndef CONTRAFLOW_CLI_SNAPSHOTS_H
#define CONTRAFLOW_CLI_SNAPSHOTS_H

#include "contraflow/run/flow_view.h"

enum { CF_SNAPSHOT_COLUMNS = 7 };

/* One panel; z = NULL leaves it empty. */
typedef struct {
    const double *z;      /* [samples*views*d], borrowed */
    const double *probes; /* [p*d], likewise; NULL where the flow has none */
    double time;
    const char *remark; /* "emergence", "dissolution", a status, or "" */
} cf_snapshot;

/* Times of the columns: 0, the end, the crossings of the flow that has most of them, the middle
 * between them, half its time of emergence, and the middles of the widest gaps that remain; all
 * middles on a log scale. */
typedef struct {
    double times[CF_SNAPSHOT_COLUMNS];
    size_t count;
    double emergence, dissolution, middle; /* NaN where none */
} cf_snapshot_plan;

void cf_snapshot_plan_make(const cf_result *result, cf_snapshot_plan *plan);

/* The row of a flow, in order of time: its own crossings exactly, from its events, and otherwise
 * the snapshots nearest to the plan. */
void cf_snapshot_row(const cf_flow_view *flow, const cf_snapshot_plan *plan,
                     cf_snapshot row[CF_SNAPSHOT_COLUMNS]);

#endif
