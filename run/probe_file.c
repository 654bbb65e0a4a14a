#include "probe_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/hdf5_array.h"
#include "contraflow/run/table_file.h"
#include "contraflow/solver/memory.h"
#include "table_columns.h"

static const double LARGEST_LABEL = 1e6;
enum { NAME = 24 };

/* What a file of either format holds. */
typedef struct {
    const char *path;
    size_t d;                     /* of the latent space */
    size_t rows, columns, starts; /* columns of points, of start */
    double *points;               /* [rows*columns] */
    double *labels;               /* [rows], or NULL */
    double *start;                /* [rows*starts], or NULL */
} content;

static void release(content *c)
{
    free(c->points);
    free(c->labels);
    free(c->start);
}

/* --- .csv --- */

/* label, h0, ..., h{d-1}, NULL. */
static void name_extras(size_t d, char names[][NAME], const char **extras)
{
    extras[0] = "label";
    for (size_t k = 0; k < d; k++) {
        snprintf(names[k], NAME, "h%zu", k);
        extras[k + 1] = names[k];
    }
    extras[d + 1] = NULL;
}

static cf_status sort_columns(content *c, const cf_table *table, const long *place, cf_err *err)
{
    bool label = false;
    c->rows = table->rows;
    for (size_t k = 0; k < table->columns; k++) {
        label = label || place[k] == -1;
        c->starts += place[k] < -1;
    }
    if (c->starts != 0 && c->starts != c->d)
        return cf_fail(err, CF_EINPUT,
                       "%s:1: has %zu of the columns h0 ... h%zu; a start needs all %zu, or none",
                       c->path, c->starts, c->d - 1, c->d);
    c->points = cf_allocate(c->path, c->rows, c->columns * sizeof(double), err);
    c->labels = label ? cf_allocate(c->path, c->rows, sizeof(double), err) : NULL;
    c->start =
        c->starts > 0 ? cf_allocate(c->path, c->rows, c->starts * sizeof(double), err) : NULL;
    if (c->points == NULL || (label && c->labels == NULL) || (c->starts > 0 && c->start == NULL))
        return CF_ESYSTEM;
    for (size_t i = 0; i < c->rows; i++)
        for (size_t k = 0; k < table->columns; k++) {
            double value = table->values[i * table->columns + k];
            if (place[k] >= 0)
                c->points[i * c->columns + (size_t)place[k]] = value;
            else if (place[k] == -1)
                c->labels[i] = value;
            else
                c->start[i * c->starts + (size_t)(-2 - place[k])] = value;
        }
    return CF_OK;
}

static cf_status read_csv(content *c, cf_err *err)
{
    char(*names)[NAME] = cf_allocate("columns", c->d, sizeof *names, err);
    const char **extras = cf_allocate("columns", c->d + 2, sizeof *extras, err);
    cf_table *table = NULL;
    long *place = NULL;
    cf_status status =
        names == NULL || extras == NULL ? CF_ESYSTEM : cf_table_read(c->path, &table, err);
    if (status == CF_OK) {
        name_extras(c->d, names, extras);
        place = cf_allocate("columns", table->columns, sizeof *place, err);
        status = place == NULL
                     ? CF_ESYSTEM
                     : cf_table_columns(c->path, table, "x", extras, place, &c->columns, err);
    }
    if (status == CF_OK)
        status = sort_columns(c, table, place, err);
    free(place);
    free(extras);
    free(names);
    cf_table_free(&table);
    return status;
}

/* --- .h5 --- */

static cf_status check_finite(const content *c, const char *name, const double *values,
                              size_t columns, cf_err *err)
{
    for (size_t i = 0; values != NULL && i < c->rows * columns; i++)
        if (!isfinite(values[i]))
            return cf_fail(err, CF_EINPUT,
                           "%s: dataset %s, row %zu, column %zu = %g: must be finite", c->path,
                           name, i / columns + 1, i % columns + 1, values[i]);
    return CF_OK;
}

static cf_status check_count(const content *c, const char *name, size_t rows, cf_err *err)
{
    return rows == c->rows ? CF_OK
                           : cf_fail(err, CF_EINPUT,
                                     "%s: dataset %s: has %zu rows: must have one for each of the "
                                     "%zu points",
                                     c->path, name, rows, c->rows);
}

static cf_status read_hdf5(content *c, cf_err *err)
{
    size_t rows = 0, width = 1;
    cf_status status =
        cf_hdf5_read_array(c->path, "points", 0, &c->points, &c->rows, &c->columns, err);
    if (status == CF_OK)
        status = cf_hdf5_read_array(c->path, "labels", 1, &c->labels, &rows, &width, err);
    if (status == CF_OK && c->labels != NULL)
        status = check_count(c, "labels", rows * width, err);
    if (status == CF_OK)
        status = cf_hdf5_read_array(c->path, "start", 1, &c->start, &rows, &c->starts, err);
    if (status == CF_OK && c->start != NULL)
        status = check_count(c, "start", rows, err);
    if (status == CF_OK)
        status = check_finite(c, "points", c->points, c->columns, err);
    return status == CF_OK ? check_finite(c, "start", c->start, c->starts, err) : status;
}

/* --- rules --- */

static cf_status check_shape(const content *c, size_t dimension, cf_err *err)
{
    if (c->rows == 0)
        return cf_fail(err, CF_EINPUT, "%s: has no probes", c->path);
    if (c->columns != dimension)
        return cf_fail(err, CF_EINPUT,
                       "%s: has points in R^%zu, but the data are in R^%zu; a probe is a point of "
                       "the same space",
                       c->path, c->columns, dimension);
    if (c->start != NULL && c->starts != c->d)
        return cf_fail(err, CF_EINPUT, "%s: has a start in R^%zu, but latent.dimension = %zu",
                       c->path, c->starts, c->d);
    for (size_t i = 0; c->labels != NULL && i < c->rows; i++)
        if (!(c->labels[i] >= 0 && c->labels[i] <= LARGEST_LABEL &&
              c->labels[i] == floor(c->labels[i])))
            return cf_fail(err, CF_EINPUT,
                           "%s: label of probe %zu = %.15g: must be an integer from 0 to 1000000",
                           c->path, i + 1, c->labels[i]);
    return CF_OK;
}

static cf_status create(content *c, cf_data **probes, double **start, cf_err *err)
{
    cf_status status = cf_data_create(c->rows, c->columns, c->labels != NULL, probes, err);
    if (status != CF_OK)
        return status;
    memcpy((*probes)->points, c->points, c->rows * c->columns * sizeof(double));
    for (size_t i = 0; c->labels != NULL && i < c->rows; i++)
        (*probes)->labels[i] = (int)c->labels[i];
    *start = c->start;
    c->start = NULL;
    return CF_OK;
}

cf_status cf_probes_read(const char *path, size_t dimension, size_t d, cf_data **probes,
                         double **start, cf_err *err)
{
    content c = {.path = path, .d = d};
    const char *end = strrchr(path, '.');
    bool csv = end != NULL && strcmp(end, ".csv") == 0;
    *probes = NULL;
    *start = NULL;
    if (!csv && (end == NULL || strcmp(end, ".h5") != 0))
        return cf_fail(err, CF_EINPUT, "%s: unknown format: the name must end in .csv or .h5",
                       path);
    cf_status status = csv ? read_csv(&c, err) : read_hdf5(&c, err);
    if (status == CF_OK)
        status = check_shape(&c, dimension, err);
    if (status == CF_OK)
        status = create(&c, probes, start, err);
    release(&c);
    return status;
}
