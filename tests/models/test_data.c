/* The generators have the laws that they name (Kolmogorov-Smirnov distances of the one number that
 * matters, moments of the rest), and a point depends on (seed, cluster, place) alone. Options are
 * set through the option tables, as a problem file does. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/data.h"

enum { MANY = 20000 };
static const double PI = 3.14159265358979323846264338327950;

/* --- options --- */

typedef struct {
    double *centers;
    size_t rows, columns;
    const char *key; /* of `sizes` */
    double sizes[4];
    size_t size_count;
    long points[4];
    size_t point_count;
    double noise;
    long seed;
} setting;

static const cf_data_kind *kind_named(const char *name)
{
    for (const cf_data_kind *const *row = cf_data_kinds(); *row != NULL; row++)
        if (strcmp((*row)->kind.name, name) == 0)
            return *row;
    printf("Bail out! no generator %s\n", name);
    exit(1);
}

static void set_option(const cf_option *option, const setting *s, void *options)
{
    void *field = (char *)options + option->offset;
    cf_matrix centers = {s->centers, s->rows, s->columns};
    cf_reals sizes = {(double *)(uintptr_t)s->sizes, s->size_count};
    cf_integers points = {(long *)(uintptr_t)s->points, s->point_count};
    if (option->type == CF_OPTION_MATRIX)
        memcpy(field, &centers, sizeof centers);
    else if (option->type == CF_OPTION_REALS && strcmp(option->key, s->key) == 0)
        memcpy(field, &sizes, sizeof sizes);
    else if (option->type == CF_OPTION_INTEGERS)
        memcpy(field, &points, sizeof points);
    else if (option->type == CF_OPTION_INTEGER && strcmp(option->key, "clusters") == 0)
        memcpy(field, &s->rows, sizeof s->rows);
    else if (option->type == CF_OPTION_INTEGER)
        memcpy(field, &s->seed, sizeof s->seed);
    else if (option->type == CF_OPTION_REAL)
        memcpy(field, &s->noise, sizeof s->noise);
    else
        check(false, "option %s is of a type that this test knows", option->key);
}

static cf_status try_generate(const char *name, const setting *s, cf_data **out, cf_err *err)
{
    const cf_data_kind *row = kind_named(name);
    void *options = calloc(1, row->kind.size);
    for (size_t k = 0; k < row->kind.count; k++)
        set_option(&row->kind.options[k], s, options);
    cf_status status = cf_data_generate(row, options, out, err);
    free(options);
    return status;
}

static cf_data *generate(const char *name, const setting *s)
{
    cf_err err = {0};
    cf_data *data = NULL;
    require(try_generate(name, s, &data, &err), &err, name);
    return data;
}

/* --- statistics --- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) times the largest distance between the empirical distribution of u [n], destroyed, and
 * the uniform one on [0,1]; above 1.63 with probability 1 percent. */
static double ks(double *u, size_t n)
{
    double largest = 0;
    qsort(u, n, sizeof *u, compare);
    for (size_t i = 0; i < n; i++) {
        largest = worse(largest, fabs(u[i] - (double)i / (double)n));
        largest = worse(largest, fabs(u[i] - (double)(i + 1) / (double)n));
    }
    return sqrt((double)n) * largest;
}

static const double KS_BOUND = 1.63;

static double distance(const double *x, const double *y, size_t D)
{
    double square = 0;
    for (size_t c = 0; c < D; c++)
        square += (x[c] - y[c]) * (x[c] - y[c]);
    return sqrt(square);
}

/* --- laws --- */

static void test_discs(size_t D)
{
    double centers[2 * 5] = {3, -1, 2, 0, 5};
    setting s = {centers, 2, D, "radius", {0.5, 2}, 2, {MANY}, 1, 0, 7};
    cf_data *data = generate("discs", &s);
    check(data->n == 2 * MANY && data->dimension == D && data->clusters == 2,
          "discs in R^%zu: points, dimension, clusters", D);
    static double u[MANY], angle[MANY];
    double square = 0, outside = 0, mean[5] = {0};
    for (size_t i = 0; i < MANY; i++) {
        const double *x = data->points + (MANY + i) * D, *center = centers + D;
        double r = distance(x, center, D);
        outside += r > 2 * (1 + 1e-14);
        square += r * r / MANY;
        u[i] = pow(r / 2, (double)D);
        for (size_t c = 0; c < D; c++)
            mean[c] += (x[c] - center[c]) / MANY;
        if (D >= 2)
            angle[i] = atan2(x[1] - center[1], x[0] - center[0]) / (2 * PI) + 0.5;
    }
    double expected = 4 * (double)D / ((double)D + 2);
    check(outside == 0, "discs in R^%zu stay within their radius", D);
    check_near(square, expected, 0.02 * expected, "discs in R^%zu: E r^2 = R^2 D/(D+2)", D);
    check_below(ks(u, MANY), KS_BOUND, "discs in R^%zu: (r/R)^D is uniform", D);
    if (D >= 2)
        check_below(ks(angle, MANY), KS_BOUND, "discs in R^%zu: the angle is uniform", D);
    double zero[5] = {0};
    check_below(distance(mean, zero, D), 5 * 2 / sqrt(MANY), "discs in R^%zu: mean = center", D);
    cf_data_free(&data);
}

static void test_gaussians(void)
{
    double centers[] = {1, 2, 3, -1, -2, -3};
    setting s = {centers, 2, 3, "spread", {0.5, 2}, 2, {MANY}, 1, 0, 3};
    cf_data *data = generate("gaussians", &s);
    static double u[MANY];
    for (size_t k = 0; k < 2; k++)
        for (size_t c = 0; c < 3; c++) {
            for (size_t i = 0; i < MANY; i++) {
                double x = data->points[(k * MANY + i) * 3 + c] - centers[3 * k + c];
                u[i] = erfc(-x / s.sizes[k] * sqrt(0.5)) / 2;
            }
            check_below(ks(u, MANY), KS_BOUND,
                        "gaussians: coordinate %zu of cluster %zu is normal with its spread", c, k);
        }
    double product = 0;
    for (size_t i = 0; i < MANY; i++)
        product += (data->points[3 * i] - 1) * (data->points[3 * i + 1] - 2) / MANY / 0.25;
    check_near(product, 0, 4 / sqrt(MANY), "gaussians: coordinates are uncorrelated");
    cf_data_free(&data);
}

static void test_rings(void)
{
    double centers[] = {1, 2, 1, 2};
    setting s = {centers, 2, 2, "radius", {0.5, 3}, 2, {MANY}, 1, 0, 5};
    cf_data *data = generate("rings", &s);
    static double u[MANY];
    double largest = 0, square = 0;
    for (size_t i = 0; i < MANY; i++) {
        const double *x = data->points + 2 * (MANY + i);
        largest = worse(largest, fabs(distance(x, centers, 2) - 3));
        u[i] = atan2(x[1] - 2, x[0] - 1) / (2 * PI) + 0.5;
    }
    check_below(largest, 1e-14, "rings without noise lie on their circle");
    check_below(ks(u, MANY), KS_BOUND, "rings: the angle is uniform");
    cf_data *sharp = data;
    s.noise = 0.5;
    data = generate("rings", &s);
    double half[2] = {0};
    for (size_t i = 0; i < MANY; i++) {
        const double *x = data->points + 2 * i, *y = sharp->points + 2 * i;
        square += pow(distance(x, centers, 2), 2) / MANY;
        half[y[1] > 2] += pow(distance(x, y, 2), 2) / (MANY / 2.0);
    }
    check_near(square, 0.25 + 0.5, 0.02, "rings with noise: E r^2 = R^2 + 2 noise^2");
    check_near(half[0], 0.5, 0.03, "rings: the noise does not depend on the angle (lower half)");
    check_near(half[1], 0.5, 0.03, "rings: the noise does not depend on the angle (upper half)");
    cf_data_free(&sharp);
    cf_data_free(&data);
}

/* Discs on a polygon are discs at its vertices: the same numbers. */
static void test_polygon(void)
{
    double centers[] = {3, 0, 0, 3, -3, 0, 0, -3};
    setting s = {centers, 4, 2, "radius", {0.5}, 1, {50}, 1, 3, 5};
    cf_data *data = generate("polygon", &s), *discs = generate("discs", &s);
    double worst = data->n == discs->n && data->clusters == 4 ? 0 : NAN;
    for (size_t k = 0; k < 2 * discs->n; k++)
        worst = worse(worst, fabs(data->points[k] - discs->points[k]));
    check_below(worst, 1e-14, "a polygon of four discs");
    check(memcmp(data->labels, discs->labels, data->n * sizeof *data->labels) == 0,
          "with their labels");
    cf_data_free(&data);
    cf_data_free(&discs);
}

static void test_moons(void)
{
    setting s = {NULL, 0, 0, "", {0}, 0, {MANY}, 1, 0, 5};
    cf_data *data = generate("moons", &s);
    static double u[2][MANY];
    double largest = 0, centers[] = {0, 0, 1, 0.5};
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < MANY; i++) {
            const double *x = data->points + 2 * (k * MANY + i);
            double turn = k == 0 ? 1 : -1, *center = centers + 2 * k;
            largest = worse(largest, fabs(distance(x, center, 2) - 1));
            u[k][i] = atan2(turn * (x[1] - center[1]), turn * (x[0] - center[0])) / PI;
        }
    check_below(largest, 1e-14, "moons without noise lie on two circles of radius 1");
    for (size_t k = 0; k < 2; k++)
        check_below(ks(u[k], MANY), KS_BOUND, "moon %zu is uniform on its half circle", k);
    check(data->clusters == 2 && data->labels[0] == 0 && data->labels[MANY] == 1,
          "moons are labelled by their half circle");
    double square = 0;
    cf_data *sharp = data;
    s.noise = 0.25;
    data = generate("moons", &s);
    for (size_t i = 0; i < 4 * MANY; i++)
        square += pow(data->points[i] - sharp->points[i], 2) / (4 * MANY);
    check_near(sqrt(square), 0.25, 0.005, "moons: the noise has its standard deviation");
    cf_data_free(&sharp);
    cf_data_free(&data);
}

/* The share of a cap of half-angle `rim` within t of its center, by Simpson's rule. */
static double cap_share(double t, double rim, size_t D)
{
    enum { CELLS = 300 };
    double sum[2] = {0, 0}, ends[2] = {t, rim}, peak = sin(fmin(rim, PI / 2));
    for (int e = 0; e < 2; e++)
        for (int j = 0; j <= CELLS; j++) {
            double f = pow(sin(ends[e] * j / CELLS) / peak, (double)D - 2);
            sum[e] += ends[e] * f * (j == 0 || j == CELLS ? 1 : j % 2 ? 4 : 2);
        }
    return sum[0] / sum[1];
}

/* One axis of the first center is negative: the reflection has both signs to deal with. */
static void test_caps(size_t D, double rim)
{
    enum { COUNT = 2000 };
    double centers[2 * 60] = {0};
    centers[0] = -2, centers[1] = 3, centers[D - 1] = -3; /* direction to be normalized */
    centers[D] = 1e-3, centers[D + 1] = 1;
    setting s = {centers, 2, D, "angle", {rim}, 1, {COUNT}, 1, 0, 11};
    cf_data *data = generate("sphere-caps", &s);
    static double u[COUNT], signs[COUNT];
    double off = 0, outside = 0, zero[60] = {0};
    for (size_t k = 0; k < 2; k++) {
        const double *center = centers + k * D;
        double size = distance(center, zero, D);
        for (size_t i = 0; i < COUNT; i++) {
            const double *x = data->points + (k * COUNT + i) * D;
            double half[60];
            for (size_t c = 0; c < D; c++)
                half[c] = center[c] / size;
            off = worse(off, fabs(distance(x, zero, D) - 1));
            double t = 2 * asin(fmin(1, distance(x, half, D) / 2));
            outside += t > rim * (1 + 1e-7);
            u[i] = cap_share(fmin(t, rim), rim, D);
            signs[i] = x[1] * center[0] - x[0] * center[1] > 0 ? 1 : -1;
        }
        double turn = 0;
        for (size_t i = 0; i < COUNT; i++)
            turn += signs[i] / COUNT;
        check_below(ks(u, COUNT), KS_BOUND, "caps in R^%zu of angle %g: area law, center %zu", D,
                    rim, k);
        check_below(fabs(turn), 4 / sqrt(COUNT), "caps in R^%zu of angle %g: no side preferred", D,
                    rim);
    }
    check_below(off, 1e-14, "caps in R^%zu of angle %g lie on the sphere", D, rim);
    check(outside == 0, "caps in R^%zu of angle %g end at their rim", D, rim);
    cf_data_free(&data);
}

/* --- the counter --- */

static bool same_points(const cf_data *a, size_t i, const cf_data *b, size_t j, size_t count)
{
    size_t D = a->dimension;
    return memcmp(a->points + i * D, b->points + j * D, count * D * sizeof(double)) == 0;
}

static void test_counter(const char *name, const char *key, bool centered)
{
    double centers[] = {1, 2, 1, 2, 5, -6};
    setting s = {centers, 2, 2, key, {0.5}, 1, {6, 5}, 2, 0.1, 9};
    cf_data *a = generate(name, &s);
    s.points[0] = 8;
    cf_data *b = generate(name, &s);
    check(same_points(a, 0, b, 0, 6) && same_points(a, 6, b, 8, 5),
          "%s: more points in a cluster leave all others as they are, bit for bit", name);
    check(!same_points(a, 0, a, 6, 1), "%s: clusters at one place have different points", name);
    s.seed = 10;
    cf_data *c = generate(name, &s);
    check(!same_points(b, 0, c, 0, 1) && !same_points(b, 12, c, 12, 1),
          "%s: another seed gives other points", name);
    if (centered) {
        s = (setting){centers, 3, 2, key, {0.5}, 1, {6, 5, 4}, 3, 0.1, 9};
        cf_data *d = generate(name, &s);
        check(d->clusters == 3 && same_points(a, 0, d, 0, 11),
              "%s: another cluster leaves all others as they are, bit for bit", name);
        cf_data_free(&d);
    }
    cf_data_free(&a);
    cf_data_free(&b);
    cf_data_free(&c);
}

/* --- refusals --- */

static void refused(const char *name, const setting *s, const char *message)
{
    cf_err err = {0};
    cf_data *data = NULL;
    cf_status status = try_generate(name, s, &data, &err);
    check(status == CF_EINPUT && data == NULL && strstr(err.message, message) != NULL,
          "%s: refused: %s", name, message);
    if (strstr(err.message, message) == NULL)
        printf("# %s\n", err.message);
}

static void test_refusals(void)
{
    double centers[] = {1, 2, 3, 0, 0, 0, 5, 6};
    setting s = {centers, 4, 2, "radius", {1, 2, 3}, 3, {5}, 1, 0, 1};
    refused("discs", &s, "data.radius: has 3 values, but there are 4 clusters; give one number");
    refused("polygon", &s, "data.radius: has 3 values, but there are 4 clusters");
    refused("rings", &s, "data.radius: has 3 values, but there are 4 clusters");
    s.key = "spread";
    refused("gaussians", &s, "data.spread: has 3 values");
    s.size_count = 1, s.point_count = 2, s.points[1] = 3;
    refused("gaussians", &s, "data.points-per-cluster: has 2 values, but there are 4 clusters");
    s.key = "angle", s.point_count = 1;
    refused("sphere-caps", &s, "data.centers: row 3 is zero");
    s.rows = 0, s.key = "radius";
    refused("discs", &s, "data.centers: has no row");
    s.rows = 4, s.columns = 1, s.key = "angle";
    refused("sphere-caps", &s, "data.centers: has 1 coordinates per row, but needs at least 2");
    s.key = "radius";
    refused("rings", &s, "data.centers: has 1 coordinates per row, but needs exactly 2");
    s.rows = 1, s.columns = 2, s.points[0] = 1;
    refused("discs", &s, "a single point");
}

static void fill(cf_data *data, const double *weights, const int *labels)
{
    for (size_t i = 0; i < data->n; i++) {
        data->weights[i] = weights[i];
        data->labels[i] = labels[i];
    }
}

static void finish_refused(const double *weights, const int *labels, const char *message)
{
    cf_err err = {0};
    cf_data *data = NULL;
    require(cf_data_create(3, 2, 1, &data, &err), &err, "create");
    fill(data, weights, labels);
    check(cf_data_finish(data, &err) == CF_EINPUT && strstr(err.message, message) != NULL,
          "data refused: %s", message);
    cf_data_free(&data);
}

static void test_finish(void)
{
    const int labels[] = {2, 0, 2}, negative[] = {0, -1, 0};
    const double weights[] = {1e308, 1e308, 2e307}, zero[] = {1, 1, 0}, tiny[] = {1, 1e-320, 1};
    cf_err err = {0};
    cf_data *data = NULL;
    require(cf_data_create(3, 2, 1, &data, &err), &err, "create");
    fill(data, weights, labels);
    require(cf_data_finish(data, &err), &err, "finish");
    check(data->clusters == 3, "clusters: the largest label + 1");
    check_near(data->weights[0], 1 / 2.2, 1e-15, "weights have sum 1, however large they were");
    const double before[] = {0.01, 0.02, 0.97};
    fill(data, before, labels);
    require(cf_data_finish(data, &err), &err, "finish again");
    check(memcmp(before, data->weights, sizeof before) == 0, "sum 1 keeps the bits of weights");
    data->points[3] = NAN;
    check(cf_data_finish(data, &err) == CF_EINPUT &&
              strstr(err.message, "row 2: coordinate 2") != NULL,
          "data refused: a coordinate that is not finite, with its row");
    cf_data_free(&data);
    finish_refused(zero, labels, "row 3: weight = 0: must be finite and positive");
    finish_refused(tiny, labels, "row 2: weight = ");
    finish_refused(weights, negative, "row 2: label = -1: must be at least 0");
    cf_err none = {0};
    check(cf_data_create(5, 0, 0, &data, &none) == CF_EINPUT && data == NULL, "no dimension 0");
    require(cf_data_create(4, 1, 0, &data, &err), &err, "create");
    require(cf_data_finish(data, &err), &err, "finish");
    check(data->labels == NULL && data->clusters == 0 && data->weights[2] == 0.25,
          "unlabelled data have no clusters, and equal weights");
    cf_data_free(&data);
}

int main(void)
{
    for (size_t D = 1; D <= 5; D += D == 1 ? 1 : 3)
        test_discs(D);
    test_gaussians();
    test_rings();
    test_moons();
    test_polygon();
    const double rims[] = {0.02, 0.8, 1.4, 1.5707963267948966, 2.5, 3.141592653589793};
    const size_t dimensions[] = {2, 3, 4, 60};
    for (size_t a = 0; a < 6; a++)
        for (size_t b = 0; b < 4; b++)
            test_caps(dimensions[b], rims[a]);
    test_counter("discs", "radius", true);
    test_counter("gaussians", "spread", true);
    test_counter("rings", "radius", true);
    test_counter("moons", "", false);
    test_counter("sphere-caps", "angle", true);
    test_refusals();
    test_finish();
    return check_done();
}
