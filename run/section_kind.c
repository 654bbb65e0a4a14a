#include "section_parts.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

/* {WORD: {...}} means {SELECTOR: WORD, ...}. */
static cf_status unfold(cf_node *node, const char *selector, cf_err *err)
{
    cf_node *only = cf_node_take(node, 0);
    cf_node *word = cf_node_add(node, selector, err);
    if (word != NULL)
        word->text = cf_duplicate_text(only->key, err);
    bool complete = word != NULL && word->text != NULL;
    if (complete) {
        word->line = only->line;
        word->setting = only->setting;
    }
    while (complete && only->type == CF_NODE_SECTION && only->count > 0)
        complete = cf_node_attach(node, cf_node_take(only, 0), err) == CF_OK;
    cf_node_free(&only);
    return complete ? CF_OK : CF_ESYSTEM;
}

/* A section with the single entry WORD: {...} or WORD: (nothing). */
static bool is_folded(const cf_node *node)
{
    return node->type == CF_NODE_SECTION && node->count == 1 &&
           (node->items[0]->type == CF_NODE_SECTION || cf_node_is_null(node->items[0]));
}

static size_t index_in(const cf_node *parent, const cf_node *child)
{
    size_t i = 0;
    while (parent->items[i] != child)
        i++;
    return i;
}

/* eta: {kind: power, exponent: 2} means eta: power and exponent: 2 beside it. */
cf_status cf_choice_hoist(const cf_reader *reader, cf_node *section, const char *key,
                          const cf_option *option, cf_err *err)
{
    char full[CF_KEY_SIZE];
    cf_node *node = cf_node_find(section, option->key);
    if (node == NULL || node->type != CF_NODE_SECTION)
        return CF_OK;
    cf_key_join(full, key, option->key);
    if (is_folded(node) && unfold(node, "kind", err) != CF_OK)
        return CF_ESYSTEM;
    cf_node *word = cf_node_find(node, "kind");
    if (word == NULL)
        return cf_node_fail(reader, node, err, "%s.kind: required, but missing", full);
    if (word->type != CF_NODE_SCALAR)
        return cf_value_fail(reader, word, full, "must be a word", err);
    cf_node_take(node, index_in(node, word));
    node->type = CF_NODE_SCALAR;
    node->plain = word->plain;
    node->text = word->text;
    node->line = word->line;
    node->setting = word->setting;
    word->text = NULL;
    cf_node_free(&word);
    while (node->count > 0)
        if (cf_node_attach(section, cf_node_take(node, 0), err) != CF_OK)
            return CF_ESYSTEM;
    return CF_OK;
}

cf_status cf_repeated_settle(const cf_reader *reader, cf_node *section, const char *key,
                             size_t first, size_t index, cf_err *err)
{
    char full[CF_KEY_SIZE];
    cf_node *a = section->items[first], *b = section->items[index];
    if ((a->setting == NULL) == (b->setting == NULL)) {
        cf_key_join(full, key, b->key);
        return cf_node_fail(reader, b, err, "%s: given twice, first on line %d", full, a->line);
    }
    cf_node *loser = cf_node_take(section, a->setting == NULL ? first : index);
    cf_node_free(&loser);
    return CF_OK;
}

const char *cf_option_selector(const cf_option *option)
{
    return option->selector != NULL ? option->selector : "kind";
}

const cf_kind *cf_kind_named(const cf_option *option, const char *name)
{
    for (size_t i = 0; option->variants[i] != NULL; i++)
        if (strcmp(option->variants[i]->name, name) == 0)
            return option->variants[i];
    return NULL;
}

static cf_status find_kind(const cf_reader *reader, const cf_node *word, const char *key,
                           const cf_option *option, const cf_kind **kind, cf_err *err)
{
    char full[CF_KEY_SIZE];
    *kind = word->type == CF_NODE_SCALAR ? cf_kind_named(option, word->text) : NULL;
    if (*kind != NULL)
        return CF_OK;
    cf_nearest nearest = {.word = word->type == CF_NODE_SCALAR ? word->text : ""};
    for (size_t i = 0; option->variants[i] != NULL; i++)
        cf_nearest_offer(&nearest, option->variants[i]->name);
    cf_key_join(full, key, cf_option_selector(option));
    return cf_word_fail(reader, word, full, &nearest, err);
}

/* Takes the word that names the kind out of the section; the default kind where there is none. */
/* `kind` is always another name of the selector; one of them may be given, once. */
static cf_status unite_selectors(const cf_reader *reader, cf_node *node, const char *key,
                                 const char *selector, cf_err *err)
{
    size_t first = node->count;
    for (size_t i = 0; i < node->count; i++) {
        const char *word = node->items[i]->key;
        if (strcmp(word, selector) != 0 && strcmp(word, "kind") != 0)
            continue;
        if (first < i) {
            cf_status status = cf_repeated_settle(reader, node, key, first, i, err);
            return status == CF_OK ? unite_selectors(reader, node, key, selector, err) : status;
        }
        first = i;
    }
    if (first < node->count && strcmp(node->items[first]->key, selector) != 0) {
        free(node->items[first]->key);
        node->items[first]->key = cf_duplicate_text(selector, err);
        if (node->items[first]->key == NULL)
            return CF_ESYSTEM;
    }
    return CF_OK;
}

cf_status cf_kind_take(const cf_reader *reader, cf_node *node, const char *key,
                       const cf_option *option, const cf_kind **kind, cf_err *err)
{
    const char *selector = cf_option_selector(option);
    if (node->type == CF_NODE_SCALAR && cf_node_open(node, selector, err) != CF_OK)
        return CF_ESYSTEM;
    if (is_folded(node) && cf_kind_named(option, node->items[0]->key) != NULL &&
        unfold(node, selector, err) != CF_OK)
        return CF_ESYSTEM;
    cf_status status = unite_selectors(reader, node, key, selector, err);
    cf_node *word = cf_node_find(node, selector);
    *kind = option->variants[0];
    if (status != CF_OK || word == NULL)
        return status;
    status = find_kind(reader, word, key, option, kind, err);
    if (status != CF_OK)
        return status;
    cf_node_take(node, index_in(node, word));
    cf_node_free(&word);
    return CF_OK;
}
