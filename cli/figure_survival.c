/* The part of clusters that persist against time (E61, E62), a panel for each series. */
#include <math.h>
#include <stdio.h>

#include "figure.h"
#include "gnuplot.h"
#include "log_ticks.h"
#include "palette.h"
#include "survival_curves.h"
#include "sweep_text.h"

enum { ROW = 280, KEY = 120, MARGIN = 15, MOST_PANELS = 6, MOST_CURVES = 9 };

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

/* The values of the point on the axes of the law: "0.1", or "0.1, 0.5". */
static void write_values(const cf_persistence *p, const cf_persistence_series *series,
                         const cf_persistence_point *point, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t c = 0; c < p->lawful_count && used < size; c++) {
        double value = p->axes[p->lawful[c]].numbers[point->levels[p->lawful[c]]];
        used += (size_t)snprintf(text + used, size - used, "%s%.*g", c > 0 ? ", " : "",
                                 cf_label_digits(value), value);
    }
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

/* The names of the axes of the law, which the key lists values of. */
static const char *key_of(const cf_persistence *p, char *title, size_t size)
{
    size_t used = 0;
    for (size_t c = 0; c < p->lawful_count && used < size; c++)
        used += (size_t)snprintf(title + used, size - used, "%s%.120s", c > 0 ? ", " : "",
                                 p->axes[p->lawful[c]].name);
    return p->lawful_count > 0 ? title : NULL;
}

static void write_panel(FILE *script, const cf_persistence *p, const cf_survival_panels *panels,
                        size_t k, size_t s)
{
    char name[200];
    cf_series_name(p, &p->series[s], name, sizeof name);
    cf_survival_begin_panel(script, panels, k, name);
    write_plots(script, p, s);
}

/* The series that are shown, and the range of their times. */
static void choose(const cf_persistence *p, size_t shown[MOST_PANELS], cf_survival_panels *panels)
{
    for (size_t s = 0; s < p->count && panels->count < MOST_PANELS; s++) {
        const cf_persistence_series *series = &p->series[s];
        if (has_curve(series))
            shown[panels->count++] = s;
        for (size_t i = 0; i < series->count; i++)
            cf_survival_extend(panels, times_of(&series->points[i])->curve);
    }
    cf_survival_round(panels);
}

static void write_blocks(FILE *script, const cf_persistence *p, const cf_survival_panels *panels,
                         size_t s)
{
    const cf_persistence_series *series = &p->series[s];
    for (size_t c = 0; c < curves_of(series); c++) {
        const cf_survival *curve = times_of(&series->points[chosen(series, c)])->curve;
        if (curve != NULL)
            cf_survival_write_curve(script, panels, curve, s, c);
    }
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_persistence *p = subject->persistence;
    size_t shown[MOST_PANELS];
    char title[300];
    cf_survival_panels panels = {.range = {INFINITY, 0},
                                 .row = ROW,
                                 .part = "part that persists",
                                 .time = "time since emergence",
                                 .key = key_of(p, title, sizeof title)};
    panels.beside = panels.key != NULL ? KEY : MARGIN;
    choose(p, shown, &panels);
    if (panels.range[1] == 0)
        return false;
    for (size_t k = 0; k < panels.count; k++)
        write_blocks(script, p, &panels, shown[k]);
    cf_survival_begin(script, &panels, figure);
    for (size_t k = 0; k < panels.count; k++)
        write_panel(script, p, &panels, k, shown[k]);
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "The part of clusters that have not dissolved, against the time since they emerged: "
             "Kaplan\xe2\x80\x93Meier estimates, with norm collapse as a competing end (E61, E62). "
             "Bands are pointwise 95%% intervals; crosses mark runs that were followed no longer.");
    return true;
}

const cf_figure_kind cf_figure_survival = {"survival", "Survival of clusters", CF_PLACE_WIDE, draw};
