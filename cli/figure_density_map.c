/* Densities on the sphere, in Hammer's projection with e_1 in the middle, and on the plane: maps
 * along time, with the points of vanilla flows on particles in the same projection. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "densities.h"
#include "flow_style.h"
#include "geometry.h"
#include "gnuplot.h"
#include "palette.h"

enum { WIDTH = 1000, SHOWN = 5, MOST_ROWS = 6, ACROSS = 120, GUTTER = 28, ABOVE = 26 };
static const double PI = 3.14159265358979323846;

typedef struct {
    const cf_result *result;
    FILE *script;
    cf_space space;
    double half[2];  /* of what a panel shows */
    double scale[2]; /* of colors */
    double times[SHOWN];
    size_t columns;
    cf_flow_view rows[MOST_ROWS];
    size_t count;
} sheet;

/* x in [-2 sqrt 2, 2 sqrt 2], y in [-sqrt 2, sqrt 2]; areas are kept. */
static void project(const sheet *s, const double *z, double out[2])
{
    if (s->space == CF_SPACE_PLANE) {
        out[0] = z[0];
        out[1] = z[1];
        return;
    }
    double longitude = atan2(z[1], z[0]), sine = fmin(fmax(z[2], -1), 1);
    double cosine = sqrt(1 - sine * sine), w = sqrt(1 + cosine * cos(longitude / 2));
    out[0] = 2 * sqrt(2) * cosine * sin(longitude / 2) / w;
    out[1] = sqrt(2) * sine / w;
}

/* False outside the map. */
static bool unproject(const sheet *s, const double in[2], double z[3])
{
    if (s->space == CF_SPACE_PLANE) {
        z[0] = in[0];
        z[1] = in[1];
        return true;
    }
    double x = in[0] / 4, y = in[1] / 2, rest = 1 - x * x - y * y;
    if (rest < 0.5)
        return false;
    double w = sqrt(rest), longitude = 2 * atan2(2 * w * x, 2 * rest - 1);
    z[2] = 2 * w * y;
    double cosine = sqrt(fmax(1 - z[2] * z[2], 0));
    z[0] = cosine * cos(longitude);
    z[1] = cosine * sin(longitude);
    return true;
}

static void choose_times(sheet *s, const cf_density_series *series)
{
    double first = series->of.count > 1 ? series->of.times[1] : 0,
           last = series->of.times[series->of.count - 1];
    for (size_t k = 0; k < SHOWN; k++) {
        double wanted = k == 0 ? 0 : first * pow(last / first, (double)k / (SHOWN - 1));
        double time = series->of.times[cf_nearest_time(series->of.times, series->of.count, wanted)];
        if (s->columns == 0 || time > s->times[s->columns - 1])
            s->times[s->columns++] = time;
    }
}

/* The largest coordinate of the plane with mass to speak of. */
static void widen(sheet *s, const cf_density_series *series)
{
    for (size_t k = 0; k < series->of.count && s->space == CF_SPACE_PLANE; k++)
        for (size_t i = 0; i < series->of.n; i++) {
            double rho = cf_density_at_node(series, k, CF_ALL_CLUSTERS, i);
            if (rho * series->of.weights[i] > 1e-6)
                s->half[0] = fmax(s->half[0], fmax(fabs(series->of.grid[2 * i]),
                                                   fabs(series->of.grid[2 * i + 1])));
        }
    s->half[1] = s->space == CF_SPACE_PLANE ? s->half[0] : sqrt(2);
}

static bool collect(sheet *s)
{
    size_t cursor = 0;
    cf_flow_view flow;
    cf_density_series series;
    cf_latent_view latent;
    cf_space space;
    if (!cf_densities_scale(s->result, CF_SPACE_SPHERE, CF_SPACE_PLANE, s->scale))
        return false;
    while (cf_flow_next(s->result, &cursor, &flow) && s->count < MOST_ROWS) {
        bool density = cf_density_series_of(s->result, &flow, &series);
        if (density) {
            s->space = series.space;
            if (s->columns == 0)
                choose_times(s, &series);
            s->half[0] = s->space == CF_SPACE_SPHERE ? 2 * sqrt(2) : s->half[0];
            widen(s, &series);
        }
        bool points = strcmp(cf_group_text(flow.group, "kind"), "vanilla") == 0 &&
                      cf_flow_latent(&flow, &latent) && cf_points_space(s->result, &latent, &space);
        if (density || points)
            s->rows[s->count++] = flow;
    }
    return s->count > 0;
}

static size_t down(const sheet *s)
{
    return s->space == CF_SPACE_PLANE ? ACROSS : ACROSS / 2;
}

static void write_image(const sheet *s, size_t row, size_t column)
{
    cf_density_series series;
    cf_density_series_of(s->result, &s->rows[row], &series);
    size_t snapshot = cf_nearest_time(series.of.times, series.of.count, s->times[column]);
    double floor = s->scale[0];
    fprintf(s->script, "$map%zu_%zu << EOD\n", row, column);
    for (size_t j = 0; j < down(s); j++)
        for (size_t i = 0; i < ACROSS; i++) {
            double at[2] = {s->half[0] * ((2 * (double)i + 1) / ACROSS - 1),
                            s->half[1] * ((2 * (double)j + 1) / (double)down(s) - 1)};
            double z[3];
            if (unproject(s, at, z))
                fprintf(s->script, "%.5g %.5g %.4g\n", at[0], at[1],
                        fmax(cf_density_at(&series, snapshot, CF_ALL_CLUSTERS, z), floor));
            else
                fprintf(s->script, "%.5g %.5g NaN\n", at[0], at[1]);
        }
    fputs("EOD\n", s->script);
}

static void write_points(const sheet *s, size_t row, size_t column)
{
    cf_latent_view latent;
    size_t clusters;
    cf_flow_latent(&s->rows[row], &latent);
    const long *labels = cf_flow_labels(s->result, &s->rows[row], latent.samples, &clusters);
    size_t snapshot = cf_nearest_time(latent.times, latent.count, s->times[column]);
    size_t n = latent.samples * latent.views;
    fprintf(s->script, "$map%zu_%zu << EOD\n", row, column);
    for (size_t k = 0; k < cf_panel_drawn(n); k++) {
        size_t i = cf_panel_pick(k, n);
        double at[2];
        project(s, latent.points + snapshot * cf_latent_size(&latent) + i * latent.d, at);
        fprintf(s->script, "%.5g %.5g %u\n", at[0], at[1],
                cf_palette_cluster(labels != NULL ? (size_t)labels[i / latent.views] : 0));
    }
    fputs("nan nan 0\nEOD\n", s->script);
}

/* Meridians and parallels 45 degrees apart, and the outline. */
static void write_frame(const sheet *s)
{
    fputs("$frame << EOD\n", s->script);
    for (int line = -4; line <= 4 && s->space == CF_SPACE_SPHERE; line++)
        for (int parallel = 0; parallel < 2; parallel++) {
            for (int k = -60; k <= 60; k++) {
                double fixed = PI / 4 * line, running = k * PI / 60 * (parallel ? 1 : 0.5), out[2];
                double longitude = parallel ? running : fixed;
                double latitude = parallel ? fixed / 2 : running;
                longitude = fmax(fmin(longitude, PI - 1e-9), 1e-9 - PI);
                const double z[3] = {cos(latitude) * cos(longitude), cos(latitude) * sin(longitude),
                                     sin(latitude)};
                project(s, z, out);
                fprintf(s->script, "%.5g %.5g\n", out[0], out[1]);
            }
            fputc('\n', s->script);
        }
    fputs("nan nan\nEOD\n", s->script);
}

static bool is_density(const sheet *s, size_t row)
{
    cf_density_series series;
    return cf_density_series_of(s->result, &s->rows[row], &series);
}

static void write_panel(const sheet *s, size_t row, size_t column)
{
    if (row == 0)
        fprintf(s->script, "set title 't = %.3g' offset 0,-0.7 textcolor '#444444'\n",
                s->times[column]);
    else
        fputs("unset title\n", s->script);
    fputs("unset ylabel\n", s->script);
    if (column == 0) {
        fputs("set ylabel ", s->script);
        cf_gnuplot_quote(s->script, s->rows[row].name);
        fputs(" noenhanced font 'Helvetica:Bold,12' textcolor '#111111'\n", s->script);
    }
    fprintf(s->script, "plot ");
    if (is_density(s, row))
        fprintf(s->script, "$map%zu_%zu using 1:2:3 with image notitle, ", row, column);
    fputs("$frame using 1:2 with lines lw 0.5 lc rgb '#b4bac2' notitle", s->script);
    if (!is_density(s, row))
        fprintf(s->script,
                ", $map%zu_%zu using 1:2:3 with points pt 7 ps 0.22 lc rgb variable notitle", row,
                column);
    fputc('\n', s->script);
}

static void write_axes(const sheet *s)
{
    fprintf(s->script,
            "set minussign\nset datafile missing 'nan'\nunset key\nunset tics\n%s\n"
            "set xrange [%.6g:%.6g]\nset yrange [%.6g:%.6g]\nset size ratio -1\n",
            s->space == CF_SPACE_SPHERE ? "unset border" : "set border 15 lw 0.6 lc rgb '#b4bac2'",
            -1.02 * s->half[0], 1.02 * s->half[0], -1.02 * s->half[1], 1.02 * s->half[1]);
    cf_densities_write_palette(s->script, s->scale);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    sheet s = {.result = subject->result, .script = script};
    if (!collect(&s))
        return false;
    double side = (WIDTH - GUTTER - 85.0) / SHOWN, ratio = s.half[1] / s.half[0];
    figure->width = WIDTH;
    figure->height = ABOVE + (int)((double)s.count * (side * ratio + 8)) + 8;
    double height = figure->height;
    write_frame(&s);
    for (size_t row = 0; row < s.count; row++)
        for (size_t column = 0; column < s.columns; column++)
            if (is_density(&s, row))
                write_image(&s, row, column);
            else
                write_points(&s, row, column);
    write_axes(&s);
    fprintf(script,
            "set colorbox user origin screen 0.927,%.4f size screen 0.012,%.4f\n"
            "set multiplot layout %zu,%d margins screen %.4f,0.915,%.4f,%.4f spacing screen "
            "0.006,%.4f\n",
            0.5 - 50 / height, 100 / height, s.count, SHOWN, (double)GUTTER / WIDTH, 8 / height,
            1 - ABOVE / height, 8 / height);
    for (size_t row = 0; row < s.count; row++)
        for (size_t column = 0; column < SHOWN; column++)
            if (column < s.columns)
                write_panel(&s, row, column);
            else
                fputs("set multiplot next\n", script);
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "%s The density of all points by color, on a logarithmic scale; points of vanilla "
             "flows on particles are colored by cluster.",
             s.space == CF_SPACE_SPHERE
                 ? "The sphere in Hammer's projection, which keeps areas, with e\xe2\x82\x81 in "
                   "the middle and its antipode at both ends; the lines are 45 and 22.5 degrees "
                   "apart."
                 : "The plane.");
    return true;
}

const cf_figure_kind cf_figure_density_map = {"density-map", "Maps of densities", CF_PLACE_WIDE,
                                              draw};
