/* Finite networks: the forward pass is that of the definition, push, pull and their rate are exact
 * derivatives (C2), the empirical kernel is gamma J J^T (C8), homogeneous units conserve E14 in
 * direction of any gradient (C11), and the kernel at the start approaches E11 like N^(-1/2) (C9).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/network.h"
#include "shapes.h"

enum { N = 9, D = 3, OUT = 2, MOST = 4000 };

typedef struct {
    cf_network_options options;
    double widths[4];
    cf_network *network;
    cf_network_pass *pass;
    size_t parameters;
    double x[N * D], theta[MOST], motion[MOST];
    char name[96];
} scene;

static void fill(double *x, size_t count, unsigned seed)
{
    shape_random(x, count, 1, seed, 0);
}

static void open_scene(scene *s, int activation, int parametrization, long hidden, bool biases)
{
    cf_err err = {0};
    s->options = (cf_network_options){.hidden_layers = hidden,
                                      .widths = {s->widths, 1, (size_t)hidden},
                                      .activation = activation,
                                      .slope = 0.3,
                                      .weight_variance = 1.7,
                                      .bias_variance = 0.4,
                                      .parametrization = parametrization,
                                      .biases = biases};
    for (long l = 0; l < hidden; l++)
        s->widths[l] = (double)(13 - 2 * l);
    require(cf_network_create(&s->options, 0, D, OUT, &s->network, &err), &err, "network");
    require(cf_network_pass_create(s->network, N, true, &s->pass, &err), &err, "pass");
    s->parameters = cf_network_parameters(s->network);
    fill(s->x, N * D, 3);
    fill(s->motion, s->parameters, 4);
    cf_network_initialize(s->network, 7, s->theta);
    snprintf(s->name, sizeof s->name, "%s, parametrization %d, %ld hidden%s",
             cf_activation_names[activation], parametrization, hidden, biases ? "" : ", no biases");
}

static void close_scene(scene *s)
{
    cf_network_pass_free(&s->pass);
    cf_network_free(&s->network);
}

static double norm(const double *a, size_t n)
{
    return sqrt(shape_dot(a, a, n));
}

static double distance(const double *a, const double *b, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(total);
}

/* The definition, unit by unit. */
static double by_hand(const scene *s, const double *theta, size_t point, size_t output)
{
    double a[16], u[16];
    size_t in = D, place = 0;
    memcpy(a, s->x + point * D, sizeof(double) * D);
    for (long l = 0; l <= s->options.hidden_layers; l++) {
        bool last = l == s->options.hidden_layers;
        size_t out = last ? OUT : (size_t)s->widths[l];
        double scale = 1, shift = 1;
        bool biased = s->options.biases;
        if (s->options.parametrization == CF_PARAMETRIZATION_NTK) {
            scale = sqrt(1.7 / (double)in);
            shift = sqrt(0.4);
        } else if (s->options.parametrization == CF_PARAMETRIZATION_MEAN_FIELD && last) {
            scale = 1 / (double)in;
            biased = false;
        }
        for (size_t k = 0; k < out; k++)
            u[k] = scale * shape_dot(theta + place + k * in, a, in) +
                   (biased ? shift * theta[place + in * out + k] : 0);
        place += in * out + (biased ? out : 0);
        if (last)
            return u[output];
        cf_activations()[s->options.activation]->evaluate(
            u, out, (cf_activation_shape){.slope = 0.3}, a, NULL, NULL);
        in = out;
    }
    return NAN;
}

static void test_forward(scene *s)
{
    double f[N * OUT], worst = 0;
    cf_network_forward(s->pass, s->theta, s->x, N, f);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < OUT; k++)
            worst = worse(worst, fabs(f[i * OUT + k] - by_hand(s, s->theta, i, k)));
    check_below(worst, 1e-13, "%s: f is the network of its definition", s->name);
}

/* theta + h v, in a scratch array. */
static const double *shifted(const scene *s, double h)
{
    static double theta[MOST];
    for (size_t k = 0; k < s->parameters; k++)
        theta[k] = s->theta[k] + h * s->motion[k];
    return theta;
}

static void test_push(scene *s)
{
    double fdot[N * OUT], plus[N * OUT], minus[N * OUT], h = 1e-6;
    cf_network_forward(s->pass, shifted(s, h), s->x, N, plus);
    cf_network_forward(s->pass, shifted(s, -h), s->x, N, minus);
    for (size_t k = 0; k < N * OUT; k++)
        plus[k] = (plus[k] - minus[k]) / (2 * h);
    cf_network_forward(s->pass, s->theta, s->x, N, minus);
    cf_network_push(s->pass, s->theta, s->motion, fdot);
    check_below(distance(plus, fdot, N * OUT) / norm(fdot, N * OUT), 1e-8,
                "%s: push is the derivative of f (C2)", s->name);
}

/* g moves at gdot along the motion; its pull-back at theta + h motion. */
static void pull_at(scene *s, double h, const double *g, const double *gdot, double *gradient)
{
    double moved[N * OUT], f[N * OUT];
    for (size_t k = 0; k < N * OUT; k++)
        moved[k] = g[k] + h * gdot[k];
    const double *theta = shifted(s, h);
    cf_network_forward(s->pass, theta, s->x, N, f);
    cf_network_pull(s->pass, theta, moved, gradient);
}

static void test_pull(scene *s)
{
    static double gradient[MOST], plus[MOST], minus[MOST], rate[MOST];
    double g[N * OUT], gdot[N * OUT], fdot[N * OUT], h = 1e-6;
    fill(g, N * OUT, 5);
    fill(gdot, N * OUT, 6);
    pull_at(s, h, g, gdot, plus);
    pull_at(s, -h, g, gdot, minus);
    pull_at(s, 0, g, gdot, gradient);
    cf_network_push(s->pass, s->theta, s->motion, fdot);
    double left = shape_dot(g, fdot, N * OUT),
           right = shape_dot(gradient, s->motion, s->parameters);
    double size = norm(gradient, s->parameters) * norm(s->motion, s->parameters);
    check_below(fabs(left - right) / size, 1e-14, "%s: pull is the transpose of push", s->name);
    cf_network_pull_rate(s->pass, s->theta, s->motion, g, gdot, rate);
    for (size_t k = 0; k < s->parameters; k++)
        plus[k] = (plus[k] - minus[k]) / (2 * h);
    check_below(distance(plus, rate, s->parameters) / norm(rate, s->parameters), 1e-8,
                "%s: pull_rate is the derivative of pull (C2)", s->name);
}

static void test_kernel(scene *s)
{
    static double kernel[N * OUT * N * OUT], gradient[MOST];
    double g[N * OUT], direct[N * OUT], f[N * OUT], by_kernel[N * OUT];
    cf_err err = {0};
    fill(g, N * OUT, 8);
    cf_network_forward(s->pass, s->theta, s->x, N, f);
    cf_network_pull(s->pass, s->theta, g, gradient);
    cf_network_push(s->pass, s->theta, gradient, direct);
    require(cf_network_kernel(s->network, s->theta, s->x, N, kernel, &err), &err, "kernel");
    bool symmetric = true;
    for (size_t i = 0; i < N * OUT; i++) {
        direct[i] *= cf_network_rate(s->network);
        by_kernel[i] = shape_dot(kernel + i * N * OUT, g, N * OUT);
        for (size_t j = 0; j < i; j++)
            symmetric = symmetric && kernel[i * N * OUT + j] == kernel[j * N * OUT + i];
    }
    check_below(distance(direct, by_kernel, N * OUT) / norm(direct, N * OUT), 1e-13,
                "%s: the empirical kernel is gamma J J^T (C8)", s->name);
    check(symmetric, "%s: and symmetric to the last bit", s->name);
}

/* A step along a gradient changes E14 by its square only: halving the step quarters the change. */
static void test_conserved(scene *s)
{
    static double gradient[MOST], theta[MOST];
    double g[N * OUT], f[N * OUT], drift[2];
    fill(g, N * OUT, 9);
    cf_network_forward(s->pass, s->theta, s->x, N, f);
    cf_network_pull(s->pass, s->theta, g, gradient);
    for (int half = 0; half < 2; half++) {
        for (size_t k = 0; k < s->parameters; k++)
            theta[k] = s->theta[k] + (half ? 0.5e-4 : 1e-4) * gradient[k];
        drift[half] = cf_network_conserved_drift(s->network, s->theta, theta);
    }
    bool homogeneous = cf_activations()[s->options.activation]->homogeneous;
    if (homogeneous)
        check_near(drift[0] / drift[1], 4, 1e-3, "%s: gradients conserve E14 (C11)", s->name);
    else
        check(isnan(drift[0]), "%s: E14 is not for this activation", s->name);
}

static void test_table(void)
{
    static scene s;
    for (int activation = 0; cf_activations()[activation] != NULL; activation++)
        for (int parametrization = 0; parametrization < 3; parametrization++)
            for (long hidden = 1; hidden <= 4; hidden++)
                for (int biases = 0; biases < 2; biases++) {
                    if (parametrization == CF_PARAMETRIZATION_MEAN_FIELD && hidden > 1)
                        continue;
                    open_scene(&s, activation, parametrization, hidden, biases);
                    test_forward(&s);
                    test_push(&s);
                    test_pull(&s);
                    test_kernel(&s);
                    test_conserved(&s);
                    close_scene(&s);
                }
}

/* Relative Frobenius distance of the empirical kernel from its limit, mean over seeds. */
static double kernel_error(const char *activation, double width, size_t n)
{
    enum { SEEDS = 6 };
    static double theta[100000], kernel[20 * OUT * 20 * OUT], limit[20 * 20], x[20 * D];
    cf_network_options options = {.hidden_layers = 1,
                                  .widths = {&width, 1, 1},
                                  .weight_variance = 2,
                                  .bias_variance = 0.1,
                                  .biases = true};
    while (strcmp(cf_activation_names[options.activation], activation) != 0)
        options.activation++;
    cf_mlp mlp;
    cf_err err = {0};
    cf_network *network = NULL;
    double mean = 0;
    fill(x, n * D, 11);
    require(cf_network_create(&options, 0, D, OUT, &network, &err), &err, "network");
    cf_network_limit(&options, &mlp);
    require(cf_mlp_kernel(&mlp, x, n, D, NULL, limit, &err), &err, "limit");
    for (int seed = 0; seed < SEEDS; seed++) {
        double error = 0, size = 0;
        cf_network_initialize(network, (uint64_t)seed, theta);
        require(cf_network_kernel(network, theta, x, n, kernel, &err), &err, "kernel");
        for (size_t i = 0; i < n * OUT; i++)
            for (size_t j = 0; j < n * OUT; j++) {
                double exact = i % OUT == j % OUT ? limit[i / OUT * n + j / OUT] : 0;
                error += pow(kernel[i * n * OUT + j] - exact, 2);
                size += exact * exact;
            }
        mean += sqrt(error / size) / SEEDS;
    }
    cf_network_free(&network);
    return mean;
}

static void test_limit(void)
{
    static const char *const activations[] = {"relu", "erf", "softplus"};
    for (int k = 0; k < 3; k++) {
        double narrow = kernel_error(activations[k], 64, 20);
        double wide = kernel_error(activations[k], 4096, 20);
        check_near(log(wide / narrow) / log(64), -0.5, 0.1,
                   "%s: the kernel at the start approaches E11 like N^(-1/2) (C9)", activations[k]);
    }
}

/* Mean-field (C14): the mean over N neurons against one of 4 N, whose first N it does not share. */
static void test_mean_field(void)
{
    static double theta[100000], f[20 * OUT], g[20 * OUT], x[20 * D];
    double error[2] = {0};
    fill(x, sizeof x / sizeof *x, 12);
    for (int k = 0; k < 2; k++)
        for (uint64_t seed = 0; seed < 10; seed++) {
            double widths[2] = {k == 0 ? 64 : 1024, k == 0 ? 256 : 4096};
            cf_network_options options = {.hidden_layers = 1,
                                          .widths = {widths, 2, 1},
                                          .activation = 4,
                                          .parametrization = CF_PARAMETRIZATION_MEAN_FIELD,
                                          .biases = true};
            for (size_t row = 0; row < 2; row++) {
                cf_network *network = NULL;
                cf_network_pass *pass = NULL;
                cf_err err = {0};
                require(cf_network_create(&options, row, D, OUT, &network, &err), &err, "network");
                require(cf_network_pass_create(network, 20, false, &pass, &err), &err, "pass");
                cf_network_initialize(network, 100 * (row + 1) + seed, theta);
                cf_network_forward(pass, theta, x, 20, row == 0 ? f : g);
                cf_network_pass_free(&pass);
                cf_network_free(&network);
            }
            error[k] += distance(f, g, 20 * OUT);
        }
    check_near(
        log(error[1] / error[0]) / log(16), -0.5, 0.1,
        "mean-field outputs approach those of a 4 times larger ensemble like N^(-1/2) (C14)");
}

static void refuse(cf_network_options options, const char *what)
{
    cf_network *network = NULL;
    cf_err err = {0};
    bool refused = cf_network_create(&options, 0, D, OUT, &network, &err) == CF_EINPUT;
    check(refused && network == NULL, "%s is refused: %s", what, err.message);
}

static void test_refusals(void)
{
    double widths[3] = {8, 4, 0.5};
    refuse((cf_network_options){.hidden_layers = 3, .widths = {widths, 1, 2}}, "a list too short");
    refuse((cf_network_options){.hidden_layers = 1, .widths = {widths + 2, 1, 1}}, "half a unit");
    refuse((cf_network_options){.hidden_layers = 2,
                                .widths = {widths, 1, 1},
                                .parametrization = CF_PARAMETRIZATION_MEAN_FIELD},
           "a deep mean-field network");
}

int main(void)
{
    test_table();
    test_limit();
    test_mean_field();
    test_refusals();
    return check_done();
}
