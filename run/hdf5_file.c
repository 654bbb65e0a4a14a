/* Writes results as HDF5 files. A file is built as an image in memory (the core driver), so that
 * HDF5 never touches the disk, its locks or its messages. No times are stored and links keep the
 * order of their creation: equal results have equal bytes. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/memory.h"
#include "hdf5_image.h"

static bool write_attribute(hid_t object, const cf_attribute *attribute)
{
    hid_t text = cf_hdf5_text_type();
    const hid_t memory[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_LONG, text};
    const hid_t stored[] = {H5T_IEEE_F64LE, H5T_STD_I64LE, text};
    const void *values[] = {&attribute->real, &attribute->integer, &attribute->text};
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t id = H5Acreate2(object, attribute->name, stored[attribute->type], space, H5P_DEFAULT,
                          H5P_DEFAULT);
    bool ok = id >= 0 && H5Awrite(id, memory[attribute->type], values[attribute->type]) >= 0;
    if (id >= 0)
        H5Aclose(id);
    H5Sclose(space);
    H5Tclose(text);
    return ok;
}

static bool write_text_attribute(hid_t object, const char *name, const char *text)
{
    const cf_attribute attribute = {
        .name = (char *)name, .type = CF_VALUE_TEXT, .text = (char *)text};
    return write_attribute(object, &attribute);
}

static bool write_values(hid_t id, hid_t memory, const cf_record *record)
{
    const void *values[] = {record->real, record->integer, record->text};
    return cf_record_count(record) == 0 ||
           H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values[record->type]) >= 0;
}

static bool write_record(hid_t group, const cf_record *record)
{
    hsize_t dims[4];
    for (int k = 0; k < record->rank; k++)
        dims[k] = record->dims[k];
    hid_t text = cf_hdf5_text_type();
    const hid_t memory[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_LONG, text};
    const hid_t stored[] = {H5T_IEEE_F64LE, H5T_STD_I64LE, text};
    hid_t space = H5Screate_simple(record->rank, dims, NULL);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(creation, false);
    hid_t id = H5Dcreate2(group, record->name, stored[record->type], space, H5P_DEFAULT, creation,
                          H5P_DEFAULT);
    bool ok = id >= 0 && write_values(id, memory[record->type], record) &&
              write_text_attribute(id, "unit", record->unit) &&
              write_text_attribute(id, "equation", record->equation);
    if (id >= 0)
        H5Dclose(id);
    H5Pclose(creation);
    H5Sclose(space);
    H5Tclose(text);
    return ok;
}

static void keep_order(hid_t creation)
{
    H5Pset_obj_track_times(creation, false);
    H5Pset_link_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_attr_creation_order(creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
}

static bool write_group(hid_t file, const cf_group *group)
{
    bool root = strcmp(group->path, "/") == 0;
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    keep_order(creation);
    hid_t id = root ? H5Gopen2(file, "/", H5P_DEFAULT)
                    : H5Gcreate2(file, group->path, H5P_DEFAULT, creation, H5P_DEFAULT);
    bool ok = id >= 0;
    if (ok && root) {
        const cf_attribute version = {
            .name = "format_version", .type = CF_VALUE_INTEGER, .integer = CF_RESULT_VERSION};
        ok = write_text_attribute(id, "format", CF_RESULT_FORMAT) && write_attribute(id, &version);
    }
    for (size_t k = 0; k < group->attribute_count && ok; k++) {
        const cf_attribute *attribute = &group->attributes[k];
        bool ours = root && strncmp(attribute->name, "format", 6) == 0 &&
                    (attribute->name[6] == '\0' || strcmp(attribute->name + 6, "_version") == 0);
        ok = ours || write_attribute(id, attribute);
    }
    for (size_t k = 0; k < group->record_count && ok; k++)
        ok = write_record(id, &group->records[k]);
    if (id >= 0)
        H5Gclose(id);
    H5Pclose(creation);
    return ok;
}

/* *image is malloc'ed. */
static bool build_image(const cf_result *result, void **image, size_t *size, cf_err *err)
{
    hid_t access = cf_hdf5_image_access(), creation = H5Pcreate(H5P_FILE_CREATE);
    keep_order(creation);
    hid_t file = H5Fcreate(CF_HDF5_IMAGE, H5F_ACC_TRUNC, creation, access);
    bool ok = file >= 0;
    for (size_t k = 0; k < result->count && ok; k++)
        ok = write_group(file, &result->groups[k]);
    ok = ok && H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0;
    ssize_t length = ok ? H5Fget_file_image(file, NULL, 0) : -1;
    *image = length > 0 ? cf_allocate("result file", (size_t)length, 1, err) : NULL;
    ok = *image != NULL && H5Fget_file_image(file, *image, (size_t)length) == length;
    *size = ok ? (size_t)length : 0;
    if (file >= 0)
        H5Fclose(file);
    H5Pclose(creation);
    H5Pclose(access);
    return ok;
}

cf_status cf_result_write(const cf_result *result, const char *path, cf_err *err)
{
    void *image = NULL;
    size_t size = 0;
    cf_hdf5_silence old = cf_hdf5_be_silent();
    bool built = build_image(result, &image, &size, err);
    cf_hdf5_speak_again(old);
    cf_status status =
        built ? cf_file_replace(path, image, size, err)
              : cf_fail(err, CF_ESYSTEM, "%s: HDF5 cannot build the file; is there enough memory?",
                        path);
    free(image);
    return status;
}

cf_status cf_result_check_target(const char *path, size_t bytes, cf_err *err)
{
    return cf_file_check_target(path, bytes, err);
}
