/* Densities seen as measures: one point for every node and cluster, and blocks of neighboring nodes
 * where those are too many for sums over pairs; private to models/. */
#ifndef CONTRAFLOW_MODELS_DENSITY_VIEW_H
#define CONTRAFLOW_MODELS_DENSITY_VIEW_H

#include "density.h"

typedef struct cf_density_view cf_density_view;

/* Nodes are `layers[0]` times layers[1], the latter adjacent. The density is borrowed and kept. */
cf_status cf_density_view_create(const cf_density *density, const size_t *layers,
                                 cf_density_view **out, cf_err *err);
void cf_density_view_free(cf_density_view **view);

/* Weights pi_q w_i rho_q(z_i) with the label q, of rho [n*functions]; rounding errors below 0 count
 * as 0.
 */
cf_measure cf_density_view_measure(cf_density_view *view, const double *rho);

/* Blocks of that measure: their mass, at their mean. */
cf_measure cf_density_view_sample(cf_density_view *view);

/* rho [Q*n]. */
const double *cf_density_view_by_cluster(cf_density_view *view, const double *rho);

/* For cf_separation. */
double *cf_density_view_scratch(cf_density_view *view);

#endif
