/* Kaplan-Meier curves in figures, a panel for each group of them; private to cli/. */
#ifndef CONTRAFLOW_CLI_SURVIVAL_CURVES_H
#define CONTRAFLOW_CLI_SURVIVAL_CURVES_H

#include <stdbool.h>
#include <stdio.h>

#include "contraflow/solver/survival.h"
#include "figure.h"

/* Panels side by side, two to a row, over one range of times. */
typedef struct {
    size_t count;
    double range[2];         /* of times: starts as {INFINITY, 0} */
    int row, beside;         /* height of a row; room for the key, in pixels */
    const char *part, *time; /* what the axes say */
    const char *key;         /* title of the key, or NULL: none */
} cf_survival_panels;

/* Widens the range by the times of a curve, which may be NULL; false where it has none above 0. */
bool cf_survival_extend(cf_survival_panels *panels, const cf_survival *curve);

/* Leaves some room beside the times. */
void cf_survival_round(cf_survival_panels *panels);

/* Curve k of panel s as datablocks: the corners of the steps (time, curve, band), and the marks
 * where runs were censored. Before the panels begin. */
void cf_survival_write_curve(FILE *script, const cf_survival_panels *panels,
                             const cf_survival *curve, size_t s, size_t k);

/* The size of the figure, and the layout of its panels. */
void cf_survival_begin(FILE *script, const cf_survival_panels *panels, cf_figure *figure);

/* Axes and title of the panel at place k. One key serves all: it stands beside the first row. */
void cf_survival_begin_panel(FILE *script, const cf_survival_panels *panels, size_t k,
                             const char *name);

/* The parts of a plot command that show a curve. */
void cf_survival_plot_curve(FILE *script, size_t s, size_t k, unsigned color, const char *label);

#endif
