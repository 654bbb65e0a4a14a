#include "density_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { MOST_SAMPLES = 1024 };

struct cf_density_view {
    const cf_density *density;
    cf_measure measure, sample;
    size_t blocks; /* of a cluster */
    size_t *block; /* [n] of every node */
    double *arrays;
    double *points, *weights, *by_cluster;  /* [Q*n*d], [Q*n], [Q*n] */
    double *sample_points, *sample_weights; /* [Q*blocks*d], [Q*blocks] */
    double *scratch;
    int *labels, *sample_labels;
};

/* The value at node i of cluster q. */
static double at(const cf_density *density, const double *rho, size_t i, size_t q)
{
    return rho[i * density->functions + (density->functions == 1 ? 0 : q)];
}

/* Blocks of a * b nodes, the longer side halved until they are few enough. */
static void set_blocks(cf_density_view *view, const size_t *layers)
{
    size_t count[2] = {layers[0], layers[1]}, step[2] = {1, 1};
    while (count[0] * count[1] * view->density->clusters > MOST_SAMPLES &&
           count[0] * count[1] > 1) {
        size_t longer = count[1] >= count[0];
        step[longer]++;
        count[longer] = (layers[longer] + step[longer] - 1) / step[longer];
    }
    view->blocks = count[0] * count[1];
    for (size_t i = 0; i < layers[0]; i++)
        for (size_t j = 0; j < layers[1]; j++)
            view->block[i * layers[1] + j] = i / step[0] * count[1] + j / step[1];
}

static cf_status allocate(cf_density_view *view, cf_err *err)
{
    const cf_density *density = view->density;
    size_t Q = density->clusters, d = density->d, all = Q * density->n, few = Q * view->blocks;
    view->arrays = cf_allocate("density", all * (d + 2) + few * (d + 1) + Q * (d + 1) + d,
                               sizeof(double), err);
    view->labels = cf_allocate("density", all, sizeof *view->labels, err);
    view->sample_labels = cf_allocate("density", few, sizeof *view->sample_labels, err);
    if (view->arrays == NULL || view->labels == NULL || view->sample_labels == NULL)
        return CF_ESYSTEM;
    view->points = view->arrays;
    view->weights = view->points + all * d;
    view->by_cluster = view->weights + all;
    view->sample_points = view->by_cluster + all;
    view->sample_weights = view->sample_points + few * d;
    view->scratch = view->sample_weights + few;
    return CF_OK;
}

static void set_measures(cf_density_view *view)
{
    const cf_density *density = view->density;
    size_t Q = density->clusters, n = density->n, d = density->d;
    bool labelled = density->flow.setup.data->labels != NULL;
    for (size_t q = 0; q < Q; q++) {
        memcpy(view->points + q * n * d, density->points, n * d * sizeof(double));
        for (size_t i = 0; i < n; i++)
            view->labels[q * n + i] = (int)q;
        for (size_t i = 0; i < view->blocks; i++)
            view->sample_labels[q * view->blocks + i] = (int)q;
    }
    view->measure = (cf_measure){.n = Q * n,
                                 .dimension = d,
                                 .clusters = labelled ? Q : 0,
                                 .points = view->points,
                                 .weights = view->weights,
                                 .labels = labelled ? view->labels : NULL,
                                 .nodes = true,
                                 .dense = true};
    view->sample = view->measure;
    view->sample.n = Q * view->blocks;
    view->sample.points = view->sample_points;
    view->sample.weights = view->sample_weights;
    view->sample.labels = labelled ? view->sample_labels : NULL;
}

cf_status cf_density_view_create(const cf_density *density, const size_t *layers,
                                 cf_density_view **out, cf_err *err)
{
    cf_density_view *view = cf_allocate("density", 1, sizeof *view, err);
    *out = view;
    if (view == NULL)
        return CF_ESYSTEM;
    view->density = density;
    view->block = cf_allocate("density", density->n, sizeof *view->block, err);
    if (view->block == NULL)
        return CF_ESYSTEM;
    set_blocks(view, layers);
    cf_status status = allocate(view, err);
    if (status == CF_OK)
        set_measures(view);
    return status;
}

void cf_density_view_free(cf_density_view **view)
{
    if (*view == NULL)
        return;
    free((*view)->block);
    free((*view)->arrays);
    free((*view)->labels);
    free((*view)->sample_labels);
    free(*view);
    *view = NULL;
}

/* Where values below 0 are left out, the others of the cluster make up for it. */
cf_measure cf_density_view_measure(cf_density_view *view, const double *rho)
{
    const cf_density *density = view->density;
    size_t Q = density->clusters, n = density->n;
    for (size_t q = 0; q < Q; q++) {
        double *weights = view->weights + q * n, mass = 0;
        for (size_t i = 0; i < n; i++) {
            weights[i] = fmax(density->weights[i] * at(density, rho, i, q), 0);
            mass += weights[i];
        }
        for (size_t i = 0; i < n && mass > 0; i++)
            weights[i] *= density->shares[q] / mass;
    }
    return view->measure;
}

/* The mean of the points of a block, on the sphere in its direction. */
static void place(const cf_density_view *view, double mass, double *point)
{
    size_t d = view->density->d;
    double square = 0;
    for (size_t k = 0; k < d; k++)
        square += point[k] * point[k];
    bool sphere = view->density->flow.setup.latent.sphere;
    double divisor = sphere ? sqrt(square) : mass;
    for (size_t k = 0; k < d && divisor > 0; k++)
        point[k] /= divisor;
}

cf_measure cf_density_view_sample(cf_density_view *view)
{
    size_t Q = view->density->clusters, n = view->density->n, d = view->density->d;
    memset(view->sample_points, 0, Q * view->blocks * d * sizeof(double));
    memset(view->sample_weights, 0, Q * view->blocks * sizeof(double));
    for (size_t q = 0; q < Q; q++)
        for (size_t i = 0; i < n; i++) {
            size_t block = q * view->blocks + view->block[i];
            double weight = view->weights[q * n + i];
            view->sample_weights[block] += weight;
            for (size_t k = 0; k < d; k++)
                view->sample_points[block * d + k] += weight * view->density->points[i * d + k];
        }
    for (size_t block = 0; block < Q * view->blocks; block++)
        place(view, view->sample_weights[block], view->sample_points + block * d);
    return view->sample;
}

const double *cf_density_view_by_cluster(cf_density_view *view, const double *rho)
{
    size_t Q = view->density->clusters, n = view->density->n;
    for (size_t q = 0; q < Q; q++)
        for (size_t i = 0; i < n; i++)
            view->by_cluster[q * n + i] = at(view->density, rho, i, q);
    return view->by_cluster;
}

double *cf_density_view_scratch(cf_density_view *view)
{
    return view->scratch;
}
