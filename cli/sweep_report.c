#define _POSIX_C_SOURCE 200809L
#include "sweep_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arguments.h"
#include "cluster_text.h"
#include "contraflow/run/file.h"
#include "figure.h"
#include "gnuplot.h"
#include "html.h"
#include "sweep_text.h"

const cf_figure_kind *const cf_sweep_figure_kinds[] = {
    &cf_figure_law, &cf_figure_map, &cf_figure_survival, &cf_figure_clusters, NULL};

bool cf_is_sweep(const cf_result *result)
{
    return strcmp(cf_group_text(cf_result_group(result, "/"), "kind"), "sweep") == 0;
}

/* --- text into memory, and into a file --- */

typedef struct {
    const cf_subject *subject;
    const char *folder; /* of the figures */
} request;

typedef cf_status (*writer)(const request *r, FILE *stream, cf_err *err);

static cf_status write_file(const request *r, writer write, const char *path, cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    cf_status status = write(r, stream, err);
    bool failed = ferror(stream) != 0;
    failed = fclose(stream) != 0 || failed;
    if (status == CF_OK && failed)
        status = cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    if (status == CF_OK)
        status = cf_file_replace(path, text, size, err);
    free(text);
    return status;
}

static cf_status write_points(const request *r, FILE *stream, cf_err *err)
{
    (void)err;
    cf_sweep_points_csv(r->subject->persistence, stream);
    return CF_OK;
}

static cf_status write_laws(const request *r, FILE *stream, cf_err *err)
{
    (void)err;
    cf_sweep_laws_csv(r->subject->persistence, stream);
    return CF_OK;
}

static cf_status write_clusters(const request *r, FILE *stream, cf_err *err)
{
    (void)err;
    cf_clusters_csv(r->subject, stream);
    return CF_OK;
}

/* --- the page --- */

static cf_status write_figures(const request *r, bool cairo, FILE *page, cf_err *err)
{
    int number = 0;
    if (mkdir(r->folder, 0777) != 0 && errno != EEXIST)
        return cf_fail(err, CF_EINPUT, "%s: this folder for the figures cannot be made (%s)",
                       r->folder, strerror(errno));
    for (const cf_figure_kind *const *kind = cf_sweep_figure_kinds; *kind != NULL; kind++) {
        cf_figure figure = {0};
        char *svg = NULL;
        cf_status status = cf_figure_write(*kind, r->subject, r->folder, cairo, &figure, &svg, err);
        if (status != CF_OK)
            return status;
        if (svg == NULL)
            continue;
        fputs("<figure class=\"wide\">\n", page);
        cf_html_svg(page, svg, (*kind)->name);
        fprintf(page, "<figcaption><b>Figure %d. %s.</b> ", ++number, (*kind)->title);
        cf_html_text(page, figure.caption);
        fputs("</figcaption>\n</figure>\n", page);
        free(svg);
    }
    return CF_OK;
}

typedef cf_status filler(const cf_subject *subject, cf_table *table, cf_err *err);

static cf_status fill_laws(const cf_subject *subject, cf_table *table, cf_err *err)
{
    return cf_sweep_laws_table(subject->persistence, table, err);
}

static cf_status fill_points(const cf_subject *subject, cf_table *table, cf_err *err)
{
    return cf_sweep_points_table(subject->persistence, table, err);
}

static cf_status write_table(const request *r, const char *title, FILE *page, filler *fill,
                             cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = fill(r->subject, &table, err);
    if (status == CF_OK && table.rows > 0) {
        fprintf(page, "<h2>%s</h2>\n", title);
        cf_html_table(page, &table);
    }
    cf_table_release(&table);
    return status;
}

static void write_head(const cf_group *root, FILE *page)
{
    const char *title = cf_group_text(root, "title");
    title = title[0] == '\0' ? "contraflow sweep" : title;
    cf_html_open(page, title);
    fputs("<h1>", page);
    cf_html_text(page, title);
    fputs("</h1>\n<p class=\"sub\">contraflow ", page);
    cf_html_text(page, cf_group_text(root, "version"));
    fprintf(page, " \xc2\xb7 %ld runs: %ld points, %ld repetitions of each</p>\n",
            cf_group_integer(root, "runs"), cf_group_integer(root, "points"),
            cf_group_integer(root, "repeat"));
}

static cf_status write_page(const request *r, FILE *page, cf_err *err)
{
    const cf_group *root = cf_result_group(r->subject->result, "/");
    bool cairo = false;
    write_head(root, page);
    cf_sweep_findings(r->subject->persistence, page);
    cf_status status = cf_gnuplot_present(&cairo) ? write_figures(r, cairo, page, err) : CF_OK;
    if (status == CF_OK)
        status = write_table(r, "Laws", page, fill_laws, err);
    if (status == CF_OK)
        status = write_table(r, "Times", page, fill_points, err);
    if (status == CF_OK && r->subject->fates != NULL)
        status = write_table(r, "Clusters", page, cf_clusters_table, err);
    if (status == CF_OK && r->subject->fates != NULL)
        status = write_table(r, "What decides which cluster dissolves first", page,
                             cf_cluster_laws_table, err);
    fputs("<h2>Problem file</h2>\n<pre>", page);
    cf_html_text(page, cf_group_text(root, "problem"));
    fputs("</pre>\n<dl><dt>commit</dt><dd>", page);
    cf_html_text(page, cf_group_text(root, "git_commit"));
    fputs("</dd><dt>hash of the problem</dt><dd>", page);
    cf_html_text(page, cf_group_text(root, "problem_hash"));
    fputs("</dd></dl>\n", page);
    cf_html_close(page);
    return status;
}

static cf_status print_table(const cf_subject *subject, filler *fill, cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = fill(subject, &table, err);
    if (status == CF_OK && table.rows > 0)
        cf_table_print(&table, stdout);
    cf_table_release(&table);
    return status;
}

static cf_status print_all(const cf_subject *subject, cf_err *err)
{
    cf_status status = print_table(subject, fill_laws, err);
    if (status == CF_OK && subject->fates != NULL)
        status = print_table(subject, cf_clusters_table, err);
    return status == CF_OK && subject->fates != NULL
               ? print_table(subject, cf_cluster_laws_table, err)
               : status;
}

/* The page and the tables beside it: PAGE-NAME.csv. */
static cf_status write_files(const request *r, const char *page, cf_err *err)
{
    static const struct {
        const char *suffix;
        writer write;
    } files[] = {{"-points.csv", write_points},
                 {"-laws.csv", write_laws},
                 {"-clusters.csv", write_clusters}};
    cf_status status = write_file(r, write_page, page, err);
    for (size_t k = 0; k < sizeof files / sizeof *files && status == CF_OK; k++) {
        if (files[k].write == write_clusters && r->subject->fates == NULL)
            continue;
        char *path = cf_path_with_suffix(page, files[k].suffix, err);
        status = path == NULL ? CF_ESYSTEM : write_file(r, files[k].write, path, err);
        free(path);
    }
    return status;
}

cf_status cf_sweep_report_write(const cf_result *table, const char *page, const char *figures,
                                cf_err *err)
{
    cf_persistence *persistence = NULL, *clusters = NULL;
    cf_clusters_fates *fates = NULL;
    cf_status status = cf_persistence_create(table, &persistence, err);
    if (status == CF_OK)
        status = cf_persistence_create_clusters(table, &clusters, err);
    if (status == CF_OK && clusters != NULL)
        status = cf_clusters_fates_create(clusters, &fates, err);
    const cf_subject subject = {
        .result = table, .persistence = persistence, .clusters = clusters, .fates = fates};
    const request r = {&subject, figures};
    if (status == CF_OK)
        status = write_files(&r, page, err);
    if (status == CF_OK)
        status = print_all(&subject, err);
    cf_clusters_fates_free(&fates);
    cf_persistence_free(&clusters);
    cf_persistence_free(&persistence);
    return status;
}
