/* separation, E17, and that of each cluster, E110. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "observer_internal.h"

static double part(double between, double within)
{
    return between + within > 0 ? between / (between + within) : 0;
}

static double between_clusters(const cf_measure *measure, const cf_clusters *c)
{
    size_t d = measure->dimension;
    double between = 0;
    for (size_t q = 0; q < measure->clusters; q++)
        if (c->masses[q] > 0)
            between += c->masses[q] * cf_squared_distance(c->centers + q * d, c->mean, d);
    return between;
}

static double ratio(const cf_measure *measure, const cf_clusters *c)
{
    double within = 0;
    for (size_t i = 0; i < measure->n; i++)
        within += measure->weights[i] * cf_clusters_deviation(c, measure, i);
    return part(between_clusters(measure, c), within);
}

double cf_separation(const cf_measure *measure, double *scratch)
{
    cf_clusters clusters = cf_clusters_find(measure, scratch);
    return ratio(measure, &clusters);
}

/* S_q from M_q w_q in each[q]. */
static void separate(const cf_measure *measure, const cf_clusters *c, double between, double *each)
{
    size_t d = measure->dimension;
    double mass = 0, K = (double)c->present;
    for (size_t q = 0; q < measure->clusters; q++)
        mass += c->masses[q];
    for (size_t q = 0; q < measure->clusters; q++) {
        double own = cf_squared_distance(c->centers + q * d, c->mean, d);
        double distance = (own + between) / (mass - c->masses[q]);
        each[q] = c->present < 2 || c->masses[q] == 0
                      ? NAN
                      : part(distance, 2 * K / (K - 1) * each[q] / c->masses[q]);
    }
}

double cf_separation_of_each(const cf_measure *measure, double *scratch, double *each)
{
    cf_clusters c = cf_clusters_find(measure, scratch);
    double between = between_clusters(measure, &c), within = 0;
    memset(each, 0, measure->clusters * sizeof *each);
    for (size_t i = 0; i < measure->n; i++) {
        double deviation = measure->weights[i] * cf_clusters_deviation(&c, measure, i);
        within += deviation;
        each[measure->labels[i]] += deviation;
    }
    separate(measure, &c, between, each);
    return part(between, within);
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
