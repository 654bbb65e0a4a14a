/* The flows of a result, and what tables say about each; private to cli/. */
#ifndef CONTRAFLOW_CLI_FLOW_VIEW_H
#define CONTRAFLOW_CLI_FLOW_VIEW_H

#include <stdbool.h>

#include "contraflow/run/result.h"

/* Borrowed from the result. */
typedef struct {
    const char *name;
    size_t index; /* among the flows */
    const cf_group *group;
    const cf_group *events; /* NULL where there are none */
} cf_flow_view;

/* The next flow: start with *cursor = 0; false after the last. */
bool cf_flow_next(const cf_result *result, size_t *cursor, cf_flow_view *flow);
size_t cf_flow_count(const cf_result *result);

/* A real vector, or NULL where the record is absent, empty or something else. */
const double *cf_flow_series(const cf_flow_view *flow, const char *name, size_t *count);

/* 100 rtol max(1, |L(0)|), the bound of the energy identity (C13); NaN where unknown. */
double cf_flow_energy_bound(const cf_flow_view *flow);

typedef struct {
    const char *title;
    const char *doc; /* one line, for the page */
    bool number;     /* aligned right */
    void (*write)(const cf_flow_view *flow, char *text, size_t size);
} cf_column;

/* Ended by a NULL title: for the terminal, and the two tables of the page. */
extern const cf_column cf_summary_columns[], cf_outcome_columns[], cf_solver_columns[];

#endif
