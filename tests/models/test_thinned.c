/* The part of very many points that observers of pairs see. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "contraflow/models/observer.h"
#include "contraflow/models/thinned.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

enum { N = 30000, D = 2, CLUSTERS = 3 };

static double z[N * D], weights[N];
static int labels[N];
static const cf_data data = {
    .n = N, .dimension = D, .weights = weights, .labels = labels, .clusters = CLUSTERS};

/* Two thirds of the points, in the first cluster, have a mass of 1, the others of 4. */
static void draw(void)
{
    const cf_random random = {7, CF_STREAM_PROBE};
    for (size_t i = 0; i < N; i++) {
        labels[i] = i < 2 * N / 3 ? 0 : 1 + (int)(i % 2);
        weights[i] = (i < 2 * N / 3 ? 1 : 4) / (2.0 * N);
        double angle = 2 * labels[i] + 0.3 * cf_random_normal(random, i, 0);
        z[D * i] = cos(angle);
        z[D * i + 1] = sin(angle);
    }
}

static void test_part(size_t views)
{
    cf_thinned *thinned = NULL;
    cf_err err = {0};
    require(cf_thinned_create(&data, D, views, &thinned, &err), &err, "part");
    cf_measure part = cf_thinned_at(thinned, z);
    double mass = 0, first = 0;
    size_t distinct = 1;
    bool views_kept = true;
    for (size_t j = 0; j < part.n; j++) {
        mass += part.weights[j];
        first += part.labels[j] == 0 ? part.weights[j] : 0;
        distinct += j > 0 && part.points[D * j] != part.points[D * (j - 1)];
    }
    size_t V = views > 1 ? views : 1;
    for (size_t s = 0; s < part.n / V; s++) /* the views of a sample follow each other in z */
        for (size_t i = 0; i < N; i += V)
            if (z[D * i] == part.points[D * s * V])
                for (size_t v = 0; v < V; v++)
                    views_kept &= z[D * (i + v)] == part.points[D * (s * V + v)];
    check(part.n <= 4096 && part.n > 4096 - V && distinct == part.n && views_kept &&
              part.views == views,
          "%zu points with %zu views, no point twice, views together", part.n, views);
    check_near(mass, 1, 1e-13, "of mass 1");
    check_near(first, 1 / 3.0, 2e-3, "clusters keep their masses");
    const cf_measure whole = {.n = N,
                              .dimension = D,
                              .clusters = CLUSTERS,
                              .points = z,
                              .weights = weights,
                              .labels = labels,
                              .views = views};
    double all, some, scratch[CLUSTERS * (D + 1) + D];
    all = cf_separation(&whole, scratch);
    some = cf_separation(&part, scratch);
    check_near(some, all, 5e-3, "and what they look like");
    cf_thinned_free(&thinned);
}

int main(void)
{
    cf_thinned *thinned = NULL;
    cf_err err = {0};
    cf_data few = data;
    draw();
    test_part(0);
    test_part(3);
    few.n = 4096;
    check(cf_thinned_create(&few, D, 0, &thinned, &err) == CF_OK && thinned == NULL,
          "4096 points are seen as they are");
    return check_done();
}
