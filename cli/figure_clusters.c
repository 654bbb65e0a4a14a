/* Which cluster dissolves first (E111, E113): a panel for each flow and point, a curve for each
 * cluster. */
#include <math.h>
#include <stdio.h>

#include "cluster_text.h"
#include "figure.h"
#include "palette.h"
#include "survival_curves.h"

enum { ROW = 270, KEY = 110, MOST_PANELS = 8, MOST_CURVES = 9 };

static const cf_survival *curve_of(const cf_cluster_group *group, size_t q)
{
    return q < group->count && q < MOST_CURVES
               ? group->clusters[q].point->times[CF_TIME_DISSOLUTION].curve
               : NULL;
}

/* Those with a cluster that dissolved or was followed, and the range of their times. */
static void choose(const cf_clusters_fates *fates, size_t shown[MOST_PANELS],
                   cf_survival_panels *panels)
{
    for (size_t g = 0; fates != NULL && g < fates->count && panels->count < MOST_PANELS; g++) {
        bool any = false;
        for (size_t q = 0; q < fates->groups[g].count; q++)
            any = cf_survival_extend(panels, curve_of(&fates->groups[g], q)) || any;
        if (any)
            shown[panels->count++] = g;
    }
    cf_survival_round(panels);
}

static void write_blocks(FILE *script, const cf_cluster_group *group,
                         const cf_survival_panels *panels, size_t g)
{
    for (size_t q = 0; q < group->count; q++)
        if (curve_of(group, q) != NULL)
            cf_survival_write_curve(script, panels, curve_of(group, q), g, q);
}

static void write_plots(FILE *script, const cf_cluster_group *group, size_t g)
{
    const char *gap = "plot ";
    for (size_t q = 0; q < group->count; q++) {
        if (curve_of(group, q) == NULL)
            continue;
        fputs(gap, script);
        cf_survival_plot_curve(script, g, q, cf_palette_cluster(q), group->clusters[q].name);
        gap = ", \\\n  ";
    }
    fputc('\n', script);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    size_t shown[MOST_PANELS];
    cf_survival_panels panels = {.range = {INFINITY, 0},
                                 .row = ROW,
                                 .beside = KEY,
                                 .part = "part not dissolved",
                                 .time = "time",
                                 .key = "cluster"};
    choose(subject->fates, shown, &panels);
    if (panels.count == 0)
        return false;
    for (size_t k = 0; k < panels.count; k++)
        write_blocks(script, &subject->fates->groups[shown[k]], &panels, shown[k]);
    cf_survival_begin(script, &panels, figure);
    for (size_t k = 0; k < panels.count; k++) {
        const cf_cluster_group *group = &subject->fates->groups[shown[k]];
        char name[200];
        cf_cluster_group_name(subject->clusters, group, name, sizeof name);
        cf_survival_begin_panel(script, &panels, k, name);
        write_plots(script, group, shown[k]);
    }
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
