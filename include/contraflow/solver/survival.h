/* Survival statistics of times that may be censored, by events of one kind or of several that
 * compete (E60 - E64, E67). */
#ifndef CONTRAFLOW_SOLVER_SURVIVAL_H
#define CONTRAFLOW_SOLVER_SURVIVAL_H

#include <stddef.h>
#include <stdint.h>

#include "contraflow/solver/error.h"

enum { CF_CENSORED = 0 }; /* an end that is no event; events are 1, 2, ... by kind */

/* A sample of times, borrowed. */
typedef struct {
    size_t count;
    const double *times; /* [count] finite, >= 0 */
    const int *ends;     /* [count] the kind of event that ended it, or CF_CENSORED */
} cf_lifetimes;

/* What is known at every distinct time of the sample, ascending. Owned. */
typedef struct {
    size_t count;
    double *time;
    double *at_risk;   /* just before the time */
    double *events;    /* of the kind at the time */
    double *competing; /* events of other kinds */
    double *censored;
    double *absent;     /* part in which the kind has not happened: 1 - F of E62; without competing
                         * events     the Kaplan-Meier estimate of E61 */
    double *error;      /* standard error of `absent` (Greenwood) */
    double *low, *high; /* pointwise interval of `absent`, from log(-log) */
} cf_survival;

/* E61, E62 for events of `kind`; confidence in (0, 1), 0.95 say. Cost count log count + J^2 for J
 * distinct times. CF_EINPUT for an empty sample or a time that is negative or not finite. */
cf_status cf_survival_create(const cf_lifetimes *lifetimes, int kind, double confidence,
                             cf_survival **out, cf_err *err);
void cf_survival_free(cf_survival **survival);

/* A number with its interval; infinity where the sample does not say. */
typedef struct {
    double value, low, high;
} cf_interval;

/* E63: the time by which a part p of the sample has had the event. */
cf_interval cf_survival_quantile(const cf_survival *survival, double p);

typedef struct {
    double statistic; /* chi square */
    size_t degrees;
    double p; /* NaN where no two groups can be compared */
} cf_test;

/* E64: whether groups have the same hazard of `kind`.
 *   group [lifetimes->count] numbers below `groups` */
cf_status cf_log_rank(const cf_lifetimes *lifetimes, int kind, const size_t *group, size_t groups,
                      cf_test *test, cf_err *err);

/* The statistic of a resampled sample: drawn [count] are indices into the sample; it may be
 * infinite, and NaN leaves the replicate out. */
typedef double (*cf_resampled)(void *context, const size_t *drawn, size_t count);

typedef struct {
    size_t count; /* of the sample */
    size_t replicates;
    uint64_t seed;
    double confidence;
} cf_bootstrap;

/* E67: the percentile interval of a statistic; random numbers depend on seed, replicate and place
 * alone. NaN where fewer than half of the replicates count. */
cf_status cf_bootstrap_interval(const cf_bootstrap *bootstrap, cf_resampled statistic,
                                void *context, double *low, double *high, cf_err *err);

#endif
