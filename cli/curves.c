#include "curves.h"

#include <math.h>
#include <string.h>

#include "flow_style.h"

cf_time_axis cf_time_axis_of(const cf_result *result)
{
    cf_time_axis axis = {0, INFINITY, 0};
    size_t cursor = 0, count;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow)) {
        const double *time = cf_flow_series(&flow, "time", &count);
        for (size_t k = 0; k < count; k++) {
            axis.first = time[k] > 0 ? fmin(axis.first, time[k]) : axis.first;
            axis.last = fmax(axis.last, time[k]);
        }
    }
    if (!isfinite(axis.first))
        axis.first = axis.last = 1;
    if (axis.last <= axis.first)
        axis.last = 2 * axis.first;
    axis.zero = axis.first * pow(axis.first / axis.last, 0.1);
    return axis;
}

double cf_time_axis_place(const cf_time_axis *axis, double t)
{
    return t > axis->zero ? t : axis->zero;
}

/* Ticks at powers of ten, with unlabelled ones between; few decades have labels between, too. All
 * are given one by one, because there must be none left of the first output. */
static void write_ticks(FILE *script, const cf_time_axis *axis)
{
    double decades = log10(axis->last / axis->first);
    int stride = 1 + (int)(decades / 8);
    for (int p = (int)floor(log10(axis->first)); p <= (int)floor(log10(axis->last)); p++)
        for (int digit = 1; digit < 10; digit++) {
            double tick = digit * pow(10, p);
            bool labelled =
                digit == 1 ? p % stride == 0 : decades < 1.5 && (digit == 2 || digit == 5);
            if (tick < 0.999 * axis->first || tick > 1.001 * axis->last)
                continue;
            if (labelled)
                fprintf(script, ", '%g' %.9g", tick, tick);
            else if (decades < 8)
                fprintf(script, ", '' %.9g 1", tick);
        }
}

void cf_time_axis_write(FILE *script, const cf_time_axis *axis)
{
    fprintf(script,
            "set logscale x\nset xrange [%.17g:%.17g]\nset xtics nomirror out scale 0.6,0.3 ('0' "
            "%.17g",
            axis->zero, axis->last * pow(axis->last / axis->first, 0.02), axis->zero);
    write_ticks(script, axis);
    fprintf(script,
            ")\nset label '//' at first %.9g, graph 0 center front font ',9' textcolor '#555555'\n",
            sqrt(axis->zero * axis->first));
}

static const double *series_of(const cf_flow_view *flow, const char *record, size_t *count)
{
    size_t times;
    const double *values = cf_flow_series(flow, record, count);
    const double *time = cf_flow_series(flow, "time", &times);
    return time == NULL || times != *count ? NULL : values;
}

static bool has_finite(const double *values, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (isfinite(values[k]))
            return true;
    return false;
}

bool cf_curves_exist(const cf_result *result, const char *record)
{
    size_t cursor = 0, count;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow)) {
        const double *values = series_of(&flow, record, &count);
        if (values != NULL && has_finite(values, count))
            return true;
    }
    return false;
}

void cf_curves_write_point(FILE *script, double x, double y)
{
    if (isfinite(y))
        fprintf(script, "%.9g %.9g\n", x, y);
    else
        fprintf(script, "%.9g nan\n", x);
}

/* Crossings after the previous output and up to time t: known points of the curve. */
static void write_crossings(FILE *script, const cf_flow_view *flow, const double range[2],
                            double threshold)
{
    const double times[] = {cf_group_real(flow->group, "emergence"),
                            cf_group_real(flow->group, "dissolution")};
    for (int k = 0; k < 2 && isfinite(threshold); k++)
        if (times[k] > range[0] && times[k] < range[1])
            cf_curves_write_point(script, times[k], threshold);
}

void cf_curves_write_blocks(FILE *script, const cf_result *result, const cf_time_axis *axis,
                            const char *record, double threshold)
{
    size_t cursor = 0, count;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow)) {
        const double *values = series_of(&flow, record, &count);
        const double *time = cf_flow_series(&flow, "time", &count);
        if (values == NULL)
            continue;
        fprintf(script, "$%s%zu << EOD\n", record, flow.index);
        for (size_t k = 0; k < count; k++) {
            const double range[] = {k > 0 ? time[k - 1] : 0, time[k]};
            if (k > 0)
                write_crossings(script, &flow, range, threshold);
            cf_curves_write_point(script, cf_time_axis_place(axis, time[k]), values[k]);
        }
        fputs("EOD\n", script);
    }
}

/* Networks of families first: the other flows lie on top of them. */
size_t cf_curves_write_plots(FILE *script, const cf_result *result, const char *record, bool titled)
{
    size_t count, curves = 0;
    cf_flow_view flow;
    for (int pass = 0; pass < 2; pass++)
        for (size_t cursor = 0; cf_flow_next(result, &cursor, &flow);) {
            cf_flow_style style = cf_flow_style_of(result, &flow);
            if (style.family != (pass == 0) || series_of(&flow, record, &count) == NULL)
                continue;
            fprintf(script, "%s$%s%zu using 1:2 ", curves++ > 0 ? ", \\\n  " : "", record,
                    flow.index);
            cf_flow_style_write(script, &style, titled);
        }
    return curves;
}

int cf_curves_legend_height(const cf_result *result, int width)
{
    enum { FREE_ROWS = 3, ROW = 14, MARGIN = 60, SAMPLE = 44, LETTER = 7 };
    size_t longest, names = cf_legend_names(result, &longest) + 1;
    size_t columns = (size_t)(width - MARGIN) / (SAMPLE + LETTER * longest);
    size_t rows = (names + (columns > 0 ? columns : 1) - 1) / (columns > 0 ? columns : 1);
    return rows > FREE_ROWS ? ROW * (int)(rows - FREE_ROWS) : 0;
}

void cf_curves_write_style(FILE *script)
{
    fputs("set minussign\nset datafile missing 'nan'\n"
          "set border 3 lw 0.8 lc rgb '#555555'\n"
          "set tics textcolor '#333333'\nset ytics nomirror out scale 0.6,0.3\n"
          "set grid xtics ytics lc rgb '#e9ecef' lw 0.6 lt 1 dt 1\n"
          "set key outside top left horizontal Left reverse samplen 2 textcolor '#222222'\n",
          script);
}

/* Along the drawn line: linear in the place on the axis. */
static double value_at(const cf_flow_view *flow, const cf_time_axis *axis, const char *record,
                       double t)
{
    size_t count;
    const double *values = series_of(flow, record, &count);
    const double *time = cf_flow_series(flow, "time", &count);
    if (values == NULL)
        return NAN;
    for (size_t k = 1; k < count; k++)
        if (t <= time[k]) {
            double low = log(cf_time_axis_place(axis, time[k - 1]));
            double high = log(cf_time_axis_place(axis, time[k]));
            double part = high > low ? (log(cf_time_axis_place(axis, t)) - low) / (high - low) : 1;
            return values[k - 1] + part * (values[k] - values[k - 1]);
        }
    return count > 0 ? values[count - 1] : NAN;
}

void cf_curves_write_events(FILE *script, const cf_result *result, const cf_time_axis *axis,
                            const char *record, double threshold)
{
    static const char *const names[] = {"emergence", "dissolution"};
    static const int markers[] = {9, 11};
    size_t cursor = 0;
    cf_flow_view flow;
    fputs("$events << EOD\nnan nan 0 0\n", script);
    while (cf_flow_next(result, &cursor, &flow))
        for (int k = 0; k < 2; k++) {
            double t = cf_group_real(flow.group, names[k]);
            double y = t > 0 && isfinite(threshold) ? threshold : value_at(&flow, axis, record, t);
            if (isfinite(t) && isfinite(y))
                fprintf(script, "%.9g %.9g %d %u\n", cf_time_axis_place(axis, t), y, markers[k],
                        cf_flow_style_of(result, &flow).color);
        }
    fputs("EOD\n", script);
}
