/* Medians against a parameter, with the fitted power laws (E63, E66). */
#include <math.h>
#include <stdio.h>

#include "curves.h"
#include "figure.h"
#include "gnuplot.h"
#include "log_ticks.h"
#include "palette.h"
#include "sweep_text.h"

enum { WIDTH = 1000, HEIGHT = 400, STEPS = 40, MOST_LINES = 12 };

/* Points of a series that share a value of its second axis: one line. */
typedef struct {
    const cf_persistence_series *series;
    size_t level; /* on the second axis, if there is one */
    unsigned color;
    int marker;
} line;

typedef struct {
    const cf_persistence *p;
    line lines[MOST_LINES];
    size_t count, axis; /* the horizontal axis */
    double x[2], y[2];
} plot;

static bool is_on(const line *l, const cf_persistence_point *point)
{
    return l->series->lawful_count < 2 || point->levels[l->series->lawful[1]] == l->level;
}

static double place_of(const plot *g, const cf_persistence_point *point)
{
    return g->p->axes[g->axis].numbers[point->levels[g->axis]];
}

/* Every series with a law of the first axis that has one; a line for each value of its second. */
static void find_lines(plot *g)
{
    g->axis = g->p->axis_count;
    for (size_t s = 0; s < g->p->count; s++) {
        const cf_persistence_series *series = &g->p->series[s];
        if (series->lawful_count == 0)
            continue;
        if (g->axis == g->p->axis_count)
            g->axis = series->lawful[0];
        if (series->lawful[0] != g->axis)
            continue;
        size_t levels = series->lawful_count > 1 ? g->p->axes[series->lawful[1]].count : 1;
        for (size_t k = 0; k < levels && g->count < MOST_LINES; k++) {
            double part = levels > 1 ? 0.88 * (double)k / (double)(levels - 1) : 0;
            unsigned color = levels > 1 ? cf_palette_sequence(part) : cf_palette_cluster(g->count);
            g->lines[g->count++] = (line){series, k, color, cf_palette_marker(8 * s)};
        }
    }
}

static void extend(double range[2], double value)
{
    if (value > 0 && isfinite(value)) {
        range[0] = fmin(range[0], value);
        range[1] = fmax(range[1], value);
    }
}

/* A median that was not reached is shown at the end of the curve. */
static double bound_of(const cf_point_times *times)
{
    return times->curve == NULL ? NAN : times->curve->time[times->curve->count - 1];
}

static void measure(plot *g, cf_time_kind kind)
{
    g->x[0] = g->y[0] = INFINITY;
    g->x[1] = g->y[1] = 0;
    for (size_t l = 0; l < g->count; l++)
        for (size_t i = 0; i < g->lines[l].series->count; i++) {
            const cf_persistence_point *point = &g->lines[l].series->points[i];
            const cf_point_times *times = &point->times[kind];
            extend(g->x, place_of(g, point));
            extend(g->y, isinf(times->median.value) ? bound_of(times) : times->median.value);
            extend(g->y, times->median.low);
            extend(g->y, times->median.high);
        }
    for (int k = 0; k < 2; k++) {
        g->x[k] *= pow(g->x[1] / g->x[0], k == 0 ? -0.06 : 0.06);
        g->y[k] *= k == 0 ? 1 / 1.4 : 1.4;
    }
}

static void write_line(const plot *g, size_t l, cf_time_kind kind, FILE *script)
{
    const line *one = &g->lines[l];
    fprintf(script, "$median%d_%zu << EOD\nnan nan nan nan\n", (int)kind, l);
    for (size_t i = 0; i < one->series->count; i++) {
        const cf_persistence_point *point = &one->series->points[i];
        const cf_interval *m = &point->times[kind].median;
        if (is_on(one, point) && isfinite(m->value))
            fprintf(script, "%.9g %.9g %.9g %.9g\n", place_of(g, point), m->value, m->low,
                    isinf(m->high) ? 1e300 : m->high);
    }
    fprintf(script, "EOD\n$bound%d_%zu << EOD\nnan nan\n", (int)kind, l);
    for (size_t i = 0; i < one->series->count; i++) {
        const cf_persistence_point *point = &one->series->points[i];
        if (is_on(one, point) && isinf(point->times[kind].median.value))
            fprintf(script, "%.9g %.9g\n", place_of(g, point), bound_of(&point->times[kind]));
    }
    fputs("EOD\n", script);
}

static void write_law(const plot *g, size_t l, cf_time_kind kind, FILE *script)
{
    const line *one = &g->lines[l];
    double values[2] = {0, 1};
    fprintf(script, "$law%d_%zu << EOD\nnan nan nan nan\n", (int)kind, l);
    if (one->series->lawful_count > 1)
        values[1] = g->p->axes[one->series->lawful[1]].numbers[one->level];
    for (int k = 0; k <= STEPS && one->series->laws[kind].law != NULL; k++) {
        cf_interval band;
        values[0] = g->x[0] * pow(g->x[1] / g->x[0], (double)k / STEPS);
        double median = cf_law_median(one->series, kind, values, &band);
        fprintf(script, "%.9g %.9g %.9g %.9g\n", values[0], median, band.low, band.high);
    }
    fputs("EOD\n", script);
}

/* A law that the runs refute is dashed, and has no band. */
static bool is_refuted(const line *one, cf_time_kind kind)
{
    static const double LEVEL = 0.01;
    return one->series->laws[kind].lack.p < LEVEL;
}

static void write_name(const plot *g, const line *one, FILE *script)
{
    char name[400];
    cf_series_name(g->p, one->series, name, 200);
    if (one->series->lawful_count > 1) {
        const cf_sweep_axis *axis = &g->p->axes[one->series->lawful[1]];
        snprintf(name, sizeof name, "%s = %.4g", axis->name, axis->numbers[one->level]);
    }
    fputs(" title ", script);
    cf_gnuplot_quote(script, name);
    fputs(" noenhanced", script);
}

/* A flow that the parameter leaves as it is, the limit of networks say: a level line. */
static void write_levels(const plot *g, cf_time_kind kind, FILE *script)
{
    for (size_t s = 0; s < g->p->count; s++) {
        const cf_persistence_series *series = &g->p->series[s];
        double median = series->points[0].times[kind].median.value;
        char name[200];
        if (series->count > 1 || !isfinite(median))
            continue;
        cf_series_name(g->p, series, name, sizeof name);
        fprintf(script, ", \\\n  %.9g with lines lw 1.2 dt 2 lc rgb '#555555' title ", median);
        cf_gnuplot_quote(script, name);
        fputs(" noenhanced", script);
    }
}

/* Below the points, room for the legend. */
static void make_room(plot *g)
{
    static const double LINE = 0.055, MOST = 0.4; /* parts of the height */
    size_t rows = g->count;
    for (size_t s = 0; s < g->p->count; s++)
        rows += g->p->series[s].count == 1;
    double part = fmin(LINE * (double)rows, MOST);
    g->y[0] *= pow(g->y[1] / g->y[0], -part / (1 - part));
}

static void write_panel(plot *g, cf_time_kind kind, FILE *script)
{
    const char *gap = "plot ";
    measure(g, kind);
    if (kind == CF_TIME_PERSISTENCE)
        make_room(g);
    for (size_t l = 0; l < g->count; l++) {
        write_line(g, l, kind, script);
        write_law(g, l, kind, script);
    }
    fprintf(script,
            "set title '%s' offset 0,-0.6 textcolor '#222222'\nset xrange [%.9g:%.9g]\nset yrange "
            "[%.9g:%.9g]\n",
            cf_time_names[kind], g->x[0], g->x[1], g->y[0], g->y[1]);
    cf_log_ticks_write(script, "x", g->x);
    cf_log_ticks_write(script, "y", g->y);
    for (size_t l = 0; l < g->count; l++) {
        const line *one = &g->lines[l];
        bool refuted = is_refuted(one, kind);
        if (!refuted)
            fprintf(script, "%s$law%d_%zu using 1:3:4 with filledcurves lc rgb '#d0%06x' notitle",
                    gap, (int)kind, l, one->color);
        fprintf(script,
                "%s$law%d_%zu using 1:2 with lines lw %s lc rgb '#%06x' notitle, \\\n  "
                "$bound%d_%zu using 1:2 with points pt 8 ps 0.9 lw 1.3 lc rgb '#%06x' notitle, "
                "\\\n  $median%d_%zu using 1:2:3:4 with yerrorbars pt %d ps 0.7 lw 1.2 lc rgb "
                "'#%06x'",
                refuted ? gap : ", \\\n  ", (int)kind, l, refuted ? "0.9 dt 3" : "1.3", one->color,
                (int)kind, l, one->color, (int)kind, l, one->marker, one->color);
        write_name(g, one, script);
        gap = ", \\\n  ";
    }
    write_levels(g, kind, script);
    fputc('\n', script);
}

static void write_caption(const plot *g, char *caption, size_t size)
{
    size_t used = (size_t)snprintf(
        caption, size,
        "Median times against %s, with 95%% intervals (E63); triangles are lower bounds, where "
        "half "
        "of the runs outlived the time for which they were followed. Lines and bands: power laws "
        "fitted to all runs, the censored ones as bounds, with intervals over seeds (E66); "
        "dotted where a single power law is refuted.",
        g->p->axes[g->axis].name);
    for (size_t s = 0; s < g->p->count && used < size; s++) {
        char name[200], law[256];
        cf_series_name(g->p, &g->p->series[s], name, sizeof name);
        cf_law_text(g->p, &g->p->series[s], CF_TIME_PERSISTENCE, law, sizeof law);
        if (law[0] != '\0')
            used += (size_t)snprintf(caption + used, size - used,
                                     " Persistence of %s \xe2\x88\x9d %s.", name, law);
    }
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    plot g = {.p = subject->persistence};
    find_lines(&g);
    if (g.count == 0)
        return false;
    figure->width = WIDTH;
    figure->height = HEIGHT;
    cf_curves_write_style(script);
    fprintf(script,
            "set logscale xy\nset tics font ',10'\nset xlabel '%s' noenhanced offset 0,0.2 "
            "textcolor '#222222'\nset key inside bottom left vertical Left reverse font ',10' "
            "samplen 1\nset multiplot layout 1,2 margins screen 0.06,0.985,%.4f,%.4f spacing "
            "screen 0.075\n",
            g.p->axes[g.axis].name, 56. / HEIGHT, 1 - 30. / HEIGHT);
    write_panel(&g, CF_TIME_PERSISTENCE, script);
    fputs("unset key\n", script);
    write_panel(&g, CF_TIME_EMERGENCE, script);
    fputs("unset multiplot\n", script);
    write_caption(&g, figure->caption, sizeof figure->caption);
    return true;
}

const cf_figure_kind cf_figure_law = {"law", "Persistence against a parameter", CF_PLACE_WIDE,
                                      draw};
