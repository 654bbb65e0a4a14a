/* The reference of the problem file in Markdown. */
#include <stdio.h>
#include <string.h>

#include "problem_kinds.h"
#include "section_parts.h"

static bool is_nested(const cf_option *option)
{
    return option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_VARIANTS ||
           option->type == CF_OPTION_SECTION;
}

static void write_names(FILE *stream, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        fprintf(stream, "%s`%s`", i > 0 ? ", " : "", names[i]);
}

static void write_kind_names(FILE *stream, const cf_option *option)
{
    for (size_t i = 0; option->variants[i] != NULL; i++)
        fprintf(stream, "%s`%s`", i > 0 ? ", " : "", option->variants[i]->name);
}

static void write_type(FILE *stream, const cf_option *option)
{
    static const char *const names[] = {
        [CF_OPTION_BOOL] = "`true` or `false`",
        [CF_OPTION_INTEGER] = "whole number",
        [CF_OPTION_REAL] = "number",
        [CF_OPTION_TEXT] = "text",
        [CF_OPTION_PATH] = "file, relative to the problem file",
        [CF_OPTION_CHOICE] = "",
        [CF_OPTION_CHOICES] = "one or a list of ",
        [CF_OPTION_INTEGERS] = "whole number or list of them",
        [CF_OPTION_REALS] = "number or list of them",
        [CF_OPTION_MATRIX] = "list of equally long lists of numbers",
        [CF_OPTION_TABLE] = "number, list of numbers, or list of equally long lists",
        [CF_OPTION_TEXTS] = "text or list of them",
        [CF_OPTION_AXES] = "section of keys, each with a list or a range",
        [CF_OPTION_VARIANT] = "section: ",
        [CF_OPTION_VARIANTS] = "list of sections: ",
        [CF_OPTION_SECTION] = "section",
    };
    fputs(names[option->type], stream);
    if (option->zero != NULL)
        fprintf(stream, " or `%s`", option->zero);
    if (option->type == CF_OPTION_CHOICE || option->type == CF_OPTION_CHOICES)
        write_names(stream, option->choices);
    if (option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_VARIANTS)
        write_kind_names(stream, option);
}

/* A section with a key that has no default. */
static bool needs_more(const cf_option *option)
{
    for (size_t i = 0; i < option->variants[0]->count; i++)
        if (option->variants[0]->options[i].fallback == NULL)
            return true;
    return false;
}

static void write_default(FILE *stream, const cf_option *option)
{
    if (option->fallback == NULL)
        fputs("required", stream);
    else if (strcmp(option->fallback, "<kind>") == 0)
        fputs("the kind", stream);
    else if (strcmp(option->fallback, "{}") == 0 || strcmp(option->fallback, "~") == 0)
        fputs(option->type == CF_OPTION_AXES || needs_more(option) ? "none" : "its defaults",
              stream);
    else if (option->fallback[0] == '\0')
        fputs("empty", stream);
    else
        fprintf(stream, "`%s`", option->fallback);
}

static void write_row(FILE *stream, const cf_option *option)
{
    char range[80];
    cf_range_text(option, range);
    fprintf(stream, "| `%s` | ", option->key);
    write_type(stream, option);
    fputs(" | ", stream);
    write_default(stream, option);
    fprintf(stream, " | %s | %s | %s", range, option->unit != NULL ? option->unit : "",
            option->doc);
    if (option->only != NULL)
        fprintf(stream, " Only with `%s`.", option->only);
    fputs(" |\n", stream);
}

static void write_table(FILE *stream, const cf_kind *kind)
{
    if (kind->count == 0) {
        fputs("\nNo keys.\n", stream);
        return;
    }
    fputs("\n| key | type | default | range | unit | meaning |\n|---|---|---|---|---|---|\n",
          stream);
    for (size_t i = 0; i < kind->count; i++)
        write_row(stream, &kind->options[i]);
}

static void write_nested(FILE *stream, int level, const char *path, const cf_kind *kind);

/* A nested section: its kinds with their tables, and what is nested in them. */
static void write_section(FILE *stream, int level, const char *path, const cf_option *option)
{
    static const char marks[] = "######";
    fprintf(stream, "\n%.*s `%s`\n\n%s\n", level, marks, path, option->doc);
    for (size_t i = 0; option->variants[i] != NULL; i++) {
        const cf_kind *kind = option->variants[i];
        if (option->type != CF_OPTION_SECTION)
            fprintf(stream, "\n%.*s `%s`, `%s: %s`%s\n\n%s\n", level + 1, marks, path,
                    cf_option_selector(option), kind->name,
                    i == 0 && option->type == CF_OPTION_VARIANT ? " (default)" : "", kind->doc);
        write_table(stream, kind);
        write_nested(stream, level + 2 < 6 ? level + 2 : 6, path, kind);
    }
}

static void write_nested(FILE *stream, int level, const char *path, const cf_kind *kind)
{
    for (size_t i = 0; i < kind->count; i++) {
        char inner[CF_KEY_SIZE];
        cf_key_join(inner, path, kind->options[i].key);
        if (is_nested(&kind->options[i]))
            write_section(stream, level, inner, &kind->options[i]);
    }
}

void cf_problem_write_reference(FILE *stream)
{
    cf_problem_tables *tables = NULL;
    if (cf_problem_tables_create(&tables, NULL) != CF_OK)
        return;
    const cf_kind *root = cf_problem_root(tables);
    fputs(
        "# The problem file\n\n"
        "Generated from the option tables of the program; `contraflow init` writes a file with\n"
        "all defaults. The file is YAML without anchors and tags. A section of several kinds is\n"
        "written `{kind: NAME, KEY: VALUE, ...}`; `NAME` alone stands for the kind with its\n"
        "defaults, and `{NAME: {KEY: VALUE, ...}}` for the long form. `--set KEY=VALUE` overrides\n"
        "one key: `--set loss.tau=0.2`, `--set flows.0.name=free`,\n"
        "`--set flows.infinite-width.kernel.activation=erf`.\n",
        stream);
    write_table(stream, root);
    write_nested(stream, 2, "", root);
    cf_problem_tables_free(&tables);
}
