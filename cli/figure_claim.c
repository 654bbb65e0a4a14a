/* The figure of a claim: points that were measured and lines that are predicted. A label has one
 * colour. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "figure.h"
#include "gnuplot.h"
#include "palette.h"

enum { WIDTH = 560, HEIGHT = 380, LEGEND_ROW = 22, LEGEND_COLUMNS = 3 };

/* The first curve of the same label. */
static size_t leader(const cf_claim_report *report, size_t k)
{
    size_t first = 0;
    while (strcmp(report->curves[first].label, report->curves[k].label) != 0)
        first++;
    return first;
}

/* How many labels there are before curve k. */
static size_t label_index(const cf_claim_report *report, size_t k)
{
    size_t index = 0;
    for (size_t i = 0; i < leader(report, k); i++)
        index += leader(report, i) == i;
    return index;
}

static bool shown(const cf_claim_figure *axes, double x, double y)
{
    return isfinite(x) && isfinite(y) && (!axes->log_x || x > 0) && (!axes->log_y || y > 0);
}

static void write_block(FILE *script, const cf_claim_report *report, size_t k)
{
    const cf_claim_curve *curve = &report->curves[k];
    size_t written = 0;
    fprintf(script, "$curve%zu << EOD\n", k);
    for (size_t i = 0; i < curve->count; i++)
        if (shown(&report->claim->figure, curve->x[i], curve->y[i])) {
            fprintf(script, "%.9g %.9g\n", curve->x[i], curve->y[i]);
            written++;
        }
    fprintf(script, "%sEOD\n", written == 0 ? "nan nan\n" : "");
}

static void write_plot(FILE *script, const cf_claim_report *report, size_t k)
{
    const cf_claim_curve *curve = &report->curves[k];
    size_t index = label_index(report, k);
    unsigned color = cf_palette_cluster(index);
    fprintf(script, "%s$curve%zu using 1:2 ", k == 0 ? "plot " : ", \\\n  ", k);
    if (curve->predicted)
        fprintf(script, "with lines lw 1.2 dt %d lc rgb '#%06x' ", cf_palette_dash(index), color);
    else
        fprintf(script, "with points pt %d ps 0.6 lc rgb '#%06x' ", cf_palette_marker(index),
                color);
    if (leader(report, k) == k && curve->label[0] != '\0') {
        fputs("title ", script);
        cf_gnuplot_quote(script, curve->label);
        fputs(" noenhanced", script);
    } else {
        fputs("notitle", script);
    }
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_claim_report *report = subject->claim;
    const cf_claim_figure *axes = &report->claim->figure;
    if (report->curve_count == 0 || axes->x == NULL)
        return false;
    size_t labels = label_index(report, report->curve_count - 1) + 1;
    figure->width = WIDTH;
    figure->height = HEIGHT + LEGEND_ROW * (int)((labels + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS);
    cf_curves_write_style(script);
    fputs("set xlabel ", script);
    cf_gnuplot_quote(script, axes->x);
    fputs(" noenhanced textcolor '#222222'\nset ylabel ", script);
    cf_gnuplot_quote(script, axes->y);
    fputs(" noenhanced textcolor '#222222'\n", script);
    fputs(axes->log_x ? "set logscale x\nset format x '10^{%L}'\n" : "", script);
    fputs(axes->log_y ? "set logscale y\nset format y '10^{%L}'\n" : "", script);
    for (size_t k = 0; k < report->curve_count; k++)
        write_block(script, report, k);
    for (size_t k = 0; k < report->curve_count; k++)
        write_plot(script, report, k);
    fputc('\n', script);
    snprintf(figure->caption, sizeof figure->caption, "%s", axes->caption);
    return true;
}

const cf_figure_kind cf_figure_claim = {"claim", "Claim", CF_PLACE_HALF, draw};
