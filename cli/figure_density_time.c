/* Densities on the circle or the line against time, beside the paths of particles. */
#include <math.h>
#include <stdio.h>

#include "curves.h"
#include "densities.h"
#include "geometry.h"
#include "gnuplot.h"
#include "palette.h"

enum {
    WIDTH = 1000,
    MOST_COLUMNS = 3,
    PANEL = 250,
    MOST_PANELS = 18,
    MOST_PATHS = 120,
    TIMES = 200,
    PLACES = 200
};
static const double PI = 3.14159265358979323846;

typedef struct {
    cf_flow_view flow;
    bool paths;
    int cluster;
} panel;

typedef struct {
    const cf_result *result;
    FILE *script;
    cf_time_axis axis;
    cf_space space;
    double low, high; /* of angle or position */
    double scale[2];  /* of colors */
    bool differs;
    size_t count;
    panel panels[MOST_PANELS];
} sheet;

static void add(sheet *s, const cf_flow_view *flow, bool paths, int cluster)
{
    if (s->count < MOST_PANELS)
        s->panels[s->count++] = (panel){*flow, paths, cluster};
}

/* As far on the line as there is mass to be seen. */
static void widen(sheet *s, const cf_density_series *series)
{
    for (size_t k = 0; k < series->of.count && series->space == CF_SPACE_LINE; k++)
        for (size_t i = 0; i < series->of.n; i++) {
            double rho = cf_density_at_node(series, k, CF_ALL_CLUSTERS, i);
            if (rho * series->of.weights[i] > 1e-5) {
                s->low = fmin(s->low, series->of.grid[i]);
                s->high = fmax(s->high, series->of.grid[i]);
            }
        }
}

static void collect(sheet *s)
{
    size_t cursor = 0;
    cf_flow_view flow;
    cf_density_series series;
    cf_latent_view latent;
    cf_space space;
    while (cf_flow_next(s->result, &cursor, &flow)) {
        if (cf_flow_latent(&flow, &latent) && cf_points_space(s->result, &latent, &space) &&
            space == s->space && cf_flow_leads(s->result, &flow))
            add(s, &flow, true, CF_ALL_CLUSTERS);
        if (!cf_density_series_of(s->result, &flow, &series) || series.space != s->space)
            continue;
        widen(s, &series);
        add(s, &flow, false, CF_ALL_CLUSTERS);
        bool differs = series.of.clusters <= 4 && cf_density_differs(&series);
        s->differs = s->differs || differs;
        for (size_t q = 0; q < series.of.clusters && differs; q++)
            add(s, &flow, false, (int)q);
    }
}

/* Between snapshots linear in the color and in the place on the axis; before the first output, the
 * start. Of a cluster, its part of the whole. */
static double density_at(const sheet *s, const cf_density_series *series, int cluster, double t,
                         double place)
{
    size_t k = 0;
    double share = cluster >= 0 ? series->of.cluster_mass[cluster] : 1, floor = s->scale[0];
    while (k + 1 < series->of.count && series->of.times[k + 1] <= t)
        k++;
    double value = fmax(share * cf_density_at(series, k, cluster, &place), floor);
    if (t < s->axis.first || k + 1 == series->of.count || series->of.times[k] <= 0)
        return value;
    double next = fmax(share * cf_density_at(series, k + 1, cluster, &place), floor);
    double part = log(t / series->of.times[k]) / log(series->of.times[k + 1] / series->of.times[k]);
    return value * pow(next / value, part);
}

static double part_of_axis(const cf_time_axis *axis, double t)
{
    double end = axis->last * pow(axis->last / axis->first, 0.02);
    return log(t / axis->zero) / log(end / axis->zero);
}

static void write_image(const sheet *s, size_t index)
{
    cf_density_series series;
    const panel *p = &s->panels[index];
    const cf_time_axis *axis = &s->axis;
    cf_density_series_of(s->result, &p->flow, &series);
    double end = fmin(series.of.times[series.of.count - 1], axis->last);
    fprintf(s->script, "$image%zu << EOD\n", index);
    for (int i = 0; i < TIMES; i++) {
        double t = axis->zero * pow(end / axis->zero, (i + 0.5) / TIMES);
        for (int j = 0; j < PLACES; j++) {
            double y = s->low + (s->high - s->low) * (j + 0.5) / PLACES;
            fprintf(s->script, "%.6g %.6g %.4g\n", part_of_axis(axis, t), y,
                    density_at(s, &series, p->cluster, t, y));
        }
    }
    fputs("EOD\n", s->script);
}

static double place_of(const sheet *s, const double *z)
{
    return s->space == CF_SPACE_CIRCLE ? atan2(z[1], z[0]) : z[0];
}

/* "time place rgb" of a sample of the points; a path that leaves at one end comes in at the other.
 */
static void write_paths(const sheet *s, size_t index)
{
    cf_latent_view latent;
    size_t clusters;
    const panel *p = &s->panels[index];
    cf_flow_latent(&p->flow, &latent);
    const long *labels = cf_flow_labels(s->result, &p->flow, latent.samples, &clusters);
    size_t drawn = latent.samples < MOST_PATHS ? latent.samples : MOST_PATHS;
    fprintf(s->script, "$paths%zu << EOD\n", index);
    for (size_t k = 0; k < drawn; k++) {
        size_t i = cf_panel_pick(k, latent.samples);
        unsigned color = cf_palette_cluster(labels != NULL ? (size_t)labels[i] : 0);
        double before = NAN;
        for (size_t n = 0; n < latent.count; n++) {
            const double *z =
                latent.points + n * cf_latent_size(&latent) + i * latent.views * latent.d;
            double place = place_of(s, z);
            if (s->space == CF_SPACE_CIRCLE && fabs(place - before) > PI)
                fputc('\n', s->script);
            before = place;
            fprintf(s->script, "%.9g %.9g %u\n", cf_time_axis_place(&s->axis, latent.times[n]),
                    place, color);
        }
        fputc('\n', s->script);
    }
    fputs("EOD\n", s->script);
}

static void write_panel(const sheet *s, size_t index)
{
    const panel *p = &s->panels[index];
    char title[128];
    if (p->cluster >= 0)
        snprintf(title, sizeof title, "%.96s, cluster %d", p->flow.name, p->cluster);
    else
        snprintf(title, sizeof title, "%.96s", p->flow.name);
    fputs("set title ", s->script);
    cf_gnuplot_quote(s->script, title);
    fputs(" offset 0,-0.6 noenhanced textcolor '#222222'\n", s->script);
    if (p->paths)
        fprintf(s->script, "plot $paths%zu using 1:2:3 with lines lw 0.5 lc rgb variable notitle\n",
                index);
    else /* the range of x belongs to a curve: an image has the other axis */
        fprintf(s->script, "plot $image%zu using 1:2:3 axes x2y1 with image notitle, NaN notitle\n",
                index);
}

static void write_axes(const sheet *s, size_t rows)
{
    double height = (double)rows * PANEL;
    cf_curves_write_style(s->script);
    cf_time_axis_write(s->script, &s->axis);
    fprintf(s->script, "set x2range [0:1]\nunset key\nunset grid\nset border 15\n");
    fprintf(s->script, "set tics font ',10'\nset yrange [%.9g:%.9g]\n", s->low, s->high);
    if (s->space == CF_SPACE_CIRCLE)
        fprintf(s->script,
                "set ytics ('\xe2\x88\x92\xcf\x80' %.9g, '\xe2\x88\x92\xcf\x80/2' %.9g, '0' 0, "
                "'\xcf\x80/2' %.9g, '\xcf\x80' %.9g)\n",
                -PI, -PI / 2, PI / 2, PI);
    cf_densities_write_palette(s->script, s->scale);
    fprintf(s->script, "set colorbox user origin screen 0.927,%.4f size screen 0.012,%.4f\n",
            1 - (PANEL - 52) / height, (PANEL - 100) / height);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    static sheet s;
    s = (sheet){.result = subject->result, .script = script};
    if (!cf_densities_scale(s.result, CF_SPACE_CIRCLE, CF_SPACE_LINE, s.scale))
        return false;
    size_t cursor = 0;
    cf_flow_view flow;
    cf_density_series series;
    while (cf_flow_next(s.result, &cursor, &flow))
        if (cf_density_series_of(s.result, &flow, &series))
            s.space = series.space;
    s.low = s.space == CF_SPACE_CIRCLE ? -PI : INFINITY;
    s.high = -s.low;
    s.axis = cf_time_axis_of(s.result);
    collect(&s);
    size_t columns = s.count % 3 == 1 && s.count <= 4 ? 2 : MOST_COLUMNS;
    size_t rows = (s.count + columns - 1) / columns;
    figure->width = WIDTH;
    figure->height = (int)rows * PANEL;
    for (size_t k = 0; k < s.count; k++)
        if (s.panels[k].paths)
            write_paths(&s, k);
        else
            write_image(&s, k);
    write_axes(&s, rows);
    fprintf(script,
            "set multiplot layout %zu,%zu margins screen 0.06,0.912,%.4f,%.4f spacing screen "
            "0.04,%.4f\n",
            rows, columns, 48.0 / figure->height, 1 - 24.0 / figure->height, 66.0 / figure->height);
    for (size_t k = 0; k < s.count; k++) {
        if (k + columns >= s.count)
            fputs("set xlabel 'time t' offset 0,0.4 textcolor '#222222'\n", script);
        if (k % columns == 0)
            fprintf(script, "set ylabel '%s' offset 1.6,0 textcolor '#222222'\n",
                    s.space == CF_SPACE_CIRCLE ? "angle from e\xe2\x82\x81" : "position");
        else
            fputs("unset ylabel\n", script);
        write_panel(&s, k);
        if (!s.panels[k].paths)
            fputs("unset colorbox\n", script);
    }
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "%s against logarithmic time, t = 0 at the left end: the density of all points%s by "
             "color, on a logarithmic scale, and the paths of%s points of flows on particles, "
             "colored by cluster.",
             s.space == CF_SPACE_CIRCLE ? "The angle from e\xe2\x82\x81" : "The position",
             s.differs ? ", and the part of each cluster," : "", " at most 120");
    return true;
}

const cf_figure_kind cf_figure_density_time = {"density-time", "Densities in time", CF_PLACE_WIDE,
                                               draw};
