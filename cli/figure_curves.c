/* Loss and separation of all flows against time. */
#include <math.h>
#include <stdio.h>

#include "curves.h"

enum { WIDTH = 520, HEIGHT = 350 };

typedef struct {
    const char *record, *axis, *caption;
    double threshold; /* NaN where there is none */
    const char *range;
} curve_kind;

static bool draw_curves(const cf_result *result, FILE *script, cf_figure *figure,
                        const curve_kind *kind)
{
    if (!cf_curves_exist(result, kind->record))
        return false;
    cf_time_axis axis = cf_time_axis_of(result);
    figure->width = WIDTH;
    figure->height = HEIGHT + cf_curves_legend_height(result, WIDTH);
    cf_curves_write_style(script);
    cf_time_axis_write(script, &axis);
    fprintf(script,
            "set xlabel 'time t' textcolor '#222222'\nset ylabel '%s' textcolor '#222222'\n"
            "set yrange %s\n",
            kind->axis, kind->range);
    cf_curves_write_blocks(script, result, &axis, kind->record, kind->threshold);
    cf_curves_write_events(script, result, &axis, kind->record, kind->threshold);
    fputs("plot ", script);
    if (isfinite(kind->threshold))
        fprintf(script, "%.9g with lines lw 0.8 dt 2 lc rgb '#555555' title 'threshold', \\\n  ",
                kind->threshold);
    cf_curves_write_plots(script, result, kind->record, true);
    fputs(", \\\n  $events using 1:2:3:4 with points pt variable ps 1.0 lc rgb variable notitle\n",
          script);
    snprintf(figure->caption, sizeof figure->caption,
             "%s Triangles mark emergence (\xe2\x96\xb2) and dissolution (\xe2\x96\xbc); dots are "
             "the recorded outputs. Time is logarithmic, with t = 0 at the left end.",
             kind->caption);
    return true;
}

static bool draw_loss(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    const curve_kind kind = {"loss", "loss L", "The loss along each flow.", NAN, "[*:*]"};
    return draw_curves(subject->result, script, figure, &kind);
}

static bool draw_separation(const cf_subject *subject, FILE *script, cf_figure *figure)
{
    double threshold = cf_group_real(cf_result_group(subject->result, "/"), "cluster_threshold");
    const curve_kind kind = {
        "separation", "separation S",
        "The part of the variance of the latent points that lies between the clusters: 1 where "
        "each "
        "cluster is one point, 0 where all have the same mean. The dashed line is the threshold "
        "that defines emergence and dissolution.",
        threshold, "[0:1.03]"};
    return draw_curves(subject->result, script, figure, &kind);
}

const cf_figure_kind cf_figure_loss = {"loss", "Loss", CF_PLACE_HALF, draw_loss};
const cf_figure_kind cf_figure_separation = {"separation", "Separation of the clusters",
                                             CF_PLACE_HALF, draw_separation};
