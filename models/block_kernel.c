/* Block-constant kernels, Theta_ij = beta[label_i][label_j]: points of a cluster move alike (C10).
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "contraflow/models/neural_kernel.h"
#include "contraflow/solver/memory.h"

/* LAPACK: eigenvalues of a symmetric matrix, ascending. */
void dsyev_(const char *job, const char *uplo, const int *n, double *a, const int *lda, double *w,
            double *work, const int *lwork, int *info, size_t job_length, size_t uplo_length);

static const cf_option block_options[] = {
    {.key = "matrix",
     .type = CF_OPTION_MATRIX,
     .offset = offsetof(cf_block, matrix),
     .fallback = NULL,
     .min = -1e300,
     .max = 1e300,
     .doc = "Values beta by pair of labels: symmetric, positive semidefinite, one row per label."},
};

const cf_kind cf_block_kind = {"block", "Constant on every pair of clusters (C10).", block_options,
                               sizeof block_options / sizeof block_options[0], sizeof(cf_block)};

enum { MOST_LABELS = 10000 };

static cf_status check_shape(const cf_matrix *beta, cf_err *err)
{
    size_t size = beta->rows;
    if (size == 0 || size != beta->columns || size > MOST_LABELS)
        return cf_fail(err, CF_EINPUT,
                       "kernel.matrix = [%zu x %zu]: must be square, with 1 to %d rows", beta->rows,
                       beta->columns, MOST_LABELS);
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++) {
            double lower = beta->values[i * size + j], upper = beta->values[j * size + i];
            if (!isfinite(lower) || !isfinite(upper) || lower != upper)
                return cf_fail(err, CF_EINPUT,
                               "kernel.matrix[%zu][%zu] = %.17g, [%zu][%zu] = %.17g: must be "
                               "finite and symmetric",
                               i, j, lower, j, i, upper);
        }
    return CF_OK;
}

static cf_status check_semidefinite(const cf_matrix *beta, cf_err *err)
{
    cf_status status = CF_ESYSTEM;
    size_t size = beta->rows;
    double *copy = cf_duplicate("kernel.matrix", beta->values, size * size, sizeof *copy, err);
    double *eigenvalues = cf_allocate("kernel.matrix", 4 * size, sizeof *eigenvalues, err);
    if (copy == NULL || eigenvalues == NULL)
        goto done;
    int n = (int)size, length = 3 * n, info = 0;
    dsyev_("N", "L", &n, copy, &n, eigenvalues, eigenvalues + size, &length, &info, 1, 1);
    double smallest = eigenvalues[0], largest = eigenvalues[size - 1];
    status = CF_OK;
    if (info != 0)
        status = cf_fail(err, CF_ENUMERIC, "kernel.matrix: no eigenvalues (LAPACK: %d)", info);
    else if (!(smallest >= -1e-14 * (double)size * fabs(largest)))
        status = cf_fail(err, CF_EINPUT,
                         "kernel.matrix: smallest eigenvalue %.6g: must be positive semidefinite",
                         smallest);
done:
    free(copy);
    free(eigenvalues);
    return status;
}

static cf_status check_labels(const cf_matrix *beta, const cf_data *data, cf_err *err)
{
    if (data->labels == NULL)
        return cf_fail(err, CF_EINPUT, "kernel.kind = block: needs labelled data");
    for (size_t i = 0; i < data->n; i++)
        if (data->labels[i] < 0 || (size_t)data->labels[i] >= beta->rows)
            return cf_fail(err, CF_EINPUT,
                           "kernel.matrix = [%zu x %zu]: has no row for label %d of point %zu",
                           beta->rows, beta->columns, data->labels[i], i + 1);
    return CF_OK;
}

cf_status cf_block_check(const cf_block *block, const cf_data *data, cf_err *err)
{
    const cf_matrix *beta = &block->matrix;
    cf_status status = check_shape(beta, err);
    if (status == CF_OK)
        status = check_semidefinite(beta, err);
    return status == CF_OK ? check_labels(beta, data, err) : status;
}

void cf_block_entries_get(const cf_block *block, const cf_data *data, cf_pair_row row, double *out)
{
    const cf_matrix *beta = &block->matrix;
    const double *values = beta->values + (size_t)data->labels[row.i] * beta->rows;
    for (size_t j = 0; j < row.count; j++)
        out[j] = values[data->labels[row.first + j]];
}
