/* The data themselves. */
#include <math.h>
#include <stdio.h>

#include "figure.h"
#include "geometry.h"

enum { WIDTH = 320, HEIGHT = 320, MARGIN = 4, LEGEND = 28 };

static void measure(cf_panel *panel)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < panel->n; i++)
        for (size_t a = 0; a < 2; a++) {
            double value = panel->z[i * panel->d + (panel->d == 1 ? 0 : a)];
            low[a] = fmin(low[a], value);
            high[a] = fmax(high[a], value);
        }
    double span = 1.1 * fmax(high[0] - low[0], high[1] - low[1]);
    panel->span = span > 0 && isfinite(span) ? span : 1;
    for (int a = 0; a < 2; a++)
        panel->low[a] = isfinite(span) ? (low[a] + high[a] - panel->span) / 2 : -0.5;
}

static void write_block(FILE *script, const cf_panel *panel, const cf_geometry *geometry,
                        bool frame)
{
    fprintf(script, "$%s << EOD\n", frame ? "frame" : "points");
    if (frame)
        geometry->frame(script, panel);
    else
        geometry->points(script, panel, false);
    fputs("nan nan 0 0\nEOD\n", script);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_result *result = subject->result;
    const cf_group *data = cf_result_group(result, "/data");
    const cf_record *points = data == NULL ? NULL : cf_group_record(data, "points");
    if (points == NULL || points->type != CF_VALUE_REAL || points->rank < 2 || points->rank > 3 ||
        cf_record_count(points) == 0)
        return false;
    size_t views = points->rank == 3 ? points->dims[1] : 1, samples = points->dims[0];
    cf_panel panel = {.x = MARGIN,
                      .y = LEGEND,
                      .size = WIDTH - 2 * MARGIN,
                      .z = points->real,
                      .n = samples * views,
                      .views = views,
                      .d = points->dims[points->rank - 1]};
    panel.labels = cf_result_labels(result, samples, &panel.clusters);
    const cf_geometry *geometry = panel.d == 1 ? &cf_geometry_line : &cf_geometry_plane;
    measure(&panel);
    figure->width = WIDTH;
    figure->height = HEIGHT + LEGEND - MARGIN;
    cf_plot_pixels(script, figure);
    cf_plot_clusters(script, panel.clusters, WIDTH / 2.0, LEGEND / 2.0);
    write_block(script, &panel, geometry, true);
    write_block(script, &panel, geometry, false);
    cf_plot_blocks(script, false);
    char shown[64] = "";
    if (views > 1)
        snprintf(shown, sizeof shown, ", each in %zu views", views);
    snprintf(figure->caption, sizeof figure->caption,
             "%zu points in %zu dimension%s%s%s, %s. The dynamics never see the labels.", samples,
             panel.d, panel.d == 1 ? "" : "s",
             panel.d > 2 ? ", of which the first two are shown" : "", shown,
             panel.labels != NULL ? "coloured by cluster" : "without labels");
    return true;
}

const cf_figure_kind cf_figure_data = {"data", "The data", CF_PLACE_TOP, draw};
