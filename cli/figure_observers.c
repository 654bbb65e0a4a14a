/* The other observers of all flows, as small panels on the same time axis. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "flow_style.h"
#include "gnuplot.h"

enum { COLUMNS = 3, WIDTH = 1000, ROW = 224, ABOVE = 14, LEGEND_ROW = 20, INDENT = 50, MOST = 12 };

typedef struct {
    const char *record, *title;
} observer;

static const observer OBSERVERS[] = {
    {"knn", "label agreement of nearest neighbors"},
    {"silhouette", "silhouette"},
    {"linear_separability", "linear separability"},
    {"cluster_count", "cluster count"},
    {"effective_rank", "effective rank"},
    {"alignment", "alignment"},
    {"uniformity", "uniformity"},
    {"min_norm", "smallest norm |h|"},
    {"transport", "transport distance"},
    {"discrepancy", "discrepancy"},
    {"free_energy", "free energy L + \xcf\x83 \xe2\x88\xab \xcf\x81 log \xcf\x81"},
    {"dissipation", "dissipation \xe2\x88\x92"
                    "dL/dt"}};

static size_t select_observers(const cf_result *result, const observer *chosen[MOST])
{
    size_t count = 0;
    for (size_t k = 0; k < sizeof OBSERVERS / sizeof *OBSERVERS; k++)
        if (cf_curves_exist(result, OBSERVERS[k].record))
            chosen[count++] = &OBSERVERS[k];
    return count;
}

/* Where the legend puts its next name: rows along the top. */
typedef struct {
    double x;
    int row;
} legend_place;

/* To the next row where the name does not fit. */
static void step(legend_place *place, const char *title)
{
    double width = 60 + 7.0 * (double)strlen(title);
    if (place->x > INDENT && place->x + width > WIDTH) {
        place->x = INDENT;
        place->row++;
    }
}

static int legend_rows(const cf_result *result)
{
    legend_place place = {INDENT, 0};
    cf_flow_view flow;
    for (size_t cursor = 0; cf_flow_next(result, &cursor, &flow);) {
        cf_flow_style style = cf_flow_style_of(result, &flow);
        if (!style.titled)
            continue;
        step(&place, style.title);
        place.x += 60 + 7.0 * (double)strlen(style.title);
    }
    return place.row + 1;
}

/* A line and a name for each flow; the number of names. */
static size_t write_legend(FILE *script, const cf_result *result, int height)
{
    legend_place place = {INDENT, 0};
    size_t cursor = 0, names = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow)) {
        cf_flow_style style = cf_flow_style_of(result, &flow);
        if (!style.titled)
            continue;
        step(&place, style.title);
        double y = 1 - (LEGEND_ROW * (place.row + 0.75)) / height;
        fprintf(script,
                "set arrow from screen %.4f,%.4f to screen %.4f,%.4f nohead lw %g dt %d lc rgb "
                "'#%06x'\nset label ",
                place.x / WIDTH, y, (place.x + 24) / WIDTH, y, style.family ? 1.4 : 2, style.dash,
                style.color);
        cf_gnuplot_quote(script, style.title);
        fprintf(script, " at screen %.4f,%.4f left noenhanced textcolor '#222222'\n",
                (place.x + 30) / WIDTH, y);
        place.x += 60 + 7.0 * (double)strlen(style.title);
        names++;
    }
    return names;
}

/* Arrows and labels stay until they are taken away; the first label is the axis' own. */
static void clear_legend(FILE *script, size_t names)
{
    fputs("unset arrow\n", script);
    for (size_t k = 0; k < names; k++)
        fprintf(script, "unset label %zu\n", k + 2);
}

static void find_range(const cf_result *result, const char *record, double range[2])
{
    size_t cursor = 0, count;
    cf_flow_view flow;
    range[0] = INFINITY;
    range[1] = -INFINITY;
    while (cf_flow_next(result, &cursor, &flow)) {
        const double *values = cf_flow_series(&flow, record, &count);
        for (size_t k = 0; k < count; k++)
            if (isfinite(values[k])) {
                range[0] = fmin(range[0], values[k]);
                range[1] = fmax(range[1], values[k]);
            }
    }
}

/* The dissipation falls over decades; the others leave some room above and below, and counts have
 * whole numbers at their ticks. */
static void write_axis(FILE *script, const cf_result *result, const char *record)
{
    enum { FEW = 8 };
    double range[2];
    if (strcmp(record, "dissipation") == 0) {
        fputs("set logscale y\nset format y '10^{%L}'\nset yrange [*:*]\nset ytics autofreq\n",
              script);
        return;
    }
    find_range(result, record, range);
    bool few = strcmp(record, "cluster_count") == 0 && range[1] <= FEW;
    double height = range[1] - range[0], size = fmax(fabs(range[0]), fabs(range[1]));
    bool constant = height <= 1e-5 * size;
    double room = constant ? 0.1 * fmax(1e-3, size) : 0.06 * height;
    fprintf(script,
            "unset logscale y\nset format y '%%h'\nset yrange [%.17g:%.17g]\nset ytics %s\n",
            range[0] - room, range[1] + room, few ? "1" : "autofreq");
}

static void write_panel(FILE *script, const cf_result *result, const observer *shown)
{
    write_axis(script, result, shown->record);
    fprintf(script, "set title '%s' offset 0,-0.6 textcolor '#222222'\nplot ", shown->title);
    cf_curves_write_plots(script, result, shown->record, false);
    fputc('\n', script);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_result *result = subject->result;
    const observer *chosen[MOST];
    size_t count = select_observers(result, chosen), rows = (count + COLUMNS - 1) / COLUMNS;
    if (count == 0)
        return false;
    cf_time_axis axis = cf_time_axis_of(result);
    figure->width = WIDTH;
    int above = ABOVE + LEGEND_ROW * legend_rows(result);
    figure->height = above + (int)rows * ROW;
    double height = figure->height;
    for (size_t k = 0; k < count; k++)
        cf_curves_write_blocks(script, result, &axis, chosen[k]->record, NAN);
    cf_curves_write_style(script);
    cf_time_axis_write(script, &axis);
    fprintf(script,
            "unset key\nset tics font ',10'\nset multiplot layout %zu,%d margins screen "
            "0.055,0.99,%.4f,%.4f spacing screen 0.062,%.4f\n",
            rows, COLUMNS, 52 / height, 1 - (above + 26) / height, 64 / height);
    size_t names = write_legend(script, result, figure->height);
    for (size_t k = 0; k < count; k++) {
        if (k + COLUMNS >= count)
            fputs("set xlabel 'time t' offset 0,0.4 textcolor '#222222'\n", script);
        write_panel(script, result, chosen[k]);
        if (k == 0)
            clear_legend(script, names);
    }
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "What the other observers say of the same latent points, and the rate at which the "
             "loss falls. Time is logarithmic, with t = 0 at the left end.");
    const char *from = cf_group_text(cf_result_group(result, "/"), "distances_from");
    size_t used = strlen(figure->caption);
    if (from[0] != '\0')
        snprintf(figure->caption + used, sizeof figure->caption - used, " Distances are from %s.",
                 from);
    return true;
}

const cf_figure_kind cf_figure_observers = {"observers", "Other observers", CF_PLACE_WIDE, draw};
