/* The kernel of E7 as a linear map: by a matrix it is the matrix product, and of a network it is
 * gamma J J^T, whether by that matrix or by passes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/kernel_action.h"
#include "shapes.h"

enum { FEW = 12, MANY = 160, INPUTS = 2, MOST_D = 2, MOST_ROWS = MANY * MOST_D };

static double largest_difference(const double *a, const double *b, size_t count)
{
    double worst = 0, size = 0;
    for (size_t k = 0; k < count; k++) {
        worst = worse(worst, fabs(a[k] - b[k]));
        size = worse(size, fabs(b[k]));
    }
    return worst / size;
}

static void test_matrix(void)
{
    enum { D = 3 };
    static double theta[FEW * FEW], x[FEW * D], out[FEW * D], expected[FEW * D];
    cf_kernel_action *action = NULL;
    cf_err err = {0};
    shape_random(theta, FEW, FEW, 1, 0);
    for (size_t i = 0; i < FEW; i++)
        for (size_t j = 0; j < i; j++)
            theta[i * FEW + j] = theta[j * FEW + i];
    shape_random(x, FEW, D, 2, 0);
    for (size_t i = 0; i < FEW; i++)
        for (size_t k = 0; k < D; k++)
            for (size_t j = 0; j < FEW; j++)
                expected[i * D + k] += theta[i * FEW + j] * x[j * D + k];
    require(cf_kernel_action_matrix(theta, FEW, D, &action, &err), &err, "action");
    cf_kernel_action_times(action, x, out);
    check_below(largest_difference(out, expected, FEW * D), 1e-14,
                "a matrix serves every output alike");
    cf_kernel_action_free(&action);
}

/* --- by entries --- */

enum { POINTS = 300 };

static const cf_kernel_demand stored = {CF_SYMMETRIC_STORED, 0, 1e9, 1e9},
                              recomputed = {CF_SYMMETRIC_RECOMPUTED, 0, 1e9, 1e9},
                              low_rank = {CF_SYMMETRIC_LOW_RANK, 1e-9, 1e9, 1e9};

static void times(const cf_kernel_source *source, const cf_kernel_demand *demand, const double *x,
                  double *out)
{
    cf_kernel_action *action = NULL;
    cf_err err = {0};
    require(cf_kernel_action_create(source, MOST_D, demand, &action, &err), &err, "action");
    cf_kernel_action_times(action, x, out);
    cf_kernel_action_free(&action);
}

/* Against the whole matrix, where the product is at most its largest entry times sum |x|. */
static void test_engines(int activation, long layers)
{
    static double points[POINTS * INPUTS], theta[POINTS * POINTS], x[POINTS * MOST_D];
    static double out[3][POINTS * MOST_D], expected[POINTS * MOST_D];
    const cf_mlp mlp = {layers, activation, 0.2, 1.5, 0.1};
    const cf_data data = {.n = POINTS, .dimension = INPUTS, .points = points};
    const cf_kernel_source source = {.data = &data, .mlp = &mlp};
    const char *name = cf_activation_names[activation];
    cf_err err = {0};
    shape_random(points, POINTS, INPUTS, 11, 0);
    for (size_t k = 0; k < INPUTS; k++) /* the origin, and a point twice */
        points[5 * INPUTS + k] = 0, points[7 * INPUTS + k] = points[k];
    shape_random(x, POINTS, MOST_D, 12, 0);
    require(cf_mlp_kernel(&mlp, points, POINTS, INPUTS, NULL, theta, &err), &err, "kernel");
    times(&source, &stored, x, out[0]);
    times(&source, &recomputed, x, out[1]);
    memset(expected, 0, sizeof expected);
    for (size_t i = 0; i < POINTS; i++)
        for (size_t j = 0; j < POINTS; j++)
            for (size_t k = 0; k < MOST_D; k++)
                expected[i * MOST_D + k] += theta[i * POINTS + j] * x[j * MOST_D + k];
    check_below(largest_difference(out[0], expected, POINTS * MOST_D), 1e-13,
                "%s, %ld layers: stored entries are those of the matrix", name, layers);
    check(memcmp(out[0], out[1], sizeof out[0]) == 0,
          "and those that are computed anew have the same bits");
    if (!cf_activations()[activation]->smooth)
        return;
    times(&source, &low_rank, x, out[2]);
    double trace = 0, square = 0, norm = 0;
    for (size_t i = 0; i < POINTS; i++)
        trace += theta[i * POINTS + i];
    for (size_t i = 0; i < POINTS * MOST_D; i++) {
        square += (out[2][i] - expected[i]) * (out[2][i] - expected[i]);
        norm += x[i] * x[i];
    }
    check_below(sqrt(square / norm), low_rank.tolerance * trace,
                "%s: low rank keeps its tolerance (E83)", name);
}

/* Blocks have the rank of their matrix, and a matrix that of its entries. */
static void test_given(void)
{
    static double theta[FEW * FEW], x[FEW * MOST_D], out[2][FEW * MOST_D];
    double beta[9] = {2, 1, 0, 1, 3, -1, 0, -1, 1};
    int labels[FEW];
    for (size_t i = 0; i < FEW; i++)
        labels[i] = (int)(i * i % 3);
    const cf_block block = {{beta, 3, 3}};
    const cf_data data = {.n = FEW, .labels = labels, .clusters = 3};
    const cf_kernel_source blocks = {.data = &data, .block = &block};
    const cf_kernel_source matrix = {.data = &data, .matrix = theta};
    for (size_t i = 0; i < FEW; i++)
        for (size_t j = 0; j < FEW; j++)
            theta[i * FEW + j] = beta[3 * labels[i] + labels[j]];
    shape_random(x, FEW, MOST_D, 13, 0);
    times(&matrix, &stored, x, out[0]);
    times(&blocks, &stored, x, out[1]);
    check(memcmp(out[0], out[1], sizeof out[0]) == 0, "blocks are the matrix of their values");
    cf_kernel_action *action = NULL;
    cf_err err = {0};
    require(cf_kernel_action_create(&blocks, MOST_D, &low_rank, &action, &err), &err, "action");
    cf_kernel_action_times(action, x, out[1]);
    check(strstr(cf_kernel_action_engine(action), "rank 2") != NULL &&
              largest_difference(out[1], out[0], FEW * MOST_D) < 1e-14,
          "blocks of rank 2 have rank 2: %s", cf_kernel_action_engine(action));
    cf_kernel_action_free(&action);
    const cf_kernel_demand scarce = {CF_SYMMETRIC_AUTO, 1e-15, 1e9, 1};
    require(cf_kernel_action_create(&matrix, MOST_D, &scarce, &action, &err), &err, "action");
    check(strstr(cf_kernel_action_engine(action), "stored") == cf_kernel_action_engine(action),
          "entries that are not kept are never computed anew: %s", cf_kernel_action_engine(action));
    cf_kernel_action_free(&action);
    times(&matrix, &low_rank, x, out[1]);
    check_below(largest_difference(out[1], out[0], FEW * MOST_D), 1e-14, "and so has their matrix");
}

/* A network of 4 units has 17 or 22 parameters: few points go by the matrix, many by passes. */
static void test_network(int parametrization, size_t n, size_t d)
{
    static double kernel[MOST_ROWS * MOST_ROWS], x[MANY * INPUTS], v[MOST_ROWS], w[MOST_ROWS];
    static double out[MOST_ROWS], back[MOST_ROWS], expected[MOST_ROWS], theta[64];
    double width = 4, vw = 0, wv = 0, vv = 0;
    const cf_network_options options = {.hidden_layers = 1,
                                        .widths = {&width, 1, 1},
                                        .activation = 1,
                                        .slope = 0.2,
                                        .weight_variance = 2,
                                        .bias_variance = 0.1,
                                        .parametrization = parametrization,
                                        .biases = true};
    cf_network *network = NULL;
    cf_kernel_action *action = NULL;
    cf_err err = {0};
    size_t rows = n * d;
    shape_random(x, n, INPUTS, 3, 0);
    shape_random(v, n, d, 4, 0);
    shape_random(w, n, d, 5, 0);
    require(cf_network_create(&options, 0, INPUTS, d, &network, &err), &err, "network");
    cf_network_initialize(network, 7, theta);
    require(cf_network_kernel(network, theta, x, n, kernel, &err), &err, "kernel");
    require(cf_kernel_action_network(network, 7, x, n, d, &action, &err), &err, "action");
    cf_kernel_action_times(action, v, out);
    cf_kernel_action_times(action, w, back);
    for (size_t i = 0; i < rows; i++) {
        expected[i] = 0;
        for (size_t j = 0; j < rows; j++)
            expected[i] += kernel[i * rows + j] * v[j];
        vw += out[i] * w[i];
        wv += back[i] * v[i];
        vv += out[i] * v[i];
    }
    check_below(largest_difference(out, expected, rows), 1e-13,
                "parametrization %d, %zu points, %zu outputs: the product is that of gamma J J^T",
                parametrization, n, d);
    check(fabs(vw - wv) < 1e-12 * fabs(vw) && vv > 0, "it is symmetric and positive");
    bool by_matrix = cf_kernel_action_network_bytes(network, n, d) > 8.0 * (double)(rows * rows);
    check(by_matrix == (n == FEW), "%zu points go by %s", n, n == FEW ? "a matrix" : "passes");
    cf_kernel_action_free(&action);
    cf_network_free(&network);
}

int main(void)
{
    test_matrix();
    for (int a = 0; cf_activations()[a] != NULL; a++)
        test_engines(a, a % 2 == 0 ? 1 : 2);
    test_given();
    for (int parametrization = 0; parametrization < 3; parametrization++)
        for (size_t d = 1; d <= MOST_D; d++) {
            test_network(parametrization, FEW, d);
            test_network(parametrization, MANY, d);
        }
    return check_done();
}
