/* What a sweep says of emergence, dissolution and persistence of clusters (E60 - E67), as plain
 * data, from its table. */
#ifndef CONTRAFLOW_RUN_PERSISTENCE_H
#define CONTRAFLOW_RUN_PERSISTENCE_H

#include <stdbool.h>

#include "contraflow/run/result.h"
#include "contraflow/solver/lifetime.h"
#include "contraflow/solver/survival.h"

typedef enum {
    CF_TIME_PERSISTENCE,
    CF_TIME_DISSOLUTION,
    CF_TIME_EMERGENCE,
    CF_TIME_KINDS
} cf_time_kind;

/* "persistence" ... */
extern const char *const cf_time_names[];

enum { CF_DISSOLVED = 1, CF_COLLAPSED = 2 }; /* kinds of events; the first: emerged, or dissolved */

#define CF_PERSISTENCE_CONFIDENCE 0.95

/* One key that the sweep varies, or the width of networks. */
typedef struct {
    const char *name; /* "data.radius", "width" */
    bool numeric;
    bool lawful; /* positive numbers, of which laws are sought */
    size_t count;
    double *numbers;    /* [count] ascending; NULL unless numeric */
    const char **texts; /* [count] as written */
} cf_sweep_axis;

/* Times of one kind, of the runs of one point. */
typedef struct {
    cf_lifetimes sample;
    const size_t *units; /* [sample.count] runs of one unit share their seeds */
    size_t events, collapsed, censored;
    double follow_up;   /* of persistence; NaN for the others */
    cf_survival *curve; /* NULL for an empty sample */
    cf_interval median; /* E63; NaN for an empty sample */
    double low, high;   /* of the median by the bootstrap (E67) */
} cf_point_times;

/* A point of the sweep, for one flow. */
typedef struct {
    const size_t *levels; /* [axis_count] of its values among those of the axes */
    const size_t *rows;   /* [runs] of the table */
    size_t runs, failed;
    cf_point_times times[CF_TIME_KINDS];
} cf_persistence_point;

/* A power law of the parameters: median = factor prod p_k^exponent_k (E66). */
typedef struct {
    const cf_lifetime_law *law; /* NULL where there is none: the message says why */
    char message[256];
    cf_lifetime_fit *fit; /* x = log of the lawful axes that vary */
    double aic[3];        /* of all laws, in the order of cf_lifetime_laws; NaN: no fit */
    bool jackknife;       /* intervals are over seeds */
    cf_test lack;         /* of fit */
} cf_persistence_law;

/* Points of one flow that differ in lawful axes only. */
typedef struct {
    const char *flow;
    cf_persistence_point *points;
    size_t count;
    size_t lawful[2], lawful_count;  /* axes that laws of the series are about */
    cf_test log_rank[CF_TIME_KINDS]; /* whether the points differ */
    cf_persistence_law laws[CF_TIME_KINDS];
} cf_persistence_series;

typedef struct {
    cf_sweep_axis *axes;
    size_t axis_count;
    size_t lawful[2], lawful_count; /* axes of laws: at most two */
    cf_persistence_series *series;
    size_t count;
    size_t pending;                       /* runs that have not ended */
    double follow_up;                     /* asked for; 0: the shortest there is */
    struct cf_persistence_memory *memory; /* private */
} cf_persistence;

/* From a table that cf_result_read read, borrowed and kept. CF_EINPUT where it is no table of a
 * sweep. */
cf_status cf_persistence_create(const cf_result *table, cf_persistence **out, cf_err *err);
void cf_persistence_free(cf_persistence **persistence);

/* The same of the clusters of every run, which are one more axis, "cluster"; *out = NULL where the
 * sweep did not ask for them. */
cf_status cf_persistence_create_clusters(const cf_result *table, cf_persistence **out, cf_err *err);

/* "loss.tau = 0.1, start = random": the values of a point on the axes that are lawful, or of a
 * series on those that are not; "" where there is none. */
void cf_persistence_label(const cf_persistence *persistence, const cf_persistence_point *point,
                          bool lawful, char *text, size_t size);

#endif
