/* The densities of a result, as figures meet them; private to cli/. */
#ifndef CONTRAFLOW_CLI_DENSITIES_H
#define CONTRAFLOW_CLI_DENSITIES_H

#include "figure.h"

typedef enum { CF_SPACE_CIRCLE, CF_SPACE_LINE, CF_SPACE_SPHERE, CF_SPACE_PLANE } cf_space;

typedef struct {
    cf_density_view of;
    cf_space space;
    size_t inner; /* nodes in a row of the grid: of one longitude, of one row of the plane */
} cf_density_series;

/* False where the flow has no density. */
bool cf_density_series_of(const cf_result *result, const cf_flow_view *flow,
                          cf_density_series *out);

/* The space of a flow on points that can stand beside densities; false for other spaces. */
bool cf_points_space(const cf_result *result, const cf_latent_view *latent, cf_space *space);

/* Whether the clusters have different densities. */
bool cf_density_differs(const cf_density_series *series);

/* The sum over clusters, or one of them, at a node. */
enum { CF_ALL_CLUSTERS = -1 };
double cf_density_at_node(const cf_density_series *series, size_t snapshot, int cluster,
                          size_t node);

/* Between nodes: at an angle or a position on the line (a cubic, which may undershoot 0), 0
 * outside; at a unit vector or a point of the plane (linear). */
double cf_density_at(const cf_density_series *series, size_t snapshot, int cluster,
                     const double *z);

/* Of increasing times the one nearest to `time`, by ratio. */
size_t cf_nearest_time(const double *times, size_t count, double time);

/* Where the color scale begins: a decade below the largest density of the last snapshots, the least
 * of the flows; and where it ends. False without densities in the spaces. */
bool cf_densities_scale(const cf_result *result, cf_space a, cf_space b, double scale[2]);

/* The palette and the color scale, logarithmic. */
void cf_densities_write_palette(FILE *script, const double scale[2]);

#endif
