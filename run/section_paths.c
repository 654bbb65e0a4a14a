#include "section.h"

/* Counts *k down by the paths of a section; the one at which it was 0, or NULL. */
const char *cf_options_path(const cf_kind *kind, const void *options, size_t *k)
{
    const char *path = NULL;
    for (size_t i = 0; options != NULL && i < kind->count && path == NULL; i++) {
        const cf_option *option = &kind->options[i];
        const void *field = (const char *)options + option->offset;
        const cf_variants *list = field;
        const cf_variant *one = field;
        if (option->type == CF_OPTION_PATH && *(char *const *)field != NULL && (*k)-- == 0)
            return *(char *const *)field;
        if ((option->type == CF_OPTION_VARIANT || option->type == CF_OPTION_SECTION) &&
            one->kind != NULL)
            path = cf_options_path(one->kind, one->options, k);
        for (size_t v = 0; option->type == CF_OPTION_VARIANTS && v < list->count && path == NULL;
             v++)
            path = cf_options_path(list->items[v].kind, list->items[v].options, k);
    }
    return path;
}
