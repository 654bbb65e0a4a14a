/* The kernel between probes and points, E54 and E55. */
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/probes.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"

struct cf_probe_kernel {
    size_t p, n, d;
    const double *matrix; /* [p*n]; NULL: by the passes of a network */
    const cf_network *network;
    cf_network_pass *at_points, *at_probes; /* after the forward pass of theta */
    double *theta, *motion;                 /* [P] */
    double *values;                         /* [max(p, n)*d] what the forward passes put out */
};

/* --- in use --- */

void cf_probe_kernel_times(cf_probe_kernel *k, const double *x, double *out)
{
    if (k->matrix != NULL) {
        const cf_matrix_product product = {.rows = k->p,
                                           .columns = k->d,
                                           .inner = k->n,
                                           .alpha = 1,
                                           .a = k->matrix,
                                           .b = x,
                                           .c = out};
        cf_matrix_multiply(&product);
        return;
    }
    double gamma = cf_network_rate(k->network);
    cf_network_pull(k->at_points, k->theta, x, k->motion);
    for (size_t i = 0; i < cf_network_parameters(k->network); i++)
        k->motion[i] *= gamma;
    cf_network_push(k->at_probes, k->theta, k->motion, out);
}

/* --- creation --- */

static cf_status create(size_t p, size_t n, size_t d, cf_probe_kernel **out, cf_err *err)
{
    cf_probe_kernel *kernel = cf_allocate("kernel of the probes", 1, sizeof *kernel, err);
    *out = kernel;
    if (kernel == NULL)
        return CF_ESYSTEM;
    kernel->p = p;
    kernel->n = n;
    kernel->d = d;
    return CF_OK;
}

cf_status cf_probe_kernel_matrix(const double *theta, size_t p, size_t n, size_t d,
                                 cf_probe_kernel **out, cf_err *err)
{
    cf_status status = create(p, n, d, out, err);
    if (status == CF_OK)
        (*out)->matrix = theta;
    return status;
}

static cf_status begin_network(cf_probe_kernel *k, uint64_t seed, const double *points,
                               const double *probes, cf_err *err)
{
    size_t P = cf_network_parameters(k->network), most = k->p > k->n ? k->p : k->n;
    k->theta = cf_allocate("parameters", P, sizeof(double), err);
    k->motion = cf_allocate("parameters", P, sizeof(double), err);
    k->values = cf_allocate("kernel of the probes", most * k->d, sizeof(double), err);
    if (k->theta == NULL || k->motion == NULL || k->values == NULL)
        return CF_ESYSTEM;
    cf_status status = cf_network_pass_create(k->network, k->n, false, &k->at_points, err);
    if (status == CF_OK)
        status = cf_network_pass_create(k->network, k->p, true, &k->at_probes, err);
    if (status != CF_OK)
        return status;
    cf_network_initialize(k->network, seed, k->theta);
    cf_network_forward(k->at_points, k->theta, points, k->n, k->values);
    cf_network_forward(k->at_probes, k->theta, probes, k->p, k->values);
    return CF_OK;
}

cf_status cf_probe_kernel_network(const cf_network *network, uint64_t seed, const double *points,
                                  size_t n, const cf_probes *probes, cf_probe_kernel **out,
                                  cf_err *err)
{
    cf_status status = create(probes->n, n, cf_network_outputs(network), out, err);
    if (status != CF_OK)
        return status;
    (*out)->network = network;
    status = begin_network(*out, seed, points, probes->points, err);
    if (status != CF_OK)
        cf_probe_kernel_free(out);
    return status;
}

double cf_probe_kernel_network_bytes(const cf_network *network, size_t n, size_t p)
{
    double values = (double)(p > n ? p : n) * (double)cf_network_outputs(network);
    return 8 * (2 * (double)cf_network_parameters(network) + values) +
           cf_network_pass_bytes(network, n, false) + cf_network_pass_bytes(network, p, true);
}

void cf_probe_kernel_free(cf_probe_kernel **kernel)
{
    cf_probe_kernel *k = *kernel;
    if (k == NULL)
        return;
    cf_network_pass_free(&k->at_points);
    cf_network_pass_free(&k->at_probes);
    free(k->theta);
    free(k->motion);
    free(k->values);
    free(k);
    *kernel = NULL;
}

/* --- blocks of kernels in closed form --- */

enum { TILE = 256 }; /* points of either side; a square of twice that is twice as much as needed */

typedef struct {
    double *points; /* [2*TILE * D] of x, then of y */
    double *square; /* [2*TILE * 2*TILE] */
} tile;

static cf_status compute_tile(const cf_mlp *mlp, const tile *t, const cf_data *const sides[2],
                              const size_t first[2], double *tangent, cf_err *err)
{
    size_t count[2], dimension = sides[0]->dimension;
    for (int s = 0; s < 2; s++) {
        size_t left = sides[s]->n - first[s];
        count[s] = left < TILE ? left : TILE;
        memcpy(t->points + (s == 0 ? 0 : count[0]) * dimension,
               sides[s]->points + first[s] * dimension, count[s] * dimension * sizeof(double));
    }
    size_t both = count[0] + count[1];
    cf_status status = cf_mlp_kernel(mlp, t->points, both, dimension, NULL, t->square, err);
    for (size_t i = 0; i < count[0] && status == CF_OK; i++)
        memcpy(tangent + (first[0] + i) * sides[1]->n + first[1], t->square + i * both + count[0],
               count[1] * sizeof(double));
    return status;
}

cf_status cf_mlp_kernel_between(const cf_mlp *mlp, const cf_data *x, const cf_data *y,
                                double *tangent, cf_err *err)
{
    const cf_data *const sides[2] = {x, y};
    tile t = {cf_allocate("kernel of the probes", 2 * TILE * x->dimension, sizeof(double), err),
              cf_allocate("kernel of the probes", 4 * TILE * TILE, sizeof(double), err)};
    cf_status status = t.points == NULL || t.square == NULL ? CF_ESYSTEM : CF_OK;
    for (size_t i = 0; i < x->n && status == CF_OK; i += TILE)
        for (size_t j = 0; j < y->n && status == CF_OK; j += TILE)
            status = compute_tile(mlp, &t, sides, (size_t[2]){i, j}, tangent, err);
    free(t.points);
    free(t.square);
    return status;
}

cf_status cf_block_kernel_between(const cf_block *block, const cf_data *x, const cf_data *y,
                                  double *tangent, cf_err *err)
{
    const cf_matrix *beta = &block->matrix;
    if (x->labels == NULL)
        return cf_fail(err, CF_EINPUT,
                       "kernel.kind = block: is known by labels, which the probes have not; add a "
                       "label column to their file");
    for (size_t i = 0; i < x->n; i++)
        if ((size_t)x->labels[i] >= beta->rows)
            return cf_fail(err, CF_EINPUT,
                           "kernel.matrix = [%zu x %zu]: has no row for label %d of probe %zu",
                           beta->rows, beta->columns, x->labels[i], i + 1);
    for (size_t i = 0; i < x->n; i++)
        for (size_t j = 0; j < y->n; j++)
            tangent[i * y->n + j] =
                beta->values[(size_t)x->labels[i] * beta->rows + (size_t)y->labels[j]];
    return CF_OK;
}
