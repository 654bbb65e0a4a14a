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
    CF_CLUSTER_SEPARATION, /* [outputs*clusters] E110 */
    CF_CLUSTER_TIME,       /* of the events of clusters (E111), */
    CF_CLUSTER_INDEX,
    CF_CLUSTER_DIRECTION,
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
    size_t clusters;        /* 0 before the first output, and where they are not observed */
    double *cluster_masses; /* [clusters] M_q, and behind them scratch for E110 */
    size_t *marked;         /* lengths of all series at the last mark, */
    cf_collector_notes marked_notes; /* and the notes */
};

/* The separation of every cluster at an output (E110), and an event of one (E111). */
cf_status cf_collect_clusters(cf_collector *c, const cf_measure *measure, cf_err *err);
cf_status cf_collect_cluster_event(cf_collector *c, double t, size_t cluster, int direction,
                                   cf_err *err);

/* cluster_separation into the group of the flow, and all else of clusters into PATH/clusters. */
cf_status cf_collector_write_clusters(const cf_collector *c, cf_group *group, cf_result *result,
                                      cf_err *err);

/* Emergence and the next dissolution; NaN: there was none (E26, E111). */
typedef struct {
    double emergence, dissolution;
} cf_cluster_times;

/* `above`: at the start; then every crossing in order of time. */
cf_cluster_times cf_cluster_times_begin(bool above);
void cf_cluster_times_add(cf_cluster_times *times, double t, double direction);

/* The last time that was put out. */
double cf_collected_until(const cf_collector *c);

#endif
