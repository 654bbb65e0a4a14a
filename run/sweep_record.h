/* The rows of a sweep's table: lines of CSV, one for each flow of a run; private to run/. */
#ifndef CONTRAFLOW_RUN_SWEEP_RECORD_H
#define CONTRAFLOW_RUN_SWEEP_RECORD_H

#include "contraflow/run/parts.h"
#include "contraflow/run/result.h"
#include "sweep_plan.h"

typedef struct {
    char name[256];
    const char *unit, *equation;
    cf_value_type type;
} cf_sweep_column;

/* Owned. In order: run, point, repetition, the axes, what is known of the flow. */
typedef struct {
    cf_sweep_column *columns;
    size_t count;
    size_t first; /* of those that a flow fills */
} cf_sweep_columns;

/* Checks what the sweep collects. */
cf_status cf_sweep_columns_create(const cf_sweep_plan *plan, cf_sweep_columns *out, cf_err *err);
void cf_sweep_columns_release(cf_sweep_columns *columns);

/* Leaves to a run only the observers that the table needs. */
void cf_sweep_observe(const cf_sweep_columns *columns, cf_parts *parts);

/* Each malloc'ed: the names; the rows of a run that has a result; the single row of a run without
 * one, of status "pending" or "failed". */
cf_status cf_sweep_header(const cf_sweep_columns *columns, char **out, cf_err *err);
cf_status cf_sweep_rows(const cf_sweep_plan *plan, const cf_sweep_columns *columns, size_t run,
                        const cf_problem *problem, const cf_result *result, char **out,
                        cf_err *err);
cf_status cf_sweep_row_without(const cf_sweep_plan *plan, const cf_sweep_columns *columns,
                               size_t run, const char *state, const char *message, char **out,
                               cf_err *err);

#endif
