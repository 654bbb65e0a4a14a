#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/run/version.h"
#include "contraflow/solver/memory.h"
#include "validation.h"

const char *cf_claim_word(const cf_claim_report *report)
{
    if (report->holds)
        return "holds";
    return report->failure[0] != '\0' ? "could not be checked" : "does not hold";
}

/* --- tables --- */

/* What was predicted, as a rule for what is measured. */
static void write_prediction(const cf_verdict *v, cf_cell cell)
{
    static const char *const signs[] = {"", "", "\xe2\x89\xa4 ", "\xe2\x89\xa5 "};
    snprintf(cell, CF_TABLE_CELL, "%s%.9g", signs[v->rule], v->predicted);
}

static void write_tolerance(const cf_verdict *v, cf_cell cell)
{
    static const char *const formats[] = {"%.2g", "%.2g relative", "-", "-"};
    snprintf(cell, CF_TABLE_CELL, formats[v->rule], v->tolerance);
}

/* The word of a number: controls are to fail. */
static const char *word_of(const cf_verdict *v)
{
    if (v->control)
        return cf_verdict_good(v) ? "fails, as it must" : "DOES NOT FAIL";
    return cf_verdict_good(v) ? "holds" : "DOES NOT HOLD";
}

cf_status cf_claim_table(const cf_claim_report *report, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "case", "", false);
    cf_table_add_column(table, "measured quantity", "", false);
    cf_table_add_column(table, "prediction", "", true);
    cf_table_add_column(table, "measured", "", true);
    cf_table_add_column(table, "tolerance", "", true);
    cf_table_add_column(table, "used", "", true);
    cf_table_add_column(table, "verdict", "", false);
    cf_table_add_column(table, "s", "", true);
    for (size_t k = 0; k < report->count; k++) {
        const cf_verdict *v = &report->verdicts[k];
        cf_cell *row = cf_table_add_row(table, err);
        if (row == NULL)
            return CF_ESYSTEM;
        snprintf(row[0], CF_TABLE_CELL, "%s%s", v->control ? "control: " : "", v->parameters);
        snprintf(row[1], CF_TABLE_CELL, "%s", v->quantity);
        write_prediction(v, row[2]);
        cf_cell_write(row[3], "%.9g", v->measured);
        write_tolerance(v, row[4]);
        cf_cell_write(row[5], "%.2g", cf_verdict_share(v));
        snprintf(row[6], CF_TABLE_CELL, "%s", word_of(v));
        cf_cell_write(row[7], "%.2g", v->seconds);
    }
    return CF_OK;
}

/* Of a claim: the numbers, those that are as they must be, controls, the share that is used most.
 */
typedef struct {
    size_t numbers, good, controls, failing;
    double used;
} counts;

static counts count(const cf_claim_report *report)
{
    counts c = {.used = NAN};
    for (size_t k = 0; k < report->count; k++) {
        const cf_verdict *v = &report->verdicts[k];
        bool good = cf_verdict_good(v), bound = v->rule >= CF_RULE_AT_MOST;
        c.numbers += !v->control;
        c.good += !v->control && good;
        c.controls += v->control;
        c.failing += v->control && good;
        if (!v->control && !bound)
            c.used = fmax(c.used, cf_verdict_share(v));
    }
    return c;
}

cf_status cf_validation_table(const cf_validation *validation, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "claim", "", false);
    cf_table_add_column(table, "about", "", false);
    cf_table_add_column(table, "verdict", "", false);
    cf_table_add_column(table, "numbers", "of the measured numbers, those that hold", true);
    cf_table_add_column(table, "controls", "of those, the ones that fail, as they must", true);
    cf_table_add_column(table, "used", "the largest part of a tolerance that was used", true);
    cf_table_add_column(table, "s", "seconds", true);
    for (size_t k = 0; k < validation->count; k++) {
        const cf_claim_report *report = &validation->reports[k];
        const counts c = count(report);
        cf_cell *row = cf_table_add_row(table, err);
        if (row == NULL)
            return CF_ESYSTEM;
        snprintf(row[0], CF_TABLE_CELL, "%s", report->claim->kind.name);
        snprintf(row[1], CF_TABLE_CELL, "%s", report->claim->title);
        snprintf(row[2], CF_TABLE_CELL, "%s", cf_claim_word(report));
        snprintf(row[3], CF_TABLE_CELL, "%zu of %zu", c.good, c.numbers);
        snprintf(row[4], CF_TABLE_CELL, "%zu of %zu", c.failing, c.controls);
        cf_cell_write(row[5], "%.2g", c.used);
        cf_cell_write(row[6], "%.1f", report->seconds);
    }
    return CF_OK;
}

/* --- Markdown --- */

static void write_row(const cf_table *table, size_t row, FILE *stream)
{
    for (size_t c = 0; c < table->columns; c++) {
        fputs(c == 0 ? "| " : " | ", stream);
        for (const char *at = table->cells[row * table->columns + c]; *at != '\0'; at++)
            fprintf(stream, *at == '|' ? "\\%c" : "%c", *at);
    }
    fputs(" |\n", stream);
}

static void write_table(const cf_table *table, FILE *stream)
{
    for (size_t c = 0; c < table->columns; c++)
        fprintf(stream, "%s%s", c == 0 ? "| " : " | ", table->headings[c].title);
    fputs(" |\n|", stream);
    for (size_t c = 0; c < table->columns; c++)
        fputs(table->headings[c].number ? " ---: |" : " --- |", stream);
    fputc('\n', stream);
    for (size_t r = 0; r < table->rows; r++)
        write_row(table, r, stream);
    fputc('\n', stream);
}

static void write_parameters(const char *options, FILE *stream)
{
    fputs("Parameters: `", stream);
    for (const char *at = options; *at != '\0'; at++)
        if (*at != '\n')
            fputc(*at, stream);
        else if (at[1] != '\0')
            fputs("`, `", stream);
    fputs("`.\n\n", stream);
}

static cf_status write_figure(const cf_validation_subject *subject, const cf_claim_report *report,
                              FILE *stream, cf_err *err)
{
    const char *slash = strrchr(subject->folder, '/'), *name = report->claim->kind.name;
    char *svg = NULL;
    cf_status status = cf_claim_picture(report, subject->folder, &svg, err);
    if (svg != NULL)
        fprintf(stream, "![%s](%s/%s.png)\n\n*%s*\n\n", report->claim->title,
                slash != NULL ? slash + 1 : subject->folder, name, report->claim->figure.caption);
    free(svg);
    return status;
}

static cf_status write_claim(const cf_validation_subject *subject, const cf_claim_report *report,
                             FILE *stream, cf_err *err)
{
    const cf_claim *claim = report->claim;
    cf_table table = {.columns = 0};
    fprintf(stream,
            "## %s: %s\n\n%s\n\n*Source:* %s. *Hypothesis:* %s. *Control:* %s.\n\n**%s%s%s.** ",
            claim->kind.name, claim->title, claim->kind.doc, claim->source, claim->hypothesis,
            claim->control, cf_claim_word(report), report->failure[0] != '\0' ? ": " : "",
            report->failure);
    write_parameters(report->options, stream);
    cf_status status = write_figure(subject, report, stream, err);
    if (status == CF_OK)
        status = cf_claim_table(report, &table, err);
    if (status == CF_OK)
        write_table(&table, stream);
    cf_table_release(&table);
    return status;
}

cf_status cf_validation_write_markdown(const cf_validation_subject *subject, FILE *stream,
                                       cf_err *err)
{
    const cf_validation *validation = subject->validation;
    char build[256];
    cf_table table = {.columns = 0};
    cf_build_description(build, sizeof build);
    fprintf(stream,
            "# Claims, checked\n\n`%s`, contraflow %s (%s), %s; %s, %.0f s. Claims and equations "
            "are those of docs/theory.md.\n\n",
            subject->command, cf_version(), cf_git_commit(), build, validation->started,
            validation->seconds);
    cf_status status = cf_validation_table(validation, &table, err);
    if (status == CF_OK)
        write_table(&table, stream);
    cf_table_release(&table);
    for (size_t k = 0; k < validation->count && status == CF_OK; k++)
        status = write_claim(subject, &validation->reports[k], stream, err);
    return status;
}

/* --- files --- */

static const struct {
    const char *suffix;
    cf_status (*write)(const cf_validation_subject *subject, FILE *stream, cf_err *err);
} FORMATS[] = {{".md", cf_validation_write_markdown},
               {".html", cf_validation_write_html},
               {".json", cf_validation_write_json}};

enum { FORMAT_COUNT = sizeof FORMATS / sizeof *FORMATS };

static size_t format_of(const char *path)
{
    size_t length = strlen(path);
    for (size_t k = 0; k < FORMAT_COUNT; k++) {
        size_t end = strlen(FORMATS[k].suffix);
        if (length > end && strcmp(path + length - end, FORMATS[k].suffix) == 0)
            return k;
    }
    return FORMAT_COUNT;
}

cf_status cf_validation_check_target(const char *path, cf_err *err)
{
    if (format_of(path) == FORMAT_COUNT)
        return cf_fail(err, CF_EINPUT, "--report %s: must end in .md, .html or .json", path);
    return cf_file_check_target(path, 0, err);
}

/* `path` with "-figures" in place of its suffix. */
static char *figures_beside(const char *path, size_t format, cf_err *err)
{
    static const char end[] = "-figures";
    size_t stem = strlen(path) - strlen(FORMATS[format].suffix);
    char *folder = cf_allocate("path", stem + sizeof end, 1, err);
    if (folder != NULL)
        snprintf(folder, stem + sizeof end, "%.*s%s", (int)stem, path, end);
    return folder;
}

cf_status cf_validation_write(const cf_validation *validation, const char *path,
                              const char *command, cf_err *err)
{
    char *text = NULL;
    size_t size = 0, format = format_of(path);
    char *folder = figures_beside(path, format, err);
    if (folder == NULL)
        return CF_ESYSTEM;
    cf_status status = CF_ESYSTEM;
    FILE *stream = open_memstream(&text, &size);
    if (stream != NULL) {
        const cf_validation_subject subject = {validation, command, folder};
        status = FORMATS[format].write(&subject, stream, err);
        bool failed = ferror(stream) != 0;
        if ((fclose(stream) != 0 || failed) && status == CF_OK)
            status = CF_ESYSTEM;
    }
    if (status == CF_ESYSTEM)
        cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    if (status == CF_OK)
        status = cf_file_replace(path, text, size, err);
    free(text);
    free(folder);
    return status;
}
