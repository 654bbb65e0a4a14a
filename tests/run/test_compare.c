/* Comparisons: of a flow with itself 0, of synthetic families the exact slopes, of event times what
 * is known and no more, of other points the distances of their measures (E27-E30, E50-E53). */
#include "contraflow/run/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/transport.h"

enum { POINTS = 6, VIEWS = 2, SNAPSHOTS = 4, OUTPUTS = 5 };

static const double OUTPUT_TIMES[OUTPUTS] = {0, 0.5, 1, 1.5, 2};

/* What a made-up flow is like. */
typedef struct {
    const char *name, *kind, *status, *family;
    long width, seed;
    double offset; /* of every point from the reference at the last snapshot */
    double emergence, dissolution, until;
    double kernel_error;
    size_t points;
} shape;

static const shape LIMIT = {"limit", "neural", "complete", "", 0, 0, 0, 0.5, NAN, 2, NAN, POINTS};

static cf_group *add_group(cf_result *result, const char *path)
{
    cf_err err = {0};
    cf_group *group = NULL;
    require(cf_result_add_group(result, path, &group, &err), &err, path);
    return group;
}

static void add_reals(cf_group *group, const char *name, const double *values, const size_t *dims,
                      int rank)
{
    cf_err err = {0};
    cf_record record = {.name = (char *)name,
                        .unit = "1",
                        .equation = "E3",
                        .type = CF_VALUE_REAL,
                        .rank = rank,
                        .real = (double *)values};
    memcpy(record.dims, dims, (size_t)rank * sizeof *dims);
    require(cf_group_add(group, &record, &err), &err, name);
}

static void set_real(cf_group *group, const char *name, double value)
{
    cf_err err = {0};
    require(cf_group_set_real(group, name, value, &err), &err, name);
}

static void set_text(cf_group *group, const char *name, const char *value)
{
    cf_err err = {0};
    require(cf_group_set_text(group, name, value, &err), &err, name);
}

static void set_integer(cf_group *group, const char *name, long value)
{
    cf_err err = {0};
    require(cf_group_set_integer(group, name, value, &err), &err, name);
}

/* Unequal masses; `shift` makes other points. */
static cf_result *make_result(size_t points, double shift)
{
    cf_err err = {0};
    cf_result *result = NULL;
    double x[2 * POINTS * VIEWS], weights[POINTS];
    long labels[POINTS];
    require(cf_result_create(&result, &err), &err, "result");
    cf_group *root = cf_result_group(result, "/");
    set_text(root, "latent_space", "euclidean");
    set_real(root, "cluster_threshold", 0.9);
    set_real(root, "tau", 0.25);
    for (size_t i = 0; i < points; i++) {
        weights[i] = (double)(i + 1) * 2 / (double)(points * (points + 1));
        labels[i] = (long)(i % 2);
    }
    for (size_t k = 0; k < 2 * points * VIEWS; k++)
        x[k] = sin((double)k) + shift;
    cf_group *data = add_group(result, "/data");
    add_reals(data, "points", x, (size_t[]){points, VIEWS, 2}, 3);
    add_reals(data, "weights", weights, (size_t[]){points}, 1);
    const cf_record record = {.name = "labels",
                              .unit = "",
                              .equation = "",
                              .type = CF_VALUE_INTEGER,
                              .rank = 1,
                              .dims = {points},
                              .integer = labels};
    require(cf_group_add(data, &record, &err), &err, "labels");
    return result;
}

/* The offset grows in time; the loss gap is a tenth of it. */
static void add_courses(cf_group *flow, const shape *s)
{
    static const double snapshot_times[SNAPSHOTS] = {0, 0.5, 1.25, 2};
    double loss[OUTPUTS], z[SNAPSHOTS * POINTS * VIEWS * 3];
    for (size_t k = 0; k < OUTPUTS; k++)
        loss[k] = 1 / (1 + OUTPUT_TIMES[k]) - 0.1 * s->offset * OUTPUT_TIMES[k] / 2;
    for (size_t t = 0; t < SNAPSHOTS; t++)
        for (size_t k = 0; k < s->points * VIEWS * 3; k++)
            z[t * s->points * VIEWS * 3 + k] =
                cos((double)(k + t)) +
                (k % 3 == 1 ? s->offset * snapshot_times[t] / 2 : 0); /* along one axis */
    add_reals(flow, "time", OUTPUT_TIMES, (size_t[]){OUTPUTS}, 1);
    add_reals(flow, "loss", loss, (size_t[]){OUTPUTS}, 1);
    add_reals(flow, "snapshot_time", snapshot_times, (size_t[]){SNAPSHOTS}, 1);
    add_reals(flow, "latent", z, (size_t[]){SNAPSHOTS, s->points, VIEWS, 3}, 4);
}

static void add_flow(cf_result *result, const shape *s)
{
    char path[128];
    snprintf(path, sizeof path, "/flows/%s", s->name);
    cf_group *flow = add_group(result, path);
    set_text(flow, "kind", s->kind);
    set_text(flow, "status", s->status);
    set_real(flow, "observed_until", s->until);
    set_real(flow, "emergence", s->emergence);
    set_real(flow, "dissolution", s->dissolution);
    set_integer(flow, "emergence_censored", isnan(s->emergence));
    set_integer(flow, "persistence_censored", !isnan(s->emergence) && isnan(s->dissolution));
    set_real(flow, "rtol", 1e-6);
    if (s->family[0] != '\0') {
        const double drift[OUTPUTS] = {0, s->kernel_error / 2, s->kernel_error, 0, 0};
        set_text(flow, "family", s->family);
        set_integer(flow, "width", s->width);
        set_integer(flow, "seed", s->seed);
        set_real(flow, "kernel_error", s->kernel_error);
        add_reals(flow, "kernel_drift", drift, (size_t[]){OUTPUTS}, 1);
        add_reals(flow, "conserved_drift", (double[]){0, 1e-7, 3e-7, 2e-7, 0}, (size_t[]){OUTPUTS},
                  1);
    }
    add_courses(flow, s);
    snprintf(path, sizeof path, "/flows/%s/events", s->name);
    add_group(result, path);
}

static shape network(const char *family, long width, long seed, double offset)
{
    static char names[64][64];
    static size_t used;
    char *name = names[used++ % 64];
    snprintf(name, sizeof names[0], "%s.width-%ld.seed-%ld", family, width, seed);
    return (shape){name, "network", "complete",          family, width, seed, offset, NAN,
                   NAN,  2,         0.3 / (double)width, POINTS};
}

static cf_comparison *compare(const cf_result *result, const char *reference)
{
    cf_err err = {0};
    cf_comparison *comparison = NULL;
    require(cf_compare(result, result, reference, &comparison, &err), &err, "comparison");
    return comparison;
}

static void check_refused(const cf_result *result, const cf_result *other, const char *reference,
                          const char *const needles[2], const char *claim)
{
    cf_err err = {0};
    cf_comparison *comparison = NULL;
    cf_status status = cf_compare(result, other, reference, &comparison, &err);
    check(status == CF_EINPUT && comparison == NULL && strstr(err.message, needles[0]) != NULL &&
              strstr(err.message, needles[1]) != NULL,
          "%s: %s", claim, err.message);
    cf_comparison_free(&comparison);
}

static void test_self(void)
{
    cf_result *result = make_result(POINTS, 0);
    add_flow(result, &LIMIT);
    shape other = LIMIT;
    other.name = "other";
    other.offset = 0.25;
    add_flow(result, &other);
    cf_comparison *c = compare(result, "limit");
    const cf_flow_comparison *self = &c->flows[0], *moved = &c->flows[1];
    check(self->distance.count == SNAPSHOTS && self->distance.sup == 0 && self->loss.sup == 0 &&
              self->emergence.low == 0 && self->emergence.high == 0,
          "a flow compared with itself differs by exactly 0 in everything (E50-E52)");
    check_near(moved->distance.sup, 0.25, 1e-15,
               "a shift of all points is their distance, whatever the masses and views (E50)");
    check(moved->distance.when == 2 && moved->loss.when == 2,
          "attained where the shift is largest");
    check_near(moved->distance.value[1], 0.25 * 0.25, 1e-15, "and known at every shared snapshot");
    check(self->transport.count == SNAPSHOTS && self->transport.sup == 0 &&
              self->discrepancy.sup < 1e-7 && self->paired,
          "and so do the measures (E29, E30)");
    check_near(moved->transport.sup, 0.25 / sqrt(3), 0.03,
               "a shift by v has the sliced distance |v|/sqrt(d) (E29)");
    check(moved->discrepancy.sup > 0.05 && moved->discrepancy.when == 2,
          "and a discrepancy (E30): %.3g", moved->discrepancy.sup);
    check_near(moved->loss.value[OUTPUTS - 1], -0.025, 1e-15, "the loss gap has its sign (E51)");
    check(c->flows[1].family[0] == '\0' && c->family_count == 0, "neither is of a family");
    cf_comparison_free(&c);
    check(strcmp(cf_compare_default(result), "limit") == 0, "the first neural flow is the default");
    cf_result_free(&result);
}

/* Mass by mass: moving one point alone moves the distance by the root of its mass. */
static void test_masses(void)
{
    cf_result *result = make_result(POINTS, 0);
    add_flow(result, &LIMIT);
    shape other = LIMIT;
    other.name = "other";
    add_flow(result, &other);
    cf_group *group = cf_result_group(result, "/flows/other");
    cf_record *latent = (cf_record *)cf_group_record(group, "latent");
    size_t last = (SNAPSHOTS - 1) * POINTS * VIEWS * 3, row = 4 * VIEWS + 1; /* m = 5/21 */
    latent->real[last + row * 3] += 2;
    cf_comparison *c = compare(result, "limit");
    check_near(c->flows[1].distance.sup, sqrt(5.0 / 21 / 2 * 4), 1e-15,
               "a view counts with its share of the mass of its point (E50)");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* Of times that differ in their last bits, and of those that one flow has alone. */
static void test_times(void)
{
    cf_result *result = make_result(POINTS, 0);
    add_flow(result, &LIMIT);
    shape other = LIMIT;
    other.name = "other";
    other.offset = 0.25;
    add_flow(result, &other);
    cf_group *group = cf_result_group(result, "/flows/other");
    double *times = ((cf_record *)cf_group_record(group, "snapshot_time"))->real;
    times[1] *= 1 + 1e-15;
    times[2] = 1.26;
    cf_comparison *c = compare(result, "limit");
    const cf_course *distance = &c->flows[1].distance;
    check(distance->count == 3 && distance->time[1] == times[1] && distance->time[2] == 2,
          "times that are shared up to rounding are compared, others left out");
    cf_comparison_free(&c);
    for (size_t k = 0; k < SNAPSHOTS; k++)
        times[k] += 0.01;
    c = compare(result, "limit");
    check(c->flows[1].distance.count == 0 && isnan(c->flows[1].distance.sup),
          "a flow that shares no time has no distance");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* Bounds of a difference when the reference emerges at 0.5 and ends at 2. */
static void test_events(void)
{
    const struct {
        const char *status;
        double emergence, dissolution, until, low, high;
        const char *claim;
    } cases[] = {
        {"complete", 0.75, NAN, 2, 0.25, 0.25, "both located: a number"},
        {"complete", NAN, NAN, 2, 1.5, INFINITY, "not yet by the end: a lower bound"},
        {"failed", NAN, NAN, 0.2, -0.3, INFINITY, "ended early: a weaker lower bound"},
        {"norm-collapse", NAN, NAN, 1, NAN, NAN, "ended by norm collapse: nothing to compare"},
        {"complete", 0, NAN, 2, -0.5, -0.5, "there from the start: a number"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cf_result *result = make_result(POINTS, 0);
        shape flow = LIMIT;
        flow.name = "flow";
        flow.status = cases[k].status;
        flow.emergence = cases[k].emergence;
        flow.dissolution = cases[k].dissolution;
        flow.until = cases[k].until;
        add_flow(result, &LIMIT);
        add_flow(result, &flow);
        cf_comparison *c = compare(result, "limit");
        cf_bounds bounds = c->flows[1].emergence;
        bool same = isnan(cases[k].low)
                        ? isnan(bounds.low) && isnan(bounds.high)
                        : bounds.low == cases[k].low && bounds.high == cases[k].high;
        check(same, "emergence, %s (E52)", cases[k].claim);
        check(isnan(c->flows[1].values[CF_COMPARED_EMERGENCE]) == !cf_bounds_known(bounds),
              "and a value only where it is known");
        cf_comparison_free(&c);
        if (k == 1) { /* the other way round */
            c = compare(result, "flow");
            check(c->flows[0].emergence.low == -INFINITY && c->flows[0].emergence.high == -1.5,
                  "a reference that has not emerged bounds the difference from above (E52)");
            cf_comparison_free(&c);
        }
        cf_result_free(&result);
    }
}

/* Errors c_s N^b exactly: the slope is b, and where seeds differ by a factor, its interval has no
 * length. */
static void test_slopes(void)
{
    static const long widths[] = {512, 64, 4096}; /* not in order */
    cf_result *result = make_result(POINTS, 0);
    add_flow(result, &LIMIT);
    for (size_t w = 0; w < 3; w++)
        for (long seed = 1; seed <= 3; seed++) {
            shape s =
                network("relu", widths[w], seed, 0.1 * (double)seed * pow((double)widths[w], -0.5));
            s.emergence = 0.5 + 1 / (double)widths[w];
            add_flow(result, &s);
        }
    shape narrow = network("relu", 8, 1, 0.5), known = network("relu", 8, 2, 0.5);
    known.emergence = 0.75;
    add_flow(result, &narrow);
    add_flow(result, &known);
    cf_comparison *c = compare(result, "limit");
    check(c->family_count == 1 && c->families[0].count == 4 &&
              c->families[0].widths[0].width == 8 && c->families[0].widths[3].width == 4096 &&
              c->families[0].widths[1].count == 3,
          "networks are grouped by family and width, in order of width");
    const cf_family_comparison *family = &c->families[0];
    const cf_power_law *law = &family->laws[CF_COMPARED_DISTANCE];
    check(law->points == 3, "the width of distance above 0.1 is left out of the fit (C9, E53)");
    check_near(law->slope, -0.5, 1e-13, "the slope of the distance is exact (E53)");
    check_below(law->high - law->low, 1e-12, "and so is its interval");
    check_near(family->widths[1].means[CF_COMPARED_DISTANCE].value, 0.2 / 8, 1e-15, "so are means");
    law = &family->laws[CF_COMPARED_KERNEL];
    check(law->points == 4, "the kernel of the start is fitted at all widths (E53)");
    check_near(law->slope, -1, 1e-13, "with its slope");
    check_near(family->laws[CF_COMPARED_LOSS].slope, -0.5, 1e-13, "and the slope of the loss gap");
    check_near(family->laws[CF_COMPARED_DRIFT].slope, -1, 1e-13, "and of the drift");
    check(isnan(family->widths[0].means[CF_COMPARED_EMERGENCE].value) &&
              family->laws[CF_COMPARED_EMERGENCE].points == 3,
          "a width with one unknown difference of emergence has no mean (E52)");
    check_near(family->laws[CF_COMPARED_EMERGENCE].slope, -1, 1e-12, "and the others are fitted");
    check_near(c->flows[1].conserved_drift, 3e-7, 0, "the largest drift of conserved quantities");
    check_near(c->flows[1].conserved_bound, 1e-5, 1e-20, "and 10 rtol, its bound (C11)");
    cf_comparison_free(&c);
    c = compare(result, "relu.width-4096.seed-3");
    check(c->family_count == 1 && c->families[0].widths[3].width == 4096 &&
              c->families[0].widths[3].count == 2,
          "a network that is the reference itself is in no mean");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

static void test_few(void)
{
    cf_result *result = make_result(POINTS, 0);
    add_flow(result, &LIMIT);
    for (long width = 64; width <= 128; width *= 2)
        for (long seed = 1; seed <= 2; seed++) {
            shape s = network("erf", width, seed, 0.01);
            s.status = width == 64 && seed == 2 ? "norm-collapse" : "complete";
            add_flow(result, &s);
        }
    cf_comparison *c = compare(result, "limit");
    const cf_family_comparison *family = &c->families[0];
    check(isnan(family->laws[CF_COMPARED_DISTANCE].slope) &&
              family->laws[CF_COMPARED_DISTANCE].points == 2,
          "two widths give no slope (E53)");
    check(family->widths[0].complete == 1 && family->widths[0].count == 2 &&
              family->widths[0].means[CF_COMPARED_DISTANCE].count == 1,
          "a run that ended early is left out of the means (E53)");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* Two families, each with its own limit in the result, which are their references unless one is
 * named. */
static void test_limits(void)
{
    cf_result *result = make_result(POINTS, 0);
    shape deep = LIMIT;
    deep.name = "deep";
    deep.offset = 0.5;
    add_flow(result, &LIMIT);
    add_flow(result, &deep);
    for (long seed = 1; seed <= 2; seed++) {
        shape a = network("a", 64, seed, 0.25), b = network("b", 64, seed, 0.5);
        add_flow(result, &a);
        add_flow(result, &b);
        char path[64];
        snprintf(path, sizeof path, "/flows/%s", a.name);
        set_text(cf_result_group(result, path), "limit", "limit");
        snprintf(path, sizeof path, "/flows/%s", b.name);
        set_text(cf_result_group(result, path), "limit", "deep");
    }
    shape single = network("single", 64, 1, 0.5);
    add_flow(result, &single);
    cf_comparison *c = compare(result, NULL);
    check_near(c->flows[2].distance.sup, 0.25, 1e-15, "a network is compared with its limit");
    check_near(c->flows[3].distance.sup, 0, 0, "another with its own");
    check_near(c->flows[1].distance.sup, 0.5, 1e-15, "other flows with the first neural flow");
    check(c->reference == NULL && strcmp(c->families[1].reference, "deep") == 0,
          "families know their references");
    check(c->family_count == 2 && c->flows[6].family[0] == '\0', "one network alone is no family");
    cf_comparison_free(&c);
    c = compare(result, "limit");
    check_near(c->flows[3].distance.sup, 0.5, 1e-15, "a named reference is that of all flows");
    check(strcmp(c->reference, "limit") == 0, "and there is one");
    cf_comparison_free(&c);
    set_text(cf_result_group(result, "/flows/limit"), "kind", "vanilla");
    set_text(cf_result_group(result, "/flows/deep"), "kind", "vanilla");
    const char *const needles[] = {"neural flow", "[FILE:]FLOW"};
    check_refused(result, result, NULL, needles, "nothing to compare with");
    cf_result_free(&result);
}

static void test_refusals(void)
{
    cf_result *result = make_result(POINTS, 0), *other = make_result(POINTS, 0.5);
    cf_result *smaller = make_result(POINTS - 2, 0), *same = make_result(POINTS, 0);
    shape small = LIMIT, bare = LIMIT;
    small.points = POINTS - 2;
    bare.name = "bare";
    add_flow(result, &LIMIT);
    add_flow(other, &LIMIT);
    add_flow(same, &LIMIT);
    add_flow(smaller, &small);
    add_flow(result, &bare);
    ((cf_record *)cf_group_record(cf_result_group(result, "/flows/bare"), "snapshot_time"))
        ->dims[0] = 0;
    const char *const needles[][2] = {
        {"limt", "did you mean `limit`?"}, {"bare", "snapshots"}, {"sphere", "euclidean"}};
    check_refused(result, result, "limt", needles[0], "an unknown flow, with the nearest name");
    check_refused(result, result, "bare", needles[1], "a reference without snapshots");
    set_text(cf_result_group(same, "/"), "latent_space", "sphere");
    check_refused(result, same, "limit", needles[2], "another latent space");
    set_text(cf_result_group(same, "/"), "latent_space", "euclidean");
    set_real(cf_result_group(same, "/"), "cluster_threshold", 0.8);
    cf_err err = {0};
    cf_comparison *c = NULL;
    require(cf_compare(result, same, "limit", &c, &err), &err, "the same data");
    check(!c->events && isnan(c->flows[0].emergence.low) && c->flows[0].distance.sup == 0,
          "another result of the same data serves; other thresholds only cost the event times");
    cf_comparison_free(&c);
    require(cf_compare(result, other, "limit", &c, &err), &err, "other data");
    check(!c->flows[0].paired && c->flows[0].distance.count == 0 && c->events &&
              c->flows[0].transport.count == SNAPSHOTS && c->flows[0].transport.sup == 0,
          "other data of the same size have no pairs, but the same measure");
    cf_comparison_free(&c);
    require(cf_compare(result, smaller, "limit", &c, &err), &err, "fewer data");
    check(c->flows[0].distance.count == 0 && c->flows[0].transport.sup > 0.01 &&
              c->flows[0].points == POINTS * VIEWS && c->flows[0].reference_points == 4 * VIEWS,
          "data of another size have the distances of measures, and both sizes are told");
    cf_comparison_free(&c);
    cf_result_free(&result);
    cf_result_free(&other);
    cf_result_free(&smaller);
    cf_result_free(&same);
}

/* A flow on nodes of its own beside the particles: no pairs, but measures, losses and events. */
static void test_other_points(void)
{
    cf_result *result = make_result(POINTS, 0);
    shape nodes = LIMIT;
    const double weights[POINTS - 1] = {0.1, 0.2, 0.3, 0.3, 0.1}, x[2 * (POINTS - 1)] = {0};
    nodes.name = "nodes";
    nodes.points = POINTS - 1;
    add_flow(result, &LIMIT);
    add_flow(result, &nodes);
    cf_group *group = cf_result_group(result, "/flows/nodes");
    add_reals(group, "weights", weights, (size_t[]){POINTS - 1}, 1);
    add_reals(group, "nodes", x, (size_t[]){POINTS - 1, 2}, 2);
    cf_comparison *c = compare(result, "limit");
    check(c->flows[1].distance.count == 0 && c->flows[1].points == (POINTS - 1) * VIEWS &&
              c->flows[1].reference_points == POINTS * VIEWS && c->flows[1].loss.count == OUTPUTS,
          "a flow of other points has no distance, and both sizes are told; its loss is compared");
    check(c->flows[1].transport.count == SNAPSHOTS && c->flows[1].discrepancy.count == SNAPSHOTS,
          "and its measure at every shared snapshot");

    /* The same measures by hand. */
    cf_err err = {0};
    cf_sliced sliced;
    double masses[2][POINTS * VIEWS];
    const double *z[2], *own[2];
    for (size_t k = 0; k < 2; k++) {
        const char *path = k == 0 ? "/flows/limit" : "/flows/nodes";
        z[k] = cf_group_record(cf_result_group(result, path), "latent")->real;
    }
    own[0] = cf_group_record(cf_result_group(result, "/data"), "weights")->real;
    own[1] = weights;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < (POINTS - k) * VIEWS; i++)
            masses[k][i] = own[k][i / VIEWS] / VIEWS;
    const cf_atoms a = {POINTS * VIEWS, z[0], masses[0]},
                   b = {(POINTS - 1) * VIEWS, z[1], masses[1]};
    require(cf_wasserstein2_sliced(&b, &a, 3, 100, &sliced, &err), &err, "distance");
    check(c->flows[1].transport.value[0] == sliced.distance, "which is that of its masses (E29)");
    cf_comparison_free(&c);
    c = compare(result, "nodes");
    check(c->flows[0].transport.value[0] > 0 && c->flows[1].paired && c->flows[1].distance.sup == 0,
          "it can be the reference, and has pairs with itself");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* On the circle transport is W_1 along the arc, on the line along it. */
static void test_spaces(void)
{
    for (size_t d = 1; d <= 2; d++) {
        cf_err err = {0};
        cf_result *result = NULL;
        require(cf_result_create(&result, &err), &err, "result");
        set_text(cf_result_group(result, "/"), "latent_space", d == 2 ? "sphere" : "euclidean");
        const double weights[2] = {0.5, 0.5}, time[1] = {0};
        const double line[2][2] = {{0, 1}, {3, 5}};
        double z[2][4];
        cf_group *data = add_group(result, "/data");
        add_reals(data, "points", line[0], (size_t[]){2, 1}, 2);
        add_reals(data, "weights", weights, (size_t[]){2}, 1);
        for (size_t k = 0; k < 2; k++) {
            cf_group *flow = add_group(result, k == 0 ? "/flows/a" : "/flows/b");
            for (size_t i = 0; i < 2 * d; i++)
                z[k][i] = d == 1       ? line[k][i]
                          : i % 2 == 0 ? cos(line[k][i / 2])
                                       : sin(line[k][i / 2]);
            add_reals(flow, "snapshot_time", time, (size_t[]){1}, 1);
            add_reals(flow, "latent", z[k], (size_t[]){1, 2, d}, 3);
        }
        const double weights_of_nodes[2] = {1, 1}, masses[2] = {0.25, 0.75};
        const double rho[2][2] = {{0.5, 0.5}, {0.5, 0.5}}; /* 1/2 on intervals around those of a */
        cf_group *flow = add_group(result, "/flows/c");
        add_reals(flow, "snapshot_time", time, (size_t[]){1}, 1);
        add_reals(flow, "grid", z[0], (size_t[]){2, d}, 2);
        add_reals(flow, "grid_weight", weights_of_nodes, (size_t[]){2}, 1);
        add_reals(flow, "cluster_mass", masses, (size_t[]){2}, 1);
        add_reals(flow, "density", rho[0], (size_t[]){1, 2, 2}, 3);
        cf_comparison *c = compare(result, "a");
        /* 0 to 5 is 2 pi - 5 on the circle, and 1 to 3 is 2 */
        check_near(c->flows[1].transport.sup, d == 1 ? 3.5 : (6.283185307179586 - 5 + 2) / 2, 1e-14,
                   "transport is W1 on the %s (%s)", d == 1 ? "line" : "circle",
                   d == 1 ? "E27" : "E28");
        check_near(c->flows[2].transport.sup, 0.25, 1e-14,
                   "a density has no gaps: 1/4 from the points in the middle of its cells (E50)");
        check(c->flows[2].transport.count == 1 && c->flows[2].distance.count == 0,
              "and none of its nodes is paired with a point");
        cf_comparison_free(&c);
        c = compare(result, "c");
        check(c->flows[1].transport.sup > 1 && c->flows[2].transport.sup == 0,
              "and can be the reference");
        check(c->flows[1].discrepancy.count == 0, "without a temperature there is no discrepancy");
        cf_comparison_free(&c);
        cf_result_free(&result);
    }
}

int main(void)
{
    test_self();
    test_masses();
    test_times();
    test_events();
    test_slopes();
    test_few();
    test_limits();
    test_refusals();
    test_other_points();
    test_spaces();
    return check_done();
}
