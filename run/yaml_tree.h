/* A YAML document as a tree of nodes that know where they were written. */
#ifndef CONTRAFLOW_RUN_YAML_TREE_H
#define CONTRAFLOW_RUN_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

typedef enum { CF_NODE_SCALAR, CF_NODE_LIST, CF_NODE_SECTION } cf_node_type;

/* An entry of a section lies on the line of its key. */
typedef struct cf_node {
    cf_node_type type;
    bool plain;          /* a scalar without quotes */
    int line;            /* from 1 */
    const char *setting; /* borrowed: the "KEY=VALUE" of --set that gave it; NULL: the file did */
    char *key;           /* of an entry of a section */
    char *text;          /* of a scalar */
    struct cf_node **items;
    size_t count, capacity;
} cf_node;

/* Parses one document; *out = NULL for an empty one. Failures are CF_EINPUT that begin with
 * "file:line: ", or with "--set SETTING: " where a setting is given, which must outlive the tree.
 * Anchors, aliases, tags and nesting beyond 32 levels are refused. */
cf_status cf_node_parse(const char *file, const char *setting, const char *text, cf_node **out,
                        cf_err *err);
void cf_node_free(cf_node **node);

/* A new node at the end of a list or section; NULL when memory is short. */
cf_node *cf_node_add(cf_node *parent, const char *key, cf_err *err);

/* The first entry of that key, or NULL; NULL for what is no section. */
cf_node *cf_node_find(const cf_node *section, const char *key);

/* Takes item `index` out of its parent. */
cf_node *cf_node_take(cf_node *parent, size_t index);

/* Hangs a free node into a parent, which owns it from now on (it is freed on failure). */
cf_status cf_node_attach(cf_node *parent, cf_node *child, cf_err *err);

/* Nothing was written: "key:", "key: ~" or "key: null". */
bool cf_node_is_null(const cf_node *node);

/* Turns a scalar S into the section {key: S}, and nothing into the empty section. */
cf_status cf_node_open(cf_node *node, const char *key, cf_err *err);

/* The start of a text, of less than `size` bytes, for a message: control characters become spaces,
 * and it is cut between characters. */
void cf_text_shown(const char *text, char *shown, size_t size);

/* Puts "file:line: " or "--set SETTING: " in front of the message. */
cf_status cf_place_prepend(cf_err *err, const char *file, int line, const char *setting);

#endif
