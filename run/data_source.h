/* The kinds of data that are read from files; private to run/. */
#ifndef CONTRAFLOW_RUN_DATA_SOURCE_H
#define CONTRAFLOW_RUN_DATA_SOURCE_H

#include "contraflow/models/data.h"

typedef struct {
    const cf_kind *kind;
    cf_status (*read)(const void *options, cf_data **out, cf_err *err);
} cf_data_source;

/* NULL-terminated: file, idx. */
extern const cf_data_source *const cf_data_sources[];

/* The row of a kind; NULL where it is generated. */
const cf_data_source *cf_data_source_find(const cf_kind *kind);

extern const cf_data_source cf_data_idx;

#endif
