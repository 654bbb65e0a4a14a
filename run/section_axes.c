#define _POSIX_C_SOURCE 200809L
/* The axes of a sweep: keys with lists of values, any YAML, or with ranges. */
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/problem.h"
#include "contraflow/solver/memory.h"
#include "section_parts.h"

const char *const cf_spacing_names[] = {"linear", "log", NULL};

static const cf_option range_options[] = {
    {.key = "from", .type = CF_OPTION_REAL, .offset = offsetof(cf_range, from), .doc = "First."},
    {.key = "to", .type = CF_OPTION_REAL, .offset = offsetof(cf_range, to), .doc = "Last."},
    {.key = "count",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_range, count),
     .fallback = "2",
     .min = 2,
     .max = 1e6,
     .doc = "Number of values, without effect in a Sobol sequence."},
    {.key = "spacing",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_range, spacing),
     .fallback = "linear",
     .choices = cf_spacing_names,
     .doc = "Equal steps or equal ratios."}};
static const cf_kind range_kind = {"range", "A range of values.", range_options,
                                   sizeof range_options / sizeof *range_options, sizeof(cf_range)};

/* --- YAML on one line --- */

static void print_node(FILE *stream, const cf_node *node)
{
    if (node->type == CF_NODE_SCALAR) {
        if (node->plain && strpbrk(node->text, ",[]{}") == NULL)
            fputs(node->text, stream);
        else
            cf_text_print(stream, node->text);
        return;
    }
    bool section = node->type == CF_NODE_SECTION;
    fputc(section ? '{' : '[', stream);
    for (size_t i = 0; i < node->count; i++) {
        fputs(i > 0 ? ", " : "", stream);
        if (section) {
            cf_text_print(stream, node->items[i]->key);
            fputs(": ", stream);
        }
        print_node(stream, node->items[i]);
    }
    fputc(section ? '}' : ']', stream);
}

static char *text_of(const cf_node *node, cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    bool failed = stream == NULL;
    if (!failed) {
        print_node(stream, node);
        failed = fclose(stream) != 0;
    }
    if (!failed)
        return text;
    free(text);
    cf_fail(err, CF_ESYSTEM, "no memory for the axes of the sweep");
    return NULL;
}

/* --- reading --- */

static cf_status read_values(const cf_reader *reader, const cf_node *node, const char *key,
                             cf_texts *values, cf_err *err)
{
    if (node->count == 0)
        return cf_value_fail(reader, node, key, "must have at least one value", err);
    values->values = cf_allocate(key, node->count, sizeof *values->values, err);
    if (values->values == NULL)
        return CF_ESYSTEM;
    for (; values->count < node->count; values->count++) {
        values->values[values->count] = text_of(node->items[values->count], err);
        if (values->values[values->count] == NULL)
            return CF_ESYSTEM;
    }
    return CF_OK;
}

static cf_status read_range(const cf_reader *reader, cf_node *node, const char *key, cf_axis *axis,
                            cf_err *err)
{
    axis->ranged = true;
    bool counted = cf_node_find(node, "count") != NULL;
    cf_status status = cf_options_read(reader, node, key, &range_kind, &axis->range, err);
    if (status != CF_OK)
        return status;
    if (!counted)
        axis->range.count = 0;
    if (axis->range.spacing == CF_SPACING_LOG && !(axis->range.from > 0 && axis->range.to > 0))
        return cf_node_fail(reader, node, err, "%s: equal ratios need positive ends", key);
    return CF_OK;
}

static cf_status read_axis(const cf_reader *reader, cf_node *node, const char *key, cf_axis *axis,
                           cf_err *err)
{
    axis->line = node->setting != NULL ? -1 : node->line;
    axis->key = cf_duplicate_text(node->key, err);
    if (axis->key == NULL)
        return CF_ESYSTEM;
    if (node->type == CF_NODE_LIST)
        return read_values(reader, node, key, &axis->values, err);
    if (node->type == CF_NODE_SECTION)
        return read_range(reader, node, key, axis, err);
    return cf_value_fail(reader, node, key,
                         "must be a list of values, or a range {from: A, to: B, count: N}", err);
}

cf_status cf_axes_read(const cf_reader *reader, cf_node *node, const char *key, cf_axes *axes,
                       cf_err *err)
{
    if (cf_node_is_null(node))
        return CF_OK;
    if (node->type != CF_NODE_SECTION)
        return cf_value_fail(reader, node, key, "must be a section of KEY: [VALUES]", err);
    axes->items = cf_allocate(key, node->count, sizeof *axes->items, err);
    cf_status status = axes->items != NULL ? CF_OK : CF_ESYSTEM;
    for (size_t i = 0; i < node->count && status == CF_OK; i++) {
        char full[CF_KEY_SIZE];
        cf_node *item = node->items[i];
        cf_key_join(full, key, item->key);
        for (size_t j = 0; j < i && status == CF_OK; j++)
            if (strcmp(node->items[j]->key, item->key) == 0)
                status = cf_node_fail(reader, item, err, "%s: given twice, first on line %d", full,
                                      node->items[j]->line);
        axes->count = i + 1;
        if (status == CF_OK && reader->places != NULL)
            status = cf_places_add(reader->places, full, item->line, item->setting, err);
        if (status == CF_OK)
            status = read_axis(reader, item, full, &axes->items[i], err);
    }
    return status;
}

/* --- printing --- */

void cf_axes_print(FILE *stream, const char *indent, const cf_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        const cf_axis *axis = &axes->items[i];
        fputs(indent, stream);
        cf_text_print(stream, axis->key);
        if (axis->ranged) {
            fputs(": {from: ", stream);
            cf_number_print(stream, axis->range.from);
            fputs(", to: ", stream);
            cf_number_print(stream, axis->range.to);
            if (axis->range.count > 0)
                fprintf(stream, ", count: %ld", axis->range.count);
            fprintf(stream, ", spacing: %s}\n", cf_spacing_names[axis->range.spacing]);
            continue;
        }
        fputs(": [", stream);
        for (size_t v = 0; v < axis->values.count; v++)
            fprintf(stream, "%s%s", v > 0 ? ", " : "", axis->values.values[v]);
        fputs("]\n", stream);
    }
}
