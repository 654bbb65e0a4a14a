/* The start of the flows: points, and the law of a point where a flow has a density. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assembly.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/models/start.h"
#include "contraflow/run/data_file.h"
#include "contraflow/solver/memory.h"
#include "parts_internal.h"

static bool is_kind(const cf_variant *variant, const char *name)
{
    return strcmp(variant->kind->name, name) == 0;
}

static cf_status read_start(cf_parts *parts, const char *path, cf_err *err)
{
    cf_matrix matrix = {0};
    size_t n = parts->data->n, d = parts->latent.dimension;
    cf_status status = cf_matrix_read(path, "h", "start", &matrix, err);
    if (status != CF_OK)
        return status;
    if (matrix.rows != n || matrix.columns != d)
        status = cf_fail(err, CF_EINPUT,
                         "start.path = %s: has %zu rows and %zu columns, but must be %zu x %zu "
                         "(points x latent.dimension)",
                         path, matrix.rows, matrix.columns, n, d);
    else
        memcpy(parts->start, matrix.values, n * d * sizeof *matrix.values);
    free(matrix.values);
    return status == CF_OK ? CF_OK : cf_located(parts->problem, "start.path", status, err);
}

static cf_status draw_network_start(cf_parts *parts, const cf_start_options *options, cf_err *err)
{
    size_t n = parts->data->n;
    double *covariance = cf_allocate("start.kernel covariance", n * n, sizeof *covariance, err);
    if (covariance == NULL)
        return CF_ESYSTEM;
    cf_status status = cf_mlp_kernel(options->kernel.options, parts->data->points, n,
                                     parts->data->dimension, covariance, NULL, err);
    if (status == CF_OK)
        status = cf_start_network(covariance, (uint64_t)options->seed, n, parts->latent.dimension,
                                  parts->start, err);
    free(covariance);
    return cf_located(parts->problem, "start.kernel", status, err);
}

static cf_status draw_linear_start(cf_parts *parts, const cf_start_options *options, cf_err *err)
{
    const cf_matrix *A = &options->matrix;
    const cf_data *data = parts->data;
    size_t d = parts->latent.dimension;
    if (A->rows != d || A->columns != data->dimension)
        return cf_located(parts->problem, "start.matrix",
                          cf_fail(err, CF_EINPUT,
                                  "start.matrix: is %zu x %zu, but must be %zu x %zu "
                                  "(latent.dimension x dimension of the data)",
                                  A->rows, A->columns, d, data->dimension),
                          err);
    cf_start_near_point(&parts->latent, options->spread, (uint64_t)options->seed, data->n,
                        parts->start);
    cf_start_add_linear(A->values, data->points, data->n, data->dimension, d, parts->start);
    return CF_OK;
}

cf_status cf_perturbed_law(const cf_parts *parts, cf_start_law *law, cf_err *err)
{
    const cf_start_options *options = parts->problem->start.options;
    if (options->degrees.count != options->amplitudes.count)
        return cf_fail(err, CF_EINPUT,
                       "start.amplitudes has %zu numbers: must have %zu, one to a degree",
                       options->amplitudes.count, options->degrees.count);
    return cf_law_perturbed(&parts->latent, options->degrees.values, options->amplitudes.values,
                            options->degrees.count, law, err);
}

static cf_status draw_perturbed_start(cf_parts *parts, const cf_start_options *options, cf_err *err)
{
    cf_start_law law;
    cf_status status = cf_perturbed_law(parts, &law, err);
    if (status == CF_OK)
        cf_start_perturbed(&law, parts->latent.dimension, (uint64_t)options->seed, parts->data->n,
                           parts->start);
    return cf_located(parts->problem, "start", status, err);
}

/* --- probes --- */

static cf_status draw_network_probes(cf_parts *parts, const cf_start_options *options, cf_err *err)
{
    const cf_data *data = parts->data, *probes = parts->probes;
    const size_t counts[2] = {data->n, probes->n};
    size_t D = data->dimension, all = data->n + probes->n;
    double *points = cf_allocate("start of the probes", all * D, sizeof *points, err);
    double *joint = cf_allocate("start of the probes", all * all, sizeof *joint, err);
    cf_status status = points == NULL || joint == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK) {
        memcpy(points, data->points, data->n * D * sizeof *points);
        memcpy(points + data->n * D, probes->points, probes->n * D * sizeof *points);
        status = cf_mlp_kernel(options->kernel.options, points, all, D, joint, NULL, err);
    }
    if (status == CF_OK)
        status = cf_start_network_more(joint, counts, (uint64_t)options->seed,
                                       parts->latent.dimension, parts->probe_start, err);
    free(points);
    free(joint);
    return cf_located(parts->problem, "start.kernel", status, err);
}

/* Points are drawn one by one: the probes are those after the data. */
static cf_status draw_later_points(cf_parts *parts, const cf_start_options *options, cf_err *err)
{
    const cf_variant *start = &parts->problem->start;
    const cf_data *probes = parts->probes;
    size_t n = parts->data->n, p = probes->n, d = parts->latent.dimension;
    uint64_t seed = (uint64_t)options->seed;
    cf_start_law law;
    double *all = cf_allocate("start of the probes", (n + p) * d, sizeof *all, err);
    if (all == NULL)
        return CF_ESYSTEM;
    cf_status status = CF_OK;
    if (is_kind(start, "random"))
        cf_start_random(&parts->latent, seed, n + p, all);
    else if (!is_kind(start, "perturbed"))
        cf_start_near_point(&parts->latent, options->spread, seed, n + p, all);
    else if ((status = cf_perturbed_law(parts, &law, err)) == CF_OK)
        cf_start_perturbed(&law, d, seed, n + p, all);
    memcpy(parts->probe_start, all + n * d, p * d * sizeof *all);
    if (is_kind(start, "linear"))
        cf_start_add_linear(options->matrix.values, probes->points, p, probes->dimension, d,
                            parts->probe_start);
    free(all);
    return status;
}

/* E56, unless their file gives it. */
static cf_status start_probes(cf_parts *parts, cf_err *err)
{
    const cf_start_options *options = parts->problem->start.options;
    size_t d = parts->latent.dimension;
    cf_status status = CF_OK;
    if (parts->probes == NULL)
        return CF_OK;
    if (parts->probe_start == NULL) {
        parts->probe_start =
            cf_allocate("start of the probes", parts->probes->n * d, sizeof(double), err);
        if (parts->probe_start == NULL)
            return CF_ESYSTEM;
        status = is_kind(&parts->problem->start, "network")
                     ? draw_network_probes(parts, options, err)
                     : draw_later_points(parts, options, err);
    }
    if (status != CF_OK)
        return status;
    status = cf_start_check(&parts->latent, parts->probe_start, parts->probes->n, err);
    if (status != CF_OK)
        cf_err_prepend(err, "probes: ");
    parts->probe_set = (cf_probes){parts->probes->n, parts->probes->points, parts->probe_start};
    return cf_located(parts->problem, "probes", status, err);
}

/* The views of a sample share its start; from the last sample on, so that none is overwritten
 * before it is read. */
static void share_start(cf_parts *parts)
{
    size_t d = parts->latent.dimension, V = parts->views;
    for (size_t row = parts->rows->n; row-- > 0;)
        memmove(parts->start + row * d, parts->start + row / V * d, d * sizeof(double));
}

cf_status cf_start_create(cf_parts *parts, cf_err *err)
{
    const cf_start_options *options = parts->problem->start.options;
    const cf_variant *start = &parts->problem->start;
    size_t n = parts->data->n;
    parts->start =
        cf_allocate("start", parts->rows->n * parts->latent.dimension, sizeof(double), err);
    if (parts->start == NULL)
        return CF_ESYSTEM;
    cf_status status = CF_OK;
    if (is_kind(start, "near-point"))
        cf_start_near_point(&parts->latent, options->spread, (uint64_t)options->seed, n,
                            parts->start);
    else if (is_kind(start, "linear"))
        status = draw_linear_start(parts, options, err);
    else if (is_kind(start, "random"))
        cf_start_random(&parts->latent, (uint64_t)options->seed, n, parts->start);
    else if (is_kind(start, "network"))
        status = draw_network_start(parts, options, err);
    else if (is_kind(start, "perturbed"))
        status = draw_perturbed_start(parts, options, err);
    else if (is_kind(start, "density"))
        cf_start_near_point(&parts->latent, 0, 0, n, parts->start); /* which no flow will see */
    else
        status = read_start(parts, options->path, err);
    if (status != CF_OK)
        return status;
    status = cf_start_check(&parts->latent, parts->start, n, err);
    share_start(parts);
    status = cf_located(parts->problem, "start", status, err);
    return status == CF_OK ? start_probes(parts, err) : status;
}

/* --- densities --- */

/* Before there is a start: what comes from a file has a density for every cluster. */
void cf_law_guess(cf_parts *parts)
{
    const cf_start_options *options = parts->problem->start.options;
    bool file =
        is_kind(&parts->problem->start, "file") || is_kind(&parts->problem->start, "density");
    bool near = is_kind(&parts->problem->start, "near-point") && options->spread > 0;
    double width = file ? 0.1 : near ? options->spread : 1;
    parts->law =
        (cf_start_law){.axial = !file, .by_cluster = file, .width = width, .reach = 9 * width};
}

/* The kernel estimate from the points, by their directions on the sphere. */
static cf_status points_law(cf_parts *parts, cf_err *err)
{
    const cf_start_options *options = parts->problem->start.options;
    size_t n = parts->rows->n, d = parts->latent.dimension;
    double *norms = cf_allocate("start", n, sizeof *norms, err);
    parts->directions = cf_allocate("start", n * d, sizeof(double), err);
    bool allocated = norms != NULL && parts->directions != NULL;
    if (allocated) {
        cf_latent exact = parts->latent;
        exact.norm_floor = 0;
        cf_latent_map(&exact, parts->start, n, parts->directions, norms);
        parts->law = cf_law_points(&exact, parts->rows, parts->directions, options->width);
    }
    free(norms);
    return allocated ? CF_OK : CF_ESYSTEM;
}

static cf_status check_given(const cf_parts *parts, const cf_matrix *matrix, const char *path,
                             cf_err *err)
{
    size_t clusters = parts->rows->labels == NULL ? 1 : parts->rows->clusters;
    if (matrix->columns != 1 && matrix->columns != clusters)
        return cf_fail(err, CF_EINPUT,
                       "start.path = %s: has %zu columns, but must have 1 or one to a cluster, %zu",
                       path, matrix->columns, clusters);
    for (size_t k = 0; k < matrix->rows * matrix->columns; k++)
        if (matrix->values[k] < 0)
            return cf_fail(
                err, CF_EINPUT,
                "start.path = %s: row %zu, column rho%zu = %g: a density is not negative", path,
                k / matrix->columns + 1, k % matrix->columns, matrix->values[k]);
    return CF_OK;
}

/* The values stay with the parts. */
static cf_status given_law(cf_parts *parts, cf_err *err)
{
    const cf_start_options *options = parts->problem->start.options;
    cf_matrix matrix = {0};
    cf_status status = cf_matrix_read(options->path, "rho", "rho", &matrix, err);
    parts->given = matrix.values;
    if (status == CF_OK)
        status = check_given(parts, &matrix, options->path, err);
    if (status == CF_OK)
        parts->law = cf_law_given(matrix.values, matrix.rows, matrix.columns);
    return status;
}

static cf_status set_law(cf_parts *parts, cf_err *err)
{
    const cf_variant *start = &parts->problem->start;
    const cf_start_options *options = start->options;
    if (is_kind(start, "near-point"))
        return cf_law_near_point(&parts->latent, options->spread, &parts->law, err);
    if (is_kind(start, "perturbed"))
        return cf_perturbed_law(parts, &parts->law, err);
    if (is_kind(start, "file"))
        return points_law(parts, err);
    if (is_kind(start, "density"))
        return given_law(parts, err);
    if (is_kind(start, "linear") || (is_kind(start, "network") && !parts->latent.sphere))
        return cf_fail(err, CF_EINPUT,
                       "start.kind = %s: has another law at every point of the data; a density "
                       "needs near-point, random or file",
                       start->kind->name);
    parts->law = cf_law_random(&parts->latent);
    return CF_OK;
}

/* A density is built once before anything runs, so that what is wrong with it is said then. */
static cf_status try_density(const cf_parts *parts, size_t flow, cf_err *err)
{
    cf_flow_setup setup;
    cf_flow *probe = NULL;
    char key[64];
    const cf_problem_flow *item = &parts->problem->flows[flow];
    cf_setup_flow(parts, flow, &setup);
    cf_status status = item->model->create(&setup, &probe, err);
    if (probe != NULL)
        cf_flow_free(&probe);
    if (status != CF_OK)
        cf_err_prepend(err, "flow %s: ", item->name);
    snprintf(key, sizeof key, "flows.%zu", item->section);
    return cf_located(parts->problem, key, status, err);
}

cf_status cf_densities_check(cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    cf_status status = CF_OK;
    for (size_t f = 0; f < problem->flow_count && status == CF_OK; f++) {
        bool density = strcmp(problem->flows[f].model->representation, "density") == 0;
        if (!density && is_kind(&problem->start, "density"))
            return cf_located(problem, "start.kind",
                              cf_fail(err, CF_EINPUT,
                                      "start.kind = density: gives no points, and flow %s has "
                                      "points; all flows must have representation: density",
                                      problem->flows[f].name),
                              err);
        if (!density)
            continue;
        if (parts->augmentation != NULL)
            return cf_located(problem, "augmentation",
                              cf_fail(err, CF_EINPUT,
                                      "augmentation.kind = %s: flow %s has a density, which has "
                                      "no views; use particles",
                                      problem->augmentation.kind->name, problem->flows[f].name),
                              err);
        if (parts->law.density == NULL)
            status = cf_located(problem, "start", set_law(parts, err), err);
        if (status == CF_OK)
            status = try_density(parts, f, err);
    }
    return status;
}
