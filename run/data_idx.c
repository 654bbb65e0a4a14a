/* Images with labels in the format of MNIST: a file begins with two zero bytes, the type of its
 * elements, their rank and as many sizes of four bytes, the highest first; the elements follow. */
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/file.h"
#include "contraflow/solver/memory.h"
#include "data_source.h"

typedef struct {
    char *images, *labels;
    cf_integers classes;
    cf_integers counts; /* one, or one to a class; 0: all */
    int pixels;         /* index into pixel_choices */
} idx_options;

enum { PIXELS_UNIT, PIXELS_CENTERED, PIXELS_RAW };
static const char *const pixel_choices[] = {"unit", "centered", "raw", NULL};

static const cf_option options[] = {
    {.key = "images",
     .type = CF_OPTION_PATH,
     .offset = offsetof(idx_options, images),
     .doc = "The images, say train-images-idx3-ubyte, unpacked."},
    {.key = "labels",
     .type = CF_OPTION_PATH,
     .offset = offsetof(idx_options, labels),
     .doc = "Their labels, say train-labels-idx1-ubyte."},
    {.key = "classes",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(idx_options, classes),
     .fallback = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]",
     .min = 0,
     .max = 255,
     .doc = "Labels of the file to take; the first becomes cluster 0, the next cluster 1, ..."},
    {.key = "points-per-cluster",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(idx_options, counts),
     .fallback = "50",
     .min = 0,
     .max = 1e6,
     .zero = "all",
     .doc = "So many of each class, the first in the file; one number or one to a class."},
    {.key = "pixels",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(idx_options, pixels),
     .fallback = "unit",
     .choices = pixel_choices,
     .doc =
         "Divided by 255, so less the mean image of the points that are taken, or as they are."}};

static const cf_kind kind = {"idx", "Images with labels in the IDX format of MNIST.", options,
                             sizeof options / sizeof *options, sizeof(idx_options)};

/* --- files --- */

enum { MOST_RANK = 8, UNSIGNED_BYTES = 0x08 };

typedef struct {
    const char *path;
    char *content;
    const unsigned char *elements;
    size_t count, size; /* items, elements of one */
    size_t rank;
} idx_file;

static cf_status check_magic(const idx_file *file, const unsigned char *at, size_t size,
                             cf_err *err)
{
    if (size >= 2 && at[0] == 0x1f && at[1] == 0x8b)
        return cf_fail(err, CF_EINPUT, "%s: is compressed; unpack it: gunzip -k %s", file->path,
                       file->path);
    if (size < 4)
        return cf_fail(err, CF_EINPUT, "%s: has %zu bytes; an IDX file has a header", file->path,
                       size);
    if (at[0] != 0 || at[1] != 0 || at[3] == 0 || at[3] > MOST_RANK)
        return cf_fail(
            err, CF_EINPUT,
            "%s: is no IDX file: begins with the bytes %02x %02x %02x %02x, not 00 00 08 "
            "and the rank",
            file->path, at[0], at[1], at[2], at[3]);
    if (at[2] != UNSIGNED_BYTES)
        return cf_fail(err, CF_EINPUT,
                       "%s: has elements of IDX type 0x%02x; only unsigned bytes (0x08) are read",
                       file->path, at[2]);
    if (size < 4 + 4 * (size_t)at[3])
        return cf_fail(err, CF_EINPUT, "%s: is cut off in its header", file->path);
    return CF_OK;
}

/* Sizes whose product overflows are beyond any file. */
static cf_status check_sizes(idx_file *file, const unsigned char *at, size_t size, cf_err *err)
{
    size_t head = 4 + 4 * file->rank, room = size - head;
    file->size = 1;
    for (size_t k = 0; k < file->rank; k++) {
        const unsigned char *number = at + 4 + 4 * k;
        size_t length =
            (size_t)number[0] << 24 | (size_t)number[1] << 16 | (size_t)number[2] << 8 | number[3];
        if (length == 0)
            return cf_fail(err, CF_EINPUT, "%s: is empty: its size number %zu is 0", file->path,
                           k + 1);
        if (k == 0)
            file->count = length;
        else
            file->size = length > SIZE_MAX / file->size ? SIZE_MAX : file->size * length;
    }
    bool short_of = file->size > room / file->count;
    if (short_of || file->count * file->size != room)
        return cf_fail(err, CF_EINPUT,
                       "%s: has %zu bytes after its header, which says %zu items of %zu: %s",
                       file->path, room, file->count, file->size,
                       short_of ? "the file is cut off" : "there is something behind them");
    file->elements = at + head;
    return CF_OK;
}

static cf_status open_file(const char *path, idx_file *file, cf_err *err)
{
    size_t size = 0;
    *file = (idx_file){.path = path};
    cf_status status = cf_file_read(path, &file->content, &size, err);
    const unsigned char *at = (const unsigned char *)file->content;
    if (status == CF_OK)
        status = check_magic(file, at, size, err);
    if (status != CF_OK)
        return status;
    file->rank = at[3];
    return check_sizes(file, at, size, err);
}

static cf_status check_pair(const idx_file *images, const idx_file *labels, cf_err *err)
{
    if (labels->rank != 1)
        return cf_fail(
            err, CF_EINPUT, "data.labels = %s: holds arrays of rank %zu, not labels of rank 1%s",
            labels->path, labels->rank, images->rank == 1 ? "; the two files are swapped" : "");
    if (images->rank < 2)
        return cf_fail(err, CF_EINPUT, "data.images = %s: holds labels (rank 1), not images",
                       images->path);
    if (images->count != labels->count)
        return cf_fail(err, CF_EINPUT,
                       "data.labels = %s: holds %zu labels, but there are %zu images in %s",
                       labels->path, labels->count, images->count, images->path);
    return CF_OK;
}

/* --- choice --- */

static size_t available(const idx_file *labels, long class)
{
    size_t count = 0;
    for (size_t i = 0; i < labels->count; i++)
        count += labels->elements[i] == class;
    return count;
}

static long wanted(const idx_options *o, size_t k)
{
    return o->counts.values[o->counts.count == 1 ? 0 : k];
}

/* What a file has, for those who asked for something else. */
static cf_status refuse_class(const idx_file *labels, size_t k, long class, cf_err *err)
{
    char known[128] = "";
    size_t used = 0;
    for (long c = 0; c < 256 && used + 8 < sizeof known; c++)
        if (available(labels, c) > 0)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%ld",
                                     used > 0 ? ", " : "", c);
    return cf_fail(err, CF_EINPUT, "data.classes.%zu = %ld: %s has no such label; it has %s", k,
                   class, labels->path, known);
}

static cf_status count_points(const idx_options *o, const idx_file *labels, size_t *n, cf_err *err)
{
    const cf_integers *classes = &o->classes;
    *n = 0;
    if (o->counts.count != 1 && o->counts.count != classes->count)
        return cf_fail(
            err, CF_EINPUT,
            "data.points-per-cluster has %zu numbers: must have 1 or %zu, one to a class",
            o->counts.count, classes->count);
    for (size_t k = 0; k < classes->count; k++)
        for (size_t j = 0; j < k; j++)
            if (classes->values[j] == classes->values[k])
                return cf_fail(err, CF_EINPUT, "data.classes.%zu = %ld: is there twice", k,
                               classes->values[k]);
    for (size_t k = 0; k < classes->count; k++) {
        size_t most = available(labels, classes->values[k]);
        if (most == 0)
            return refuse_class(labels, k, classes->values[k], err);
        if (wanted(o, k) > (long)most)
            return cf_fail(err, CF_EINPUT,
                           "data.points-per-cluster = %ld: %s has only %zu of class %ld",
                           wanted(o, k), labels->path, most, classes->values[k]);
        *n += wanted(o, k) > 0 ? (size_t)wanted(o, k) : most;
    }
    return CF_OK;
}

static void take(const idx_options *o, const idx_file *images, const idx_file *labels,
                 cf_data *data)
{
    double scale = o->pixels == PIXELS_RAW ? 1 : 255;
    size_t row = 0, D = images->size;
    for (size_t k = 0; k < o->classes.count; k++) {
        size_t left = wanted(o, k) > 0 ? (size_t)wanted(o, k) : labels->count;
        for (size_t i = 0; i < labels->count && left > 0; i++) {
            if (labels->elements[i] != o->classes.values[k])
                continue;
            for (size_t c = 0; c < D; c++)
                data->points[row * D + c] = images->elements[i * D + c] / scale;
            data->labels[row++] = (int)k;
            left--;
        }
    }
}

static void subtract_mean(cf_data *data)
{
    for (size_t c = 0; c < data->dimension; c++) {
        double mean = 0;
        for (size_t i = 0; i < data->n; i++)
            mean += data->points[i * data->dimension + c] / (double)data->n;
        for (size_t i = 0; i < data->n; i++)
            data->points[i * data->dimension + c] -= mean;
    }
}

static cf_status read_idx(const void *user, cf_data **out, cf_err *err)
{
    const idx_options *o = user;
    idx_file images = {0}, labels = {0};
    size_t n = 0;
    *out = NULL;
    cf_status status = open_file(o->images, &images, err);
    if (status == CF_OK)
        status = open_file(o->labels, &labels, err);
    if (status == CF_OK)
        status = check_pair(&images, &labels, err);
    if (status == CF_OK)
        status = count_points(o, &labels, &n, err);
    if (status == CF_OK)
        status = cf_data_create(n, images.size, 1, out, err);
    if (status == CF_OK) {
        take(o, &images, &labels, *out);
        if (o->pixels == PIXELS_CENTERED)
            subtract_mean(*out);
        status = cf_data_finish(*out, err);
    }
    if (status != CF_OK)
        cf_data_free(out);
    free(images.content);
    free(labels.content);
    return status;
}

const cf_data_source cf_data_idx = {&kind, read_idx};
