#include "contraflow/models/kernel_action.h"

#include <stdbool.h>
#include <stdlib.h>

#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"

struct cf_kernel_action {
    size_t rows, columns; /* of x, as the matrix sees it */
    const double *matrix; /* [rows*rows]; NULL: by the passes of a network */
    double *own_matrix;   /* that, of a network; or NULL */
    double *scratch;      /* [rows*columns] */
    const cf_network *network;
    cf_network_pass *pass; /* after the forward pass of theta */
    double *theta;         /* [P] */
    double *motion;        /* [P] */
};

static cf_status create(size_t rows, size_t columns, cf_kernel_action **out, cf_err *err)
{
    cf_kernel_action *action = cf_allocate("kernel", 1, sizeof *action, err);
    *out = action;
    if (action == NULL)
        return CF_ESYSTEM;
    action->rows = rows;
    action->columns = columns;
    action->scratch = cf_allocate("kernel", rows * columns, sizeof(double), err);
    if (action->scratch == NULL) {
        cf_kernel_action_free(out);
        return CF_ESYSTEM;
    }
    return CF_OK;
}

cf_status cf_kernel_action_matrix(const double *theta, size_t n, size_t d, cf_kernel_action **out,
                                  cf_err *err)
{
    cf_status status = create(n, d, out, err);
    if (status == CF_OK)
        (*out)->matrix = theta;
    return status;
}

/* A product costs (n d)^2 by the matrix and about 4 n P by the passes, whose many short operations
 * count double. */
static bool prefers_matrix(const cf_network *network, size_t n, size_t d)
{
    return (double)n * (double)d * (double)d <= 8 * (double)cf_network_parameters(network);
}

/* matrix = gamma J J^T, after which theta has served; or else what the passes need. */
static cf_status begin_network(cf_kernel_action *action, const double *points, size_t n, size_t d,
                               cf_err *err)
{
    const cf_network *network = action->network;
    size_t P = cf_network_parameters(network);
    if (prefers_matrix(network, n, d)) {
        action->matrix = action->own_matrix =
            cf_allocate("kernel", n * d * n * d, sizeof(double), err);
        return action->own_matrix == NULL
                   ? CF_ESYSTEM
                   : cf_network_kernel(network, action->theta, points, n, action->own_matrix, err);
    }
    action->motion = cf_allocate("parameters", P, sizeof(double), err);
    cf_status status = action->motion == NULL
                           ? CF_ESYSTEM
                           : cf_network_pass_create(network, n, true, &action->pass, err);
    if (status == CF_OK)
        cf_network_forward(action->pass, action->theta, points, n, action->scratch);
    return status;
}

cf_status cf_kernel_action_network(const cf_network *network, uint64_t seed, const double *points,
                                   size_t n, size_t d, cf_kernel_action **out, cf_err *err)
{
    cf_status status = create(n * d, 1, out, err);
    if (status != CF_OK)
        return status;
    cf_kernel_action *action = *out;
    action->network = network;
    action->theta = cf_allocate("parameters", cf_network_parameters(network), sizeof(double), err);
    status = CF_ESYSTEM;
    if (action->theta != NULL) {
        cf_network_initialize(network, seed, action->theta);
        status = begin_network(action, points, n, d, err);
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
    cf_network_pass_free(&a->pass);
    free(a->own_matrix);
    free(a->scratch);
    free(a->theta);
    free(a->motion);
    free(a);
    *action = NULL;
}

void cf_kernel_action_times(cf_kernel_action *action, const double *x, double *out)
{
    if (action->matrix != NULL) {
        cf_matrix_times(action->matrix, x, action->rows, action->columns, action->scratch, out);
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
        return 8 * (P + nd + 2 * nd * nd + nd * (double)cf_network_units(network));
    return 8 * (2 * P + nd) + cf_network_pass_bytes(network, n, true);
}
