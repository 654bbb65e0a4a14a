#include "field_sample.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"

struct cf_field_sample {
    cf_latent latent;
    size_t count, clusters;
    const double *draws; /* [count*d] b */
    size_t *nodes;       /* [count] */
    int *labels;         /* [count] or NULL */
    double *arrays;      /* owns everything below */
    double *h, *z;       /* [count*d] */
    double *r, *weights; /* [count] */
};

/* The node at which the cumulated mass passes u. */
static size_t find(const double *cumulated, size_t n, double u)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (cumulated[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Multiples of the golden ratio modulo 1. */
static cf_status choose(const cf_data *data, cf_field_sample *sample, cf_err *err)
{
    double *cumulated = cf_allocate("sample", data->n, sizeof *cumulated, err), mass = 0;
    if (cumulated == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < data->n; i++)
        cumulated[i] = mass += data->weights[i];
    for (size_t j = 0; j < sample->count; j++) {
        double u = fmod(0.5 + 0.61803398874989484820 * (double)j, 1);
        sample->nodes[j] = find(cumulated, data->n, u * mass);
        sample->weights[j] = 1 / (double)sample->count;
        if (sample->labels != NULL)
            sample->labels[j] = data->labels[sample->nodes[j]];
    }
    free(cumulated);
    return CF_OK;
}

cf_status cf_field_sample_create(const cf_flow_setup *setup, cf_field_sample **out, cf_err *err)
{
    size_t count = setup->draw_count, d = setup->latent.dimension;
    bool labelled = setup->data->labels != NULL;
    cf_field_sample *sample = cf_allocate("sample", 1, sizeof *sample, err);
    *out = sample;
    if (sample == NULL)
        return CF_ESYSTEM;
    sample->latent = setup->latent;
    sample->count = count;
    sample->clusters = setup->data->clusters;
    sample->draws = setup->draws;
    sample->nodes = cf_allocate("sample", count, sizeof *sample->nodes, err);
    sample->labels = labelled ? cf_allocate("sample", count, sizeof *sample->labels, err) : NULL;
    sample->arrays = cf_allocate("sample", 2 * count * (d + 1), sizeof *sample->arrays, err);
    bool ok =
        sample->nodes != NULL && sample->arrays != NULL && (sample->labels != NULL || !labelled);
    sample->h = sample->arrays;
    if (ok) {
        sample->z = sample->h + count * d;
        sample->r = sample->z + count * d;
        sample->weights = sample->r + count;
    }
    cf_status status = ok ? choose(setup->data, sample, err) : CF_ESYSTEM;
    if (status != CF_OK)
        cf_field_sample_free(out);
    return status;
}

void cf_field_sample_free(cf_field_sample **sample)
{
    if (*sample == NULL)
        return;
    free((*sample)->nodes);
    free((*sample)->labels);
    free((*sample)->arrays);
    free(*sample);
    *sample = NULL;
}

cf_measure cf_field_sample_at(cf_field_sample *sample, const double *y)
{
    size_t d = sample->latent.dimension;
    for (size_t j = 0; j < sample->count; j++)
        for (size_t k = 0; k < d; k++)
            sample->h[j * d + k] = y[sample->nodes[j] * d + k] + sample->draws[j * d + k];
    cf_latent_map(&sample->latent, sample->h, sample->count, sample->z, sample->r);
    return (cf_measure){.n = sample->count,
                        .dimension = d,
                        .clusters = sample->clusters,
                        .points = sample->z,
                        .weights = sample->weights,
                        .labels = sample->labels};
}
