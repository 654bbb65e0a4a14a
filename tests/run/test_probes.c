/* Probes (E54 to E56): they follow the points that they are, go where a point of vanishing mass
 * would go, approach the limit of infinite width, and leave the flow alone, bit for bit. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/threads.h"
#include "probe_run.h"

/* --- probes that are points --- */

#define FLOWS                                                                                      \
    "flows:\n"                                                                                     \
    "  - {name: free, kind: vanilla}\n"                                                            \
    "  - {name: wide, kind: neural, kernel: {hidden-layers: 2, activation: relu}}\n"               \
    "  - {name: smooth, kind: neural, kernel: {activation: tanh}}\n"                               \
    "  - {name: linear, kind: neural, kernel: {kind: empirical, network: {widths: 24}}}\n"         \
    "  - {name: net, kind: network, network: {widths: 24, activation: erf}}\n"                     \
    "  - {name: own, kind: network, network: {widths: 24, parametrization: standard,\n"            \
    "     centered: false}}\n"                                                                     \
    "  - {name: sgd, kind: network, network: {widths: 24}, train: {method: sgd,\n"                 \
    "     learning-rate: 0.02}}\n"                                                                 \
    "time: {end: 1, outputs: {spacing: linear, count: 4}}\n"

static const char *const FOLLOWERS[] = {"wide",
                                        "smooth",
                                        "linear",
                                        "net.width-24.seed-1",
                                        "own.width-24.seed-1",
                                        "sgd.width-24.seed-1"};

static const char *const PROBLEMS[][2] = {
    {"in R^2, two views", "format: 1\n"
                          "data: {kind: discs, points-per-cluster: 5, radius: 0.4}\n"
                          "augmentation: {kind: gaussian, size: 0.1, views: 2}\n"
                          "latent: {space: euclidean, dimension: 2}\n"
                          "start: {kind: near-point, spread: 0.3}\n"
                          "integrator: {rtol: 1e-8}\n" FLOWS},
    {"on the circle, by bdf", "format: 1\n"
                              "data: {kind: discs, points-per-cluster: 6, radius: 0.4}\n"
                              "start: {kind: random}\n"
                              "integrator: {method: bdf, rtol: 1e-8}\n" FLOWS}};

/* Every third point (or view) with its start, as a file of probes. */
static void write_points(const cf_result *result)
{
    const cf_record *x = probe_record(result, "/data", "points"), *h;
    size_t count = cf_record_count(x) / 2;
    char text[8192];
    int used = snprintf(text, sizeof text, "h1,x1,x0,h0\n");
    h = probe_record(result, "wide", "embedding");
    if (h == NULL)
        h = probe_record(result, "wide", "latent");
    for (size_t i = 0; i < count; i += 3)
        used += snprintf(text + used, sizeof text - (size_t)used, "%.17g,%.17g,%.17g,%.17g\n",
                         h->real[2 * i + 1], x->real[2 * i + 1], x->real[2 * i], h->real[2 * i]);
    probe_file("points.csv", text);
}

static double distance_from_points(const cf_result *result, const char *flow)
{
    const cf_record *z = probe_record(result, flow, "latent");
    const cf_record *probes = probe_record(result, flow, "probe_latent");
    if (z == NULL || probes == NULL || probes->rank != 3 || probes->dims[0] != z->dims[0])
        return NAN;
    size_t count = cf_record_count(z) / z->dims[0], p = probes->dims[1];
    double worst = p == (count / 2 + 2) / 3 ? 0 : NAN;
    for (size_t t = 0; t < z->dims[0]; t++)
        for (size_t i = 0; i < 2 * p; i++)
            worst = worse(worst, fabs(probes->real[t * 2 * p + i] -
                                      z->real[t * count + 3 * (i / 2) * 2 + i % 2]));
    return worst;
}

static void test_points(const char *const problem[2])
{
    const char *const none[] = {NULL}, *const with[] = {"probes.path=points.csv", NULL};
    cf_result *alone = probe_must_run(problem[1], none);
    write_points(alone);
    cf_result *result = probe_must_run(problem[1], with);
    for (size_t f = 0; f < sizeof FOLLOWERS / sizeof *FOLLOWERS; f++) {
        bool own = strncmp(FOLLOWERS[f], "own", 3) == 0;
        check_below(distance_from_points(result, FOLLOWERS[f]), 3e-7,
                    "%s: probes of %s that are its points follow them (E5%d)%s", problem[0],
                    FOLLOWERS[f], f < 2 ? 4 : 5, own ? ", from its own start" : "");
    }
    check(probe_record(result, "free", "probe_latent") == NULL, "a vanilla flow has none");
    check(probe_same_flows(alone, result), "%s: with probes every flow has the same bits",
          problem[0]);
    cf_result_free(&alone);
    cf_result_free(&result);
}

/* --- a point of vanishing mass --- */

/* An independent way: the probe as one more point of the data, too light to act on the others. */
static void test_light_point(const char *kernel)
{
    char text[1024];
    const char *const none[] = {NULL}, *const with[] = {"data.path=four.csv",
                                                        "probes.path=light.csv", NULL};
    snprintf(text, sizeof text,
             "format: 1\ndata: {kind: file, path: five.csv}\n"
             "latent: {space: euclidean, dimension: 2}\n"
             "start: {kind: random}\nintegrator: {rtol: 1e-9}\nloss: {tau: 1}\n"
             "flows: [{name: wide, kind: neural, kernel: %s}]\n"
             "time: {end: 2, outputs: [0.5, 1]}\n",
             kernel);
    cf_result *five = probe_must_run(text, none), *four = probe_must_run(text, with);
    const cf_record *z = probe_record(five, "wide", "latent");
    const cf_record *probe = probe_record(four, "wide", "probe_latent");
    double worst = 0, motion = 0;
    for (size_t t = 0; t < z->dims[0]; t++)
        for (size_t k = 0; k < 2; k++) {
            worst = worse(worst, fabs(probe->real[2 * t + k] - z->real[10 * t + 8 + k]));
            motion = worse(motion, fabs(probe->real[2 * t + k] - probe->real[k]));
        }
    check_below(worst, 1e-7, "a probe goes where a point of mass 1e-13 goes (E54; kernel %s)",
                kernel);
    check(motion > 0.02, "and it moves: %g", motion);
    cf_result_free(&five);
    cf_result_free(&four);
}

/* --- infinite width --- */

static double mean_distance(const cf_result *result, long width, int seeds)
{
    const cf_record *limit = probe_record(result, "limit", "probe_latent");
    double total = 0;
    size_t last = cf_record_count(limit) - cf_record_count(limit) / limit->dims[0];
    for (int seed = 1; seed <= seeds; seed++) {
        char name[64];
        double square = 0;
        snprintf(name, sizeof name, "net.width-%ld.seed-%d", width, seed);
        const cf_record *z = probe_record(result, name, "probe_latent");
        for (size_t k = last; k < cf_record_count(limit); k++)
            square += pow(z->real[k] - limit->real[k], 2);
        total += sqrt(square / (double)limit->dims[1]);
    }
    return total / seeds;
}

static void test_width(void)
{
    const char *const none[] = {NULL};
    cf_result *result = probe_must_run(
        "format: 1\ndata: {kind: discs, points-per-cluster: 5, radius: 0.3}\n"
        "latent: {space: euclidean, dimension: 2}\nstart: {kind: near-point, spread: 0.3}\n"
        "flows:\n"
        "  - {name: limit, kind: neural, kernel: {activation: erf}}\n"
        "  - {name: net, kind: network, network: {widths: [64, 1024], activation: erf},\n"
        "     seeds: [1, 2, 3, 4, 5, 6]}\n"
        "time: {end: 1, outputs: [0.5]}\nprobes: {path: five-probes.csv}\n",
        none);
    double narrow = mean_distance(result, 64, 6), wide = mean_distance(result, 1024, 6);
    check_below(wide, 0.05, "probes of networks of width 1024 are near those of infinite width");
    check(narrow > 2.5 * wide && narrow < 7 * wide,
          "their distance falls like the root of the width (C9): %g, %g", narrow, wide);
    cf_result_free(&result);
}

/* --- fields --- */

static void test_field(void)
{
    const char *const none[] = {NULL};
    cf_result *result = probe_must_run(
        "format: 1\ndata: {kind: file, path: four.csv}\n"
        "latent: {space: euclidean, dimension: 2}\n"
        "start: {kind: linear, matrix: [[1, 0], [0, 1]], spread: 0.2}\n"
        "flows: [{kind: neural, representation: field}]\ntime: {end: 1, outputs: [0.5]}\n"
        "integrator: {rtol: 1e-9}\nprobes: {path: two.csv}\n",
        none);
    const cf_record *shift = probe_record(result, "neural", "shift");
    const cf_record *probe = probe_record(result, "neural", "probe_latent");
    double worst = 0;
    for (size_t t = 1; t < shift->dims[0]; t++)
        for (size_t k = 0; k < 2; k++) {
            double own = shift->real[8 * t + 4 + k] - shift->real[4 + k];
            worst = worse(worst, fabs(probe->real[6 * t + k] - probe->real[k] - own));
        }
    check_below(worst, 1e-7, "a probe at a node of a field moves as the node does (E54, E16)");
    cf_result_free(&result);
}

/* --- many dimensions --- */

static void test_dimensions(void)
{
    enum { D = 120 };
    static char text[2][D * 40];
    const char *const none[] = {NULL};
    size_t used[2] = {0};
    for (int row = -1; row < 4; row++)
        for (int k = 0; k < D; k++)
            for (int file = 0; file < (row < 1 ? 2 : 1); file++)
                used[file] +=
                    (size_t)snprintf(text[file] + used[file], sizeof text[file] - used[file],
                                     row < 0 ? "%sh%d%s" : "%s%d%s",
                                     file == 1 && k == 0 ? (row < 0 ? "x0,x1," : "1,0.5,") : "",
                                     row < 0 ? k : (k + row) % 7, k + 1 < D ? "," : "\n");
    probe_file("h.csv", text[0]);
    probe_file("bad.csv", text[1]);
    cf_result *result =
        probe_must_run("format: 1\ndata: {kind: file, path: four.csv}\n"
                       "latent: {dimension: 120}\nstart: {kind: file, path: h.csv}\n"
                       "flows: [neural]\ntime: {end: 0.01}\nprobes: {path: bad.csv}\n",
                       none);
    const cf_record *z = probe_record(result, "neural", "latent");
    const cf_record *probe = probe_record(result, "neural", "probe_latent");
    check(probe->dims[2] == D && memcmp(probe->real, z->real, D * sizeof(double)) == 0,
          "a probe starts from its file in a latent space of %d dimensions", D);
    cf_result_free(&result);
}

/* --- bits, memory --- */

static void test_threads(void)
{
    const char *const none[] = {NULL};
    const char *text =
        "format: 1\ndata: {kind: discs, points-per-cluster: 40}\nprobes: {path: five-probes.csv}\n"
        "flows: [neural, {name: frozen, kind: neural, kernel: {kind: empirical}},\n"
        "  {kind: network, network: {widths: 300}}]\n"
        "time: {end: 0.2, outputs: [0.1]}\n";
    int before = cf_threads();
    cf_set_threads(1);
    cf_result *one = probe_must_run(text, none);
    cf_set_threads(3);
    cf_result *three = probe_must_run(text, none);
    cf_set_threads(before);
    check(probe_same_flows(one, three), "one thread and three give the same bits");
    cf_result_free(&one);
    cf_result_free(&three);
}

static double memory_of(const char *text, const char *setting)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    char file[64];
    snprintf(file, sizeof file, "%s/p.yaml", probe_folder);
    require(cf_problem_parse(file, text, &setting, setting == NULL ? 0 : 1, &problem, &err), &err,
            "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    double bytes = cf_parts_memory(parts);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return bytes;
}

static void test_memory(void)
{
    enum { POINTS = 200, PROBES = 1000 };
    static char rows[PROBES * 8 + 16];
    int used = snprintf(rows, sizeof rows, "x0,x1\n");
    for (int i = 0; i < PROBES; i++)
        used += snprintf(rows + used, sizeof rows - (size_t)used, "0,%d\n", i);
    probe_file("many.csv", rows);
    const char *text = "format: 1\ndata: {kind: discs, points-per-cluster: 50}\nflows: [neural]\n"
                       "snapshots: [1]\n";
    double more = memory_of(text, "probes.path=many.csv") - memory_of(text, NULL);
    double least = 8.0 * PROBES * (POINTS + 2 + 2 + 3 * 2 + 3);
    check(more > least && more < 1.5 * least, "the estimate counts the kernel of the probes: %g MB",
          more / 1e6);
}

int main(void)
{
    probe_open();
    for (size_t k = 0; k < sizeof PROBLEMS / sizeof *PROBLEMS; k++)
        test_points(PROBLEMS[k]);
    test_light_point("{activation: relu}");
    test_light_point("{activation: gelu, hidden-layers: 2}");
    test_light_point("{kind: block, matrix: [[1, 0.25], [0.25, 0.5]]}");
    test_width();
    test_field();
    test_threads();
    test_memory();
    test_dimensions();
    probe_close();
    return check_done();
}
