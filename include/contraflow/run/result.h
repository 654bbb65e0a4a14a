/* Seam 3: a result as a tree of groups with attributes and records (design: /, /data, /flows/NAME,
 * /flows/NAME/events). Writers and readers see nothing else. */
#ifndef CONTRAFLOW_RUN_RESULT_H
#define CONTRAFLOW_RUN_RESULT_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef enum { CF_VALUE_REAL, CF_VALUE_INTEGER, CF_VALUE_TEXT } cf_value_type;

/* A named array with what a reader needs to understand it. Owned by its group. */
typedef struct {
    char *name;
    char *unit;     /* "1" when dimensionless */
    char *equation; /* label: E3, C13 ...; "" for none */
    cf_value_type type;
    int rank; /* 1..4 */
    size_t dims[4];
    double *real; /* the one of the type is set; product of dims elements, row-major */
    long *integer;
    char **text;
} cf_record;

/* A scalar attribute. */
typedef struct {
    char *name;
    cf_value_type type;
    double real;
    long integer;
    char *text;
} cf_attribute;

typedef struct {
    char *path; /* "/", "/data", "/flows/vanilla", "/flows/vanilla/events" */
    cf_attribute *attributes;
    size_t attribute_count;
    cf_record *records;
    size_t record_count;
} cf_group;

typedef struct {
    cf_group *groups; /* in order of creation; the first is "/" */
    size_t count;
} cf_result;

cf_status cf_result_create(cf_result **out, cf_err *err);
void cf_result_free(cf_result **result);

/* Finds a group, or NULL. The pointer is valid until the next group is added. */
cf_group *cf_result_group(const cf_result *result, const char *path);

/* Finds or adds a group. */
cf_status cf_result_add_group(cf_result *result, const char *path, cf_group **out, cf_err *err);

/* Set or replace an attribute; everything is copied. */
cf_status cf_group_set_real(cf_group *group, const char *name, double value, cf_err *err);
cf_status cf_group_set_integer(cf_group *group, const char *name, long value, cf_err *err);
cf_status cf_group_set_text(cf_group *group, const char *name, const char *value, cf_err *err);
const cf_attribute *cf_group_attribute(const cf_group *group, const char *name);
/* Convenience readers: NaN, -1, "" where the attribute is absent or of another type. */
double cf_group_real(const cf_group *group, const char *name);
long cf_group_integer(const cf_group *group, const char *name);
const char *cf_group_text(const cf_group *group, const char *name);

/* Adds a copy of `record` (replacing one of the same name). */
cf_status cf_group_add(cf_group *group, const cf_record *record, cf_err *err);
const cf_record *cf_group_record(const cf_group *group, const char *name);
size_t cf_record_count(const cf_record *record);

/* Writes the whole tree to `path`: builds the file in memory, writes it beside its name, syncs and
 * renames it, so that a reader never sees half a file and a failure leaves the old file in place.
 */
cf_status cf_result_write(const cf_result *result, const char *path, cf_err *err);

/* Reads a file written by cf_result_write. CF_EINPUT with the reason for anything else: missing,
 * not HDF5, not a contraflow result, a newer format_version. */
cf_status cf_result_read(const char *path, cf_result **out, cf_err *err);

/* True dry run of the target: the folder exists and is writable and has room for `bytes`; nothing
 * is left behind. CF_EINPUT with the path and what to do. */
cf_status cf_result_check_target(const char *path, size_t bytes, cf_err *err);

#endif
