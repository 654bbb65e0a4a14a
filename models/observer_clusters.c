/* Cluster masses and means. */
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "observer_internal.h"

cf_clusters cf_clusters_find(const cf_measure *measure, double *scratch)
{
    size_t d = measure->dimension, count = measure->clusters;
    cf_clusters c = {0, scratch, scratch + count, scratch + count * (d + 1)};
    memset(scratch, 0, (count * (d + 1) + d) * sizeof *scratch);
    for (size_t i = 0; i < measure->n; i++) {
        size_t q = (size_t)measure->labels[i];
        c.masses[q] += measure->weights[i];
        for (size_t k = 0; k < d; k++)
            c.centers[q * d + k] +=
                measure->weights[i] * (measure->points[i * d + k] - measure->points[k]);
    }
    double mass = 0;
    for (size_t q = 0; q < count; q++) {
        if (c.masses[q] == 0)
            continue;
        c.present++;
        mass += c.masses[q];
        for (size_t k = 0; k < d; k++) {
            c.mean[k] += c.centers[q * d + k];
            c.centers[q * d + k] /= c.masses[q];
        }
    }
    for (size_t k = 0; k < d; k++)
        c.mean[k] /= mass;
    return c;
}

cf_status cf_clusters_create(const cf_measure *measure, cf_clusters *clusters, cf_err *err)
{
    *clusters = (cf_clusters){0};
    if (measure->labels == NULL)
        return CF_OK;
    size_t d = measure->dimension;
    double *scratch =
        cf_allocate("cluster means", measure->clusters * (d + 1) + d, sizeof *scratch, err);
    if (scratch == NULL)
        return CF_ESYSTEM;
    *clusters = cf_clusters_find(measure, scratch);
    return CF_OK;
}

double cf_clusters_deviation(const cf_clusters *clusters, const cf_measure *measure, size_t i)
{
    size_t d = measure->dimension;
    const double *center = clusters->centers + (size_t)measure->labels[i] * d;
    double square = 0;
    for (size_t k = 0; k < d; k++) {
        double u = measure->points[i * d + k] - measure->points[k] - center[k];
        square += u * u;
    }
    return square;
}
