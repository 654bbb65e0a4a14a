#define _POSIX_C_SOURCE 200809L
/* Datasets of a result as columns of a table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "contraflow/run/file.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/memory.h"

typedef struct {
    const cf_record *record;
} column;

/* "flows/vanilla/loss", with or without a slash in front; NULL with its reason. */
static const cf_record *find_record(const cf_result *result, const char *name, cf_err *err)
{
    const char *slash = strrchr(name, '/'), *gap = name[0] == '/' ? "" : "/";
    size_t length = slash == NULL ? 0 : (size_t)(slash - name), size = strlen(name) + 2;
    char *path = cf_allocate("path", size, 1, err);
    if (path == NULL)
        return NULL;
    snprintf(path, size, "%s%.*s", length == 0 ? "/" : gap, (int)length, name);
    const cf_group *group = cf_result_group(result, path);
    free(path);
    const cf_record *record =
        group == NULL ? NULL : cf_group_record(group, slash == NULL ? name : slash + 1);
    if (record == NULL)
        cf_fail(err, CF_EINPUT, "%s: there is no such dataset; contraflow info lists them", name);
    return record;
}

/* Without the rows, of which there may be none. */
static size_t width_of(const cf_record *record)
{
    size_t width = 1;
    for (int k = 1; k < record->rank; k++)
        width *= record->dims[k];
    return width;
}

/* The name, and behind it the place in the dimensions after the first. */
static void write_heading(const cf_record *record, size_t place, FILE *stream)
{
    size_t rest = width_of(record);
    fputs(record->name, stream);
    for (int k = 1; k < record->rank; k++) {
        rest /= record->dims[k];
        fprintf(stream, "_%zu", place / rest % record->dims[k]);
    }
}

static void write_value(const cf_record *record, size_t k, FILE *stream)
{
    if (record->type == CF_VALUE_INTEGER)
        fprintf(stream, "%ld", record->integer[k]);
    else if (record->type == CF_VALUE_TEXT)
        fprintf(stream, "\"%s\"", record->text[k]);
    else if (!isnan(record->real[k]))
        fprintf(stream, "%.17g", record->real[k]);
}

static void write_table(const column *columns, size_t count, FILE *stream)
{
    for (size_t row = 0; row <= columns[0].record->dims[0]; row++)
        for (size_t r = 0; r < count; r++) {
            const cf_record *record = columns[r].record;
            size_t width = width_of(record);
            for (size_t c = 0; c < width; c++) {
                if (row == 0)
                    write_heading(record, c, stream);
                else
                    write_value(record, (row - 1) * width + c, stream);
                fputc(r + 1 == count && c + 1 == width ? '\n' : ',', stream);
            }
        }
}

static cf_status write_file(const column *columns, size_t count, const char *path, cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    write_table(columns, count, stream);
    bool failed = ferror(stream) != 0;
    failed = fclose(stream) != 0 || failed;
    cf_status status = failed ? cf_fail(err, CF_ESYSTEM, "%s: memory is short", path)
                              : cf_file_replace(path, text, size, err);
    free(text);
    return status;
}

static cf_status find_columns(const cf_arguments *arguments, const cf_result *result,
                              column *columns, cf_err *err)
{
    size_t rows = 0;
    for (size_t k = 1; k < arguments->name_count; k++) {
        const cf_record *record = find_record(result, arguments->names[k], err);
        if (record == NULL)
            return err->status;
        rows = k == 1 ? record->dims[0] : rows;
        if (record->dims[0] != rows)
            return cf_fail(err, CF_EINPUT, "%s: has %zu rows, but %s has %zu", arguments->names[k],
                           record->dims[0], arguments->names[1], rows);
        columns[k - 1].record = record;
    }
    return CF_OK;
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_result *result = NULL;
    size_t count = arguments->name_count;
    column *columns = cf_allocate("columns", count + 1, sizeof *columns, err);
    cf_status status = columns == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK && count < 2)
        status = cf_fail(err, CF_EINPUT,
                         "a result and a dataset are needed: out.h5 flows/vanilla/time "
                         "flows/vanilla/loss, say");
    if (status == CF_OK)
        status = cf_result_read(arguments->names[0], &result, err);
    if (status == CF_OK)
        status = find_columns(arguments, result, columns, err);
    if (status == CF_OK && arguments->output != NULL &&
        cf_file_same(arguments->output, arguments->names[0]))
        status =
            cf_fail(err, CF_EINPUT, "%s: the table would replace the result", arguments->output);
    if (status == CF_OK && arguments->output != NULL)
        status = write_file(columns, count - 1, arguments->output, err);
    else if (status == CF_OK)
        write_table(columns, count - 1, stdout);
    cf_result_free(&result);
    free(columns);
    return cf_exit_code(status);
}

const cf_command cf_command_export = {
    "export",
    "export OUT.h5 DATASET... [-o OUT.csv]",
    "datasets of a result side by side as CSV, a row for each time, point or event: "
    "flows/vanilla/time flows/vanilla/separation, say",
    {.names = true, .output = true},
    execute};
