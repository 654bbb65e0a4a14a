/* Fields from the problem file (E16): on the points of a file the flow of the particles, in the
 * result what was integrated and observed, and one message where a field has no meaning. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/run.h"

static char folder[256];

static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static cf_status try_parts(const char *text, cf_problem **problem, cf_parts **parts, cf_err *err)
{
    *parts = NULL;
    cf_status status = cf_problem_parse(in_folder("p.yaml"), text, NULL, 0, problem, err);
    return status == CF_OK ? cf_parts_create(*problem, parts, err) : status;
}

static cf_result *run(const char *text)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "test"};
    require(try_parts(text, &problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, "run");
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return result;
}

static const cf_record *record(const cf_result *result, const char *flow, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/flows/%s", flow);
    const cf_record *found = cf_group_record(cf_result_group(result, path), name);
    if (found == NULL) {
        printf("Bail out! no %s in %s\n", name, path);
        exit(1);
    }
    return found;
}

#define TIMES "time: {end: 0.5, outputs: [0.1, 0.25]}\nintegrator: {rtol: 1e-8}\n"

/* Weighted points; a start from the file, a draw of a network, and one linear in the data. */
static void write_points(void)
{
    FILE *data = fopen(in_folder("points.csv"), "w"), *start = fopen(in_folder("start.csv"), "w");
    fprintf(data, "x0,x1,label,weight\n");
    fprintf(start, "h0,h1\n");
    for (int i = 0; i < 24; i++) {
        fprintf(data, "%.17g,%.17g,%d,%d\n", (i % 3) + 0.2 * sin(i), cos(2.0 * i), i % 3,
                1 + i % 2);
        fprintf(start, "%.17g,%.17g\n", 1 + 0.3 * sin(3.0 * i), 0.3 * cos(5.0 * i));
    }
    fclose(data);
    fclose(start);
}

static void test_file(const char *start)
{
    char text[1024];
    snprintf(text, sizeof text,
             "format: 1\ndata: {kind: file, path: points.csv}\nstart: %s\nflows:\n"
             "- {name: particles, kind: neural}\n"
             "- {name: field, kind: neural, representation: field}\n" TIMES,
             start);
    cf_result *result = run(text);
    const char *const names[] = {"latent", "embedding", "loss", "separation"};
    for (size_t k = 0; k < 4; k++) {
        const cf_record *a = record(result, "particles", names[k]);
        const cf_record *b = record(result, "field", names[k]);
        size_t count = cf_record_count(a);
        double worst = 0;
        for (size_t i = 0; i < count; i++)
            worst = worse(worst, fabs(a->real[i] - b->real[i]));
        check(cf_record_count(b) == count && worst < 1e-14,
              "start %s: a field at the points of a file is their particles: %s to %.1e (E16)",
              start, names[k], worst);
    }
    cf_result_free(&result);
}

/* --- results --- */

static const char *const DISCS =
    "format: 1\ndata: {kind: discs, points-per-cluster: [10, 30, 10, 10]}\n"
    "latent: {space: euclidean, dimension: 2}\n"
    "start: {kind: linear, matrix: [[0.1, 0], [0, 0.2]], spread: 0.3}\n"
    "flows:\n- {name: field, kind: neural, representation: field, nodes: 4, start-nodes: "
    "3}\n" TIMES;

static double sum(const cf_record *weights)
{
    double total = 0;
    for (size_t i = 0; i < cf_record_count(weights); i++)
        total += weights->real[i];
    return total;
}

static void test_result(void)
{
    cf_result *result = run(DISCS);
    const cf_group *flow = cf_result_group(result, "/flows/field");
    const cf_record *nodes = record(result, "field", "nodes");
    const cf_record *shift = record(result, "field", "shift");
    const cf_record *latent = record(result, "field", "latent");
    const cf_record *weights = record(result, "field", "weights");
    const cf_record *labels = record(result, "field", "labels");
    check(strcmp(cf_group_text(flow, "representation"), "field") == 0 &&
              strcmp(cf_group_text(flow, "status"), "complete") == 0,
          "the flow is a field, and complete");
    check(nodes->rank == 2 && nodes->dims[0] == 64 && nodes->dims[1] == 2,
          "nodes: order 4 of a disc has 16 of them");
    check(shift->rank == 3 && shift->dims[0] == 4 && shift->dims[1] == 64 && shift->dims[2] == 2,
          "shift: at every snapshot and node");
    check(latent->rank == 3 && latent->dims[1] == 64 * 9, "latent: 9 draws of the start a node");
    double largest = 0, mean[2] = {0}, heavy = 0;
    for (size_t i = 0; i < 64; i++) {
        largest = worse(largest, fabs(shift->real[2 * i] - 0.1 * nodes->real[2 * i]));
        largest = worse(largest, fabs(shift->real[2 * i + 1] - 0.2 * nodes->real[2 * i + 1]));
    }
    check(largest < 1e-16, "shift at t = 0: A x");
    for (size_t i = 0; i < 64 * 9; i++) {
        mean[0] += weights->real[i] * latent->real[2 * i];
        mean[1] += weights->real[i] * latent->real[2 * i + 1];
        heavy += labels->integer[i] == 1 ? weights->real[i] : 0;
    }
    check(labels->type == CF_VALUE_INTEGER && cf_record_count(labels) == 64 * 9 &&
              fabs(sum(weights) - 1) < 1e-14 && fabs(heavy - 0.5) < 1e-14,
          "weights and labels of the observed measure: the second cluster has half the mass");
    check(fabs(mean[0] + 0.1 / 3) < 1e-15 && fabs(mean[1] - 0.2 / 3) < 1e-15,
          "whose mean is the exact one: %.3g, %.3g", mean[0], mean[1]);
    check(cf_group_real(flow, "energy_defect") < 100 * 1e-8, "its energy identity holds (C13)");
    check(strcmp(latent->equation, "E16") == 0 && strcmp(labels->equation, "E17") == 0,
          "datasets name the equations of the field");
    cf_result_free(&result);
}

/* On the circle the law (1 + a cos angle)/2 pi has the mean a/2 along e_1; observers that sum over
 * pairs see a sample of the law, and a start that does not know the data is told. */
static void test_perturbed(void)
{
    cf_result *result =
        run("format: 1\ndata: {kind: discs}\n"
            "start: {kind: perturbed, degrees: [1, 3], amplitudes: [0.4, 0.2]}\n"
            "flows:\n- {name: field, kind: neural, representation: field, start-nodes: 6}\n" TIMES);
    const cf_group *flow = cf_result_group(result, "/flows/field");
    const cf_record *latent = record(result, "field", "latent");
    const cf_record *weights = record(result, "field", "weights");
    double mean[2] = {0};
    size_t n = latent->dims[1];
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 2; k++)
            mean[k] += weights->real[i] * latent->real[2 * i + k];
    check(n == 256 * 12 && fabs(mean[0] - 0.2) < 1e-14 && fabs(mean[1]) < 1e-14,
          "a perturbed start has its law: mean %.3g, %.3g (E73)", mean[0], mean[1]);
    check(strstr(cf_group_text(flow, "message"), "does not know the data") != NULL, "message: %s",
          cf_group_text(flow, "message"));
    check_near(record(result, "field", "knn")->real[0], 0.25, 0.05,
               "observers that count see a sample of the law: four clusters, not yet told apart");
    double uniformity = record(result, "field", "uniformity")->real[0], sum = 0, pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            const double *x = latent->real + 2 * i, *y = latent->real + 2 * j;
            double mass = weights->real[i] * weights->real[j];
            sum += mass * exp(-2 * (pow(x[0] - y[0], 2) + pow(x[1] - y[1], 2)));
            pairs += mass;
        }
    check_near(uniformity, log(sum / pairs), 0.02, "which has the uniformity of the atoms");
    cf_result_free(&result);
}

/* --- refusals --- */

static void refused(const char *data, const char *start, const char *rest, const char *flow,
                    const char *message)
{
    char text[1024];
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    snprintf(
        text, sizeof text,
        "format: 1\ndata: %s\nstart: %s\n%sflows:\n- {kind: neural, representation: field%s}\n",
        data, start, rest, flow);
    check(try_parts(text, &problem, &parts, &err) == CF_EINPUT && parts == NULL &&
              strstr(err.message, message) != NULL,
          "refused: %s", message);
    if (strstr(err.message, message) == NULL)
        printf("# %s\n", err.message);
    cf_problem_free(&problem);
}

static void test_refusals(void)
{
    refused(
        "discs", "near-point", "augmentation: {kind: gaussian}\n", "",
        "6: flows.0.representation = field: needs augmentation.kind = none; views are served by "
        "particles");
    refused("discs", "near-point", "loss: nt-xent\n", "",
            "flows.0.representation = field: nt-xent counts the points, of which a field has "
            "infinitely many; its limit is loss: {kind: generalized, psi: log}");
    refused(
        "discs", "network", "", "",
        "flows.0.representation = field: this start is given at the data points and not at the "
        "nodes of their law; use start.kind = linear, near-point or random, or data.kind = file");
    refused("discs", "near-point", "", ", kernel: {kind: file, path: k.csv}",
            "flows.0.representation = field: this kernel is given at the data points");
    refused("{kind: gaussians, centers: [[0,0,0,0,0,0,0]]}", "near-point", "", ", nodes: 10",
            "flows.0.nodes = 10: quadrature: 1e+07 nodes in R^7: must be at most a million");
    refused(
        "discs", "near-point", "latent: {dimension: 9}\n", ", start-nodes: 6",
        "flows.0.start-nodes = 6: quadrature: 1.01e+07 nodes in R^9: must be at most a million");
    refused("discs", "near-point", "latent: {dimension: 4}\n", ", nodes: 300, start-nodes: 20",
            "flows.0.nodes: 360000 nodes of the data and 160000 of the start need about");
    refused(
        "discs", "{kind: linear, matrix: [[1, 2]]}", "", "",
        "3: start.matrix: is 1 x 2, but must be 2 x 2 (latent.dimension x dimension of the data)");
    refused("discs", "{kind: perturbed, degrees: [5], amplitudes: [0.1]}", "", "",
            "flows.0.start-nodes = 4: must be above every degree of the start, 5");
    refused("discs", "linear", "", "", "start.matrix: required, but missing");
    refused("discs", "near-point", "", ", nodes: 0", "flows.0.nodes = 0: must be in [1, 1000]");
}

int main(void)
{
    const char *place = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/contraflow-field-XXXXXX", place != NULL ? place : "/tmp");
    if (mkdtemp(folder) == NULL) {
        printf("Bail out! no temporary folder\n");
        return 1;
    }
    write_points();
    test_file("{kind: file, path: start.csv}");
    test_file("network");
    test_file("{kind: linear, matrix: [[0, 0], [0.5, 0.2]]}");
    test_result();
    test_perturbed();
    test_refusals();
    unlink(in_folder("points.csv"));
    unlink(in_folder("start.csv"));
    rmdir(folder);
    return check_done();
}
