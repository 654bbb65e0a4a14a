/* Probes (E54 to E56): they follow the points that they are, go where a point of vanishing mass
 * would go, approach the limit of infinite width, start as more data would, and leave the flow
 * alone, bit for bit; bad files are told in one message. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/threads.h"

static char folder[] = "/tmp/contraflow-probes-XXXXXX";

/* --- running --- */

static cf_status run(const char *text, const char *const *settings, cf_result **result, cf_err *err)
{
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "test"};
    size_t count = 0;
    char file[64];
    while (settings[count] != NULL)
        count++;
    snprintf(file, sizeof file, "%s/p.yaml", folder);
    *result = NULL;
    cf_status status = cf_problem_parse(file, text, settings, count, &problem, err);
    if (status == CF_OK)
        status = cf_parts_create(problem, &parts, err);
    if (status == CF_OK)
        status = cf_run(parts, NULL, &hooks, result, &end, err);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return status;
}

static cf_result *must_run(const char *text, const char *const *settings)
{
    cf_err err = {0};
    cf_result *result = NULL;
    require(run(text, settings, &result, &err), &err, "run");
    return result;
}

static const cf_record *record_of(const cf_result *result, const char *flow, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, flow[0] == '/' ? "%s" : "/flows/%s", flow);
    const cf_group *group = cf_result_group(result, path);
    return group == NULL ? NULL : cf_group_record(group, name);
}

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

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
    const cf_record *x = record_of(result, "/data", "points"), *h;
    size_t count = cf_record_count(x) / 2;
    char text[8192];
    int used = snprintf(text, sizeof text, "h1,x1,x0,h0\n");
    h = record_of(result, "wide", "embedding");
    if (h == NULL)
        h = record_of(result, "wide", "latent");
    for (size_t i = 0; i < count; i += 3)
        used += snprintf(text + used, sizeof text - (size_t)used, "%.17g,%.17g,%.17g,%.17g\n",
                         h->real[2 * i + 1], x->real[2 * i + 1], x->real[2 * i], h->real[2 * i]);
    write_file("points.csv", text);
}

static double distance_from_points(const cf_result *result, const char *flow)
{
    const cf_record *z = record_of(result, flow, "latent");
    const cf_record *probes = record_of(result, flow, "probe_latent");
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

static bool same_records(const cf_group *a, const cf_group *b)
{
    for (size_t k = 0; k < a->record_count; k++) {
        const cf_record *x = &a->records[k], *y = cf_group_record(b, x->name);
        if (y == NULL || cf_record_count(x) != cf_record_count(y))
            return false;
        if (x->type == CF_VALUE_REAL &&
            memcmp(x->real, y->real, cf_record_count(x) * sizeof(double)) != 0)
            return false;
    }
    return true;
}

/* All that `alone` has, `with` has too. */
static bool same_flows(const cf_result *alone, const cf_result *with)
{
    static const char *const counts[] = {"steps", "rhs_evaluations", "jacobian_products"};
    static const char *const reals[] = {"emergence", "dissolution", "energy_defect"};
    bool same = true;
    for (size_t g = 0; g < alone->count && same; g++) {
        const cf_group *a = &alone->groups[g], *b = cf_result_group(with, a->path);
        same = b != NULL && same_records(a, b);
        for (int k = 0; k < 3 && same; k++) {
            double x = cf_group_real(a, reals[k]), y = cf_group_real(b, reals[k]);
            same = cf_group_integer(a, counts[k]) == cf_group_integer(b, counts[k]) &&
                   memcmp(&x, &y, sizeof x) == 0;
        }
    }
    return same;
}

static void test_points(const char *const problem[2])
{
    const char *const none[] = {NULL}, *const with[] = {"probes.path=points.csv", NULL};
    cf_result *alone = must_run(problem[1], none);
    write_points(alone);
    cf_result *result = must_run(problem[1], with);
    for (size_t f = 0; f < sizeof FOLLOWERS / sizeof *FOLLOWERS; f++) {
        bool own = strncmp(FOLLOWERS[f], "own", 3) == 0;
        check_below(distance_from_points(result, FOLLOWERS[f]), 3e-7,
                    "%s: probes of %s that are its points follow them (E5%d)%s", problem[0],
                    FOLLOWERS[f], f < 2 ? 4 : 5, own ? ", from its own start" : "");
    }
    check(record_of(result, "free", "probe_latent") == NULL, "a vanilla flow has none");
    check(same_flows(alone, result), "%s: with probes every flow has the same bits", problem[0]);
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
    write_file("five.csv", "x0,x1,weight,label\n0,1,1,0\n1,0.5,2,0\n-1,1,1,1\n0.3,-1,1,1\n"
                           "0.2,0.4,1e-13,1\n");
    write_file("four.csv", "x0,x1,weight,label\n0,1,1,0\n1,0.5,2,0\n-1,1,1,1\n0.3,-1,1,1\n");
    write_file("light.csv", "x0,x1,label\n0.2,0.4,1\n");
    cf_result *five = must_run(text, none), *four = must_run(text, with);
    const cf_record *z = record_of(five, "wide", "latent");
    const cf_record *probe = record_of(four, "wide", "probe_latent");
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
    const cf_record *limit = record_of(result, "limit", "probe_latent");
    double total = 0;
    size_t last = cf_record_count(limit) - cf_record_count(limit) / limit->dims[0];
    for (int seed = 1; seed <= seeds; seed++) {
        char name[64];
        double square = 0;
        snprintf(name, sizeof name, "net.width-%ld.seed-%d", width, seed);
        const cf_record *z = record_of(result, name, "probe_latent");
        for (size_t k = last; k < cf_record_count(limit); k++)
            square += pow(z->real[k] - limit->real[k], 2);
        total += sqrt(square / (double)limit->dims[1]);
    }
    return total / seeds;
}

static void test_width(void)
{
    const char *const none[] = {NULL};
    write_file("five-probes.csv", "x0,x1\n-1,-1\n-0.7,0.9\n0,0\n1.2,-0.8\n0.5,1.5\n");
    cf_result *result = must_run(
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

/* --- starts --- */

static const char *const STARTS[] = {
    "{kind: near-point, spread: 0.1, seed: 3}", "{kind: random, seed: 3}",
    "{kind: linear, matrix: [[1, 2], [0.5, -1]], spread: 0.1}",
    "{kind: perturbed, degrees: [2, 3], amplitudes: [0.3, 0.2], seed: 5}"};

/* Four points and a probe start as five points do. */
static void test_start(const char *start)
{
    char text[1024];
    const char *const none[] = {NULL}, *const with[] = {"data.path=four.csv",
                                                        "probes.path=light.csv", NULL};
    snprintf(text, sizeof text,
             "format: 1\ndata: {kind: file, path: five.csv}\nstart: %s\n"
             "flows: [neural]\ntime: {end: 0.01, outputs: [0.001]}\n",
             start);
    cf_result *five = must_run(text, none), *four = must_run(text, with);
    const cf_record *z = record_of(five, "neural", "latent");
    check(memcmp(record_of(four, "neural", "latent")->real, z->real, 8 * sizeof(double)) == 0 &&
              memcmp(record_of(four, "neural", "probe_latent")->real, z->real + 8,
                     2 * sizeof(double)) == 0,
          "start %s: a probe starts as one point more (E56)", start);
    cf_result_free(&five);
    cf_result_free(&four);
}

/* A network is a function: probes at points start there, and the points start as without them. */
static void test_network_start(const char *activation)
{
    char text[1024];
    const char *const none[] = {NULL}, *const with[] = {"probes.path=two.csv", NULL};
    snprintf(text, sizeof text,
             "format: 1\ndata: {kind: file, path: four.csv}\n"
             "start: {kind: network, kernel: {activation: %s}, seed: 7}\n"
             "flows: [neural]\ntime: {end: 0.01, outputs: [0.001]}\n",
             activation);
    write_file("two.csv", "x0,x1\n-1,1\n2,2\n1,0.5\n");
    cf_result *alone = must_run(text, none), *result = must_run(text, with);
    const double *h = record_of(alone, "neural", "latent")->real;
    const double *probe = record_of(result, "neural", "probe_latent")->real;
    double worst = 0;
    for (size_t k = 0; k < 2; k++)
        worst = worse(worst, worse(fabs(probe[k] - h[4 + k]), fabs(probe[4 + k] - h[2 + k])));
    check_below(worst, 1e-7, "network start, %s: a probe at a point starts there (E56)",
                activation);
    check(same_flows(alone, result), "and the points start as without probes");
    cf_result_free(&alone);
    cf_result_free(&result);
}

/* The covariance of many outputs, points and probes, is that of the kernel. */
static void test_joint_law(void)
{
    enum { N = 3, P = 2, ALL = N + P, OUTPUTS = 40000 };
    const double points[2 * ALL] = {1, 0, 0, 1, -1, 0.5, 0.9, 0.2, -1, -1};
    const size_t counts[2] = {N, P};
    const cf_mlp options = {.hidden_layers = 1, .weight_variance = 2, .bias_variance = 0.1};
    double joint[ALL * ALL], own[N * N], worst = 0, size = 0;
    static double h[ALL * OUTPUTS];
    cf_err err = {0};
    require(cf_mlp_kernel(&options, points, ALL, 2, joint, NULL, &err), &err, "kernel");
    for (size_t k = 0; k < N * N; k++)
        own[k] = joint[k / N * ALL + k % N];
    require(cf_start_network(own, 5, N, OUTPUTS, h, &err), &err, "start");
    require(cf_start_network_more(joint, counts, 5, OUTPUTS, h + N * OUTPUTS, &err), &err, "more");
    for (size_t i = 0; i < ALL; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < OUTPUTS; k++)
                sum += h[i * OUTPUTS + k] * h[j * OUTPUTS + k] / OUTPUTS;
            worst = worse(worst, fabs(sum - joint[i * ALL + j]));
            size = worse(size, joint[i * ALL + j]);
        }
    check_below(worst / size, 0.03,
                "points and probes of a network start have its joint law (E56)");
}

/* --- fields --- */

static void test_field(void)
{
    const char *const none[] = {NULL};
    cf_result *result =
        must_run("format: 1\ndata: {kind: file, path: four.csv}\n"
                 "latent: {space: euclidean, dimension: 2}\n"
                 "start: {kind: linear, matrix: [[1, 0], [0, 1]], spread: 0.2}\n"
                 "flows: [{kind: neural, representation: field}]\ntime: {end: 1, outputs: [0.5]}\n"
                 "integrator: {rtol: 1e-9}\nprobes: {path: two.csv}\n",
                 none);
    const cf_record *shift = record_of(result, "neural", "shift");
    const cf_record *probe = record_of(result, "neural", "probe_latent");
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
    write_file("h.csv", text[0]);
    write_file("bad.csv", text[1]);
    cf_result *result = must_run("format: 1\ndata: {kind: file, path: four.csv}\n"
                                 "latent: {dimension: 120}\nstart: {kind: file, path: h.csv}\n"
                                 "flows: [neural]\ntime: {end: 0.01}\nprobes: {path: bad.csv}\n",
                                 none);
    const cf_record *z = record_of(result, "neural", "latent");
    const cf_record *probe = record_of(result, "neural", "probe_latent");
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
    cf_result *one = must_run(text, none);
    cf_set_threads(3);
    cf_result *three = must_run(text, none);
    cf_set_threads(before);
    check(same_flows(one, three), "one thread and three give the same bits");
    cf_result_free(&one);
    cf_result_free(&three);
}

static double memory_of(const char *text, const char *setting)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    char file[64];
    snprintf(file, sizeof file, "%s/p.yaml", folder);
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
    write_file("many.csv", rows);
    const char *text = "format: 1\ndata: {kind: discs, points-per-cluster: 50}\nflows: [neural]\n"
                       "snapshots: [1]\n";
    double more = memory_of(text, "probes.path=many.csv") - memory_of(text, NULL);
    double least = 8.0 * PROBES * (POINTS + 2 + 2 + 3 * 2 + 3);
    check(more > least && more < 1.5 * least, "the estimate counts the kernel of the probes: %g MB",
          more / 1e6);
}

/* --- bad files --- */

#define FOUR "format: 1\ndata: {kind: file, path: four.csv}\n"
#define NEURAL FOUR "flows: [vanilla, neural]\nprobes: {path: bad.csv}\n"

static const struct {
    const char *problem, *file, *message;
} bad[] = {
    {FOUR "flows: [neural]\nprobes: {path: no.csv}\n", "", "p.yaml:4: *no.csv: *"},
    {FOUR "flows: [neural]\nprobes: no.csv\n", "", "p.yaml:4: probes*section*"},
    {FOUR "flows: [neural]\nprobes: {}\n", "", "p.yaml:4: probes.path: required, but missing"},
    {NEURAL, "x0,x1,x2\n1,2,3\n",
     "p.yaml:4: *bad.csv: has points in R^3, but the data are in R^2*"},
    {NEURAL, "x0,x1\n1,nan\n", "p.yaml:4: *bad.csv:2: column x1*"},
    {NEURAL, "x0,x1,x1\n1,2,3\n", "p.yaml:4: *bad.csv:1: *x1*"},
    {NEURAL, "x0,x1\n", "p.yaml:4: *bad.csv*"},
    {NEURAL, "", "p.yaml:4: *bad.csv*"},
    {NEURAL, "x0,x1,h0\n1,2,3\n", "p.yaml:4: *bad.csv:1: has 1 of the columns h0 ... h1; *"},
    {NEURAL, "x0,x1,weight\n1,2,3\n",
     "p.yaml:4: *bad.csv:1: column weight: unknown; the columns are x0, x1, ..., label, h0, h1"},
    {NEURAL, "x0,x1,label\n1,2,0.5\n", "p.yaml:4: *label of probe 1 = 0.5: must be an integer*"},
    {NEURAL, "x0,x1,h0,h1\n1,2,0,0\n", "p.yaml:4: probes: start: point 1 is at the origin*"},
    {FOUR "flows: [vanilla]\nprobes: {path: bad.csv}\n", "x0,x1\n1,2\n",
     "p.yaml:4: probes: no flow moves unseen points; *"},
    {FOUR "flows: [{kind: vanilla, representation: density}]\nprobes: {path: bad.csv}\n",
     "x0,x1\n1,2\n", "p.yaml:4: probes: no flow moves unseen points; *"},
    {FOUR "start: {kind: file, path: h.csv}\nflows: [neural]\nprobes: {path: bad.csv}\n",
     "x0,x1\n1,2\n",
     "p.yaml:5: probes: start.kind = file has no start for them; add the columns *"},
    {FOUR "flows: [{kind: neural, kernel: {kind: block, matrix: [[1, 0], [0, 1]]}}]\n"
          "probes: {path: bad.csv}\n",
     "x0,x1\n1,2\n",
     "p.yaml:3: *kernel.kind = block: is known by labels, which the probes have not; *"},
    {FOUR "flows: [{kind: neural, kernel: {kind: block, matrix: [[1, 0], [0, 1]]}}]\n"
          "probes: {path: bad.csv}\n",
     "x0,x1,label\n1,2,2\n", "p.yaml:3: *has no row for label 2 of probe 1"},
    {FOUR "flows: [{kind: neural, kernel: {activation: tanh}}]\nprobes: {path: bad.csv}\n",
     "x0,x1\n1,2\n1e4,1\n", "p.yaml:3: *probe 2 alone: *"},
};

/* * stands for anything. */
static bool matches(const char *text, const char *pattern)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern != '*')
        return *text == *pattern && matches(text + 1, pattern + 1);
    for (; *text != '\0'; text++)
        if (matches(text, pattern + 1))
            return true;
    return matches(text, pattern + 1);
}

static void test_refusals(void)
{
    write_file("h.csv", "h0,h1\n1,0\n0,1\n1,1\n-1,0\n");
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        const char *const none[] = {NULL};
        cf_err err = {0};
        cf_result *result = NULL;
        char pattern[256];
        write_file("bad.csv", bad[k].file);
        snprintf(pattern, sizeof pattern, "%s/%s", folder, bad[k].message);
        cf_status status = run(bad[k].problem, none, &result, &err);
        if (!check(status == CF_EINPUT && matches(err.message, pattern), "refused: %s",
                   bad[k].message))
            printf("# got: %s\n", err.message);
        cf_result_free(&result);
    }
}

static void remove_files(void)
{
    static const char *const names[] = {"points.csv", "five.csv", "four.csv",
                                        "light.csv",  "two.csv",  "many.csv",
                                        "bad.csv",    "h.csv",    "five-probes.csv"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[k]);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 1;
    for (size_t k = 0; k < sizeof PROBLEMS / sizeof *PROBLEMS; k++)
        test_points(PROBLEMS[k]);
    test_light_point("{activation: relu}");
    test_light_point("{activation: gelu, hidden-layers: 2}");
    test_light_point("{kind: block, matrix: [[1, 0.25], [0.25, 0.5]]}");
    test_width();
    for (size_t k = 0; k < sizeof STARTS / sizeof *STARTS; k++)
        test_start(STARTS[k]);
    test_network_start("relu");
    test_network_start("tanh");
    test_joint_law();
    test_field();
    test_threads();
    test_memory();
    test_dimensions();
    test_refusals();
    remove_files();
    return check_done();
}
