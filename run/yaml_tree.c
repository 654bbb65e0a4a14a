#include "yaml_tree.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "contraflow/solver/memory.h"

enum { DEEPEST = 32 };

typedef struct {
    yaml_parser_t yaml;
    const char *file, *setting, *text;
    size_t length;
    int depth;
} builder;

/* libyaml puts the end of a text on the line after its last one. */
static int last_line(const builder *b)
{
    int line = 1;
    for (size_t i = 0; i + 1 < b->length; i++)
        line += b->text[i] == '\n';
    return line;
}

static cf_status fail_at(const builder *b, int line, const char *what, cf_err *err)
{
    int last = last_line(b);
    cf_fail(err, CF_EINPUT, "%s", what);
    return cf_place_prepend(err, b->file, line < last ? line : last, b->setting);
}

static int line_of(yaml_mark_t mark)
{
    return (int)mark.line + 1;
}

/* The reader of libyaml knows a byte's offset only. */
static int line_of_offset(const builder *b)
{
    int line = 1;
    for (size_t i = 0; i < b->yaml.problem_offset && i < b->length; i++)
        line += b->text[i] == '\n';
    return line;
}

/* Marks count characters, not bytes. */
static bool is_tab(const builder *b, yaml_mark_t mark)
{
    size_t byte = 0;
    for (size_t character = 0; byte < b->length; byte++) {
        bool continuation = ((unsigned char)b->text[byte] & 0xC0) == 0x80;
        if (!continuation && character++ == mark.index)
            break;
    }
    return byte < b->length && b->text[byte] == '\t';
}

static cf_status syntax_error(const builder *b, cf_err *err)
{
    const yaml_parser_t *yaml = &b->yaml;
    const char *problem = yaml->problem != NULL ? yaml->problem : "cannot be parsed";
    if (yaml->error == YAML_MEMORY_ERROR)
        return cf_fail(err, CF_ESYSTEM, "no memory to parse the problem file");
    if (yaml->error == YAML_READER_ERROR) {
        cf_fail(err, CF_EINPUT, "not UTF-8 text: %s", problem);
        return cf_place_prepend(err, b->file, line_of_offset(b), b->setting);
    }
    if (is_tab(b, yaml->problem_mark))
        return fail_at(b, line_of(yaml->problem_mark), "YAML is indented by spaces, not by a tab",
                       err);
    char message[256];
    snprintf(message, sizeof message, "YAML syntax: %s%s%s",
             yaml->context != NULL ? yaml->context : "", yaml->context != NULL ? ", " : "",
             problem);
    return fail_at(b, line_of(yaml->problem_mark), message, err);
}

static cf_status next_event(builder *b, yaml_event_t *event, cf_err *err)
{
    return yaml_parser_parse(&b->yaml, event) ? CF_OK : syntax_error(b, err);
}

static const char *refusal(const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        if (memchr(event->data.scalar.value, 0, event->data.scalar.length) != NULL)
            return "a text must not contain the character NUL";
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (event->type == YAML_ALIAS_EVENT || anchor != NULL)
        return "YAML anchors (&) and aliases (*) are not supported: write the value out";
    return tag != NULL ? "YAML tags (!) are not supported: leave the tag out" : NULL;
}

static cf_status fill(builder *b, cf_node *node, const yaml_event_t *event, cf_err *err);

/* The next item of a list with the event that begins it; *event is of the list's end where *child
 * is NULL. */
static cf_status begin_item(builder *b, cf_node *list, cf_node **child, yaml_event_t *event,
                            cf_err *err)
{
    *child = NULL;
    cf_status status = next_event(b, event, err);
    if (status != CF_OK || event->type == YAML_SEQUENCE_END_EVENT)
        return status;
    *child = cf_node_add(list, NULL, err);
    return *child != NULL ? CF_OK : CF_ESYSTEM;
}

/* The same for the next entry of a section: reads its key, too. */
static cf_status begin_entry(builder *b, cf_node *section, cf_node **child, yaml_event_t *event,
                             cf_err *err)
{
    *child = NULL;
    cf_status status = next_event(b, event, err);
    if (status != CF_OK || event->type == YAML_MAPPING_END_EVENT)
        return status;
    int line = line_of(event->start_mark);
    const char *refused = refusal(event);
    if (refused == NULL && event->type != YAML_SCALAR_EVENT)
        refused = "a key must be a word, not a list or section";
    if (refused != NULL)
        return fail_at(b, line, refused, err);
    cf_node *entry = cf_node_add(section, (const char *)event->data.scalar.value, err);
    if (entry == NULL)
        return CF_ESYSTEM;
    entry->line = line;
    yaml_event_delete(event);
    *child = entry;
    return next_event(b, event, err);
}

static cf_status fill_items(builder *b, cf_node *node, cf_err *err)
{
    for (;;) {
        yaml_event_t event = {0};
        cf_node *child = NULL;
        cf_status status = node->type == CF_NODE_LIST ? begin_item(b, node, &child, &event, err)
                                                      : begin_entry(b, node, &child, &event, err);
        if (status == CF_OK && child != NULL)
            status = fill(b, child, &event, err);
        yaml_event_delete(&event);
        if (status != CF_OK || child == NULL)
            return status;
    }
}

/* Gives the node what begins with the event. */
static cf_status fill(builder *b, cf_node *node, const yaml_event_t *event, cf_err *err)
{
    int line = line_of(event->start_mark);
    if (node->key == NULL)
        node->line = line;
    node->setting = b->setting;
    const char *refused = refusal(event);
    if (refused != NULL)
        return fail_at(b, line, refused, err);
    if (event->type == YAML_SCALAR_EVENT) {
        node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        node->text = cf_duplicate_text((const char *)event->data.scalar.value, err);
        return node->text != NULL ? CF_OK : CF_ESYSTEM;
    }
    if (b->depth == DEEPEST)
        return fail_at(b, line, "nested deeper than 32 levels", err);
    node->type = event->type == YAML_MAPPING_START_EVENT ? CF_NODE_SECTION : CF_NODE_LIST;
    b->depth++;
    cf_status status = fill_items(b, node, err);
    b->depth--;
    return status;
}

/* The end of the document, after which the stream must end. */
static cf_status finish(builder *b, cf_err *err)
{
    yaml_event_t event = {0};
    for (int i = 0; i < 2; i++) {
        cf_status status = next_event(b, &event, err);
        if (status != CF_OK)
            return status;
        bool more = event.type == YAML_DOCUMENT_START_EVENT;
        int line = line_of(event.start_mark);
        yaml_event_delete(&event);
        if (more)
            return fail_at(b, line, "a second YAML document: only one is allowed", err);
    }
    return CF_OK;
}

static cf_status build(builder *b, cf_node **root, cf_err *err)
{
    yaml_event_t event = {0};
    cf_status status = CF_OK;
    bool any = true;
    for (int i = 0; i < 3 && any && status == CF_OK; i++) { /* stream, document, its root */
        yaml_event_delete(&event);
        status = next_event(b, &event, err);
        any = status == CF_OK && event.type != YAML_STREAM_END_EVENT;
    }
    if (any)
        *root = cf_allocate("problem", 1, sizeof **root, err);
    if (any && *root != NULL)
        status = fill(b, *root, &event, err);
    else if (any)
        status = CF_ESYSTEM;
    yaml_event_delete(&event);
    return status == CF_OK && any ? finish(b, err) : status;
}

cf_status cf_node_parse(const char *file, const char *setting, const char *text, cf_node **out,
                        cf_err *err)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    *out = NULL;
    if (strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0)
        text += strlen(byte_order_mark);
    builder b = {
        .file = file, .setting = setting, .text = text, .length = strlen(text), .depth = 0};
    if (!yaml_parser_initialize(&b.yaml))
        return cf_fail(err, CF_ESYSTEM, "no memory to parse the problem file");
    yaml_parser_set_encoding(&b.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.yaml, (const unsigned char *)text, b.length);
    cf_status status = build(&b, out, err);
    yaml_parser_delete(&b.yaml);
    if (status != CF_OK)
        cf_node_free(out);
    return status;
}
