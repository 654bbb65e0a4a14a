/* Cells of the tables of a sweep; private to run/. */
#ifndef CONTRAFLOW_RUN_SWEEP_CELLS_H
#define CONTRAFLOW_RUN_SWEEP_CELLS_H

#include <stdio.h>

#include "sweep_plan.h"

/* In quotes where it must be; what is no character becomes a blank, so that a row is a line. */
void cf_put_text(FILE *stream, const char *text);
void cf_put_real(FILE *stream, double value);

/* run, point, repetition and the axes, without a comma behind them. */
void cf_put_place(FILE *stream, const cf_sweep_plan *plan, size_t run);

#endif
