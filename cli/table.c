#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

void cf_table_add_column(cf_table *table, const char *title, const char *doc, bool number)
{
    table->headings[table->columns].title = title;
    table->headings[table->columns].doc = doc;
    table->headings[table->columns++].number = number;
}

cf_cell *cf_table_add_row(cf_table *table, cf_err *err)
{
    size_t count = table->rows * table->columns;
    cf_cell *cells = cf_allocate("table", count + table->columns, sizeof *cells, err);
    if (cells == NULL)
        return NULL;
    if (count > 0)
        memcpy(cells, table->cells, count * sizeof *cells);
    free(table->cells);
    table->cells = cells;
    table->rows++;
    return cells + count;
}

static bool is_empty(const cf_table *table, size_t column)
{
    for (size_t r = 0; r < table->rows; r++)
        if (strcmp(table->cells[r * table->columns + column], "-") != 0)
            return false;
    return true;
}

void cf_table_drop_empty(cf_table *table)
{
    size_t kept[CF_TABLE_COLUMNS], count = 0;
    for (size_t c = 0; c < table->columns; c++)
        if (!is_empty(table, c))
            kept[count++] = c;
    for (size_t r = 0; r < table->rows; r++) /* cells move towards the front only */
        for (size_t c = 0; c < count; c++)
            memmove(table->cells[r * count + c], table->cells[r * table->columns + kept[c]],
                    sizeof *table->cells);
    for (size_t c = 0; c < count; c++)
        table->headings[c] = table->headings[kept[c]];
    table->columns = count;
}

void cf_table_release(cf_table *table)
{
    free(table->cells);
    *table = (cf_table){.columns = 0};
}

void cf_cell_write(cf_cell cell, const char *format, double value)
{
    if (isnan(value))
        snprintf(cell, CF_TABLE_CELL, "-");
    else
        snprintf(cell, CF_TABLE_CELL, format, value);
}

/* Characters, not bytes, of UTF-8. */
static int length_of(const char *text)
{
    int length = 0;
    for (; *text != '\0'; text++)
        length += ((unsigned char)*text & 0xC0) != 0x80;
    return length;
}

static int width_of(const cf_table *table, size_t column)
{
    int width = length_of(table->headings[column].title);
    for (size_t r = 0; r < table->rows; r++) {
        int length = length_of(table->cells[r * table->columns + column]);
        width = length > width ? length : width;
    }
    return width;
}

static void print_cell(const char *text, int width, bool right, FILE *stream)
{
    int padding = width - length_of(text);
    fprintf(stream, "%*s%s%*s", right ? padding : 0, "", text, right ? 0 : padding, "");
}

void cf_table_print(const cf_table *table, FILE *stream)
{
    int width[CF_TABLE_COLUMNS];
    for (size_t c = 0; c < table->columns; c++)
        width[c] = width_of(table, c);
    for (size_t r = 0; r <= table->rows; r++) {
        for (size_t c = 0; c < table->columns; c++) {
            const char *text =
                r == 0 ? table->headings[c].title : table->cells[(r - 1) * table->columns + c];
            fputs(c > 0 ? "  " : "", stream);
            print_cell(text, width[c], table->headings[c].number, stream);
        }
        fputc('\n', stream);
    }
}
