#include "contraflow/models/thinned.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { MOST = 4096 }; /* points, of which a sum over pairs takes tenths of a second */

struct cf_thinned {
    const cf_data *data;
    size_t d, count, views, given_views;
    size_t *samples; /* [count] */
    int *labels;     /* [count*views] or NULL */
    double *weights; /* [count*views] */
    double *points;  /* [count*views*d] */
};

/* Steps over the samples once, in the order in which they come. */
static void choose(cf_thinned *t)
{
    const cf_data *data = t->data;
    double mass = 0, total = 0;
    size_t next = 0;
    for (size_t i = 0; i < data->n; i++)
        total += data->weights[i];
    for (size_t s = 0; s < data->n / t->views; s++) {
        for (size_t v = 0; v < t->views; v++)
            mass += data->weights[s * t->views + v];
        while (next < t->count && ((double)next + 0.5) / (double)t->count * total < mass)
            t->samples[next++] = s;
    }
    while (next < t->count) /* rounding */
        t->samples[next++] = data->n / t->views - 1;
    for (size_t j = 0; j < t->count * t->views; j++) {
        size_t i = t->samples[j / t->views] * t->views + j % t->views;
        t->weights[j] = 1 / (double)(t->count * t->views);
        if (t->labels != NULL)
            t->labels[j] = data->labels[i];
    }
}

cf_status cf_thinned_create(const cf_data *data, size_t d, size_t views, cf_thinned **out,
                            cf_err *err)
{
    *out = NULL;
    if (data->n <= MOST)
        return CF_OK;
    cf_thinned *t = cf_allocate("sample", 1, sizeof *t, err);
    if (t == NULL)
        return CF_ESYSTEM;
    *out = t;
    t->data = data;
    t->d = d;
    t->given_views = views;
    t->views = views > 1 ? views : 1;
    t->count = MOST / t->views > 0 ? MOST / t->views : 1;
    size_t points = t->count * t->views;
    bool labelled = data->labels != NULL;
    t->samples = cf_allocate("sample", t->count, sizeof *t->samples, err);
    t->labels = labelled ? cf_allocate("sample", points, sizeof *t->labels, err) : NULL;
    t->weights = cf_allocate("sample", points, sizeof *t->weights, err);
    t->points = cf_allocate("sample", points * d, sizeof *t->points, err);
    if (t->samples == NULL || (labelled && t->labels == NULL) || t->weights == NULL ||
        t->points == NULL) {
        cf_thinned_free(out);
        return CF_ESYSTEM;
    }
    choose(t);
    return CF_OK;
}

void cf_thinned_free(cf_thinned **thinned)
{
    cf_thinned *t = *thinned;
    if (t == NULL)
        return;
    free(t->samples);
    free(t->labels);
    free(t->weights);
    free(t->points);
    free(t);
    *thinned = NULL;
}

cf_measure cf_thinned_at(cf_thinned *t, const double *z)
{
    size_t row = t->views * t->d;
    for (size_t j = 0; j < t->count; j++)
        memcpy(t->points + j * row, z + t->samples[j] * row, row * sizeof *z);
    return (cf_measure){.n = t->count * t->views,
                        .dimension = t->d,
                        .clusters = t->data->clusters,
                        .points = t->points,
                        .weights = t->weights,
                        .labels = t->labels,
                        .views = t->given_views};
}
