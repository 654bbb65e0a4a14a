/* A result against a reference flow. */
#include "contraflow/run/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"
#include "contraflow/solver/memory.h"
#include "nearest.h"

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

/* --- the same data --- */

static const cf_record *data_record(const cf_result *result, const char *name)
{
    const cf_group *data = cf_result_group(result, "/data");
    return data == NULL ? NULL : cf_group_record(data, name);
}

static bool same_shape(const cf_record *a, const cf_record *b)
{
    bool same = a->type == b->type && a->rank == b->rank;
    for (int k = 0; k < a->rank && same; k++)
        same = a->dims[k] == b->dims[k];
    return same;
}

/* To the rounding of another build. */
static bool same_reals(const cf_record *a, const cf_record *b)
{
    double largest = 0, difference = 0;
    for (size_t k = 0; k < cf_record_count(a); k++) {
        largest = fmax(largest, fabs(a->real[k]));
        difference = fmax(difference, fabs(a->real[k] - b->real[k]));
    }
    return difference <= 1e-12 * largest;
}

static cf_status check_points(const cf_record *a, const cf_record *b, cf_err *err)
{
    if (a == NULL || b == NULL || a->type != CF_VALUE_REAL || a->rank < 2)
        return cf_fail(err, CF_EINPUT, "the result has no points under /data");
    if (a->dims[0] != b->dims[0])
        return cf_fail(err, CF_EINPUT,
                       "the reference has %zu points and the result %zu: a distance needs the same "
                       "points; compare the curves of the two reports, or sample one of them again "
                       "with the other's data",
                       b->dims[0], a->dims[0]);
    if (!same_shape(a, b) || !same_reals(a, b))
        return cf_fail(err, CF_EINPUT,
                       "the reference is of other points (of the same number, %zu): a distance "
                       "needs the same points; compare the curves of the two reports",
                       a->dims[0]);
    return CF_OK;
}

static cf_status check_same_data(const cf_result *result, const cf_result *other, cf_err *err)
{
    const cf_group *root = cf_result_group(result, "/"), *there = cf_result_group(other, "/");
    cf_status status =
        check_points(data_record(result, "points"), data_record(other, "points"), err);
    const cf_record *a = data_record(result, "weights"), *b = data_record(other, "weights");
    if (status == CF_OK && (a == NULL || b == NULL || !same_shape(a, b) || !same_reals(a, b)))
        status = cf_fail(err, CF_EINPUT, "the reference weighs the points differently");
    const char *space = cf_group_text(root, "latent_space");
    const char *other_space = cf_group_text(there, "latent_space");
    if (status == CF_OK && strcmp(space, other_space) != 0)
        status = cf_fail(err, CF_EINPUT, "the latent space of the reference is %s, not %s",
                         other_space, space);
    return status;
}

/* Event times mean the same where labels and threshold do. */
static bool same_events(const cf_result *result, const cf_result *other)
{
    const cf_record *a = data_record(result, "labels"), *b = data_record(other, "labels");
    const double thresholds[] = {cf_group_real(cf_result_group(result, "/"), "cluster_threshold"),
                                 cf_group_real(cf_result_group(other, "/"), "cluster_threshold")};
    return a != NULL && b != NULL && same_shape(a, b) && a->type == CF_VALUE_INTEGER &&
           memcmp(a->integer, b->integer, cf_record_count(a) * sizeof *a->integer) == 0 &&
           thresholds[0] == thresholds[1];
}

static cf_status prepare(const cf_result *result, const cf_result *other, const char *name,
                         cf_compare_reference *reference, cf_err *err)
{
    cf_status status = find_reference(other, name, &reference->flow, err);
    if (status == CF_OK)
        status = check_same_data(result, other, err);
    if (status != CF_OK)
        return status;
    const cf_record *weights = data_record(other, "weights");
    if (!cf_flow_latent(&reference->flow, &reference->latent))
        return cf_fail(err, CF_EINPUT,
                       "reference %s: has no snapshots to compare with; run it with `snapshots: "
                       "all`, or choose a flow that has latent points",
                       name);
    if (reference->latent.samples != cf_record_count(weights))
        return cf_fail(err, CF_EINPUT,
                       "reference %s: has %zu latent points for %zu data points: a distance needs "
                       "one for each; choose a flow of particles",
                       name, reference->latent.samples, cf_record_count(weights));
    reference->weights = weights->real;
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
    c->events = reference.events;
    if (c->count == 0)
        c->reference = reference.flow.name;
    else if (c->reference != NULL && strcmp(c->reference, reference.flow.name) != 0)
        c->reference = NULL;
    return cf_compare_flow(&reference, flow, &c->flows[c->count++], err);
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
        shared += status == CF_OK ? c->flows[c->count - 1].distance.count : 0;
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
