/* Probes start as more data would (E56). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "probe_run.h"

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
    cf_result *five = probe_must_run(text, none), *four = probe_must_run(text, with);
    const cf_record *z = probe_record(five, "neural", "latent");
    check(memcmp(probe_record(four, "neural", "latent")->real, z->real, 8 * sizeof(double)) == 0 &&
              memcmp(probe_record(four, "neural", "probe_latent")->real, z->real + 8,
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
    cf_result *alone = probe_must_run(text, none), *result = probe_must_run(text, with);
    const double *h = probe_record(alone, "neural", "latent")->real;
    const double *probe = probe_record(result, "neural", "probe_latent")->real;
    double worst = 0;
    for (size_t k = 0; k < 2; k++)
        worst = worse(worst, worse(fabs(probe[k] - h[4 + k]), fabs(probe[4 + k] - h[2 + k])));
    check_below(worst, 1e-7, "network start, %s: a probe at a point starts there (E56)",
                activation);
    check(probe_same_flows(alone, result), "and the points start as without probes");
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

int main(void)
{
    probe_open();
    for (size_t k = 0; k < sizeof STARTS / sizeof *STARTS; k++)
        test_start(STARTS[k]);
    test_network_start("relu");
    test_network_start("tanh");
    test_joint_law();
    probe_close();
    return check_done();
}
