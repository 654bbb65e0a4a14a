#include "reference.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

static bool is_flow(const cf_result *result, const char *name)
{
    size_t cursor = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow))
        if (strcmp(flow.name, name) == 0)
            return true;
    return false;
}

cf_status cf_reference_open(const cf_result *result, const char *file, const char *text,
                            cf_reference *out, cf_err *err)
{
    const char *colon = text == NULL || is_flow(result, text) ? NULL : strrchr(text, ':');
    const char *name = colon == NULL ? text : colon + 1;
    cf_status status = CF_OK;
    *out = (cf_reference){0};
    if (colon != NULL) {
        out->file = cf_duplicate_text(text, err);
        if (out->file == NULL)
            return CF_ESYSTEM;
        out->file[colon - text] = '\0';
        status = cf_result_read(out->file, &out->other, err);
    }
    if (status == CF_OK) {
        const cf_result *other = colon == NULL ? result : out->other;
        status = cf_compare(result, other, name, &out->comparison, err);
        if (status != CF_OK && colon != NULL)
            cf_err_prepend(err, "%s against %s: ", file, out->file);
        else if (status != CF_OK)
            cf_err_prepend(err, "%s: ", file);
    }
    if (status != CF_OK)
        cf_reference_close(out);
    return status;
}

void cf_reference_close(cf_reference *reference)
{
    cf_comparison_free(&reference->comparison);
    cf_result_free(&reference->other);
    free(reference->file);
    reference->file = NULL;
}
