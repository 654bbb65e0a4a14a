#include "section_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

cf_status cf_node_fail(const cf_reader *reader, const cf_node *node, cf_err *err,
                       const char *format, ...)
{
    char message[900];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    cf_fail(err, CF_EINPUT, "%s", message);
    return cf_place_prepend(err, reader->file, node->line, node->setting);
}

void cf_key_join(char out[CF_KEY_SIZE], const char *key, const char *next)
{
    snprintf(out, CF_KEY_SIZE, "%.180s%s%.70s", key, key[0] != '\0' ? "." : "", next);
}

void cf_key_join_index(char out[CF_KEY_SIZE], const char *key, size_t index)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", index);
    cf_key_join(out, key, digits);
}

/* "loss.tau = abc: must be a number": the thing, the value, the rule. */
cf_status cf_value_fail(const cf_reader *reader, const cf_node *node, const char *key,
                        const char *rule, cf_err *err)
{
    char shown[64];
    if (node->type == CF_NODE_LIST)
        return cf_node_fail(reader, node, err, "%s: %s, not %s list", key, rule,
                            node->count > 0 ? "a" : "an empty");
    if (node->type == CF_NODE_SECTION)
        return cf_node_fail(reader, node, err, "%s: %s, not a section", key, rule);
    if (cf_node_is_null(node))
        return cf_node_fail(reader, node, err, "%s: has no value; %s", key, rule);
    cf_text_shown(node->text, shown, sizeof shown);
    const char *quote = node->plain ? "" : "\"";
    return cf_node_fail(reader, node, err, "%s = %s%s%s: %s", key, quote, shown, quote, rule);
}

cf_status cf_word_fail(const cf_reader *reader, const cf_node *node, const char *key,
                       const cf_nearest *nearest, cf_err *err)
{
    char rule[640], hint[96];
    if (strchr(nearest->valid, ',') == NULL)
        snprintf(rule, sizeof rule, "must be %s", nearest->valid);
    else
        snprintf(rule, sizeof rule, "must be one of %s%s", nearest->valid,
                 cf_nearest_hint(nearest, hint));
    return cf_value_fail(reader, node, key, rule, err);
}
