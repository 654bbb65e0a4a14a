/* What the files collect*.c share. */
#ifndef CONTRAFLOW_RUN_COLLECT_INTERNAL_H
#define CONTRAFLOW_RUN_COLLECT_INTERNAL_H

#include "collect.h"
#include "keep.h"
#include "series.h"

/* At every output; at every snapshot; at every event, with its cf_root_kind and direction. */
enum {
    CF_TIME,
    CF_LOSS,
    CF_DISSIPATION,
    CF_DISSIPATED,
    CF_SNAPSHOT_TIME,
    CF_EVENT_TIME,
    CF_EVENT_VALUE,
    CF_EVENT_ROOT,
    CF_EVENT_DIRECTION,
    CF_COLLECTED
};

/* What is not a series. */
typedef struct {
    double energy_defect, energy_bound;
    char message[512];
} cf_collector_notes;

struct cf_collector {
    const cf_parts *parts;
    cf_flow *flow;
    double step; /* of a training in time; 0 for a flow */
    cf_series series[CF_COLLECTED];
    cf_series *observed; /* [observer_count] */
    cf_keeper keeper;
    cf_collector_notes notes;
    bool collapsed;
    size_t *marked;                  /* lengths of all series at the last mark, */
    cf_collector_notes marked_notes; /* and the notes */
};

#endif
