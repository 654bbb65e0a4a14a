#include "contraflow/run/flow_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char PREFIX[] = "/flows/";

/* A group that is usually the next one. */
static const cf_group *find_after(const cf_result *result, size_t place, const char *path)
{
    if (place + 1 < result->count && strcmp(result->groups[place + 1].path, path) == 0)
        return &result->groups[place + 1];
    return cf_result_group(result, path);
}

bool cf_flow_next(const cf_result *result, size_t *cursor, cf_flow_view *flow)
{
    size_t index = *cursor == 0 ? 0 : flow->index + 1;
    for (; *cursor < result->count; ++*cursor) {
        const cf_group *group = &result->groups[*cursor];
        const char *name = group->path + strlen(PREFIX);
        if (strncmp(group->path, PREFIX, strlen(PREFIX)) != 0 || strchr(name, '/') != NULL)
            continue;
        char events[1024];
        snprintf(events, sizeof events, "%s/events", group->path);
        *flow = (cf_flow_view){name, index, group, find_after(result, *cursor, events)};
        ++*cursor;
        return true;
    }
    return false;
}

size_t cf_flow_count(const cf_result *result)
{
    size_t cursor = 0, count = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow))
        count++;
    return count;
}

const double *cf_flow_series(const cf_flow_view *flow, const char *name, size_t *count)
{
    const cf_record *record = cf_group_record(flow->group, name);
    *count = 0;
    if (record == NULL || record->type != CF_VALUE_REAL || record->rank != 1)
        return NULL;
    *count = record->dims[0];
    return *count == 0 ? NULL : record->real;
}

double cf_flow_energy_bound(const cf_flow_view *flow)
{
    return cf_group_real(flow->group, "energy_bound");
}

size_t cf_flow_width_length(const cf_flow_view *flow)
{
    const char *seed = strstr(flow->name, ".seed-");
    return cf_group_text(flow->group, "family")[0] == '\0' || seed == NULL
               ? 0
               : (size_t)(seed - flow->name);
}

const char *cf_flow_family(const cf_result *result, const cf_flow_view *flow)
{
    const char *family =
        cf_flow_width_length(flow) == 0 ? "" : cf_group_text(flow->group, "family");
    size_t cursor = 0;
    cf_flow_view other;
    while (family[0] != '\0' && cf_flow_next(result, &cursor, &other))
        if (other.index != flow->index && strcmp(cf_group_text(other.group, "family"), family) == 0)
            return family;
    return "";
}

bool cf_flow_same_width(const cf_flow_view *a, const cf_flow_view *b)
{
    size_t length = cf_flow_width_length(a);
    return length > 0 && length == cf_flow_width_length(b) &&
           strncmp(a->name, b->name, length) == 0;
}

bool cf_flow_leads(const cf_result *result, const cf_flow_view *flow)
{
    size_t cursor = 0;
    cf_flow_view other;
    while (cf_flow_next(result, &cursor, &other) && other.index < flow->index)
        if (cf_flow_same_width(&other, flow))
            return false;
    return true;
}

bool cf_flow_latent(const cf_flow_view *flow, cf_latent_view *latent)
{
    const cf_record *record = cf_group_record(flow->group, "latent");
    *latent = (cf_latent_view){0};
    latent->times = cf_flow_series(flow, "snapshot_time", &latent->count);
    bool ok = record != NULL && record->type == CF_VALUE_REAL && record->rank >= 3 &&
              cf_record_count(record) > 0 && latent->times != NULL;
    if (!ok || record->dims[0] != latent->count)
        return false;
    latent->points = record->real;
    latent->samples = record->dims[1];
    latent->views = record->rank == 4 ? record->dims[2] : 1;
    latent->d = record->dims[record->rank - 1];
    record = cf_group_record(flow->group, "probe_latent");
    if (record != NULL && record->type == CF_VALUE_REAL && record->rank == 3 &&
        record->dims[0] == latent->count && record->dims[2] == latent->d) {
        latent->probes = record->real;
        latent->probe_count = record->dims[1];
    }
    return true;
}

size_t cf_latent_size(const cf_latent_view *latent)
{
    return latent->samples * latent->views * latent->d;
}

static const double *reals_of(const cf_flow_view *flow, const char *name, size_t count)
{
    const cf_record *record = cf_group_record(flow->group, name);
    bool ok = record != NULL && record->type == CF_VALUE_REAL && cf_record_count(record) == count;
    return ok ? record->real : NULL;
}

bool cf_flow_density(const cf_flow_view *flow, cf_density_view *density)
{
    const cf_record *values = cf_group_record(flow->group, "density");
    const cf_record *grid = cf_group_record(flow->group, "grid");
    *density = (cf_density_view){0};
    density->times = cf_flow_series(flow, "snapshot_time", &density->count);
    if (values == NULL || values->type != CF_VALUE_REAL || values->rank != 3 || grid == NULL ||
        grid->type != CF_VALUE_REAL || grid->rank != 2 || density->times == NULL ||
        values->dims[0] != density->count || values->dims[2] != grid->dims[0])
        return false;
    density->values = values->real;
    density->grid = grid->real;
    density->clusters = values->dims[1];
    density->n = grid->dims[0];
    density->d = grid->dims[1];
    density->weights = reals_of(flow, "grid_weight", density->n);
    density->cluster_mass = reals_of(flow, "cluster_mass", density->clusters);
    return density->weights != NULL && density->cluster_mass != NULL;
}

static const cf_record *own_or_data(const cf_result *result, const cf_flow_view *flow,
                                    const char *own, const char *name)
{
    const cf_record *record = cf_group_record(flow->group, own);
    const cf_group *data = cf_result_group(result, "/data");
    if (record == NULL && data != NULL)
        record = cf_group_record(data, name);
    return record != NULL && record->type == CF_VALUE_REAL ? record : NULL;
}

const double *cf_flow_weights(const cf_result *result, const cf_flow_view *flow, size_t samples)
{
    const cf_record *weights = own_or_data(result, flow, "weights", "weights");
    return weights != NULL && cf_record_count(weights) == samples ? weights->real : NULL;
}

const cf_record *cf_flow_points(const cf_result *result, const cf_flow_view *flow)
{
    return own_or_data(result, flow, "nodes", "points");
}
