/* The page of a validation. */
#include <stdlib.h>

#include "contraflow/run/version.h"
#include "html.h"
#include "validation.h"

static void write_item(const char *name, const char *text, FILE *page)
{
    fprintf(page, "<dt>%s</dt><dd>", name);
    cf_html_text(page, text);
    fputs("</dd>\n", page);
}

static cf_status write_numbers(const cf_claim_report *report, FILE *page, cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = cf_claim_table(report, &table, err);
    fprintf(page, "<details%s><summary>%zu numbers</summary>\n", report->holds ? "" : " open",
            report->count);
    if (status == CF_OK)
        cf_html_table(page, &table);
    fputs("</details>\n", page);
    cf_table_release(&table);
    return status;
}

static cf_status write_figure(const cf_validation_subject *subject, const cf_claim_report *report,
                              FILE *page, cf_err *err)
{
    char *svg = NULL;
    cf_status status = cf_claim_picture(report, subject->folder, &svg, err);
    if (svg != NULL) {
        fputs("<figure class=\"alone\">\n", page);
        cf_html_svg(page, svg, report->claim->kind.name);
        fputs("<figcaption>", page);
        cf_html_text(page, report->claim->figure.caption);
        fputs("</figcaption>\n</figure>\n", page);
    }
    free(svg);
    return status;
}

static cf_status write_claim(const cf_validation_subject *subject, const cf_claim_report *report,
                             FILE *page, cf_err *err)
{
    const cf_claim *claim = report->claim;
    fprintf(page, "<h2 id=\"%s\">%s: ", claim->kind.name, claim->kind.name);
    cf_html_text(page, claim->title);
    fputs("</h2>\n<p>", page);
    cf_html_text(page, claim->kind.doc);
    fputs("</p>\n<dl>\n", page);
    write_item("verdict", cf_claim_word(report), page);
    if (report->failure[0] != '\0')
        write_item("failure", report->failure, page);
    write_item("source", claim->source, page);
    write_item("hypothesis", claim->hypothesis, page);
    write_item("control", claim->control, page);
    write_item("parameters", report->options, page);
    fputs("</dl>\n", page);
    cf_status status = write_figure(subject, report, page, err);
    return status == CF_OK ? write_numbers(report, page, err) : status;
}

static void write_provenance(const cf_validation_subject *subject, FILE *page)
{
    char build[256];
    cf_build_description(build, sizeof build);
    fputs("<h2>Provenance</h2>\n<dl>\n", page);
    write_item("command", subject->command, page);
    write_item("contraflow", cf_version(), page);
    write_item("commit", cf_git_commit(), page);
    write_item("built with", build, page);
    write_item("started", subject->validation->started, page);
    fputs("</dl>\n", page);
}

cf_status cf_validation_write_html(const cf_validation_subject *subject, FILE *page, cf_err *err)
{
    const cf_validation *validation = subject->validation;
    cf_table table = {.columns = 0};
    cf_html_open(page, "Claims, checked");
    fprintf(page,
            "<h1>Claims, checked</h1>\n<p class=\"sub\">contraflow %s \xc2\xb7 %s \xc2\xb7 "
            "%.0f s</p>\n",
            cf_version(), validation->started, validation->seconds);
    cf_status status = cf_validation_table(validation, &table, err);
    if (status == CF_OK)
        cf_html_table(page, &table);
    cf_table_release(&table);
    for (size_t k = 0; k < validation->count && status == CF_OK; k++)
        status = write_claim(subject, &validation->reports[k], page, err);
    write_provenance(subject, page);
    cf_html_close(page);
    return status;
}
