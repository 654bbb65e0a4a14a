/* C12 for fields, and E31, measured: particles of growing number against the flow of infinitely
 * many data, and nodes of growing order against many.
 *
 *   build/tests/check-field          as docs/theory.md states it; minutes
 *   build/tests/check-field small    fewer points and seeds, wider bounds; seconds
 *
 * Four discs, a start that is linear in the data with noise or without, times up to 1. The
 * discrepancy (E30) and, without noise, whose nodes leave gaps, W1 on the circle (E28); slopes with
 * a jackknife over seeds (E53). Every seed draws data and start anew.
 *
 * Lines that begin with #csv are the tables of results/infinite-data. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/compare.h"
#include "contraflow/run/run.h"

enum { MOST_COUNTS = 6, MOST_SEEDS = 10, TIMES = 3 };

/* The size of the experiment. */
typedef struct {
    long first, counts, seeds; /* points of a cluster, doubled so often; of each */
    long nodes, start_nodes;
    double slack; /* added to the bounds of the claims */
} scale;

static const scale FULL = {25, MOST_COUNTS, MOST_SEEDS, 8, 4, 0}, SMALL = {10, 4, 6, 5, 3, 0.1};

typedef struct {
    const char *name, *latent, *kernel;
    double spread;
    long finer; /* nodes, by this factor */
    bool gaps;
} space;

static const space spaces[] = {
    {"circle erf", "{space: sphere, dimension: 2}",
     "{hidden-layers: 1, activation: erf, weight-variance: 2, bias-variance: 0.1}", 0.2, 1, true},
    {"circle ReLU without noise", "{space: sphere, dimension: 2}",
     "{hidden-layers: 3, activation: relu, weight-variance: 2, bias-variance: 0.1}", 0, 2, false},
    {"plane erf", "{space: euclidean, dimension: 2}",
     "{hidden-layers: 1, activation: erf, weight-variance: 2, bias-variance: 0.1}", 0.2, 1, true}};

static const double times[TIMES] = {0, 0.25, 1};

/* A flow of the kernel on the representation, from data and start of the seed. */
static cf_result *run(const space *s, long points, long seed, const char *representation)
{
    char text[2048];
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "check-field"};
    snprintf(text, sizeof text,
             "format: 1\n"
             "data: {kind: discs, radius: 0.3, points-per-cluster: %ld, seed: %ld}\n"
             "latent: %s\n"
             "start: {kind: linear, matrix: [[0.05, 0.1], [0.2, 0.1]], spread: %g, seed: %ld}\n"
             "loss: {psi: log1p, tau: 0.1}\n"
             "flows: [{name: flow, kind: neural, %s, kernel: %s}]\n"
             "time: {end: 1, outputs: [0.25]}\nintegrator: {method: adams, rtol: 1e-6}\n",
             points, seed, s->latent, s->spread, seed + 1000, representation, s->kernel);
    require(cf_problem_parse("field.yaml", text, NULL, 0, &problem, &err), &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, "run");
    if (end != CF_ENDED_COMPLETE)
        check(false, "%s runs to its end", s->name);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return result;
}

static cf_result *run_field(const space *s, long nodes, long start_nodes)
{
    char representation[128];
    snprintf(representation, sizeof representation,
             "representation: field, nodes: %ld, start-nodes: %ld", nodes, start_nodes);
    return run(s, 10, 1, representation);
}

/* Discrepancy, transport and loss gap at the times; [3][TIMES]. */
static void distances(const cf_result *result, const cf_result *field, double out[3][TIMES])
{
    cf_err err = {0};
    cf_comparison *c = NULL;
    require(cf_compare(result, field, "flow", &c, &err), &err, "comparison");
    const cf_course *courses[] = {&c->flows[0].discrepancy, &c->flows[0].transport,
                                  &c->flows[0].loss};
    for (size_t q = 0; q < 3; q++)
        for (size_t t = 0; t < TIMES; t++)
            out[q][t] = t < courses[q]->count ? fabs(courses[q]->value[t]) : NAN;
    cf_comparison_free(&c);
}

/* values [counts*seeds] of one distance at one time. */
static void check_slope(const scale *size, const space *s, const char *name, double t,
                        const double *values)
{
    double x[MOST_COUNTS];
    for (long k = 0; k < size->counts; k++) {
        x[k] = 4 * (double)(size->first << k);
        cf_mean mean = cf_mean_of(values + k * size->seeds, (size_t)size->seeds);
        printf("#csv field,%s,%s,%g,%g,%.4g,%.2g\n", s->name, name, t, x[k], mean.value,
               mean.error);
    }
    cf_power_law law = cf_power_law_fit(x, values, (size_t)size->counts, (size_t)size->seeds, 0.95);
    printf("#csv field-slopes,%s,%s,%g,%.3f,%.3f,%.3f\n", s->name, name, t, law.slope, law.low,
           law.high);
    check_near(law.slope, -0.5, 0.1 + size->slack,
               "%s: %s of n particles from the field at t = %g ~ n^%.3f, [%.3f, %.3f] (C12)",
               s->name, name, t, law.slope, law.low, law.high);
}

static void test_particles(const scale *size, const space *s)
{
    static double values[3][TIMES][MOST_COUNTS * MOST_SEEDS];
    cf_result *field = run_field(s, s->finer * size->nodes, size->start_nodes);
    for (long k = 0; k < size->counts; k++)
        for (long seed = 0; seed < size->seeds; seed++) {
            double at[3][TIMES];
            cf_result *result = run(s, size->first << k, seed + 1, "representation: particles");
            distances(result, field, at);
            for (size_t q = 0; q < 3; q++)
                for (size_t t = 0; t < TIMES; t++)
                    values[q][t][k * size->seeds + seed] = at[q][t];
            cf_result_free(&result);
        }
    for (size_t t = 0; t < TIMES; t++) {
        check_slope(size, s, "discrepancy", times[t], values[0][t]);
        if (!s->gaps)
            check_slope(size, s, "W1", times[t], values[1][t]);
    }
    cf_result_free(&field);
}

/* Orders 2, 4, 6, 8 against 12. ReLU has a kink where x and y are parallel. */
static void test_orders(const space *s, double factor, double last)
{
    double at[3][TIMES], previous = INFINITY;
    cf_result *fine = run_field(s, 12, 3);
    bool falls = true;
    for (long order = 2; order <= 8; order += 2) {
        cf_result *field = run_field(s, order, 3);
        distances(field, fine, at);
        printf("#csv field-orders,%s,%ld,%.2e,%.2e\n", s->name, order, at[0][TIMES - 1],
               at[2][TIMES - 1]);
        falls = falls && at[0][TIMES - 1] < fmax(previous / factor, 1e-8); /* rtol */
        previous = at[0][TIMES - 1];
        cf_result_free(&field);
    }
    check(falls && previous < last,
          "%s: nodes of order 2, 4, 6, 8 err by a factor %g less each time, down to %.1e (E31)",
          s->name, factor, previous);
    cf_result_free(&fine);
}

int main(int argc, char **argv)
{
    bool small = argc > 1 && strcmp(argv[1], "small") == 0;
    const scale *size = small ? &SMALL : &FULL;
    for (size_t k = 0; k < sizeof spaces / sizeof *spaces; k++)
        test_particles(size, &spaces[k]);
    test_orders(&spaces[0], 5, 1e-4);
    if (!small)
        test_orders(&spaces[1], 1.2, 1e-2);
    return check_done();
}
