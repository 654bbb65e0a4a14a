#include "contraflow/run/hdf5_array.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "hdf5_image.h"

typedef struct {
    const char *path, *name;
    hid_t file, dataset, type, space;
} source;

/* HDF5 does not say why it cannot open a file; reading one byte does. */
static cf_status check_readable(const char *path, cf_err *err)
{
    char byte;
    errno = 0;
    FILE *file = fopen(path, "rb");
    bool readable = file != NULL && (fread(&byte, 1, 1, file) == 1 || ferror(file) == 0);
    int number = errno;
    if (file != NULL)
        fclose(file);
    if (readable)
        return CF_OK;
    return cf_fail(err, CF_EINPUT, "%s: cannot be read (%s)", path, strerror(number));
}

/* Each group on the way is asked for, because H5Lexists fails where one is missing. */
static bool exists(const source *s, cf_err *err)
{
    char *name = cf_duplicate_text(s->name, err);
    bool found = name != NULL;
    for (char *slash = name; found && slash != NULL;) {
        slash = strchr(slash, '/');
        if (slash != NULL)
            *slash = '\0';
        found = H5Lexists(s->file, name, H5P_DEFAULT) > 0;
        if (slash != NULL)
            *slash++ = '/';
    }
    free(name);
    return found;
}

static cf_status refuse(const source *s, const char *problem, const char *rule, cf_err *err)
{
    return cf_fail(err, CF_EINPUT, "%s: dataset %s: %s: %s", s->path, s->name, problem, rule);
}

static cf_status take_shape(const source *s, size_t *rows, size_t *columns, cf_err *err)
{
    hsize_t dims[H5S_MAX_RANK] = {0, 1};
    H5T_class_t class = H5Tget_class(s->type);
    int rank = H5Sget_simple_extent_dims(s->space, dims, NULL);
    if (class != H5T_INTEGER && class != H5T_FLOAT)
        return refuse(s, "is not numeric", "must hold integers or floating-point numbers", err);
    if (rank != 1 && rank != 2)
        return refuse(s, "has the wrong number of dimensions", "must have one or two", err);
    if (dims[0] == 0 || (rank == 2 && dims[1] == 0))
        return refuse(s, "is empty", "must have at least one row and column", err);
    *rows = (size_t)dims[0];
    *columns = rank == 2 ? (size_t)dims[1] : 1;
    if (*columns > SIZE_MAX / sizeof(double) / *rows)
        return refuse(s, "is too large", "must fit into memory", err);
    return CF_OK;
}

static cf_status take_values(const source *s, double *values, cf_err *err)
{
    if (H5Dread(s->dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        return refuse(s, "cannot be read",
                      "the file is damaged, or compressed by a filter that is missing here", err);
    return CF_OK;
}

static cf_status read_dataset(source *s, double **out, size_t *rows, size_t *columns, cf_err *err)
{
    s->dataset = H5Dopen2(s->file, s->name, H5P_DEFAULT);
    if (s->dataset < 0)
        return refuse(s, "cannot be opened", "must be a dataset", err);
    s->type = H5Dget_type(s->dataset);
    s->space = H5Dget_space(s->dataset);
    cf_status status = take_shape(s, rows, columns, err);
    if (status == CF_OK) {
        *out = cf_allocate(s->name, *rows, *columns * sizeof **out, err);
        status = *out != NULL ? take_values(s, *out, err) : CF_ESYSTEM;
    }
    return status;
}

static void close_all(const source *s)
{
    if (s->space >= 0)
        H5Sclose(s->space);
    if (s->type >= 0)
        H5Tclose(s->type);
    if (s->dataset >= 0)
        H5Dclose(s->dataset);
    if (s->file >= 0)
        H5Fclose(s->file);
}

static cf_status read_array(source *s, int optional, double **out, size_t *rows, size_t *columns,
                            cf_err *err)
{
    cf_err own = {0};
    s->file = H5Fopen(s->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (s->file < 0)
        return cf_fail(err, CF_EINPUT, "%s: is not an HDF5 file, or is damaged or being written",
                       s->path);
    if (exists(s, &own))
        return read_dataset(s, out, rows, columns, err);
    if (own.status != CF_OK)
        return cf_fail(err, own.status, "%s", own.message);
    if (optional)
        return CF_OK;
    return refuse(s, "is missing", "the file must have it", err);
}

cf_status cf_hdf5_read_array(const char *path, const char *name, int optional, double **out,
                             size_t *rows, size_t *columns, cf_err *err)
{
    *out = NULL;
    *rows = *columns = 0;
    source s = {path, name, -1, -1, -1, -1};
    cf_status status = check_readable(path, err);
    if (status != CF_OK)
        return status;
    cf_hdf5_silence old = cf_hdf5_be_silent();
    status = read_array(&s, optional, out, rows, columns, err);
    close_all(&s);
    cf_hdf5_speak_again(old);
    if (status != CF_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}
