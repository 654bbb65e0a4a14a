/* The kernel of E7 as a linear map: by a matrix it is the matrix product, and of a network it is
 * gamma J J^T, whether by that matrix or by passes. */
#include <math.h>
#include <stdlib.h>

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
    for (int parametrization = 0; parametrization < 3; parametrization++)
        for (size_t d = 1; d <= MOST_D; d++) {
            test_network(parametrization, FEW, d);
            test_network(parametrization, MANY, d);
        }
    return check_done();
}
