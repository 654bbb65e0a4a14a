/* Memory of a run, from counts alone, and what there is. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "contraflow/models/flow.h"
#include "contraflow/solver/memory.h"
#include "assembly.h"
#include "compare_internal.h"
#include "parts_internal.h"

static const double GIB = 1024.0 * 1024 * 1024;
static const double PROGRAM = 24.0 * 1024 * 1024; /* with its libraries */

enum { STORED = 6 }; /* states in a checkpoint that is being written */

/* For a network start the covariance of the samples and its two factors; those of the samples and
 * the probes, and what is between them. */
static double start_bytes(const cf_parts *parts)
{
    double n = (double)parts->data->n, p = parts->probes == NULL ? 0 : (double)parts->probes->n;
    double joint =
        p > 0 && parts->probe_start == NULL ? (n + p) * (n + p) + p * (2 * n + 3 * p) : 0;
    return strcmp(parts->problem->start.kind->name, "network") == 0 ? 8 * (3 * n * n + joint) : 0;
}

static double probe_kernel_bytes(const cf_parts *parts, size_t flow, const cf_network *network)
{
    size_t n = cf_parts_rows(parts, flow)->n;
    if (!cf_parts_follows(parts, flow) || parts->problem->flows[flow].options->kernel.kind == NULL)
        return 0;
    return network == NULL ? 8 * (double)n * (double)parts->probes->n
                           : cf_probe_kernel_network_bytes(network, n, parts->probes->n);
}

static size_t kept(const cf_parts *parts)
{
    size_t count = 0;
    for (size_t k = 0; k < parts->time_count; k++)
        count += parts->keeps[k];
    return count;
}

/* Of a flow, with its kernel in *kernel; a network that cannot be had is said elsewhere. */
static cf_flow_size size_of(const cf_parts *parts, size_t flow, double *kernel)
{
    cf_flow_setup setup;
    cf_network *network = NULL;
    cf_flow_size size = {0};
    *kernel = 0;
    cf_setup_flow(parts, flow, &setup);
    if (cf_parts_network(parts, flow, &network, NULL) == CF_OK) {
        setup.network = network;
        size = parts->problem->flows[flow].model->size(&setup);
        *kernel =
            cf_parts_kernel_bytes(parts, flow, network) + probe_kernel_bytes(parts, flow, network);
    }
    cf_network_free(&network);
    return size;
}

/* Of what is kept at the ends of flows, and with the rest of a result. */
static double ends_bytes(const cf_parts *parts)
{
    double total = 0, kernel;
    for (size_t f = 0; f < parts->problem->flow_count; f++)
        total += 2 * (double)size_of(parts, f, &kernel).ends;
    return 8 * total;
}

double cf_parts_result_bytes(const cf_parts *parts)
{
    double total = (double)parts->rows->n * (double)(parts->rows->dimension + 2), kernel;
    if (parts->probes != NULL)
        total += (double)parts->probes->n * (double)(parts->probes->dimension + 1);
    for (size_t f = 0; f < parts->problem->flow_count; f++)
        total += (double)size_of(parts, f, &kernel).snapshot * (double)kept(parts) +
                 20 * (double)parts->time_count;
    return 8 * total + ends_bytes(parts) + 65536;
}

/* What moves a state of that size, with the history of its companions; or a training. */
static double mover_bytes(const cf_parts *parts, size_t flow, const cf_flow_size *size)
{
    cf_training_setup training;
    cf_network *network = NULL;
    double bytes = 0;
    const cf_integrator_options options = cf_setup_integrator(parts->problem);
    double vectors = cf_integrator_vectors(&options, size->state);
    if (parts->problem->checkpoint != NULL)
        vectors += STORED;
    if (!cf_parts_training(parts, flow, &training))
        return 8 * (vectors * (double)size->state + 18 * (double)size->companions);
    if (cf_parts_network(parts, flow, &network, NULL) == CF_OK)
        bytes = cf_training_bytes(&training, network);
    cf_network_free(&network);
    return bytes;
}

typedef struct {
    size_t flow, state;
    double bytes, kernel; /* in all, of the kernel */
} demand;

/* Of the flow that needs most. */
static demand widest_flow(const cf_parts *parts)
{
    demand most = {0};
    for (size_t f = 0; f < parts->problem->flow_count; f++) {
        double kernel;
        cf_flow_size size = size_of(parts, f, &kernel);
        double bytes = kernel + size.bytes + mover_bytes(parts, f, &size);
        if (bytes > most.bytes)
            most = (demand){f, size.state, bytes, kernel};
    }
    return most;
}

static cf_compared_size compared_size(const cf_parts *parts, size_t flow)
{
    double kernel;
    return (cf_compared_size){
        .atoms = size_of(parts, flow, &kernel).atoms,
        .density = strcmp(parts->problem->flows[flow].model->representation, "density") == 0,
        .axial = parts->law.axial};
}

/* Of the distances from one flow, which follow the flows. */
static double distances_bytes(const cf_parts *parts)
{
    const cf_problem *problem = parts->problem;
    cf_compared_size sizes[2] = {{0}};
    double most = 0;
    for (size_t f = 0; f < problem->flow_count && problem->distances_from != NULL; f++)
        if (strcmp(problem->flows[f].name, problem->distances_from) == 0)
            sizes[0] = compared_size(parts, f);
    for (size_t f = 0; f < problem->flow_count && sizes[0].atoms > 0; f++) {
        sizes[1] = compared_size(parts, f);
        most = fmax(most, cf_compare_bytes(sizes, parts->latent.dimension, parts->latent.sphere));
    }
    return most;
}

double cf_parts_memory(const cf_parts *parts)
{
    double data = (double)parts->rows->n * (double)(parts->rows->dimension + 2) +
                  (double)parts->data->n * (double)(parts->data->dimension + 2) +
                  (double)parts->rows->n * (double)parts->latent.dimension;
    if (parts->probes != NULL)
        data +=
            (double)parts->probes->n * (double)(parts->probes->dimension + parts->latent.dimension);
    double work = fmax(fmax(widest_flow(parts).bytes, start_bytes(parts)), distances_bytes(parts));
    double result = cf_parts_result_bytes(parts), ends = ends_bytes(parts);
    double flowing = work + 3 * (result - ends) + ends; /* series grow, and are copied */
    if (parts->problem->checkpoint != NULL)
        flowing += 3 * ends;
    return PROGRAM + 8 * data + fmax(flowing, 3 * result); /* a file is built in memory */
}

/* A network with more parameters than there are embeddings is told to be narrower. */
static cf_status refuse(const cf_parts *parts, double need, double available, cf_err *err)
{
    const demand most = widest_flow(parts);
    const cf_problem_flow *item = &parts->problem->flows[most.flow];
    size_t points = parts->rows->n * parts->latent.dimension;
    const cf_parts_field *field = &parts->fields[most.flow];
    char key[64];
    if (field->nodes != NULL) {
        snprintf(key, sizeof key, "flows.%zu.nodes", item->section);
        cf_fail(err, CF_EINPUT,
                "%s: %zu nodes of the data and %zu of the start need about %.3g GiB of memory, but "
                "%.3g GiB are available; lower nodes or start-nodes",
                key, field->nodes->n, field->law == NULL ? 1 : field->law->n, need / GIB,
                available / GIB);
        return cf_problem_blame(parts->problem, key, err);
    }
    if (item->options->network.kind == NULL || most.state <= points) {
        cf_fail(err, CF_EINPUT,
                "data: %zu points of %zu views need about %.3g GiB of memory (kernels and their "
                "factors %.3g), but %.3g GiB are available; use fewer points or views, fewer "
                "snapshots, or no neural flow",
                parts->data->n, parts->views, need / GIB,
                fmax(most.kernel, start_bytes(parts)) / GIB, available / GIB);
        return cf_problem_blame(parts->problem, "data", err);
    }
    snprintf(key, sizeof key, "flows.%zu.network.widths", item->section);
    cf_fail(err, CF_EINPUT,
            "%s: %s has %zu parameters and needs about %.3g GiB of memory, but %.3g GiB are "
            "available; use narrower layers or fewer points",
            key, item->name, most.state, need / GIB, available / GIB);
    return cf_problem_blame(parts->problem, key, err);
}

cf_status cf_memory_check(const cf_parts *parts, cf_err *err)
{
    double need = cf_parts_memory(parts), available = cf_memory_available();
    return need <= available ? CF_OK : refuse(parts, need, available, err);
}
