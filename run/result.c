#include "contraflow/run/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

/* `array` with room for one more element: capacities are powers of two, so it moves when `count`
 * is one. NULL on failure, the old array being kept. */
static void *with_room(void *array, size_t count, size_t size, cf_err *err)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array;
    void *larger = cf_allocate("result", count == 0 ? 1 : 2 * count, size, err);
    if (larger != NULL && count > 0)
        memcpy(larger, array, count * size);
    if (larger != NULL)
        free(array);
    return larger;
}

size_t cf_record_count(const cf_record *record)
{
    size_t count = 1;
    for (int k = 0; k < record->rank; k++)
        count *= record->dims[k];
    return count;
}

static void release_record(cf_record *record)
{
    if (record->text != NULL)
        for (size_t k = 0; k < cf_record_count(record); k++)
            free(record->text[k]);
    free(record->text);
    free(record->real);
    free(record->integer);
    free(record->name);
    free(record->unit);
    free(record->equation);
}

static void release_group(cf_group *group)
{
    for (size_t k = 0; k < group->attribute_count; k++) {
        free(group->attributes[k].name);
        free(group->attributes[k].text);
    }
    for (size_t k = 0; k < group->record_count; k++)
        release_record(&group->records[k]);
    free(group->attributes);
    free(group->records);
    free(group->path);
}

void cf_result_free(cf_result **result)
{
    if (*result == NULL)
        return;
    for (size_t k = 0; k < (*result)->count; k++)
        release_group(&(*result)->groups[k]);
    free((*result)->groups);
    free(*result);
    *result = NULL;
}

static cf_status append_group(cf_result *result, const char *path, cf_err *err)
{
    cf_group *groups = with_room(result->groups, result->count, sizeof *groups, err);
    if (groups == NULL)
        return CF_ESYSTEM;
    result->groups = groups;
    cf_group group = {.path = cf_duplicate_text(path, err)};
    if (group.path == NULL)
        return CF_ESYSTEM;
    groups[result->count++] = group;
    return CF_OK;
}

cf_status cf_result_create(cf_result **out, cf_err *err)
{
    *out = NULL;
    cf_result *result = cf_allocate("result", 1, sizeof *result, err);
    if (result == NULL)
        return CF_ESYSTEM;
    cf_status status = append_group(result, "/", err);
    if (status == CF_OK)
        *out = result;
    else
        cf_result_free(&result);
    return status;
}

cf_group *cf_result_group(const cf_result *result, const char *path)
{
    for (size_t k = 0; k < result->count; k++)
        if (strcmp(result->groups[k].path, path) == 0)
            return &result->groups[k];
    return NULL;
}

static cf_status check_path(const char *path, cf_err *err)
{
    size_t length = strlen(path);
    if (path[0] != '/' || path[length - 1] == '/' || strstr(path, "//") != NULL)
        return cf_fail(err, CF_EINPUT,
                       "group %s: a path starts with / and has a name after every one", path);
    return CF_OK;
}

/* Parents first, so that the tree holds every group that its file will hold. */
cf_status cf_result_add_group(cf_result *result, const char *path, cf_group **out, cf_err *err)
{
    *out = cf_result_group(result, path);
    if (*out != NULL)
        return CF_OK;
    cf_status status = check_path(path, err);
    if (status != CF_OK)
        return status;
    char *prefix = cf_duplicate_text(path, err);
    if (prefix == NULL)
        return CF_ESYSTEM;
    for (char *slash = prefix; slash != NULL && status == CF_OK;) {
        slash = strchr(slash + 1, '/');
        if (slash != NULL)
            *slash = '\0';
        if (cf_result_group(result, prefix) == NULL)
            status = append_group(result, prefix, err);
        if (slash != NULL)
            *slash = '/';
    }
    free(prefix);
    *out = status == CF_OK ? &result->groups[result->count - 1] : NULL;
    return status;
}

const cf_attribute *cf_group_attribute(const cf_group *group, const char *name)
{
    for (size_t k = 0; k < group->attribute_count; k++)
        if (strcmp(group->attributes[k].name, name) == 0)
            return &group->attributes[k];
    return NULL;
}

static cf_status set_attribute(cf_group *group, const char *name, const cf_attribute *value,
                               cf_err *err)
{
    cf_attribute *known = (cf_attribute *)cf_group_attribute(group, name);
    cf_attribute copy = *value;
    copy.text = cf_duplicate_text(value->text, err);
    if (value->text != NULL && copy.text == NULL)
        return CF_ESYSTEM;
    if (known != NULL) {
        copy.name = known->name;
        free(known->text);
        *known = copy;
        return CF_OK;
    }
    cf_attribute *attributes =
        with_room(group->attributes, group->attribute_count, sizeof *attributes, err);
    if (attributes != NULL)
        group->attributes = attributes;
    copy.name = attributes == NULL ? NULL : cf_duplicate_text(name, err);
    if (copy.name == NULL) {
        free(copy.text);
        return CF_ESYSTEM;
    }
    attributes[group->attribute_count++] = copy;
    return CF_OK;
}

cf_status cf_group_set_real(cf_group *group, const char *name, double value, cf_err *err)
{
    const cf_attribute attribute = {.type = CF_VALUE_REAL, .real = value};
    return set_attribute(group, name, &attribute, err);
}

cf_status cf_group_set_integer(cf_group *group, const char *name, long value, cf_err *err)
{
    const cf_attribute attribute = {.type = CF_VALUE_INTEGER, .integer = value};
    return set_attribute(group, name, &attribute, err);
}

cf_status cf_group_set_text(cf_group *group, const char *name, const char *value, cf_err *err)
{
    const cf_attribute attribute = {.type = CF_VALUE_TEXT,
                                    .text = (char *)(value == NULL ? "" : value)};
    return set_attribute(group, name, &attribute, err);
}

double cf_group_real(const cf_group *group, const char *name)
{
    const cf_attribute *attribute = cf_group_attribute(group, name);
    return attribute != NULL && attribute->type == CF_VALUE_REAL ? attribute->real : NAN;
}

long cf_group_integer(const cf_group *group, const char *name)
{
    const cf_attribute *attribute = cf_group_attribute(group, name);
    return attribute != NULL && attribute->type == CF_VALUE_INTEGER ? attribute->integer : -1;
}

const char *cf_group_text(const cf_group *group, const char *name)
{
    const cf_attribute *attribute = cf_group_attribute(group, name);
    return attribute != NULL && attribute->type == CF_VALUE_TEXT ? attribute->text : "";
}

const cf_record *cf_group_record(const cf_group *group, const char *name)
{
    for (size_t k = 0; k < group->record_count; k++)
        if (strcmp(group->records[k].name, name) == 0)
            return &group->records[k];
    return NULL;
}

static cf_status copy_texts(const cf_record *from, size_t count, cf_record *to, cf_err *err)
{
    to->text = cf_allocate(from->name, count, sizeof *to->text, err);
    for (size_t k = 0; to->text != NULL && k < count; k++) {
        to->text[k] = cf_duplicate_text(from->text[k], err);
        if (to->text[k] == NULL)
            return CF_ESYSTEM;
    }
    return to->text == NULL ? CF_ESYSTEM : CF_OK;
}

static cf_status copy_values(const cf_record *from, cf_record *to, cf_err *err)
{
    size_t count = cf_record_count(from);
    if (from->type == CF_VALUE_TEXT)
        return copy_texts(from, count, to, err);
    if (from->type == CF_VALUE_REAL) {
        to->real = cf_duplicate(from->name, from->real, count, sizeof *to->real, err);
        return to->real == NULL ? CF_ESYSTEM : CF_OK;
    }
    to->integer = cf_duplicate(from->name, from->integer, count, sizeof *to->integer, err);
    return to->integer == NULL ? CF_ESYSTEM : CF_OK;
}

static cf_status copy_record(const cf_record *from, cf_record *to, cf_err *err)
{
    *to = *from;
    to->real = NULL;
    to->integer = NULL;
    to->text = NULL;
    to->name = cf_duplicate_text(from->name, err);
    to->unit = cf_duplicate_text(from->unit == NULL ? "" : from->unit, err);
    to->equation = cf_duplicate_text(from->equation == NULL ? "" : from->equation, err);
    if (to->name == NULL || to->unit == NULL || to->equation == NULL)
        return CF_ESYSTEM;
    return copy_values(from, to, err);
}

cf_status cf_group_add(cf_group *group, const cf_record *record, cf_err *err)
{
    if (record->rank < 1 || record->rank > 4)
        return cf_fail(err, CF_EINPUT, "record %s: rank = %d: must be in [1, 4]", record->name,
                       record->rank);
    cf_record copy;
    cf_status status = copy_record(record, &copy, err);
    cf_record *known = (cf_record *)cf_group_record(group, record->name), *records = NULL;
    if (status == CF_OK && known == NULL) {
        records = with_room(group->records, group->record_count, sizeof *records, err);
        status = records == NULL ? CF_ESYSTEM : CF_OK;
    }
    if (status != CF_OK) {
        release_record(&copy);
    } else if (known != NULL) {
        release_record(known);
        *known = copy;
    } else {
        group->records = records;
        records[group->record_count++] = copy;
    }
    return status;
}
