/* A run as a whole: the same bits on 1, 2 and 3 threads for every kind of start and kernel, outputs
 * and snapshots where they were asked for, results that carry what the format promises, the energy
 * identity (C13). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/threads.h"

static const char *const PROBLEM =
    "format: 1\ntitle: a test\n"
    "data: {kind: discs, points-per-cluster: 100, radius: 0.3}\n"
    "latent: {space: sphere, dimension: 3}\n"
    "start: {kind: network, kernel: {hidden-layers: 1, activation: erf}, seed: 3}\n"
    "flows:\n"
    "  - {name: vanilla, kind: vanilla}\n"
    "  - {name: relu, kind: neural, kernel: {hidden-layers: 2, activation: relu}}\n"
    "  - {name: tanh, kind: neural, kernel: {hidden-layers: 1, activation: tanh, weight-variance: "
    "1}}\n"
    "time: {end: 2, outputs: [0.5, 1, 1.5]}\n"
    "snapshots: [1, 1.75]\n"
    "integrator: {rtol: 1e-6}\n";

static void run(const char *text, cf_result **result, cf_run_end *end)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    const cf_run_hooks hooks = {.command = "test"};
    require(cf_problem_parse("tests/data/problem.yaml", text, NULL, 0, &problem, &err), &err,
            "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, result, end, &err), &err, "run");
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

static bool same_bits(const cf_result *a, const cf_result *b)
{
    size_t compared = 0;
    for (size_t g = 0; g < a->count; g++)
        for (size_t k = 0; k < a->groups[g].record_count; k++) {
            const cf_record *x = &a->groups[g].records[k];
            const cf_record *y = cf_group_record(&b->groups[g], x->name);
            if (x->type != CF_VALUE_REAL)
                continue;
            if (y == NULL || cf_record_count(x) != cf_record_count(y) ||
                memcmp(x->real, y->real, cf_record_count(x) * sizeof(double)) != 0)
                return false;
            compared += cf_record_count(x);
        }
    return compared > 10000;
}

static void test_threads(void)
{
    cf_result *one = NULL, *other = NULL;
    cf_run_end end;
    cf_set_threads(1);
    run(PROBLEM, &one, &end);
    for (int threads = 2; threads <= 3; threads++) {
        cf_set_threads(threads);
        run(PROBLEM, &other, &end);
        check(same_bits(one, other), "%d threads give the same bits as one", threads);
        cf_result_free(&other);
    }
    cf_set_threads(1);
    cf_result_free(&one);
}

static void test_schedule(const cf_result *result)
{
    const cf_group *flow = cf_result_group(result, "/flows/relu");
    const cf_record *time = cf_group_record(flow, "time"),
                    *snapshot = cf_group_record(flow, "snapshot_time");
    const double times[] = {0, 0.5, 1, 1.5, 1.75, 2}, snapshots[] = {0, 1, 1.75, 2};
    check(cf_record_count(time) == 6 && memcmp(time->real, times, sizeof times) == 0,
          "outputs are at 0, at what was asked for and at the end");
    check(cf_record_count(snapshot) == 4 &&
              memcmp(snapshot->real, snapshots, sizeof snapshots) == 0,
          "snapshots are at 0, at what was asked for and at the end");
    const cf_record *latent = cf_group_record(flow, "latent");
    check(latent->rank == 3 && latent->dims[0] == 4 && latent->dims[1] == 400 &&
              latent->dims[2] == 3,
          "latent is [S x n x d]");
}

static void test_contents(const cf_result *result)
{
    static const char *const attributes[] = {"kind",
                                             "representation",
                                             "status",
                                             "message",
                                             "method",
                                             "engine",
                                             "rtol",
                                             "atol",
                                             "steps",
                                             "wall_seconds",
                                             "emergence",
                                             "rhs_evaluations",
                                             "energy_defect",
                                             "observed_until",
                                             "dissolution",
                                             "persistence",
                                             "jacobian_products",
                                             "emergence_censored",
                                             "persistence_censored"};
    static const char *const records[] = {"time",
                                          "loss",
                                          "dissipation",
                                          "dissipated",
                                          "separation",
                                          "knn",
                                          "silhouette",
                                          "min_norm",
                                          "alignment",
                                          "uniformity",
                                          "cluster_count",
                                          "effective_rank",
                                          "linear_separability",
                                          "snapshot_time",
                                          "latent",
                                          "embedding"};
    static const char *const roots[] = {"version",      "git_commit",   "problem", "resolved",
                                        "problem_hash", "input_hashes", "command", "started",
                                        "finished",     "status"};
    const cf_group *flow = cf_result_group(result, "/flows/vanilla"),
                   *root = cf_result_group(result, "/");
    for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++)
        check(cf_group_attribute(flow, attributes[k]) != NULL, "a flow has the attribute %s",
              attributes[k]);
    for (size_t k = 0; k < sizeof records / sizeof *records; k++)
        check(cf_group_record(flow, records[k]) != NULL, "a flow has the dataset %s", records[k]);
    for (size_t k = 0; k < sizeof roots / sizeof *roots; k++)
        check(cf_group_attribute(root, roots[k]) != NULL, "the root has the attribute %s",
              roots[k]);
    check(strcmp(cf_group_text(root, "status"), "complete") == 0, "the run is complete");
}

static const char *equation_of(const cf_result *result, const char *group, const char *record)
{
    const cf_record *found = cf_group_record(cf_result_group(result, group), record);
    return found == NULL ? "" : found->equation;
}

/* Which loss and which dynamics: E3 and E6, E7 in the invariant case, E2 with views, E1 for
 * nt-xent, E8 for networks. */
static void test_equations(const cf_result *plain)
{
    cf_result *views = NULL;
    cf_run_end end;
    run("format: 1\ndata: {kind: discs, points-per-cluster: 3}\n"
        "augmentation: {kind: gaussian, views: 2}\nloss: nt-xent\nflows:\n"
        "  - {name: vanilla, kind: vanilla}\n"
        "  - {name: net, kind: network, network: {widths: 4}}\ntime: {end: 0.01}\n",
        &views, &end);
    const cf_result *const both[] = {plain, views};
    size_t bare = 0, seen = 0;
    for (size_t r = 0; r < 2; r++)
        for (size_t g = 0; g < both[r]->count; g++)
            for (size_t k = 0; k < both[r]->groups[g].record_count; k++, seen++) {
                const cf_record *record = &both[r]->groups[g].records[k];
                bare += record->unit[0] == '\0' || record->equation[0] == '\0';
            }
    check(bare == 0 && seen > 100, "each of %zu datasets has a unit and an equation", seen);
    check(strcmp(equation_of(plain, "/flows/vanilla", "time"), "E6") == 0 &&
              strcmp(equation_of(plain, "/flows/relu", "time"), "E7") == 0 &&
              strcmp(equation_of(plain, "/flows/relu", "latent"), "E7") == 0 &&
              strcmp(equation_of(views, "/flows/net.width-4.seed-1", "time"), "E8") == 0,
          "times and latents name the dynamics they belong to");
    check(strcmp(equation_of(plain, "/flows/relu", "loss"), "E3") == 0 &&
              strcmp(equation_of(views, "/flows/vanilla", "loss"), "E1") == 0,
          "losses name the loss");
    cf_result_free(&views);
    run("format: 1\ndata: {kind: discs, points-per-cluster: 3}\n"
        "augmentation: {kind: gaussian, views: 2}\nflows: [vanilla]\ntime: {end: 0.01}\n",
        &views, &end);
    check(strcmp(equation_of(views, "/flows/vanilla", "loss"), "E2") == 0,
          "also the one that compares views");
    cf_result_free(&views);
}

static void test_energy(const cf_result *result)
{
    static const char *const flows[] = {"/flows/vanilla", "/flows/relu", "/flows/tanh"};
    for (size_t f = 0; f < 3; f++) {
        const cf_group *flow = cf_result_group(result, flows[f]);
        const cf_record *loss = cf_group_record(flow, "loss");
        double bound = 100 * cf_group_real(flow, "rtol") * fmax(1, fabs(loss->real[0])), rise = 0;
        for (size_t k = 1; k < cf_record_count(loss); k++)
            rise = worse(rise, loss->real[k] - loss->real[k - 1]);
        check_below(cf_group_real(flow, "energy_defect"), bound, "%s: energy identity (C13)",
                    flows[f]);
        check_below(rise, bound, "%s: the loss never rises (C13)", flows[f]);
    }
}

/* Two clusters that start apart have emerged at 0; a run that ends before dissolution is censored.
 */
static void test_censoring(void)
{
    cf_result *result = NULL;
    cf_run_end end;
    run("format: 1\ndata: {kind: discs, centers: [[-1, 0], [1, 0]], points-per-cluster: 20, "
        "radius: 0.05}\n"
        "latent: {space: sphere, dimension: 2}\nflows:\n"
        "  - {name: vanilla, kind: vanilla}\n"
        "  - {name: wide, kind: neural, kernel: {hidden-layers: 1, activation: relu}}\n"
        "time: {end: 3, outputs: [1, 2]}\n",
        &result, &end);
    const cf_group *vanilla = cf_result_group(result, "/flows/vanilla"),
                   *wide = cf_result_group(result, "/flows/wide");
    check(isnan(cf_group_real(vanilla, "emergence")) &&
              cf_group_integer(vanilla, "emergence_censored") == 1 &&
              isnan(cf_group_real(vanilla, "persistence")) &&
              cf_group_integer(vanilla, "persistence_censored") == 0,
          "a flow without clusters has a censored emergence and no persistence");
    double emergence = cf_group_real(wide, "emergence");
    check(emergence > 0 && emergence < 3 && cf_group_integer(wide, "emergence_censored") == 0 &&
              isnan(cf_group_real(wide, "dissolution")) &&
              cf_group_integer(wide, "persistence_censored") == 1,
          "a flow that ends with its clusters has a censored persistence");
    check_near(cf_group_real(wide, "persistence"), 3 - emergence, 1e-12,
               "of observed_until less emergence");
    cf_result_free(&result);
}

static const char CLUSTERS[] =
    "format: 1\ndata: {kind: discs, centers: [[-1, 0], [1, 0], [0, 2]], points-per-cluster: [10, "
    "20, "
    "30],\n  radius: [0.2, 0.9, 0.4]}\nlatent: {space: sphere, dimension: 2}\n"
    "start: {kind: near-point, spread: 0.05}\n"
    "flows: [{name: wide, kind: neural, kernel: {hidden-layers: 1, activation: relu}}]\n"
    "integrator: {rtol: 1e-9}\ntime: {end: 30, outputs: [%.17g]}\n";

/* Times of clusters are where their separation is s*: outputs at these times say so (E111). */
static void test_clusters(void)
{
    cf_result *result = NULL, *there = NULL;
    cf_run_end end;
    char text[sizeof CLUSTERS + 32];
    snprintf(text, sizeof text, CLUSTERS, 1.);
    run(text, &result, &end);
    const cf_group *clusters = cf_result_group(result, "/flows/wide/clusters");
    const double *mass = cf_group_record(clusters, "mass")->real;
    check_below(fabs(mass[0] - 1. / 6) + fabs(mass[2] - 0.5), 1e-15, "masses of clusters");
    double until = cf_group_real(cf_result_group(result, "/flows/wide"), "observed_until");
    size_t located = 0;
    for (int event = 0; event < 2; event++)
        for (size_t q = 0; q < 3; q++) {
            const double *times =
                cf_group_record(clusters, event ? "dissolution" : "emergence")->real;
            const double *spans = cf_group_record(clusters, "persistence")->real;
            const long *censored = cf_group_record(clusters, "persistence_censored")->integer;
            if (event)
                check_near(spans[q],
                           (isnan(times[q]) ? until : times[q]) -
                               cf_group_record(clusters, "emergence")->real[q],
                           1e-12, "persistence of cluster %zu, with %s end", q + 1,
                           censored[q] ? "a censored" : "its");
            if (isnan(times[q]))
                continue;
            snprintf(text, sizeof text, CLUSTERS, times[q]);
            run(text, &there, &end);
            const double *each =
                cf_group_record(cf_result_group(there, "/flows/wide"), "cluster_separation")->real;
            check_near(each[3 + q], 0.9, 1e-7, "%s of cluster %zu is where S_q = s* (E111)",
                       event ? "dissolution" : "emergence", q + 1);
            located++;
            cf_result_free(&there);
        }
    check(located > 3, "%zu events of three clusters", located);
    cf_result_free(&result);
}

/* Engines and instruction sets are recorded, and change results by as much as they state. */
static void test_engines(void)
{
    static const char *const settings[] = {"sums: {engine: direct}",
                                           "sums: {engine: low-rank, tolerance: 1e-9}",
                                           "sums: {engine: direct, instructions: portable}"};
    cf_result *results[3];
    double last[3];
    for (int k = 0; k < 3; k++) {
        char text[512];
        cf_run_end end;
        snprintf(text, sizeof text,
                 "format: 1\ndata: {kind: discs, points-per-cluster: 40}\nflows: [{kind: neural, "
                 "kernel: {activation: erf}}]\ntime: {end: 1}\nintegrator: {rtol: 1e-9}\n%s\n",
                 settings[k]);
        run(text, &results[k], &end);
        const cf_record *loss =
            cf_group_record(cf_result_group(results[k], "/flows/neural"), "loss");
        last[k] = loss->real[cf_record_count(loss) - 1];
        check_below(cf_group_real(cf_result_group(results[k], "/flows/neural"), "energy_defect"),
                    1e-7, "energy identity with %s (C13)", settings[k]);
    }
    const char *engine[3], *build = cf_group_text(cf_result_group(results[2], "/"), "build");
    for (int k = 0; k < 3; k++)
        engine[k] = cf_group_text(cf_result_group(results[k], "/flows/neural"), "kernel_engine");
    check(strstr(engine[0], "stored, exact") == engine[0] &&
              strstr(engine[1], "low-rank, rank ") == engine[1],
          "the engine of a kernel is recorded: %s", engine[1]);
    check(strstr(build, "portable") != NULL, "and so is the instruction set: %s", build);
    check_near(last[1], last[0], 1e-7, "a kernel of low rank keeps the loss to its tolerance");
    check_near(last[2], last[0], 1e-8, "and another instruction set to that of the integrator");
    check(last[1] != last[0] && last[2] != last[0], "with other bits");
    for (int k = 0; k < 3; k++)
        cf_result_free(&results[k]);
}

static void refuse(const char *text, const char *expected)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    require(cf_problem_parse("p.yaml", text, NULL, 0, &problem, &err), &err, "problem");
    check(cf_parts_create(problem, &parts, &err) == CF_EINPUT && parts == NULL &&
              strncmp(err.message, expected, strlen(expected)) == 0,
          "refused: %s", err.message);
    cf_problem_free(&problem);
}

static void test_refusals(void)
{
    refuse("format: 1\ndata: discs\nflows: [vanilla]\nsums: {engine: low-rank}\n",
           "p.yaml:4: sums.engine = low-rank: serves kernels of neural flows");
    refuse("format: 1\ndata: discs\nflows: [neural]\nsums: {engine: low-rank, tolerance: 1e-16}\n",
           "p.yaml:4: sums.tolerance = 1e-16: must be at least");
    refuse("format: 1\ndata: discs\nflows: [vanilla]\nlatent: {dimension: 3}\n"
           "sums: {engine: circle}\n",
           "p.yaml:5: sums.engine = circle: needs latent.space = sphere of dimension 2");
    refuse("format: 1\ndata: {kind: discs, points-per-cluster: 10000000}\n"
           "flows: [{kind: neural, kernel: {hidden-layers: 3}}]\nsums: {engine: low-rank}\n",
           "p.yaml:4: sums.engine: the kernel of 40000000 points needs about");
}

int main(void)
{
    test_engines();
    test_refusals();
    cf_result *result = NULL;
    cf_run_end end;
    run(PROBLEM, &result, &end);
    check(end == CF_ENDED_COMPLETE, "three flows run");
    test_schedule(result);
    test_contents(result);
    test_equations(result);
    test_energy(result);
    cf_result_free(&result);
    test_censoring();
    test_clusters();
    test_threads();
    return check_done();
}
