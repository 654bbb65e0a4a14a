#include "section_parts.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

/* [+-] digits [. digits] [e [+-] digits]: no hexadecimal numbers, infinities or NaN. */
static bool is_number(const char *text, bool whole)
{
    size_t at = text[0] == '+' || text[0] == '-', digits = 0;
    for (; isdigit((unsigned char)text[at]); at++)
        digits++;
    if (!whole && text[at] == '.')
        for (at++; isdigit((unsigned char)text[at]); at++)
            digits++;
    if (digits > 0 && !whole && (text[at] == 'e' || text[at] == 'E')) {
        at += text[at + 1] == '+' || text[at + 1] == '-' ? 2 : 1;
        for (digits = 0; isdigit((unsigned char)text[at]); at++)
            digits++;
    }
    return digits > 0 && text[at] == '\0';
}

static bool bounded(const cf_option *option)
{
    return option->min != 0 || option->max != 0;
}

const char *cf_exact_text(double value, char text[32])
{
    static const char *const formats[] = {"%g", "%.16g", "%.17g"};
    for (size_t k = 0; k < 3; k++) {
        snprintf(text, 32, formats[k], value);
        if (strtod(text, NULL) == value)
            break;
    }
    return text;
}

void cf_range_text(const cf_option *option, char text[80])
{
    char min[32], max[32];
    bool below = bounded(option) && option->min > -1e300;
    bool above = bounded(option) && option->max < 1e300;
    text[0] = '\0';
    if (below && option->min == option->max)
        snprintf(text, 80, "%s", cf_exact_text(option->min, min));
    else if (below && above)
        snprintf(text, 80, "in [%s, %s]", cf_exact_text(option->min, min),
                 cf_exact_text(option->max, max));
    else if (below)
        snprintf(text, 80, "at least %s", cf_exact_text(option->min, min));
    else if (above)
        snprintf(text, 80, "at most %s", cf_exact_text(option->max, max));
}

static cf_status check_range(const cf_reader *reader, const cf_node *node, const char *key,
                             const cf_option *option, double value, cf_err *err)
{
    if (!bounded(option) || (value >= option->min && value <= option->max))
        return CF_OK;
    char range[80], rule[96];
    cf_range_text(option, range);
    snprintf(rule, sizeof rule, "must be %s", range);
    return cf_value_fail(reader, node, key, rule, err);
}

static cf_status read_real(const cf_reader *reader, const cf_node *node, const char *key,
                           const cf_option *option, double *value, cf_err *err)
{
    if (node->type != CF_NODE_SCALAR || !node->plain || !is_number(node->text, false))
        return cf_value_fail(reader, node, key, "must be a number", err);
    *value = strtod(node->text, NULL);
    if (!isfinite(*value))
        return cf_value_fail(reader, node, key, "must be a finite number", err);
    return check_range(reader, node, key, option, *value, err);
}

static cf_status read_integer(const cf_reader *reader, const cf_node *node, const char *key,
                              const cf_option *option, long *value, cf_err *err)
{
    if (option->zero != NULL && node->type == CF_NODE_SCALAR &&
        strcmp(node->text, option->zero) == 0) {
        *value = 0;
        return CF_OK;
    }
    if (node->type != CF_NODE_SCALAR || !node->plain || !is_number(node->text, true)) {
        char rule[64];
        snprintf(rule, sizeof rule, "must be a whole number%s%s",
                 option->zero != NULL ? " or " : "", option->zero != NULL ? option->zero : "");
        return cf_value_fail(reader, node, key, rule, err);
    }
    errno = 0;
    *value = strtol(node->text, NULL, 10);
    if (errno == ERANGE && !bounded(option))
        return cf_value_fail(reader, node, key, "must be a whole number of at most 63 bits", err);
    return check_range(reader, node, key, option, (double)*value, err);
}

static cf_status read_bool(const cf_reader *reader, const cf_node *node, const char *key,
                           bool *value, cf_err *err)
{
    bool scalar = node->type == CF_NODE_SCALAR && node->plain;
    *value = scalar && strcmp(node->text, "true") == 0;
    if (*value || (scalar && strcmp(node->text, "false") == 0))
        return CF_OK;
    return cf_value_fail(reader, node, key, "must be true or false", err);
}

static cf_status read_text(const cf_reader *reader, const cf_node *node, const char *key,
                           char **value, cf_err *err)
{
    if (node->type != CF_NODE_SCALAR || cf_node_is_null(node))
        return cf_value_fail(reader, node, key, "must be a text", err);
    *value = cf_duplicate_text(node->text, err);
    return *value != NULL ? CF_OK : CF_ESYSTEM;
}

/* A relative path is taken from the folder of the problem file. */
static cf_status read_path(const cf_reader *reader, const cf_node *node, const char *key,
                           char **value, cf_err *err)
{
    if (node->type != CF_NODE_SCALAR || node->text[0] == '\0' || cf_node_is_null(node))
        return cf_value_fail(reader, node, key, "must be the name of a file", err);
    bool as_is = node->text[0] == '/' || strcmp(reader->directory, ".") == 0;
    const char *folder = as_is ? "" : reader->directory;
    size_t length = strlen(folder), size = length + strlen(node->text) + 2;
    const char *slash = length > 0 && folder[length - 1] != '/' ? "/" : "";
    *value = cf_allocate("path", size, 1, err);
    if (*value == NULL)
        return CF_ESYSTEM;
    snprintf(*value, size, "%s%s%s", folder, slash, node->text);
    return CF_OK;
}

static cf_status read_choice(const cf_reader *reader, const cf_node *node, const char *key,
                             const cf_option *option, int *value, cf_err *err)
{
    cf_nearest nearest = {.word = node->type == CF_NODE_SCALAR ? node->text : ""};
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(nearest.word, option->choices[i]) == 0) {
            *value = i;
            return CF_OK;
        }
        cf_nearest_offer(&nearest, option->choices[i]);
    }
    return cf_word_fail(reader, node, key, &nearest, err);
}

/* One word stands for a list of one. */
static cf_status read_choices(const cf_reader *reader, const cf_node *node, const char *key,
                              const cf_option *option, cf_integers *choices, cf_err *err)
{
    bool list = node->type == CF_NODE_LIST;
    size_t count = list ? node->count : 1;
    if (node->type == CF_NODE_SECTION || count == 0 || cf_node_is_null(node))
        return cf_value_fail(reader, node, key, "must be a list of words", err);
    choices->values = cf_allocate(key, count, sizeof *choices->values, err);
    if (choices->values == NULL)
        return CF_ESYSTEM;
    choices->count = count;
    cf_status status = CF_OK;
    for (size_t i = 0; i < count && status == CF_OK; i++) {
        char item_key[CF_KEY_SIZE];
        int choice = 0;
        cf_key_join_index(item_key, key, i);
        status = read_choice(reader, list ? node->items[i] : node, list ? item_key : key, option,
                             &choice, err);
        choices->values[i] = choice;
    }
    return status;
}

/* One number stands for a list of one. */
static cf_status read_list(const cf_reader *reader, const cf_node *node, const char *key,
                           const cf_option *option, void *field, cf_err *err)
{
    bool real = option->type == CF_OPTION_REALS;
    bool list = node->type == CF_NODE_LIST;
    size_t count = list ? node->count : 1;
    if (node->type == CF_NODE_SECTION || count == 0 || cf_node_is_null(node))
        return cf_value_fail(reader, node, key,
                             real ? "must be a list of numbers" : "must be a list of whole numbers",
                             err);
    cf_reals *reals = field;
    cf_integers *integers = field;
    void *values = cf_allocate(key, count, real ? sizeof(double) : sizeof(long), err);
    if (values == NULL)
        return CF_ESYSTEM;
    if (real)
        *reals = (cf_reals){values, count};
    else
        *integers = (cf_integers){values, count};
    cf_status status = CF_OK;
    for (size_t i = 0; i < count && status == CF_OK; i++) {
        char item_key[CF_KEY_SIZE];
        const cf_node *item = list ? node->items[i] : node;
        cf_key_join_index(item_key, key, i);
        status =
            real ? read_real(reader, item, list ? item_key : key, option, reals->values + i, err)
                 : read_integer(reader, item, list ? item_key : key, option, integers->values + i,
                                err);
    }
    return status;
}

static cf_status read_matrix(const cf_reader *reader, const cf_node *node, const char *key,
                             const cf_option *option, cf_matrix *matrix, cf_err *err)
{
    const char *rule = "must be a list of lists of numbers, [[a, b], [c, d]]";
    if (node->type != CF_NODE_LIST || node->count == 0)
        return cf_value_fail(reader, node, key, rule, err);
    size_t rows = node->count, columns = node->items[0]->count;
    char row_key[CF_KEY_SIZE], item_key[CF_KEY_SIZE];
    for (size_t i = 0; i < rows; i++) {
        const cf_node *row = node->items[i];
        cf_key_join_index(row_key, key, i);
        if (row->type != CF_NODE_LIST || row->count == 0)
            return cf_value_fail(reader, row, row_key, "must be a list of numbers", err);
        if (row->count != columns)
            return cf_node_fail(reader, row, err, "%s has %zu numbers: must have %zu, as %s.0",
                                row_key, row->count, columns, key);
    }
    matrix->values = cf_allocate(key, rows * columns, sizeof(double), err);
    if (matrix->values == NULL)
        return CF_ESYSTEM;
    matrix->rows = rows;
    matrix->columns = columns;
    cf_status status = CF_OK;
    for (size_t i = 0; i < rows * columns && status == CF_OK; i++) {
        const cf_node *item = node->items[i / columns]->items[i % columns];
        cf_key_join_index(row_key, key, i / columns);
        cf_key_join_index(item_key, row_key, i % columns);
        status = read_real(reader, item, item_key, option, matrix->values + i, err);
    }
    return status;
}

/* A list of numbers is a column of rows of one, and a number a list of one. */
static cf_status read_table(const cf_reader *reader, const cf_node *node, const char *key,
                            const cf_option *option, cf_matrix *table, cf_err *err)
{
    bool list = node->type == CF_NODE_LIST;
    if (node->type == CF_NODE_SECTION || cf_node_is_null(node) || (list && node->count == 0))
        return cf_value_fail(reader, node, key,
                             "must be a number, a list of numbers or a list of lists", err);
    if (list && node->items[0]->type == CF_NODE_LIST)
        return read_matrix(reader, node, key, option, table, err);
    cf_option column = *option;
    cf_reals reals = {0};
    column.type = CF_OPTION_REALS;
    cf_status status = read_list(reader, node, key, &column, &reals, err);
    *table = (cf_matrix){reals.values, reals.count, 1};
    return status;
}

/* One text stands for a list of one. */
static cf_status read_texts(const cf_reader *reader, const cf_node *node, const char *key,
                            cf_texts *texts, cf_err *err)
{
    bool list = node->type == CF_NODE_LIST;
    size_t count = list ? node->count : 1;
    if (node->type == CF_NODE_SECTION || cf_node_is_null(node))
        return cf_value_fail(reader, node, key, "must be a list of texts", err);
    texts->values = cf_allocate(key, count, sizeof *texts->values, err);
    cf_status status = texts->values != NULL ? CF_OK : CF_ESYSTEM;
    for (size_t i = 0; i < count && status == CF_OK; i++) {
        char item_key[CF_KEY_SIZE];
        cf_key_join_index(item_key, key, i);
        status = read_text(reader, list ? node->items[i] : node, list ? item_key : key,
                           &texts->values[i], err);
        texts->count += status == CF_OK;
    }
    return status;
}

cf_status cf_plain_value_read(const cf_reader *reader, const cf_node *node, const char *key,
                              const cf_option *option, void *field, cf_err *err)
{
    switch (option->type) {
    case CF_OPTION_BOOL:
        return read_bool(reader, node, key, field, err);
    case CF_OPTION_INTEGER:
        return read_integer(reader, node, key, option, field, err);
    case CF_OPTION_REAL:
        return read_real(reader, node, key, option, field, err);
    case CF_OPTION_TEXT:
        return read_text(reader, node, key, field, err);
    case CF_OPTION_PATH:
        return read_path(reader, node, key, field, err);
    case CF_OPTION_CHOICE:
        return read_choice(reader, node, key, option, field, err);
    case CF_OPTION_CHOICES:
        return read_choices(reader, node, key, option, field, err);
    case CF_OPTION_INTEGERS:
    case CF_OPTION_REALS:
        return read_list(reader, node, key, option, field, err);
    case CF_OPTION_TEXTS:
        return read_texts(reader, node, key, field, err);
    case CF_OPTION_MATRIX:
        return read_matrix(reader, node, key, option, field, err);
    case CF_OPTION_TABLE:
        return read_table(reader, node, key, option, field, err);
    default:
        return cf_fail(err, CF_EINPUT, "%s: the value of a section", key);
    }
}
