#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/run/version.h"
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

static cf_status write_claim(const cf_claim_report *report, FILE *stream, cf_err *err)
{
    const cf_claim *claim = report->claim;
    cf_table table = {.columns = 0};
    fprintf(stream,
            "## %s: %s\n\n%s\n\n*Source:* %s. *Hypothesis:* %s. *Control:* %s.\n\n**%s%s%s.** ",
            claim->kind.name, claim->title, claim->kind.doc, claim->source, claim->hypothesis,
            claim->control, cf_claim_word(report), report->failure[0] != '\0' ? ": " : "",
            report->failure);
    write_parameters(report->options, stream);
    cf_status status = cf_claim_table(report, &table, err);
    if (status == CF_OK)
        write_table(&table, stream);
    cf_table_release(&table);
    return status;
}

cf_status cf_validation_write_markdown(const cf_validation *validation, const char *stem,
                                       const char *command, FILE *stream, cf_err *err)
{
    (void)stem;
    char build[256];
    cf_table table = {.columns = 0};
    cf_build_description(build, sizeof build);
    fprintf(stream,
            "# Claims, checked\n\n`%s`, contraflow %s (%s), %s; %s, %.0f s. Claims and equations "
            "are those of docs/theory.md.\n\n",
            command, cf_version(), cf_git_commit(), build, validation->started,
            validation->seconds);
    cf_status status = cf_validation_table(validation, &table, err);
    if (status == CF_OK)
        write_table(&table, stream);
    cf_table_release(&table);
    for (size_t k = 0; k < validation->count && status == CF_OK; k++)
        status = write_claim(&validation->reports[k], stream, err);
    return status;
}

/* --- JSON --- */

static void write_text(const char *key, const char *text, const char *after, FILE *stream)
{
    fprintf(stream, "\"%s\": \"", key);
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            fprintf(stream, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(stream, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, stream);
    fprintf(stream, "\"%s", after);
}

/* JSON has no word for what is not finite. */
static void write_number(const char *key, double value, const char *after, FILE *stream)
{
    if (isfinite(value))
        fprintf(stream, "\"%s\": %.17g%s", key, value, after);
    else
        fprintf(stream, "\"%s\": null%s", key, after);
}

static void write_verdict(const cf_verdict *v, bool last, FILE *stream)
{
    static const char *const rules[] = {"equal", "relative", "at most", "at least"};
    fputs("      {", stream);
    write_text("case", v->parameters, ", ", stream);
    write_text("quantity", v->quantity, ", ", stream);
    write_text("rule", rules[v->rule], ", ", stream);
    write_number("predicted", v->predicted, ", ", stream);
    write_number("measured", v->measured, ", ", stream);
    write_number("tolerance", v->tolerance, ", ", stream);
    fprintf(stream, "\"control\": %s, \"holds\": %s, ", v->control ? "true" : "false",
            cf_verdict_holds(v) ? "true" : "false");
    write_number("seconds", v->seconds, "}", stream);
    fputs(last ? "\n" : ",\n", stream);
}

static void write_report(const cf_claim_report *report, bool last, FILE *stream)
{
    const cf_claim *claim = report->claim;
    fputs("    {", stream);
    write_text("claim", claim->kind.name, ", ", stream);
    write_text("title", claim->title, ",\n     ", stream);
    write_text("statement", claim->kind.doc, ",\n     ", stream);
    write_text("source", claim->source, ", ", stream);
    write_text("hypothesis", claim->hypothesis, ",\n     ", stream);
    write_text("control", claim->control, ",\n     ", stream);
    write_text("parameters", report->options, ",\n     ", stream);
    write_text("failure", report->failure, ", ", stream);
    write_number("seconds", report->seconds, ", ", stream);
    fprintf(stream, "\"holds\": %s,\n     \"numbers\": [\n", report->holds ? "true" : "false");
    for (size_t k = 0; k < report->count; k++)
        write_verdict(&report->verdicts[k], k + 1 == report->count, stream);
    fprintf(stream, "    ]}%s\n", last ? "" : ",");
}

cf_status cf_validation_write_json(const cf_validation *validation, const char *stem,
                                   const char *command, FILE *stream, cf_err *err)
{
    (void)stem, (void)err;
    char build[256];
    cf_build_description(build, sizeof build);
    fputs("{\n  \"format\": \"contraflow-validation\", \"format_version\": 1,\n  ", stream);
    write_text("version", cf_version(), ", ", stream);
    write_text("git_commit", cf_git_commit(), ",\n  ", stream);
    write_text("build", build, ",\n  ", stream);
    write_text("command", command, ",\n  ", stream);
    write_text("started", validation->started, ", ", stream);
    write_number("seconds", validation->seconds, ", ", stream);
    fprintf(stream, "\"holds\": %s,\n  \"claims\": [\n", validation->holds ? "true" : "false");
    for (size_t k = 0; k < validation->count; k++)
        write_report(&validation->reports[k], k + 1 == validation->count, stream);
    fputs("  ]\n}\n", stream);
    return CF_OK;
}

/* --- files --- */

static const struct {
    const char *suffix;
    cf_status (*write)(const cf_validation *validation, const char *stem, const char *command,
                       FILE *stream, cf_err *err);
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

cf_status cf_validation_write(const cf_validation *validation, const char *path,
                              const char *command, cf_err *err)
{
    char *text = NULL, *stem = strdup(path);
    size_t size = 0, format = format_of(path);
    FILE *stream = stem == NULL ? NULL : open_memstream(&text, &size);
    if (stream == NULL) {
        free(stem);
        return cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    }
    stem[strlen(path) - strlen(FORMATS[format].suffix)] = '\0';
    cf_status status = FORMATS[format].write(validation, stem, command, stream, err);
    bool failed = ferror(stream) != 0;
    if ((fclose(stream) != 0 || failed) && status == CF_OK)
        status = cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    if (status == CF_OK)
        status = cf_file_replace(path, text, size, err);
    free(text);
    free(stem);
    return status;
}
