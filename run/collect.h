/* Gathers what a flow puts out and turns it into records; private to run/. */
#ifndef CONTRAFLOW_RUN_COLLECT_H
#define CONTRAFLOW_RUN_COLLECT_H

#include "contraflow/models/flow.h"
#include "contraflow/run/parts.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/integrator.h"

typedef struct cf_collector cf_collector;

/* `step`: that of a training, in time, along which the flow is only observed; 0 where the flow is
 * what runs. */
cf_status cf_collector_create(const cf_parts *parts, cf_flow *flow, double step, cf_collector **out,
                              cf_err *err);
void cf_collector_free(cf_collector **collector);

/* Callbacks of the integration; `context` is the collector. */
cf_status cf_collect_output(void *context, double t, const double *y, const double *q, cf_err *err);
cf_status cf_collect_event(void *context, double t, const double *y, const double *q, size_t root,
                           int direction, bool *stop, cf_err *err);

/* Writes everything gathered into the groups /flows/NAME and /flows/NAME/events. */
cf_status cf_collector_write(const cf_collector *collector, const char *name, cf_result *result,
                             cf_err *err);

/* Notes how much has been gathered. */
cf_status cf_collector_mark(cf_collector *collector, cf_err *err);

/* What had been gathered at the last mark; what is read replaces what there is, in a collector that
 * has seen the start of the same flow. */
cf_status cf_collector_pass(cf_collector *collector, cf_archive *archive, cf_err *err);

/* Whether the flow ended by norm collapse. */
bool cf_collector_collapsed(const cf_collector *collector);

/* Outputs so far. */
size_t cf_collector_outputs(const cf_collector *collector);

/* What to say of a flow: its norm collapse, a broken energy identity, or "". */
const char *cf_collector_message(const cf_collector *collector);

#endif
