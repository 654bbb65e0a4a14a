#include "measure_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

struct cf_measure_sample {
    size_t count, dimension, clusters;
    size_t *atoms;            /* [count] */
    double *points, *weights; /* [count*dimension], [count] */
    int *labels;              /* [count] or NULL */
    bool nodes;
};

/* The atom at which the cumulated mass passes u. */
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
static cf_status draw(const cf_measure *measure, cf_measure_sample *sample, cf_err *err)
{
    double *cumulated = cf_allocate("sample", measure->n, sizeof *cumulated, err), mass = 0;
    if (cumulated == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < measure->n; i++)
        cumulated[i] = mass += measure->weights[i];
    for (size_t j = 0; j < sample->count; j++) {
        double u = fmod(0.5 + 0.61803398874989484820 * (double)j, 1);
        sample->atoms[j] = find(cumulated, measure->n, u * mass);
        sample->weights[j] = 1 / (double)sample->count;
        if (sample->labels != NULL)
            sample->labels[j] = measure->labels[sample->atoms[j]];
    }
    free(cumulated);
    return CF_OK;
}

cf_status cf_measure_sample_create(const cf_measure *measure, size_t count, cf_measure_sample **out,
                                   cf_err *err)
{
    cf_measure_sample *sample = cf_allocate("sample", 1, sizeof *sample, err);
    *out = sample;
    if (sample == NULL)
        return CF_ESYSTEM;
    size_t d = measure->dimension;
    bool labelled = measure->labels != NULL;
    sample->count = count;
    sample->dimension = d;
    sample->clusters = measure->clusters;
    sample->nodes = measure->nodes;
    sample->atoms = cf_allocate("sample", count, sizeof *sample->atoms, err);
    sample->points = cf_allocate("sample", count * d, sizeof *sample->points, err);
    sample->weights = cf_allocate("sample", count, sizeof *sample->weights, err);
    sample->labels = labelled ? cf_allocate("sample", count, sizeof *sample->labels, err) : NULL;
    bool ok = sample->atoms != NULL && sample->points != NULL && sample->weights != NULL &&
              (sample->labels != NULL || !labelled);
    cf_status status = ok ? draw(measure, sample, err) : CF_ESYSTEM;
    if (status != CF_OK)
        cf_measure_sample_free(out);
    return status;
}

void cf_measure_sample_free(cf_measure_sample **sample)
{
    if (*sample == NULL)
        return;
    free((*sample)->atoms);
    free((*sample)->points);
    free((*sample)->weights);
    free((*sample)->labels);
    free(*sample);
    *sample = NULL;
}

cf_measure cf_measure_sample_at(cf_measure_sample *sample, const double *points)
{
    size_t d = sample->dimension;
    for (size_t j = 0; j < sample->count; j++)
        memcpy(sample->points + j * d, points + sample->atoms[j] * d, d * sizeof *points);
    return (cf_measure){.n = sample->count,
                        .dimension = d,
                        .clusters = sample->clusters,
                        .points = sample->points,
                        .weights = sample->weights,
                        .labels = sample->labels,
                        .nodes = sample->nodes};
}
