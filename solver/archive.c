#include "contraflow/solver/archive.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

cf_archive cf_archive_of(const void *bytes, size_t size)
{
    return (cf_archive){.bytes = (unsigned char *)bytes, .size = size, .reading = true};
}

void cf_archive_release(cf_archive *archive)
{
    if (!archive->reading)
        free(archive->bytes);
    *archive = (cf_archive){.bytes = NULL};
}

static cf_status append(cf_archive *archive, const void *data, size_t size, cf_err *err)
{
    if (archive->size + size > archive->room) {
        size_t room = 2 * archive->room + size;
        unsigned char *larger = cf_allocate("state", room, 1, err);
        if (larger == NULL)
            return CF_ESYSTEM;
        if (archive->size > 0)
            memcpy(larger, archive->bytes, archive->size);
        free(archive->bytes);
        archive->bytes = larger;
        archive->room = room;
    }
    memcpy(archive->bytes + archive->size, data, size);
    archive->size += size;
    return CF_OK;
}

cf_status cf_archive_pass(cf_archive *archive, void *data, size_t size, cf_err *err)
{
    if (size == 0)
        return CF_OK;
    if (!archive->reading)
        return append(archive, data, size, err);
    if (archive->size - archive->at < size)
        return cf_fail(err, CF_EINPUT, "the stored state is cut off");
    memcpy(data, archive->bytes + archive->at, size);
    archive->at += size;
    return CF_OK;
}

cf_status cf_archive_pass_array(cf_archive *archive, void **array, size_t *count, size_t size,
                                cf_err *err)
{
    if (archive->reading)
        *array = NULL;
    cf_status status = cf_archive_pass(archive, count, sizeof *count, err);
    if (status != CF_OK || !archive->reading)
        return status == CF_OK ? cf_archive_pass(archive, *array, *count * size, err) : status;
    if (*count == 0)
        return CF_OK;
    if (*count > (archive->size - archive->at) / size)
        return cf_fail(err, CF_EINPUT, "the stored state is cut off");
    *array = cf_allocate("state", *count, size, err);
    return *array != NULL ? cf_archive_pass(archive, *array, *count * size, err) : CF_ESYSTEM;
}

cf_status cf_archive_pass_text(cf_archive *archive, char **text, cf_err *err)
{
    char none[] = "";
    void *bytes = archive->reading || *text == NULL ? none : *text;
    size_t length = archive->reading ? 0 : strlen(bytes) + 1;
    cf_status status = cf_archive_pass_array(archive, &bytes, &length, 1, err);
    if (archive->reading)
        *text = bytes;
    if (status != CF_OK || !archive->reading)
        return status;
    if (*text == NULL || (*text)[length - 1] != '\0')
        return cf_fail(err, CF_EINPUT, "the stored state is damaged");
    return CF_OK;
}
