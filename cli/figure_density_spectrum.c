/* How much of a density is in the harmonics of each degree, against time (E74). */
#include <math.h>
#include <stdio.h>

#include "curves.h"
#include "gnuplot.h"

enum { WIDTH = 1000, PANEL = 290, COLUMNS = 2, MOST_FLOWS = 6, MOST_LINES = 20 };

static const double LEAST = 1e-14; /* far below what is drawn */

typedef struct {
    cf_flow_view flow;
    const double *times, *spectrum; /* [count], [count*degrees] */
    size_t count, degrees;
} spectrum;

static bool next_spectrum(const cf_result *result, size_t *cursor, spectrum *out)
{
    while (cf_flow_next(result, cursor, &out->flow)) {
        const cf_record *record = cf_group_record(out->flow.group, "spectrum");
        out->times = cf_flow_series(&out->flow, "snapshot_time", &out->count);
        if (record == NULL || out->times == NULL || record->type != CF_VALUE_REAL ||
            record->rank != 2 || record->dims[0] != out->count)
            continue;
        out->spectrum = record->real;
        out->degrees = record->dims[1];
        return true;
    }
    return false;
}

/* 1, 2, 3, 4, 6, 8, 12, 16, ... below the number of degrees. */
static size_t choose_degrees(size_t degrees, size_t chosen[MOST_LINES])
{
    size_t count = 0;
    for (size_t power = 1; power < degrees && count < MOST_LINES; power *= 2) {
        chosen[count++] = power;
        if (power > 1 && power + power / 2 < degrees && count < MOST_LINES)
            chosen[count++] = power + power / 2;
    }
    return count;
}

static void write_blocks(FILE *script, const cf_time_axis *axis, const spectrum *s)
{
    size_t chosen[MOST_LINES], count = choose_degrees(s->degrees, chosen);
    for (size_t k = 0; k < count; k++) {
        fprintf(script, "$mode%zu_%zu << EOD\n", s->flow.index, k);
        for (size_t n = 0; n < s->count; n++) {
            double value = s->spectrum[n * s->degrees + chosen[k]];
            cf_curves_write_point(script, cf_time_axis_place(axis, s->times[n]),
                                  fmax(value, LEAST));
        }
        fputs("EOD\n", script);
    }
}

/* From blue for long waves to yellow for short ones. */
static unsigned color_of(size_t k, size_t count)
{
    static const unsigned colors[] = {0x440154, 0x46327E, 0x365C8D, 0x277F8E,
                                      0x1FA187, 0x4AC16D, 0xA0DA39, 0xD8C21B};
    return colors[count > 1 ? k * 7 / (count - 1) : 0];
}

static void write_panel(FILE *script, const spectrum *s, bool named)
{
    size_t chosen[MOST_LINES], count = choose_degrees(s->degrees, chosen);
    fputs("set title ", script);
    cf_gnuplot_quote(script, s->flow.name);
    fprintf(
        script, " offset 0,-0.6 noenhanced textcolor '#222222'\n%s",
        named
            ? "set key at screen 0.995,0.97 right top vertical maxcols 1 samplen 1.2 spacing 0.85 "
              "font ',10' title 'degree'\n"
            : "unset key\n");
    for (size_t k = 0; k < count; k++)
        fprintf(script, "%s$mode%zu_%zu using 1:2 with lines lw 1.2 lc rgb '#%06x' title '%zu'",
                k > 0 ? ", \\\n  " : "plot ", s->flow.index, k, color_of(k, count), chosen[k]);
    fputc('\n', script);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    size_t cursor = 0, count = 0;
    spectrum all[MOST_FLOWS];
    while (count < MOST_FLOWS && next_spectrum(subject->result, &cursor, &all[count]))
        count++;
    if (count == 0)
        return false;
    cf_time_axis axis = cf_time_axis_of(subject->result);
    size_t columns = count < COLUMNS ? count : COLUMNS, rows = (count + columns - 1) / columns;
    figure->width = WIDTH;
    figure->height = (int)rows * PANEL;
    for (size_t k = 0; k < count; k++)
        write_blocks(script, &axis, &all[k]);
    cf_curves_write_style(script);
    cf_time_axis_write(script, &axis);
    fprintf(script,
            "set tics font ',10'\nset logscale y\nset format y '10^{%%L}'\nset yrange [1e-12:*]\n"
            "set multiplot layout %zu,%zu margins screen 0.075,0.915,%.4f,%.4f spacing screen "
            "0.06,%.4f\n",
            rows, columns, 50. / figure->height, 1 - 30. / figure->height, 66. / figure->height);
    for (size_t k = 0; k < count; k++) {
        if (k + columns >= count)
            fputs("set xlabel 'time t' offset 0,0.4 textcolor '#222222'\n", script);
        fputs(k % columns == 0
                  ? "set ylabel 'norm of the harmonics' offset 1,0 textcolor '#222222'\n"
                  : "unset ylabel\n",
              script);
        write_panel(script, &all[k], k == 0);
    }
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "The norm of the part of the density in the harmonics of each degree, at the "
             "snapshots. Long waves decay at the rates of C7; what is left near the last degree is "
             "not resolved (E74).");
    return true;
}

const cf_figure_kind cf_figure_density_spectrum = {"density-spectrum", "Spectrum of densities",
                                                   CF_PLACE_WIDE, draw};
