/* Distances of atoms (E27-E30): against all assignments of a few equal masses, against linear
 * programs, against closed forms, and the properties of a metric. */
#include <math.h>
#include <string.h>

#include <gsl/gsl_integration.h>

#include "check.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/threads.h"
#include "contraflow/solver/transport.h"

enum { MOST = 4000, MANY = 2100, SLICES = 200 };
static const double PI = 3.14159265358979323846;

typedef struct {
    cf_atoms atoms;
    double points[2 * MOST], weights[MOST];
} cloud;

/* n atoms in R^d of unequal masses; other numbers for another `which`. */
static void make(cloud *c, size_t n, size_t d, unsigned which)
{
    cf_random random = {which, CF_STREAM_PROBE};
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        total += c->weights[i] = 1 + (double)((i * i + which) % 4);
        for (size_t k = 0; k < d; k++)
            c->points[i * d + k] = 2 * cf_random_normal(random, i, (uint32_t)k) + 0.3 * which;
    }
    for (size_t i = 0; i < n; i++)
        c->weights[i] /= total;
    c->atoms = (cf_atoms){n, c->points, c->weights};
}

/* --- one face for all distances --- */

typedef cf_status distance_function(const cf_atoms *a, const cf_atoms *b, double *distance,
                                    cf_err *err);

static cf_status sliced_plane(const cf_atoms *a, const cf_atoms *b, double *distance, cf_err *err)
{
    cf_sliced result;
    cf_status status = cf_wasserstein2_sliced(a, b, 2, SLICES, &result, err);
    *distance = result.distance;
    return status;
}

static cf_status discrepancy_plane(const cf_atoms *a, const cf_atoms *b, double *distance,
                                   cf_err *err)
{
    return cf_discrepancy(a, b, 2, 0.7, distance, err);
}

static const struct {
    const char *name;
    size_t d;
    double zero; /* what rounding leaves of the distance of equal measures */
    bool ignores_signs;
    distance_function *distance;
} kinds[] = {{"W1 on the line", 1, 1e-14, true, cf_wasserstein1_line},
             {"W1 on the circle", 1, 1e-14, true, cf_wasserstein1_circle},
             {"W2 on the line", 1, 1e-7, false, cf_wasserstein2_line},
             {"sliced W2", 2, 1e-7, false, sliced_plane},
             {"discrepancy", 2, 1e-7, true, discrepancy_plane}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static double between(size_t kind, const cloud *a, const cloud *b)
{
    cf_err err = {0};
    double distance;
    require(kinds[kind].distance(&a->atoms, &b->atoms, &distance, &err), &err, kinds[kind].name);
    return distance;
}

/* --- values --- */

static double arc(double x, double y)
{
    double gap = fmod(fabs(x - y), 2 * PI);
    return fmin(gap, 2 * PI - gap);
}

static double cost(size_t kind, double x, double y)
{
    return kind == 0 ? fabs(x - y) : kind == 1 ? arc(x, y) : (x - y) * (x - y);
}

/* The least mean cost of matching x to a permutation of y: what is left after `used` of them. */
static double best_assignment(size_t kind, const double *x, const double *y, size_t n, size_t i,
                              unsigned used)
{
    double best = i == n ? 0 : INFINITY;
    for (size_t j = 0; j < n && i < n; j++)
        if (!(used >> j & 1))
            best = fmin(best, cost(kind, x[i], y[j]) / (double)n +
                                  best_assignment(kind, x, y, n, i + 1, used | 1u << j));
    return best;
}

static void test_assignments(void)
{
    enum { N = 6 };
    static cloud a, b;
    for (unsigned trial = 0; trial < 5; trial++)
        for (size_t kind = 0; kind < 3; kind++) {
            make(&a, N, 1, 2 * trial);
            make(&b, N, 1, 2 * trial + 1);
            for (size_t i = 0; i < N; i++)
                a.weights[i] = b.weights[i] = 1.0 / N;
            double expected = best_assignment(kind, a.points, b.points, N, 0, 0);
            check_near(between(kind, &a, &b), kind == 2 ? sqrt(expected) : expected, 1e-14,
                       "%s is the best of all assignments, trial %u", kinds[kind].name, trial);
        }
}

/* scipy.optimize.linprog (HiGHS, dual simplex) on all couplings of these atoms. */
static void test_linear_programs(void)
{
    static const struct {
        size_t n, m;
        double value[3];
    } programs[] = {{7, 5, {0.759168403685128, 0.759168403685128, 0.841105274122824}},
                    {9, 9, {0.668518609252682, 0.641429744023503, 0.797487191397076}},
                    {12, 4, {0.938552593017497, 0.677784090554555, 1.13267903434852}}};
    static cloud c[2];
    for (size_t p = 0; p < sizeof programs / sizeof *programs; p++) {
        for (unsigned side = 0; side < 2; side++) {
            size_t n = side == 0 ? programs[p].n : programs[p].m;
            make(&c[side], n, 1, side + 1);
            for (size_t i = 0; i < n; i++)
                c[side].points[i] = 3 * sin(1.7 * (double)i + 0.9 * (side + 1)) + 0.2 * (double)i;
        }
        for (size_t kind = 0; kind < 3; kind++)
            check_near(between(kind, &c[0], &c[1]), programs[p].value[kind], 1e-13,
                       "%s solves the linear program of %zu and %zu atoms", kinds[kind].name,
                       programs[p].n, programs[p].m);
    }
}

static void test_circle(void)
{
    static cloud a, b;
    make(&a, 1, 1, 1);
    make(&b, 1000, 1, 2);
    for (size_t i = 0; i < 1000; i++) {
        b.points[i] = 2 * PI * (double)i / 1000 - 40;
        b.weights[i] = 1e-3;
    }
    check_near(between(1, &a, &b), PI / 2, 2e-6, "from a point to the uniform measure: pi/2");
    a = b;
    a.atoms.points = a.points;
    a.atoms.weights = a.weights;
    for (size_t i = 0; i < 1000; i++)
        a.points[i] += 0.002;
    check_near(between(1, &a, &b), 0.002, 1e-13, "a rotation by less than half the spacing");
    double before = between(1, &a, &b);
    for (size_t i = 0; i < 1000; i++) {
        a.points[i] += 1.3;
        b.points[i] += 1.3 - 6 * PI;
    }
    check_near(between(1, &a, &b), before, 1e-13, "a rotation of both, by several turns");
}

/* Two normal laws with means 0 and 1 and variance 1 on the line, bandwidth s: E k = sqrt(s^2/(s^2 +
 * 2)) exp(-delta^2 / (2 (s^2 + 2))). */
static void test_normal_laws(void)
{
    enum { NODES = 40 };
    static cloud a, b;
    gsl_integration_fixed_workspace *rule =
        gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, NODES, 0, 0.5, 0, 0);
    for (size_t i = 0; i < NODES; i++) {
        a.points[i] = gsl_integration_fixed_nodes(rule)[i];
        b.points[i] = a.points[i] + 1;
        a.weights[i] = b.weights[i] = gsl_integration_fixed_weights(rule)[i] / sqrt(2 * PI);
    }
    a.atoms = (cf_atoms){NODES, a.points, a.weights};
    b.atoms = (cf_atoms){NODES, b.points, b.weights};
    gsl_integration_fixed_free(rule);
    double variance = 1.5 * 1.5 + 2, distance;
    cf_err err = {0};
    require(cf_discrepancy(&a.atoms, &b.atoms, 1, 1.5, &distance, &err), &err, "discrepancy");
    check_near(distance, sqrt(2 * 1.5 / sqrt(variance) * -expm1(-0.5 / variance)), 1e-12,
               "discrepancy of two normal laws (E30)");
    check_near(between(0, &a, &b), 1, 1e-14, "W1 of two normal laws, a translation (E27)");
    check_near(between(2, &a, &b), 1, 1e-7, "W2 of two normal laws, a translation (E29)");
}

/* Many atoms are summed by a fast engine, which must not show. */
static void test_many(void)
{
    static cloud a, b;
    for (size_t d = 1; d <= 3; d++) {
        double square = 0, distance;
        cf_err err = {0};
        make(&a, MANY, d, 1);
        make(&b, MANY, d, 2);
        const cloud *both[2] = {&a, &b};
        for (int k = 0; k < 4; k++)
            for (size_t i = 0; i < MANY; i++)
                for (size_t j = 0; j < MANY; j++) {
                    double s = 0;
                    for (size_t c = 0; c < d; c++)
                        s +=
                            0.5 *
                            pow(both[k / 2]->points[i * d + c] - both[k % 2]->points[j * d + c], 2);
                    square += (k % 3 == 0 ? 1 : -1) * both[k / 2]->weights[i] *
                              both[k % 2]->weights[j] * exp(-s / 0.1);
                }
        require(cf_discrepancy(&a.atoms, &b.atoms, d, sqrt(0.1), &distance, &err), &err,
                "discrepancy");
        check_near(distance, sqrt(square), 2e-6, "d = %zu: the discrepancy of many atoms (E30)", d);
    }
}

/* One sum serves many pairs, with the bits of each alone, and refuses others. */
static void test_reuse(void)
{
    static cloud a, b;
    cf_discrepancy_sum *sum = NULL;
    cf_err err = {0};
    bool same = true;
    double value;
    require(cf_discrepancy_create((const size_t[]){60, 45}, 2, 0.7, &sum, &err), &err, "sum");
    for (unsigned pair = 0; pair < 3; pair++) {
        make(&a, 60, 2, pair);
        make(&b, 45, 2, pair + 5);
        require(cf_discrepancy_between(sum, &a.atoms, &b.atoms, &value, &err), &err, "distance");
        same = same && value == between(4, &a, &b);
    }
    check(same, "discrepancies one after the other have the bits of each alone");
    check(cf_discrepancy_between(sum, &b.atoms, &a.atoms, &value, &err) == CF_EINPUT &&
              isnan(value),
          "%s", err.message);
    cf_discrepancy_free(&sum);
}

/* A translation by v has W2(direction)^2 = (v.direction)^2, of mean |v|^2/d. */
static void test_slices(void)
{
    static cloud a, b;
    cf_sliced few, many;
    cf_err err = {0};
    for (size_t d = 2; d <= 5; d += 3) {
        make(&a, 50, d, 3);
        make(&b, 50, d, 3);
        for (size_t i = 0; i < 50; i++)
            b.points[i * d] += 2;
        require(cf_wasserstein2_sliced(&a.atoms, &b.atoms, d, 100, &few, &err), &err, "sliced");
        require(cf_wasserstein2_sliced(&a.atoms, &b.atoms, d, 10000, &many, &err), &err, "sliced");
        double expected = 2 / sqrt((double)d);
        check_near(few.distance, expected, 3 * few.error, "sliced W2 of a translation in R^%zu", d);
        check_near(many.distance, expected, 3 * many.error, "and with more directions");
        check(many.error < 0.012 * expected && few.error > 5 * many.error,
              "whose error falls like the root of their number: %.3g, %.3g", few.error, many.error);
    }
    require(cf_wasserstein2_sliced(&a.atoms, &b.atoms, 1, 7, &few, &err), &err, "sliced");
    check(few.error == 0, "in R^1 there is one direction and no error");
}

/* --- properties --- */

static void copy(const cloud *from, cloud *to)
{
    *to = *from;
    to->atoms.points = to->points;
    to->atoms.weights = to->weights;
}

static void test_metric(size_t kind)
{
    static cloud a, b, c;
    make(&a, 60, kinds[kind].d, 1);
    make(&b, 45, kinds[kind].d, 2);
    make(&c, 70, kinds[kind].d, 3);
    double ab = between(kind, &a, &b), bc = between(kind, &b, &c), ac = between(kind, &a, &c);
    check(ab > 0.05 && ac > 0.05, "%s tells measures apart: %.3g, %.3g", kinds[kind].name, ab, ac);
    check_near(between(kind, &b, &a), ab, 1e-14, "%s is symmetric", kinds[kind].name);
    check(ac <= ab + bc && ab <= ac + bc && bc <= ab + ac,
          "%s obeys the triangle inequality: %.3g, %.3g, %.3g", kinds[kind].name, ab, bc, ac);
}

static void test_same(size_t kind, size_t n)
{
    static cloud a, b, c;
    size_t d = kinds[kind].d;
    make(&a, n, d, 1);
    make(&c, 45, d, 2);
    copy(&a, &b);
    for (size_t i = 0; i < n; i++) {
        size_t j = (37 * i + 11) % n;
        memcpy(b.points + i * d, a.points + j * d, d * sizeof(double));
        b.weights[i] = a.weights[j];
    }
    check_below(between(kind, &a, &b), strcmp(kinds[kind].name, "discrepancy") == 0 ? 1e-7 : 0,
                "%s of %zu atoms and themselves in another order is 0", kinds[kind].name, n);
    copy(&a, &b);
    b.atoms.n = 2 * n;
    memcpy(b.points + n * d, a.points, n * d * sizeof(double));
    for (size_t i = 0; i < 2 * n; i++)
        b.weights[i] = a.weights[i % n] * (i < n ? 0.3 : 0.7);
    check_below(between(kind, &a, &b), kinds[kind].zero, "%s does not see that atoms are split",
                kinds[kind].name);
    check_near(between(kind, &b, &c), between(kind, &a, &c), 1e-13, "nor from afar");
    for (size_t i = 0; i < 2 * n; i++)
        b.weights[i] *= 3;
    for (size_t i = 0; i < 45; i++)
        c.weights[i] *= 3;
    double scaled = between(kind, &b, &c);
    make(&c, 45, d, 2);
    check_near(scaled, between(kind, &a, &c), 1e-13, "nor the unit of mass");
}

/* Mass that is added to both measures at the same place changes neither W1 nor the discrepancy,
 * even if that makes a negative atom; W2 refuses those. */
static void test_signs(size_t kind)
{
    static cloud a, b;
    cf_err err = {0};
    size_t d = kinds[kind].d;
    double distance;
    make(&a, 60, d, 1);
    make(&b, 45, d, 2);
    double before = between(kind, &a, &b);
    a.atoms.n++, b.atoms.n++;
    for (size_t k = 0; k < d; k++)
        a.points[60 * d + k] = b.points[45 * d + k] = 0.4;
    a.weights[60] = b.weights[45] = -0.5;
    if (kinds[kind].ignores_signs)
        check_near(between(kind, &a, &b), 2 * before, 1e-13,
                   "%s: a negative atom of both is not there (half the mass is)", kinds[kind].name);
    else
        check(kinds[kind].distance(&a.atoms, &b.atoms, &distance, &err) == CF_EINPUT &&
                  strstr(err.message, "atom 61 has weight -0.5") != NULL,
              "%s: %s", kinds[kind].name, err.message);
}

static void test_rotation(size_t kind)
{
    static cloud a[2];
    double before = 0;
    for (int turned = 0; turned < 2; turned++) {
        for (unsigned side = 0; side < 2; side++) {
            make(&a[side], 60, 2, side + 1);
            for (size_t i = 0; i < 60 && turned; i++) {
                double *x = a[side].points + 2 * i, first = x[0];
                x[0] = cos(0.7) * first - sin(0.7) * x[1];
                x[1] = sin(0.7) * first + cos(0.7) * x[1];
            }
        }
        double now = between(kind, &a[0], &a[1]);
        if (turned) /* the directions do not turn: their error shows */
            check_near(now, before, kind == 3 ? 0.06 * before : 1e-13, "%s keeps under rotations",
                       kinds[kind].name);
        before = now;
    }
}

static void test_threads(size_t kind)
{
    static cloud a, b;
    double value[2];
    int threads = cf_threads();
    make(&a, 1500, kinds[kind].d, 1);
    make(&b, 1300, kinds[kind].d, 2);
    for (int k = 0; k < 2; k++) {
        cf_set_threads(2 * k + 1);
        value[k] = between(kind, &a, &b);
    }
    cf_set_threads(threads);
    check(value[0] == value[1], "%s: the same bits on 1 and 3 threads", kinds[kind].name);
}

static void test_input(size_t kind)
{
    static cloud a, b;
    const struct {
        double weight, point;
        const char *message;
    } bad[] = {{2, 0, "must be equal"},
               {NAN, 0, "weight nan: must be finite"},
               {0.25, INFINITY, "coordinate inf: must be finite"}};
    for (size_t k = 0; k < 3; k++) {
        cf_err err = {0};
        double distance;
        make(&a, 10, kinds[kind].d, 1);
        make(&b, 10, kinds[kind].d, 2);
        b.weights[3] = bad[k].weight;
        b.points[3] = bad[k].point;
        check(kinds[kind].distance(&a.atoms, &b.atoms, &distance, &err) == CF_EINPUT &&
                  strstr(err.message, bad[k].message) != NULL,
              "%s: %s", kinds[kind].name, err.message);
    }
}

int main(void)
{
    test_many();
    test_assignments();
    test_linear_programs();
    test_circle();
    test_normal_laws();
    test_slices();
    test_reuse();
    for (size_t kind = 0; kind < KINDS; kind++) {
        test_metric(kind);
        test_same(kind, 60);
        test_same(kind, 600);
        test_signs(kind);
        test_threads(kind);
        test_input(kind);
    }
    test_rotation(3);
    test_rotation(4);
    return check_done();
}
