/* How the times of emergence and dissolution depend on numbers of the problem (E68). */
#ifndef CONTRAFLOW_RUN_SENSITIVITY_H
#define CONTRAFLOW_RUN_SENSITIVITY_H

#include "contraflow/run/problem.h"

/* Of one flow; what did not happen is NaN. */
typedef struct {
    const char *flow;              /* borrowed from the problem */
    double times[2];               /* emergence, dissolution */
    double *derivatives[2];        /* [key_count] of the times by each key */
    char status[32], message[512]; /* "complete", or how the flow ended, and why */
} cf_flow_sensitivity;

typedef struct {
    double *values; /* [key_count] of the keys */
    size_t key_count;
    cf_flow_sensitivity *flows;
    size_t count;
} cf_sensitivities;

/* For every flow of `problem`, which was read with `settings` [setting_count]; keys [key_count] as
 * --set takes them, each a number. A flow ends with its dissolution. CF_EINPUT for a key that is
 * none, and for networks that are trained in steps. */
cf_status cf_sensitivities_create(const cf_problem *problem, const char *const *settings,
                                  size_t setting_count, const char *const *keys, size_t key_count,
                                  cf_sensitivities **out, cf_err *err);
void cf_sensitivities_free(cf_sensitivities **sensitivities);

#endif
