#define _POSIX_C_SOURCE 200809L
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "contraflow/run/file.h"
#include "figure.h"
#include "gnuplot.h"
#include "html.h"

/* What the table of flows says, in words. */
static void write_crossings(FILE *page, const cf_flow_view *flow, double threshold)
{
    const cf_group *group = flow->group;
    double emergence = cf_group_real(group, "emergence");
    double dissolution = cf_group_real(group, "dissolution");
    double persistence = cf_group_real(group, "persistence");
    double end = cf_group_real(group, "observed_until");
    if (cf_group_record(group, "separation") == NULL)
        fprintf(page,
                "clusters were not observed, the data having no labels; it was followed to "
                "t = %.4g.",
                end);
    else if (isnan(emergence))
        fprintf(page, "the clusters never emerge: the separation stays below %g up to t = %.4g.",
                threshold, end);
    else if (emergence == 0 && isnan(dissolution))
        fprintf(page, "the clusters are there from the start and until the run ends at t = %.4g.",
                end);
    else if (!isnan(dissolution))
        fprintf(page,
                "the clusters emerge at t = %.4g, persist for %.4g, and dissolve at t = %.4g.",
                emergence, persistence, dissolution);
    else
        fprintf(page,
                "the clusters emerge at t = %.4g and have not dissolved when the run ends at "
                "t = %.4g.",
                emergence, end);
}

static void write_findings(FILE *page, const cf_result *result)
{
    double threshold = cf_group_real(cf_result_group(result, "/"), "cluster_threshold");
    size_t cursor = 0;
    cf_flow_view flow;
    fputs("<ul class=\"findings\">\n", page);
    while (cf_flow_next(result, &cursor, &flow)) {
        const char *status = cf_group_text(flow.group, "status");
        const char *message = cf_group_text(flow.group, "message");
        fputs("<li><b>", page);
        cf_html_text(page, flow.name);
        fputs("</b>: ", page);
        write_crossings(page, &flow, threshold);
        if (strcmp(status, "complete") != 0) {
            fputs(" <i>", page);
            cf_html_text(page, status);
            fputs("</i>", page);
            if (message[0] != '\0') {
                fputs(": ", page);
                cf_html_text(page, message);
            }
        }
        fputs("</li>\n", page);
    }
    fputs("</ul>\n", page);
}

static void write_title(FILE *page, const cf_group *root)
{
    const char *title = cf_group_text(root, "title");
    const char *status = cf_group_text(root, "status");
    title = title[0] == '\0' ? "contraflow result" : title;
    cf_html_open(page, title);
    fputs("<h1>", page);
    cf_html_text(page, title);
    fputs("</h1>\n<p class=\"sub\">contraflow ", page);
    cf_html_text(page, cf_group_text(root, "version"));
    fputs(" \xc2\xb7 ", page);
    cf_html_text(page, cf_group_text(root, "finished"));
    if (status[0] != '\0' && strcmp(status, "complete") != 0) {
        fputs(" \xc2\xb7 ", page);
        cf_html_text(page, status);
    }
    fputs("</p>\n", page);
}

static cf_status make_folder(const char *folder, cf_err *err)
{
    struct stat found;
    if (mkdir(folder, 0777) == 0 || (stat(folder, &found) == 0 && S_ISDIR(found.st_mode)))
        return CF_OK;
    return cf_fail(err, CF_EINPUT, "%s: this folder for the figures cannot be made (%s)", folder,
                   strerror(errno));
}

/* What the parts of the page share. */
typedef struct {
    FILE *page;
    const cf_result *result;
    const char *folder; /* NULL without gnuplot */
    bool cairo;
    int figures;
} report;

static void write_figure(report *r, const cf_figure_kind *kind, const cf_figure *figure,
                         const char *svg)
{
    static const char *const places[] = {"top", "wide", "half", "alone"};
    fprintf(r->page, "<figure class=\"%s\">\n", places[kind->place]);
    cf_html_svg(r->page, svg, kind->name);
    fprintf(r->page, "<figcaption><b>Figure %d. %s.</b> ", ++r->figures, kind->title);
    cf_html_text(r->page, figure->caption);
    fputs("</figcaption>\n</figure>\n", r->page);
}

static cf_status write_figures(report *r, cf_place from, cf_place to, cf_err *err)
{
    for (const cf_figure_kind *const *kind = cf_figure_kinds; *kind != NULL; kind++) {
        cf_figure figure = {0};
        char *svg = NULL;
        if (r->folder == NULL || (*kind)->place < from || (*kind)->place > to)
            continue;
        cf_status status =
            cf_figure_write(*kind, r->result, r->folder, r->cairo, &figure, &svg, err);
        if (status != CF_OK)
            return status;
        if (svg != NULL)
            write_figure(r, *kind, &figure, svg);
        free(svg);
    }
    return CF_OK;
}

static void write_provenance(FILE *page, const cf_group *root)
{
    static const char *const names[][2] = {{"command", "command"},
                                           {"version", "contraflow"},
                                           {"git_commit", "commit"},
                                           {"build", "built with"},
                                           {"started", "started"},
                                           {"finished", "finished"},
                                           {"status", "status"},
                                           {"problem_file", "problem file"},
                                           {"problem_hash", "hash of the problem"},
                                           {"input_hashes", "hashes of the input files"}};
    fputs("<h2>Provenance</h2>\n<dl>\n", page);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const char *text = cf_group_text(root, names[k][0]);
        if (text[0] == '\0')
            continue;
        fprintf(page, "<dt>%s</dt><dd>", names[k][1]);
        cf_html_text(page, text);
        fputs("</dd>\n", page);
    }
    fputs("</dl>\n", page);
}

static const char WITHOUT_GNUPLOT[] =
    "<p class=\"note\">The figures are left out, because gnuplot is missing. On Debian, <code>apt "
    "install gnuplot-nox</code> brings it; then run <code>contraflow report</code> again.</p>\n";

static cf_status write_page(report *r, cf_err *err)
{
    const cf_group *root = cf_result_group(r->result, "/");
    write_title(r->page, root);
    fputs(r->folder == NULL ? WITHOUT_GNUPLOT : "", r->page);
    fputs("<div class=\"head\">\n<div>\n", r->page);
    write_findings(r->page, r->result);
    cf_html_table(r->page, r->result, cf_outcome_columns);
    fputs("</div>\n", r->page);
    cf_status status = write_figures(r, CF_PLACE_TOP, CF_PLACE_TOP, err);
    fputs("</div>\n", r->page);
    fputs("<div class=\"figures\">\n", r->page);
    if (status == CF_OK)
        status = write_figures(r, CF_PLACE_WIDE, CF_PLACE_HALF, err);
    fputs("</div>\n<h2>Solver</h2>\n", r->page);
    cf_html_table(r->page, r->result, cf_solver_columns);
    if (status == CF_OK)
        status = write_figures(r, CF_PLACE_SOLVER, CF_PLACE_SOLVER, err);
    fputs("<h2>Problem file</h2>\n<pre>", r->page);
    cf_html_text(r->page, cf_group_text(root, "problem"));
    fputs("</pre>\n", r->page);
    write_provenance(r->page, root);
    cf_html_close(r->page);
    return status;
}

cf_status cf_report_write(const cf_result *result, const char *path, const char *figures,
                          cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    report r = {.result = result};
    cf_status status = cf_file_check_target(path, 0, err);
    if (status == CF_OK && cf_gnuplot_present(&r.cairo)) {
        r.folder = figures;
        status = make_folder(figures, err);
    }
    r.page = status == CF_OK ? open_memstream(&text, &size) : NULL;
    if (r.page == NULL)
        return cf_fail(err, status == CF_OK ? CF_ESYSTEM : status, "%s: memory is short", path);
    status = write_page(&r, err);
    bool failed = ferror(r.page) != 0;
    if ((fclose(r.page) != 0 || failed) && status == CF_OK)
        status = cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    if (status == CF_OK)
        status = cf_file_replace(path, text, size, err);
    free(text);
    return status;
}
