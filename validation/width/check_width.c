/* C9 and C14, measured: networks of growing width against their limit, and mean-field networks
 * against four times larger ones.
 *
 *   build/tests/check-width          the claims as docs/theory.md states them; minutes
 *   build/tests/check-width small    fewer points and neurons, erf alone, wider bounds;
 * seconds
 *
 * Four discs, R^2, start of spread 0.3, T = 1. Errors are the largest distance (E50), the error of
 * the kernel at the start and its largest drift; slopes are those of E53. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/compare.h"
#include "contraflow/run/run.h"

enum { WIDTHS = 3, MOST_SEEDS = 8, OTHERS = 100 /* seeds of the larger networks begin after it */ };

/* The size of the experiment. */
typedef struct {
    long points, seeds,
        first;    /* per cluster; of each width; the narrowest, others by factors of 4 */
    double slack; /* added to the bounds of the claims */
    bool kinks;   /* ReLU, too, whose flows may slide along a kink for many steps */
} scale;

static const scale FULL = {25, MOST_SEEDS, 128, 0, true}, SMALL = {5, 8, 32, 0.05, false};

static const char *const PROBLEM =
    "format: 1\n"
    "data: {kind: discs, radius: 0.3, points-per-cluster: %ld, seed: 1}\n"
    "latent: {space: euclidean, dimension: 2}\n"
    "start: {kind: near-point, spread: 0.3, seed: 2}\n"
    "loss: {psi: log1p, tau: 0.1}\n"
    "time: {end: 1, outputs: {spacing: linear, count: 10}}\n"
    "integrator: {rtol: 1e-4}\n"
    "flows:\n%s";

/* "[1, 2, 3]", or by factors. */
static void write_list(char *text, size_t size, long first, long count, long factor)
{
    size_t used = (size_t)snprintf(text, size, "[%ld", first);
    for (long k = 1; k < count && used < size; k++) {
        first = factor > 1 ? first * factor : first + 1;
        used += (size_t)snprintf(text + used, size - used, ", %ld", first);
    }
    if (used < size)
        snprintf(text + used, size - used, "]");
}

static cf_result *run(const scale *s, const char *flows)
{
    char text[4096];
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "check-width"};
    snprintf(text, sizeof text, PROBLEM, s->points, flows);
    require(cf_problem_parse("width.yaml", text, NULL, 0, &problem, &err), &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, "run");
    check(end == CF_ENDED_COMPLETE, "every flow runs to its end");
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return result;
}

static void check_slope(const cf_power_law *law, double expected, double bound, const char *claim)
{
    check_near(law->slope, expected, bound, "%s: slope %.3f in [%.3f, %.3f], claimed %.2f", claim,
               law->slope, law->low, law->high, expected);
}

static void print_widths(const cf_family_comparison *family)
{
    for (size_t w = 0; w < family->count; w++) {
        const cf_width_comparison *width = &family->widths[w];
        printf("# N = %-5ld", width->width);
        for (size_t q = 0; q < CF_COMPARED_COUNT; q++)
            if (!isnan(width->means[q].value))
                printf("  %s %.4g +- %.1g", cf_compared_kinds[q].label, width->means[q].value,
                       width->means[q].error);
        printf("\n");
    }
}

static void test_limit(const scale *s, const char *activation, double drift)
{
    char widths[64], seeds[64], flows[1024], claim[64];
    write_list(widths, sizeof widths, s->first, WIDTHS, 4);
    write_list(seeds, sizeof seeds, 1, s->seeds, 1);
    snprintf(flows, sizeof flows,
             "  - name: limit\n    kind: neural\n"
             "    kernel: {activation: %s, hidden-layers: 1, weight-variance: 2, bias-variance: "
             "0.1}\n"
             "  - name: net\n    kind: network\n    seeds: %s\n    kernel-drift: true\n"
             "    network: {activation: %s, hidden-layers: 1, weight-variance: 2, bias-variance: "
             "0.1, widths: %s}\n",
             activation, seeds, activation, widths);
    cf_err err = {0};
    cf_comparison *c = NULL;
    cf_result *result = run(s, flows);
    require(cf_compare(result, result, NULL, &c, &err), &err, "comparison");
    const cf_family_comparison *family = &c->families[0];
    check(strcmp(family->reference, "limit") == 0, "%s: the limit is found", activation);
    print_widths(family);
    snprintf(claim, sizeof claim, "%s, kernel at the start (C9)", activation);
    check_slope(&family->laws[CF_COMPARED_KERNEL], -0.5, 0.1 + s->slack, claim);
    snprintf(claim, sizeof claim, "%s, largest distance (C9)", activation);
    check_slope(&family->laws[CF_COMPARED_DISTANCE], -0.5, 0.1 + s->slack, claim);
    snprintf(claim, sizeof claim, "%s, drift of the kernel (C9)", activation);
    check_slope(&family->laws[CF_COMPARED_DRIFT], drift, 0.15 + s->slack, claim);
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* The distance of a network from an independent one of four times the width. */
static double ensemble_error(const cf_result *result, long width, long seed)
{
    char name[64], larger[64];
    cf_err err = {0};
    cf_comparison *c = NULL;
    snprintf(name, sizeof name, "small.width-%ld.seed-%ld", width, seed);
    snprintf(larger, sizeof larger, "large.width-%ld.seed-%ld", 4 * width, OTHERS + seed);
    require(cf_compare(result, result, larger, &c, &err), &err, "comparison");
    double error = NAN;
    for (size_t k = 0; k < c->count; k++)
        if (strcmp(c->flows[k].flow.name, name) == 0)
            error = c->flows[k].distance.sup;
    cf_comparison_free(&c);
    return error;
}

static void test_mean_field(const scale *s, const char *activation)
{
    char narrow[64], wide[64], seeds[64], others[64], flows[1024], claim[64];
    double x[WIDTHS], errors[WIDTHS * MOST_SEEDS];
    write_list(narrow, sizeof narrow, s->first, WIDTHS, 4);
    write_list(wide, sizeof wide, 4 * s->first, WIDTHS, 4);
    write_list(seeds, sizeof seeds, 1, s->seeds, 1);
    write_list(others, sizeof others, OTHERS + 1, s->seeds, 1);
    snprintf(flows, sizeof flows,
             "  - {name: small, kind: network, seeds: %s, network: {parametrization: mean-field, "
             "hidden-layers: 1, activation: %s, widths: %s}}\n"
             "  - {name: large, kind: network, seeds: %s, network: {parametrization: mean-field, "
             "hidden-layers: 1, activation: %s, widths: %s}}\n",
             seeds, activation, narrow, others, activation, wide);
    cf_result *result = run(s, flows);
    for (size_t w = 0; w < WIDTHS; w++) {
        x[w] = (double)s->first * pow(4, (double)w);
        double *row = errors + w * (size_t)s->seeds;
        for (long seed = 1; seed <= s->seeds; seed++)
            row[seed - 1] = ensemble_error(result, (long)x[w], seed);
        cf_mean mean = cf_mean_of(row, (size_t)s->seeds);
        printf("# N = %-5.0f  distance from 4 N %.4g +- %.1g\n", x[w], mean.value, mean.error);
    }
    cf_power_law law =
        cf_power_law_fit(x, errors, WIDTHS, (size_t)s->seeds, CF_COMPARED_CONFIDENCE);
    snprintf(claim, sizeof claim, "%s, mean-field networks (C14)", activation);
    check_slope(&law, -0.5, 0.1 + s->slack, claim);
    cf_result_free(&result);
}

int main(int argc, char **argv)
{
    const scale *s = argc > 1 && strcmp(argv[1], "small") == 0 ? &SMALL : &FULL;
    if (s->kinks)
        test_limit(s, "relu", -0.75);
    test_limit(s, "erf", -1);
    test_mean_field(s, "erf");
    return check_done();
}
