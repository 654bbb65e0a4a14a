/* The distances of every flow from the reference, against time: point by point, and between the
 * latent measures. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "flow_style.h"

enum { WIDTH = 520, HEIGHT = 350 };

#define LEAST 1e-13 /* below is rounding, for which a logarithm has too much room */

typedef const cf_course *chooser(const cf_flow_comparison *flow);

static const cf_course *distance_of(const cf_flow_comparison *flow)
{
    return &flow->distance;
}

static const cf_course *transport_of(const cf_flow_comparison *flow)
{
    return &flow->transport;
}

/* Returns how many points there are. */
static size_t write_block(FILE *script, const cf_flow_comparison *flow, chooser *choose,
                          const cf_time_axis *axis)
{
    const cf_course *course = choose(flow);
    size_t written = 0;
    fprintf(script, "$distance%zu << EOD\n", flow->flow.index);
    for (size_t k = 0; k < course->count; k++)
        if (course->value[k] > LEAST) {
            cf_curves_write_point(script, cf_time_axis_place(axis, course->time[k]),
                                  course->value[k]);
            written++;
        }
    fprintf(script, "%sEOD\n", written == 0 ? "nan nan\n" : "");
    return written;
}

static void write_plots(FILE *script, const cf_subject *subject, chooser *choose)
{
    const char *gap = "plot ";
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < subject->comparison->count; k++) {
            const cf_flow_comparison *flow = &subject->comparison->flows[k];
            if ((flow->family[0] != '\0') != (pass == 0) || !(choose(flow)->sup > LEAST))
                continue;
            cf_flow_style style = cf_flow_style_of(subject->result, &flow->flow);
            fprintf(script, "%s$distance%zu using 1:2 ", gap, flow->flow.index);
            cf_flow_style_write(script, &style, true);
            gap = ", \\\n  ";
        }
    fputc('\n', script);
}

/* False where there is nothing to show. */
static bool draw_courses(const cf_subject *subject, chooser *choose, const char *label,
                         FILE *script, cf_figure *figure)
{
    const cf_comparison *comparison = subject->comparison;
    cf_time_axis axis = cf_time_axis_of(subject->result);
    size_t written = 0;
    for (size_t k = 0; comparison != NULL && k < comparison->count; k++)
        written += write_block(script, &comparison->flows[k], choose, &axis);
    if (written == 0)
        return false;
    figure->width = WIDTH;
    figure->height = HEIGHT + cf_curves_legend_height(subject->result, WIDTH);
    cf_curves_write_style(script);
    cf_time_axis_write(script, &axis);
    fprintf(script,
            "set logscale y\nset format y '10^{%%L}'\nset xlabel 'time t' textcolor '#222222'\n"
            "set ylabel '%s' textcolor '#222222'\n",
            label);
    write_plots(script, subject, choose);
    return true;
}

static const char *reference_name(const cf_comparison *comparison)
{
    return comparison->reference != NULL
               ? comparison->reference
               : "the limit of each network, and of the other flows from the first neural flow";
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    if (!draw_courses(subject, distance_of, "distance e(t)", script, figure))
        return false;
    snprintf(figure->caption, sizeof figure->caption,
             "Root mean square distance of the latent points from those of %s (E50), at the "
             "snapshots that both have. Time is logarithmic, with t = 0 at the left end; "
             "distances of rounding are left out.",
             reference_name(subject->comparison));
    return true;
}

/* Where some flow has other points than its reference. */
static bool draw_transport(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_comparison *comparison = subject->comparison;
    bool others = false;
    for (size_t k = 0; comparison != NULL && k < comparison->count; k++)
        others = others || !comparison->flows[k].paired;
    if (!others || !draw_courses(subject, transport_of, "transport distance", script, figure))
        return false;
    snprintf(figure->caption, sizeof figure->caption,
             "Transport distance of the latent measure from that of %s: W1 along the circle or the "
             "line, sliced W2 elsewhere (E27-E29). It does not know which point is which, and so "
             "compares samples with fields and densities.",
             reference_name(comparison));
    return true;
}

const cf_figure_kind cf_figure_distance = {"distance", "Distance along the flow", CF_PLACE_BESIDE,
                                           draw};
const cf_figure_kind cf_figure_transport = {"transport", "Distance of measures", CF_PLACE_BESIDE,
                                            draw_transport};
