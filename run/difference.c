/* The first difference of two texts of YAML, with the keys around it. */
#include "difference.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { DEEPEST = 32, PATH = 400 };

/* A line and the keys that enclose it, by indentation. */
typedef struct {
    const char *at;                                   /* of the next line */
    size_t indents[DEEPEST], lengths[DEEPEST], depth; /* of the keys in `path` */
    char path[PATH];
} walk;

/* "# " before what is not given, and "- " before an item, are indentation. */
static size_t indent_of(const char *line)
{
    return strspn(line, " -#");
}

/* The next line with its keys in w->path, "loss.tau: 0.1"; false after the last. */
static bool next_line(walk *w)
{
    if (*w->at == '\0')
        return false;
    size_t indent = indent_of(w->at), length = strcspn(w->at + indent, "\n");
    while (w->depth > 0 && w->indents[w->depth - 1] >= indent)
        w->depth--;
    size_t used = w->depth > 0 ? w->lengths[w->depth - 1] : 0;
    const char *text = w->at + indent, *colon = memchr(text, ':', length);
    snprintf(w->path + used, PATH - used, "%s%.*s", used > 0 ? "." : "", (int)length, text);
    if (colon != NULL && w->depth < DEEPEST) {
        size_t key = used + (used > 0) + (size_t)(colon - text);
        w->indents[w->depth] = indent;
        w->lengths[w->depth++] = key < PATH ? key : PATH - 1;
    }
    w->at += indent + length;
    w->at += *w->at == '\n';
    return true;
}

/* Whether the text has a line with the same keys and value. */
static bool holds(const char *text, const char *line)
{
    walk w = {.at = text};
    while (next_line(&w))
        if (strcmp(w.path, line) == 0)
            return true;
    return false;
}

static cf_status first_missing(const char *text, const char *from, char **out, cf_err *err)
{
    walk w = {.at = text};
    *out = NULL;
    while (next_line(&w))
        if (!holds(from, w.path)) {
            *out = cf_duplicate_text(w.path, err);
            return *out != NULL ? CF_OK : CF_ESYSTEM;
        }
    return CF_OK;
}

cf_status cf_difference(const char *a, const char *b, char **of_a, char **of_b, cf_err *err)
{
    *of_b = NULL;
    cf_status status = first_missing(a, b, of_a, err);
    return status == CF_OK ? first_missing(b, a, of_b, err) : status;
}

cf_status cf_difference_fail(const char *what, const char *before, const char *now,
                             const char *rule, cf_err *err)
{
    char *was = NULL, *is = NULL;
    cf_status status = cf_difference(before, now, &was, &is, err);
    if (status == CF_OK)
        status = cf_fail(err, CF_EINPUT, "%s: it was `%.200s` and is now `%.200s`; %s", what,
                         was != NULL ? was : "(absent)", is != NULL ? is : "(absent)", rule);
    free(was);
    free(is);
    return status;
}
