/* The page of a validation. */
#include <stdlib.h>

#include "contraflow/run/version.h"
#include "html.h"
#include "validation.h"

static void write_paragraph(const char *name, const char *text, FILE *page)
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

static cf_status write_claim(const cf_claim_report *report, FILE *page, cf_err *err)
{
    const cf_claim *claim = report->claim;
    fprintf(page, "<h2 id=\"%s\">%s: ", claim->kind.name, claim->kind.name);
    cf_html_text(page, claim->title);
    fputs("</h2>\n<p>", page);
    cf_html_text(page, claim->kind.doc);
    fputs("</p>\n<dl>\n", page);
    write_paragraph("verdict", cf_claim_word(report), page);
    if (report->failure[0] != '\0')
        write_paragraph("failure", report->failure, page);
    write_paragraph("source", claim->source, page);
    write_paragraph("hypothesis", claim->hypothesis, page);
    write_paragraph("control", claim->control, page);
    write_paragraph("parameters", report->options, page);
    fputs("</dl>\n", page);
    return write_numbers(report, page, err);
}

cf_status cf_validation_write_html(const cf_validation *validation, const char *stem,
                                   const char *command, FILE *page, cf_err *err)
{
    (void)stem;
    char build[256];
    cf_table table = {.columns = 0};
    cf_build_description(build, sizeof build);
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
        status = write_claim(&validation->reports[k], page, err);
    fputs("<h2>Provenance</h2>\n<dl>\n", page);
    write_paragraph("command", command, page);
    write_paragraph("contraflow", cf_version(), page);
    write_paragraph("commit", cf_git_commit(), page);
    write_paragraph("built with", build, page);
    write_paragraph("started", validation->started, page);
    fputs("</dl>\n", page);
    cf_html_close(page);
    return status;
}
