/* State as a block of bytes: what is written and what is read back pass through the same calls, so
 * that the two cannot differ. The bytes are those of one build of the program. */
#ifndef CONTRAFLOW_SOLVER_ARCHIVE_H
#define CONTRAFLOW_SOLVER_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    unsigned char *bytes; /* owned unless reading */
    size_t size;
    size_t room; /* while writing */
    size_t at;   /* while reading */
    bool reading;
} cf_archive;

/* Reads from bytes [size], borrowed. For writing, zero-initialize. */
cf_archive cf_archive_of(const void *bytes, size_t size);

/* Releases what was written; the archive is empty again. */
void cf_archive_release(cf_archive *archive);

/* Appends `size` bytes of `data`, or overwrites them by the next bytes. CF_EINPUT where fewer are
 * left. */
cf_status cf_archive_pass(cf_archive *archive, void *data, size_t size, cf_err *err);

/* A malloc'ed array of `count` elements, and its length; read into a new one, NULL where it is
 * empty, which the caller frees also after a failure. */
cf_status cf_archive_pass_array(cf_archive *archive, void **array, size_t *count, size_t size,
                                cf_err *err);

/* A malloc'ed text; NULL passes as "". */
cf_status cf_archive_pass_text(cf_archive *archive, char **text, cf_err *err);

#endif
