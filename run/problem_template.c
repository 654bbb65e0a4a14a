/* A commented problem file in which every key has its default. */
#include <stdio.h>
#include <string.h>

#include "problem_kinds.h"
#include "section_parts.h"

enum { COMMENT_COLUMN = 40 };

static const char *default_text(const cf_option *option, const cf_kind *kind)
{
    if (option->fallback == NULL) /* a required number of which one value is valid */
        return option->min == 1 && option->max == 1 ? "1" : "...";
    if (strcmp(option->fallback, "<kind>") == 0)
        return kind->name;
    return option->fallback[0] == '\0' ? "\"\"" : option->fallback;
}

/* {kind: NAME, key: default, ...} */
static void write_inline(FILE *stream, const cf_option *option, const cf_kind *kind)
{
    fprintf(stream, "{%s: %s", cf_option_selector(option), kind->name);
    for (size_t i = 0; i < kind->count; i++)
        if (kind->options[i].only == NULL)
            fprintf(stream, ", %s: %s", kind->options[i].key,
                    default_text(&kind->options[i], kind));
    fputc('}', stream);
}

/* A default that is computed, or that has a meaning only beside another choice, is a comment. */
static bool is_idle(const cf_option *option)
{
    return option->only != NULL || (option->type == CF_OPTION_REAL && option->fallback != NULL &&
                                    strchr(option->fallback, '/') != NULL);
}

static void write_choices(FILE *stream, const char *const *choices)
{
    for (size_t i = 0; choices[i] != NULL; i++)
        fprintf(stream, "%s%s", i > 0 ? " | " : " (", choices[i]);
    fputc(')', stream);
}

static void write_plain(FILE *stream, const char *indent, const cf_option *option,
                        const cf_kind *kind)
{
    char line[200], range[80];
    cf_range_text(option, range);
    snprintf(line, sizeof line, "%s%s%s: %s", indent, is_idle(option) ? "# " : "", option->key,
             default_text(option, kind));
    fprintf(stream, "%-*s # %s", COMMENT_COLUMN, line, option->doc);
    if (option->type == CF_OPTION_CHOICE)
        write_choices(stream, option->choices);
    if (range[0] != '\0')
        fprintf(stream, " (%s)", range);
    if (option->only != NULL)
        fprintf(stream, " Only with %s.", option->only);
    fputc('\n', stream);
}

static void write_keys(FILE *stream, const char *indent, const cf_kind *kind);

static void write_kind(FILE *stream, const char *indent, const cf_option *option,
                       const cf_kind *kind)
{
    char line[200], inner[64];
    bool item = option->type == CF_OPTION_VARIANTS;
    snprintf(inner, sizeof inner, "%s%s", indent, item ? "  " : "");
    snprintf(line, sizeof line, "%s%s%s: %s", indent, item ? "- " : "", cf_option_selector(option),
             kind->name);
    fprintf(stream, "%-*s # %s\n", COMMENT_COLUMN, line, kind->doc);
    write_keys(stream, inner, kind);
}

static void write_nested(FILE *stream, const char *indent, const cf_option *option)
{
    char inner[64], line[200];
    bool comment =
        option->only != NULL || (option->fallback != NULL && strcmp(option->fallback, "~") == 0);
    const cf_kind *const *kinds = option->variants;
    snprintf(inner, sizeof inner, "%s%s  ", indent,
             comment && strchr(indent, '#') == NULL ? "# " : "");
    snprintf(line, sizeof line, "%.*s%s:%s", (int)(strlen(inner) - 2), inner, option->key,
             option->type == CF_OPTION_SECTION && kinds[0]->count == 0 ? " {}" : "");
    if (indent[0] != '\0')
        fprintf(stream, "%-*s # %s%s%s%s\n", COMMENT_COLUMN, line, option->doc,
                option->only != NULL ? " Only with " : "", option->only != NULL ? option->only : "",
                option->only != NULL ? "." : "");
    else
        fprintf(stream, "%s\n", line);
    if (option->type == CF_OPTION_SECTION) {
        write_keys(stream, inner, kinds[0]);
        return;
    }
    write_kind(stream, inner, option, kinds[0]);
    for (size_t i = 1; kinds[i] != NULL; i++) {
        if (option->type == CF_OPTION_VARIANTS) {
            write_kind(stream, inner, option, kinds[i]);
            continue;
        }
        fprintf(stream, "%s# or ", inner);
        write_inline(stream, option, kinds[i]);
        fprintf(stream, "\n%s#    %s\n", inner, kinds[i]->doc);
    }
}

static void write_keys(FILE *stream, const char *indent, const cf_kind *kind)
{
    for (size_t i = 0; i < kind->count; i++) {
        const cf_option *option = &kind->options[i];
        bool nested = option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_VARIANTS ||
                      option->type == CF_OPTION_SECTION;
        if (nested && indent[0] == '\0')
            fprintf(stream, "\n# %s\n", option->doc);
        if (nested)
            write_nested(stream, indent, option);
        else
            write_plain(stream, indent, option, kind);
    }
}

void cf_problem_write_template(FILE *stream)
{
    cf_problem_tables *tables = NULL;
    if (cf_problem_tables_create(&tables, NULL) != CF_OK)
        return;
    fputs("# A problem of contraflow: every key with its default; leave out what you do not\n"
          "# change. Reference: docs/problem-file.md.\n\n",
          stream);
    write_keys(stream, "", cf_problem_root(tables));
    cf_problem_tables_free(&tables);
}
