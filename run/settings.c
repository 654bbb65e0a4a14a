#include "settings.h"

#include <stdio.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "contraflow/run/nearest.h"

enum { LONGEST = 200 };

static cf_status refuse(const char *setting, const char *rule, cf_err *err)
{
    cf_fail(err, CF_EINPUT, "%s", rule);
    return cf_place_prepend(err, "", 0, setting);
}

/* An item answers to its `name`, or else to its kind. */
static const char *name_of(const cf_node *item)
{
    const cf_node *name = cf_node_find(item, "name");
    if (name == NULL)
        name = cf_node_find(item, "kind");
    if (name == NULL)
        name = item;
    return name->type == CF_NODE_SCALAR ? name->text : "";
}

/* Whether `rest` begins with the word and a dot or its end. */
static bool begins_with(const char *rest, const char *word)
{
    size_t length = strlen(word);
    return length > 0 && strncmp(rest, word, length) == 0 &&
           (rest[length] == '\0' || rest[length] == '.');
}

/* The item that `rest` names first; *length is what its name takes. A name may contain dots. */
static cf_status find_item(cf_node *list, const char *rest, const char *setting, cf_node **item,
                           size_t *length, cf_err *err)
{
    char word[LONGEST], index[24], hint[96], shown[64];
    if (list->count == 0)
        return refuse(setting, "the list has no entries", err);
    for (size_t i = 0; i < list->count; i++) {
        const char *name = name_of(list->items[i]);
        snprintf(index, sizeof index, "%zu", i);
        bool named = begins_with(rest, name);
        if (named || begins_with(rest, index)) {
            *item = list->items[i];
            *length = strlen(named ? name : index);
            return CF_OK;
        }
    }
    snprintf(word, sizeof word, "%.*s", (int)strcspn(rest, "."), rest);
    cf_text_shown(word, shown, sizeof shown);
    cf_nearest nearest = {.word = word};
    for (size_t i = 0; i < list->count; i++)
        if (strpbrk(name_of(list->items[i]), "\n\r\t") == NULL)
            cf_nearest_offer(&nearest, name_of(list->items[i]));
    cf_fail(err, CF_EINPUT, "no entry `%s`%s (entries: 0 to %zu, or by name: %s)", shown,
            cf_nearest_hint(&nearest, hint), list->count - 1, nearest.valid);
    return cf_place_prepend(err, "", 0, setting);
}

/* The entry that `rest` names first, created where there is none. */
static cf_status find_entry(cf_node *section, const char *rest, const char *setting, cf_node **item,
                            size_t *length, cf_err *err)
{
    char key[LONGEST];
    *length = strcspn(rest, ".");
    snprintf(key, sizeof key, "%.*s", (int)*length, rest);
    if (*length == 0 || *length >= sizeof key)
        return refuse(setting, "must be KEY=VALUE, with a key such as loss.tau", err);
    *item = cf_node_find(section, key);
    if (*item != NULL)
        return CF_OK;
    *item = cf_node_add(section, key, err);
    if (*item == NULL || ((*item)->text = cf_duplicate_text("", err)) == NULL)
        return CF_ESYSTEM;
    (*item)->plain = true;
    (*item)->setting = setting;
    return CF_OK;
}

/* Replaces what the node holds by what `value` holds. */
static void replace(cf_node *node, cf_node *value)
{
    cf_node old = *node;
    *node = *value;
    node->key = old.key;
    node->line = old.line;
    *value = old;
    value->key = NULL;
}

static cf_status descend(cf_node *root, const char *setting, size_t length, cf_node **out,
                         cf_err *err)
{
    char path[LONGEST];
    if (length == 0 || length >= sizeof path)
        return refuse(setting, "must be KEY=VALUE, with a key such as loss.tau", err);
    snprintf(path, sizeof path, "%.*s", (int)length, setting);
    cf_node *node = root;
    const char *rest = path;
    for (int depth = 0; *rest != '\0'; depth++) {
        if (depth == 16)
            return refuse(setting, "the key has more than 16 parts", err);
        if (node->type == CF_NODE_SCALAR) {
            if (cf_node_open(node, "kind", err) != CF_OK)
                return CF_ESYSTEM;
            node->setting = setting;
        }
        size_t used = 0;
        cf_status status = node->type == CF_NODE_LIST
                               ? find_item(node, rest, setting, &node, &used, err)
                               : find_entry(node, rest, setting, &node, &used, err);
        if (status != CF_OK)
            return status;
        rest += used;
        if (rest[0] == '.' && rest[1] == '\0')
            return refuse(setting, "the key ends in a dot", err);
        rest += rest[0] == '.';
    }
    *out = node;
    return CF_OK;
}

cf_status cf_setting_apply(cf_node *root, const char *setting, cf_err *err)
{
    const char *equals = strchr(setting, '=');
    if (equals == NULL)
        return refuse(setting, "must be KEY=VALUE, such as loss.tau=0.2", err);
    cf_node *value = NULL, *target = NULL;
    cf_status status = cf_node_parse("", setting, equals + 1, &value, err);
    if (status == CF_OK && value == NULL)
        status = refuse(setting, "has no value", err);
    if (status == CF_OK)
        status = descend(root, setting, (size_t)(equals - setting), &target, err);
    if (target != NULL && value != NULL)
        replace(target, value);
    cf_node_free(&value);
    return status;
}
