/* How well the computed flow keeps the energy identity (E9, C13). */
#include <math.h>
#include <stdio.h>

#include "curves.h"
#include "flow_style.h"

enum { WIDTH = 520, HEIGHT = 350 };

static bool series_of(const cf_flow_view *flow, const double *series[3], size_t *count)
{
    static const char *const names[] = {"time", "loss", "dissipated"};
    size_t lengths[3];
    for (int k = 0; k < 3; k++)
        series[k] = cf_flow_series(flow, names[k], &lengths[k]);
    *count = lengths[0];
    return *count > 1 && lengths[1] == *count && lengths[2] == *count;
}

/* |L(0) - L(t) - dissipated(t)| from the second output on; exact zeros are left out, a logarithm
 * having no place for them. */
static size_t write_block(FILE *script, const cf_flow_view *flow, const cf_time_axis *axis)
{
    const double *series[3];
    size_t count, written = 0;
    if (!series_of(flow, series, &count))
        return 0;
    fprintf(script, "$defect%zu << EOD\n", flow->index);
    for (size_t k = 1; k < count; k++) {
        double defect = fabs(series[1][0] - series[1][k] - series[2][k]);
        if (defect > 0 && isfinite(defect)) {
            cf_curves_write_point(script, cf_time_axis_place(axis, series[0][k]), defect);
            written++;
        }
    }
    fprintf(script, "%sEOD\n", written == 0 ? "nan nan\n" : "");
    return written;
}

static void write_plot(FILE *script, const cf_result *result, const cf_flow_view *flow, bool first)
{
    cf_flow_style style = cf_flow_style_of(result, flow);
    double bound = cf_flow_energy_bound(flow);
    fprintf(script, "%s$defect%zu using 1:2 ", first ? "plot " : ", \\\n  ", flow->index);
    cf_flow_style_write(script, &style, true);
    if (style.titled && isfinite(bound) && bound > 0)
        fprintf(script, ", \\\n  %.9g with lines lw 0.8 dt 2 lc rgb '#%06x' %s", bound, style.color,
                first ? "title 'bound'" : "notitle");
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_result *result = subject->result;
    cf_time_axis axis = cf_time_axis_of(result);
    size_t cursor = 0, written = 0, count;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow))
        written += write_block(script, &flow, &axis);
    if (written == 0)
        return false;
    figure->width = WIDTH;
    figure->height = HEIGHT + cf_curves_legend_height(result, WIDTH);
    cf_curves_write_style(script);
    cf_time_axis_write(script, &axis);
    fputs("set logscale y\nset format y '10^{%L}'\nset xlabel 'time t' textcolor '#222222'\n"
          "set ylabel 'energy defect' textcolor '#222222'\n",
          script);
    bool first = true;
    for (cursor = 0; cf_flow_next(result, &cursor, &flow);) {
        const double *series[3];
        if (!series_of(&flow, series, &count))
            continue;
        write_plot(script, result, &flow, first);
        first = false;
    }
    fputc('\n', script);
    snprintf(
        figure->caption, sizeof figure->caption,
        "The defect |L(0) \xe2\x88\x92 L(t) \xe2\x88\x92 dissipated(t)| of the energy identity "
        "(E9), which is 0 on the exact flow. Dashed lines are its bound, a multiple of "
        "rtol max(1, |L(0)|): 100, or 1000 for networks whose activation has a kink (C13).");
    return true;
}

const cf_figure_kind cf_figure_energy = {"energy", "Energy identity", CF_PLACE_SOLVER, draw};
