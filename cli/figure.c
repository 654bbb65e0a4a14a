#include "figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/solver/memory.h"
#include "gnuplot.h"
#include "palette.h"

const cf_figure_kind *const cf_figure_kinds[] = {
    &cf_figure_data,         &cf_figure_snapshots,
    &cf_figure_density_time, &cf_figure_density,
    &cf_figure_density_map,  &cf_figure_density_spectrum,
    &cf_figure_loss,         &cf_figure_separation,
    &cf_figure_width,        &cf_figure_distance,
    &cf_figure_transport,    &cf_figure_observers,
    &cf_figure_energy,       NULL};

enum { SCALE = 2 }; /* PNG pixels per SVG pixel */

static char *file_name(const char *folder, const char *name, const char *suffix, cf_err *err)
{
    size_t size = strlen(folder) + strlen(name) + strlen(suffix) + 4;
    char *path = cf_allocate("path", size, 1, err);
    if (path != NULL) /* a leading | would be a pipe to gnuplot */
        snprintf(path, size, "%s%s/%s%s", folder[0] == '/' ? "" : "./", folder, name, suffix);
    return path;
}

static void write_terminal(FILE *script, const cf_figure *figure, const char *kind,
                           const char *path)
{
    bool cairo = strcmp(kind, "pngcairo") == 0;
    int scale = strcmp(kind, "svg") == 0 ? 1 : SCALE;
    fprintf(script,
            "reset session\nset encoding utf8\nset terminal %s size %d,%d %s "
            "font 'Helvetica,%d' background '#ffffff'\n",
            kind, scale * figure->width, scale * figure->height,
            scale == 1 ? "dynamic linewidth 1"
            : cairo    ? "fontscale 1.5 linewidth 2 pointscale 2"
                       : "",
            scale == 1 || cairo ? 12 : 20);
    fputs("set output ", script);
    cf_gnuplot_quote(script, path);
    fputc('\n', script);
}

static cf_status write_script(cf_script *script, const cf_script *body, const cf_figure *figure,
                              char *const path[2], bool cairo)
{
    const char *kinds[] = {"svg", cairo ? "pngcairo" : "png"};
    for (int k = 0; k < 2; k++) {
        write_terminal(script->stream, figure, kinds[k], path[k]);
        fwrite(body->text, 1, body->size, script->stream);
        fputs("\nset output\n", script->stream);
    }
    return CF_OK;
}

/* gnuplot is silent about a full disk: what it wrote must be whole. */
static cf_status check_files(char *const path[2], char **svg, cf_err *err)
{
    static const char end_of_svg[] = "</svg>", end_of_png[] = "IEND";
    char *png = NULL;
    size_t size = 0;
    cf_status status = cf_file_read(path[0], svg, &size, err);
    if (status == CF_OK && strstr(*svg, end_of_svg) == NULL)
        status = cf_fail(err, CF_ESYSTEM, "%s: is incomplete; is the disk full?", path[0]);
    if (status == CF_OK)
        status = cf_file_read(path[1], &png, &size, err);
    if (status == CF_OK && (size < 12 || memcmp(png + size - 8, end_of_png, 4) != 0))
        status = cf_fail(err, CF_ESYSTEM, "%s: is incomplete; is the disk full?", path[1]);
    free(png);
    if (status != CF_OK) {
        free(*svg);
        *svg = NULL;
    }
    return status;
}

cf_status cf_figure_write(const cf_figure_kind *kind, const cf_subject *subject, const char *folder,
                          bool cairo, cf_figure *figure, char **svg, cf_err *err)
{
    cf_script body = {0}, script = {0};
    char *path[2] = {file_name(folder, kind->name, ".svg", err),
                     file_name(folder, kind->name, ".png", err)};
    *svg = NULL;
    cf_status status = path[0] == NULL || path[1] == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = cf_script_open(&body, err);
    if (status != CF_OK || !kind->draw(subject, body.stream, figure))
        goto done;
    if (fflush(body.stream) != 0)
        status = cf_fail(err, CF_ESYSTEM, "figure %s: memory is short", kind->name);
    if (status == CF_OK)
        status = cf_script_open(&script, err);
    if (status == CF_OK)
        status = write_script(&script, &body, figure, path, cairo);
    if (status == CF_OK)
        status = cf_gnuplot_run(&script, err);
    if (status == CF_OK)
        status = check_files(path, svg, err);
    if (status != CF_OK)
        cf_err_prepend(err, "figure %s: ", kind->name);
done:
    cf_script_free(&body);
    cf_script_free(&script);
    free(path[0]);
    free(path[1]);
    return status;
}

static const long *labels_of(const cf_group *group, const char *name, size_t n, size_t *clusters)
{
    const cf_record *labels = group == NULL ? NULL : cf_group_record(group, name);
    *clusters = 1;
    if (labels == NULL || labels->type != CF_VALUE_INTEGER || cf_record_count(labels) != n)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (labels->integer[i] < 0)
            return NULL;
    for (size_t i = 0; i < n; i++)
        if ((size_t)labels->integer[i] >= *clusters)
            *clusters = (size_t)labels->integer[i] + 1;
    return labels->integer;
}

const long *cf_result_labels(const cf_result *result, size_t n, size_t *clusters)
{
    return labels_of(cf_result_group(result, "/data"), "labels", n, clusters);
}

const long *cf_result_probe_labels(const cf_result *result, size_t n, size_t *clusters)
{
    return labels_of(cf_result_group(result, "/data"), "probe_labels", n, clusters);
}

const long *cf_flow_labels(const cf_result *result, const cf_flow_view *flow, size_t n,
                           size_t *clusters)
{
    const long *own = labels_of(flow->group, "labels", n, clusters);
    return own != NULL ? own : cf_result_labels(result, n, clusters);
}

void cf_plot_pixels(FILE *script, const cf_figure *figure)
{
    fprintf(script,
            "set margins 0,0,0,0\nunset border\nunset tics\nunset key\n"
            "set xrange [0:%d]\nset yrange [0:%d]\n",
            figure->width, figure->height);
}

void cf_plot_text(FILE *script, const char *text, double x, double y, const char *options)
{
    fputs("set label ", script);
    cf_gnuplot_quote(script, text);
    fprintf(script, " at %.2f,%.2f noenhanced %s\n", x, y, options);
}

void cf_plot_clusters(FILE *script, size_t clusters, double x, double y, double width)
{
    enum { MOST_SHOWN = 16, STEP = 34, TITLE = 56 };
    size_t room = (size_t)((width - TITLE) / STEP);
    size_t most = room < MOST_SHOWN ? room : MOST_SHOWN, shown = clusters < most ? clusters : most;
    double left = x - STEP * (double)shown / 2 + 20;
    if (clusters < 2 || shown == 0)
        return;
    cf_plot_text(script, "cluster", left - 10, y, "right textcolor '#444444'");
    for (size_t k = 0; k < shown; k++) {
        char text[32], options[128];
        snprintf(text, sizeof text, k + 1 == shown && shown < clusters ? "%zu ..." : "%zu", k);
        snprintf(options, sizeof options, "point pt %d ps 0.7 lc rgb '#%06x'", cf_palette_marker(k),
                 cf_palette_cluster(k));
        cf_plot_text(script, "", left + STEP * (double)k, y, options);
        cf_plot_text(script, text, left + STEP * (double)k + 8, y, "left textcolor '#444444'");
    }
}

double cf_plot_step(double length)
{
    double power = pow(10, floor(log10(length))), part = length / power;
    return power * (part >= 5 ? 5 : part >= 2 ? 2 : 1);
}

void cf_plot_blocks(FILE *script, bool hidden)
{
    fputs("plot $frame using 1:2:3 with lines lw 0.8 lc rgb variable notitle", script);
    if (hidden)
        fputs(", \\\n  $hidden using 1:2:(0.58 * $3):4:($5 + 0x70000000) with points ps variable "
              "pt variable "
              "lc rgb variable notitle",
              script);
    fputs(", \\\n  $points using 1:2:3:4:5 with points ps variable pt variable lc rgb variable "
          "notitle\n",
          script);
}
