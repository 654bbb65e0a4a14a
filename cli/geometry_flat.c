/* Euclidean spaces: the plane (or the first two coordinates), and the line. */
#include <math.h>

#include "geometry.h"

static const unsigned LINE = 0xC3C9D1, FAINT = 0xE4E7EB;

static void draw_segment(FILE *script, double x0, double y0, double x1, double y1, unsigned color)
{
    fprintf(script, "%.2f %.2f %u\n%.2f %.2f %u\n\n", x0, y0, color, x1, y1, color);
}

static double place(const cf_panel *panel, int axis, double value)
{
    return (axis == 0 ? panel->x : panel->y) +
           panel->size * (value - panel->low[axis]) / panel->span;
}

static void draw_box(FILE *script, const cf_panel *panel)
{
    double x = panel->x, y = panel->y, size = panel->size;
    draw_segment(script, x, y, x + size, y, LINE);
    draw_segment(script, x + size, y, x + size, y + size, LINE);
    draw_segment(script, x + size, y + size, x, y + size, LINE);
    draw_segment(script, x, y + size, x, y, LINE);
}

static void plane_frame(FILE *script, const cf_panel *panel)
{
    double x = place(panel, 0, 0), y = place(panel, 1, 0), size = panel->size;
    if (x > panel->x && x < panel->x + size)
        draw_segment(script, x, panel->y, x, panel->y + size, FAINT);
    if (y > panel->y && y < panel->y + size)
        draw_segment(script, panel->x, y, panel->x + size, y, FAINT);
    draw_box(script, panel);
}

static void plane_points(FILE *script, const cf_panel *panel, bool hidden)
{
    for (size_t k = 0; k < cf_panel_drawn(panel->n) && !hidden; k++) {
        size_t i = cf_panel_pick(k, panel->n);
        const double *z = panel->z + panel->d * i;
        cf_panel_mark(script, panel, i, place(panel, 0, z[0]), place(panel, 1, z[1]));
    }
}

const cf_geometry cf_geometry_plane = {
    "Both axes have the same scale, which is that of the bar; faint lines pass through the origin. "
    "Of more than two dimensions the first two are shown.",
    true,
    false,
    NULL,
    plane_frame,
    plane_points};

/* The line stands upright, and each cluster has a strip beside the others. */
static void line_frame(FILE *script, const cf_panel *panel)
{
    double y = place(panel, 1, 0);
    if (y > panel->y && y < panel->y + panel->size)
        draw_segment(script, panel->x, y, panel->x + panel->size, y, FAINT);
    draw_box(script, panel);
}

static void line_points(FILE *script, const cf_panel *panel, bool hidden)
{
    double strip = panel->size / (double)panel->clusters;
    for (size_t k = 0; k < cf_panel_drawn(panel->n) && !hidden; k++) {
        size_t i = cf_panel_pick(k, panel->n);
        double cluster = (double)cf_panel_cluster(panel, i);
        double scatter = fmod(0.6180339887498949 * (double)i, 1.0);
        cf_panel_mark(script, panel, i, panel->x + strip * (cluster + 0.14 + 0.72 * scatter),
                      place(panel, 1, panel->z[i * panel->d]));
    }
}

const cf_geometry cf_geometry_line = {
    "The latent line stands upright, on the scale of the bar, with a faint line at the origin. "
    "Each "
    "cluster has a strip of its own, in which the horizontal scatter has no meaning.",
    true,
    true,
    NULL,
    line_frame,
    line_points};
