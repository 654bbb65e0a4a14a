#include <stdlib.h>

#include "section.h"

static void free_variant(cf_variant *variant)
{
    if (variant->kind != NULL)
        cf_options_free(variant->kind, variant->options);
    free(variant->options);
}

static void free_variants(cf_variants *variants)
{
    for (size_t i = 0; i < variants->count; i++)
        free_variant(&variants->items[i]);
    free(variants->items);
}

static void free_texts(cf_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->values[i]);
    free(texts->values);
}

static void free_axes(cf_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        free(axes->items[i].key);
        free_texts(&axes->items[i].values);
    }
    free(axes->items);
}

static void free_field(const cf_option *option, void *field)
{
    switch (option->type) {
    case CF_OPTION_TEXT:
    case CF_OPTION_PATH:
        free(*(char **)field);
        break;
    case CF_OPTION_INTEGERS:
    case CF_OPTION_CHOICES:
        free(((cf_integers *)field)->values);
        break;
    case CF_OPTION_REALS:
        free(((cf_reals *)field)->values);
        break;
    case CF_OPTION_MATRIX:
    case CF_OPTION_TABLE:
        free(((cf_matrix *)field)->values);
        break;
    case CF_OPTION_TEXTS:
        free_texts(field);
        break;
    case CF_OPTION_AXES:
        free_axes(field);
        break;
    case CF_OPTION_VARIANT:
    case CF_OPTION_SECTION:
        free_variant(field);
        break;
    case CF_OPTION_VARIANTS:
        free_variants(field);
        break;
    default: /* owns nothing */
        break;
    }
}

void cf_options_free(const cf_kind *kind, void *options)
{
    if (options == NULL)
        return;
    for (size_t i = 0; i < kind->count; i++)
        free_field(&kind->options[i], (char *)options + kind->options[i].offset);
}
