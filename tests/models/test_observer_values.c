/* Observers against values worked out by hand (E17 to E24). */
#include <math.h>
#include <string.h>

#include <gsl/gsl_sf_bessel.h>

#include "check.h"
#include "contraflow/models/observer.h"
#include "observer_points.h"
#include "shapes.h"

static const double PI = 3.14159265358979323846;

/* Clusters {0, 1} and {4, 5}. */
static void check_two_pairs(void)
{
    const double z[] = {0, 1, 4, 5};
    const int labels[] = {0, 0, 1, 1};
    static observer_points p;
    p = observer_line(4, z, NULL, labels, 2);
    check_near(observer_value("separation", &p, 0), 16.0 / 17, 1e-15,
               "two pairs: S = 4/(4 + 1/4), E17");
    check_near(observer_value("knn", &p, 1), 1, 0, "two pairs: the nearest neighbor agrees, E18");
    check_near(observer_value("knn", &p, 3), 1.0 / 3, 1e-15,
               "two pairs: one of all three agrees, E18");
    check_near(observer_value("silhouette", &p, 0), (7.0 / 9 + 5.0 / 7) / 2, 1e-15,
               "two pairs: silhouette, E19");
    check_near(observer_value("linear-separability", &p, 0), 1, 0, "two pairs: separable, E20");
    check_near(observer_value("cluster-count", &p, 0.3), 4, 0, "two pairs: four at 0.3, E21");
    check_near(observer_value("cluster-count", &p, 1), 4, 0,
               "two pairs: the distance is exclusive, E21");
    check_near(observer_value("cluster-count", &p, 1.5), 2, 0, "two pairs: two at 1.5, E21");
    check_near(observer_value("cluster-count", &p, 3.1), 1, 0, "two pairs: one at 3.1, E21");
    check_near(observer_value("effective-rank", &p, 0), 1, 1e-15, "a line has rank 1, E22");
    check_near(observer_value("alignment", &p, 0), 1, 1e-15, "two pairs: alignment, E23");
    check_near(observer_value("uniformity", &p, 0),
               log((2 * exp(-2) + 2 * exp(-32) + exp(-50) + exp(-18)) / 6), 1e-15,
               "two pairs: uniformity, E24");
}

/* Unequal masses on 0, 1, 4, 6. */
static void check_masses(void)
{
    const double z[] = {0, 1, 4, 6}, m[] = {0.4, 0.1, 0.3, 0.2};
    const int pairs[] = {0, 0, 1, 1}, crossed[] = {0, 1, 0, 1};
    static observer_points p;
    p = observer_line(4, z, m, pairs, 2);
    double between = 0.25 * 4.6 * 4.6, within = 0.5 * (0.8 * 0.2) + 0.5 * (0.6 * 0.4) * 4;
    check_near(observer_value("separation", &p, 0), between / (between + within), 1e-15,
               "masses: separation, E17");
    check_near(observer_value("silhouette", &p, 0),
               0.4 * 3.8 / 4.8 + 0.1 * 2.8 / 3.8 + 0.3 * 1.8 / 3.8 + 0.2 * 3.8 / 5.8, 1e-15,
               "masses: silhouette, E19");
    p = observer_line(4, z, m, crossed, 2);
    check_near(observer_value("knn", &p, 3),
               0.4 * 0.3 / 0.6 + 0.1 * 0.2 / 0.9 + 0.3 * 0.4 / 0.7 + 0.2 * 0.1 / 0.8, 1e-15,
               "masses: all neighbors by their mass, E18");
    check_near(observer_value("alignment", &p, 0), (0.12 * 16 + 0.02 * 25) / 0.14, 1e-13,
               "masses: alignment, E23");
    double potential = 0, weight = 0;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++) {
            potential += m[i] * m[j] * exp(-2 * (z[i] - z[j]) * (z[i] - z[j]));
            weight += m[i] * m[j];
        }
    check_near(observer_value("uniformity", &p, 0), log(potential / weight), 1e-14,
               "masses: uniformity, E24");
}

static void check_coincident(void)
{
    static observer_points p;
    p = (observer_points){.n = 8, .d = 2, .clusters = 4};
    for (size_t i = 0; i < 8; i++) {
        p.z[2 * i] = 0.1;
        p.z[2 * i + 1] = 1.0 / 3;
        p.m[i] = 0.125;
        p.labels[i] = (int)(i % 4);
    }
    check_near(observer_value("separation", &p, 0), 0, 0, "coincident points: S = 0, E17");
    check_near(observer_value("silhouette", &p, 0), 0, 0, "coincident points: silhouette 0, E19");
    check_near(observer_value("linear-separability", &p, 0), 0.25, 1e-15,
               "coincident points: one cluster of four is right, E20");
    check_near(observer_value("cluster-count", &p, 1e-12), 1, 0,
               "coincident points: one cluster, E21");
    check(isnan(observer_value("effective-rank", &p, 0)),
          "coincident points have no effective rank, E22");
    check_near(observer_value("alignment", &p, 0), 0, 0, "coincident points: alignment 0, E23");
    check_near(observer_value("uniformity", &p, 0), 0, 1e-15,
               "coincident points: uniformity 0, E24");
    const int labels[] = {0, 0, 1};
    const double z[] = {2, 2, 2};
    p = observer_line(3, z, NULL, labels, 2);
    check_near(observer_value("knn", &p, 1), 2.0 / 3, 1e-15,
               "coincident points: the earlier of equal distances, E18");
}

/* Collapse of every cluster to its own point: the other end of the scales. */
static void check_collapsed_clusters(void)
{
    static observer_points p;
    p = observer_circle(3, 3, true);
    p.n = 30;
    for (size_t i = 0; i < 30; i++) {
        memcpy(p.z + 2 * i, p.z + 2 * (i % 3), 2 * sizeof(double));
        p.m[i] = 1.0 / 30;
        p.labels[i] = (int)(i % 3);
    }
    check_near(observer_value("separation", &p, 0), 1, 1e-15, "clusters of one point each: S = 1");
    check_near(observer_value("knn", &p, 5), 1, 0, "clusters of one point each: knn = 1");
    check_near(observer_value("silhouette", &p, 0), 1, 1e-15,
               "clusters of one point each: silhouette 1");
    check_near(observer_value("linear-separability", &p, 0), 1, 0,
               "clusters of one point each: separable");
    check_near(observer_value("cluster-count", &p, 0.3), 3, 0, "clusters of one point each: three");
}

static void check_hexagon(void)
{
    static observer_points p;
    p = observer_circle(6, 2, true);
    check_near(observer_value("separation", &p, 0), 0, 1e-30,
               "hexagon of alternating labels: S = 0");
    check_near(observer_value("linear-separability", &p, 0), 0.5, 1e-15,
               "hexagon of alternating labels: all scores tie, E20");
    check_near(observer_value("knn", &p, 2), 0, 0,
               "hexagon of alternating labels: neighbors differ");
    check_near(observer_value("effective-rank", &p, 0), 2, 1e-14, "a regular polygon has rank 2");
    check_near(observer_value("cluster-count", &p, 0.999), 6, 0, "hexagon: six below its side");
    check_near(observer_value("cluster-count", &p, 1.001), 1, 0, "hexagon: one above its side");
    check_near(observer_value("alignment", &p, 0), 3, 1e-14, "triangles have squared sides 3");
    check_near(observer_value("uniformity", &p, 0), log((2 * exp(-2) + 2 * exp(-6) + exp(-8)) / 5),
               1e-14, "hexagon: uniformity");
}

static void check_line(void)
{
    static observer_points p;
    p = observer_line(16, NULL, NULL, NULL, 4);
    check_near(observer_value("separation", &p, 0), 1.0 / 17, 1e-15,
               "four interleaved clusters on a line: S = 1.25/21.25");
    check_near(observer_value("knn", &p, 2), 0, 0, "four interleaved clusters: neighbors differ");
    int ordered[16];
    for (int i = 0; i < 16; i++)
        ordered[i] = i / 4;
    p = observer_line(16, NULL, NULL, ordered, 4);
    check_near(observer_value("linear-separability", &p, 0), 1, 0,
               "four clusters in order on a line are separable: nothing is masked, E20");
    p = observer_line(8, NULL, NULL, NULL, 2);
    check_near(observer_value("linear-separability", &p, 0), 0.5, 1e-15,
               "two interleaved clusters: the threshold is in the middle, E20");
}

/* On two positions a logistic model is saturated: the heavier label wins at each. */
static void check_two_positions(void)
{
    const double z[] = {0, 0, 1, 1}, m[] = {0.3, 0.1, 0.25, 0.35};
    const int labels[] = {0, 1, 0, 1};
    static observer_points p;
    p = observer_line(4, z, m, labels, 2);
    check_near(observer_value("linear-separability", &p, 0), 0.65, 1e-15,
               "two positions: the heavier label at each, E20");
    const double other[] = {0.3, 0.1, 0.35, 0.25};
    p = observer_line(4, z, other, labels, 2);
    check_near(observer_value("linear-separability", &p, 0), 0.65, 1e-15,
               "two positions: one label heavier at both, E20");
}

/* d + 1 points in general position can be labelled in any way by linear scores; a plane
 * with a thin gap is found as well. */
static void check_separable(void)
{
    static observer_points p;
    const double z[] = {3, 0, 3, 1, 3, 10, 3, 11};
    p = observer_line(4, z, NULL, NULL, 2);
    p.d = 2;
    memcpy(p.z, z, sizeof z);
    p.labels[1] = 0;
    p.labels[2] = 1;
    check_near(observer_value("linear-separability", &p, 0), 1, 0,
               "a coordinate without variance does no harm, E20");
    p = (observer_points){.n = OBSERVER_MOST_D + 1, .d = OBSERVER_MOST_D, .clusters = 3};
    shape_random(p.z, p.n, p.d, 5, 0);
    for (size_t i = 0; i < p.n; i++) {
        p.m[i] = 1 / (double)p.n;
        p.labels[i] = (int)(i % 3);
    }
    check_near(observer_value("linear-separability", &p, 0), 1, 0,
               "nine points of R^8 are separable however they are labelled, E20");
    p = (observer_points){.n = 500, .d = 3, .clusters = 2};
    shape_random(p.z, p.n, p.d, 6, 0);
    for (size_t i = 0; i < p.n; i++) {
        double *x = p.z + 3 * i, s = x[0] + x[1] - x[2];
        p.labels[i] = s > 0.5;
        for (size_t k = 0; k < 3; k++) /* opens a gap of 0.06 standard deviations */
            x[k] += (s > 0.5 ? 0.02 : -0.02) * (k == 2 ? -1 : 1);
        p.m[i] = 0.002;
    }
    check_near(observer_value("linear-separability", &p, 0), 1, 0,
               "a thin oblique gap is found, E20");
}

/* Labels 0 and 1 around a hexagon, label 2 away from its plane, all of it turned: the scores of 0
 * and 1 tie, but to rounding only. */
static void check_ties(void)
{
    static observer_points p, hexagon;
    hexagon = observer_circle(6, 2, true);
    p = observer_line(8, NULL, NULL, NULL, 2);
    p.d = p.clusters = 3;
    memset(p.z, 0, sizeof p.z);
    for (size_t i = 0; i < 6; i++)
        memcpy(p.z + 3 * i, hexagon.z + 2 * i, 2 * sizeof(double));
    p.labels[6] = p.labels[7] = 2;
    p.z[6 * 3 + 2] = 5;
    p.z[7 * 3 + 2] = 6;
    shape_rotate(p.z, p.n, p.d);
    check_near(observer_value("linear-separability", &p, 0), 5.0 / 8, 1e-15,
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
    static observer_points p;
    p = (observer_points){.n = 2 * OBSERVER_MOST_D, .d = OBSERVER_MOST_D, .clusters = 1};
    double total = 0, entropy = 0;
    for (size_t k = 0; k < OBSERVER_MOST_D; k++) {
        double s = 1 / (1 + (double)k);
        p.z[(2 * k) * OBSERVER_MOST_D + k] = s;
        p.z[(2 * k + 1) * OBSERVER_MOST_D + k] = -s;
        p.m[2 * k] = p.m[2 * k + 1] = 0.5 / OBSERVER_MOST_D;
        total += s * s;
    }
    for (size_t k = 0; k < OBSERVER_MOST_D; k++) {
        double share = 1 / (1 + (double)k) / (1 + (double)k) / total;
        entropy -= share * log(share);
    }
    check_near(observer_value("effective-rank", &p, 0), exp(entropy), 1e-13, "axes: rank, E22");
    shape_rotate(p.z, p.n, p.d);
    check_near(observer_value("effective-rank", &p, 0), exp(entropy), 1e-13,
               "turned axes: rank, E22");
}

/* Four points of unequal masses in R^3, and the same ones turned in R^8 and in R^3000. */
static void check_rank_of_few(void)
{
    static observer_points p;
    const double x[] = {1, 2, 3, -1, 0.5, 0, 2, -2, 1, 0, 0, -4}, m[] = {0.1, 0.2, 0.3, 0.4};
    double first = 0;
    for (size_t d = 3; d <= 3000; d = d == 3 ? 8 : d == 8 ? 3000 : d + 1) {
        p = (observer_points){.n = 4, .d = d, .clusters = 1};
        for (size_t i = 0; i < 4; i++) {
            p.m[i] = m[i];
            memcpy(p.z + i * d, x + 3 * i, 3 * sizeof *x);
        }
        if (d == 8)
            shape_rotate(p.z, p.n, p.d);
        double value = observer_value("effective-rank", &p, 0);
        first = d == 3 ? value : first;
        check_near(value, first, 1e-13, "four points in R^%zu have their own rank, E22", d);
    }
}

/* Nodes of a density: the uniform measure on the circle, labelled by halves. */
static void check_density(void)
{
    static observer_points p;
    p = observer_circle(OBSERVER_MOST, 2, false);
    check_near(observer_value("separation", &p, 0), 4 / (PI * PI), 1e-6,
               "half circles: S = (2/pi)^2, from nodes of a density");
    check_near(observer_value("uniformity", &p, 0), log(gsl_sf_bessel_I0_scaled(4)), 5e-3,
               "the uniform circle: uniformity log(e^-4 I_0(4))");
    check_near(observer_value("effective-rank", &p, 0), 2, 1e-12, "the uniform circle: rank 2");
    check_near(observer_value("linear-separability", &p, 0), 1, 0, "half circles are separable");
}

/* exp(-2 d^2) is below the smallest number here; its logarithm is not. */
static void check_far(void)
{
    const double z[] = {0, 100, 300};
    static observer_points p;
    p = observer_line(3, z, NULL, NULL, 3);
    check_near(observer_value("uniformity", &p, 0), -2e4 - log(3), 1e-9,
               "distant points: no underflow");
    const double near[] = {0, 19.2};
    check(exp(-2 * 19.2 * 19.2) > 0, "19.2 is where exp(-2 d^2) loses digits");
    static observer_points two;
    two = observer_line(2, near, NULL, NULL, 2);
    check_near(observer_value("uniformity", &two, 0), -2 * 19.2 * 19.2, 1e-12,
               "two distant points: no loss of digits");
    check_near(observer_value("silhouette", &p, 0), 0, 0,
               "clusters of a single point: silhouette 0");
    check(isnan(observer_value("alignment", &p, 0)), "no two points of one label: alignment NaN");
}

int main(void)
{
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
    return check_done();
}
