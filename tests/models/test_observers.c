/* The contract of every row of the table of observers (theory 8): symmetries of the definition,
 * masses as multiplicities where the definition has it so, undefined values, the same bits on any
 * number of threads. Values on configurations worked out by hand: test_observer_values.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/observer.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"
#include "shapes.h"

enum { POINTS = 60, CLUSTERS = 4, MOST_D = 12, MANY = 2500 };

typedef struct {
    cf_measure measure;
    double points[2 * MANY * MOST_D], weights[2 * MANY];
    int labels[2 * MANY];
} cloud;

static cf_status observe(const cf_observer *observer, const cf_measure *measure, double *value,
                         cf_err *err)
{
    _Alignas(16) unsigned char options[64] = {0};
    for (size_t k = 0; k < observer->kind.count; k++) {
        const cf_option *option = &observer->kind.options[k];
        double number = atof(option->fallback);
        long integer = (long)number;
        if (option->type == CF_OPTION_INTEGER)
            memcpy(options + option->offset, &integer, sizeof integer);
        else
            memcpy(options + option->offset, &number, sizeof number);
    }
    return observer->observe(options, measure, value, err);
}

static double value_of(const cf_observer *observer, const cf_measure *measure)
{
    cf_err err = {0};
    double value = -1e99;
    require(observe(observer, measure, &value, &err), &err, observer->kind.name);
    return value;
}

/* Overlapping clusters of unequal masses, so that no observer sits at an end of its range. */
static void make_cloud(cloud *c, size_t n, size_t d)
{
    double total = 0;
    shape_random(c->points, n, d, 7, 0);
    for (size_t i = 0; i < n; i++) {
        c->labels[i] = (int)(i * i % 7 % CLUSTERS);
        total += c->weights[i] = 1 + (double)(i % 5);
        for (size_t k = 0; k < d; k++)
            c->points[i * d + k] *= 0.5;
        c->points[i * d] += 0.8 * c->labels[i];
    }
    for (size_t i = 0; i < n; i++)
        c->weights[i] /= total;
    c->measure = (cf_measure){n, d, CLUSTERS, c->points, c->weights, c->labels, false, 0, false};
}

static void same_value(const cf_observer *observer, const cloud *a, const cloud *b, double bound,
                       const char *claim)
{
    double before = value_of(observer, &a->measure), after = value_of(observer, &b->measure);
    check_near(after, before, bound * fmax(1, fabs(before)), "%s (%s, %s): %s", observer->kind.name,
               observer->equation, a->measure.dimension > 2 ? "R^3" : "R^2", claim);
}

static void check_permutation(const cf_observer *observer, const cloud *a, cloud *b)
{
    size_t n = a->measure.n, d = a->measure.dimension;
    for (size_t i = 0; i < n; i++) {
        size_t j = (37 * i + 11) % n;
        memcpy(b->points + i * d, a->points + j * d, d * sizeof(double));
        b->weights[i] = a->weights[j];
        b->labels[i] = a->labels[j];
    }
    same_value(observer, a, b, 1e-12, "the order of the points does not matter (C1)");
}

static void check_motion(const cf_observer *observer, const cloud *a, cloud *b)
{
    size_t n = a->measure.n, d = a->measure.dimension;
    shape_rotate(b->points, n, d);
    same_value(observer, a, b, 1e-10, "rotations do not matter (C1)");
    for (size_t i = 0; i < n * d; i++)
        b->points[i] += 3 + (double)(i % d);
    same_value(observer, a, b, 1e-10, "translations do not matter");
}

static void check_names(const cf_observer *observer, const cloud *a, cloud *b)
{
    const int names[CLUSTERS] = {6, 0, 3, 2};
    for (size_t i = 0; i < a->measure.n; i++)
        b->labels[i] = names[a->labels[i]];
    b->measure.clusters = 7;
    same_value(observer, a, b, 1e-12, "names of labels, and unused ones, do not matter");
}

/* A point of mass zero is not there. */
static void check_nothing(const cf_observer *observer, const cloud *a, cloud *b)
{
    size_t n = a->measure.n, d = a->measure.dimension;
    b->measure.n = n + 1;
    b->weights[n] = 0;
    b->labels[n] = 4;
    b->measure.clusters = 5;
    for (size_t k = 0; k < d; k++)
        b->points[n * d + k] = b->points[k] + 0.01;
    same_value(observer, a, b, 1e-12, "a point without mass is not there");
}

/* Point i becomes two of half its mass: the same measure. Observers of pairs i != j see it. */
static void check_halves(const cf_observer *observer, const cloud *a, cloud *b)
{
    const char *const pairs[] = {"knn", "silhouette", "alignment", "uniformity"};
    for (size_t k = 0; k < 4; k++)
        if (strcmp(observer->kind.name, pairs[k]) == 0)
            return;
    size_t n = a->measure.n, d = a->measure.dimension;
    b->measure.n = 2 * n;
    memcpy(b->points + n * d, a->points, n * d * sizeof(double));
    memcpy(b->labels + n, a->labels, n * sizeof(int));
    for (size_t i = 0; i < 2 * n; i++)
        b->weights[i] = a->weights[i % n] / 2;
    same_value(observer, a, b, 1e-12, "two halves of a point are the point");
}

static void check_range(const cf_observer *observer, const cloud *a)
{
    double d = (double)a->measure.dimension;
    const struct {
        const char *name;
        double low, high;
    } ranges[] = {{"separation", 0, 1},     {"knn", 0, 1},
                  {"silhouette", -1, 1},    {"linear-separability", 0, 1},
                  {"cluster-count", 1, 60}, {"effective-rank", 1, d},
                  {"alignment", 0, 1e300},  {"uniformity", -1e300, 0}};
    size_t found = 0;
    double value = value_of(observer, &a->measure);
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
        if (strcmp(observer->kind.name, ranges[k].name) != 0)
            continue;
        found++;
        check(value > ranges[k].low && value < ranges[k].high,
              "%s: %.6g is strictly inside its range", observer->kind.name, value);
    }
    check(found == 1, "%s has one range", observer->kind.name);
}

/* NaN, not a number made up, for a measure without labels, with one label, of one position. */
static void check_undefined(const cf_observer *observer, cloud *b)
{
    const char *const need_two[] = {"separation", "silhouette", "linear-separability"};
    cf_measure bare = b->measure;
    bare.labels = NULL;
    bare.clusters = 0;
    check(isnan(value_of(observer, &bare)) == observer->needs_labels,
          "%s: NaN without labels exactly where labels are needed", observer->kind.name);
    bool two = false;
    for (size_t k = 0; k < 3; k++)
        two = two || strcmp(observer->kind.name, need_two[k]) == 0;
    memset(b->labels, 0, sizeof b->labels);
    check(isnan(value_of(observer, &b->measure)) == two,
          "%s: NaN for a single cluster exactly where two are needed", observer->kind.name);
}

static void check_contract(const cf_observer *observer, size_t d)
{
    static cloud a, b;
    void (*const parts[])(const cf_observer *, const cloud *, cloud *) = {
        check_permutation, check_motion, check_names, check_nothing, check_halves};
    make_cloud(&a, POINTS, d);
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        make_cloud(&b, POINTS, d);
        parts[k](observer, &a, &b);
    }
    check_range(observer, &a);
    make_cloud(&b, POINTS, d);
    check_undefined(observer, &b);
}

static void check_threads(const cf_observer *observer)
{
    static cloud a;
    make_cloud(&a, MANY, MOST_D);
    double value[3];
    int threads = cf_threads();
    for (int k = 0; k < 3; k++) {
        cf_set_threads(k + 1);
        value[k] = value_of(observer, &a.measure);
    }
    cf_set_threads(threads);
    check(memcmp(value, value + 1, sizeof *value) == 0 &&
              memcmp(value, value + 2, sizeof *value) == 0 && isfinite(value[0]),
          "%s: the same bits on 1, 2 and 3 threads (%.6g)", observer->kind.name, value[0]);
}

/* The root function of a flow and the observer are one number. */
static void check_separation(void)
{
    static cloud a;
    make_cloud(&a, POINTS, 3);
    double scratch[CLUSTERS * 4 + 3];
    double value = value_of(cf_observers()[0], &a.measure);
    check(strcmp(cf_observers()[0]->kind.name, "separation") == 0, "separation comes first");
    check(cf_separation(&a.measure, scratch) == value && value > 0,
          "cf_separation has the bits of the observer");
}

static void check_neighbors(void)
{
    static cloud a;
    cf_err err = {0};
    double value;
    make_cloud(&a, 5, 2);
    cf_status status = observe(cf_observers()[1], &a.measure, &value, &err);
    check(status == CF_EINPUT && strstr(err.message, "neighbors = 5") != NULL &&
              strstr(err.message, "points, 5") != NULL,
          "knn refuses as many neighbors as points: %s", err.message);
}

/* Nodes of a density stand for many points: a node, and two of half its mass in its place, are the
 * same; and being neighbors means nothing. */
static void check_nodes(const cf_observer *observer)
{
    enum { N = 40 };
    static cloud a, b;
    make_cloud(&a, N, 2);
    make_cloud(&b, N, 2);
    for (size_t i = 0; i < N; i++) {
        b.weights[i] *= 0.5;
        b.weights[N + i] = b.weights[i];
        b.labels[N + i] = b.labels[i];
        b.points[2 * (N + i)] = b.points[2 * i];
        b.points[2 * (N + i) + 1] = b.points[2 * i + 1];
    }
    b.measure.n = 2 * N;
    a.measure.nodes = b.measure.nodes = a.measure.dense = b.measure.dense = true;
    bool neighbors = strcmp(observer->kind.name, "knn") == 0 ||
                     strcmp(observer->kind.name, "cluster-count") == 0;
    if (neighbors)
        check(isnan(value_of(observer, &a.measure)), "%s means nothing among nodes (E15)",
              observer->kind.name);
    else
        same_value(observer, &a, &b, 1e-9, "nodes may be split (E15)");
}

int main(void)
{
    size_t count = 0;
    for (const cf_observer *const *row = cf_observers(); *row != NULL; row++, count++) {
        check_contract(*row, 2);
        check_contract(*row, 3);
        check_threads(*row);
        check_nodes(*row);
    }
    check(count == 8, "eight observers");
    check_separation();
    check_neighbors();
    return check_done();
}
