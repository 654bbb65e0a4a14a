/* Memory of a run, from counts alone, and what there is. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "contraflow/models/flow.h"
#include "contraflow/solver/memory.h"
#include "assembly.h"
#include "parts_internal.h"

static const double GIB = 1024.0 * 1024 * 1024;

/* Matrices of n^2 that live at once: Theta and, while it is assembled, K; for a network start its
 * covariance and two factors. */
static double matrix_bytes(const cf_parts *parts)
{
    const cf_problem *problem = parts->problem;
    double matrices = strcmp(problem->start.kind->name, "network") == 0 ? 3 : 0;
    for (size_t f = 0; f < problem->flow_count; f++)
        if (strcmp(problem->flows[f].kind->name, "neural") == 0)
            matrices = fmax(matrices, 2);
    return 8 * matrices * (double)parts->data->n * (double)parts->data->n;
}

static size_t kept(const cf_parts *parts)
{
    size_t count = 0;
    for (size_t k = 0; k < parts->time_count; k++)
        count += parts->keeps[k];
    return count;
}

/* Of a flow; a network that cannot be had is said elsewhere. */
static cf_flow_size size_of(const cf_parts *parts, size_t flow)
{
    cf_flow_setup setup;
    cf_network *network = NULL;
    cf_flow_size size = {0};
    cf_setup_flow(parts, flow, &setup);
    if (cf_parts_network(parts, flow, &network, NULL) == CF_OK) {
        setup.network = network;
        size = parts->problem->flows[flow].model->size(&setup);
    }
    cf_network_free(&network);
    return size;
}

double cf_parts_result_bytes(const cf_parts *parts)
{
    double total = (double)parts->data->n * (double)(parts->data->dimension + 2);
    for (size_t f = 0; f < parts->problem->flow_count; f++)
        total += (double)size_of(parts, f).snapshot * (double)kept(parts) +
                 20 * (double)parts->time_count;
    return 8 * total + 65536;
}

double cf_parts_memory(const cf_parts *parts)
{
    double n = (double)parts->data->n, most = 0;
    double vectors =
        22 + 6 + (double)parts->problem->integrator.krylov; /* CVODE's and GMRES' own */
    double data = n * (double)(parts->data->dimension + 2 + parts->latent.dimension);
    for (size_t f = 0; f < parts->problem->flow_count; f++) {
        cf_flow_size size = size_of(parts, f);
        most = fmax(most, size.bytes + 8 * vectors * (double)size.state);
    }
    return matrix_bytes(parts) + most + 8 * data + 3 * cf_parts_result_bytes(parts);
}

cf_status cf_memory_check(const cf_parts *parts, cf_err *err)
{
    double need = cf_parts_memory(parts), available = cf_memory_available();
    if (need <= available)
        return CF_OK;
    return cf_fail(err, CF_EINPUT,
                   "data: %zu points need about %.3g GiB of memory (kernels and their factors "
                   "%.3g), but %.3g GiB "
                   "are available; use fewer points, fewer snapshots, or no neural flow",
                   parts->data->n, need / GIB, matrix_bytes(parts) / GIB, available / GIB);
}
