#define _POSIX_C_SOURCE 200809L
/* Rows of snapshots, one per flow, along time. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure.h"
#include "flow_style.h"
#include "geometry.h"
#include "snapshots.h"

enum { WIDTH = 1000, GUTTER = 34, GAP = 9, ABOVE = 22, BELOW = 24, LEGEND = 30 };

typedef struct {
    cf_panel panel;
    size_t probes; /* how many; 0: none */
    const long *probe_labels;
    size_t probe_clusters;
    cf_snapshot snapshots[CF_SNAPSHOT_COLUMNS];
    cf_flow_view flow;
} panel_row;

typedef struct {
    const cf_result *result;
    const cf_geometry *geometry;
    cf_snapshot_plan plan;
    FILE *script;
    double side, height; /* of a panel, of the figure */
    bool labelled, weighted, probed;
    size_t views;
} grid;

static void widen(const double *z, size_t n, size_t d, double low[2], double high[2])
{
    for (size_t i = 0; i < n && z != NULL; i++)
        for (size_t a = 0; a < 2 && a < d; a++) {
            low[a] = fmin(low[a], z[i * d + a]);
            high[a] = fmax(high[a], z[i * d + a]);
        }
}

/* Corner and side of the square that holds all panels of a row. */
static void measure_row(panel_row *row)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    size_t axes = row->panel.d < 2 ? 1 : 2;
    for (size_t c = 0; c < CF_SNAPSHOT_COLUMNS; c++) {
        widen(row->snapshots[c].z, row->panel.n, row->panel.d, low, high);
        widen(row->snapshots[c].probes, row->probes, row->panel.d, low, high);
    }
    if (axes == 1) {
        low[1] = low[0];
        high[1] = high[0];
    }
    double span = 1.12 * fmax(high[0] - low[0], high[1] - low[1]);
    row->panel.span = span > 0 && isfinite(span) ? span : 1;
    for (int a = 0; a < 2; a++)
        row->panel.low[a] = isfinite(span) ? (low[a] + high[a] - row->panel.span) / 2 : -0.5;
}

/* Of a family the first seed of the narrowest, the middle and the widest networks. */
static bool is_shown(const cf_result *result, const cf_flow_view *flow)
{
    size_t cursor = 0, widths = 0, place = 0;
    cf_flow_view other;
    const char *family = cf_flow_family(result, flow);
    if (family[0] != '\0' && !cf_flow_leads(result, flow))
        return false;
    while (cf_flow_next(result, &cursor, &other)) {
        bool relative = strcmp(cf_group_text(other.group, "family"), family) == 0 &&
                        cf_flow_leads(result, &other);
        widths += relative;
        place += relative && other.index < flow->index;
    }
    return family[0] == '\0' || place == 0 || place == (widths - 1) / 2 || place == widths - 1;
}

/* Probes have labels of their own, which may go beyond those of the data. */
static void set_probes(const grid *g, panel_row *row, const cf_latent_view *latent)
{
    row->probes = latent->probes != NULL ? latent->probe_count : 0;
    row->probe_labels = cf_result_probe_labels(g->result, row->probes, &row->probe_clusters);
    if (row->probe_labels == NULL || row->panel.labels == NULL)
        return;
    if (row->probe_clusters > row->panel.clusters)
        row->panel.clusters = row->probe_clusters;
    row->probe_clusters = row->panel.clusters;
}

/* The next flow that has snapshots, with its panels' common part. */
static bool next_row(grid *g, size_t *cursor, panel_row *row)
{
    cf_latent_view latent;
    while (cf_flow_next(g->result, cursor, &row->flow)) {
        if (!is_shown(g->result, &row->flow) || !cf_flow_latent(&row->flow, &latent))
            continue;
        row->panel = (cf_panel){.size = g->side,
                                .n = latent.samples * latent.views,
                                .views = latent.views,
                                .d = latent.d};
        row->panel.labels =
            cf_flow_labels(g->result, &row->flow, latent.samples, &row->panel.clusters);
        row->panel.weights = cf_flow_weights(g->result, &row->flow, latent.samples);
        set_probes(g, row, &latent);
        cf_snapshot_row(&row->flow, &g->plan, row->snapshots);
        measure_row(row);
        return true;
    }
    return false;
}

static bool place_panel(const grid *g, panel_row *row, size_t index, size_t column)
{
    row->panel.z = row->snapshots[column].z;
    row->panel.x = GUTTER + (double)column * (g->side + GAP);
    row->panel.y = g->height - ABOVE - g->side - (double)index * (ABOVE + g->side + BELOW);
    return row->panel.z != NULL;
}

static void draw_bar(const grid *g, const cf_panel *panel)
{
    char text[32];
    double length = cf_plot_step(panel->span / 3), pixels = panel->size * length / panel->span;
    double x = panel->x + panel->size - 7, y = panel->y + 7;
    bool upright = g->geometry->upright;
    fprintf(g->script, "set arrow from %.2f,%.2f to %.2f,%.2f nohead lw 2 lc rgb '#444444'\n", x, y,
            upright ? x : x - pixels, upright ? y + pixels : y);
    snprintf(text, sizeof text, "%g", length);
    if (upright)
        cf_plot_text(g->script, text, x - 5, y + pixels / 2, "right font ',9' textcolor '#444444'");
    else
        cf_plot_text(g->script, text, x - pixels / 2, y + 8,
                     "center font ',9' textcolor '#444444'");
}

static void write_remark(const grid *g, const cf_panel *panel, const char *remark)
{
    char text[96];
    const char *mark = strcmp(remark, "emergence") == 0     ? "\xe2\x96\xb2 "
                       : strcmp(remark, "dissolution") == 0 ? "\xe2\x96\xbc "
                                                            : "";
    snprintf(text, sizeof text, "%s%.80s", mark, remark);
    cf_plot_text(g->script, text, panel->x + panel->size / 2, panel->y - 11,
                 "center font ',11' textcolor '#000000'");
}

static void write_row_name(const cf_flow_view *flow, char *name, size_t size)
{
    const char *family = cf_group_text(flow->group, "family");
    if (family[0] == '\0')
        snprintf(name, size, "%s", flow->name);
    else
        snprintf(name, size, "%s, N = %ld", family, cf_group_integer(flow->group, "width"));
}

static void write_texts(grid *g, panel_row *row, size_t index)
{
    int objects = (int)index * 1000;
    bool first = true;
    for (size_t c = 0; c < CF_SNAPSHOT_COLUMNS; c++) {
        char time[64];
        if (!place_panel(g, row, index, c))
            continue;
        snprintf(time, sizeof time, "t = %.3g", row->snapshots[c].time);
        cf_plot_text(g->script, time, row->panel.x + g->side / 2, row->panel.y + g->side + 10,
                     "center font ',11' textcolor '#444444'");
        if (row->snapshots[c].remark[0] != '\0')
            write_remark(g, &row->panel, row->snapshots[c].remark);
        if (first && g->geometry->scaled)
            draw_bar(g, &row->panel);
        if (g->geometry->objects != NULL)
            g->geometry->objects(g->script, &row->panel, &objects);
        first = false;
    }
    char name[64];
    write_row_name(&row->flow, name, sizeof name);
    cf_plot_text(g->script, name, 12, row->panel.y + g->side / 2,
                 "center rotate by 90 font 'Helvetica:Bold,12' textcolor '#111111'");
}

static void draw_points(const grid *g, panel_row *row, size_t column, bool hidden)
{
    cf_panel probes = row->panel; /* where they are, and on which scale */
    g->geometry->points(g->script, &row->panel, hidden);
    if (row->snapshots[column].probes == NULL)
        return;
    probes.z = row->snapshots[column].probes;
    probes.n = row->probes;
    probes.views = 1;
    probes.weights = NULL;
    probes.hollow = true;
    probes.labels = row->probe_labels;
    probes.clusters = row->probe_clusters;
    g->geometry->points(g->script, &probes, hidden);
}

typedef enum { LAYER_TEXTS, LAYER_FRAME, LAYER_HIDDEN, LAYER_POINTS } layer;

static size_t write_layer(grid *g, layer which)
{
    size_t cursor = 0, index = 0;
    panel_row row;
    for (; next_row(g, &cursor, &row); index++) {
        if (which == LAYER_TEXTS)
            write_texts(g, &row, index);
        for (size_t c = 0; c < CF_SNAPSHOT_COLUMNS && which != LAYER_TEXTS; c++)
            if (place_panel(g, &row, index, c) && which == LAYER_FRAME)
                g->geometry->frame(g->script, &row.panel);
            else if (row.panel.z != NULL && which != LAYER_FRAME)
                draw_points(g, &row, c, which == LAYER_HIDDEN);
    }
    return index;
}

static void write_block(grid *g, const char *name, layer which)
{
    fprintf(g->script, "$%s << EOD\n", name);
    write_layer(g, which);
    fputs("nan nan 0 0\nEOD\n", g->script); /* never empty */
}

static bool vary(const double *weights, size_t n)
{
    for (size_t i = 1; weights != NULL && i < n; i++)
        if (fabs(weights[i] - weights[0]) > 1e-9 * weights[0])
            return true;
    return false;
}

static size_t count_rows(grid *g)
{
    size_t cursor = 0, rows = 0;
    panel_row row;
    for (; next_row(g, &cursor, &row); rows++) {
        g->probed = g->probed || row.probes > 0;
        g->weighted = g->weighted || vary(row.panel.weights, row.panel.n / row.panel.views);
        if (rows == 0) {
            bool sphere = strcmp(cf_group_text(cf_result_group(g->result, "/"), "latent_space"),
                                 "sphere") == 0;
            g->geometry = cf_geometry_choose(sphere, row.panel.d);
            g->labelled = row.panel.labels != NULL;
            g->views = row.panel.views;
        }
    }
    return rows;
}

static void write_caption(const grid *g, cf_figure *figure)
{
    FILE *text = fmemopen(figure->caption, sizeof figure->caption, "w");
    if (text == NULL)
        return;
    fprintf(text, "Each row is a flow, each panel all %s of the flow at one time, %s. ",
            g->views > 1 ? "views of all points" : "points",
            g->labelled ? "colored by cluster" : "in one color, the data having no labels");
    if (g->weighted)
        fputs("The area of a mark is proportional to its mass. ", text);
    if (g->probed)
        fputs("Rings are probes, points that the flow was not trained on. ", text);
    if (cf_result_has_families(g->result))
        fputs("Of a family of networks the first seed of the narrowest, a middle and the widest is "
              "shown. ",
              text);
    fprintf(text, "%s Times are those of the nearest snapshots to a logarithmic spacing",
            g->geometry->caption);
    if (!isnan(g->plan.emergence) || !isnan(g->plan.dissolution))
        fputs("; emergence (\xe2\x96\xb2) and dissolution (\xe2\x96\xbc) are exact, and a flow "
              "without them is shown near the times of one that has them",
              text);
    fputc('.', text);
    fclose(text);
}

static void write_probe_key(const grid *g)
{
    cf_plot_text(g->script, "", WIDTH - 62, LEGEND / 2.0 - 2, "point pt 6 ps 0.7 lc rgb '#222222'");
    cf_plot_text(g->script, "probe", WIDTH - 52, LEGEND / 2.0 - 2, "left textcolor '#444444'");
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    grid g = {.result = subject->result, .script = script};
    g.side = (WIDTH - 1 - GUTTER - (CF_SNAPSHOT_COLUMNS - 1) * GAP) / (double)CF_SNAPSHOT_COLUMNS;
    cf_snapshot_plan_make(g.result, &g.plan);
    size_t rows = count_rows(&g), clusters = 1, cursor = 0;
    panel_row first;
    if (rows == 0)
        return false;
    figure->width = WIDTH;
    figure->height =
        (int)((double)rows * (ABOVE + g.side + BELOW)) + (g.labelled || g.probed ? LEGEND : 4);
    g.height = figure->height;
    cf_plot_pixels(script, figure);
    write_layer(&g, LAYER_TEXTS);
    if (next_row(&g, &cursor, &first))
        clusters = first.panel.clusters;
    cf_plot_clusters(script, clusters, WIDTH / 2.0, LEGEND / 2.0 - 2, WIDTH);
    if (g.probed)
        write_probe_key(&g);
    write_block(&g, "frame", LAYER_FRAME);
    write_block(&g, "hidden", LAYER_HIDDEN);
    write_block(&g, "points", LAYER_POINTS);
    cf_plot_blocks(script, g.geometry == &cf_geometry_ball);
    write_caption(&g, figure);
    return true;
}

const cf_figure_kind cf_figure_snapshots = {"snapshots", "The latent points along each flow",
                                            CF_PLACE_WIDE, draw};
