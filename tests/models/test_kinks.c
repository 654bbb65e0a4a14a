/* E114: passes of networks whose kinks are rounded keep their contract: push and pull are exact
 * derivatives of what is rounded, and their rate is one of pull (C2). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/network.h"
#include "shapes.h"

enum { N = 40, D = 2, OUT = 2, MOST = 2000 };

typedef struct {
    cf_network *network;
    cf_network_pass *pass;
    size_t parameters;
    double x[N * D], g[N * OUT], gdot[N * OUT], theta[MOST], motion[MOST];
    char name[64];
} scene;

static void open_scene(scene *s, int activation, long hidden)
{
    double width = 24;
    const cf_network_options options = {.hidden_layers = hidden,
                                        .widths = {&width, 1, 1},
                                        .activation = activation,
                                        .slope = 0.3,
                                        .weight_variance = 2,
                                        .bias_variance = 0.1,
                                        .biases = true};
    cf_err err = {0};
    require(cf_network_create(&options, 0, D, OUT, &s->network, &err), &err, "network");
    require(cf_network_pass_create(s->network, N, true, &s->pass, &err), &err, "pass");
    s->parameters = cf_network_parameters(s->network);
    cf_network_initialize(s->network, 3, s->theta);
    shape_random(s->motion, s->parameters, 1, 4, 0);
    shape_random(s->x, N, D, 5, 0);
    shape_random(s->g, N, OUT, 6, 0);
    shape_random(s->gdot, N, OUT, 7, 0);
    snprintf(s->name, sizeof s->name, "%s, %ld hidden", cf_activation_names[activation], hidden);
}

static void close_scene(scene *s)
{
    cf_network_pass_free(&s->pass);
    cf_network_free(&s->network);
}

/* Relative to b. */
static double apart(const double *a, const double *b, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(total / shape_dot(b, b, n));
}

/* f and the pull-back of g + h gdot at theta + h motion. */
static void passes_at(scene *s, double h, double *f, double *gradient)
{
    static double theta[MOST];
    double g[N * OUT];
    for (size_t k = 0; k < s->parameters; k++)
        theta[k] = s->theta[k] + h * s->motion[k];
    for (size_t k = 0; k < N * OUT; k++)
        g[k] = s->g[k] + h * s->gdot[k];
    cf_network_forward(s->pass, theta, s->x, N, f);
    cf_network_pull(s->pass, theta, g, gradient);
}

static void test_derivatives(scene *s)
{
    static double ahead[MOST], behind[MOST], gradient[MOST], rate[MOST];
    double f[2][N * OUT], here[N * OUT], fdot[N * OUT], h = 1e-6;
    passes_at(s, h, f[0], ahead);
    passes_at(s, -h, f[1], behind);
    passes_at(s, 0, here, gradient);
    cf_network_push(s->pass, s->theta, s->motion, fdot);
    double left = shape_dot(s->g, fdot, N * OUT),
           right = shape_dot(gradient, s->motion, s->parameters);
    cf_network_pull_rate(s->pass, s->theta, s->motion, s->g, s->gdot, rate);
    for (size_t k = 0; k < N * OUT; k++)
        f[0][k] = (f[0][k] - f[1][k]) / (2 * h);
    for (size_t k = 0; k < s->parameters; k++)
        ahead[k] = (ahead[k] - behind[k]) / (2 * h);
    check_below(apart(f[0], fdot, N * OUT), 1e-8, "%s: push is the derivative of f", s->name);
    check_below(fabs(left - right) / fabs(left), 1e-12, "%s: pull is its transpose", s->name);
    check_below(apart(ahead, rate, s->parameters), 1e-6,
                "%s: pull_rate is the derivative of pull, curvature of kinks included", s->name);
}

/* How far values are from those of sharp kinks, at most. */
static double rounded_off(scene *s, double width)
{
    double sharp[N * OUT], round[N * OUT], worst = 0;
    cf_network_values(s->pass, s->theta, s->x, N, sharp);
    cf_network_round(s->pass, 0);
    cf_network_values(s->pass, s->theta, s->x, N, sharp);
    cf_network_round(s->pass, width);
    cf_network_values(s->pass, s->theta, s->x, N, round);
    for (size_t k = 0; k < N * OUT; k++)
        worst = worse(worst, fabs(sharp[k] - round[k]));
    return worst;
}

int main(void)
{
    static scene s;
    for (int activation = 0; cf_activations()[activation] != NULL; activation++)
        for (long hidden = 1; hidden <= 2; hidden++) {
            open_scene(&s, activation, hidden);
            double slim = rounded_off(&s, 0.05), wide = rounded_off(&s, 0.5);
            if (cf_activations()[activation]->smooth)
                check(wide == 0 && slim == 0, "%s: there is no kink to round", s.name);
            else
                check(wide > 1e-2 && slim > 0 && slim < wide / 8,
                      "%s: values are off by width times the share of kinks within, %.1e and %.1e",
                      s.name, slim, wide);
            test_derivatives(&s);
            close_scene(&s);
        }
    return check_done();
}
