#define _POSIX_C_SOURCE 200809L
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "columns.h"
#include "contraflow/run/file.h"
#include "figure.h"
#include "gnuplot.h"
#include "html.h"
#include "report_parts.h"

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
    const cf_subject *subject;
    const char *folder; /* NULL without gnuplot */
    bool cairo;
    int figures;
} report;

static void write_figure(report *r, const cf_figure_kind *kind, const cf_figure *figure,
                         const char *svg)
{
    static const char *const places[] = {"top", "wide", "half", "half", "wide", "alone"};
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
            cf_figure_write(*kind, r->subject, r->folder, r->cairo, &figure, &svg, err);
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

static cf_status write_table(report *r, const cf_column *columns, cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = cf_flow_table(r->subject->result, columns, true, &table, err);
    if (status == CF_OK)
        cf_html_table(r->page, &table);
    cf_table_release(&table);
    return status;
}

static cf_status write_comparison(report *r, cf_err *err)
{
    const cf_comparison *comparison = r->subject->comparison;
    fputs("<h2>Distance from ", r->page);
    cf_html_text(r->page, comparison->reference != NULL ? comparison->reference : "the limits");
    fputs("</h2>\n<div class=\"figures\">\n", r->page);
    cf_status status = write_figures(r, CF_PLACE_BESIDE, CF_PLACE_BESIDE, err);
    fputs("<div>\n", r->page);
    cf_report_write_laws(r->page, comparison);
    fputs("</div>\n", r->page);
    if (status == CF_OK)
        status = write_figures(r, CF_PLACE_BELOW, CF_PLACE_BELOW, err);
    fputs("</div>\n", r->page);
    return status == CF_OK ? cf_report_write_distances(r->page, comparison, err) : status;
}

static const char WITHOUT_GNUPLOT[] =
    "<p class=\"note\">The figures are left out, because gnuplot is missing. On Debian, <code>apt "
    "install gnuplot-nox</code> brings it; then run <code>contraflow report</code> again.</p>\n";

static cf_status write_page(report *r, cf_err *err)
{
    const cf_group *root = cf_result_group(r->subject->result, "/");
    write_title(r->page, root);
    fputs(r->folder == NULL ? WITHOUT_GNUPLOT : "", r->page);
    fputs("<div class=\"head\">\n<div>\n", r->page);
    cf_report_write_findings(r->page, r->subject->result);
    cf_status status = write_table(r, cf_outcome_columns, err);
    fputs("</div>\n", r->page);
    if (status == CF_OK)
        status = write_figures(r, CF_PLACE_TOP, CF_PLACE_TOP, err);
    fputs("</div>\n", r->page);
    fputs("<div class=\"figures\">\n", r->page);
    if (status == CF_OK)
        status = write_figures(r, CF_PLACE_WIDE, CF_PLACE_HALF, err);
    fputs("</div>\n", r->page);
    if (status == CF_OK && r->subject->comparison != NULL)
        status = write_comparison(r, err);
    fputs("<h2>Solver</h2>\n", r->page);
    if (status == CF_OK)
        status = write_table(r, cf_solver_columns, err);
    if (status == CF_OK)
        status = write_figures(r, CF_PLACE_SOLVER, CF_PLACE_SOLVER, err);
    fputs("<h2>Problem file</h2>\n<pre>", r->page);
    cf_html_text(r->page, cf_group_text(root, "problem"));
    fputs("</pre>\n", r->page);
    write_provenance(r->page, root);
    cf_html_close(r->page);
    return status;
}

cf_status cf_report_write(const cf_subject *subject, const char *path, const char *figures,
                          cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    report r = {.subject = subject};
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
