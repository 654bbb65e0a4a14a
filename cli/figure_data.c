/* The data themselves. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "figure.h"
#include "geometry.h"

enum { WIDTH = 320, BELOW = 34, EDGE = 5, LEGEND = 28 };

static void widen(const cf_panel *points, double low[2], double high[2])
{
    for (size_t i = 0; i < points->n; i++)
        for (size_t a = 0; a < 2; a++) {
            double value = points->z[i * points->d + (points->d == 1 ? 0 : a)];
            low[a] = fmin(low[a], value);
            high[a] = fmax(high[a], value);
        }
}

static void measure(cf_panel *panel, const cf_panel *probes)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    widen(panel, low, high);
    widen(probes, low, high);
    double span = 1.1 * fmax(high[0] - low[0], high[1] - low[1]);
    panel->span = span > 0 && isfinite(span) ? span : 1;
    for (int a = 0; a < 2; a++)
        panel->low[a] = isfinite(span) ? (low[a] + high[a] - panel->span) / 2 : -0.5;
}

/* The values at ticks are whole multiples of a step. */
typedef struct {
    double step;
    long first, last;
} ticks;

static ticks ticks_of(const cf_panel *panel, int axis)
{
    static const double MOST = 1e4; /* farther from zero the numbers have too many digits */
    double step = cf_plot_step(panel->span / 2.5);
    double first = ceil(panel->low[axis] / step);
    double last = floor((panel->low[axis] + panel->span) / step);
    if (!(fabs(first) < MOST && fabs(last) < MOST))
        return (ticks){1, 0, -1};
    return (ticks){step, (long)first, (long)last};
}

static int write_number(char text[32], const ticks *t, long k)
{
    return snprintf(text, 32, "%s%g", k < 0 ? "\xe2\x88\x92" : "", fabs((double)k * t->step));
}

/* Pixels for the numbers on the left. */
static double room_for_numbers(const cf_panel *panel)
{
    const ticks t = ticks_of(panel, 1);
    int longest = 3;
    char text[32];
    for (long k = t.first; k <= t.last; k++)
        longest = write_number(text, &t, k) > longest ? write_number(text, &t, k) : longest;
    return 22 + 6 * longest;
}

/* Ticks with their numbers below (axis 0) or on the left, and the name of the coordinate. */
static void write_axis(FILE *script, const cf_panel *panel, int axis, const char *name)
{
    static const char *const styles[] = {"center font ',9' textcolor '#444444'",
                                         "right font ',9' textcolor '#444444'"};
    const ticks t = ticks_of(panel, axis);
    double middle = panel->size / 2;
    for (long k = t.first; k <= t.last; k++) {
        char text[32];
        double at = panel->size * ((double)k * t.step - panel->low[axis]) / panel->span;
        double x = panel->x + (axis == 0 ? at : 0), y = panel->y + (axis == 0 ? 0 : at);
        fprintf(script, "set arrow from %.2f,%.2f rto %d,%d nohead lw 0.8 lc rgb '#c3c9d1'\n", x, y,
                axis == 0 ? 0 : -4, axis == 0 ? -4 : 0);
        write_number(text, &t, k);
        cf_plot_text(script, text, axis == 0 ? x : x - 7, axis == 0 ? y - 10 : y, styles[axis]);
    }
    if (axis == 0)
        cf_plot_text(script, name, panel->x + middle, panel->y - 26,
                     "center font ',10' textcolor '#222222'");
    else
        cf_plot_text(script, name, 8, panel->y + middle,
                     "center rotate by 90 font ',10' textcolor '#222222'");
}

/* n = 0 where there are none. */
static cf_panel probes_of(const cf_result *result, const cf_panel *data)
{
    const cf_record *points = cf_group_record(cf_result_group(result, "/data"), "probes");
    cf_panel probes = {.views = 1, .d = data->d, .hollow = true};
    if (points != NULL && points->type == CF_VALUE_REAL && points->rank == 2 &&
        points->dims[1] == data->d) {
        probes.z = points->real;
        probes.n = points->dims[0];
    }
    probes.labels = cf_result_probe_labels(result, probes.n, &probes.clusters);
    if (probes.labels != NULL && probes.clusters < data->clusters)
        probes.clusters = data->clusters;
    return probes;
}

/* --- many dimensions --- */

enum { SHOWN_AS_THEY_ARE = 3 };

/* Of points in a space of many dimensions, the two coordinates of largest variance. */
static void choose_axes(const cf_panel *panel, size_t axes[2])
{
    double most[2] = {-1, -1};
    for (size_t c = 0; c < panel->d; c++) {
        double sum = 0, square = 0, n = (double)panel->n;
        for (size_t i = 0; i < panel->n; i++) {
            double value = panel->z[i * panel->d + c] - panel->z[c];
            sum += value / n;
            square += value * value / n;
        }
        double variance = square - sum * sum;
        size_t place = variance > most[0] ? 0 : 1;
        if (!(variance > most[place]))
            continue;
        if (place == 0) {
            most[1] = most[0];
            axes[1] = axes[0];
        }
        most[place] = variance;
        axes[place] = c;
    }
}

/* The panel's points become their shadow, *owned. */
static bool project(cf_panel *panel, const size_t axes[2], double **owned)
{
    *owned = malloc((2 * panel->n + 1) * sizeof **owned);
    if (*owned == NULL)
        return false;
    for (size_t i = 0; i < 2 * panel->n; i++)
        (*owned)[i] = panel->z[i / 2 * panel->d + axes[i % 2]];
    panel->z = *owned;
    panel->d = 2;
    return true;
}

/* Of another panel. */
static void set_place(cf_panel *panel, const cf_panel *other)
{
    panel->x = other->x;
    panel->y = other->y;
    panel->size = other->size;
    panel->span = other->span;
    for (int a = 0; a < 2; a++)
        panel->low[a] = other->low[a];
}

/* Both panels in pixels, with axes that are called x and their number. */
static void draw_panels(FILE *script, cf_figure *figure, cf_panel *panel, cf_panel *probes,
                        const size_t axes[2])
{
    const cf_geometry *geometry = panel->d == 1 ? &cf_geometry_line : &cf_geometry_plane;
    char names[2][32];
    for (int a = 0; a < 2; a++)
        snprintf(names[a], sizeof names[a], "x%zu", axes[a]);
    measure(panel, probes);
    panel->x = room_for_numbers(panel);
    panel->size = WIDTH - EDGE - panel->x;
    figure->width = WIDTH;
    figure->height = (int)panel->size + LEGEND + BELOW + EDGE;
    cf_plot_pixels(script, figure);
    cf_plot_clusters(script, panel->clusters, WIDTH / 2.0, LEGEND / 2.0, WIDTH);
    if (panel->d > 1)
        write_axis(script, panel, 0, names[0]);
    write_axis(script, panel, 1, panel->d > 1 ? names[1] : names[0]);
    fputs("$frame << EOD\n", script);
    geometry->frame(script, panel);
    fputs("nan nan 0 0\nEOD\n$points << EOD\n", script);
    geometry->points(script, panel, false);
    set_place(probes, panel);
    geometry->points(script, probes, false);
    fputs("nan nan 0 0\nEOD\n", script);
    cf_plot_blocks(script, false);
}

static void write_caption(cf_figure *figure, const cf_panel *panel, size_t dimension, size_t probes)
{
    char shown[64] = "", rings[96] = "";
    if (panel->views > 1)
        snprintf(shown, sizeof shown, ", each in %zu views", panel->views);
    if (probes > 0)
        snprintf(rings, sizeof rings, " Rings are %zu probes, which nothing is trained on.",
                 probes);
    snprintf(figure->caption, sizeof figure->caption,
             "%zu points in %zu dimension%s%s%s, %s. The dynamics never see the labels.%s",
             panel->n / panel->views, dimension, dimension == 1 ? "" : "s",
             dimension > SHOWN_AS_THEY_ARE ? ", of which the two of largest variance are shown"
             : dimension > 2               ? ", of which the first two are shown"
                                           : "",
             shown, panel->labels != NULL ? "colored by cluster" : "without labels", rings);
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
    cf_panel panel = {.y = LEGEND + BELOW,
                      .z = points->real,
                      .n = samples * views,
                      .views = views,
                      .d = points->dims[points->rank - 1]};
    panel.labels = cf_result_labels(result, samples, &panel.clusters);
    cf_panel probes = probes_of(result, &panel);
    size_t axes[2] = {0, 1}, dimension = panel.d;
    double *owned[2] = {NULL, NULL};
    bool drawn = true;
    if (dimension > SHOWN_AS_THEY_ARE) {
        choose_axes(&panel, axes);
        drawn = project(&panel, axes, &owned[0]) && project(&probes, axes, &owned[1]);
    }
    if (drawn) {
        draw_panels(script, figure, &panel, &probes, axes);
        write_caption(figure, &panel, dimension, probes.n);
    }
    free(owned[0]);
    free(owned[1]);
    return drawn;
}

const cf_figure_kind cf_figure_data = {"data", "The data", CF_PLACE_TOP, draw};
