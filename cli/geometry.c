#include "geometry.h"

#include <math.h>

#include "palette.h"

enum { MOST_DRAWN = 1200, CORNERS = 96 };

static const double MARK = 0.38; /* size of a point of equal mass */
static const double RING = 0.6;  /* of a probe */
static const unsigned DARK = 0x222222;
static const double PI = 3.14159265358979323846;

const cf_geometry *cf_geometry_choose(bool sphere, size_t dimension)
{
    if (sphere)
        return dimension == 2   ? &cf_geometry_circle
               : dimension == 3 ? &cf_geometry_ball
                                : &cf_geometry_disc;
    return dimension == 1 ? &cf_geometry_line : &cf_geometry_plane;
}

size_t cf_panel_drawn(size_t n)
{
    return n < MOST_DRAWN ? n : MOST_DRAWN;
}

/* A multiple of a prime that does not divide n visits every point once. */
size_t cf_panel_pick(size_t k, size_t n)
{
    size_t prime = n % 7919 != 0 ? 7919 : 104729;
    return k * prime % n;
}

size_t cf_panel_cluster(const cf_panel *panel, size_t point)
{
    return panel->labels == NULL ? 0 : (size_t)panel->labels[point / panel->views];
}

/* The area of a mark is proportional to the mass, within what can be seen. */
static double mark_size(const cf_panel *panel, size_t point)
{
    if (panel->weights == NULL)
        return MARK;
    size_t samples = panel->n / panel->views, sample = point / panel->views;
    return fmin(fmax(MARK * sqrt(panel->weights[sample] * (double)samples), 0.1), 1);
}

void cf_panel_mark(FILE *script, const cf_panel *panel, size_t point, double x, double y)
{
    size_t cluster = cf_panel_cluster(panel, point);
    unsigned color = cf_palette_cluster(cluster);
    if (!isfinite(x) || !isfinite(y)) /* a probe at the origin of the sphere */
        return;
    if (panel->hollow)
        fprintf(script, "%.2f %.2f %.3g %d %u\n", x, y, RING, cf_palette_marker(cluster) - 1,
                panel->labels == NULL ? DARK : color);
    else
        fprintf(script, "%.2f %.2f %.3g %d %u\n", x, y, mark_size(panel, point),
                cf_palette_marker(cluster), 0x40000000u | color);
}

void cf_draw_circle(FILE *script, double x, double y, double radius, unsigned color)
{
    for (int k = 0; k <= CORNERS; k++) {
        double angle = 2 * PI * k / CORNERS;
        fprintf(script, "%.2f %.2f %u\n", x + radius * cos(angle), y + radius * sin(angle), color);
    }
    fputc('\n', script);
}
