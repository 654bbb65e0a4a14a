/* The kernels and networks of the flows. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/kernel_action.h"
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

/* A matrix from a file is read into *matrix, malloc'ed; all other kernels need no memory of their
 * own. */
static cf_status source_of(const cf_parts *parts, size_t flow, cf_kernel_source *source,
                           double **matrix, cf_err *err)
{
    const cf_variant *kernel = &parts->problem->flows[flow].options->kernel;
    const cf_data *rows = cf_parts_rows(parts, flow);
    cf_status status = CF_OK;
    *source = (cf_kernel_source){.data = rows};
    *matrix = NULL;
    if (kernel->kind == &cf_mlp_kind)
        source->mlp = kernel->options;
    else if (kernel->kind == &cf_block_kind)
        source->block = kernel->options;
    else
        status = read_kernel(rows, ((const cf_file_options *)kernel->options)->path, matrix, err);
    source->matrix = *matrix;
    return status;
}

/* Some memory is left to the rest; that of the machine decides on low rank, whose bits differ. */
static cf_kernel_demand demand_of(const cf_parts *parts)
{
    static const double SHARE = 0.8;
    cf_kernel_demand demand = {.engine = CF_SYMMETRIC_AUTO,
                               .tolerance = parts->problem->sums_tolerance,
                               .memory = SHARE * cf_memory_physical(),
                               .available = SHARE * cf_memory_available()};
    if (parts->problem->sums_engine == CF_SUMS_DIRECT)
        demand.engine = CF_SYMMETRIC_EXACT;
    if (parts->problem->sums_engine == CF_ENGINE_LOW_RANK)
        demand.engine = CF_SYMMETRIC_LOW_RANK;
    return demand;
}

static bool by_entries(const cf_problem_flow *flow)
{
    const cf_kind *kind = flow->options->kernel.kind;
    return kind != NULL && kind != &cf_kernel_empirical_kind;
}

/* Complaints about the engine belong to the section `sums`, others to the kernel. */
static cf_status blame_kernel(const cf_parts *parts, size_t flow, cf_status status, cf_err *err)
{
    char key[64];
    snprintf(key, sizeof key, "flows.%zu.kernel", parts->problem->flows[flow].section);
    if (status != CF_OK && strncmp(err->message, "sums.", 5) == 0)
        snprintf(key, sizeof key, "%.*s", (int)strcspn(err->message, " :"), err->message);
    return cf_located(parts->problem, key, status, err);
}

cf_status cf_parts_kernel(const cf_parts *parts, size_t flow, const cf_network *network,
                          cf_kernel_action **out, cf_err *err)
{
    const cf_problem_flow *f = &parts->problem->flows[flow];
    const cf_data *rows = cf_parts_rows(parts, flow);
    const cf_empirical_options *empirical = f->options->kernel.options;
    size_t d = parts->latent.dimension;
    *out = NULL;
    if (f->options->kernel.kind == &cf_kernel_empirical_kind)
        return cf_kernel_action_network(network, (uint64_t)empirical->seed, rows->points, rows->n,
                                        d, out, err);
    if (!by_entries(f))
        return CF_OK;
    cf_kernel_source source;
    const cf_kernel_demand demand = demand_of(parts);
    double *matrix;
    cf_status status = source_of(parts, flow, &source, &matrix, err);
    if (status == CF_OK)
        status = cf_kernel_action_create(&source, d, &demand, out, err);
    free(matrix);
    return blame_kernel(parts, flow, status, err);
}

/* What a kernel is, but for the matrix of a file: enough for predictions. */
static cf_kernel_source outline_of(const cf_parts *parts, size_t flow)
{
    const cf_variant *kernel = &parts->problem->flows[flow].options->kernel;
    return (cf_kernel_source){.data = cf_parts_rows(parts, flow),
                              .mlp = kernel->kind == &cf_mlp_kind ? kernel->options : NULL,
                              .block = kernel->kind == &cf_block_kind ? kernel->options : NULL};
}

double cf_parts_kernel_bytes(const cf_parts *parts, size_t flow, const cf_network *network)
{
    const cf_problem_flow *f = &parts->problem->flows[flow];
    double n = (double)cf_parts_rows(parts, flow)->n;
    if (f->options->kernel.kind == &cf_kernel_empirical_kind)
        return cf_kernel_action_network_bytes(network, cf_parts_rows(parts, flow)->n,
                                              parts->latent.dimension);
    if (!by_entries(f))
        return f->options->kernel_drift ? 8 * 2 * n * n : 0;
    const cf_kernel_source source = outline_of(parts, flow);
    const cf_kernel_demand demand = demand_of(parts);
    const cf_symmetric_setup setup = cf_kernel_setup(&source, parts->latent.dimension, &demand);
    cf_symmetric_choice choice;
    bool file = source.mlp == NULL && source.block == NULL;
    if (cf_symmetric_choose(&setup, &choice, NULL) != CF_OK)
        return INFINITY;
    return choice.plans[choice.chosen - CF_SYMMETRIC_STORED].bytes + (file ? 8 * n * n : 0);
}

cf_status cf_parts_limit(const cf_parts *parts, size_t flow, double **out, cf_err *err)
{
    const cf_problem_flow *f = &parts->problem->flows[flow];
    const cf_data *rows = parts->rows;
    cf_mlp mlp;
    *out = NULL;
    if (!f->options->kernel_drift || !cf_network_limit(f->options->network.options, &mlp))
        return CF_OK;
    *out = cf_allocate("kernel", rows->n * rows->n, sizeof **out, err);
    cf_status status =
        *out == NULL ? CF_ESYSTEM
                     : cf_mlp_kernel(&mlp, rows->points, rows->n, rows->dimension, NULL, *out, err);
    if (status != CF_OK) {
        free(*out);
        *out = NULL;
    }
    return blame_kernel(parts, flow, status, err);
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

static cf_status check_kernel(const cf_parts *parts, size_t flow, cf_err *err)
{
    const cf_variant *kernel = &parts->problem->flows[flow].options->kernel;
    const cf_data *rows = cf_parts_rows(parts, flow);
    cf_kernel_source source;
    double *matrix;
    if (kernel->kind == &cf_mlp_kind)
        return cf_mlp_try(kernel->options, rows, "data point", err);
    if (kernel->kind == &cf_block_kind)
        return cf_block_check(kernel->options, rows, err);
    cf_status status = source_of(parts, flow, &source, &matrix, err);
    if (status == CF_OK)
        status = check_semidefinite(parts, ((const cf_file_options *)kernel->options)->path, matrix,
                                    err);
    free(matrix);
    return status;
}

/* Kernels are made when their flow runs; what can be wrong with them is said before anything runs.
 */
cf_status cf_kernels_check(const cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    cf_status status = CF_OK;
    for (size_t f = 0; f < problem->flow_count && status == CF_OK; f++)
        if (by_entries(&problem->flows[f]))
            status = blame_kernel(parts, f, check_kernel(parts, f, err), err);
    return status;
}

/* Whether the engines can serve the kernels, by counts alone. */
cf_status cf_kernel_engines_check(const cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    const cf_kernel_demand demand = demand_of(parts);
    size_t served = 0;
    cf_status status = CF_OK;
    for (size_t f = 0; f < problem->flow_count && status == CF_OK; f++) {
        if (!by_entries(&problem->flows[f]))
            continue;
        const cf_kernel_source source = outline_of(parts, f);
        const cf_symmetric_setup setup = cf_kernel_setup(&source, parts->latent.dimension, &demand);
        cf_symmetric_choice choice;
        served++;
        status = blame_kernel(parts, f, cf_symmetric_choose(&setup, &choice, err), err);
    }
    if (status == CF_OK && served == 0 && demand.engine == CF_SYMMETRIC_LOW_RANK)
        status = cf_located(
            problem, "sums.engine",
            cf_fail(err, CF_EINPUT,
                    "sums.engine = low-rank: serves kernels of neural flows of kind mlp, block or "
                    "file, of which there is none; use auto"),
            err);
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
