/* What a sweep says, as words and tables; private to cli/. */
#ifndef CONTRAFLOW_CLI_SWEEP_TEXT_H
#define CONTRAFLOW_CLI_SWEEP_TEXT_H

#include <stdio.h>

#include "contraflow/run/persistence.h"
#include "table.h"

/* "relu, loss.tau = 0.1": a series; its axes only where the flow goes without saying. */
void cf_series_name(const cf_persistence *persistence, const cf_persistence_series *series,
                    char *text, size_t size);

/* "data.radius^-0.98 [-1.02, -0.94]", and so for every axis of the law; "" without a law. */
void cf_law_text(const cf_persistence *persistence, const cf_persistence_series *series,
                 cf_time_kind kind, char *text, size_t size);

/* The median that the law predicts where the lawful axes of the series have these values. */
double cf_law_median(const cf_persistence_series *series, cf_time_kind kind, const double *values,
                     cf_interval *interval);

/* "NAME^-0.98 [-1.02, -0.94]" of parameter k of a fit, behind a dot if it is not the first; the
 * number of characters. */
size_t cf_exponent_write(char *text, size_t size, bool more, const char *name,
                         const cf_lifetime_fit *fit, size_t k);

/* A median with its interval; beyond the end of all runs it reads "> end". */
void cf_median_write(cf_cell cell, const cf_point_times *times);

/* A text in quotes. */
void cf_csv_text(FILE *stream, const char *text);

/* The tables of the page. */
cf_status cf_sweep_points_table(const cf_persistence *persistence, cf_table *table, cf_err *err);
cf_status cf_sweep_laws_table(const cf_persistence *persistence, cf_table *table, cf_err *err);

/* Sentences, one list item each. */
void cf_sweep_findings(const cf_persistence *persistence, FILE *page);

/* All numbers, for other programs. */
void cf_sweep_points_csv(const cf_persistence *persistence, FILE *stream);
void cf_sweep_laws_csv(const cf_persistence *persistence, FILE *stream);

#endif
