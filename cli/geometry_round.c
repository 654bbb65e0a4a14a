/* Spheres: the circle, the ball, and the shadow of higher ones. */
#include <math.h>

#include "geometry.h"

static const double PI = 3.14159265358979323846;
static const unsigned LINE = 0xB4BAC2, FAINT = 0xDDE1E6;

/* ---- circle ---- */

#define CIRCLE_RADIUS 0.43 /* of the panel's side */
#define CIRCLE_BAND 0.15   /* width of the scatter, of the radius */

static void circle_frame(FILE *script, const cf_panel *panel)
{
    double half = panel->size / 2;
    cf_draw_circle(script, panel->x + half, panel->y + half, CIRCLE_RADIUS * panel->size, LINE);
}

/* A golden-ratio sequence: neighbours in the data are far apart in the scatter. */
static double scatter(size_t point)
{
    return 1 + CIRCLE_BAND * (fmod(0.6180339887498949 * (double)point, 1.0) - 0.5);
}

static void circle_points(FILE *script, const cf_panel *panel, bool hidden)
{
    double half = panel->size / 2, radius = CIRCLE_RADIUS * panel->size;
    for (size_t k = 0; k < cf_panel_drawn(panel->n) && !hidden; k++) {
        size_t i = cf_panel_pick(k, panel->n);
        double r = radius * scatter(i);
        cf_panel_mark(script, panel, i, panel->x + half + r * panel->z[2 * i],
                      panel->y + half + r * panel->z[2 * i + 1]);
    }
}

const cf_geometry cf_geometry_circle = {
    "The latent space is the unit circle (gray); points are scattered a little across it, so that "
    "those which coincide can be seen: only the angle has a meaning.",
    false,
    false,
    NULL,
    circle_frame,
    circle_points};

/* ---- ball, seen orthographically from a fixed side ---- */

#define BALL_RADIUS 0.455
enum { SHADES = 10, PARALLELS = 6, MERIDIANS = 12, SEGMENTS = 72 };

/* Right, up and towards the viewer, at azimuth 35 and elevation 22 degrees. */
static const double VIEW[3][3] = {{-0.5735764363510460, 0.8191520442889918, 0},
                                  {-0.3068597568007795, -0.2148655148851041, 0.9271838545667874},
                                  {0.7595045499001312, 0.5318108111446445, 0.3746065934159120}};

static double along(const double *axis, const double *z)
{
    return axis[0] * z[0] + axis[1] * z[1] + axis[2] * z[2];
}

/* Discs that shrink towards a highlight: a shaded ball without gradients. */
static void ball_objects(FILE *script, const cf_panel *panel, int *count)
{
    double half = panel->size / 2, radius = BALL_RADIUS * panel->size;
    for (int k = 0; k < SHADES; k++) {
        double part = (double)k / SHADES;
        int shade = 0xE2 + (int)(part * (0xFD - 0xE2));
        fprintf(script,
                "set object %d circle at %.2f,%.2f size %.2f behind fc rgb '#%02x%02x%02x' "
                "fillstyle solid noborder\n",
                ++*count, panel->x + half - 0.28 * part * radius,
                panel->y + half + 0.30 * part * radius, radius * (1 - 0.92 * part), shade,
                shade + 1 > 255 ? 255 : shade + 1, shade + 2 > 255 ? 255 : shade + 2);
    }
}

static void draw_arc(FILE *script, const cf_panel *panel, int fixed, double value)
{
    double half = panel->size / 2, radius = BALL_RADIUS * panel->size;
    for (int k = 0; k <= SEGMENTS; k++) {
        double running = fixed == 0 ? 2 * PI * k / SEGMENTS : PI * k / SEGMENTS - PI / 2;
        double latitude = fixed == 0 ? value : running, longitude = fixed == 0 ? running : value;
        double z[] = {cos(latitude) * cos(longitude), cos(latitude) * sin(longitude),
                      sin(latitude)};
        if (along(VIEW[2], z) >= 0)
            fprintf(script, "%.2f %.2f %u\n", panel->x + half + radius * along(VIEW[0], z),
                    panel->y + half + radius * along(VIEW[1], z), 0xC3C9D1);
        else
            fputc('\n', script);
    }
    fputc('\n', script);
}

static void ball_frame(FILE *script, const cf_panel *panel)
{
    double half = panel->size / 2;
    for (int k = 1; k < PARALLELS; k++)
        draw_arc(script, panel, 0, PI * k / PARALLELS - PI / 2);
    for (int k = 0; k < MERIDIANS; k++)
        draw_arc(script, panel, 1, 2 * PI * k / MERIDIANS);
    cf_draw_circle(script, panel->x + half, panel->y + half, BALL_RADIUS * panel->size, LINE);
}

static void ball_points(FILE *script, const cf_panel *panel, bool hidden)
{
    double half = panel->size / 2, radius = BALL_RADIUS * panel->size;
    for (size_t k = 0; k < cf_panel_drawn(panel->n); k++) {
        size_t i = cf_panel_pick(k, panel->n);
        const double *z = panel->z + 3 * i;
        if ((along(VIEW[2], z) < 0) == hidden)
            cf_panel_mark(script, panel, i, panel->x + half + radius * along(VIEW[0], z),
                          panel->y + half + radius * along(VIEW[1], z));
    }
}

const cf_geometry cf_geometry_ball = {
    "The latent space is the unit sphere, seen from a fixed side; points behind it are small and "
    "pale. Lines of latitude and longitude are 30 degrees apart.",
    false,
    false,
    ball_objects,
    ball_frame,
    ball_points};

/* ---- higher spheres: the first two coordinates fill the unit disc ---- */

static void disc_frame(FILE *script, const cf_panel *panel)
{
    double half = panel->size / 2, radius = BALL_RADIUS * panel->size;
    double x = panel->x + half, y = panel->y + half;
    fprintf(script, "%.2f %.2f %u\n%.2f %.2f %u\n\n", x - radius, y, FAINT, x + radius, y, FAINT);
    fprintf(script, "%.2f %.2f %u\n%.2f %.2f %u\n\n", x, y - radius, FAINT, x, y + radius, FAINT);
    cf_draw_circle(script, x, y, radius, LINE);
}

static void disc_points(FILE *script, const cf_panel *panel, bool hidden)
{
    double half = panel->size / 2, radius = BALL_RADIUS * panel->size;
    for (size_t k = 0; k < cf_panel_drawn(panel->n) && !hidden; k++) {
        size_t i = cf_panel_pick(k, panel->n);
        const double *z = panel->z + panel->d * i;
        cf_panel_mark(script, panel, i, panel->x + half + radius * z[0],
                      panel->y + half + radius * z[1]);
    }
}

const cf_geometry cf_geometry_disc = {
    "The latent space is a unit sphere of higher dimension, of which the first two coordinates are "
    "shown: points may lie anywhere in the disc.",
    false,
    false,
    NULL,
    disc_frame,
    disc_points};
