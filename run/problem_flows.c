/* The flows to run: a network flow of the file is one for each width and seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/network.h"
#include "contraflow/solver/memory.h"
#include "problem_kinds.h"
#include "section_parts.h"

typedef struct {
    const cf_reader *reader;
    cf_problem_flow *flows;
    size_t count;
} expansion;

static cf_status blamed(const expansion *e, const char *key, cf_err *err)
{
    const cf_place *place = cf_places_nearest(e->reader->places, key);
    return cf_place_prepend(err, e->reader->file, place != NULL ? place->line : 1,
                            place != NULL ? place->setting : NULL);
}

/* NAME.width-64.seed-1, or NAME.width-64-32.seed-1 where the layers differ. */
static void write_name(const cf_flow_options *options, size_t row, long seed, char *name,
                       size_t size)
{
    const cf_network_options *network = options->network.options;
    size_t used = (size_t)snprintf(name, size, "%s.width", options->name);
    for (size_t l = 0; l < network->widths.columns && used < size; l++)
        used +=
            (size_t)snprintf(name + used, size - used, "-%zu", cf_network_width(network, row, l));
    if (used < size)
        snprintf(name + used, size - used, ".seed-%ld", seed);
}

static cf_status add(expansion *e, const cf_problem_flow *flow, const char *name, cf_err *err)
{
    char key[64];
    for (size_t f = 0; f < e->count; f++)
        if (strcmp(e->flows[f].name, name) == 0) {
            snprintf(key, sizeof key, "flows.%zu", flow->section);
            cf_fail(err, CF_EINPUT,
                    "%s: there are two flows %s; names, widths and seeds must make them differ",
                    key, name);
            return blamed(e, key, err);
        }
    e->flows[e->count] = *flow;
    e->flows[e->count].name = cf_duplicate_text(name, err);
    return e->flows[e->count++].name != NULL ? CF_OK : CF_ESYSTEM;
}

static cf_status check_network(const expansion *e, const cf_network_options *network,
                               const char *section, cf_err *err)
{
    char key[CF_KEY_SIZE];
    if (cf_network_check(network, err) == CF_OK)
        return CF_OK;
    cf_message_key(section, err, key, sizeof key);
    cf_err_prepend(err, "%s.", section);
    return blamed(e, key, err);
}

static cf_status add_networks(expansion *e, cf_problem_flow flow, cf_err *err)
{
    const cf_network_options *network = flow.options->network.options;
    const cf_integers *seeds = &flow.options->seeds;
    char key[64], name[512];
    snprintf(key, sizeof key, "flows.%zu.network", flow.section);
    cf_status status = check_network(e, network, key, err);
    if (status != CF_OK)
        return status;
    for (flow.row = 0; flow.row < network->widths.rows; flow.row++)
        for (size_t s = 0; s < seeds->count && status == CF_OK; s++) {
            flow.seed = seeds->values[s];
            write_name(flow.options, flow.row, flow.seed, name, sizeof name);
            status = add(e, &flow, name, err);
        }
    return status;
}

static cf_status check_empirical(const expansion *e, const cf_problem_flow *flow, cf_err *err)
{
    char key[64];
    const cf_empirical_options *options = flow->options->kernel.options;
    if (flow->options->kernel.kind != &cf_kernel_empirical_kind)
        return CF_OK;
    const cf_network_options *network = options->network.options;
    snprintf(key, sizeof key, "flows.%zu.kernel.network", flow->section);
    cf_status status = check_network(e, network, key, err);
    if (status != CF_OK || network->widths.rows == 1)
        return status;
    snprintf(key, sizeof key, "flows.%zu.kernel.network.widths", flow->section);
    cf_fail(err, CF_EINPUT, "%s: must be one network, not %zu", key, network->widths.rows);
    return blamed(e, key, err);
}

/* What serves instead of a representation that the dynamics has not. */
static void list_representations(const char *kind, char *text, size_t size)
{
    size_t used = 0;
    for (const cf_flow_kind *const *row = cf_flow_kinds(); *row != NULL && used < size; row++)
        if (strcmp((*row)->name, kind) == 0)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? " or " : "",
                                     (*row)->representation);
}

/* A network has but one representation, its parameters. */
static cf_status find_model(const expansion *e, cf_problem_flow *flow, cf_err *err)
{
    const char *kind = flow->kind->name;
    const char *wanted = cf_representation_names[flow->options->representation];
    if (flow->kind == &cf_flow_network_kind)
        wanted = "parameters";
    flow->model = cf_flow_kind_find(kind, wanted);
    if (flow->model != NULL)
        return CF_OK;
    char key[64], available[128] = "";
    list_representations(kind, available, sizeof available);
    snprintf(key, sizeof key, "flows.%zu.representation", flow->section);
    cf_fail(err, CF_EINPUT, "%s = %s: a %s flow has no such representation; use %s", key, wanted,
            kind, available);
    return blamed(e, key, err);
}

static size_t most_flows(const cf_root *root)
{
    size_t most = 0;
    for (size_t i = 0; i < root->flows.count; i++) {
        const cf_flow_options *options = root->flows.items[i].options;
        const cf_network_options *network = options->network.options;
        most += network == NULL ? 1 : network->widths.rows * options->seeds.count;
    }
    return most;
}

cf_status cf_flows_expand(const cf_reader *reader, const cf_root *root, cf_problem_flow **flows,
                          size_t *count, cf_err *err)
{
    expansion e = {.reader = reader,
                   .flows = cf_allocate("flows", most_flows(root), sizeof **flows, err)};
    *flows = e.flows;
    *count = 0;
    if (e.flows == NULL)
        return CF_ESYSTEM;
    cf_status status = CF_OK;
    for (size_t i = 0; i < root->flows.count && status == CF_OK; i++) {
        const cf_variant *item = &root->flows.items[i];
        cf_problem_flow flow = {
            .kind = item->kind, .options = item->options, .section = i, .seed = -1};
        status = find_model(&e, &flow, err);
        if (status == CF_OK && item->kind == &cf_flow_network_kind)
            status = add_networks(&e, flow, err);
        else if (status == CF_OK)
            status = check_empirical(&e, &flow, err);
        if (status == CF_OK && item->kind != &cf_flow_network_kind)
            status = add(&e, &flow, flow.options->name, err);
        *count = e.count;
    }
    return status;
}
