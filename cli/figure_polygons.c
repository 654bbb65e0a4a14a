/* Regular polygons: the loss against the number of vertices, against the distance of neighbors, and
 * the distance below which nothing more is gained (C6). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "figure.h"
#include "gnuplot.h"
#include "palette.h"

enum { WIDTH = 1000, HEIGHT = 330, MOST_CURVES = 6, LEAST = 5, MOST_SHOWN = 20 };

static const double PI = 3.14159265358979323846;
static const double EPSILON = 0.01; /* excess over the uniform loss that counts as gone */

typedef struct {
    const cf_scan *scan;
    size_t first, count;     /* configurations that are polygons, in order of their size */
    double slope, curvature; /* of the thresholds, at tau = 0 */
    size_t thresholds;
} plot;

static bool is_polygon(const cf_scan *scan, size_t c)
{
    const char *name = scan->configurations[c].name;
    return strncmp(name, "polygon-", 8) == 0 && strchr(name, ',') == NULL;
}

/* The longest run of polygons that grow by one vertex. */
static void find_polygons(plot *g)
{
    for (size_t c = 0; c < g->scan->count; c++) {
        size_t length = 0;
        while (c + length < g->scan->count && is_polygon(g->scan, c + length) &&
               g->scan->configurations[c + length].points->n ==
                   g->scan->configurations[c].points->n + length)
            length++;
        if (length > g->count) {
            g->count = length;
            g->first = c;
        }
    }
}

static const cf_scan_state *state_of(const plot *g, size_t k, size_t t)
{
    return &g->scan->states[(g->first + k) * g->scan->tau_count + t];
}

static double vertices_of(const plot *g, size_t k)
{
    return (double)g->scan->configurations[g->first + k].points->n;
}

/* The squared distance of neighbors at which the excess is EPSILON: its logarithm is nearly linear
 * in K^2 (C6), so that is how it is interpolated between two numbers of vertices. */
static double threshold_of(const plot *g, size_t t)
{
    for (size_t k = 1; k < g->count; k++) {
        double above = state_of(g, k - 1, t)->loss - state_of(g, k - 1, t)->uniform;
        double below = state_of(g, k, t)->loss - state_of(g, k, t)->uniform;
        if (!(above > EPSILON && below <= EPSILON && below > 0))
            continue;
        double part = log(above / EPSILON) / log(above / below);
        double from = vertices_of(g, k - 1), to = vertices_of(g, k);
        double K = sqrt(from * from + part * (to * to - from * from));
        return 4 * sin(PI / K) * sin(PI / K);
    }
    return NAN;
}

/* Least squares of slope tau + curvature tau^2. */
static void fit(plot *g)
{
    double square = 0, cube = 0, fourth = 0, first = 0, second = 0;
    for (size_t t = 0; t < g->scan->tau_count; t++) {
        double tau = g->scan->states[t].tau, y = threshold_of(g, t);
        if (isnan(y))
            continue;
        square += tau * tau;
        cube += tau * tau * tau;
        fourth += tau * tau * tau * tau;
        first += tau * y;
        second += tau * tau * y;
        g->thresholds++;
    }
    double determinant = square * fourth - cube * cube;
    g->slope = (first * fourth - second * cube) / determinant;
    g->curvature = (square * second - cube * first) / determinant;
}

/* --- panels --- */

static size_t curves_of(const plot *g)
{
    return g->scan->tau_count < MOST_CURVES ? g->scan->tau_count : MOST_CURVES;
}

static size_t chosen(const plot *g, size_t curve)
{
    size_t curves = curves_of(g);
    return curves < 2 ? 0 : curve * (g->scan->tau_count - 1) / (curves - 1);
}

static void write_blocks(const plot *g, FILE *script)
{
    for (size_t curve = 0; curve < curves_of(g); curve++) {
        fprintf(script, "$curve%zu << EOD\n", curve);
        for (size_t k = 0; k < g->count; k++) {
            const cf_scan_state *s = state_of(g, k, chosen(g, curve));
            fprintf(script, "%g %.9g %.9g\n", vertices_of(g, k), s->spacing, s->loss);
        }
        fputs("EOD\n", script);
    }
    fputs("$threshold << EOD\n", script);
    for (size_t t = 0; t < g->scan->tau_count; t++)
        cf_curves_write_point(script, g->scan->states[t].tau, threshold_of(g, t));
    fputs("EOD\n", script);
}

static void write_curves(const plot *g, FILE *script, int column, bool titled)
{
    const char *gap = "plot ";
    for (size_t curve = 0; curve < curves_of(g); curve++) {
        double part = curves_of(g) < 2 ? 0 : (double)curve / (double)(curves_of(g) - 1);
        unsigned color = cf_palette_sequence(0.9 * part);
        fprintf(script,
                "%s$curve%zu using %d:3 with linespoints pt 7 ps 0.35 lw 1.4 lc rgb '#%06x'", gap,
                curve, column, color);
        if (titled)
            fprintf(script, " title '\xcf\x84 = %.3g'", state_of(g, 0, chosen(g, curve))->tau);
        else
            fputs(" notitle", script);
        gap = ", \\\n  ";
    }
    fputc('\n', script);
}

static bool has_slope(const plot *g)
{
    return g->scan->loss.psi == cf_psi_rows[1] && g->scan->loss.eta.row == cf_eta_rows[0];
}

static void write_threshold(const plot *g, FILE *script)
{
    double largest = g->scan->states[g->scan->tau_count - 1].tau;
    fprintf(
        script,
        "set title '(c) distance where the excess is %g' offset 0,-0.6\nset xlabel "
        "'\xcf\x84'\nset ylabel 'squared distance of neighbors' offset 1.2,0\nset xrange "
        "[0:%.9g]\nset yrange [0:*]\nset key inside bottom right vertical Left reverse font ',10' "
        "samplen 3\nplot $threshold using 1:2 with points pt 7 ps 0.7 lc rgb '#0072B2' title "
        "'measured', \\\n  %.9g * x + %.9g * x**2 with lines lw 1.4 lc rgb '#0072B2' title "
        "'fit, slope %.3f at 0'",
        EPSILON, 1.05 * largest, g->slope, g->curvature, g->slope);
    if (has_slope(g))
        fprintf(script,
                ", \\\n  %.9g * x with lines lw 1.4 dt 2 lc rgb '#D55E00' title "
                "'2\xcf\x80^2\xcf\x84 / log(2/\xce\xb5), slope %.3f'",
                2 * PI * PI / log(2 / EPSILON), 2 * PI * PI / log(2 / EPSILON));
    fputc('\n', script);
}

static void write_caption(const plot *g, char *caption, size_t size)
{
    int used = snprintf(
        caption, size,
        "Equal masses on regular polygons. (a) The loss against the number of clusters, (b) "
        "against "
        "the squared distance of neighboring clusters, (c) the squared distance at which the loss "
        "exceeds that of the uniform measure by %g, interpolated between numbers of clusters; the "
        "line is %.4f \xcf\x84 + %.4f \xcf\x84\xc2\xb2",
        EPSILON, g->slope, g->curvature);
    if (has_slope(g) && used > 0 && (size_t)used < size)
        snprintf(caption + used, size - (size_t)used,
                 ", beside the slope %.4f that C6 predicts for small temperatures.",
                 2 * PI * PI / log(2 / EPSILON));
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    plot g = {.scan = subject->scan};
    if (g.scan == NULL)
        return false;
    find_polygons(&g);
    if (g.count < LEAST)
        return false;
    fit(&g);
    bool third = g.thresholds >= 3;
    figure->width = third ? WIDTH : WIDTH * 2 / 3;
    figure->height = HEIGHT;
    cf_curves_write_style(script);
    write_blocks(&g, script);
    fprintf(script,
            "set tics font ',10'\nset xtics nomirror out scale 0.6,0.3\nset multiplot layout 1,%d "
            "margins screen %.4f,0.985,%.4f,%.4f "
            "spacing screen %.4f\nset xlabel offset 0,0.3\nset ylabel 'loss' offset 1.2,0\nset key "
            "inside top right vertical Left reverse font ',10' samplen 1.5\nset title '(a) number "
            "of clusters' offset 0,-0.6\nset xlabel 'K'\nset xrange [1:%g]\n",
            third ? 3 : 2, third ? 0.055 : 0.085, 54. / HEIGHT, 1 - 30. / HEIGHT,
            third ? 0.06 : 0.09, fmin(vertices_of(&g, g.count - 1), MOST_SHOWN) + 1);
    write_curves(&g, script, 1, true);
    fputs("set title '(b) distance of neighbors' offset 0,-0.6\nset xlabel 'squared distance of "
          "neighbors'\nset xrange [0:4]\nset key inside top left\n",
          script);
    write_curves(&g, script, 2, false);
    if (third)
        write_threshold(&g, script);
    fputs("unset multiplot\n", script);
    write_caption(&g, figure->caption, sizeof figure->caption);
    return true;
}

const cf_figure_kind cf_figure_polygons = {"polygons", "Loss of regular polygons", CF_PLACE_WIDE,
                                           draw};
