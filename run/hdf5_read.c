/* Reads what hdf5_file.c writes, as an image in memory. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/memory.h"
#include "hdf5_image.h"

enum { DEEPEST = 8 };

/* Lends the bytes of the file to HDF5, which would copy them twice otherwise. */
static void *lend(size_t size, H5FD_file_image_op_t operation, void *bytes)
{
    (void)size, (void)operation;
    return bytes;
}

static void *lend_copy(void *to, const void *from, size_t size, H5FD_file_image_op_t operation,
                       void *bytes)
{
    (void)from, (void)size, (void)operation, (void)bytes;
    return to;
}

static herr_t take_back(void *image, H5FD_file_image_op_t operation, void *bytes)
{
    (void)image, (void)operation, (void)bytes;
    return 0;
}

static void *same_lender(void *bytes)
{
    return bytes;
}

static herr_t forget_lender(void *bytes)
{
    (void)bytes;
    return 0;
}

static hid_t open_image(char *bytes, size_t size)
{
    H5FD_file_image_callbacks_t loan = {lend,        lend_copy,     NULL, take_back,
                                        same_lender, forget_lender, bytes};
    hid_t access = cf_hdf5_image_access();
    bool ok = H5Pset_file_image_callbacks(access, &loan) >= 0 &&
              H5Pset_file_image(access, bytes, size) >= 0;
    hid_t file = ok ? H5Fopen(CF_HDF5_IMAGE, H5F_ACC_RDONLY, access) : -1;
    H5Pclose(access);
    return file;
}

static bool value_type(hid_t type, cf_value_type *out)
{
    H5T_class_t class = H5Tget_class(type);
    *out = class == H5T_FLOAT     ? CF_VALUE_REAL
           : class == H5T_INTEGER ? CF_VALUE_INTEGER
                                  : CF_VALUE_TEXT;
    return *out != CF_VALUE_TEXT || (class == H5T_STRING && H5Tis_variable_str(type) > 0);
}

/* The value of a scalar attribute, its text owned by the caller. */
static bool read_attribute(hid_t id, cf_attribute *value)
{
    hid_t type = H5Aget_type(id), space = H5Aget_space(id), text = cf_hdf5_text_type();
    const hid_t memory[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_LONG, text};
    void *values[] = {&value->real, &value->integer, &value->text};
    *value = (cf_attribute){0};
    bool ok = value_type(type, &value->type) && H5Sget_simple_extent_npoints(space) == 1 &&
              H5Aread(id, memory[value->type], values[value->type]) >= 0;
    H5Tclose(text);
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

static cf_status set_attribute(cf_group *group, const char *name, const cf_attribute *value,
                               cf_err *err)
{
    switch (value->type) {
    case CF_VALUE_REAL:
        return cf_group_set_real(group, name, value->real, err);
    case CF_VALUE_INTEGER:
        return cf_group_set_integer(group, name, value->integer, err);
    default:
        return cf_group_set_text(group, name, value->text, err);
    }
}

typedef struct {
    cf_result *result;
    cf_err *err;     /* never NULL */
    char path[1024]; /* of the group being read */
    int depth;
} reader;

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    (void)info;
    reader *r = data;
    cf_attribute value;
    hid_t id = H5Aopen(object, name, H5P_DEFAULT);
    cf_status status = CF_OK;
    if (id >= 0 && read_attribute(id, &value)) {
        status = set_attribute(cf_result_group(r->result, r->path), name, &value, r->err);
        H5free_memory(value.text);
    } else {
        status = cf_fail(r->err, CF_EINPUT, "attribute %s of %s cannot be read", name, r->path);
    }
    if (id >= 0)
        H5Aclose(id);
    return status == CF_OK ? 0 : -1;
}

static void read_label(hid_t dataset, const char *name, char *label, size_t size)
{
    cf_attribute value = {0};
    label[0] = '\0';
    hid_t id = H5Aexists(dataset, name) > 0 ? H5Aopen(dataset, name, H5P_DEFAULT) : -1;
    if (id < 0)
        return;
    if (read_attribute(id, &value) && value.type == CF_VALUE_TEXT && value.text != NULL)
        strncat(label, value.text, size - 1);
    H5free_memory(value.text);
    H5Aclose(id);
}

/* Shape and room of a record; false where it is none of ours. */
static bool prepare_record(hid_t dataset, hid_t space, cf_record *record, cf_err *err)
{
    hsize_t dims[H5S_MAX_RANK];
    hid_t type = H5Dget_type(dataset);
    record->rank = H5Sget_simple_extent_ndims(space);
    bool ok = value_type(type, &record->type) && record->rank >= 1 && record->rank <= 4 &&
              H5Sget_simple_extent_dims(space, dims, NULL) >= 0;
    H5Tclose(type);
    for (int k = 0; k < record->rank && ok; k++)
        record->dims[k] = (size_t)dims[k];
    if (!ok)
        return false;
    size_t count = cf_record_count(record);
    if (record->type == CF_VALUE_REAL)
        record->real = cf_allocate(record->name, count, sizeof *record->real, err);
    else if (record->type == CF_VALUE_INTEGER)
        record->integer = cf_allocate(record->name, count, sizeof *record->integer, err);
    else
        record->text = cf_allocate(record->name, count, sizeof *record->text, err);
    return err->status == CF_OK;
}

static bool read_values(hid_t dataset, hid_t space, cf_record *record)
{
    hid_t text = cf_hdf5_text_type();
    const hid_t memory[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_LONG, text};
    void *values[] = {record->real, record->integer, record->text};
    bool ok =
        cf_record_count(record) == 0 || H5Dread(dataset, memory[record->type], H5S_ALL, H5S_ALL,
                                                H5P_DEFAULT, values[record->type]) >= 0;
    for (size_t k = 0; ok && record->type == CF_VALUE_TEXT && k < cf_record_count(record); k++)
        ok = record->text[k] != NULL;
    if (!ok && record->type == CF_VALUE_TEXT)
        H5Dvlen_reclaim(text, space, H5P_DEFAULT, record->text);
    H5Tclose(text);
    return ok;
}

static cf_status read_record(reader *r, hid_t dataset, const char *name)
{
    char unit[64], equation[64];
    cf_record record = {.name = (char *)name, .unit = unit, .equation = equation};
    read_label(dataset, "unit", unit, sizeof unit);
    read_label(dataset, "equation", equation, sizeof equation);
    hid_t space = H5Dget_space(dataset);
    bool ok =
        prepare_record(dataset, space, &record, r->err) && read_values(dataset, space, &record);
    cf_status status =
        ok ? cf_group_add(cf_result_group(r->result, r->path), &record, r->err)
           : cf_fail(r->err, CF_EINPUT, "dataset %s of %s cannot be read", name, r->path);
    if (ok && record.type == CF_VALUE_TEXT) {
        hid_t text = cf_hdf5_text_type();
        H5Dvlen_reclaim(text, space, H5P_DEFAULT, record.text);
        H5Tclose(text);
    }
    H5Sclose(space);
    free(record.real);
    free(record.integer);
    free(record.text);
    return status;
}

static cf_status read_group(reader *r, hid_t group);

static cf_status read_subgroup(reader *r, hid_t group, const char *name)
{
    size_t length = strlen(r->path), end = length > 1 ? length : 0;
    cf_group *added;
    if (end + strlen(name) + 2 > sizeof r->path || r->depth == DEEPEST)
        return cf_fail(r->err, CF_EINPUT, "group %s is too deep or its name too long", r->path);
    r->path[end] = '/';
    strcpy(r->path + end + 1, name);
    r->depth++;
    cf_status status = cf_result_add_group(r->result, r->path, &added, r->err);
    if (status == CF_OK)
        status = read_group(r, group);
    r->depth--;
    r->path[length] = '\0';
    return status;
}

/* Only hard links are followed, to a limited depth: a crafted file reaches neither other files nor
 * itself. */
static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
    reader *r = data;
    if (info->type != H5L_TYPE_HARD)
        return 0;
    hid_t id = H5Oopen(group, name, H5P_DEFAULT);
    cf_status status = CF_OK;
    if (id >= 0 && H5Iget_type(id) == H5I_DATASET)
        status = read_record(r, id, name);
    else if (id >= 0 && H5Iget_type(id) == H5I_GROUP)
        status = read_subgroup(r, id, name);
    else
        status = cf_fail(r->err, CF_EINPUT, "object %s of %s cannot be read", name, r->path);
    if (id >= 0)
        H5Oclose(id);
    return status == CF_OK ? 0 : -1;
}

static cf_status check_format(const cf_result *result, cf_err *err)
{
    const cf_group *root = cf_result_group(result, "/");
    long version = cf_group_integer(root, "format_version");
    if (strcmp(cf_group_text(root, "format"), CF_RESULT_FORMAT) != 0)
        return cf_fail(err, CF_EINPUT, "is not a contraflow result (attribute format is not %s)",
                       CF_RESULT_FORMAT);
    if (version < 1 || version > CF_RESULT_VERSION)
        return cf_fail(err, CF_EINPUT,
                       "format_version = %ld: this program reads 1 to %d; use a newer one", version,
                       CF_RESULT_VERSION);
    return CF_OK;
}

/* The format comes first: what a newer one holds may not be readable at all. */
static cf_status read_group(reader *r, hid_t group)
{
    hsize_t first = 0;
    bool ok = H5Aiterate2(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &first, visit_attribute, r) >= 0;
    if (ok && r->depth == 0 && check_format(r->result, r->err) != CF_OK)
        return r->err->status;
    first = 0;
    ok = ok && H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &first, visit_link, r) >= 0;
    if (!ok)
        cf_fail(r->err, CF_EINPUT, "group %s cannot be read", r->path);
    return r->err->status;
}

static cf_status read_image(char *bytes, size_t size, cf_result *result, cf_err *err)
{
    reader r = {.result = result, .err = err, .path = "/"};
    if (size < 8 || memcmp(bytes, "\211HDF\r\n\032\n", 8) != 0)
        return cf_fail(err, CF_EINPUT, "is not an HDF5 file");
    cf_hdf5_silence old = cf_hdf5_be_silent();
    hid_t file = open_image(bytes, size);
    hid_t root = file >= 0 ? H5Gopen2(file, "/", H5P_DEFAULT) : -1;
    cf_status status =
        root < 0 ? cf_fail(err, CF_EINPUT, "is a damaged HDF5 file: cut off or overwritten?")
                 : read_group(&r, root);
    if (root >= 0)
        H5Gclose(root);
    if (file >= 0)
        H5Fclose(file);
    cf_hdf5_speak_again(old);
    return status;
}

cf_status cf_result_read(const char *path, cf_result **out, cf_err *err)
{
    char *bytes;
    size_t size;
    cf_err reason = {0};
    *out = NULL;
    cf_result *result = NULL;
    cf_status status = cf_file_read(path, &bytes, &size, err);
    if (status != CF_OK)
        return status;
    status = cf_result_create(&result, &reason);
    if (status == CF_OK)
        status = read_image(bytes, size, result, &reason);
    if (status == CF_OK)
        *out = result;
    else
        cf_result_free(&result);
    free(bytes);
    return status == CF_OK ? CF_OK : cf_fail(err, status, "%s: %s", path, reason.message);
}
