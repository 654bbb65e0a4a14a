/* Quantities of all flows against logarithmic time; private to cli/. */
#ifndef CONTRAFLOW_CLI_CURVES_H
#define CONTRAFLOW_CLI_CURVES_H

#include "figure.h"

/* A time axis that is logarithmic beyond `first` and has t = 0 at its left end, after a gap. */
typedef struct {
    double zero, first, last;
} cf_time_axis;

/* The axis that holds the outputs of all flows. */
cf_time_axis cf_time_axis_of(const cf_result *result);
double cf_time_axis_place(const cf_time_axis *axis, double t);
void cf_time_axis_write(FILE *script, const cf_time_axis *axis);

/* Whether any flow has the record, with a value for every output and at least one finite. */
bool cf_curves_exist(const cf_result *result, const char *record);

/* Datablocks $NAME0, $NAME1, ... of the flows that have the record, crossings of the threshold
 * included where `threshold` is finite; and the plot commands of these curves, titled if wanted,
 * without the word plot. Returns the number of curves. */
void cf_curves_write_blocks(FILE *script, const cf_result *result, const cf_time_axis *axis,
                            const char *record, double threshold);
size_t cf_curves_write_plots(FILE *script, const cf_result *result, const char *record,
                             bool titled);

/* One line of a datablock; not-a-number where the value is none. */
void cf_curves_write_point(FILE *script, double x, double y);

/* Pixels that a legend of all flows needs beyond three rows, in a figure of that width. */
int cf_curves_legend_height(const cf_result *result, int width);

/* Common look: thin axes at the left and below, light grid, legend above. */
void cf_curves_write_style(FILE *script);

/* A datablock of the triangles at the crossings of all flows, "x y type rgb". */
void cf_curves_write_events(FILE *script, const cf_result *result, const cf_time_axis *axis,
                            const char *record, double threshold);

#endif
