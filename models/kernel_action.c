#include "contraflow/models/kernel_action.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"

struct cf_kernel_action {
    cf_symmetric *matrix;    /* NULL: by the passes of a network */
    cf_mlp_entries *entries; /* where the matrix computes them again and again */
    const cf_network *network;
    cf_network_pass *pass; /* after the forward pass of theta */
    double *theta;         /* [P] */
    double *motion;        /* [P] */
    char description[96];  /* of the passes */
};

enum { PRODUCTS = 500 }; /* which a flow takes about */

static cf_status create(cf_kernel_action **out, cf_err *err)
{
    *out = cf_allocate("kernel", 1, sizeof **out, err);
    return *out == NULL ? CF_ESYSTEM : CF_OK;
}

/* --- by entries --- */

static void mlp_entries(const void *context, size_t row, size_t first, size_t count, double *out)
{
    cf_mlp_entries_get(context, (cf_pair_row){row, first, count}, NULL, out);
}

static void block_entries(const void *context, size_t row, size_t first, size_t count, double *out)
{
    const cf_kernel_source *source = context;
    cf_block_entries_get(source->block, source->data, (cf_pair_row){row, first, count}, out);
}

static void matrix_entries(const void *context, size_t row, size_t first, size_t count, double *out)
{
    const cf_kernel_source *source = context;
    const double *from = source->matrix + row * source->data->n + first;
    for (size_t j = 0; j < count; j++)
        out[j] = from[j];
}

/* E85, fitted to what was found: smooth kernels have as many terms as there are polynomials in D
 * variables up to a degree that grows with the digits, kinked ones a power of the tolerance. */
static size_t predicted_rank(const cf_mlp *mlp, const cf_data *data, double tolerance)
{
    double digits = fmax(-log10(tolerance), 0), rank = 1, D = (double)data->dimension;
    double n = (double)data->n, layers = (double)mlp->hidden_layers;
    double degree = floor(1 + fmin(1.5, 1.1 + 0.8 / D) * digits);
    if (cf_activations()[mlp->activation]->smooth)
        for (double k = 1; k <= D && rank < n; k++)
            rank *= (degree + k) / k;
    else
        rank = pow(0.2 * layers / tolerance, 0.6 * D);
    return (size_t)fmax(1, fmin(rank, n)); /* also without a tolerance */
}

/* Nanoseconds of an entry: a layer of closed forms or of a series, and a coordinate. */
static double mlp_seconds(const cf_mlp *mlp, size_t dimension)
{
    bool closed = cf_activations()[mlp->activation]->expectation != NULL;
    return 1e-9 * ((double)mlp->hidden_layers * (closed ? 4 : 400) + 0.4 * (double)dimension);
}

cf_symmetric_setup cf_kernel_setup(const cf_kernel_source *source, size_t d,
                                   const cf_kernel_demand *demand)
{
    const cf_data *data = source->data;
    cf_symmetric_setup setup = {.n = data->n,
                                .columns = d,
                                .entry_seconds = 1e-9,
                                .rank = data->n,
                                .products = PRODUCTS,
                                .engine = demand->engine,
                                .tolerance = demand->tolerance,
                                .memory = demand->memory,
                                .available = demand->available,
                                .once = source->mlp == NULL}; /* matrix and labels are not kept */
    if (source->mlp != NULL) {
        setup.entry_seconds = mlp_seconds(source->mlp, data->dimension);
        setup.rank = predicted_rank(source->mlp, data, demand->tolerance);
    } else if (source->block != NULL && source->block->matrix.rows < data->n) {
        setup.rank = source->block->matrix.rows;
    }
    return setup;
}

static cf_status create_mlp(cf_kernel_action *action, const cf_kernel_source *source,
                            const cf_symmetric_setup *setup, cf_err *err)
{
    const cf_data *data = source->data;
    cf_status status = cf_mlp_entries_create(source->mlp, data->points, data->n, data->dimension,
                                             &action->entries, err);
    const cf_symmetric_entries entries = {mlp_entries, action->entries};
    if (status == CF_OK)
        status = cf_symmetric_create(setup, &entries, &action->matrix, err);
    if (status == CF_OK && !cf_symmetric_keeps_entries(action->matrix))
        cf_mlp_entries_free(&action->entries);
    return status;
}

static cf_status create_given(cf_kernel_action *action, const cf_kernel_source *source,
                              const cf_symmetric_setup *setup, cf_err *err)
{
    const cf_symmetric_entries entries = {source->block != NULL ? block_entries : matrix_entries,
                                          source};
    cf_status status = CF_OK;
    if (source->block != NULL)
        status = cf_block_check(source->block, source->data, err);
    return status == CF_OK ? cf_symmetric_create(setup, &entries, &action->matrix, err) : status;
}

cf_status cf_kernel_action_create(const cf_kernel_source *source, size_t d,
                                  const cf_kernel_demand *demand, cf_kernel_action **out,
                                  cf_err *err)
{
    cf_status status = create(out, err);
    if (status != CF_OK)
        return status;
    cf_symmetric_setup setup = cf_kernel_setup(source, d, demand);
    status = source->mlp != NULL ? create_mlp(*out, source, &setup, err)
                                 : create_given(*out, source, &setup, err);
    if (status != CF_OK)
        cf_kernel_action_free(out);
    return status;
}

cf_status cf_kernel_action_matrix(const double *theta, size_t n, size_t d, cf_kernel_action **out,
                                  cf_err *err)
{
    const cf_data data = {.n = n};
    const cf_kernel_source source = {.data = &data, .matrix = theta};
    const cf_kernel_demand demand = {
        .engine = CF_SYMMETRIC_STORED, .memory = INFINITY, .available = INFINITY};
    return cf_kernel_action_create(&source, d, &demand, out, err);
}

/* --- by a network --- */

/* A product costs (n d)^2/2 by the matrix and about 4 n P by the passes, whose many short
 * operations count double. */
static bool prefers_matrix(const cf_network *network, size_t n, size_t d)
{
    return (double)n * (double)d * (double)d <= 8 * (double)cf_network_parameters(network);
}

/* gamma J J^T, after which theta has served; or else what the passes need. */
static cf_status begin_network(cf_kernel_action *action, const double *points, size_t n, size_t d,
                               cf_err *err)
{
    const cf_network *network = action->network;
    cf_status status = cf_network_pass_create(network, n, true, &action->pass, err);
    action->motion = cf_allocate("parameters", cf_network_parameters(network), sizeof(double), err);
    double *outputs = cf_allocate("kernel", n * d, sizeof(double), err);
    if (status == CF_OK && (action->motion == NULL || outputs == NULL))
        status = CF_ESYSTEM;
    if (status == CF_OK)
        cf_network_forward(action->pass, action->theta, points, n, outputs);
    free(outputs);
    snprintf(action->description, sizeof action->description,
             "network passes, exact, %zu parameters", cf_network_parameters(network));
    return status;
}

static cf_status begin_matrix(cf_kernel_action *action, const double *points, size_t n, size_t d,
                              cf_err *err)
{
    const cf_data rows = {.n = n * d};
    double *matrix = cf_allocate("kernel", n * d * n * d, sizeof(double), err);
    const cf_kernel_source source = {.data = &rows, .matrix = matrix};
    cf_symmetric_setup setup = cf_kernel_setup(
        &source, 1,
        &(cf_kernel_demand){CF_SYMMETRIC_STORED, .memory = INFINITY, .available = INFINITY});
    cf_status status =
        matrix == NULL ? CF_ESYSTEM
                       : cf_network_kernel(action->network, action->theta, points, n, matrix, err);
    if (status == CF_OK)
        status = create_given(action, &source, &setup, err);
    free(matrix);
    return status;
}

cf_status cf_kernel_action_network(const cf_network *network, uint64_t seed, const double *points,
                                   size_t n, size_t d, cf_kernel_action **out, cf_err *err)
{
    cf_status status = create(out, err);
    if (status != CF_OK)
        return status;
    cf_kernel_action *action = *out;
    action->network = network;
    action->theta = cf_allocate("parameters", cf_network_parameters(network), sizeof(double), err);
    status = CF_ESYSTEM;
    if (action->theta != NULL) {
        cf_network_initialize(network, seed, action->theta);
        status = (prefers_matrix(network, n, d) ? begin_matrix : begin_network)(action, points, n,
                                                                                d, err);
    }
    if (status != CF_OK)
        cf_kernel_action_free(out);
    return status;
}

void cf_kernel_action_free(cf_kernel_action **action)
{
    cf_kernel_action *a = *action;
    if (a == NULL)
        return;
    cf_symmetric_free(&a->matrix);
    cf_mlp_entries_free(&a->entries);
    cf_network_pass_free(&a->pass);
    free(a->theta);
    free(a->motion);
    free(a);
    *action = NULL;
}

void cf_kernel_action_times(cf_kernel_action *action, const double *x, double *out)
{
    if (action->matrix != NULL) {
        cf_symmetric_times(action->matrix, x, out);
        return;
    }
    size_t P = cf_network_parameters(action->network);
    double gamma = cf_network_rate(action->network);
    cf_network_pull(action->pass, action->theta, x, action->motion);
    for (size_t k = 0; k < P; k++)
        action->motion[k] *= gamma;
    cf_network_push(action->pass, action->theta, action->motion, out);
}

bool cf_kernel_action_shared(const cf_kernel_action *action)
{
    return action->network == NULL;
}

double cf_kernel_action_network_bytes(const cf_network *network, size_t n, size_t d)
{
    double nd = (double)n * (double)d, P = (double)cf_network_parameters(network);
    if (prefers_matrix(network, n, d))
        return 8 * (P + nd + 2 * nd * nd) + cf_network_kernel_bytes(network, n);
    return 8 * (2 * P + nd) + cf_network_pass_bytes(network, n, true);
}

const char *cf_kernel_action_engine(const cf_kernel_action *action)
{
    return action->matrix != NULL ? cf_symmetric_description(action->matrix) : action->description;
}
