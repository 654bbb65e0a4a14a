/* Tables for the terminal and the page; private to cli/. */
#ifndef CONTRAFLOW_CLI_TABLE_H
#define CONTRAFLOW_CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "contraflow/solver/error.h"

enum { CF_TABLE_COLUMNS = 16, CF_TABLE_CELL = 160 };

typedef char cf_cell[CF_TABLE_CELL];

/* Zero-initialize. */
typedef struct {
    struct {
        const char *title; /* borrowed */
        const char *doc;   /* one line, or "" */
        bool number;       /* aligned right */
    } headings[CF_TABLE_COLUMNS];
    size_t columns;
    cf_cell *cells; /* [rows*columns] */
    size_t rows;
} cf_table;

void cf_table_add_column(cf_table *table, const char *title, const char *doc, bool number);

/* The cells of a new row, empty; valid until the next one. NULL on lack of memory. Columns come
 * first. */
cf_cell *cf_table_add_row(cf_table *table, cf_err *err);
/* Takes away the columns that are "-" in every row. */
void cf_table_drop_empty(cf_table *table);
void cf_table_release(cf_table *table);

/* A number as cells show it: "-" for NaN. */
void cf_cell_write(cf_cell cell, const char *format, double value);

/* Aligned text. */
void cf_table_print(const cf_table *table, FILE *stream);

#endif
