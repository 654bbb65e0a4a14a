/* What the checks of densities share: a setup of two clusters, and its solution at given times. */
#ifndef CONTRAFLOW_VALIDATION_SOLVE_H
#define CONTRAFLOW_VALIDATION_SOLVE_H

#include "contraflow/models/flow.h"

enum { MOST = 131072, MOST_STATES = 4, CLUSTERS = 2, SPECTRAL = 1, VOLUMES = 2 };

extern const cf_latent CIRCLE, SPHERE, LINE, PLANE;

/* A state of a flow: nodes, their weights, the density of each cluster; or points. */
typedef struct {
    size_t n, d;
    double loss, points[3 * MOST], weights[MOST], rho[CLUSTERS * MOST], measure[CLUSTERS * MOST];
} solution;

/* n points, which no density looks at, in clusters of shares 1/4 and 3/4; the same arrays for all.
 */
cf_data data_of(size_t n);

/* Psi = log1p, tau = 0.1; in R^d a box of half side 6. */
cf_flow_setup setup_of(const cf_data *data, cf_latent latent, const cf_start_law *law, int scheme,
                       long nodes);
cf_start_law near_point(cf_latent latent, double spread);

/* The vanilla flow at `times` [count], increasing and positive: out [count]. */
void solve_at(const cf_flow_setup *setup, const char *representation, const double *times,
              size_t count, double rtol, solution *out);
void solve(const cf_flow_setup *setup, const char *representation, double end, double rtol,
           solution *out);

#endif
