/* The flows of a result, as readers meet them. Everything is borrowed from the result. */
#ifndef CONTRAFLOW_RUN_FLOW_VIEW_H
#define CONTRAFLOW_RUN_FLOW_VIEW_H

#include <stdbool.h>

#include "contraflow/run/result.h"

typedef struct {
    const char *name;
    size_t index; /* among the flows */
    const cf_group *group;
    const cf_group *events; /* NULL where there are none */
} cf_flow_view;

/* The next flow: start with *cursor = 0; false after the last. */
bool cf_flow_next(const cf_result *result, size_t *cursor, cf_flow_view *flow);
size_t cf_flow_count(const cf_result *result);

/* A real vector, or NULL where the record is absent, empty or something else. */
const double *cf_flow_series(const cf_flow_view *flow, const char *name, size_t *count);

/* The bound of the energy identity (C13); NaN where there is none. */
double cf_flow_energy_bound(const cf_flow_view *flow);

/* The width of networks that differ in their seeds only: the length of NAME.width-W of their
 * names; 0 for a flow of no family. */
size_t cf_flow_width_length(const cf_flow_view *flow);

/* The family of a network, "" where there is no other network of it. */
const char *cf_flow_family(const cf_result *result, const cf_flow_view *flow);

/* Whether two flows are networks of one family and width. */
bool cf_flow_same_width(const cf_flow_view *a, const cf_flow_view *b);

/* Whether no flow before it is of its family and width. */
bool cf_flow_leads(const cf_result *result, const cf_flow_view *flow);

/* The latent points of a flow: [times][samples][views][d]. */
typedef struct {
    const double *times, *points;
    size_t count, samples, views, d;
    const double *probes; /* [times][probe_count][d], or NULL */
    size_t probe_count;
} cf_latent_view;

/* False where the flow has no latent points. */
bool cf_flow_latent(const cf_flow_view *flow, cf_latent_view *latent);
size_t cf_latent_size(const cf_latent_view *latent); /* samples * views * d */

/* The density of a flow on one: values [times][clusters][n] at the nodes of a grid. */
typedef struct {
    const double *times, *values, *grid, *weights, *cluster_mass; /* [n*d], [n], [clusters] */
    size_t count, clusters, n, d;
} cf_density_view;

/* False where the flow has no density. */
bool cf_flow_density(const cf_flow_view *flow, cf_density_view *density);

/* Masses of the samples, the flow's own or those of the data, and the points that the samples stand
 * for, nodes of the flow or the data; NULL where there are none of that number. */
const double *cf_flow_weights(const cf_result *result, const cf_flow_view *flow, size_t samples);
const cf_record *cf_flow_points(const cf_result *result, const cf_flow_view *flow);

#endif
