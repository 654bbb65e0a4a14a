/* The probes of a problem: which flows they follow, and their kernel with the points (E54). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "parts_internal.h"
#include "probe_file.h"
#include "problem_kinds.h"

bool cf_parts_follows(const cf_parts *parts, size_t flow)
{
    const cf_problem_flow *item = &parts->problem->flows[flow];
    bool network = item->kind == &cf_flow_network_kind;
    bool neural = strcmp(item->model->name, "neural") == 0 &&
                  item->options->kernel.kind != &cf_kernel_file_kind;
    return parts->probes != NULL && (network || neural);
}

static bool anything_follows(const cf_parts *parts)
{
    for (size_t f = 0; f < parts->problem->flow_count; f++)
        if (cf_parts_follows(parts, f))
            return true;
    return false;
}

static cf_status check(const cf_parts *parts, cf_err *err)
{
    const char *start = parts->problem->start.kind->name;
    if (!anything_follows(parts))
        return cf_fail(err, CF_EINPUT,
                       "probes: no flow moves unseen points; a vanilla flow moves the points of "
                       "the data alone, and a kernel from a file knows no others. Add a neural "
                       "flow (kernel mlp, block or empirical) or a network");
    if (strcmp(start, "file") == 0 && parts->probe_start == NULL)
        return cf_fail(err, CF_EINPUT,
                       "probes: start.kind = file has no start for them; add the columns h0 ... "
                       "h%zu to their file",
                       parts->latent.dimension - 1);
    return CF_OK;
}

cf_status cf_probes_create(cf_parts *parts, cf_err *err)
{
    const cf_file_options *options = parts->problem->probes.options;
    if (options == NULL)
        return CF_OK;
    cf_status status =
        cf_probes_read(options->path, parts->data->dimension, parts->latent.dimension,
                       &parts->probes, &parts->probe_start, err);
    if (status != CF_OK)
        return cf_located(parts->problem, "probes.path", status, err);
    return cf_located(parts->problem, "probes", check(parts, err), err);
}

void cf_probes_free(cf_parts *parts)
{
    cf_data_free(&parts->probes);
    free(parts->probe_start);
}

cf_status cf_parts_probe_block(const cf_parts *parts, size_t flow, double **out, cf_err *err)
{
    const cf_problem_flow *item = &parts->problem->flows[flow];
    const cf_variant *kernel = &item->options->kernel;
    const cf_data *rows = cf_parts_rows(parts, flow);
    char key[64];
    *out = NULL;
    if (!cf_parts_follows(parts, flow) ||
        (kernel->kind != &cf_mlp_kind && kernel->kind != &cf_block_kind))
        return CF_OK;
    *out = cf_allocate("kernel of the probes", parts->probes->n, rows->n * sizeof **out, err);
    if (*out == NULL)
        return CF_ESYSTEM;
    cf_status status =
        kernel->kind == &cf_mlp_kind
            ? cf_mlp_kernel_between(kernel->options, parts->probes, rows, *out, err)
            : cf_block_kernel_between(kernel->options, parts->probes, rows, *out, err);
    snprintf(key, sizeof key, "flows.%zu.kernel", item->section);
    return cf_located(parts->problem, key, status, err);
}

cf_status cf_probes_check(const cf_parts *parts, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t f = 0; f < parts->problem->flow_count && status == CF_OK; f++) {
        const cf_problem_flow *item = &parts->problem->flows[f];
        const cf_variant *kernel = &item->options->kernel;
        double *block = NULL;
        char key[64];
        snprintf(key, sizeof key, "flows.%zu.kernel", item->section);
        if (!cf_parts_follows(parts, f))
            continue;
        if (kernel->kind == &cf_mlp_kind)
            status = cf_located(parts->problem, key,
                                cf_mlp_try(kernel->options, parts->probes, "probe", err), err);
        else if (kernel->kind == &cf_block_kind)
            status = cf_parts_probe_block(parts, f, &block, err);
        free(block);
    }
    return status;
}
