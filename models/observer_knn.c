/* knn, the label agreement of nearest neighbors, E18. n^2 d work, no n^2 memory. */
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "observer_internal.h"

typedef struct {
    long neighbors;
} knn_options;

static const cf_option knn_table[] = {
    {.key = "neighbors",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(knn_options, neighbors),
     .fallback = "5",
     .min = 1,
     .max = 1000000,
     .doc = "Neighbors k of each point; fewer than there are points."},
};

typedef struct {
    double distance;
    size_t index;
} neighbor;

static bool farther(neighbor a, neighbor b)
{
    return a.distance > b.distance || (a.distance == b.distance && a.index > b.index);
}

/* A heap of k neighbors with the farthest on top: replaces the top. */
static void replace_farthest(neighbor *heap, size_t k, neighbor next)
{
    size_t hole = 0;
    for (size_t child = 1; child < k; child = 2 * hole + 1) {
        if (child + 1 < k && farther(heap[child + 1], heap[child]))
            child++;
        if (!farther(heap[child], next))
            break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = next;
}

/* The share of point i's neighbors, by mass, that have its label; NaN without neighbors. */
static double agreement(const cf_measure *measure, size_t i, size_t k, neighbor *heap)
{
    const double *m = measure->weights;
    double squares[CF_BLOCK];
    for (size_t j = 0; j < k; j++)
        heap[j] = (neighbor){INFINITY, measure->n};
    for (size_t first = 0; first < measure->n; first += CF_BLOCK) {
        size_t count = cf_squared_distances(measure, i, first, squares);
        for (size_t l = 0; l < count; l++) {
            neighbor next = {squares[l], first + l};
            if (farther(heap[0], next) && next.index != i && m[next.index] > 0)
                replace_farthest(heap, k, next);
        }
    }
    double same = 0, other = 0;
    for (size_t j = 0; j < k; j++) {
        if (heap[j].index == measure->n)
            continue;
        bool agrees = measure->labels[heap[j].index] == measure->labels[i];
        *(agrees ? &same : &other) += m[heap[j].index];
    }
    return same / (same + other);
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    long neighbors = ((const knn_options *)options)->neighbors;
    size_t n = measure->n, k = (size_t)neighbors;
    if (k >= n)
        return cf_fail(err, CF_EINPUT,
                       "observers.knn.neighbors = %ld: must be less than the number of points, %zu",
                       neighbors, n);
    *value = NAN;
    if (measure->labels == NULL || measure->nodes)
        return CF_OK;
    neighbor *heaps = cf_allocate("nearest neighbors", CF_ROW_BLOCKS * k, sizeof *heaps, err);
    double *shares = cf_allocate("nearest neighbors", n, sizeof *shares, err);
    cf_status status = heaps == NULL || shares == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK) {
#pragma omp parallel for schedule(static) if (n * n > CF_FEW_PAIRS)
        for (size_t b = 0; b < CF_ROW_BLOCKS; b++)
            for (size_t i = b * n / CF_ROW_BLOCKS; i < (b + 1) * n / CF_ROW_BLOCKS; i++)
                shares[i] = agreement(measure, i, k, heaps + b * k);
        *value = cf_mass_mean(measure->weights, shares, n);
    }
    free(heaps);
    free(shares);
    return status;
}

const cf_observer cf_observer_knn = {
    .kind = {.name = "knn",
             .doc = "Label agreement of the nearest neighbors (E18).",
             .options = knn_table,
             .count = sizeof knn_table / sizeof knn_table[0],
             .size = sizeof(knn_options)},
    .record = "knn",
    .unit = "1",
    .equation = "E18",
    .needs_labels = true,
    .on_sample = true,
    .observe = observe};
