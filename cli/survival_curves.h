/* Kaplan-Meier curves in figures; private to cli/. */
#ifndef CONTRAFLOW_CLI_SURVIVAL_CURVES_H
#define CONTRAFLOW_CLI_SURVIVAL_CURVES_H

#include <stdio.h>

#include "contraflow/solver/survival.h"

/* Curve k of panel s as datablocks: the corners of the steps (time, curve, band), and the marks
 * where runs were censored. Times below `left` are shown there. */
void cf_survival_write_curve(FILE *script, const cf_survival *curve, size_t s, size_t k,
                             double left);

/* The parts of a plot command that show it. */
void cf_survival_plot_curve(FILE *script, size_t s, size_t k, unsigned color, const char *label);

#endif
