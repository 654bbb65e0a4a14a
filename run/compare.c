/* A result against a reference flow. */
#include "contraflow/run/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"
#include "contraflow/solver/memory.h"
#include "contraflow/run/nearest.h"

const char *cf_compare_default(const cf_result *result)
{
    size_t cursor = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow))
        if (strcmp(cf_group_text(flow.group, "kind"), "neural") == 0)
            return flow.name;
    return NULL;
}

static cf_status find_reference(const cf_result *result, const char *name, cf_flow_view *flow,
                                cf_err *err)
{
    char hint[96];
    cf_nearest nearest = {.word = name};
    size_t cursor = 0;
    while (cf_flow_next(result, &cursor, flow)) {
        if (strcmp(flow->name, name) == 0)
            return CF_OK;
        cf_nearest_offer(&nearest, flow->name);
    }
    bool many = strlen(nearest.valid) > 200;
    return cf_fail(err, CF_EINPUT, "reference %s: no such flow; must be one of %s%s", name,
                   many ? "those that `contraflow info` lists" : nearest.valid,
                   cf_nearest_hint(&nearest, hint));
}

/* --- what can be compared --- */

cf_compare_side cf_compare_side_of(const cf_result *result, const cf_flow_view *flow)
{
    cf_compare_side side = {.flow = *flow, .points = cf_flow_points(result, flow)};
    if (cf_flow_latent(flow, &side.latent))
        side.weights = cf_flow_weights(result, flow, side.latent.samples);
    if (side.weights != NULL) {
        side.times = side.latent.times;
        side.count = side.latent.count;
        side.d = side.latent.d;
        return side;
    }
    side.latent = (cf_latent_view){0};
    if (!cf_flow_density(flow, &side.density)) {
        side.density = (cf_density_view){0};
        return side;
    }
    side.times = side.density.times;
    side.count = side.density.count;
    side.d = side.density.d;
    return side;
}

static cf_status check_space(const cf_result *result, const cf_result *other, cf_err *err)
{
    const char *space = cf_group_text(cf_result_group(result, "/"), "latent_space");
    const char *other_space = cf_group_text(cf_result_group(other, "/"), "latent_space");
    if (strcmp(space, other_space) == 0)
        return CF_OK;
    return cf_fail(err, CF_EINPUT, "the latent space of the reference is %s, not %s", other_space,
                   space);
}

/* Largest label + 1, or 0. */
static long clusters_of(const cf_result *result)
{
    const cf_group *data = cf_result_group(result, "/data");
    const cf_record *labels = data == NULL ? NULL : cf_group_record(data, "labels");
    long clusters = 0;
    for (size_t k = 0;
         labels != NULL && labels->type == CF_VALUE_INTEGER && k < cf_record_count(labels); k++)
        clusters = labels->integer[k] >= clusters ? labels->integer[k] + 1 : clusters;
    return clusters;
}

/* Event times mean the same where there are as many clusters, and the threshold is the same. */
static bool same_events(const cf_result *result, const cf_result *other)
{
    const double thresholds[] = {cf_group_real(cf_result_group(result, "/"), "cluster_threshold"),
                                 cf_group_real(cf_result_group(other, "/"), "cluster_threshold")};
    long clusters = clusters_of(result);
    return clusters > 0 && clusters == clusters_of(other) && thresholds[0] == thresholds[1];
}

static cf_status prepare(const cf_result *result, const cf_result *other, const char *name,
                         cf_compare_reference *reference, cf_err *err)
{
    cf_flow_view flow;
    const cf_group *root = cf_result_group(other, "/");
    cf_status status = find_reference(other, name, &flow, err);
    if (status == CF_OK)
        status = check_space(result, other, err);
    if (status != CF_OK)
        return status;
    reference->side = cf_compare_side_of(other, &flow);
    if (reference->side.count == 0)
        return cf_fail(err, CF_EINPUT,
                       "reference %s: has no snapshots to compare with; run it with `snapshots: "
                       "all`, or choose a flow that has latent points or a density",
                       name);
    reference->sphere = strcmp(cf_group_text(root, "latent_space"), "sphere") == 0;
    reference->bandwidth = sqrt(cf_group_real(root, "tau"));
    reference->events = same_events(result, other);
    return CF_OK;
}

/* What a flow is compared with unless it was said. */
static const char *own_reference(const cf_result *result, const cf_flow_view *flow)
{
    const char *limit = cf_group_text(flow->group, "limit");
    return limit[0] != '\0' ? limit : cf_compare_default(result);
}

static cf_status compare_one(const cf_result *result, const cf_result *other, const char *name,
                             const cf_flow_view *flow, cf_comparison *c, cf_err *err)
{
    cf_compare_reference reference = {0};
    cf_status status = prepare(result, other, name, &reference, err);
    if (status != CF_OK)
        return status;
    const cf_compare_side side = cf_compare_side_of(result, flow);
    if (side.count > 0 && side.d != reference.side.d)
        return cf_fail(err, CF_EINPUT,
                       "the latent points of %s have %zu coordinates, and those of the reference "
                       "%zu",
                       flow->name, side.d, reference.side.d);
    c->events = reference.events;
    if (c->count == 0)
        c->reference = reference.side.flow.name;
    else if (c->reference != NULL && strcmp(c->reference, reference.side.flow.name) != 0)
        c->reference = NULL;
    cf_flow_comparison *out = &c->flows[c->count++];
    status = cf_compare_flow(&reference, &side, out, err);
    out->is_reference = result == other && strcmp(flow->name, reference.side.flow.name) == 0;
    out->family = cf_flow_family(result, flow);
    return status;
}

static cf_status compare_flows(const cf_result *result, const cf_result *other, const char *name,
                               cf_comparison *c, cf_err *err)
{
    size_t cursor = 0, shared = 0;
    cf_flow_view flow;
    cf_status status = CF_OK;
    c->flows = cf_allocate("comparison", cf_flow_count(result), sizeof *c->flows, err);
    if (c->flows == NULL)
        return CF_ESYSTEM;
    while (status == CF_OK && cf_flow_next(result, &cursor, &flow)) {
        const char *reference = name != NULL ? name : own_reference(result, &flow);
        status = compare_one(result, other, reference, &flow, c, err);
        shared += status == CF_OK ? c->flows[c->count - 1].transport.count : 0;
    }
    if (status == CF_OK && shared == 0)
        status = cf_fail(err, CF_EINPUT,
                         "no flow has a snapshot at any of the snapshot times of its reference; "
                         "run both with the same `snapshots`");
    return status;
}

cf_status cf_compare(const cf_result *result, const cf_result *other, const char *name,
                     cf_comparison **out, cf_err *err)
{
    *out = NULL;
    if (name == NULL && cf_compare_default(result) == NULL)
        return cf_fail(err, CF_EINPUT,
                       "has no neural flow to compare with: name a reference, [FILE:]FLOW");
    cf_comparison *c = cf_allocate("comparison", 1, sizeof *c, err);
    if (c == NULL)
        return CF_ESYSTEM;
    cf_status status = compare_flows(result, other, name, c, err);
    if (status == CF_OK)
        status = cf_compare_families(c, err);
    if (status == CF_OK)
        *out = c;
    else
        cf_comparison_free(&c);
    return status;
}

void cf_comparison_free(cf_comparison **comparison)
{
    cf_comparison *c = *comparison;
    if (c == NULL)
        return;
    for (size_t k = 0; k < c->count; k++)
        cf_flow_comparison_release(&c->flows[k]);
    for (size_t f = 0; f < c->family_count; f++)
        cf_family_comparison_release(&c->families[f]);
    free(c->flows);
    free(c->families);
    free(c);
    *comparison = NULL;
}
