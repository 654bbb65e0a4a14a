#include "data_source.h"

#include <stddef.h>

#include "contraflow/run/data_file.h"
#include "contraflow/run/problem.h"

static cf_status read_file(const void *options, cf_data **out, cf_err *err)
{
    return cf_data_read(((const cf_file_options *)options)->path, out, err);
}

static const cf_data_source file = {&cf_data_file_kind, read_file};

const cf_data_source *const cf_data_sources[] = {&file, &cf_data_idx, NULL};

const cf_data_source *cf_data_source_find(const cf_kind *kind)
{
    for (const cf_data_source *const *row = cf_data_sources; *row != NULL; row++)
        if ((*row)->kind == kind)
            return *row;
    return NULL;
}
