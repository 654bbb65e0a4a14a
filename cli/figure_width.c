#define _POSIX_C_SOURCE 200809L
/* Errors of finite networks against their width, with the fitted power laws (E53). */
#include <math.h>
#include <stdio.h>

#include "comparison.h"
#include "curves.h"
#include "figure.h"
#include "flow_style.h"
#include "gnuplot.h"
#include "log_ticks.h"

enum { WIDTH = 1000, ROW = 290, ABOVE = 8, UPRIGHT = 7 /* widths whose names fit side by side */ };

/* Ranges of one panel. */
typedef struct {
    double x[2], y[2];
} panel_range;

static void extend(double range[2], double value)
{
    if (value > 0 && isfinite(value)) {
        range[0] = fmin(range[0], value);
        range[1] = fmax(range[1], value);
    }
}

static panel_range measure(const cf_comparison *comparison, cf_compared quantity)
{
    panel_range range = {{INFINITY, 0}, {INFINITY, 0}};
    for (size_t f = 0; f < comparison->family_count; f++)
        for (size_t w = 0; w < comparison->families[f].count; w++) {
            const cf_width_comparison *width = &comparison->families[f].widths[w];
            extend(range.x, (double)width->width);
            extend(range.y, width->means[quantity].value);
            for (size_t s = 0; s < width->count; s++)
                extend(range.y, width->seeds[s]->values[quantity]);
        }
    double margin = pow(range.x[1] / range.x[0], 0.08);
    range.x[0] /= fmax(margin, 1.1);
    range.x[1] *= fmax(margin, 1.1);
    range.y[0] /= 1.3;
    range.y[1] *= pow(range.y[1] / range.y[0], 0.25); /* room for the legend */
    return range;
}

static void write_width_ticks(FILE *script, const cf_comparison *comparison)
{
    const char *gap = "";
    size_t most = 0;
    for (size_t f = 0; f < comparison->family_count; f++)
        most = comparison->families[f].count > most ? comparison->families[f].count : most;
    fprintf(script, "set xtics nomirror out scale 0.6,0.3 %s (",
            most > UPRIGHT ? "rotate by -45" : "norotate");
    for (size_t f = 0; f < comparison->family_count; f++)
        for (size_t w = 0; w < comparison->families[f].count; w++) {
            long width = comparison->families[f].widths[w].width;
            fprintf(script, "%s'%ld' %ld", gap, width, width);
            gap = ", ";
        }
    fputs(")\n", script);
}

/* Means with their standard errors, and every seed, of each family. */
static void write_blocks(FILE *script, const cf_comparison *comparison, cf_compared quantity)
{
    for (size_t f = 0; f < comparison->family_count; f++) {
        const cf_family_comparison *family = &comparison->families[f];
        fprintf(script, "$mean%d_%zu << EOD\nnan nan nan nan\n", (int)quantity, f);
        for (size_t w = 0; w < family->count; w++) {
            const cf_mean *mean = &family->widths[w].means[quantity];
            double error = isnan(mean->error) ? 0 : mean->error;
            if (mean->value > 0)
                fprintf(script, "%ld %.9g %.9g %.9g\n", family->widths[w].width, mean->value,
                        fmax(mean->value - error, 1e-3 * mean->value), mean->value + error);
        }
        fprintf(script, "EOD\n$seeds%d_%zu << EOD\nnan nan\n", (int)quantity, f);
        for (size_t w = 0; w < family->count; w++)
            for (size_t s = 0; s < family->widths[w].count; s++)
                if (family->widths[w].seeds[s]->values[quantity] > 0)
                    fprintf(script, "%ld %.9g\n", family->widths[w].width,
                            family->widths[w].seeds[s]->values[quantity]);
        fputs("EOD\n", script);
    }
}

/* With a minus sign that is as wide as a plus. */
static void write_signed(FILE *text, double value)
{
    fprintf(text, "%s%.2f", value < 0 ? "\xe2\x88\x92" : "", fabs(value));
}

static void write_slope(FILE *text, const cf_power_law *law)
{
    fputs("slope ", text);
    write_signed(text, law->slope);
    if (isnan(law->low))
        return;
    fputs(" [", text);
    write_signed(text, law->low);
    fputs(", ", text);
    write_signed(text, law->high);
    fputc(']', text);
}

/* "slope -0.47 [-0.56, -0.38]", after the name of the family where there are several. */
static void write_title(FILE *script, const cf_comparison *comparison, size_t f,
                        cf_compared quantity)
{
    char title[256] = "";
    const cf_power_law *law = &comparison->families[f].laws[quantity];
    bool several = comparison->family_count > 1;
    FILE *text = fmemopen(title, sizeof title, "w");
    if (text == NULL)
        return;
    if (several)
        fprintf(text, "%.60s%s", comparison->families[f].name, isnan(law->slope) ? "" : ": ");
    if (!isnan(law->slope))
        write_slope(text, law);
    else if (!several)
        fputs("mean over seeds", text);
    fclose(text);
    fputs("title ", script);
    cf_gnuplot_quote(script, title);
    fputs(" noenhanced", script);
}

/* N^-1/2 below the first mean. */
static void write_guide(FILE *script, const cf_comparison *comparison, cf_compared quantity)
{
    for (size_t f = 0; f < comparison->family_count; f++) {
        const cf_family_comparison *family = &comparison->families[f];
        for (size_t w = 0; w < family->count; w++) {
            double mean = family->widths[w].means[quantity].value;
            if (!(mean > 0))
                continue;
            fprintf(script,
                    "plot %.9g * (x/%ld)**(-0.5) with lines lw 1 dt 2 lc rgb '#777777' title "
                    "'N^{\xe2\x88\x92"
                    "1/2}'",
                    0.62 * mean, family->widths[w].width);
            return;
        }
    }
}

static void write_panel(FILE *script, const cf_comparison *comparison, cf_compared quantity)
{
    panel_range range = measure(comparison, quantity);
    fprintf(script,
            "set title '%s' offset 0,-0.6 textcolor '#222222'\nset xrange [%.9g:%.9g]\n"
            "set yrange [%.9g:%.9g]\n",
            cf_compared_kinds[quantity].title, range.x[0], range.x[1], range.y[0], range.y[1]);
    cf_log_ticks_write(script, "y", range.y);
    write_guide(script, comparison, quantity);
    for (size_t f = 0; f < comparison->family_count; f++) {
        unsigned color = cf_family_color(f);
        const cf_power_law *law = &comparison->families[f].laws[quantity];
        fprintf(script,
                ", \\\n  $seeds%d_%zu using 1:2 with points pt 7 ps 0.25 lc rgb '#99%06x' notitle, "
                "\\\n  $mean%d_%zu using 1:2:3:4 with yerrorbars pt 7 ps 0.6 lw 1.4 lc rgb "
                "'#%06x' ",
                (int)quantity, f, color, (int)quantity, f, color);
        write_title(script, comparison, f, quantity);
        if (!isnan(law->slope))
            fprintf(script, ", \\\n  %.9g * x**(%.9g) with lines lw 1.4 lc rgb '#%06x' notitle",
                    law->factor, law->slope, color);
    }
    fputc('\n', script);
}

/* Quantities that some family has at two widths at least. */
static size_t choose(const cf_comparison *comparison, cf_compared chosen[CF_COMPARED_COUNT])
{
    size_t count = 0;
    for (size_t q = 0; q < CF_COMPARED_COUNT; q++) {
        size_t most = 0;
        for (size_t f = 0; f < comparison->family_count; f++) {
            size_t widths = 0;
            for (size_t w = 0; w < comparison->families[f].count; w++)
                widths += comparison->families[f].widths[w].means[q].value > 0;
            most = widths > most ? widths : most;
        }
        if (most > 1)
            chosen[count++] = (cf_compared)q;
    }
    return count;
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_comparison *comparison = subject->comparison;
    cf_compared chosen[CF_COMPARED_COUNT];
    size_t count = comparison == NULL ? 0 : choose(comparison, chosen);
    if (count == 0)
        return false;
    size_t columns = count == 2 || count == 4 ? 2 : 3, rows = (count + columns - 1) / columns;
    figure->width = WIDTH;
    figure->height = ABOVE + (int)rows * ROW;
    double height = figure->height;
    for (size_t k = 0; k < count; k++)
        write_blocks(script, comparison, chosen[k]);
    cf_curves_write_style(script);
    write_width_ticks(script, comparison);
    fprintf(script,
            "set logscale xy\nset tics font ',10'\nset key inside top right vertical Right "
            "noreverse font ',10' samplen 1.6\nset multiplot layout %zu,%zu margins screen "
            "0.06,0.99,%.4f,%.4f spacing screen 0.07,%.4f\n",
            rows, columns, 52 / height, 1 - (ABOVE + 26) / height, 78 / height);
    for (size_t k = 0; k < count; k++) {
        fputs(k + columns >= count ? "set xlabel 'width N' offset 0,0.2 textcolor '#222222'\n" : "",
              script);
        write_panel(script, comparison, chosen[k]);
    }
    fputs("unset multiplot\n", script);
    snprintf(figure->caption, sizeof figure->caption,
             "Networks of width N against %s: dots are seeds, circles their means with standard "
             "errors, lines the fitted power laws, with 95%% intervals of the slope by the "
             "jackknife over seeds. What moves is fitted where the mean distance is below %g, and "
             "to at least %d widths (E53).",
             comparison->reference != NULL ? comparison->reference : "their limits",
             CF_COMPARED_LIMIT, CF_COMPARED_FEWEST);
    return true;
}

const cf_figure_kind cf_figure_width = {"width", "Errors against width", CF_PLACE_BELOW, draw};
