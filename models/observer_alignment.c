/* alignment, E23. With M_q, z_q the mass and mean of a cluster, the sum over its pairs is
 * sum_ij m_i m_j d_ij^2 = 2 M_q sum_i m_i |z_i - z_q|^2: linear in n. */
#include <math.h>
#include <stdlib.h>

#include "observer_internal.h"

static double mean_over_pairs(const cf_measure *measure, const cf_clusters *c)
{
    double squares = 0, pairs = 0;
    for (size_t i = 0; i < measure->n; i++) {
        double m = measure->weights[i], mass = c->masses[measure->labels[i]];
        squares += 2 * m * mass * cf_clusters_deviation(c, measure, i);
        pairs += m * (mass - m);
    }
    return pairs > 0 ? squares / pairs : NAN;
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    (void)options;
    cf_clusters clusters;
    cf_status status = cf_clusters_create(measure, &clusters, err);
    if (status == CF_OK)
        *value = clusters.present == 0 ? NAN : mean_over_pairs(measure, &clusters);
    free(clusters.masses);
    return status;
}

const cf_observer cf_observer_alignment = {
    .kind = {.name = "alignment",
             .doc = "Mean squared distance of pairs with the same label (E23)."},
    .record = "alignment",
    .unit = "latent^2",
    .equation = "E23",
    .needs_labels = true,
    .observe = observe};
