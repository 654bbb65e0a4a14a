/* alignment, E23. With M_q, z_q the mass and mean of a cluster, the sum over its pairs is
 * sum_ij m_i m_j d_ij^2 = 2 M_q sum_i m_i |z_i - z_q|^2: linear in n. So it is for views. */
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "observer_internal.h"

static double mean_over_pairs(const cf_measure *measure, const cf_clusters *c)
{
    double squares = 0, pairs = 0;
    for (size_t i = 0; i < measure->n; i++) {
        double m = measure->weights[i], mass = c->masses[measure->labels[i]];
        squares += 2 * m * mass * cf_clusters_deviation(c, measure, i);
        pairs += m * (mass - cf_own_mass(measure, i));
    }
    return pairs > 0 ? squares / pairs : NAN;
}

/* sum_v |z_v - mean|^2 of V rows; mean [d] is scratch. */
static double scatter(const double *z, size_t V, size_t d, double *mean)
{
    double total = 0;
    for (size_t k = 0; k < d; k++) {
        mean[k] = 0;
        for (size_t v = 0; v < V; v++)
            mean[k] += z[v * d + k] / (double)V;
    }
    for (size_t v = 0; v < V; v++)
        total += cf_squared_distance(z + v * d, mean, d);
    return total;
}

/* The mean over v != v' of |z_v - z_v'|^2 is 2/(V - 1) sum_v |z_v - mean|^2. */
static cf_status mean_over_views(const cf_measure *measure, double *value, cf_err *err)
{
    size_t V = measure->views, d = measure->dimension;
    double *mean = cf_allocate("mean of views", d, sizeof *mean, err), mass = 0;
    if (mean == NULL)
        return CF_ESYSTEM;
    *value = 0;
    for (size_t first = 0; first < measure->n; first += V) {
        double m = measure->weights[first];
        *value += 2 * m / (double)(V - 1) * scatter(measure->points + first * d, V, d, mean);
        mass += m;
    }
    *value /= mass;
    free(mean);
    return CF_OK;
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    (void)options;
    if (measure->views > 1)
        return mean_over_views(measure, value, err);
    cf_clusters clusters;
    cf_status status = cf_clusters_create(measure, &clusters, err);
    if (status == CF_OK)
        *value = clusters.present == 0 ? NAN : mean_over_pairs(measure, &clusters);
    free(clusters.masses);
    return status;
}

const cf_observer cf_observer_alignment = {
    .kind = {.name = "alignment",
             .doc = "Mean squared distance of pairs of views, or of the same label (E23)."},
    .record = "alignment",
    .unit = "latent^2",
    .equation = "E23",
    .needs_labels = true,
    .views_serve = true,
    .observe = observe};
