/* Whole files that appear complete or not at all. */
#ifndef CONTRAFLOW_RUN_FILE_H
#define CONTRAFLOW_RUN_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

/* Writes `size` bytes beside `path`, syncs and renames: a reader never sees half a file, and a
 * failure leaves the old file as it was and nothing behind. What a killed process leaves is taken
 * by the next write to `path`. CF_EINPUT where the place is wrong (no such folder, not writable,
 * not a regular file), CF_ESYSTEM where writing fails; the message names the path and what to do.
 */
cf_status cf_file_replace(const char *path, const void *content, size_t size, cf_err *err);

/* The same questions asked beforehand: leaves nothing behind. */
cf_status cf_file_check_target(const char *path, size_t size, cf_err *err);

/* Removes the file, and what a killed process left of its next version. */
void cf_file_remove(const char *path);

/* Whether both are there and are one file. */
bool cf_file_same(const char *path, const char *other);

/* The whole file, malloc'ed, with a zero byte after it that *size does not count. */
cf_status cf_file_read(const char *path, char **content, size_t *size, cf_err *err);

#endif
