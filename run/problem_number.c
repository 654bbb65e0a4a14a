#include "problem_number.h"

#include <stdio.h>
#include <string.h>

#include "problem_internal.h"
#include "section_parts.h"

/* What a key names: a number, or nothing. */
typedef struct {
    const char *key;
    const double *found;
} search;

static void visit(search *s, const char *key, const cf_kind *kind, const void *options);

/* Items answer to their index and, flows, to their name. */
static void visit_variants(search *s, const char *key, const cf_variants *list)
{
    for (size_t i = 0; i < list->count; i++) {
        char item[CF_KEY_SIZE];
        const cf_option *name = cf_option_find(list->items[i].kind, "name");
        cf_key_join_index(item, key, i);
        visit(s, item, list->items[i].kind, list->items[i].options);
        if (name == NULL || name->type != CF_OPTION_TEXT)
            continue;
        cf_key_join(item, key,
                    *(char *const *)((const char *)list->items[i].options + name->offset));
        visit(s, item, list->items[i].kind, list->items[i].options);
    }
}

/* A list of one is a number, too. */
static const double *number_of(const cf_option *option, const void *field)
{
    const cf_reals *list = field;
    if (option->type == CF_OPTION_REALS)
        return list->count == 1 ? list->values : NULL;
    return option->type == CF_OPTION_REAL ? field : NULL;
}

/* A variant that is not given has no kind. */
static void visit(search *s, const char *key, const cf_kind *kind, const void *options)
{
    if (kind == NULL)
        return;
    for (size_t k = 0; k < kind->count; k++) {
        const cf_option *option = &kind->options[k];
        const void *field = (const char *)options + option->offset;
        const cf_variant *variant = field;
        char inner[CF_KEY_SIZE];
        cf_key_join(inner, key, option->key);
        if (!cf_option_applies(kind, option, options))
            continue;
        if (option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_SECTION) {
            if (variant->kind != NULL) /* a section that the file does not have */
                visit(s, inner, variant->kind, variant->options);
        } else if (option->type == CF_OPTION_VARIANTS)
            visit_variants(s, inner, field);
        else if (strcmp(inner, s->key) == 0)
            s->found = number_of(option, field);
    }
}

cf_status cf_problem_number(const cf_problem *problem, const char *key, double *value, cf_err *err)
{
    search s = {key, NULL};
    visit(&s, "", cf_problem_kind(problem), cf_problem_options(problem));
    if (s.found == NULL)
        return cf_fail(err, CF_EINPUT, "%.200s: is no real number of the problem (as loss.tau is)",
                       key);
    *value = *s.found;
    return CF_OK;
}
