#include "survival_curves.h"

#include <math.h>

#include "curves.h"
#include "gnuplot.h"
#include "log_ticks.h"

enum { WIDTH = 1000, ABOVE = 30 };

bool cf_survival_extend(cf_survival_panels *panels, const cf_survival *curve)
{
    bool any = false;
    for (size_t j = 0; curve != NULL && j < curve->count; j++)
        if (curve->time[j] > 0) {
            panels->range[0] = fmin(panels->range[0], curve->time[j]);
            panels->range[1] = fmax(panels->range[1], curve->time[j]);
            any = true;
        }
    return any;
}

void cf_survival_round(cf_survival_panels *panels)
{
    panels->range[0] /= 1.15;
    panels->range[1] *= 1.15;
}

void cf_survival_write_curve(FILE *script, const cf_survival_panels *panels,
                             const cf_survival *curve, size_t s, size_t k)
{
    double absent = 1, low = 1, high = 1, left = panels->range[0];
    fprintf(script, "$curve%zu_%zu << EOD\n%.9g 1 1 1\n", s, k, left);
    for (size_t j = 0; j < curve->count; j++) {
        fprintf(script, "%.9g %.9g %.9g %.9g\n", fmax(curve->time[j], left), absent, low, high);
        absent = curve->absent[j];
        low = curve->low[j];
        high = curve->high[j];
        fprintf(script, "%.9g %.9g %.9g %.9g\n", fmax(curve->time[j], left), absent, low, high);
    }
    fprintf(script, "EOD\n$marks%zu_%zu << EOD\nnan nan\n", s, k);
    for (size_t j = 0; j < curve->count; j++)
        if (curve->censored[j] > 0)
            fprintf(script, "%.9g %.9g\n", fmax(curve->time[j], left), curve->absent[j]);
    fputs("EOD\n", script);
}

static size_t columns_of(const cf_survival_panels *panels)
{
    return panels->count == 1 ? 1 : 2;
}

void cf_survival_begin(FILE *script, const cf_survival_panels *panels, cf_figure *figure)
{
    size_t columns = columns_of(panels), rows = (panels->count + columns - 1) / columns;
    figure->width = panels->count == 1 ? WIDTH * 2 / 3 : WIDTH;
    figure->height = ABOVE + (int)rows * panels->row;
    double width = figure->width, height = figure->height;
    cf_curves_write_style(script);
    fprintf(script, "set logscale x\nset xrange [%.9g:%.9g]\nset yrange [0:1.02]\n",
            panels->range[0], panels->range[1]);
    cf_log_ticks_write(script, "x", panels->range);
    fprintf(script,
            "set tics font ',10'\nset multiplot layout %zu,%zu margins screen "
            "%.4f,%.4f,%.4f,%.4f spacing screen %.4f,%.4f\n",
            rows, columns, 58 / width, 1 - panels->beside / width, 46 / height, 1 - ABOVE / height,
            54 / width, 72 / height);
}

static void write_key(FILE *script, const char *title)
{
    if (title == NULL) {
        fputs("unset key\n", script);
        return;
    }
    fputs("set key at graph 1.02,1.03 left top vertical Left reverse font ',10' samplen 1.2 title ",
          script);
    cf_gnuplot_quote(script, title);
    fputs(" noenhanced left\n", script);
}

void cf_survival_begin_panel(FILE *script, const cf_survival_panels *panels, size_t k,
                             const char *name)
{
    size_t columns = columns_of(panels);
    bool left = k % columns == 0, bottom = k + columns >= panels->count;
    fprintf(script, "set ylabel '%s' offset 1.2,0 textcolor '#222222'\n", left ? panels->part : "");
    fprintf(script, "set xlabel '%s' offset 0,0.3 textcolor '#222222'\n",
            bottom ? panels->time : "");
    write_key(script, k == columns - 1 ? panels->key : NULL);
    fputs("set title ", script);
    cf_gnuplot_quote(script, name);
    fputs(" noenhanced offset 0,-0.6 textcolor '#222222'\n", script);
}

void cf_survival_plot_curve(FILE *script, size_t s, size_t k, unsigned color, const char *label)
{
    fprintf(script,
            "$curve%zu_%zu using 1:3:4 with filledcurves lc rgb '#e0%06x' notitle, \\\n  "
            "$curve%zu_%zu using 1:2 with lines lw 1.5 lc rgb '#%06x' title ",
            s, k, color, s, k, color);
    cf_gnuplot_quote(script, label);
    fprintf(script,
            " noenhanced, \\\n  $marks%zu_%zu using 1:2 with points pt 1 ps 0.5 lw 1.2 lc rgb "
            "'#%06x' notitle",
            s, k, color);
}
