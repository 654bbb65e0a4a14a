#include "section.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "section_parts.h"

static cf_status read_value(const cf_reader *reader, cf_node *node, const char *key,
                            const cf_option *option, void *field, cf_err *err);

static void *field_of(void *options, const cf_option *option)
{
    return (char *)options + option->offset;
}

static cf_status record(const cf_reader *reader, const cf_node *node, const char *key, cf_err *err)
{
    if (reader->places == NULL)
        return CF_OK;
    return cf_places_add(reader->places, key, node->line, node->setting, err);
}

/* --set KEY=~ takes back what the file gives. */
static int line_of(const cf_reader *reader, const cf_node *node)
{
    if (reader->places == NULL || (node->setting != NULL && cf_node_is_null(node)))
        return 0;
    return node->setting != NULL ? -1 : node->line;
}

/* --- keys --- */

const cf_option *cf_option_find(const cf_kind *kind, const char *key)
{
    for (size_t i = 0; i < kind->count; i++)
        if (strcmp(kind->options[i].key, key) == 0)
            return &kind->options[i];
    return NULL;
}

/* "sgd, momentum": the kinds that have the key, of those the reader can choose from. */
static void list_owners(const cf_reader *reader, const char *key, char *text, size_t size)
{
    const cf_kind *const *kind = reader->variant != NULL ? reader->variant->variants : NULL;
    size_t used = 0;
    text[0] = '\0';
    for (; kind != NULL && *kind != NULL && used < size; kind++)
        if (cf_option_find(*kind, key) != NULL)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     (*kind)->name);
}

static cf_status refuse_key(const cf_reader *reader, const cf_node *node, const char *key,
                            const cf_kind *kind, cf_err *err)
{
    char shown[64], full[CF_KEY_SIZE], hint[96], owners[128];
    cf_nearest nearest = {.word = node->key};
    if (reader->variant != NULL)
        cf_nearest_offer(&nearest, cf_option_selector(reader->variant));
    for (size_t i = 0; i < kind->count; i++)
        cf_nearest_offer(&nearest, kind->options[i].key);
    cf_text_shown(node->key, shown, sizeof shown);
    cf_key_join(full, key, shown);
    list_owners(reader, node->key, owners, sizeof owners);
    if (owners[0] != '\0')
        return cf_node_fail(reader, node, err, "%s: has a meaning only with %s: %s", full,
                            cf_option_selector(reader->variant), owners);
    if (nearest.best == NULL)
        return cf_node_fail(reader, node, err, "%s: unknown key; %s has none", full, key);
    return cf_node_fail(reader, node, err, "%s: unknown key%s (valid: %s)", full,
                        cf_nearest_hint(&nearest, hint), nearest.valid);
}

/* Since all keys before are known, a repeated one is found within kind->count steps. */
static cf_status check_keys(const cf_reader *reader, cf_node *section, const char *key,
                            const cf_kind *kind, cf_err *err)
{
    for (size_t i = 0; i < section->count; i++) {
        if (cf_option_find(kind, section->items[i]->key) == NULL)
            return refuse_key(reader, section->items[i], key, kind, err);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(section->items[j]->key, section->items[i]->key) != 0)
                continue;
            cf_status status = cf_repeated_settle(reader, section, key, j, i, err);
            if (status != CF_OK)
                return status;
            i--;
            break;
        }
    }
    return CF_OK;
}

/* --- variants --- */

static cf_status create_options(cf_variant *variant, const cf_kind *kind, cf_err *err)
{
    variant->options = cf_allocate(kind->name, 1, kind->size, err);
    variant->kind = variant->options != NULL ? kind : NULL;
    return variant->kind != NULL ? CF_OK : CF_ESYSTEM;
}

/* A list in place of a variant is the only option of the kind `list`. */
static cf_status read_list_kind(const cf_reader *reader, cf_node *node, const char *key,
                                const cf_option *option, cf_variant *variant, cf_err *err)
{
    const cf_kind *kind = cf_kind_named(option, "list");
    if (kind == NULL)
        return cf_value_fail(reader, node, key, "must be a section", err);
    cf_status status = create_options(variant, kind, err);
    if (status != CF_OK)
        return status;
    return read_value(reader, node, key, &kind->options[0],
                      field_of(variant->options, &kind->options[0]), err);
}

static cf_status read_variant(const cf_reader *reader, cf_node *node, const char *key,
                              const cf_option *option, cf_variant *variant, cf_err *err)
{
    const cf_kind *kind = option->variants[0];
    cf_status status = CF_OK;
    variant->line = line_of(reader, node);
    if (node->type == CF_NODE_LIST)
        return read_list_kind(reader, node, key, option, variant, err);
    if (option->type != CF_OPTION_SECTION)
        status = cf_kind_take(reader, node, key, option, &kind, err);
    else if (cf_node_is_null(node))
        status = cf_node_open(node, "", err);
    else if (node->type != CF_NODE_SECTION)
        status = cf_value_fail(reader, node, key, "must be a section", err);
    if (status == CF_OK)
        status = create_options(variant, kind, err);
    if (status != CF_OK)
        return status;
    cf_reader inner = *reader;
    inner.variant = option->type != CF_OPTION_SECTION ? option : NULL;
    return cf_options_read(&inner, node, key, kind, variant->options, err);
}

static cf_status read_variants(const cf_reader *reader, cf_node *node, const char *key,
                               const cf_option *option, cf_variants *variants, cf_err *err)
{
    if (node->type != CF_NODE_LIST)
        return cf_value_fail(reader, node, key, "must be a list of sections", err);
    if (node->count == 0)
        return cf_node_fail(reader, node, err, "%s: must have at least one entry", key);
    variants->items = cf_allocate(key, node->count, sizeof *variants->items, err);
    if (variants->items == NULL)
        return CF_ESYSTEM;
    variants->count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        char item_key[CF_KEY_SIZE];
        cf_key_join_index(item_key, key, i);
        cf_status status = record(reader, node->items[i], item_key, err);
        if (status == CF_OK)
            status =
                read_variant(reader, node->items[i], item_key, option, &variants->items[i], err);
        if (status != CF_OK)
            return status;
    }
    return CF_OK;
}

/* --- options --- */

static cf_status read_value(const cf_reader *reader, cf_node *node, const char *key,
                            const cf_option *option, void *field, cf_err *err)
{
    if (option->type == CF_OPTION_VARIANTS)
        return read_variants(reader, node, key, option, field, err);
    if (option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_SECTION)
        return read_variant(reader, node, key, option, field, err);
    if (option->type == CF_OPTION_AXES)
        return cf_axes_read(reader, node, key, field, err);
    return cf_plain_value_read(reader, node, key, option, field, err);
}

/* What is being read. */
typedef struct {
    cf_node *section;
    const char *key;
    const cf_kind *kind;
    void *options;
} scope;

static bool is_key(const cf_option *option, const char *begin, const char *end)
{
    size_t length = (size_t)(end - begin);
    return strlen(option->key) == length && strncmp(option->key, begin, length) == 0;
}

/* The default "KEY/NUMBER": the value of an earlier key divided by a number. */
static bool read_quotient(const cf_kind *kind, const cf_option *option, void *options)
{
    const char *slash = option->type == CF_OPTION_REAL ? strchr(option->fallback, '/') : NULL;
    for (size_t i = 0; slash != NULL && i < kind->count; i++) {
        const cf_option *other = &kind->options[i];
        if (!is_key(other, option->fallback, slash))
            continue;
        const double *base = field_of(options, other);
        *(double *)field_of(options, option) = *base / strtod(slash + 1, NULL);
        return true;
    }
    return false;
}

/* A section that is not there, and that would need more than its defaults. */
static bool is_absent(const cf_option *option)
{
    if (option->type != CF_OPTION_SECTION || strcmp(option->fallback, "~") != 0)
        return false;
    for (size_t i = 0; i < option->variants[0]->count; i++)
        if (option->variants[0]->options[i].fallback == NULL)
            return true;
    return false;
}

static cf_status read_default(const cf_reader *reader, const char *key, const scope *in,
                              const cf_option *option, cf_err *err)
{
    if (is_absent(option) || read_quotient(in->kind, option, in->options))
        return CF_OK;
    cf_reader quiet = *reader;
    quiet.places = NULL;
    const char *text = option->fallback;
    if (strcmp(text, "<kind>") == 0)
        text = in->kind->name;
    else if (text[0] == '\0')
        text = "\"\"";
    cf_node *node = NULL;
    cf_status status = cf_node_parse("default", NULL, text, &node, err);
    if (status == CF_OK)
        status = read_value(&quiet, node, key, option, field_of(in->options, option), err);
    cf_node_free(&node);
    return status;
}

static cf_status read_option(const cf_reader *reader, const scope *in, const cf_option *option,
                             cf_err *err)
{
    char full[CF_KEY_SIZE];
    cf_key_join(full, in->key, option->key);
    cf_node *node = cf_node_find(in->section, option->key);
    if (node != NULL) {
        cf_status status = record(reader, node, full, err);
        return status == CF_OK
                   ? read_value(reader, node, full, option, field_of(in->options, option), err)
                   : status;
    }
    if (option->fallback == NULL)
        return cf_node_fail(reader, in->section, err, "%s: required, but missing", full);
    return read_default(reader, full, in, option, err);
}

bool cf_option_applies(const cf_kind *kind, const cf_option *option, const void *options)
{
    const char *colon = option->only != NULL ? strstr(option->only, ": ") : NULL;
    for (size_t i = 0; colon != NULL && i < kind->count; i++) {
        const cf_option *other = &kind->options[i];
        if (!is_key(other, option->only, colon))
            continue;
        const void *field = (const char *)options + other->offset;
        if (other->type == CF_OPTION_BOOL)
            return *(const bool *)field == (strcmp(colon + 2, "true") == 0);
        return strcmp(other->choices[*(const int *)field], colon + 2) == 0;
    }
    return true;
}

static cf_status refuse_idle(const cf_reader *reader, const scope *in, cf_err *err)
{
    for (size_t i = 0; i < in->kind->count; i++) {
        const cf_option *option = &in->kind->options[i];
        const cf_node *node = cf_node_find(in->section, option->key);
        if (node == NULL || cf_option_applies(in->kind, option, in->options))
            continue;
        char full[CF_KEY_SIZE], rule[128];
        cf_key_join(full, in->key, option->key);
        snprintf(rule, sizeof rule, "has a meaning only with %s", option->only);
        if (node->type != CF_NODE_SCALAR)
            return cf_node_fail(reader, node, err, "%s: %s", full, rule);
        return cf_value_fail(reader, node, full, rule, err);
    }
    return CF_OK;
}

cf_status cf_options_read(const cf_reader *reader, cf_node *section, const char *key,
                          const cf_kind *kind, void *options, cf_err *err)
{
    const scope in = {section, key, kind, options};
    cf_status status = CF_OK;
    for (size_t i = 0; i < kind->count && status == CF_OK; i++)
        if (kind->options[i].type == CF_OPTION_CHOICE)
            status = cf_choice_hoist(reader, section, key, &kind->options[i], err);
    if (status == CF_OK)
        status = check_keys(reader, section, key, kind, err);
    for (size_t i = 0; i < kind->count && status == CF_OK; i++)
        status = read_option(reader, &in, &kind->options[i], err);
    return status == CF_OK ? refuse_idle(reader, &in, err) : status;
}
