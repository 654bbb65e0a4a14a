/* Densities on the circle or the line at six times, over histograms of the particles. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "densities.h"
#include "flow_style.h"
#include "gnuplot.h"

enum { WIDTH = 1000, COLUMNS = 3, PANEL = 230, SHOWN = 6, BINS = 60, CURVE = 400, ABOVE = 30 };
static const double PI = 3.14159265358979323846;

typedef struct {
    const cf_result *result;
    FILE *script;
    cf_space space;
    double low[SHOWN], high[SHOWN]; /* of the axes */
    double times[SHOWN];
    size_t count;
} sheet;

/* 0, and times in equal ratios from the first to the last. */
static void choose_times(sheet *s, const cf_density_series *series)
{
    double first = series->of.count > 1 ? series->of.times[1] : 0,
           last = series->of.times[series->of.count - 1];
    for (size_t k = 0; k < SHOWN; k++) {
        double wanted = k == 0 ? 0 : first * pow(last / first, (double)(k - 1) / (SHOWN - 2));
        double time = series->of.times[cf_nearest_time(series->of.times, series->of.count, wanted)];
        if (s->count == 0 || time > s->times[s->count - 1])
            s->times[s->count++] = time;
    }
}

/* An angle in (-pi, pi], or a position. */
static double place_of(const sheet *s, const double *z)
{
    return s->space == CF_SPACE_CIRCLE ? atan2(z[1], z[0]) : z[0];
}

/* Where a density is more than a thousandth of its largest value, with a margin. */
static void widen(sheet *s, const cf_density_series *series, size_t panel)
{
    size_t snapshot = cf_nearest_time(series->of.times, series->of.count, s->times[panel]);
    double most = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < series->of.n; i++)
        most = fmax(most, cf_density_at_node(series, snapshot, CF_ALL_CLUSTERS, i));
    for (size_t i = 0; i < series->of.n; i++)
        if (cf_density_at_node(series, snapshot, CF_ALL_CLUSTERS, i) > 1e-3 * most) {
            double place = place_of(s, series->of.grid + i * series->of.d);
            low = fmin(low, place);
            high = fmax(high, place);
        }
    double margin = 0.15 * (high - low);
    s->low[panel] = fmin(s->low[panel], low - margin);
    s->high[panel] = fmax(s->high[panel], high + margin);
}

static bool open_sheet(sheet *s)
{
    size_t cursor = 0;
    cf_flow_view flow;
    cf_density_series series;
    for (size_t k = 0; k < SHOWN; k++) {
        s->low[k] = INFINITY;
        s->high[k] = -INFINITY;
    }
    while (cf_flow_next(s->result, &cursor, &flow)) {
        if (!cf_density_series_of(s->result, &flow, &series) ||
            (series.space != CF_SPACE_CIRCLE && series.space != CF_SPACE_LINE))
            continue;
        s->space = series.space;
        if (s->count == 0)
            choose_times(s, &series);
        for (size_t k = 0; k < s->count; k++)
            widen(s, &series, k);
    }
    for (size_t k = 0; k < s->count && s->space == CF_SPACE_CIRCLE; k++)
        if (s->high[k] - s->low[k] > 1.6 * PI) {
            s->low[k] = -PI;
            s->high[k] = PI;
        }
    return s->count > 0;
}

static void write_curve(const sheet *s, const cf_flow_view *flow, size_t panel)
{
    cf_density_series series;
    cf_density_series_of(s->result, flow, &series);
    size_t snapshot = cf_nearest_time(series.of.times, series.of.count, s->times[panel]);
    fprintf(s->script, "$density%zu_%zu << EOD\n", flow->index, panel);
    for (int k = 0; k <= CURVE; k++) {
        double place = s->low[panel] + (s->high[panel] - s->low[panel]) * k / CURVE;
        fprintf(s->script, "%.6g %.6g\n", place,
                fmax(cf_density_at(&series, snapshot, CF_ALL_CLUSTERS, &place), 0));
    }
    fputs("EOD\n", s->script);
}

/* Masses of the bins over their width, at the snapshot nearest to the time of the panel. */
static void write_histogram(const sheet *s, const cf_flow_view *flow, size_t panel)
{
    cf_latent_view latent;
    cf_flow_latent(flow, &latent);
    const double *weights = cf_flow_weights(s->result, flow, latent.samples);
    double height[BINS] = {0}, width = (s->high[panel] - s->low[panel]) / BINS;
    size_t snapshot = cf_nearest_time(latent.times, latent.count, s->times[panel]);
    for (size_t i = 0; i < latent.samples * latent.views; i++) {
        const double *z = latent.points + snapshot * cf_latent_size(&latent) + i * latent.d;
        double bin = floor((place_of(s, z) - s->low[panel]) / width);
        double mass = weights != NULL ? weights[i / latent.views] : 1 / (double)latent.samples;
        if (bin >= 0 && bin < BINS)
            height[(int)bin] += mass / (double)latent.views / width;
    }
    fprintf(s->script, "$density%zu_%zu << EOD\n", flow->index, panel);
    for (int k = 0; k < BINS; k++)
        fprintf(s->script, "%.6g %.6g\n", s->low[panel] + (k + 0.5) * width, height[k]);
    fputs("EOD\n", s->script);
}

/* Whether a flow is drawn, and as a histogram. */
static bool is_drawn(const sheet *s, const cf_flow_view *flow, bool *histogram)
{
    cf_density_series series;
    cf_latent_view latent;
    cf_space space;
    *histogram = false;
    if (cf_density_series_of(s->result, flow, &series))
        return series.space == s->space;
    *histogram = true;
    return strcmp(cf_group_text(flow->group, "kind"), "vanilla") == 0 &&
           cf_flow_latent(flow, &latent) && cf_points_space(s->result, &latent, &space) &&
           space == s->space;
}

static void write_blocks(const sheet *s)
{
    for (size_t panel = 0; panel < s->count; panel++) {
        size_t cursor = 0;
        cf_flow_view flow;
        bool histogram;
        while (cf_flow_next(s->result, &cursor, &flow))
            if (is_drawn(s, &flow, &histogram) && histogram)
                write_histogram(s, &flow, panel);
            else if (is_drawn(s, &flow, &histogram))
                write_curve(s, &flow, panel);
    }
}

/* Fractions of pi where the whole circle is shown. */
static void write_axis(const sheet *s, size_t panel)
{
    bool whole = s->space == CF_SPACE_CIRCLE && s->high[panel] - s->low[panel] > 6;
    fprintf(s->script, "set xrange [%.9g:%.9g]\n", s->low[panel], s->high[panel]);
    if (whole)
        fprintf(s->script,
                "set xtics ('\xe2\x88\x92\xcf\x80' %.9g, '\xe2\x88\x92\xcf\x80/2' %.9g, '0' 0, "
                "'\xcf\x80/2' %.9g, '\xcf\x80' %.9g)\n",
                -PI, -PI / 2, PI / 2, PI);
    else
        fprintf(s->script, "set xtics %.9g\n", cf_plot_step((s->high[panel] - s->low[panel]) / 3));
}

/* Histograms first, curves over them; names in the first panel. */
static void write_panel(const sheet *s, size_t panel)
{
    size_t drawn = 0;
    fprintf(s->script, "set title 't = %.3g' offset 0,-0.6 textcolor '#222222'\n", s->times[panel]);
    write_axis(s, panel);
    for (int pass = 0; pass < 2; pass++) {
        size_t cursor = 0;
        cf_flow_view flow;
        bool histogram;
        while (cf_flow_next(s->result, &cursor, &flow)) {
            if (!is_drawn(s, &flow, &histogram) || histogram != (pass == 0))
                continue;
            cf_flow_style style = cf_flow_style_of(s->result, &flow);
            fprintf(s->script, "%s$density%zu_%zu using 1:2 ", drawn++ > 0 ? ", \\\n  " : "plot ",
                    flow.index, panel);
            if (histogram)
                fprintf(s->script, "with fillsteps fs solid 0.22 noborder lc rgb '#%06x'",
                        style.color);
            else
                fprintf(s->script, "with lines lw 1.6 dt %d lc rgb '#%06x'", style.dash,
                        style.color);
            fputs(" title ", s->script);
            cf_gnuplot_quote(s->script, style.title);
            fputs(" noenhanced", s->script);
        }
    }
    fputc('\n', s->script);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    sheet s = {.result = subject->result, .script = script};
    if (!open_sheet(&s))
        return false;
    size_t rows = (s.count + COLUMNS - 1) / COLUMNS;
    figure->width = WIDTH;
    figure->height = (int)rows * PANEL + ABOVE;
    double height = figure->height;
    write_blocks(&s);
    cf_curves_write_style(script);
    fputs("set tics font ',10'\nset xtics nomirror out scale 0.6,0.3\nset yrange [0:*]\n"
          "set offsets 0,0,graph 0.06,0\n",
          script);
    fprintf(script,
            "set multiplot layout %zu,%d margins screen 0.06,0.99,%.4f,%.4f spacing screen "
            "0.045,%.4f\nset key at screen 0.06,%.4f left top vertical maxrows 1\n",
            rows, COLUMNS, 44 / height, 1 - (ABOVE + 24) / height, 62 / height, 1 - 4 / height);
    for (size_t k = 0; k < s.count; k++) {
        if (k + COLUMNS >= s.count)
            fprintf(script, "set xlabel '%s' offset 0,0.4 textcolor '#222222'\n",
                    s.space == CF_SPACE_CIRCLE ? "angle from e\xe2\x82\x81" : "position");
        fputs(k % COLUMNS == 0 ? "set ylabel 'density' offset 1,0 textcolor '#222222'\n"
                               : "unset ylabel\n",
              script);
        write_panel(&s, k);
        fputs("unset key\n", script);
    }
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "Densities (lines) over the histograms of vanilla flows on particles (areas) at six "
             "times; every panel has its own scales.");
    return true;
}

const cf_figure_kind cf_figure_density = {"density", "Densities and particles", CF_PLACE_WIDE,
                                          draw};
