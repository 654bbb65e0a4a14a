#include "yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

void cf_node_free(cf_node **node)
{
    if (node == NULL || *node == NULL)
        return;
    for (size_t i = 0; i < (*node)->count; i++)
        cf_node_free(&(*node)->items[i]);
    free((*node)->items);
    free((*node)->key);
    free((*node)->text);
    free(*node);
    *node = NULL;
}

static cf_status grow(cf_node *node, cf_err *err)
{
    size_t capacity = node->capacity == 0 ? 8 : 2 * node->capacity;
    cf_node **items = cf_allocate("problem", capacity, sizeof(cf_node *), err);
    if (items == NULL)
        return CF_ESYSTEM;
    if (node->count > 0)
        memcpy(items, node->items, node->count * sizeof(cf_node *));
    free(node->items);
    node->items = items;
    node->capacity = capacity;
    return CF_OK;
}

cf_status cf_node_attach(cf_node *parent, cf_node *child, cf_err *err)
{
    if (parent->count == parent->capacity && grow(parent, err) != CF_OK) {
        cf_node_free(&child);
        return CF_ESYSTEM;
    }
    parent->items[parent->count++] = child;
    return CF_OK;
}

cf_node *cf_node_add(cf_node *parent, const char *key, cf_err *err)
{
    cf_node *child = cf_allocate("problem", 1, sizeof *child, err);
    if (child == NULL)
        return NULL;
    child->line = parent->line;
    child->setting = parent->setting;
    child->key = cf_duplicate_text(key, err);
    if (key != NULL && child->key == NULL) {
        cf_node_free(&child);
        return NULL;
    }
    return cf_node_attach(parent, child, err) == CF_OK ? child : NULL;
}

cf_node *cf_node_find(const cf_node *section, const char *key)
{
    if (section == NULL || section->type != CF_NODE_SECTION)
        return NULL;
    for (size_t i = 0; i < section->count; i++)
        if (strcmp(section->items[i]->key, key) == 0)
            return section->items[i];
    return NULL;
}

cf_node *cf_node_take(cf_node *parent, size_t index)
{
    cf_node *child = parent->items[index];
    parent->count--;
    memmove(parent->items + index, parent->items + index + 1,
            (parent->count - index) * sizeof(cf_node *));
    return child;
}

bool cf_node_is_null(const cf_node *node)
{
    return node->type == CF_NODE_SCALAR && node->plain &&
           (strcmp(node->text, "") == 0 || strcmp(node->text, "~") == 0 ||
            strcmp(node->text, "null") == 0);
}

cf_status cf_node_open(cf_node *node, const char *key, cf_err *err)
{
    bool empty = cf_node_is_null(node);
    char *text = node->text;
    bool plain = node->plain;
    node->type = CF_NODE_SECTION;
    node->text = NULL;
    cf_node *child = empty ? NULL : cf_node_add(node, key, err);
    if (child == NULL) {
        free(text);
        return empty ? CF_OK : CF_ESYSTEM;
    }
    child->text = text;
    child->plain = plain;
    return CF_OK;
}

void cf_text_shown(const char *text, char *shown, size_t size)
{
    size_t length = 0, most = size - sizeof "...";
    for (; length < most && text[length] != '\0'; length++) {
        unsigned char byte = (unsigned char)text[length];
        shown[length] = byte < 0x20 || byte == 0x7F ? ' ' : text[length];
    }
    if (text[length] != '\0') {
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
        memcpy(shown + length, "...", 3);
        length += 3;
    }
    shown[length] = '\0';
}

cf_status cf_place_prepend(cf_err *err, const char *file, int line, const char *setting)
{
    char shown[200];
    if (setting == NULL)
        return cf_err_prepend(err, "%.400s:%d: ", file, line);
    cf_text_shown(setting, shown, sizeof shown);
    return cf_err_prepend(err, "--set %s: ", shown);
}
