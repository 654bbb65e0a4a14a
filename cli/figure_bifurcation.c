/* Configurations over tau: which are stable, where clusters hold, and how fast they part. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "figure.h"
#include "gnuplot.h"
#include "log_ticks.h"
#include "palette.h"
#include "scan_text.h"

enum { WIDTH = 1000, ROW = 30, ABOVE = 34, BELOW = 104, MOST_ROWS = 30, LEAST_HEIGHT = 380 };

static const unsigned STABLE = 0x2A9D8F, SADDLE = 0xF4A261, HOLDING = 0x3A6EA5, PARTING = 0xDFE3E8;

typedef struct {
    const cf_scan *scan;
    double range[2]; /* of tau */
    size_t rows;
    FILE *script;
    int objects;
} plot;

static void write_box(plot *g, double from, double to, double low, double high, unsigned color)
{
    fprintf(g->script,
            "set object %d rectangle from first %.9g,%.9g to first %.9g,%.9g fc rgb '#%06x' "
            "fillstyle solid noborder behind\n",
            ++g->objects, from, low, to, high, color);
}

/* A threshold, with its number at the side where there is room. */
static void write_threshold(const plot *g, double tau, double y, bool left)
{
    fprintf(g->script,
            "set arrow from first %.9g,%.9g to first %.9g,%.9g nohead lw 1.4 lc rgb '#222222' "
            "front\nset label '%.3g' at first %.9g,%.9g %s font ',8' textcolor '#222222' front\n",
            tau, y - 0.42, tau, y + 0.42, tau, tau, y - (left ? 0.23 : 0.13),
            left ? "right offset -0.3,0" : "left offset 0.3,0");
}

/* Above: stable or saddle; below: the part of the vertices at which clusters hold together. */
static void write_row(plot *g, size_t c)
{
    static const double NARROW = 1.6; /* a phase too short for its index */
    double y = (double)(g->rows - c);
    size_t vertices = g->scan->configurations[c].points->vertices;
    cf_phase phase, next;
    for (size_t k = 0; cf_scan_phase(g->scan, c, k, &phase); k++) {
        double part = 0.4 * (double)(vertices - phase.parting) / (double)vertices;
        write_box(g, phase.from, phase.to, y - 0.02, y + 0.4, phase.unstable > 0 ? SADDLE : STABLE);
        if (phase.unstable > 0 && phase.to > NARROW * phase.from)
            fprintf(g->script,
                    "set label '%zu' at first %.9g,%.9g center font ',9' textcolor '#3b2410' "
                    "front\n",
                    phase.unstable, sqrt(phase.from * phase.to), y + 0.19);
        write_box(g, phase.from, phase.to, y - 0.42, y - 0.02, PARTING);
        write_box(g, phase.from, phase.to, y - 0.42, y - 0.42 + part, HOLDING);
        if (k > 0)
            write_threshold(g, phase.from, y, k == 1 || cf_scan_phase(g->scan, c, k + 1, &next));
    }
    fprintf(g->script,
            "set arrow from graph -0.055,first %.9g to graph -0.008,first %.9g nohead lw 1.6 dt %d "
            "lc rgb '#%06x'\n",
            y, y, cf_palette_dash(c), cf_palette_cluster(c));
}

static void write_names(const plot *g)
{
    fputs("set ytics nomirror scale 0 font ',10' (", g->script);
    for (size_t c = 0; c < g->rows; c++) {
        fputs(c > 0 ? ", " : "", g->script);
        cf_gnuplot_quote(g->script, g->scan->configurations[c].name);
        fprintf(g->script, " %zu", g->rows - c);
    }
    fputs(") offset -3.6,0 noenhanced\n", g->script);
}

/* What the colors of the strips mean. */
static void write_legend(const plot *g)
{
    const struct {
        unsigned color;
        const char *meaning;
    } rows[] = {{STABLE, "stable"},
                {SADDLE, "saddle, with its index"},
                {HOLDING, "clusters hold"},
                {PARTING, "clusters part"}};
    const char *gap = "plot ";
    fputs("set key vertical maxrows 1 center bottom at screen 0.43,screen 0.012 Left reverse "
          "width 2 font ',10'\n",
          g->script);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        fprintf(g->script, "%sNaN with boxes fillstyle solid lc rgb '#%06x' title '%s'", gap,
                rows[k].color, rows[k].meaning);
        gap = ", \\\n  ";
    }
    fputc('\n', g->script);
}

static void write_strips(plot *g)
{
    fprintf(g->script,
            "set title 'stability' offset 0,-0.6 textcolor '#222222'\nset logscale x\nset xrange "
            "[%.9g:%.9g]\nset yrange [0.4:%.9g]\nset xlabel '\xcf\x84' offset 0,0.4\nunset key\n"
            "unset grid\n",
            g->range[0], g->range[1], (double)g->rows + 0.6);
    cf_log_ticks_write(g->script, "x", g->range);
    write_names(g);
    for (size_t c = 0; c < g->rows; c++)
        write_row(g, c);
    write_legend(g);
    fprintf(g->script, "unset key\nunset object\nunset label\nunset arrow\nset ytics autofreq "
                       "offset 0,0 enhanced\n");
}

/* The time in which clusters part by a factor e, where they part most slowly. */
static size_t write_times(const plot *g, double range[2])
{
    size_t curves = 0;
    range[0] = INFINITY;
    range[1] = 0;
    for (size_t c = 0; c < g->rows; c++) {
        fprintf(g->script, "$time%zu << EOD\n", c);
        for (size_t k = 0; k < g->scan->tau_count; k++) {
            const cf_scan_state *s = &g->scan->states[c * g->scan->tau_count + k];
            double time = -1 / s->split[0];
            bool known = s->split[0] < -s->split_bound && time < 1e6;
            if (known) {
                range[0] = fmin(range[0], time);
                range[1] = fmax(range[1], time);
            }
            cf_curves_write_point(g->script, s->tau, known ? time : NAN);
        }
        fputs("EOD\n", g->script);
        curves++;
    }
    return range[1] > 0 ? curves : 0;
}

static void write_rates(plot *g)
{
    double range[2];
    size_t curves = write_times(g, range);
    const char *gap = "plot ";
    range[0] = pow(10, floor(log10(range[0])));
    range[1] = pow(10, ceil(log10(range[1])));
    if (curves == 0)
        return;
    fprintf(g->script,
            "set title 'time in which clusters part by a factor e' offset 0,-0.6 textcolor "
            "'#222222'\nset logscale y\nset yrange [%.9g:%.9g]\nset grid xtics ytics\n",
            range[0], range[1]);
    cf_log_ticks_write(g->script, "y", range);
    for (size_t c = 0; c < g->rows; c++) {
        fprintf(g->script, "%s$time%zu using 1:2 with lines lw 1.6 dt %d lc rgb '#%06x' title ",
                gap, c, cf_palette_dash(c), cf_palette_cluster(c));
        cf_gnuplot_quote(g->script, g->scan->configurations[c].name);
        fputs(" noenhanced", g->script);
        gap = ", \\\n  ";
    }
    fputc('\n', g->script);
}

static void write_caption(const plot *g, char *caption, size_t size)
{
    snprintf(caption, size,
             "Configurations over the temperature. Left: in each strip above, stable (green) or a "
             "saddle (orange, with its index), rotations apart (E90); below, the part of the "
             "vertices at which clusters of particles hold together (blue) (E92). Lines are "
             "thresholds. Right: 1/|\xce\xbb| of the vertex at which clusters part fastest, in the "
             "colors of the names%s.",
             g->rows < g->scan->count ? "; the first configurations only" : "");
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    plot g = {.scan = subject->scan, .script = script};
    if (g.scan == NULL || g.scan->tau_count < 3)
        return false;
    g.rows = g.scan->count < MOST_ROWS ? g.scan->count : MOST_ROWS;
    g.range[0] = g.scan->states[0].tau;
    g.range[1] = g.scan->states[g.scan->tau_count - 1].tau;
    int height = ROW * (int)g.rows + ABOVE + BELOW;
    figure->width = WIDTH;
    figure->height = height > LEAST_HEIGHT ? height : LEAST_HEIGHT;
    cf_curves_write_style(script);
    fprintf(script,
            "set border 1 lw 0.8 lc rgb '#555555'\nset multiplot\nset bmargin at screen %.4f\nset "
            "tmargin at screen %.4f\nset lmargin at screen 0.245\nset rmargin at screen 0.59\n",
            80. / figure->height, 1 - 30. / figure->height);
    write_strips(&g);
    fputs("set border 3\nset lmargin at screen 0.655\nset rmargin at screen 0.985\n", script);
    write_rates(&g);
    fputs("unset multiplot\n", script);
    write_caption(&g, figure->caption, sizeof figure->caption);
    return true;
}

const cf_figure_kind cf_figure_bifurcation = {"bifurcation", "Stability against temperature",
                                              CF_PLACE_WIDE, draw};
