#define _POSIX_C_SOURCE 200809L
#include "sweep_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/run/version.h"
#include "contraflow/solver/memory.h"
#include "sweep_clusters.h"

/* --- CSV --- */

/* Of a run, the rows of one of the two tables. */
static void put_part(FILE *stream, const char *rows, bool clusters)
{
    const char *next = strchr(rows, CF_SWEEP_NEXT_TABLE);
    if (clusters)
        fputs(next == NULL ? "" : next + 1, stream);
    else
        fprintf(stream, "%.*s", next == NULL ? (int)strlen(rows) : (int)(next - rows), rows);
}

/* The text of table.csv, or clusters.csv, which has the runs that have ended; malloc'ed. */
static cf_status join(const cf_sweep_plan *plan, const cf_sweep_columns *columns, char *const *rows,
                      bool clusters, char **out, size_t *size, cf_err *err)
{
    char *header = NULL;
    *out = NULL;
    cf_status status = cf_sweep_header(columns, &header, err);
    FILE *stream = status == CF_OK ? open_memstream(out, size) : NULL;
    if (stream != NULL)
        fputs(header, stream);
    for (size_t k = 0; k < plan->runs && status == CF_OK && stream != NULL; k++) {
        char *pending = NULL;
        if (rows[k] == NULL && !clusters)
            status = cf_sweep_row_without(plan, columns, k, "pending", "", &pending, err);
        const char *text = rows[k] != NULL ? rows[k] : pending;
        if (status == CF_OK && text != NULL)
            put_part(stream, text, clusters);
        free(pending);
    }
    bool failed = stream == NULL || ferror(stream) != 0;
    failed = (stream != NULL && fclose(stream) != 0) || failed;
    free(header);
    if (status == CF_OK && failed)
        status = cf_fail(err, CF_ESYSTEM, "no memory for the table of the sweep");
    return status;
}

/* --- HDF5 --- */

/* The next cell of a line, which is changed: quotes are taken off. The cell ends at a NUL. */
static char *next_cell(char **at)
{
    char *cell = *at, *to = *at, *from = *at;
    bool quoted = *from == '"';
    from += quoted;
    for (; *from != '\0' && (quoted || (*from != ',' && *from != '\n')); from++) {
        if (quoted && *from == '"' && from[1] != '"') {
            from++;
            break;
        }
        from += quoted && *from == '"';
        *to++ = *from;
    }
    *at = from + (*from != '\0');
    *to = '\0';
    return cell;
}

static cf_status allocate_columns(const cf_sweep_columns *columns, size_t rows, cf_record *records,
                                  cf_err *err)
{
    for (size_t k = 0; k < columns->count; k++) {
        const cf_sweep_column *column = &columns->columns[k];
        cf_record *record = &records[k];
        *record = (cf_record){.name = (char *)column->name,
                              .unit = (char *)column->unit,
                              .equation = (char *)column->equation,
                              .type = column->type,
                              .rank = 1,
                              .dims = {rows}};
        record->real = cf_allocate("table", rows, sizeof(double), err);
        record->integer = cf_allocate("table", rows, sizeof(long), err);
        record->text = cf_allocate("table", rows, sizeof(char *), err);
        if (record->real == NULL || record->integer == NULL || record->text == NULL)
            return CF_ESYSTEM;
    }
    return CF_OK;
}

/* The lines of `table` below its header, which are changed, as columns. */
static void split(const cf_sweep_columns *columns, char *table, size_t rows, cf_record *records)
{
    char *at = strchr(table, '\n') + 1;
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < columns->count; k++) {
            char *cell = next_cell(&at);
            records[k].text[r] = cell;
            records[k].real[r] = strtod(cell, NULL);
            records[k].integer[r] = strtol(cell, NULL, 10);
        }
}

static cf_status describe(const cf_sweep_plan *plan, char *const *rows, cf_group *root, cf_err *err)
{
    size_t pending = 0;
    for (size_t k = 0; k < plan->runs; k++)
        pending += rows[k] == NULL;
    const char *const texts[][2] = {{"kind", "sweep"},
                                    {"title", plan->problem->title},
                                    {"version", cf_version()},
                                    {"git_commit", cf_git_commit()},
                                    {"problem", plan->problem->text},
                                    {"resolved", plan->problem->resolved},
                                    {"problem_hash", plan->problem->hash},
                                    {"status", pending > 0 ? "running" : "complete"}};
    const struct {
        const char *name;
        size_t value;
    } counts[] = {{"runs", plan->runs},
                  {"runs_pending", pending},
                  {"axes", plan->axes},
                  {"points", plan->points},
                  {"repeat", plan->repeat}};
    cf_status status = CF_OK;
    for (size_t k = 0; k < sizeof texts / sizeof *texts && status == CF_OK; k++)
        status = cf_group_set_text(root, texts[k][0], texts[k][1], err);
    for (size_t k = 0; k < sizeof counts / sizeof *counts && status == CF_OK; k++)
        status = cf_group_set_integer(root, counts[k].name, (long)counts[k].value, err);
    if (status == CF_OK)
        status = cf_group_set_real(root, "follow_up", plan->problem->sweep->follow_up, err);
    return status;
}

/* The lines of `table` below its header, which are changed, as datasets of a group. */
static cf_status fill(const cf_sweep_columns *columns, char *table, const char *path,
                      cf_result *result, cf_err *err)
{
    size_t rows = 0;
    for (const char *c = strchr(table, '\n'); c[1] != '\0'; c = strchr(c + 1, '\n'))
        rows++;
    if (rows == 0)
        return CF_OK;
    cf_group *group = NULL;
    cf_record *records = cf_allocate("table", columns->count, sizeof *records, err);
    cf_status status = records != NULL ? allocate_columns(columns, rows, records, err) : CF_ESYSTEM;
    if (status == CF_OK)
        status = cf_result_add_group(result, path, &group, err);
    if (status == CF_OK)
        split(columns, table, rows, records);
    for (size_t k = 0; k < columns->count && status == CF_OK; k++)
        status = cf_group_add(group, &records[k], err);
    for (size_t k = 0; k < columns->count && records != NULL; k++) {
        free(records[k].real);
        free(records[k].integer);
        free(records[k].text);
    }
    free(records);
    return status;
}

static char *path_in(const char *folder, const char *name, cf_err *err)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = cf_allocate("path", size, 1, err);
    if (path != NULL)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

typedef struct {
    const cf_sweep_columns *columns;
    const char *file, *group;
    bool clusters;
} table_kind;

/* One table, as a file of CSV and as a group of the result. */
static cf_status write_one(const cf_sweep_plan *plan, const table_kind *kind, char *const *rows,
                           const char *folder, cf_result *result, cf_err *err)
{
    char *table = NULL, *csv = path_in(folder, kind->file, err);
    size_t size = 0;
    cf_status status = csv != NULL ? CF_OK : CF_ESYSTEM;
    if (status == CF_OK)
        status = join(plan, kind->columns, rows, kind->clusters, &table, &size, err);
    if (status == CF_OK)
        status = cf_file_replace(csv, table, size, err);
    if (status == CF_OK)
        status = fill(kind->columns, table, kind->group, result, err);
    free(table);
    free(csv);
    return status;
}

cf_status cf_sweep_table_write(const cf_sweep_plan *plan, const cf_sweep_columns *columns,
                               char *const *rows, const char *folder, cf_err *err)
{
    char *h5 = path_in(folder, "table.h5", err);
    cf_sweep_columns own = {.columns = NULL};
    const table_kind flows = {columns, "table.csv", "/sweep", false};
    const table_kind clusters = {&own, "clusters.csv", "/clusters", true};
    cf_result *result = NULL;
    cf_status status = h5 != NULL ? cf_result_create(&result, err) : CF_ESYSTEM;
    if (status == CF_OK)
        status = describe(plan, rows, cf_result_group(result, "/"), err);
    if (status == CF_OK)
        status = write_one(plan, &flows, rows, folder, result, err);
    if (status == CF_OK)
        status = cf_sweep_cluster_columns(columns, &own, err);
    if (status == CF_OK && plan->problem->sweep->clusters)
        status = write_one(plan, &clusters, rows, folder, result, err);
    if (status == CF_OK)
        status = cf_result_write(result, h5, err);
    cf_sweep_columns_release(&own);
    cf_result_free(&result);
    free(h5);
    return status;
}
