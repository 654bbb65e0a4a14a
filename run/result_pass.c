#include "result_pass.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

static cf_status pass_attribute(cf_group *group, size_t k, cf_archive *archive, cf_err *err)
{
    cf_attribute attribute = {.name = NULL};
    if (!archive->reading)
        attribute = group->attributes[k];
    cf_status status = cf_archive_pass_text(archive, &attribute.name, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &attribute.type, sizeof attribute.type, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &attribute.real, sizeof attribute.real, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &attribute.integer, sizeof attribute.integer, err);
    if (status == CF_OK)
        status = cf_archive_pass_text(archive, &attribute.text, err);
    if (!archive->reading)
        return status;
    if (status == CF_OK && attribute.type == CF_VALUE_REAL)
        status = cf_group_set_real(group, attribute.name, attribute.real, err);
    else if (status == CF_OK && attribute.type == CF_VALUE_INTEGER)
        status = cf_group_set_integer(group, attribute.name, attribute.integer, err);
    else if (status == CF_OK)
        status = cf_group_set_text(group, attribute.name, attribute.text, err);
    free(attribute.name);
    free(attribute.text);
    return status;
}

static cf_status pass_texts(cf_record *record, cf_archive *archive, cf_err *err)
{
    size_t count = cf_record_count(record);
    if (archive->reading)
        record->text = cf_allocate("record", count, sizeof *record->text, err);
    cf_status status = record->text == NULL ? CF_ESYSTEM : CF_OK;
    for (size_t k = 0; k < count && status == CF_OK; k++)
        status = cf_archive_pass_text(archive, &record->text[k], err);
    return status;
}

static cf_status pass_values(cf_record *record, cf_archive *archive, cf_err *err)
{
    size_t count = cf_record_count(record);
    if (record->type == CF_VALUE_TEXT)
        return pass_texts(record, archive, err);
    bool real = record->type == CF_VALUE_REAL;
    void *values = real ? (void *)record->real : (void *)record->integer;
    cf_status status =
        cf_archive_pass_array(archive, &values, &count, real ? sizeof(double) : sizeof(long), err);
    if (real)
        record->real = values;
    else
        record->integer = values;
    if (status == CF_OK && count != cf_record_count(record))
        status = cf_fail(err, CF_EINPUT, "the stored state is damaged");
    return status;
}

static void release_read(cf_record *record)
{
    for (size_t k = 0; record->text != NULL && k < cf_record_count(record); k++)
        free(record->text[k]);
    free(record->text);
    free(record->real);
    free(record->integer);
    free(record->name);
    free(record->unit);
    free(record->equation);
}

static cf_status pass_record(cf_group *group, size_t k, cf_archive *archive, cf_err *err)
{
    cf_record record = {.name = NULL};
    if (!archive->reading)
        record = group->records[k];
    cf_status status = cf_archive_pass_text(archive, &record.name, err);
    if (status == CF_OK)
        status = cf_archive_pass_text(archive, &record.unit, err);
    if (status == CF_OK)
        status = cf_archive_pass_text(archive, &record.equation, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &record.type, sizeof record.type, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &record.rank, sizeof record.rank, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, record.dims, sizeof record.dims, err);
    if (status == CF_OK)
        status = pass_values(&record, archive, err);
    if (!archive->reading)
        return status;
    if (status == CF_OK)
        status = cf_group_add(group, &record, err);
    release_read(&record);
    return status;
}

static cf_status pass_group(cf_group *group, cf_archive *archive, cf_err *err)
{
    size_t attributes = group->attribute_count, records = group->record_count;
    cf_status status = cf_archive_pass(archive, &attributes, sizeof attributes, err);
    if (status == CF_OK)
        status = cf_archive_pass(archive, &records, sizeof records, err);
    for (size_t k = 0; k < attributes && status == CF_OK; k++)
        status = pass_attribute(group, k, archive, err);
    for (size_t k = 0; k < records && status == CF_OK; k++)
        status = pass_record(group, k, archive, err);
    return status;
}

static cf_status read_groups(cf_result *result, size_t count, cf_archive *archive, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < count && status == CF_OK; k++) {
        char *path = NULL;
        cf_group *group = NULL;
        status = cf_archive_pass_text(archive, &path, err);
        if (status == CF_OK)
            status = cf_result_add_group(result, path, &group, err);
        if (status == CF_OK)
            status = pass_group(group, archive, err);
        free(path);
    }
    return status;
}

cf_status cf_result_pass(cf_result *result, const char *prefix, cf_archive *archive, cf_err *err)
{
    size_t count = 0, length = strlen(prefix);
    for (size_t g = 0; g < result->count; g++)
        count += strncmp(result->groups[g].path, prefix, length) == 0;
    cf_status status = cf_archive_pass(archive, &count, sizeof count, err);
    if (status != CF_OK || archive->reading)
        return status == CF_OK ? read_groups(result, count, archive, err) : status;
    for (size_t g = 0; g < result->count && status == CF_OK; g++) {
        cf_group *group = &result->groups[g];
        if (strncmp(group->path, prefix, length) != 0)
            continue;
        status = cf_archive_pass_text(archive, &group->path, err);
        if (status == CF_OK)
            status = pass_group(group, archive, err);
    }
    return status;
}
