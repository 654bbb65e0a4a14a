/* Densities from a problem file: the same bits on any number of threads, what a result carries, and
 * one message for everything that is wrong with them before anything runs. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/compare.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/threads.h"

#define HEAD                                                                                       \
    "format: 1\n"                                                                                  \
    "data: {kind: discs, points-per-cluster: 25}\n"                                                \
    "time: {end: 0.5, outputs: [0.25]}\n"

static void parse(const char *text, cf_problem **problem)
{
    cf_err err = {0};
    require(cf_problem_parse("p.yaml", text, NULL, 0, problem, &err), &err, text);
}

static cf_result *run(const char *text)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "test"};
    parse(text, &problem);
    require(cf_parts_create(problem, &parts, &err), &err, text);
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, text);
    check(end == CF_ENDED_COMPLETE, "the run is complete");
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return result;
}

static const char *const MANY =
    HEAD "latent: {space: sphere, dimension: 2}\n"
         "start: {kind: file, path: tests/data/reference/start-circle.csv, width: 0.3}\n"
         "flows:\n"
         "- {name: spectral, kind: vanilla, representation: density, grid: {nodes: 200}}\n"
         "- {name: volumes, kind: vanilla, representation: density, grid: {scheme: "
         "finite-volumes, nodes: 150}, noise: 0.01}\n";

static void test_contents(void)
{
    static const char *const names[] = {"grid",     "grid_weight", "cluster_mass", "density",
                                        "spectrum", "unresolved",  "separation"};
    char text[1024];
    snprintf(text, sizeof text, "%s", MANY);
    char *points = strstr(text, "points-per-cluster: 25");
    memcpy(points, "points-per-cluster: 50", 22); /* as the start has rows */
    cf_set_threads(1);
    cf_result *one = run(text);
    cf_set_threads(3);
    cf_result *other = run(text);
    const cf_group *group = cf_result_group(one, "/flows/spectral");
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        check(cf_group_record(group, names[k]) != NULL, "a density has the record %s", names[k]);
    const cf_record *density = cf_group_record(group, "density");
    check(density->rank == 3 && density->dims[0] == 3 && density->dims[1] == 4 &&
              density->dims[2] == 200,
          "density is [snapshots, clusters, nodes]");
    check(strcmp(cf_group_text(group, "representation"), "density") == 0, "it says what it is");
    check(cf_group_record(cf_result_group(one, "/flows/volumes"), "free_energy") != NULL,
          "with noise there is a free energy (E72)");
    bool same = true;
    for (size_t g = 0; g < one->count; g++)
        for (size_t k = 0; k < one->groups[g].record_count; k++) {
            const cf_record *a = &one->groups[g].records[k], *b = &other->groups[g].records[k];
            if (a->type == CF_VALUE_REAL)
                same = same && memcmp(a->real, b->real, cf_record_count(a) * sizeof(double)) == 0;
        }
    check(same, "1 and 3 threads give the same bits");
    cf_result_free(&one);
    cf_result_free(&other);
}

#define DENSITY "flows: [{kind: vanilla, representation: density"
static const struct {
    const char *text, *message;
} refused[] = {
    {HEAD "start: {spread: 0}\n" DENSITY "}]",
     "p.yaml:4: start.spread = 0: must be positive where a flow has a density"},
    {HEAD "loss: nt-xent\n" DENSITY "}]",
     "p.yaml:5: flow vanilla: loss.kind = nt-xent: depends on the number of points, and a density "
     "has none; use generalized with psi: log"},
    {HEAD "latent: {space: sphere, dimension: 4}\n" DENSITY "}]",
     "p.yaml:5: flow vanilla: representation = density: needs a latent space of dimension 1 or 2, "
     "which is a sphere of latent.dimension 2 or 3, or R^1 or R^2; use particles"},
    {HEAD "latent: {space: euclidean, dimension: 3}\n" DENSITY "}]",
     "p.yaml:5: flow vanilla: representation = density: needs a latent space of dimension 1 or 2, "
     "which is a sphere of latent.dimension 2 or 3, or R^1 or R^2; use particles"},
    {HEAD DENSITY ", grid: {nodes: 20}}]", "p.yaml:4: flow vanilla: grid.nodes: 20 nodes see "},
    {HEAD "start: random\nloss: {tau: 0.001}\n" DENSITY ", grid: {nodes: 60}}]",
     "p.yaml:6: flow vanilla: grid.nodes: 60 nodes serve harmonics up to degree 19, where the "
     "kernel of loss.tau = 0.001 still has "},
    {HEAD "start: random\nloss: {tau: 0.001}\n" DENSITY
          ", grid: {scheme: finite-volumes, nodes: 60}}]",
     "p.yaml:6: flow vanilla: grid.nodes: 60 cells to a side of length 6.283 are too coarse for "
     "loss.tau = 0.001, where the kernel has the width 0.0316; use 398 or more"},
    {HEAD "latent: {space: euclidean, dimension: 1}\n" DENSITY ", grid: {scheme: spectral}}]",
     "p.yaml:5: flow vanilla: grid.scheme = spectral: in this latent space only finite-volumes "
     "serves"},
    {HEAD "latent: {space: euclidean, dimension: 1}\nstart: random\n" DENSITY ", grid: {box: 5}}]",
     "p.yaml:6: flow vanilla: grid.box = 5: too small for the start, which reaches to 8.5"},
    {HEAD "augmentation: {kind: gaussian}\n" DENSITY "}]",
     "p.yaml:4: augmentation.kind = gaussian: flow vanilla has a density, which has no views; use "
     "particles"},
    {HEAD "latent: {space: euclidean, dimension: 1}\nstart: network\n" DENSITY "}]",
     "p.yaml:5: start.kind = network: has another law at every point of the data; a density needs "
     "near-point, random or file"},
    {HEAD "start: {kind: perturbed, degrees: [1, 2], amplitudes: 0.1}\n" DENSITY "}]",
     "p.yaml:4: start.amplitudes has 1 numbers: must have 2, one to a degree"},
    {HEAD "start: {kind: perturbed, degrees: [1, 2], amplitudes: [0.6, 0.6]}\n" DENSITY "}]",
     "p.yaml:4: start.amplitudes: their sizes sum to 1.2, but a density is positive only up to 1"},
    {HEAD "start: {kind: density, path: tests/data/reference/four-discs.csv}\n"
          "flows: [{kind: vanilla}]",
     "p.yaml:4: start.kind = density: gives no points, and flow vanilla has points; all flows must "
     "have representation: density"},
    {HEAD "latent: {space: euclidean, dimension: 2}\nstart: perturbed\n" DENSITY "}]",
     "p.yaml:5: start.kind = perturbed: needs latent.space = sphere of dimension 2 or 3"},
};

/* A density from a file starts as that density; and what is wrong with one is told. */
static void test_given(void)
{
    enum { NODES = 128 };
    static const struct {
        const char *change, *message;
    } wrong[] = {{"negative", "row 3, column rho0 = -0.1: a density is not negative"},
                 {"mass", "start.path: column rho0 has the mass 2, but must have 1"},
                 {"finite", "column rho0 = nan: must be a finite number"},
                 {"columns", "has 2 columns, but must have 1 or one to a cluster, 4"}};
    const double step = 6.283185307179586 / NODES;
    char text[1024], folder[] = "/tmp/contraflow-density-XXXXXX", path[64];
    if (mkdtemp(folder) == NULL)
        return;
    snprintf(path, sizeof path, "%s/rho.csv", folder);
    for (size_t k = 0; k <= sizeof wrong / sizeof *wrong; k++) {
        const char *change = k > 0 ? wrong[k - 1].change : "";
        FILE *file = fopen(path, "w");
        bool two = strcmp(change, "columns") == 0;
        fputs(two ? "rho0,rho1\n" : "rho0\n", file);
        for (int i = 0; i < NODES; i++) {
            double rho = (1 + 0.5 * cos(2 * step * i)) / 6.283185307179586;
            rho *= strcmp(change, "mass") == 0 ? 2 : 1;
            if (i == 2 && strcmp(change, "negative") == 0)
                rho = -0.1;
            if (i == 2 && strcmp(change, "finite") == 0)
                fputs("nan\n", file);
            else
                fprintf(file, two ? "%.17g,%.17g\n" : "%.17g\n", rho, rho);
        }
        fclose(file);
        snprintf(text, sizeof text, HEAD "start: {kind: density, path: %s}\n" DENSITY "}]", path);
        if (k == 0) {
            cf_result *result = run(text);
            const cf_record *density =
                cf_group_record(cf_result_group(result, "/flows/vanilla"), "density");
            check(density->dims[2] == NODES, "a density from a file gives the nodes of the circle");
            check_near(density->real[0], 1.5 / 6.283185307179586, 1e-12, "and the start");
            cf_result_free(&result);
            continue;
        }
        cf_err err = {0};
        cf_problem *problem = NULL;
        cf_parts *parts = NULL;
        parse(text, &problem);
        cf_status status = cf_parts_create(problem, &parts, &err);
        check(status == CF_EINPUT && strstr(err.message, wrong[k - 1].message) != NULL &&
                  strncmp(err.message, "p.yaml", 6) == 0,
              "a density from a file: %s", err.message);
        cf_problem_free(&problem);
    }
    remove(path);
    rmdir(folder);
}

static void test_refused(void)
{
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
        cf_err err = {0};
        cf_problem *problem = NULL;
        cf_parts *parts = NULL;
        parse(refused[k].text, &problem);
        cf_status status = cf_parts_create(problem, &parts, &err);
        bool ok = status == CF_EINPUT && parts == NULL &&
                  strncmp(err.message, refused[k].message, strlen(refused[k].message)) == 0;
        check(ok, "%s", refused[k].message);
        if (!ok)
            printf("# got status %d: %s\n", (int)status, err.message);
        cf_parts_free(&parts);
        cf_problem_free(&problem);
    }
}

/* Two grids of one law are near each other, although their nodes are not. */
static void test_gaps(void)
{
    static const char *const text =
        HEAD "start: random\nlatent: {space: sphere, dimension: 2}\nflows:\n"
             "- {name: fine, kind: vanilla, representation: density, grid: {nodes: 1000}}\n"
             "- {name: coarse, kind: vanilla, representation: density, grid: {nodes: 100}}\n";
    cf_err err = {0};
    cf_comparison *c = NULL;
    cf_result *result = run(text);
    require(cf_compare(result, result, "fine", &c, &err), &err, "comparison");
    check_below(c->flows[1].transport.sup, 2e-3, "W1 does not see the gaps of a density (E50)");
    check_below(c->flows[0].transport.sup, 0, "and is 0 from a density to itself");
    cf_comparison_free(&c);
    cf_result_free(&result);
}

/* E76: what `compare` says of the same flows, at the outputs that are snapshots. */
static void test_distances(void)
{
    static const char *const text =
        HEAD "start: {spread: 0.3}\nlatent: {space: sphere, dimension: 2}\n"
             "snapshots: [0.5]\ndistances: {from: density}\nflows:\n"
             "- {name: particles, kind: vanilla}\n"
             "- {name: density, kind: vanilla, representation: density, grid: {nodes: 200}}\n";
    cf_err err = {0};
    cf_comparison *c = NULL;
    cf_result *result = run(text);
    require(cf_compare(result, result, "density", &c, &err), &err, "comparison");
    const cf_group *group = cf_result_group(result, "/flows/particles");
    const cf_record *transport = cf_group_record(group, "transport");
    const cf_record *discrepancy = cf_group_record(group, "discrepancy");
    check(transport != NULL && transport->dims[0] == 3 && discrepancy != NULL,
          "distances are recorded for every output (E76)");
    check(strcmp(cf_group_text(cf_result_group(result, "/"), "distances_from"), "density") == 0,
          "and from which flow");
    check_near(transport->real[2], c->flows[0].transport.value[1], 0, "they are those of compare");
    check_near(discrepancy->real[2], c->flows[0].discrepancy.value[1], 0, "the discrepancy, too");
    check(isnan(transport->real[1]), "and NaN at an output that is no snapshot");
    check(cf_group_record(cf_result_group(result, "/flows/density"), "transport") == NULL,
          "the reference has none from itself");
    cf_comparison_free(&c);
    cf_result_free(&result);
    cf_problem *problem = NULL;
    check(cf_problem_parse("p.yaml", HEAD "flows: [{kind: vanilla}]\ndistances: {from: vanila}\n",
                           NULL, 0, &problem, &err) == CF_EINPUT &&
              strcmp(err.message, "p.yaml:5: distances.from = vanila: must be a flow of this file, "
                                  "one of vanilla; did you mean `vanilla`?") == 0,
          "a flow that is not there: %s", err.message);
}

/* A run that is not to be trusted says so, and goes on. */
static void test_warnings(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {{HEAD "latent: {space: sphere, dimension: 2}\n" DENSITY ", grid: {nodes: 600}}]",
                  "under-resolved: the last tenth of the harmonics holds "},
                 {HEAD "latent: {space: sphere, dimension: 2}\n" DENSITY
                       ", grid: {nodes: 600, scheme: finite-volumes}}]",
                  "under-resolved: second differences of the density are "},
                 {HEAD "latent: {space: euclidean, dimension: 1}\nstart: {spread: 0.2}\n"
                       "loss: {psi: identity}\n" DENSITY
                       ", grid: {nodes: 80, box: 1.8}, noise: 0.5}]",
                  "the box: "},
                 {HEAD "latent: {space: sphere, dimension: 2}\n" DENSITY "}]", ""}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cf_result *result = run(cases[k].text);
        const char *message = cf_group_text(cf_result_group(result, "/flows/vanilla"), "message");
        size_t length = strlen(cases[k].message);
        check(strncmp(message, cases[k].message, length) == 0 && (length > 0) == (message[0] != 0),
              "it says: %s", message[0] != '\0' ? message : "nothing, where all is resolved");
        cf_result_free(&result);
    }
}

int main(void)
{
    test_warnings();
    test_distances();
    test_contents();
    test_gaps();
    test_refused();
    test_given();
    return check_done();
}
