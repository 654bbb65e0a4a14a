/* cluster-count, the components of the graph of distances below delta, E21. The pairs are visited
 * in a sweep along the first coordinate, and kept nowhere. */
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "observer_internal.h"

typedef struct {
    double distance;
} count_options;

static const cf_option count_table[] = {
    {.key = "distance",
     .type = CF_OPTION_REAL,
     .offset = offsetof(count_options, distance),
     .fallback = "0.3",
     .min = 1e-12,
     .max = 1e300,
     .unit = "latent",
     .doc = "Points nearer than this belong together."},
};

typedef struct {
    double x;
    size_t point, parent; /* parent: an index into the sorted list */
} place;

static int compare(const void *a, const void *b)
{
    const place *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->point < q->point ? -1 : p->point > q->point;
}

/* The root of a tree, whose path is halved on the way. */
static size_t find(place *places, size_t i)
{
    while (places[i].parent != i) {
        places[i].parent = places[places[i].parent].parent;
        i = places[i].parent;
    }
    return i;
}

static size_t components(const cf_measure *measure, place *places, size_t count, double distance)
{
    size_t d = measure->dimension, left = count;
    const double *z = measure->points;
    double square = distance * distance;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count && left > 1; j++) {
            double ahead = places[j].x - places[i].x;
            if (ahead * ahead >= square)
                break;
            size_t a = find(places, i), b = find(places, j);
            const double *x = z + places[i].point * d, *y = z + places[j].point * d;
            if (a == b || cf_squared_distance(x, y, d) >= square)
                continue;
            places[b].parent = a;
            left--;
        }
    return left;
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    *value = NAN;
    if (measure->nodes)
        return CF_OK;
    place *places = cf_allocate("cluster count", measure->n, sizeof *places, err);
    if (places == NULL)
        return CF_ESYSTEM;
    size_t count = 0;
    for (size_t i = 0; i < measure->n; i++)
        if (measure->weights[i] > 0)
            places[count++] = (place){.x = measure->points[i * measure->dimension], .point = i};
    qsort(places, count, sizeof *places, compare);
    for (size_t i = 0; i < count; i++)
        places[i].parent = i;
    *value = (double)components(measure, places, count, ((const count_options *)options)->distance);
    free(places);
    return CF_OK;
}

const cf_observer cf_observer_cluster_count = {
    .kind = {.name = "cluster-count",
             .doc = "Components of the graph that joins near points (E21).",
             .options = count_table,
             .count = sizeof count_table / sizeof count_table[0],
             .size = sizeof(count_options)},
    .record = "cluster_count",
    .unit = "1",
    .equation = "E21",
    .needs_labels = false,
    .on_sample = true,
    .observe = observe};
