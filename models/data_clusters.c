#include "data_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
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

static cf_status count_points(const cf_cluster_law *law, size_t *n, cf_err *err)
{
    cf_status status =
        cf_cluster_count("points-per-cluster", law->points.count, law->clusters, err);
    *n = 0;
    for (size_t k = 0; k < law->clusters && status == CF_OK; k++)
        *n += points_of(law->points, k);
    return status;
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

cf_status cf_data_count(const cf_data_kind *kind, const void *options, size_t *n, size_t *dimension,
                        cf_err *err)
{
    cf_cluster_law law = {0};
    cf_status status = kind->law(options, &law, err);
    if (status == CF_OK)
        status = count_points(&law, n, err);
    *dimension = law.dimension;
    return status;
}

cf_status cf_data_generate(const cf_data_kind *kind, const void *options, cf_data **out,
                           cf_err *err)
{
    cf_cluster_law law = {0};
    size_t n = 0;
    *out = NULL;
    cf_status status = kind->law(options, &law, err);
    if (status == CF_OK)
        status = count_points(&law, &n, err);
    if (status == CF_OK)
        status = cf_data_create(n, law.dimension, 1, out, err);
    size_t first = 0;
    for (size_t k = 0; k < law.clusters && status == CF_OK; k++) {
        draw_cluster(&law, k, first, *out);
        first += points_of(law.points, k);
    }
    if (status == CF_OK)
        status = cf_data_finish(*out, err);
    if (status != CF_OK)
        cf_data_free(out);
    return status;
}

cf_status cf_rule_point(size_t dimension, cf_rule **out, cf_err *err)
{
    cf_status status = cf_rule_create(1, dimension, out, err);
    if (status == CF_OK)
        (*out)->weights[0] = 1;
    return status;
}

void cf_rule_move(cf_rule *rule, const double *center, double scale)
{
    for (size_t i = 0; i < rule->n * rule->dimension; i++)
        rule->points[i] = center[i % rule->dimension] + scale * rule->points[i];
}

/* A node below this share of its cluster is far out in a tail, and without influence. */
static const double NEGLIGIBLE = 1e-18;

static size_t count_nodes(const cf_rule *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < rule->n; i++)
        count += rule->weights[i] > NEGLIGIBLE;
    return count;
}

/* Appends the nodes of a cluster at `first`; returns the place after them. */
static size_t append_nodes(const cf_rule *rule, size_t cluster, double mass, size_t first,
                           cf_data *data)
{
    size_t D = rule->dimension;
    for (size_t i = 0; i < rule->n; i++) {
        if (rule->weights[i] <= NEGLIGIBLE)
            continue;
        memcpy(data->points + first * D, rule->points + i * D, D * sizeof(double));
        data->weights[first] = mass * rule->weights[i];
        data->labels[first++] = (int)cluster;
    }
    return first;
}

static cf_status join_rules(const cf_cluster_law *law, cf_rule *const *rules, size_t points,
                            cf_data **out, cf_err *err)
{
    size_t n = 0, first = 0;
    for (size_t k = 0; k < law->clusters; k++)
        n += count_nodes(rules[k]);
    cf_status status = cf_data_create(n, law->dimension, 1, out, err);
    for (size_t k = 0; k < law->clusters && status == CF_OK; k++) {
        double mass = (double)points_of(law->points, k) / (double)points;
        first = append_nodes(rules[k], k, mass, first, *out);
    }
    if (status == CF_OK)
        status = cf_data_finish(*out, err);
    if (status != CF_OK)
        cf_data_free(out);
    return status;
}

cf_status cf_data_quadrature(const cf_data_kind *kind, const void *options, size_t order,
                             cf_data **out, cf_err *err)
{
    cf_cluster_law law;
    cf_rule **rules = NULL;
    size_t points = 0;
    *out = NULL;
    cf_status status = kind->law(options, &law, err);
    if (status == CF_OK)
        status = count_points(&law, &points, err);
    if (status != CF_OK)
        return status;
    rules = cf_allocate("quadrature", law.clusters, sizeof(void *), err);
    if (rules == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < law.clusters && status == CF_OK; k++)
        status = law.rule(law.options, k, order, &rules[k], err);
    if (status == CF_OK)
        status = join_rules(&law, rules, points, out, err);
    for (size_t k = 0; k < law.clusters; k++)
        cf_rule_free(&rules[k]);
    free(rules);
    return status;
}
