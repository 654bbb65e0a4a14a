/* separation, E17. */
#include <math.h>
#include <stdlib.h>

#include "observer_internal.h"

static double ratio(const cf_measure *measure, const cf_clusters *c)
{
    size_t d = measure->dimension;
    double between = 0, within = 0;
    for (size_t q = 0; q < measure->clusters; q++)
        if (c->masses[q] > 0)
            between += c->masses[q] * cf_squared_distance(c->centers + q * d, c->mean, d);
    for (size_t i = 0; i < measure->n; i++)
        within += measure->weights[i] * cf_clusters_deviation(c, measure, i);
    double total = between + within;
    return total > 0 ? between / total : 0;
}

double cf_separation(const cf_measure *measure, double *scratch)
{
    cf_clusters clusters = cf_clusters_find(measure, scratch);
    return ratio(measure, &clusters);
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    (void)options;
    cf_clusters clusters;
    cf_status status = cf_clusters_create(measure, &clusters, err);
    if (status == CF_OK)
        *value = clusters.present < 2 ? NAN : ratio(measure, &clusters);
    free(clusters.masses);
    return status;
}

const cf_observer cf_observer_separation = {
    .kind = {.name = "separation", .doc = "Between-cluster variance over total variance (E17)."},
    .record = "separation",
    .unit = "1",
    .equation = "E17",
    .needs_labels = true,
    .observe = observe};
