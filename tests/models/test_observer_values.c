/* Observers against values worked out by hand, and against the definitions E17 to E24 evaluated in
 * the plainest way. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sf_bessel.h>

#include "check.h"
#include "contraflow/models/observer.h"
#include "shapes.h"

static const double PI = 3.14159265358979323846;

enum { MOST = 2000, MOST_D = 8 };

typedef struct {
    size_t n, d, clusters;
    double z[MOST * MOST_D], m[MOST];
    int labels[MOST];
} points;

/* `option` goes where the observer's only option is. */
static double observe(const char *name, const points *p, double option)
{
    const cf_observer *const *row = cf_observers();
    while (*row != NULL && strcmp((*row)->kind.name, name) != 0)
        row++;
    union {
        long integer;
        double real;
    } options = {.real = option};
    if (*row != NULL && (*row)->kind.count > 0 && (*row)->kind.options[0].type == CF_OPTION_INTEGER)
        options.integer = (long)option;
    cf_err err = {0};
    cf_measure measure = {p->n, p->d, p->clusters, p->z, p->m, p->labels, false, 0, false};
    double value = NAN;
    require(*row == NULL ? CF_EINPUT : (*row)->observe(&options, &measure, &value, &err), &err,
            name);
    return value;
}

/* n points on a line, with masses (NULL: equal) and labels (NULL: label i is i mod clusters). */
static points on_line(size_t n, const double *z, const double *m, const int *labels,
                      size_t clusters)
{
    points p = {.n = n, .d = 1, .clusters = clusters};
    for (size_t i = 0; i < n; i++) {
        p.z[i] = z == NULL ? (double)i : z[i];
        p.m[i] = m == NULL ? 1 / (double)n : m[i];
        p.labels[i] = labels == NULL ? (int)(i % clusters) : labels[i];
    }
    return p;
}

static points on_circle(size_t n, size_t clusters, bool interleaved)
{
    points p = {.n = n, .d = 2, .clusters = clusters};
    for (size_t i = 0; i < n; i++) {
        p.z[2 * i] = cos(2 * PI * ((double)i + 0.5) / (double)n);
        p.z[2 * i + 1] = sin(2 * PI * ((double)i + 0.5) / (double)n);
        p.m[i] = 1 / (double)n;
        p.labels[i] = (int)(interleaved ? i % clusters : i * clusters / n);
    }
    return p;
}

/* Clusters {0, 1} and {4, 5}. */
static void check_two_pairs(void)
{
    const double z[] = {0, 1, 4, 5};
    const int labels[] = {0, 0, 1, 1};
    static points p;
    p = on_line(4, z, NULL, labels, 2);
    check_near(observe("separation", &p, 0), 16.0 / 17, 1e-15, "two pairs: S = 4/(4 + 1/4), E17");
    check_near(observe("knn", &p, 1), 1, 0, "two pairs: the nearest neighbor agrees, E18");
    check_near(observe("knn", &p, 3), 1.0 / 3, 1e-15, "two pairs: one of all three agrees, E18");
    check_near(observe("silhouette", &p, 0), (7.0 / 9 + 5.0 / 7) / 2, 1e-15,
               "two pairs: silhouette, E19");
    check_near(observe("linear-separability", &p, 0), 1, 0, "two pairs: separable, E20");
    check_near(observe("cluster-count", &p, 0.3), 4, 0, "two pairs: four at 0.3, E21");
    check_near(observe("cluster-count", &p, 1), 4, 0, "two pairs: the distance is exclusive, E21");
    check_near(observe("cluster-count", &p, 1.5), 2, 0, "two pairs: two at 1.5, E21");
    check_near(observe("cluster-count", &p, 3.1), 1, 0, "two pairs: one at 3.1, E21");
    check_near(observe("effective-rank", &p, 0), 1, 1e-15, "a line has rank 1, E22");
    check_near(observe("alignment", &p, 0), 1, 1e-15, "two pairs: alignment, E23");
    check_near(observe("uniformity", &p, 0),
               log((2 * exp(-2) + 2 * exp(-32) + exp(-50) + exp(-18)) / 6), 1e-15,
               "two pairs: uniformity, E24");
}

/* Unequal masses on 0, 1, 4, 6. */
static void check_masses(void)
{
    const double z[] = {0, 1, 4, 6}, m[] = {0.4, 0.1, 0.3, 0.2};
    const int pairs[] = {0, 0, 1, 1}, crossed[] = {0, 1, 0, 1};
    static points p;
    p = on_line(4, z, m, pairs, 2);
    double between = 0.25 * 4.6 * 4.6, within = 0.5 * (0.8 * 0.2) + 0.5 * (0.6 * 0.4) * 4;
    check_near(observe("separation", &p, 0), between / (between + within), 1e-15,
               "masses: separation, E17");
    check_near(observe("silhouette", &p, 0),
               0.4 * 3.8 / 4.8 + 0.1 * 2.8 / 3.8 + 0.3 * 1.8 / 3.8 + 0.2 * 3.8 / 5.8, 1e-15,
               "masses: silhouette, E19");
    p = on_line(4, z, m, crossed, 2);
    check_near(observe("knn", &p, 3),
               0.4 * 0.3 / 0.6 + 0.1 * 0.2 / 0.9 + 0.3 * 0.4 / 0.7 + 0.2 * 0.1 / 0.8, 1e-15,
               "masses: all neighbors by their mass, E18");
    check_near(observe("alignment", &p, 0), (0.12 * 16 + 0.02 * 25) / 0.14, 1e-13,
               "masses: alignment, E23");
    double potential = 0, weight = 0;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++) {
            potential += m[i] * m[j] * exp(-2 * (z[i] - z[j]) * (z[i] - z[j]));
            weight += m[i] * m[j];
        }
    check_near(observe("uniformity", &p, 0), log(potential / weight), 1e-14,
               "masses: uniformity, E24");
}

static void check_coincident(void)
{
    static points p;
    p = (points){.n = 8, .d = 2, .clusters = 4};
    for (size_t i = 0; i < 8; i++) {
        p.z[2 * i] = 0.1;
        p.z[2 * i + 1] = 1.0 / 3;
        p.m[i] = 0.125;
        p.labels[i] = (int)(i % 4);
    }
    check_near(observe("separation", &p, 0), 0, 0, "coincident points: S = 0, E17");
    check_near(observe("silhouette", &p, 0), 0, 0, "coincident points: silhouette 0, E19");
    check_near(observe("linear-separability", &p, 0), 0.25, 1e-15,
               "coincident points: one cluster of four is right, E20");
    check_near(observe("cluster-count", &p, 1e-12), 1, 0, "coincident points: one cluster, E21");
    check(isnan(observe("effective-rank", &p, 0)), "coincident points have no effective rank, E22");
    check_near(observe("alignment", &p, 0), 0, 0, "coincident points: alignment 0, E23");
    check_near(observe("uniformity", &p, 0), 0, 1e-15, "coincident points: uniformity 0, E24");
    const int labels[] = {0, 0, 1};
    const double z[] = {2, 2, 2};
    p = on_line(3, z, NULL, labels, 2);
    check_near(observe("knn", &p, 1), 2.0 / 3, 1e-15,
               "coincident points: the earlier of equal distances, E18");
}

/* Collapse of every cluster to its own point: the other end of the scales. */
static void check_collapsed_clusters(void)
{
    static points p;
    p = on_circle(3, 3, true);
    p.n = 30;
    for (size_t i = 0; i < 30; i++) {
        memcpy(p.z + 2 * i, p.z + 2 * (i % 3), 2 * sizeof(double));
        p.m[i] = 1.0 / 30;
        p.labels[i] = (int)(i % 3);
    }
    check_near(observe("separation", &p, 0), 1, 1e-15, "clusters of one point each: S = 1");
    check_near(observe("knn", &p, 5), 1, 0, "clusters of one point each: knn = 1");
    check_near(observe("silhouette", &p, 0), 1, 1e-15, "clusters of one point each: silhouette 1");
    check_near(observe("linear-separability", &p, 0), 1, 0,
               "clusters of one point each: separable");
    check_near(observe("cluster-count", &p, 0.3), 3, 0, "clusters of one point each: three");
}

static void check_hexagon(void)
{
    static points p;
    p = on_circle(6, 2, true);
    check_near(observe("separation", &p, 0), 0, 1e-30, "hexagon of alternating labels: S = 0");
    check_near(observe("linear-separability", &p, 0), 0.5, 1e-15,
               "hexagon of alternating labels: all scores tie, E20");
    check_near(observe("knn", &p, 2), 0, 0, "hexagon of alternating labels: neighbors differ");
    check_near(observe("effective-rank", &p, 0), 2, 1e-14, "a regular polygon has rank 2");
    check_near(observe("cluster-count", &p, 0.999), 6, 0, "hexagon: six below its side");
    check_near(observe("cluster-count", &p, 1.001), 1, 0, "hexagon: one above its side");
    check_near(observe("alignment", &p, 0), 3, 1e-14, "triangles have squared sides 3");
    check_near(observe("uniformity", &p, 0), log((2 * exp(-2) + 2 * exp(-6) + exp(-8)) / 5), 1e-14,
               "hexagon: uniformity");
}

static void check_line(void)
{
    static points p;
    p = on_line(16, NULL, NULL, NULL, 4);
    check_near(observe("separation", &p, 0), 1.0 / 17, 1e-15,
               "four interleaved clusters on a line: S = 1.25/21.25");
    check_near(observe("knn", &p, 2), 0, 0, "four interleaved clusters: neighbors differ");
    int ordered[16];
    for (int i = 0; i < 16; i++)
        ordered[i] = i / 4;
    p = on_line(16, NULL, NULL, ordered, 4);
    check_near(observe("linear-separability", &p, 0), 1, 0,
               "four clusters in order on a line are separable: nothing is masked, E20");
    p = on_line(8, NULL, NULL, NULL, 2);
    check_near(observe("linear-separability", &p, 0), 0.5, 1e-15,
               "two interleaved clusters: the threshold is in the middle, E20");
}

/* On two positions a logistic model is saturated: the heavier label wins at each. */
static void check_two_positions(void)
{
    const double z[] = {0, 0, 1, 1}, m[] = {0.3, 0.1, 0.25, 0.35};
    const int labels[] = {0, 1, 0, 1};
    static points p;
    p = on_line(4, z, m, labels, 2);
    check_near(observe("linear-separability", &p, 0), 0.65, 1e-15,
               "two positions: the heavier label at each, E20");
    const double other[] = {0.3, 0.1, 0.35, 0.25};
    p = on_line(4, z, other, labels, 2);
    check_near(observe("linear-separability", &p, 0), 0.65, 1e-15,
               "two positions: one label heavier at both, E20");
}

/* d + 1 points in general position can be labelled in any way by linear scores; a plane with a thin
 * gap is found as well. */
static void check_separable(void)
{
    static points p;
    const double z[] = {3, 0, 3, 1, 3, 10, 3, 11};
    p = on_line(4, z, NULL, NULL, 2);
    p.d = 2;
    memcpy(p.z, z, sizeof z);
    p.labels[1] = 0;
    p.labels[2] = 1;
    check_near(observe("linear-separability", &p, 0), 1, 0,
               "a coordinate without variance does no harm, E20");
    p = (points){.n = MOST_D + 1, .d = MOST_D, .clusters = 3};
    shape_random(p.z, p.n, p.d, 5, 0);
    for (size_t i = 0; i < p.n; i++) {
        p.m[i] = 1 / (double)p.n;
        p.labels[i] = (int)(i % 3);
    }
    check_near(observe("linear-separability", &p, 0), 1, 0,
               "nine points of R^8 are separable however they are labelled, E20");
    p = (points){.n = 500, .d = 3, .clusters = 2};
    shape_random(p.z, p.n, p.d, 6, 0);
    for (size_t i = 0; i < p.n; i++) {
        double *x = p.z + 3 * i, s = x[0] + x[1] - x[2];
        p.labels[i] = s > 0.5;
        for (size_t k = 0; k < 3; k++) /* opens a gap of 0.06 standard deviations */
            x[k] += (s > 0.5 ? 0.02 : -0.02) * (k == 2 ? -1 : 1);
        p.m[i] = 0.002;
    }
    check_near(observe("linear-separability", &p, 0), 1, 0, "a thin oblique gap is found, E20");
}

/* Labels 0 and 1 around a hexagon, label 2 away from its plane, all of it turned: the scores of 0
 * and 1 tie, but to rounding only. */
static void check_ties(void)
{
    static points p, hexagon;
    hexagon = on_circle(6, 2, true);
    p = on_line(8, NULL, NULL, NULL, 2);
    p.d = p.clusters = 3;
    memset(p.z, 0, sizeof p.z);
    for (size_t i = 0; i < 6; i++)
        memcpy(p.z + 3 * i, hexagon.z + 2 * i, 2 * sizeof(double));
    p.labels[6] = p.labels[7] = 2;
    p.z[6 * 3 + 2] = 5;
    p.z[7 * 3 + 2] = 6;
    shape_rotate(p.z, p.n, p.d);
    check_near(observe("linear-separability", &p, 0), 5.0 / 8, 1e-15,
               "classes that share the largest score share the credit, E20");
}

/* Two samples of masses 1/4 and 3/4 in three views each, at mutual distances 1, 2, 3 and 0, 2, 2.
 */
static void check_views(void)
{
    const double z[] = {0, 1, 3, 5, 5, 7}, m[] = {1. / 12, 1. / 12, 1. / 12, 0.25, 0.25, 0.25};
    const cf_measure measure = {.n = 6, .dimension = 1, .points = z, .weights = m, .views = 3};
    const cf_observer *const *row = cf_observers();
    while (strcmp((*row)->kind.name, "alignment") != 0)
        row++;
    cf_err err = {0};
    double value = NAN;
    require((*row)->observe(NULL, &measure, &value, &err), &err, "alignment");
    check_near(value, (1 + 4 + 9) / 3.0 / 4 + (0 + 4 + 4) / 3.0 * 3 / 4, 1e-15,
               "with views, positive pairs are the views of a sample: alignment, E23");
}

/* Points +-s_k e_k, turned: eigenvalues proportional to s_k^2. */
static void check_rank(void)
{
    static points p;
    p = (points){.n = 2 * MOST_D, .d = MOST_D, .clusters = 1};
    double total = 0, entropy = 0;
    for (size_t k = 0; k < MOST_D; k++) {
        double s = 1 / (1 + (double)k);
        p.z[(2 * k) * MOST_D + k] = s;
        p.z[(2 * k + 1) * MOST_D + k] = -s;
        p.m[2 * k] = p.m[2 * k + 1] = 0.5 / MOST_D;
        total += s * s;
    }
    for (size_t k = 0; k < MOST_D; k++) {
        double share = 1 / (1 + (double)k) / (1 + (double)k) / total;
        entropy -= share * log(share);
    }
    check_near(observe("effective-rank", &p, 0), exp(entropy), 1e-13, "axes: rank, E22");
    shape_rotate(p.z, p.n, p.d);
    check_near(observe("effective-rank", &p, 0), exp(entropy), 1e-13, "turned axes: rank, E22");
}

/* Four points of unequal masses in R^3, and the same ones turned in R^8 and in R^3000. */
static void check_rank_of_few(void)
{
    static points p;
    const double x[] = {1, 2, 3, -1, 0.5, 0, 2, -2, 1, 0, 0, -4}, m[] = {0.1, 0.2, 0.3, 0.4};
    double first = 0;
    for (size_t d = 3; d <= 3000; d = d == 3 ? 8 : d == 8 ? 3000 : d + 1) {
        p = (points){.n = 4, .d = d, .clusters = 1};
        for (size_t i = 0; i < 4; i++) {
            p.m[i] = m[i];
            memcpy(p.z + i * d, x + 3 * i, 3 * sizeof *x);
        }
        if (d == 8)
            shape_rotate(p.z, p.n, p.d);
        double value = observe("effective-rank", &p, 0);
        first = d == 3 ? value : first;
        check_near(value, first, 1e-13, "four points in R^%zu have their own rank, E22", d);
    }
}

/* Nodes of a density: the uniform measure on the circle, labelled by halves. */
static void check_density(void)
{
    static points p;
    p = on_circle(MOST, 2, false);
    check_near(observe("separation", &p, 0), 4 / (PI * PI), 1e-6,
               "half circles: S = (2/pi)^2, from nodes of a density");
    check_near(observe("uniformity", &p, 0), log(gsl_sf_bessel_I0_scaled(4)), 5e-3,
               "the uniform circle: uniformity log(e^-4 I_0(4))");
    check_near(observe("effective-rank", &p, 0), 2, 1e-12, "the uniform circle: rank 2");
    check_near(observe("linear-separability", &p, 0), 1, 0, "half circles are separable");
}

/* exp(-2 d^2) is below the smallest number here; its logarithm is not. */
static void check_far(void)
{
    const double z[] = {0, 100, 300};
    static points p;
    p = on_line(3, z, NULL, NULL, 3);
    check_near(observe("uniformity", &p, 0), -2e4 - log(3), 1e-9, "distant points: no underflow");
    const double near[] = {0, 19.2};
    check(exp(-2 * 19.2 * 19.2) > 0, "19.2 is where exp(-2 d^2) loses digits");
    static points two;
    two = on_line(2, near, NULL, NULL, 2);
    check_near(observe("uniformity", &two, 0), -2 * 19.2 * 19.2, 1e-12,
               "two distant points: no loss of digits");
    check_near(observe("silhouette", &p, 0), 0, 0, "clusters of a single point: silhouette 0");
    check(isnan(observe("alignment", &p, 0)), "no two points of one label: alignment NaN");
}

static double distance(const points *p, size_t i, size_t j)
{
    double square = 0;
    for (size_t k = 0; k < p->d; k++)
        square += pow(p->z[i * p->d + k] - p->z[j * p->d + k], 2);
    return sqrt(square);
}

/* The share of j with label c_i among the j that have fewer than k points nearer to i. */
static double plain_knn(const points *p, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n; j++) {
            size_t nearer = 0;
            for (size_t l = 0; l < p->n; l++)
                nearer += l != i && distance(p, i, l) < distance(p, i, j);
            sum += j != i && nearer < k && p->labels[j] == p->labels[i];
        }
    return sum / (double)(k * p->n);
}

/* Components by spreading the smallest index until nothing changes. */
static double plain_count(const points *p, double delta)
{
    size_t mark[MOST], count = 0;
    for (size_t i = 0; i < p->n; i++)
        mark[i] = i;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < p->n; i++)
            for (size_t j = 0; j < p->n; j++)
                if (distance(p, i, j) < delta && mark[j] < mark[i]) {
                    mark[i] = mark[j];
                    changed = true;
                }
    }
    for (size_t i = 0; i < p->n; i++)
        count += mark[i] == i;
    return (double)count;
}

static void check_definitions(void)
{
    static points p;
    p = (points){.n = 120, .d = 3, .clusters = 3};
    shape_random(p.z, p.n, p.d, 8, 0);
    for (size_t i = 0; i < p.n; i++) {
        p.m[i] = 1 / (double)p.n;
        p.labels[i] = (int)(i % 3);
        p.z[3 * i] += p.labels[i];
    }
    for (size_t k = 1; k < p.n; k = 3 * k + 1)
        check_near(observe("knn", &p, (double)k), plain_knn(&p, k), 1e-13,
                   "%zu of 119 neighbors by the definition, E18", k);
    for (double delta = 0.3; delta < 1.5; delta += 0.3)
        check_near(observe("cluster-count", &p, delta), plain_count(&p, delta), 0,
                   "components at %.1f by the definition, E21", delta);
}

/* E110 as it is written, with the distances between all means. */
static double plain_cluster(const points *p, int q, double *mass, double *distance)
{
    double center[8][MOST_D] = {{0}}, masses[8] = {0}, spread = 0, present = 0;
    for (size_t i = 0; i < p->n; i++)
        masses[p->labels[i]] += p->m[i];
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->d && p->m[i] > 0; k++)
            center[p->labels[i]][k] += p->m[i] * p->z[i * p->d + k] / masses[p->labels[i]];
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->d && p->labels[i] == q; k++)
            spread += p->m[i] / masses[q] * pow(p->z[i * p->d + k] - center[q][k], 2);
    *distance = 0;
    *mass = masses[q];
    for (size_t r = 0; r < p->clusters; r++) {
        present += masses[r] > 0;
        for (size_t k = 0; k < p->d; k++)
            *distance += masses[r] / (1 - *mass) * pow(center[q][k] - center[r][k], 2);
    }
    return *distance / (*distance + 2 * present / (present - 1) * spread);
}

static double separations(const points *p, double *each)
{
    const cf_measure measure = {p->n, p->d, p->clusters, p->z, p->m, p->labels, false, 0, false};
    double scratch[8 * (MOST_D + 1) + MOST_D];
    return cf_separation_of_each(&measure, scratch, each);
}

/* Three clusters of unequal masses and spreads, and a label that nobody has. */
static void check_clusters(void)
{
    static points p;
    double each[4], worst = 0, signal = 0, noise = 0, mass, distance;
    p = (points){.n = 120, .d = 3, .clusters = 4};
    shape_random(p.z, p.n, p.d, 8, 0);
    for (size_t i = 0; i < p.n; i++) {
        p.labels[i] = i < 20 ? 0 : i < 70 ? 1 : 3;
        p.m[i] = (1 + 0.5 * sin((double)i)) / 120;
        for (size_t k = 0; k < 3; k++)
            p.z[3 * i + k] =
                0.2 * (p.labels[i] + 1) * p.z[3 * i + k] + 2 * sin(p.labels[i] + (double)k);
    }
    double total = 0;
    for (size_t i = 0; i < p.n; i++)
        total += p.m[i];
    for (size_t i = 0; i < p.n; i++)
        p.m[i] /= total;
    double S = separations(&p, each);
    check_near(S, observe("separation", &p, 0), 0, "E17 beside E110");
    for (int q = 0; q < 4; q++) {
        if (q == 2)
            continue;
        worst = worse(worst, fabs(each[q] - plain_cluster(&p, q, &mass, &distance)));
        noise += 2.0 / 3 * mass * distance * (1 - each[q]) / each[q];
        signal += mass * (1 - mass) * distance;
    }
    check_below(worst, 1e-14, "separation of each cluster by its definition (E110)");
    check(isnan(each[2]), "a cluster without points has none");
    check_near(noise / signal, (1 - S) / S, 1e-13, "they add up to the separation of all (E110)");
    p = on_line(6, (double[]){0, 0, 0, 2, 3, 4}, NULL, (int[]){0, 0, 0, 1, 1, 1}, 2);
    separations(&p, each);
    check_near(each[0], 1, 0, "a cluster that is one point: S_0 = 1");
    check_near(each[1], 9 / (9 + 4 * 2.0 / 3), 1e-15, "and its neighbor: 9/(9 + 4 w)");
    p = on_line(4, (double[]){5, 5, 5, 5}, NULL, NULL, 2);
    separations(&p, each);
    check(each[0] == 0 && each[1] == 0, "coincident points: S_q = 0");
    p.clusters = 1;
    memset(p.labels, 0, sizeof p.labels);
    separations(&p, each);
    check(isnan(each[0]), "a single cluster is not separated from anything");
}

int main(void)
{
    check_clusters();
    check_two_pairs();
    check_masses();
    check_coincident();
    check_collapsed_clusters();
    check_hexagon();
    check_line();
    check_two_positions();
    check_separable();
    check_ties();
    check_views();
    check_rank();
    check_rank_of_few();
    check_density();
    check_far();
    check_definitions();
    return check_done();
}
