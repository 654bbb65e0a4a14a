/* Which cluster dissolves first (E111, E113): a panel for each flow and point, a curve for each
 * cluster. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cluster_text.h"
#include "curves.h"
#include "figure.h"
#include "gnuplot.h"
#include "log_ticks.h"
#include "palette.h"
#include "survival_curves.h"

enum { WIDTH = 1000, ROW = 270, ABOVE = 30, KEY = 110, MOST_PANELS = 8, MOST_CURVES = 9 };

static const cf_survival *curve_of(const cf_cluster_group *group, size_t q)
{
    return q < group->count && q < MOST_CURVES
               ? group->clusters[q].point->times[CF_TIME_DISSOLUTION].curve
               : NULL;
}

/* Widens the range by the times of a group; false where it has none. */
static bool extend(const cf_cluster_group *group, double range[2])
{
    bool any = false;
    for (size_t q = 0; q < group->count; q++) {
        const cf_survival *curve = curve_of(group, q);
        for (size_t j = 0; curve != NULL && j < curve->count; j++)
            if (curve->time[j] > 0) {
                range[0] = fmin(range[0], curve->time[j]);
                range[1] = fmax(range[1], curve->time[j]);
                any = true;
            }
    }
    return any;
}

static size_t choose(const cf_clusters_fates *fates, size_t panels[MOST_PANELS], double range[2])
{
    size_t count = 0;
    for (size_t g = 0; g < fates->count && count < MOST_PANELS; g++)
        if (extend(&fates->groups[g], range))
            panels[count++] = g;
    range[0] /= 1.15;
    range[1] *= 1.15;
    return count;
}

static void write_blocks(FILE *script, const cf_cluster_group *group, size_t g, double left)
{
    for (size_t q = 0; q < group->count; q++)
        if (curve_of(group, q) != NULL)
            cf_survival_write_curve(script, curve_of(group, q), g, q, left);
}

static void write_panel(FILE *script, const cf_persistence *p, const cf_cluster_group *group,
                        size_t g)
{
    char name[200];
    const char *gap = "plot ";
    cf_cluster_group_name(p, group, name, sizeof name);
    fputs("set title ", script);
    cf_gnuplot_quote(script, name);
    fputs(" noenhanced offset 0,-0.6 textcolor '#222222'\n", script);
    for (size_t q = 0; q < group->count; q++) {
        if (curve_of(group, q) == NULL)
            continue;
        fputs(gap, script);
        cf_survival_plot_curve(script, g, q, cf_palette_cluster(q), group->clusters[q].name);
        gap = ", \\\n  ";
    }
    fputc('\n', script);
}

static void write_panels(const cf_subject *subject, FILE *script, const size_t *panels,
                         size_t count)
{
    size_t columns = count == 1 ? 1 : 2;
    for (size_t k = 0; k < count; k++) {
        fprintf(script, "set ylabel '%s' offset 1.2,0 textcolor '#222222'\n",
                k % columns == 0 ? "part not dissolved" : "");
        fprintf(script, "set xlabel '%s' offset 0,0.3 textcolor '#222222'\n",
                k + columns >= count ? "time" : "");
        fputs(k == columns - 1 ? "set key at graph 1.02,1.03 left top vertical Left reverse font "
                                 "',10' samplen 1.2 title 'cluster' left\n"
                               : "unset key\n",
              script);
        write_panel(script, subject->clusters, &subject->fates->groups[panels[k]], panels[k]);
    }
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    size_t panels[MOST_PANELS];
    double range[2] = {INFINITY, 0};
    size_t count = subject->fates == NULL ? 0 : choose(subject->fates, panels, range);
    size_t columns = count == 1 ? 1 : 2, rows = (count + columns - 1) / columns;
    if (count == 0)
        return false;
    figure->width = count == 1 ? WIDTH * 2 / 3 : WIDTH;
    figure->height = ABOVE + (int)rows * ROW;
    double width = figure->width, height = figure->height;
    for (size_t k = 0; k < count; k++)
        write_blocks(script, &subject->fates->groups[panels[k]], panels[k], range[0]);
    cf_curves_write_style(script);
    fprintf(script, "set logscale x\nset xrange [%.9g:%.9g]\nset yrange [0:1.02]\n", range[0],
            range[1]);
    cf_log_ticks_write(script, "x", range);
    fprintf(script,
            "set tics font ',10'\nset multiplot layout %zu,%zu margins screen "
            "%.4f,%.4f,%.4f,%.4f spacing screen %.4f,%.4f\n",
            rows, columns, 58 / width, 1 - KEY / width, 46 / height, 1 - ABOVE / height, 54 / width,
            72 / height);
    write_panels(subject, script, panels, count);
    fputs("unset multiplot\n", script);
    snprintf(
        figure->caption, sizeof figure->caption,
        "The part of runs in which a cluster that emerged has not dissolved, against time, for "
        "each "
        "cluster by itself: Kaplan\xe2\x80\x93Meier estimates, with norm collapse as a competing "
        "end (E61, E62, E111). Bands are pointwise 95%% intervals; crosses mark runs that ended "
        "before.");
    return true;
}

const cf_figure_kind cf_figure_clusters = {"clusters", "Clusters one by one", CF_PLACE_WIDE, draw};
