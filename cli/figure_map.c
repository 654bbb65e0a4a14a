/* The median persistence over two parameters (E63). */
#include <math.h>
#include <stdio.h>

#include "curves.h"
#include "figure.h"
#include "gnuplot.h"
#include "log_ticks.h"
#include "palette.h"
#include "sweep_text.h"

enum { PANEL = 470, HEIGHT = 400, MOST_PANELS = 4, MOST_TICKS = 9, HATCHES = 3 };

/* The ranges of the panels, of log10 of all three. */
typedef struct {
    const cf_persistence *p;
    const cf_persistence_series *series[MOST_PANELS];
    size_t count;
    double z[2];
} plot;

static const cf_sweep_axis *axis_of(const plot *g, const cf_persistence_series *series, int k)
{
    return &g->p->axes[series->lawful[k]];
}

/* The edges of the cell of a level, halfway to its neighbors. */
static void edges_of(const cf_sweep_axis *axis, size_t level, double edges[2])
{
    double here = log10(axis->numbers[level]);
    bool first = level == 0, last = level + 1 == axis->count;
    double below = first ? NAN : log10(axis->numbers[level - 1]);
    double above = last ? NAN : log10(axis->numbers[level + 1]);
    edges[0] = first ? here - (above - here) / 2 : (here + below) / 2;
    edges[1] = last ? here + (here - below) / 2 : (here + above) / 2;
}

/* log10 of the median, or of its lower bound. */
static double value_of(const cf_point_times *times, bool *bound)
{
    *bound = isinf(times->median.value);
    return log10(*bound ? times->curve->time[times->curve->count - 1] : times->median.value);
}

static void find_panels(plot *g)
{
    g->z[0] = INFINITY;
    g->z[1] = -INFINITY;
    for (size_t s = 0; s < g->p->count && g->count < MOST_PANELS; s++) {
        const cf_persistence_series *series = &g->p->series[s];
        if (series->lawful_count < 2)
            continue;
        g->series[g->count++] = series;
        for (size_t i = 0; i < series->count; i++) {
            bool bound;
            double z = value_of(&series->points[i].times[CF_TIME_PERSISTENCE], &bound);
            if (isfinite(z)) {
                g->z[0] = fmin(g->z[0], z);
                g->z[1] = fmax(g->z[1], z);
            }
        }
    }
}

/* Slanted lines over a rectangle, from edge to edge. */
static void write_hatching(FILE *script, const double x[2], const double y[2])
{
    for (int k = 1; k < 2 * HATCHES; k++) {
        double c = (double)k / HATCHES; /* u + v = c on the unit square */
        double u0 = c > 1 ? c - 1 : 0, u1 = c > 1 ? 1 : c;
        fprintf(script, "%.9g %.9g\n%.9g %.9g\n\n", x[0] + u0 * (x[1] - x[0]),
                y[0] + (c - u0) * (y[1] - y[0]), x[0] + u1 * (x[1] - x[0]),
                y[0] + (c - u1) * (y[1] - y[0]));
    }
}

static void write_cells(const plot *g, size_t k, FILE *script)
{
    const cf_persistence_series *series = g->series[k];
    fprintf(script, "$cell%zu << EOD\nnan nan nan nan nan nan 0\n", k);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < series->count; i++) {
            const cf_persistence_point *point = &series->points[i];
            double x[2], y[2];
            bool bound;
            double z = value_of(&point->times[CF_TIME_PERSISTENCE], &bound);
            edges_of(axis_of(g, series, 0), point->levels[series->lawful[0]], x);
            edges_of(axis_of(g, series, 1), point->levels[series->lawful[1]], y);
            double part = g->z[1] > g->z[0] ? (z - g->z[0]) / (g->z[1] - g->z[0]) : 0.5;
            unsigned color = isfinite(z) ? cf_palette_sequence(part) : 0xE9ECEF;
            if (pass == 0)
                fprintf(script, "%.9g %.9g %.9g %.9g %.9g %.9g %u\n", (x[0] + x[1]) / 2,
                        (y[0] + y[1]) / 2, x[0], x[1], y[0], y[1], color);
            else if (bound)
                write_hatching(script, x, y);
        }
        fputs(pass == 0 ? "EOD\n" : "", script);
        if (pass == 0)
            fprintf(script, "$hatch%zu << EOD\nnan nan\n\n", k);
    }
    fputs("EOD\n", script);
}

/* The medians on the grid of levels, row by row, for contours. */
static void write_grid(const plot *g, size_t k, FILE *script)
{
    const cf_persistence_series *series = g->series[k];
    const cf_sweep_axis *x = axis_of(g, series, 0), *y = axis_of(g, series, 1);
    fprintf(script, "$grid%zu << EOD\n", k);
    for (size_t b = 0; b < y->count; b++) {
        for (size_t a = 0; a < x->count; a++) {
            double z = NAN;
            bool bound = false;
            for (size_t i = 0; i < series->count; i++) {
                const cf_persistence_point *point = &series->points[i];
                if (point->levels[series->lawful[0]] == a && point->levels[series->lawful[1]] == b)
                    z = value_of(&point->times[CF_TIME_PERSISTENCE], &bound);
            }
            fprintf(script, "%.9g %.9g %.9g\n", log10(x->numbers[a]), log10(y->numbers[b]),
                    bound ? NAN : z);
        }
        fputc('\n', script);
    }
    fputs("EOD\n", script);
}

/* 1, 2, 5, 10 ...: on each of these a contour. */
static void write_levels(const plot *g, FILE *script)
{
    static const double digits[] = {1, 2, 5};
    const char *gap = "set cntrparam levels discrete ";
    for (int power = (int)floor(g->z[0]); power <= (int)floor(g->z[1]); power++)
        for (int d = 0; d < 3; d++) {
            double level = power + log10(digits[d]);
            if (level <= g->z[0] || level >= g->z[1])
                continue;
            fprintf(script, "%s%.9g", gap, level);
            gap = ", ";
        }
    fputc('\n', script);
}

static void write_ticks(const cf_sweep_axis *axis, const char *name, FILE *script)
{
    size_t stride = 1 + (axis->count - 1) / MOST_TICKS;
    const char *gap = "";
    fprintf(script, "set %stics nomirror out scale 0.5 (", name);
    for (size_t k = 0; k < axis->count; k += stride) {
        double value = axis->numbers[k];
        fprintf(script, "%s'%.*g' %.9g", gap, cf_label_digits(value), value, log10(value));
        gap = ", ";
    }
    fputs(")\n", script);
}

static void write_panel(const plot *g, size_t k, FILE *script)
{
    const cf_persistence_series *series = g->series[k];
    const cf_sweep_axis *x = axis_of(g, series, 0), *y = axis_of(g, series, 1);
    char name[200];
    double first[2], last[2];
    cf_series_name(g->p, series, name, sizeof name);
    fprintf(script,
            "set contour base\nunset surface\nset table $contour%zu\nsplot $grid%zu using 1:2:3 "
            "notitle\nunset table\nunset contour\nset surface\nset title ",
            k, k);
    cf_gnuplot_quote(script, name);
    fputs(" noenhanced offset 0,-0.6 textcolor '#222222'\n", script);
    fprintf(script, "set xlabel '%s' noenhanced\nset ylabel '%s' noenhanced offset 1,0\n", x->name,
            y->name);
    write_ticks(x, "x", script);
    write_ticks(y, "y", script);
    edges_of(x, 0, first);
    edges_of(x, x->count - 1, last);
    fprintf(script, "set xrange [%.9g:%.9g]\n", first[0], last[1]);
    edges_of(y, 0, first);
    edges_of(y, y->count - 1, last);
    fprintf(script, "set yrange [%.9g:%.9g]\n", first[0], last[1]);
    fprintf(script,
            "plot $cell%zu using 1:2:3:4:5:6:7 with boxxyerror fs solid noborder lc rgb variable "
            "notitle, \\\n  $hatch%zu using 1:2 with lines lw 0.8 lc rgb '#404040' notitle, \\\n  "
            "$contour%zu using 1:2 with lines lw 1.3 lc rgb '#ffffff' notitle, \\\n  $contour%zu "
            "using 1:2:(sprintf('%%.3g', 10**$3)) every 8::3 with labels font ',9' textcolor "
            "'#ffffff' notitle, \\\n  NaN with points palette notitle\n",
            k, k, k, k);
}

static void write_colors(const plot *g, FILE *script)
{
    fputs("set palette defined (", script);
    for (int k = 0; k <= 5; k++)
        fprintf(script, "%s%d '#%06x'", k > 0 ? ", " : "", k, cf_palette_sequence(k / 5.0));
    fprintf(script, ")\nset cbrange [%.9g:%.9g]\nset cbtics scale 0.4 (", pow(10, g->z[0]),
            pow(10, g->z[1]));
    const char *gap = "";
    for (int power = (int)floor(g->z[0]); power <= (int)floor(g->z[1]); power++)
        for (int digit = 1; digit <= 5; digit += digit == 1 ? 1 : 3) {
            double value = digit * pow(10, power);
            if (log10(value) < g->z[0] || log10(value) > g->z[1])
                continue;
            fprintf(script, "%s'%g' %.9g", gap, value, value);
            gap = ", ";
        }
    fputs(")\nset logscale cb\nset cblabel 'median persistence' offset 0.5,0\n", script);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    plot g = {.p = subject->persistence};
    find_panels(&g);
    if (g.count == 0 || !(g.z[1] >= g.z[0]))
        return false;
    size_t columns = g.count == 1 ? 1 : 2, rows = (g.count + columns - 1) / columns;
    figure->width = (int)columns * PANEL + 40;
    figure->height = (int)rows * HEIGHT;
    double width = figure->width, height = figure->height;
    for (size_t k = 0; k < g.count; k++) {
        write_cells(&g, k, script);
        write_grid(&g, k, script);
    }
    cf_curves_write_style(script);
    write_levels(&g, script);
    write_colors(&g, script);
    fprintf(script,
            "unset grid\nset tics front font ',10'\nset multiplot layout %zu,%zu margins screen "
            "%.4f,%.4f,%.4f,%.4f spacing screen %.4f,%.4f\n",
            rows, columns, 66 / width, 1 - 92 / width, 52 / height, 1 - 28 / height, 150 / width,
            84 / height);
    for (size_t k = 0; k < g.count; k++)
        write_panel(&g, k, script);
    fputs("unset multiplot\n", script);
    snprintf(
        figure->caption, sizeof figure->caption,
        "The median persistence over %s and %s. Lines join equal medians. Hatched: half of the "
        "clusters outlived the time for which they were followed, and the color is that time; "
        "gray: no clusters emerged.",
        axis_of(&g, g.series[0], 0)->name, axis_of(&g, g.series[0], 1)->name);
    return true;
}

const cf_figure_kind cf_figure_map = {"map", "Persistence over two parameters", CF_PLACE_WIDE,
                                      draw};
