#include "data_internal.h"

#include <math.h>

#include "contraflow/solver/random.h"

double cf_point_uniform(cf_point_random random, size_t component)
{
    return cf_random_uniform((cf_random){random.seed, CF_STREAM_DATA}, random.index,
                             (uint32_t)component);
}

double cf_point_normal(cf_point_random random, size_t component)
{
    return cf_random_normal((cf_random){random.seed, CF_STREAM_DATA}, random.index,
                            (uint32_t)component);
}

void cf_point_blur(cf_point_random random, size_t first, double spread, size_t dimension, double *x)
{
    for (size_t c = 0; c < dimension; c++)
        x[c] += spread * cf_point_normal(random, first + c);
}

/* A normal vector has a uniform direction, and ours is never zero: neither of the factors of a
 * Box-Muller number vanishes. */
void cf_point_direction(cf_point_random random, size_t dimension, double *x)
{
    double square = 0;
    for (size_t c = 0; c < dimension; c++) {
        x[c] = cf_point_normal(random, c);
        square += x[c] * x[c];
    }
    for (size_t c = 0; c < dimension; c++)
        x[c] /= sqrt(square);
}

double cf_cluster_real(cf_reals list, size_t cluster)
{
    return list.values[list.count == 1 ? 0 : cluster];
}

static size_t points_of(cf_integers list, size_t cluster)
{
    return (size_t)list.values[list.count == 1 ? 0 : cluster];
}

cf_status cf_cluster_count(const char *key, size_t count, size_t clusters, cf_err *err)
{
    if (count == 1 || count == clusters)
        return CF_OK;
    return cf_fail(err, CF_EINPUT,
                   "data.%s: has %zu values, but there are %zu clusters; give one number or one "
                   "per cluster",
                   key, count, clusters);
}

cf_status cf_cluster_centers(const cf_matrix *centers, size_t smallest, size_t largest, cf_err *err)
{
    if (centers->rows == 0)
        return cf_fail(err, CF_EINPUT, "data.centers: has no row; give one row per cluster");
    if (centers->columns < smallest || centers->columns > largest)
        return cf_fail(err, CF_EINPUT,
                       "data.centers: has %zu coordinates per row, but needs %s %zu",
                       centers->columns, smallest == largest ? "exactly" : "at least", smallest);
    return CF_OK;
}

/* Cluster k, place i: the two halves of one index, so that neither other clusters nor their sizes
 * move a point. */
static void draw_cluster(const cf_cluster_law *law, size_t cluster, size_t first, cf_data *data)
{
    for (size_t i = 0; i < points_of(law->points, cluster); i++) {
        cf_point_random random = {(uint64_t)law->seed, (uint64_t)cluster << 32 | i};
        law->draw(law->options, cluster, random, data->points + (first + i) * law->dimension);
        data->labels[first + i] = (int)cluster;
    }
}

cf_status cf_clusters_generate(const cf_cluster_law *law, cf_data **out, cf_err *err)
{
    *out = NULL;
    cf_status status =
        cf_cluster_count("points-per-cluster", law->points.count, law->clusters, err);
    size_t n = 0;
    for (size_t k = 0; k < law->clusters && status == CF_OK; k++)
        n += points_of(law->points, k);
    if (status == CF_OK)
        status = cf_data_create(n, law->dimension, 1, out, err);
    size_t first = 0;
    for (size_t k = 0; k < law->clusters && status == CF_OK; k++) {
        draw_cluster(law, k, first, *out);
        first += points_of(law->points, k);
    }
    if (status == CF_OK)
        status = cf_data_finish(*out, err);
    if (status != CF_OK)
        cf_data_free(out);
    return status;
}
