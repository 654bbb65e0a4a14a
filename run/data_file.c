#include "contraflow/run/data_file.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/hdf5_array.h"
#include "contraflow/run/problem.h"
#include "contraflow/run/table_file.h"
#include "contraflow/solver/memory.h"
#include "table_columns.h"

static const cf_option options[] = {
    {.key = "path",
     .type = CF_OPTION_PATH,
     .offset = offsetof(cf_file_options, path),
     .doc = "The file: .csv with columns x0, x1, ..., optional label and weight, or .h5 with "
            "datasets points, optional labels and weights (a result file will do)."}};

const cf_kind cf_data_file_kind = {"file", "Points from a file.", options, 1,
                                   sizeof(cf_file_options)};

enum { LABEL, WEIGHT, EXTRAS };
static const char *const extra_columns[] = {"label", "weight", NULL};
static const char *const extra_datasets[] = {"labels", "weights"};
static const char *const no_columns[] = {NULL};

/* Observers keep sums per label, up to the largest. */
static const double LARGEST_LABEL = 1e6;

/* What a file of either format holds. */
typedef struct {
    const char *path;
    bool csv;
    char group[8];         /* of .h5 data */
    cf_matrix matrix;      /* the numbered columns, or the dataset */
    double *extra[EXTRAS]; /* [rows], or NULL */
} content;

static void release(content *c)
{
    free(c->matrix.values);
    free(c->extra[LABEL]);
    free(c->extra[WEIGHT]);
}

static cf_status find_format(content *c, cf_err *err)
{
    const char *end = strrchr(c->path, '.');
    c->csv = end != NULL && strcmp(end, ".csv") == 0;
    if (c->csv || (end != NULL && strcmp(end, ".h5") == 0))
        return CF_OK;
    return cf_fail(err, CF_EINPUT, "%s: unknown format: the name must end in .csv or .h5", c->path);
}

/* --- .csv --- */

static cf_status make_room(content *c, const cf_table *table, const long *place, cf_err *err)
{
    cf_matrix *m = &c->matrix;
    m->values = cf_allocate(c->path, m->rows, m->columns * sizeof *m->values, err);
    bool ok = m->values != NULL;
    for (size_t k = 0; k < table->columns && ok; k++)
        if (place[k] < 0) {
            double **extra = &c->extra[-1 - place[k]];
            *extra = cf_allocate(c->path, m->rows, sizeof **extra, err);
            ok = *extra != NULL;
        }
    return ok ? CF_OK : CF_ESYSTEM;
}

static void sort_columns(content *c, const cf_table *table, const long *place)
{
    for (size_t i = 0; i < table->rows; i++)
        for (size_t k = 0; k < table->columns; k++) {
            double value = table->values[i * table->columns + k];
            if (place[k] < 0)
                c->extra[-1 - place[k]][i] = value;
            else
                c->matrix.values[i * c->matrix.columns + (size_t)place[k]] = value;
        }
}

static cf_status read_csv(content *c, const char *prefix, const char *const *extras, cf_err *err)
{
    cf_table *table = NULL;
    long *place = NULL;
    cf_status status = cf_table_read(c->path, &table, err);
    if (status == CF_OK) {
        place = cf_allocate("columns", table->columns, sizeof *place, err);
        status = place != NULL ? CF_OK : CF_ESYSTEM;
        c->matrix.rows = table->rows;
    }
    if (status == CF_OK)
        status = cf_table_columns(c->path, table, prefix, extras, place, &c->matrix.columns, err);
    if (status == CF_OK)
        status = make_room(c, table, place, err);
    if (status == CF_OK)
        sort_columns(c, table, place);
    free(place);
    cf_table_free(&table);
    return status;
}

/* --- .h5 --- */

static cf_status check_finite(const content *c, const char *dataset, cf_err *err)
{
    const cf_matrix *m = &c->matrix;
    for (size_t i = 0; i < m->rows * m->columns; i++)
        if (!isfinite(m->values[i]))
            return cf_fail(err, CF_EINPUT,
                           "%s: dataset %s, row %zu, column %zu = %g: must be finite", c->path,
                           dataset, i / m->columns + 1, i % m->columns + 1, m->values[i]);
    return CF_OK;
}

static cf_status read_dataset(content *c, const char *name, int optional, cf_err *err)
{
    cf_matrix *m = &c->matrix;
    cf_status status =
        cf_hdf5_read_array(c->path, name, optional, &m->values, &m->rows, &m->columns, err);
    return status == CF_OK && m->values != NULL ? check_finite(c, name, err) : status;
}

static cf_status read_extra(content *c, int which, cf_err *err)
{
    char name[32];
    size_t rows = 0, width = 0;
    snprintf(name, sizeof name, "%s%s", c->group, extra_datasets[which]);
    cf_status status = cf_hdf5_read_array(c->path, name, 1, &c->extra[which], &rows, &width, err);
    if (status == CF_OK && c->extra[which] != NULL && (width != 1 || rows != c->matrix.rows))
        return cf_fail(err, CF_EINPUT,
                       "%s: dataset %s: has %zu x %zu values: must have one for each of the %zu "
                       "points",
                       c->path, name, rows, width, c->matrix.rows);
    return status;
}

static cf_status read_hdf5(content *c, cf_err *err)
{
    cf_status status = read_dataset(c, "points", 1, err);
    if (status == CF_OK && c->matrix.values == NULL) {
        snprintf(c->group, sizeof c->group, "data/");
        status = read_dataset(c, "data/points", 1, err);
    }
    if (status == CF_OK && c->matrix.values == NULL)
        return cf_fail(err, CF_EINPUT,
                       "%s: dataset points: is missing: must be at the root or in "
                       "the group data",
                       c->path);
    for (int k = 0; k < EXTRAS && status == CF_OK; k++)
        status = read_extra(c, k, err);
    return status;
}

/* --- rules --- */

static cf_status refuse_value(const content *c, int which, size_t row, const char *rule,
                              cf_err *err)
{
    double value = c->extra[which][row];
    if (c->csv)
        return cf_fail(err, CF_EINPUT, "%s:%zu: column %s = %.15g: %s", c->path, row + 2,
                       extra_columns[which], value, rule);
    return cf_fail(err, CF_EINPUT, "%s: dataset %s%s, row %zu = %.15g: %s", c->path, c->group,
                   extra_datasets[which], row + 1, value, rule);
}

static cf_status check_rows(const content *c, cf_err *err)
{
    const double *label = c->extra[LABEL], *weight = c->extra[WEIGHT];
    if (c->matrix.rows < 2)
        return cf_fail(err, CF_EINPUT,
                       "%s: has a single point: a contrastive loss needs at least two", c->path);
    for (size_t i = 0; i < c->matrix.rows; i++) {
        if (label != NULL &&
            !(label[i] >= 0 && label[i] <= LARGEST_LABEL && label[i] == floor(label[i])))
            return refuse_value(c, LABEL, i, "must be an integer from 0 to 1000000", err);
        if (weight != NULL && !(weight[i] > 0 && isfinite(weight[i])))
            return refuse_value(c, WEIGHT, i, "must be positive and finite", err);
    }
    return CF_OK;
}

static cf_status create_data(const content *c, cf_data **out, cf_err *err)
{
    size_t n = c->matrix.rows, D = c->matrix.columns;
    cf_status status = cf_data_create(n, D, c->extra[LABEL] != NULL, out, err);
    if (status != CF_OK)
        return status;
    memcpy((*out)->points, c->matrix.values, n * D * sizeof(double));
    if (c->extra[WEIGHT] != NULL)
        memcpy((*out)->weights, c->extra[WEIGHT], n * sizeof(double));
    for (size_t i = 0; i < n && c->extra[LABEL] != NULL; i++)
        (*out)->labels[i] = (int)c->extra[LABEL][i];
    status = cf_data_finish(*out, err);
    if (status == CF_OK)
        return CF_OK;
    cf_data_free(out);
    return cf_err_prepend(err, "%s: ", c->path);
}

cf_status cf_data_read(const char *path, cf_data **out, cf_err *err)
{
    *out = NULL;
    content c = {.path = path};
    cf_status status = find_format(&c, err);
    if (status == CF_OK)
        status = c.csv ? read_csv(&c, "x", extra_columns, err) : read_hdf5(&c, err);
    if (status == CF_OK)
        status = check_rows(&c, err);
    if (status == CF_OK)
        status = create_data(&c, out, err);
    release(&c);
    return status;
}

cf_status cf_matrix_read(const char *path, const char *prefix, const char *dataset, cf_matrix *out,
                         cf_err *err)
{
    *out = (cf_matrix){0};
    content c = {.path = path};
    cf_status status = find_format(&c, err);
    if (status == CF_OK)
        status = c.csv ? read_csv(&c, prefix, no_columns, err) : read_dataset(&c, dataset, 0, err);
    if (status == CF_OK)
        *out = c.matrix;
    else
        release(&c);
    return status;
}
