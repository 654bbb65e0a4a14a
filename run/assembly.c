#include "assembly.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "parts_internal.h"

static cf_status create_training(const cf_parts *parts, size_t flow, cf_assembly *a, cf_err *err)
{
    cf_training_setup setup;
    if (!cf_parts_training(parts, flow, &setup))
        return CF_OK;
    setup.flow = &a->setup;
    setup.observer = a->flow;
    return cf_training_create(&setup, &a->training, err);
}

cf_integrator_options cf_setup_integrator(const cf_problem *problem)
{
    const cf_integrator_section *section = &problem->integrator;
    return (cf_integrator_options){(cf_method)section->method, section->rtol, section->atol,
                                   (int)section->krylov};
}

/* What a flow is made of, but for its kernel and network. */
void cf_setup_flow(const cf_parts *parts, size_t flow, cf_flow_setup *setup)
{
    const cf_problem_flow *item = &parts->problem->flows[flow];
    const cf_network_options *network = item->options->network.options;
    const cf_parts_field *field = &parts->fields[flow];
    const cf_grid_options *grid = item->options->grid.options;
    cf_training_setup training;
    bool steps = cf_parts_training(parts, flow, &training); /* which keep kinks sharp, E114 */
    *setup = (cf_flow_setup){.data = parts->rows,
                             .latent = parts->latent,
                             .loss = parts->loss,
                             .start = parts->start,
                             .probes = cf_parts_follows(parts, flow) ? &parts->probe_set : NULL,
                             .threshold = parts->problem->cluster_threshold,
                             .seed = (uint64_t)item->seed,
                             .centered = network != NULL && network->centered,
                             .kernel_drift = item->options->kernel_drift,
                             .views = parts->augmentation == NULL ? 0 : parts->views,
                             .law = &parts->law,
                             .noise = item->options->noise,
                             .end = parts->problem->end,
                             .tolerance = steps ? 0 : parts->problem->integrator.rtol};
    if (grid != NULL)
        setup->grid = *grid;
    if (field->nodes == NULL)
        return;
    setup->data = field->nodes;
    setup->start = field->start;
    setup->start_law = field->law;
    setup->draws = field->draws;
    setup->draw_count = field->draws != NULL ? CF_FIELD_DRAWS : 0;
    setup->quadrature = field->owned != NULL;
    setup->loss.blur = field->blur;
    setup->loss.blur_spread = field->spread;
}

static cf_status create_probe_kernel(const cf_parts *parts, size_t flow, cf_assembly *a,
                                     cf_err *err)
{
    const cf_data *rows = a->setup.data;
    const cf_empirical_options *empirical = parts->problem->flows[flow].options->kernel.options;
    cf_status status = cf_parts_probe_block(parts, flow, &a->probe_block, err);
    if (status != CF_OK || a->setup.probes == NULL)
        return status;
    if (a->probe_block != NULL)
        return cf_probe_kernel_matrix(a->probe_block, parts->probes->n, rows->n,
                                      parts->latent.dimension, &a->probe_kernel, err);
    return cf_probe_kernel_network(a->network, (uint64_t)empirical->seed, rows->points, rows->n,
                                   a->setup.probes, &a->probe_kernel, err);
}

cf_status cf_assembly_create(const cf_parts *parts, size_t flow, cf_assembly **out, cf_err *err)
{
    const cf_flow_kind *model = parts->problem->flows[flow].model;
    cf_assembly *a = cf_allocate("flow", 1, sizeof *a, err);
    *out = a;
    if (a == NULL)
        return CF_ESYSTEM;
    cf_setup_flow(parts, flow, &a->setup);
    cf_status status = cf_parts_limit(parts, flow, &a->limit, err);
    if (status == CF_OK)
        status = cf_parts_network(parts, flow, &a->network, err);
    if (status == CF_OK)
        status = cf_parts_kernel(parts, flow, a->network, &a->kernel, err);
    if (status == CF_OK && a->kernel != NULL)
        status = create_probe_kernel(parts, flow, a, err);
    a->setup.kernel = a->kernel;
    a->setup.probe_kernel = a->probe_kernel;
    a->setup.network = a->network;
    a->setup.limit = a->limit;
    if (status == CF_OK)
        status = model->create(&a->setup, &a->flow, err);
    if (status == CF_OK)
        status = create_training(parts, flow, a, err);
    if (status != CF_OK)
        cf_assembly_free(out);
    return status;
}

void cf_assembly_free(cf_assembly **assembly)
{
    cf_assembly *a = *assembly;
    if (a == NULL)
        return;
    cf_training_free(&a->training);
    cf_flow_free(&a->flow);
    cf_kernel_action_free(&a->kernel);
    cf_probe_kernel_free(&a->probe_kernel);
    free(a->probe_block);
    free(a->limit);
    cf_network_free(&a->network);
    free(a);
    *assembly = NULL;
}
