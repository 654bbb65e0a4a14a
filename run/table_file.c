/* One pass over the text of the file. Cells are separated by commas; blanks around a cell, CRLF, a
 * byte order mark, quotes around names and blank lines at the end are put up with. Since nothing
 * else may be blank, the row r from 0 is on line r + 2. */
#include "contraflow/run/table_file.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/solver/memory.h"

enum { SHOWN = 40 }; /* bytes of a wrong cell that a message quotes */

typedef struct {
    const char *path;
    char *at, *end; /* what is left of the text; *end is 0 */
    size_t line;    /* of `at`, from 1 */
} cursor;

/* A cell without the blanks around it. */
typedef struct {
    char *begin, *end;
} cell;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static cell next_cell(cursor *c)
{
    char *stop = c->at;
    while (stop < c->end && *stop != ',' && *stop != '\n')
        stop++;
    cell found = {c->at, stop};
    c->at = stop < c->end ? stop + 1 : stop;
    while (found.begin < found.end && is_blank(*found.begin))
        found.begin++;
    while (found.begin < found.end && is_blank(found.end[-1]))
        found.end--;
    return found;
}

/* The text of a cell as a message may show it: short, and without control characters. */
static const char *shown(cell found, char text[SHOWN + 4])
{
    size_t length = (size_t)(found.end - found.begin), kept = length < SHOWN ? length : SHOWN;
    for (size_t k = 0; k < kept; k++) {
        unsigned char byte = (unsigned char)found.begin[k];
        text[k] = byte < ' ' || byte == 127 ? '?' : (char)byte;
    }
    memcpy(text + kept, length > SHOWN ? "..." : "", length > SHOWN ? 4 : 1);
    return text;
}

/* Decimal numbers only: strtod would take hexadecimal ones, "inf" and "nan", too. */
static bool parse_number(cell found, double *value)
{
    char *rest = found.begin;
    size_t length = strspn(found.begin, "0123456789+-.eE");
    if (length == 0 || found.begin + length != found.end)
        return false;
    *value = strtod(found.begin, &rest);
    return rest == found.end;
}

/* Ends the text after its last line that is not blank. */
static void trim(cursor *c)
{
    while (c->end > c->at && (is_blank(c->end[-1]) || c->end[-1] == '\n'))
        c->end--;
    *c->end = '\0';
}

static size_t count_until(const char *at, const char *end, char wanted, char stop)
{
    size_t count = 0;
    for (; at < end && *at != stop; at++)
        count += *at == wanted;
    return count;
}

/* --- the header --- */

static cf_status read_name(cursor *c, size_t column, cf_table *table, cf_err *err)
{
    cell found = next_cell(c);
    char text[SHOWN + 4];
    double number;
    if (parse_number(found, &number))
        return cf_fail(err, CF_EINPUT,
                       "%s:1: column %zu: named %s: the first line must name the "
                       "columns",
                       c->path, column + 1, shown(found, text));
    if (found.end - found.begin >= 2 && *found.begin == '"' && found.end[-1] == '"') {
        found.begin++;
        found.end--;
    }
    if (found.begin == found.end)
        return cf_fail(err, CF_EINPUT, "%s:1: column %zu: has no name", c->path, column + 1);
    size_t length = (size_t)(found.end - found.begin);
    table->names[column] = cf_allocate("column name", length + 1, 1, err);
    if (table->names[column] == NULL)
        return CF_ESYSTEM;
    memcpy(table->names[column], found.begin, length);
    return CF_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static cf_status check_duplicates(const char *path, const cf_table *table, cf_err *err)
{
    char **sorted = cf_duplicate("column names", table->names, table->columns, sizeof *sorted, err);
    if (sorted == NULL)
        return CF_ESYSTEM;
    qsort(sorted, table->columns, sizeof *sorted, compare_names);
    cf_status status = CF_OK;
    for (size_t k = 1; k < table->columns && status == CF_OK; k++)
        if (strcmp(sorted[k - 1], sorted[k]) == 0)
            status =
                cf_fail(err, CF_EINPUT, "%s:1: column %.*s: appears twice", path, SHOWN, sorted[k]);
    free(sorted);
    return status;
}

static cf_status read_header(cursor *c, cf_table *table, cf_err *err)
{
    if (c->end - c->at >= 3 && memcmp(c->at, "\xEF\xBB\xBF", 3) == 0)
        c->at += 3;
    if (c->at == c->end)
        return cf_fail(err, CF_EINPUT, "%s: is empty: must have a line of column names", c->path);
    table->columns = 1 + count_until(c->at, c->end, ',', '\n');
    table->names = cf_allocate("column names", table->columns, sizeof *table->names, err);
    if (table->names == NULL)
        return CF_ESYSTEM;
    cf_status status = CF_OK;
    for (size_t k = 0; k < table->columns && status == CF_OK; k++)
        status = read_name(c, k, table, err);
    c->line = 2;
    return status == CF_OK ? check_duplicates(c->path, table, err) : status;
}

/* --- the rows --- */

static cf_status refuse_cell(const cursor *c, const char *name, cell found, cf_err *err)
{
    char text[SHOWN + 4];
    bool empty = found.begin == found.end;
    return cf_fail(err, CF_EINPUT, "%s:%zu: column %.*s = %s: must be a finite number", c->path,
                   c->line, SHOWN, name, empty ? "(empty)" : shown(found, text));
}

static cf_status refuse_length(const cursor *c, size_t count, size_t columns, cf_err *err)
{
    return cf_fail(err, CF_EINPUT, "%s:%zu: has %zu values: must have %zu, one per column", c->path,
                   c->line, count, columns);
}

static cf_status read_row(cursor *c, const cf_table *table, double *values, cf_err *err)
{
    size_t columns = table->columns;
    size_t count = 1 + count_until(c->at, c->end, ',', '\n');
    if (count != columns)
        return refuse_length(c, count, columns, err);
    for (size_t k = 0; k < columns; k++) {
        cell found = next_cell(c);
        if (!parse_number(found, &values[k]) || !isfinite(values[k]))
            return refuse_cell(c, table->names[k], found, err);
    }
    c->line++;
    return CF_OK;
}

/* A short line is refused where it occurs, so the rows that are read never have more cells than the
 * file has bytes: room is made for no more than that, whatever the header promises. */
static cf_status read_rows(cursor *c, cf_table *table, cf_err *err)
{
    size_t bytes = (size_t)(c->end - c->at), rows = 1 + count_until(c->at, c->end, '\n', '\0');
    if (bytes == 0)
        return cf_fail(err, CF_EINPUT, "%s: has no rows below its header", c->path);
    double cells = (double)rows * (double)table->columns;
    size_t room = cells > (double)bytes ? bytes : rows * table->columns;
    table->values = cf_allocate(c->path, room, sizeof *table->values, err);
    if (table->values == NULL)
        return CF_ESYSTEM;
    for (; c->at < c->end; table->rows++) {
        cf_status status = read_row(c, table, table->values + table->rows * table->columns, err);
        if (status != CF_OK)
            return status;
    }
    return CF_OK;
}

cf_status cf_table_read(const char *path, cf_table **out, cf_err *err)
{
    *out = NULL;
    char *text = NULL;
    size_t size = 0;
    cf_table *table = cf_allocate("table", 1, sizeof *table, err);
    cf_status status = table != NULL ? cf_file_read(path, &text, &size, err) : CF_ESYSTEM;
    if (status == CF_OK && memchr(text, 0, size) != NULL)
        status = cf_fail(err, CF_EINPUT, "%s: contains a zero byte: must be text in UTF-8", path);
    if (status == CF_OK) {
        cursor c = {path, text, text + size, 1};
        trim(&c);
        status = read_header(&c, table, err);
        if (status == CF_OK)
            status = read_rows(&c, table, err);
    }
    free(text);
    if (status != CF_OK)
        cf_table_free(&table);
    *out = table;
    return status;
}

void cf_table_free(cf_table **table)
{
    cf_table *t = *table;
    if (t == NULL)
        return;
    for (size_t k = 0; k < t->columns && t->names != NULL; k++)
        free(t->names[k]);
    free(t->names);
    free(t->values);
    free(t);
    *table = NULL;
}
