/* What tables say about each flow; private to cli/. */
#ifndef CONTRAFLOW_CLI_COLUMNS_H
#define CONTRAFLOW_CLI_COLUMNS_H

#include "contraflow/run/flow_view.h"
#include "table.h"

typedef struct {
    const char *title;
    const char *doc; /* one line, for the page */
    bool number;     /* aligned right */
    void (*write)(const cf_flow_view *flow, char *text, size_t size);
} cf_column;

/* Ended by a NULL title: for the terminal, and the two tables of the page. */
extern const cf_column cf_summary_columns[], cf_outcome_columns[], cf_solver_columns[];

/* A row for each flow; `grouped`: one for all networks that differ in their seeds only, with the
 * range of every number. */
cf_status cf_flow_table(const cf_result *result, const cf_column *columns, bool grouped,
                        cf_table *table, cf_err *err);

#endif
