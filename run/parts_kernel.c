/* The kernels and networks of the flows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/neural_kernel.h"
#include "contraflow/models/training.h"
#include "contraflow/run/data_file.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "parts_internal.h"
#include "places.h"
#include "problem_kinds.h"

cf_status cf_mlp_try(const cf_mlp *mlp, const cf_data *data, const char *what, cf_err *err)
{
    size_t largest = 0, dimension = data->dimension;
    double most = -1, tangent;
    for (size_t i = 0; i < data->n; i++) {
        double square = 0;
        for (size_t k = 0; k < dimension; k++)
            square += data->points[i * dimension + k] * data->points[i * dimension + k];
        if (square > most) {
            most = square;
            largest = i;
        }
    }
    cf_status status =
        cf_mlp_kernel(mlp, data->points + largest * dimension, 1, dimension, NULL, &tangent, err);
    if (status != CF_OK && largest > 0)
        cf_err_prepend(err, "%s %zu alone: ", what, largest + 1);
    return status;
}

static cf_status read_kernel(const cf_data *rows, const char *path, double **out, cf_err *err)
{
    cf_matrix matrix = {0};
    size_t n = rows->n;
    cf_status status = cf_matrix_read(path, "k", "kernel", &matrix, err);
    if (status != CF_OK)
        return status;
    if (matrix.rows != n || matrix.columns != n)
        status =
            cf_fail(err, CF_EINPUT,
                    "kernel.path = %s: is %zu x %zu, but must be %zu x %zu (one row and column "
                    "per view of a point)",
                    path, matrix.rows, matrix.columns, n, n);
    for (size_t i = 0; i < n && status == CF_OK; i++)
        for (size_t j = 0; j < i && status == CF_OK; j++) {
            double a = matrix.values[i * n + j], b = matrix.values[j * n + i];
            if (fabs(a - b) > 1e-12 * fmax(fabs(a), fabs(b)))
                status =
                    cf_fail(err, CF_EINPUT,
                            "kernel.path = %s: row %zu, column %zu is %.17g, but row %zu, column "
                            "%zu is %.17g; a kernel is symmetric",
                            path, i + 1, j + 1, a, j + 1, i + 1, b);
        }
    if (status != CF_OK) {
        free(matrix.values);
        return status;
    }
    *out = matrix.values;
    return CF_OK;
}

static cf_status mlp_kernel(const cf_data *rows, const cf_mlp *mlp, double **out, cf_err *err)
{
    *out = cf_allocate("kernel", rows->n * rows->n, sizeof **out, err);
    if (*out == NULL)
        return CF_ESYSTEM;
    return cf_mlp_kernel(mlp, rows->points, rows->n, rows->dimension, NULL, *out, err);
}

static cf_status neural_kernel(const cf_data *rows, const cf_variant *kernel, double **out,
                               cf_err *err)
{
    if (kernel->kind == &cf_mlp_kind)
        return mlp_kernel(rows, kernel->options, out, err);
    if (kernel->kind == &cf_kernel_file_kind)
        return read_kernel(rows, ((const cf_file_options *)kernel->options)->path, out, err);
    *out = cf_allocate("kernel", rows->n * rows->n, sizeof **out, err);
    return *out == NULL ? CF_ESYSTEM : cf_block_kernel(kernel->options, rows, *out, err);
}

cf_status cf_parts_kernel(const cf_parts *parts, size_t flow, double **out, cf_err *err)
{
    const cf_problem_flow *f = &parts->problem->flows[flow];
    const cf_variant *kernel = &f->options->kernel;
    cf_status status = CF_OK;
    cf_mlp mlp;
    char key[64];
    *out = NULL;
    snprintf(key, sizeof key, "flows.%zu.kernel", f->section);
    if (kernel->kind != NULL && kernel->kind != &cf_kernel_empirical_kind)
        status = neural_kernel(cf_parts_rows(parts, flow), kernel, out, err);
    else if (f->options->kernel_drift && cf_network_limit(f->options->network.options, &mlp))
        status = mlp_kernel(parts->rows, &mlp, out, err);
    if (status != CF_OK) {
        free(*out);
        *out = NULL;
    }
    return cf_located(parts->problem, key, status, err);
}

/* A kernel that was computed in single precision passes. */
static cf_status check_semidefinite(const cf_parts *parts, const char *path, const double *matrix,
                                    cf_err *err)
{
    static const double SINGLE_PRECISION = 1e-7;
    bool semidefinite = false;
    double n = (double)parts->rows->n;
    cf_status status =
        cf_matrix_semidefinite(matrix, parts->rows->n, n * SINGLE_PRECISION, &semidefinite, err);
    if (status != CF_OK || semidefinite)
        return status;
    return cf_fail(err, CF_EINPUT, "kernel.path = %s: is not positive semidefinite, as a kernel is",
                   path);
}

/* Kernels are made when their flow runs; what can be wrong with them is said before anything runs.
 */
cf_status cf_kernels_check(const cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    cf_status status = CF_OK;
    for (size_t f = 0; f < problem->flow_count && status == CF_OK; f++) {
        const cf_variant *kernel = &problem->flows[f].options->kernel;
        double *matrix = NULL;
        char key[64];
        snprintf(key, sizeof key, "flows.%zu.kernel", problem->flows[f].section);
        if (kernel->kind == NULL || kernel->kind == &cf_kernel_empirical_kind)
            continue;
        if (kernel->kind == &cf_mlp_kind)
            status = cf_located(
                problem, key,
                cf_mlp_try(kernel->options, cf_parts_rows(parts, f), "data point", err), err);
        else
            status = cf_parts_kernel(parts, f, &matrix, err);
        if (status == CF_OK && kernel->kind == &cf_kernel_file_kind)
            status = cf_located(problem, key,
                                check_semidefinite(parts,
                                                   ((const cf_file_options *)kernel->options)->path,
                                                   matrix, err),
                                err);
        free(matrix);
    }
    return status;
}

/* The network of a flow: that which is trained, or that of an empirical kernel. */
static const cf_network_options *network_options(const cf_problem_flow *flow)
{
    const cf_variant *kernel = &flow->options->kernel;
    if (kernel->kind == &cf_kernel_empirical_kind)
        return ((const cf_empirical_options *)kernel->options)->network.options;
    return flow->options->network.options;
}

cf_status cf_parts_network(const cf_parts *parts, size_t flow, cf_network **out, cf_err *err)
{
    const cf_problem_flow *f = &parts->problem->flows[flow];
    const cf_network_options *options = network_options(f);
    *out = NULL;
    if (options == NULL)
        return CF_OK;
    return cf_network_create(options, f->row, parts->rows->dimension, parts->latent.dimension, out,
                             err);
}

bool cf_parts_training(const cf_parts *parts, size_t flow, cf_training_setup *setup)
{
    const cf_problem *problem = parts->problem;
    const cf_variant *train = &problem->flows[flow].options->train;
    *setup = (cf_training_setup){.kind = train->kind,
                                 .options = train->options,
                                 .end = problem->end,
                                 .samples = parts->data,
                                 .augmentation = parts->augmentation,
                                 .augmentation_options = problem->augmentation.options,
                                 .views = parts->views};
    return train->kind != NULL && train->kind != cf_train_kinds[0];
}

cf_status cf_networks_check(const cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    for (size_t f = 0; f < problem->flow_count; f++) {
        cf_training_setup setup;
        char section[64], key[128];
        if (!cf_parts_training(parts, f, &setup) || cf_training_check(&setup, err) == CF_OK)
            continue;
        snprintf(section, sizeof section, "flows.%zu.train", problem->flows[f].section);
        cf_message_key(section, err, key, sizeof key);
        cf_err_prepend(err, "%s.", section);
        return cf_problem_blame(problem, key, err);
    }
    return CF_OK;
}
