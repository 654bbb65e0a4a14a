/* Comparisons: of a flow with itself 0, of event times what is known and no more, with the
 * reference that suits each flow (E50 to E52). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "made_result.h"

static void test_self(void)
{
    cf_result *result = make_result(MADE_POINTS, 0);
    put_flow(result, &made_limit);
    made_flow other = made_limit;
    other.name = "other";
    other.offset = 0.25;
    put_flow(result, &other);
    cf_comparison *c = must_compare(result, "limit");
    const cf_flow_comparison *self = &c->flows[0], *moved = &c->flows[1];
    check(self->distance.count == MADE_SNAPSHOTS && self->distance.sup == 0 &&
              self->loss.sup == 0 && self->emergence.low == 0 && self->emergence.high == 0,
          "a flow compared with itself differs by exactly 0 in everything (E50-E52)");
    check_near(moved->distance.sup, 0.25, 1e-15,
               "a shift of all points is their distance, whatever the masses and views (E50)");
    check(moved->distance.when == 2 && moved->loss.when == 2,
          "attained where the shift is largest");
    check_near(moved->distance.value[1], 0.25 * 0.25, 1e-15, "and known at every shared snapshot");
    check(self->transport.count == MADE_SNAPSHOTS && self->transport.sup == 0 &&
              self->discrepancy.sup < 1e-7 && self->paired,
          "and so do the measures (E29, E30)");
    check_near(moved->transport.sup, 0.25 / sqrt(3), 0.03,
               "a shift by v has the sliced distance |v|/sqrt(d) (E29)");
    check(moved->discrepancy.sup > 0.05 && moved->discrepancy.when == 2,
          "and a discrepancy (E30): %.3g", moved->discrepancy.sup);
    check_near(moved->loss.value[MADE_OUTPUTS - 1], -0.025, 1e-15,
               "the loss gap has its sign (E51)");
    check(c->flows[1].family[0] == '\0' && c->family_count == 0, "neither is of a family");
    cf_comparison_free(&c);
    check(strcmp(cf_compare_default(result), "limit") == 0, "the first neural flow is the default");
    cf_result_free(&result);
}

/* Mass by mass: moving one point alone moves the distance by the root of its mass. */
static void test_masses(void)
{
    cf_result *result = make_result(MADE_POINTS, 0);
    put_flow(result, &made_limit);
    made_flow other = made_limit;
    other.name = "other";
    put_flow(result, &other);
    cf_group *group = cf_result_group(result, "/flows/other");
    cf_record *latent = (cf_record *)cf_group_record(group, "latent");
    size_t last = (MADE_SNAPSHOTS - 1) * MADE_POINTS * MADE_VIEWS * 3,
           row = 4 * MADE_VIEWS + 1; /* m = 5/21 */
    latent->real[last + row * 3] += 2;
    cf_comparison *c = must_compare(result, "limit");
    check_near(c->flows[1].distance.sup, sqrt(5.0 / 21 / 2 * 4), 1e-15,
               "a view counts with its share of the mass of its point (E50)");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* Of times that differ in their last bits, and of those that one flow has alone. */
static void test_times(void)
{
    cf_result *result = make_result(MADE_POINTS, 0);
    put_flow(result, &made_limit);
    made_flow other = made_limit;
    other.name = "other";
    other.offset = 0.25;
    put_flow(result, &other);
    cf_group *group = cf_result_group(result, "/flows/other");
    double *times = ((cf_record *)cf_group_record(group, "snapshot_time"))->real;
    times[1] *= 1 + 1e-15;
    times[2] = 1.26;
    cf_comparison *c = must_compare(result, "limit");
    const cf_course *distance = &c->flows[1].distance;
    check(distance->count == 3 && distance->time[1] == times[1] && distance->time[2] == 2,
          "times that are shared up to rounding are compared, others left out");
    cf_comparison_free(&c);
    for (size_t k = 0; k < MADE_SNAPSHOTS; k++)
        times[k] += 0.01;
    c = must_compare(result, "limit");
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
        cf_result *result = make_result(MADE_POINTS, 0);
        made_flow flow = made_limit;
        flow.name = "flow";
        flow.status = cases[k].status;
        flow.emergence = cases[k].emergence;
        flow.dissolution = cases[k].dissolution;
        flow.until = cases[k].until;
        put_flow(result, &made_limit);
        put_flow(result, &flow);
        cf_comparison *c = must_compare(result, "limit");
        cf_bounds bounds = c->flows[1].emergence;
        bool same = isnan(cases[k].low)
                        ? isnan(bounds.low) && isnan(bounds.high)
                        : bounds.low == cases[k].low && bounds.high == cases[k].high;
        check(same, "emergence, %s (E52)", cases[k].claim);
        check(isnan(c->flows[1].values[CF_COMPARED_EMERGENCE]) == !cf_bounds_known(bounds),
              "and a value only where it is known");
        cf_comparison_free(&c);
        if (k == 1) { /* the other way round */
            c = must_compare(result, "flow");
            check(c->flows[0].emergence.low == -INFINITY && c->flows[0].emergence.high == -1.5,
                  "a reference that has not emerged bounds the difference from above (E52)");
            cf_comparison_free(&c);
        }
        cf_result_free(&result);
    }
}

/* Two families, each with its own limit in the result, which are their references unless one is
 * named. */
static void test_limits(void)
{
    cf_result *result = make_result(MADE_POINTS, 0);
    made_flow deep = made_limit;
    deep.name = "deep";
    deep.offset = 0.5;
    put_flow(result, &made_limit);
    put_flow(result, &deep);
    for (long seed = 1; seed <= 2; seed++) {
        made_flow a = made_network("a", 64, seed, 0.25), b = made_network("b", 64, seed, 0.5);
        put_flow(result, &a);
        put_flow(result, &b);
        char path[64];
        snprintf(path, sizeof path, "/flows/%s", a.name);
        put_text(cf_result_group(result, path), "limit", "limit");
        snprintf(path, sizeof path, "/flows/%s", b.name);
        put_text(cf_result_group(result, path), "limit", "deep");
    }
    made_flow single = made_network("single", 64, 1, 0.5);
    put_flow(result, &single);
    cf_comparison *c = must_compare(result, NULL);
    check_near(c->flows[2].distance.sup, 0.25, 1e-15, "a network is compared with its limit");
    check_near(c->flows[3].distance.sup, 0, 0, "another with its own");
    check_near(c->flows[1].distance.sup, 0.5, 1e-15, "other flows with the first neural flow");
    check(c->reference == NULL && strcmp(c->families[1].reference, "deep") == 0,
          "families know their references");
    check(c->family_count == 2 && c->flows[6].family[0] == '\0', "one network alone is no family");
    cf_comparison_free(&c);
    c = must_compare(result, "limit");
    check_near(c->flows[3].distance.sup, 0.5, 1e-15, "a named reference is that of all flows");
    check(strcmp(c->reference, "limit") == 0, "and there is one");
    cf_comparison_free(&c);
    put_text(cf_result_group(result, "/flows/limit"), "kind", "vanilla");
    put_text(cf_result_group(result, "/flows/deep"), "kind", "vanilla");
    const char *const needles[] = {"neural flow", "[FILE:]FLOW"};
    check_not_compared(result, result, NULL, needles, "nothing to compare with");
    cf_result_free(&result);
}

static void test_refusals(void)
{
    cf_result *result = make_result(MADE_POINTS, 0), *other = make_result(MADE_POINTS, 0.5);
    cf_result *smaller = make_result(MADE_POINTS - 2, 0), *same = make_result(MADE_POINTS, 0);
    made_flow small = made_limit, bare = made_limit;
    small.points = MADE_POINTS - 2;
    bare.name = "bare";
    put_flow(result, &made_limit);
    put_flow(other, &made_limit);
    put_flow(same, &made_limit);
    put_flow(smaller, &small);
    put_flow(result, &bare);
    ((cf_record *)cf_group_record(cf_result_group(result, "/flows/bare"), "snapshot_time"))
        ->dims[0] = 0;
    const char *const needles[][2] = {
        {"limt", "did you mean `limit`?"}, {"bare", "snapshots"}, {"sphere", "euclidean"}};
    check_not_compared(result, result, "limt", needles[0],
                       "an unknown flow, with the nearest name");
    check_not_compared(result, result, "bare", needles[1], "a reference without snapshots");
    put_text(cf_result_group(same, "/"), "latent_space", "sphere");
    check_not_compared(result, same, "limit", needles[2], "another latent space");
    put_text(cf_result_group(same, "/"), "latent_space", "euclidean");
    put_real(cf_result_group(same, "/"), "cluster_threshold", 0.8);
    cf_err err = {0};
    cf_comparison *c = NULL;
    require(cf_compare(result, same, "limit", &c, &err), &err, "the same data");
    check(!c->events && isnan(c->flows[0].emergence.low) && c->flows[0].distance.sup == 0,
          "another result of the same data serves; other thresholds only cost the event times");
    cf_comparison_free(&c);
    require(cf_compare(result, other, "limit", &c, &err), &err, "other data");
    check(!c->flows[0].paired && c->flows[0].distance.count == 0 && c->events &&
              c->flows[0].transport.count == MADE_SNAPSHOTS && c->flows[0].transport.sup == 0,
          "other data of the same size have no pairs, but the same measure");
    cf_comparison_free(&c);
    require(cf_compare(result, smaller, "limit", &c, &err), &err, "fewer data");
    check(c->flows[0].distance.count == 0 && c->flows[0].transport.sup > 0.01 &&
              c->flows[0].points == MADE_POINTS * MADE_VIEWS &&
              c->flows[0].reference_points == 4 * MADE_VIEWS,
          "data of another size have the distances of measures, and both sizes are told");
    cf_comparison_free(&c);
    cf_result_free(&result);
    cf_result_free(&other);
    cf_result_free(&smaller);
    cf_result_free(&same);
}

int main(void)
{
    test_self();
    test_masses();
    test_times();
    test_events();
    test_limits();
    test_refusals();
    return check_done();
}
