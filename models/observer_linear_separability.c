/* linear-separability, the accuracy of multinomial logistic regression, E20. */
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "logistic.h"
#include "observer_internal.h"

static const double RIDGE = 1e-8, TIE = 1e-6;

/* 1 where the score of the point's class is the largest, 1/q where q share the largest. */
static double credit(const cf_logistic *problem, const double *scores, size_t i)
{
    double largest = -INFINITY;
    for (size_t q = 0; q < problem->classes; q++)
        largest = fmax(largest, scores[q * problem->n + i]);
    if (scores[(size_t)problem->labels[i] * problem->n + i] < largest - TIE)
        return 0;
    size_t shared = 0;
    for (size_t q = 0; q < problem->classes; q++)
        shared += scores[q * problem->n + i] >= largest - TIE;
    return 1 / (double)shared;
}

/* Labels 0..present-1 for the clusters that have mass; points of a cluster without are put in 0,
 * where their mass of zero is without effect. */
static cf_status renumber(const cf_measure *measure, const double *masses, int *labels, cf_err *err)
{
    int *number = cf_allocate("labels", measure->clusters, sizeof *number, err);
    if (number == NULL)
        return CF_ESYSTEM;
    int next = 0;
    for (size_t q = 0; q < measure->clusters; q++)
        number[q] = masses[q] > 0 ? next++ : 0;
    for (size_t i = 0; i < measure->n; i++)
        labels[i] = number[measure->labels[i]];
    free(number);
    return CF_OK;
}

static cf_status accuracy(const cf_measure *measure, const cf_clusters *c, double *value,
                          cf_err *err)
{
    size_t n = measure->n, d = measure->dimension;
    cf_status status = CF_ESYSTEM;
    double *x = cf_allocate("latent columns", n * d, sizeof *x, err);
    double *scores = cf_allocate("class scores", (c->present + 1) * n, sizeof *scores, err);
    int *labels = cf_allocate("labels", n, sizeof *labels, err);
    if (x == NULL || scores == NULL || labels == NULL)
        goto done;
    status = renumber(measure, c->masses, labels, err);
    if (status != CF_OK)
        goto done;
    cf_columns_center(measure, x);
    size_t rank = cf_columns_whiten(measure->weights, n, d, x);
    const cf_logistic problem = {n, rank, c->present, x, measure->weights, labels, RIDGE};
    status = cf_logistic_fit(&problem, scores, err);
    if (status != CF_OK)
        goto done;
    double *credits = scores + c->present * n;
    for (size_t i = 0; i < n; i++)
        credits[i] = credit(&problem, scores, i);
    *value = cf_mass_mean(measure->weights, credits, n);
done:
    free(x);
    free(scores);
    free(labels);
    return status;
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    (void)options;
    *value = NAN;
    cf_clusters clusters;
    cf_status status = cf_clusters_create(measure, &clusters, err);
    if (status == CF_OK && clusters.present > 1)
        status = accuracy(measure, &clusters, value, err);
    free(clusters.masses);
    return status;
}

const cf_observer cf_observer_linear_separability = {
    .kind = {.name = "linear-separability",
             .doc = "Accuracy of a linear classifier on the points it was fitted to (E20)."},
    .record = "linear_separability",
    .unit = "1",
    .equation = "E20",
    .needs_labels = true,
    .on_sample = true,
    .observe = observe};
