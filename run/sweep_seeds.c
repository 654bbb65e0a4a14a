#define _POSIX_C_SOURCE 200809L
/* The seeds of a problem: options called seed or seeds, wherever its tables have them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "problem_internal.h"
#include "section_parts.h"
#include "sweep_plan.h"

enum { MOST_SEEDS = 256 };

typedef struct {
    const cf_problem *problem;
    char *const *assignments;
    size_t count;
    long step;
    cf_texts *out;
} search;

/* Whether the point gives the seed, itself or with the section around it. */
static bool is_assigned(const search *s, const char *key)
{
    const cf_place *place = cf_problem_place(s->problem, key);
    for (size_t k = 0; place != NULL && place->setting != NULL && k < s->count; k++)
        if (strcmp(place->setting, s->assignments[k]) == 0)
            return true;
    return false;
}

static cf_status add(search *s, const char *key, const cf_integers *seeds, cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    if (is_assigned(s, key))
        return CF_OK;
    FILE *stream = s->out->count < MOST_SEEDS ? open_memstream(&text, &size) : NULL;
    if (stream == NULL)
        return cf_fail(err, CF_ESYSTEM, "no memory for the seeds of the sweep");
    fprintf(stream, "%s=", key);
    for (size_t k = 0; k < seeds->count; k++)
        fprintf(stream, "%s%ld",
                k > 0              ? ", "
                : seeds->count > 1 ? "["
                                   : "",
                seeds->values[k] + s->step);
    fputs(seeds->count > 1 ? "]" : "", stream);
    fclose(stream);
    s->out->values[s->out->count++] = text;
    return text != NULL ? CF_OK : cf_fail(err, CF_ESYSTEM, "no memory for the seeds of the sweep");
}

static cf_status visit(search *s, const char *key, const cf_kind *kind, const void *options,
                       cf_err *err);

static cf_status visit_variants(search *s, const char *key, const cf_variants *list, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t i = 0; i < list->count && status == CF_OK; i++) {
        char item[CF_KEY_SIZE];
        cf_key_join_index(item, key, i);
        status = visit(s, item, list->items[i].kind, list->items[i].options, err);
    }
    return status;
}

static cf_status visit(search *s, const char *key, const cf_kind *kind, const void *options,
                       cf_err *err)
{
    cf_status status = CF_OK;
    if (kind == NULL) /* a section that is not there */
        return CF_OK;
    for (size_t k = 0; k < kind->count && status == CF_OK; k++) {
        const cf_option *option = &kind->options[k];
        const void *field = (const char *)options + option->offset;
        const cf_variant *variant = field;
        char inner[CF_KEY_SIZE];
        cf_key_join(inner, key, option->key);
        if (!cf_option_applies(kind, option, options))
            continue;
        if (option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_SECTION)
            status = visit(s, inner, variant->kind, variant->options, err);
        else if (option->type == CF_OPTION_VARIANTS)
            status = visit_variants(s, inner, field, err);
        else if (option->type == CF_OPTION_INTEGERS && strcmp(option->key, "seeds") == 0)
            status = add(s, inner, field, err);
        else if (option->type == CF_OPTION_INTEGER && strcmp(option->key, "seed") == 0)
            status = add(s, inner, &(cf_integers){(long *)field, 1}, err);
    }
    return status;
}

cf_status cf_sweep_seeds(const cf_problem *problem, char *const *assignments, size_t count,
                         long step, cf_texts *out, cf_err *err)
{
    search s = {problem, assignments, count, step, out};
    out->count = 0;
    out->values = cf_allocate("seeds", MOST_SEEDS, sizeof *out->values, err);
    if (out->values == NULL)
        return CF_ESYSTEM;
    return visit(&s, "", cf_problem_kind(problem), cf_problem_options(problem), err);
}

void cf_sweep_seeds_free(cf_texts *seeds)
{
    for (size_t k = 0; k < seeds->count; k++)
        free(seeds->values[k]);
    free(seeds->values);
    *seeds = (cf_texts){NULL, 0};
}
