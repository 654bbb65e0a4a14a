/* silhouette, E19. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "observer_internal.h"

/* sums [clusters] += m_j d_ij of the points of each. Points of one cluster mostly follow each
 * other: their sum stays in a register. */
static void add_distances(const cf_measure *measure, size_t i, double *sums)
{
    const int *labels = measure->labels;
    double squares[CF_BLOCK], sum = sums[labels[0]];
    int label = labels[0];
    for (size_t first = 0; first < measure->n; first += CF_BLOCK) {
        size_t count = cf_squared_distances(measure, i, first, squares);
        for (size_t l = 0; l < count; l++)
            squares[l] = sqrt(squares[l]);
        for (size_t l = 0; l < count; l++) {
            if (labels[first + l] != label) {
                sums[label] = sum;
                label = labels[first + l];
                sum = sums[label];
            }
            sum += measure->weights[first + l] * squares[l];
        }
    }
    sums[label] = sum;
}

/* (b_i - a_i)/max(a_i, b_i); sums [clusters] is scratch. */
static double silhouette(const cf_measure *measure, const double *masses, size_t i, double *sums)
{
    size_t own = (size_t)measure->labels[i];
    double rest = masses[own] - cf_own_mass(measure, i);
    if (rest <= 0)
        return 0;
    memset(sums, 0, measure->clusters * sizeof *sums);
    add_distances(measure, i, sums);
    double a = sums[own] / rest, b = INFINITY;
    for (size_t q = 0; q < measure->clusters; q++)
        if (q != own && masses[q] > 0)
            b = fmin(b, sums[q] / masses[q]);
    return fmax(a, b) > 0 ? (b - a) / fmax(a, b) : 0;
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    (void)options;
    *value = NAN;
    cf_clusters c;
    size_t n = measure->n;
    double *rows = NULL, *sums = NULL;
    cf_status status = cf_clusters_create(measure, &c, err);
    if (status != CF_OK || c.present < 2)
        goto done;
    rows = cf_allocate("silhouette", n, sizeof *rows, err);
    sums = cf_allocate("silhouette", CF_ROW_BLOCKS * measure->clusters, sizeof *sums, err);
    status = rows == NULL || sums == NULL ? CF_ESYSTEM : CF_OK;
    if (status != CF_OK)
        goto done;
#pragma omp parallel for schedule(static) if (n * n > CF_FEW_PAIRS)
    for (size_t b = 0; b < CF_ROW_BLOCKS; b++)
        for (size_t i = b * n / CF_ROW_BLOCKS; i < (b + 1) * n / CF_ROW_BLOCKS; i++)
            rows[i] = silhouette(measure, c.masses, i, sums + b * measure->clusters);
    *value = cf_mass_mean(measure->weights, rows, n);
done:
    free(c.masses);
    free(rows);
    free(sums);
    return status;
}

const cf_observer cf_observer_silhouette = {
    .kind = {.name = "silhouette",
             .doc = "How much nearer the own cluster is than the next one (E19)."},
    .record = "silhouette",
    .unit = "1",
    .equation = "E19",
    .needs_labels = true,
    .on_sample = true,
    .observe = observe};
