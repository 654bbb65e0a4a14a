/* The part of clusters that persist against time (E61, E62), a panel for each series. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "figure.h"
#include "gnuplot.h"
#include "log_ticks.h"
#include "palette.h"
#include "survival_curves.h"
#include "sweep_text.h"

enum {
    WIDTH = 1000,
    ROW = 280,
    ABOVE = 30,
    KEY = 120,
    MARGIN = 15,
    MOST_PANELS = 6,
    MOST_CURVES = 9
};

static const cf_point_times *times_of(const cf_persistence_point *point)
{
    return &point->times[CF_TIME_PERSISTENCE];
}

/* Evenly chosen where there are too many: the k-th curve of a series. */
static size_t chosen(const cf_persistence_series *series, size_t k)
{
    return series->count <= MOST_CURVES ? k : k * (series->count - 1) / (MOST_CURVES - 1);
}

static size_t curves_of(const cf_persistence_series *series)
{
    return series->count <= MOST_CURVES ? series->count : MOST_CURVES;
}

static bool has_curve(const cf_persistence_series *series)
{
    for (size_t i = 0; i < series->count; i++)
        if (times_of(&series->points[i])->curve != NULL)
            return true;
    return false;
}

static void extend(const cf_persistence_series *series, double range[2])
{
    for (size_t i = 0; i < series->count; i++) {
        const cf_survival *curve = times_of(&series->points[i])->curve;
        for (size_t j = 0; curve != NULL && j < curve->count; j++)
            if (curve->time[j] > 0) {
                range[0] = fmin(range[0], curve->time[j]);
                range[1] = fmax(range[1], curve->time[j]);
            }
    }
}

void cf_survival_write_curve(FILE *script, const cf_survival *curve, size_t s, size_t k,
                             double left)
{
    double absent = 1, low = 1, high = 1;
    fprintf(script, "$curve%zu_%zu << EOD\n%.9g 1 1 1\n", s, k, left);
    for (size_t j = 0; j < curve->count; j++) {
        fprintf(script, "%.9g %.9g %.9g %.9g\n", fmax(curve->time[j], left), absent, low, high);
        absent = curve->absent[j];
        low = curve->low[j];
        high = curve->high[j];
        fprintf(script, "%.9g %.9g %.9g %.9g\n", fmax(curve->time[j], left), absent, low, high);
    }
    fprintf(script, "EOD\n$marks%zu_%zu << EOD\nnan nan\n", s, k);
    for (size_t j = 0; j < curve->count; j++)
        if (curve->censored[j] > 0)
            fprintf(script, "%.9g %.9g\n", fmax(curve->time[j], left), curve->absent[j]);
    fputs("EOD\n", script);
}

void cf_survival_plot_curve(FILE *script, size_t s, size_t k, unsigned color, const char *label)
{
    fprintf(script,
            "$curve%zu_%zu using 1:3:4 with filledcurves lc rgb '#e0%06x' notitle, \\\n  "
            "$curve%zu_%zu using 1:2 with lines lw 1.5 lc rgb '#%06x' title ",
            s, k, color, s, k, color);
    cf_gnuplot_quote(script, label);
    fprintf(script,
            " noenhanced, \\\n  $marks%zu_%zu using 1:2 with points pt 1 ps 0.5 lw 1.2 lc rgb "
            "'#%06x' notitle",
            s, k, color);
}

/* The values of the point on the axes of the law: "0.1", or "0.1, 0.5". */
static void write_values(const cf_persistence *p, const cf_persistence_series *series,
                         const cf_persistence_point *point, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t c = 0; c < p->lawful_count && used < size; c++)
        used += (size_t)snprintf(text + used, size - used, "%s%.3g", c > 0 ? ", " : "",
                                 p->axes[p->lawful[c]].numbers[point->levels[p->lawful[c]]]);
    if (p->lawful_count == 0)
        cf_series_name(p, series, text, size);
}

static void write_plots(FILE *script, const cf_persistence *p, size_t s)
{
    const cf_persistence_series *series = &p->series[s];
    size_t count = curves_of(series);
    const char *gap = "plot ";
    for (size_t k = 0; k < count; k++) {
        const cf_persistence_point *point = &series->points[chosen(series, k)];
        unsigned color =
            cf_palette_sequence(count > 1 ? 0.88 * (double)k / (double)(count - 1) : 0);
        char label[200];
        if (times_of(point)->curve == NULL)
            continue;
        write_values(p, series, point, label, sizeof label);
        fputs(gap, script);
        cf_survival_plot_curve(script, s, k, color, label);
        gap = ", \\\n  ";
    }
    fputc('\n', script);
}

/* One legend serves all panels: it stands beside the first row. */
static void write_key(FILE *script, const cf_persistence *p, bool shown)
{
    if (!shown) {
        fputs("unset key\n", script);
        return;
    }
    char title[300] = "";
    for (size_t c = 0; c < p->lawful_count; c++)
        snprintf(title + strlen(title), sizeof title - strlen(title), "%s%.120s", c > 0 ? ", " : "",
                 p->axes[p->lawful[c]].name);
    fputs("set key at graph 1.02,1.03 left top vertical Left reverse font ',10' samplen 1.2 title ",
          script);
    cf_gnuplot_quote(script, title);
    fputs(" noenhanced left\n", script);
}

static void write_panel(FILE *script, const cf_persistence *p, size_t s)
{
    char name[200];
    cf_series_name(p, &p->series[s], name, sizeof name);
    fputs("set title ", script);
    cf_gnuplot_quote(script, name);
    fputs(" noenhanced offset 0,-0.6 textcolor '#222222'\n", script);
    write_plots(script, p, s);
}

/* The series that are shown, and the range of their times. */
static size_t choose(const cf_persistence *p, size_t panels[MOST_PANELS], double range[2])
{
    size_t count = 0;
    for (size_t s = 0; s < p->count && count < MOST_PANELS; s++)
        if (has_curve(&p->series[s])) {
            panels[count++] = s;
            extend(&p->series[s], range);
        }
    range[0] /= 1.15;
    range[1] *= 1.15;
    return range[1] > 0 ? count : 0;
}

static void write_blocks(FILE *script, const cf_persistence *p, size_t s, double left)
{
    const cf_persistence_series *series = &p->series[s];
    for (size_t c = 0; c < curves_of(series); c++) {
        const cf_survival *curve = times_of(&series->points[chosen(series, c)])->curve;
        if (curve != NULL)
            cf_survival_write_curve(script, curve, s, c, left);
    }
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_persistence *p = subject->persistence;
    size_t panels[MOST_PANELS];
    double range[2] = {INFINITY, 0};
    size_t count = choose(p, panels, range), columns = count == 1 ? 1 : 2;
    size_t rows = (count + columns - 1) / columns;
    if (count == 0)
        return false;
    figure->width = count == 1 ? WIDTH * 2 / 3 : WIDTH;
    figure->height = ABOVE + (int)rows * ROW;
    double width = figure->width, height = figure->height;
    double beside = p->lawful_count > 0 ? KEY : MARGIN;
    for (size_t k = 0; k < count; k++)
        write_blocks(script, p, panels[k], range[0]);
    cf_curves_write_style(script);
    fprintf(script, "set logscale x\nset xrange [%.9g:%.9g]\nset yrange [0:1.02]\n", range[0],
            range[1]);
    cf_log_ticks_write(script, "x", range);
    fprintf(script,
            "set tics font ',10'\nset multiplot layout %zu,%zu margins screen "
            "%.4f,%.4f,%.4f,%.4f spacing screen %.4f,%.4f\n",
            rows, columns, 58 / width, 1 - beside / width, 46 / height, 1 - ABOVE / height,
            54 / width, 72 / height);
    for (size_t k = 0; k < count; k++) {
        bool left = k % columns == 0, bottom = k + columns >= count;
        fprintf(script, "set ylabel '%s' offset 1.2,0 textcolor '#222222'\n",
                left ? "part that persists" : "");
        fprintf(script, "set xlabel '%s' offset 0,0.3 textcolor '#222222'\n",
                bottom ? "time since emergence" : "");
        write_key(script, p, k == columns - 1 && p->lawful_count > 0);
        write_panel(script, p, panels[k]);
    }
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "The part of clusters that have not dissolved, against the time since they emerged: "
             "Kaplan\xe2\x80\x93Meier estimates, with norm collapse as a competing end (E61, E62). "
             "Bands are pointwise 95%% intervals; crosses mark runs that were followed no longer.");
    return true;
}

const cf_figure_kind cf_figure_survival = {"survival", "Survival of clusters", CF_PLACE_WIDE, draw};
