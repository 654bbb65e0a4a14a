/* The distance of every flow from the reference, against time. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "curves.h"
#include "flow_style.h"

enum { WIDTH = 520, HEIGHT = 350 };

#define LEAST 1e-13 /* below is rounding, for which a logarithm has too much room */

/* Returns how many points there are. */
static size_t write_block(FILE *script, const cf_flow_comparison *flow, const cf_time_axis *axis)
{
    size_t written = 0;
    fprintf(script, "$distance%zu << EOD\n", flow->flow.index);
    for (size_t k = 0; k < flow->distance.count; k++)
        if (flow->distance.value[k] > LEAST) {
            cf_curves_write_point(script, cf_time_axis_place(axis, flow->distance.time[k]),
                                  flow->distance.value[k]);
            written++;
        }
    fprintf(script, "%sEOD\n", written == 0 ? "nan nan\n" : "");
    return written;
}

static void write_plots(FILE *script, const cf_subject *subject)
{
    const char *gap = "plot ";
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < subject->comparison->count; k++) {
            const cf_flow_comparison *flow = &subject->comparison->flows[k];
            if ((flow->family[0] != '\0') != (pass == 0) || !(flow->distance.sup > LEAST))
                continue;
            cf_flow_style style = cf_flow_style_of(subject->result, &flow->flow);
            fprintf(script, "%s$distance%zu using 1:2 ", gap, flow->flow.index);
            cf_flow_style_write(script, &style, true);
            gap = ", \\\n  ";
        }
    fputc('\n', script);
}

static bool draw(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const cf_comparison *comparison = subject->comparison;
    cf_time_axis axis = cf_time_axis_of(subject->result);
    size_t written = 0;
    for (size_t k = 0; comparison != NULL && k < comparison->count; k++)
        written += write_block(script, &comparison->flows[k], &axis);
    if (written == 0)
        return false;
    figure->width = WIDTH;
    figure->height = HEIGHT;
    cf_curves_write_style(script);
    cf_time_axis_write(script, &axis);
    fputs("set logscale y\nset format y '10^{%L}'\nset xlabel 'time t' textcolor '#222222'\n"
          "set ylabel 'distance e(t)' textcolor '#222222'\n",
          script);
    write_plots(script, subject);
    snprintf(figure->caption, sizeof figure->caption,
             "Root mean square distance of the latent points from those of %s (E50), at the "
             "snapshots that both have. Time is logarithmic, with t = 0 at the left end; "
             "distances of rounding are left out.",
             comparison->reference != NULL ? comparison->reference
                                           : "the limit of each network, and of the other flows "
                                             "from the first neural flow");
    return true;
}

const cf_figure_kind cf_figure_distance = {"distance", "Distance along the flow", CF_PLACE_BESIDE,
                                           draw};
