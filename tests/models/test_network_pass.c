/* Passes over many points, in slices or layer by layer: the same as over a few at a time, whatever
 * the shape of the network, and the same bits on 1, 2 and 3 threads. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/network.h"
#include "contraflow/solver/threads.h"
#include "shapes.h"

enum { N = 301, FEW = 7, MOST_D = 8, MOST_OUT = 6, MOST = 50000 };

typedef struct {
    long hidden;
    double width;
    size_t inputs, outputs;
    int activation;
} architecture;

/* One slice of all points, slices of 128 and of fewer, small extents and others. */
static const architecture ARCHITECTURES[] = {
    {1, 40, 2, 1, 1}, {3, 30, 1, 2, 4}, {1, 700, 2, 2, 0}, {2, 180, 5, 6, 5}, {1, 64, 8, 1, 6}};

typedef struct {
    double f[N * MOST_OUT], values[N * MOST_OUT], fdot[N * MOST_OUT];
    double gradient[MOST], rate[MOST];
} results;

typedef struct {
    cf_network *network;
    size_t parameters, inputs, outputs;
    double x[N * MOST_D], g[N * MOST_OUT], gdot[N * MOST_OUT], theta[MOST], motion[MOST];
} scene;

static void open_scene(scene *s, const architecture *a)
{
    double width = a->width;
    const cf_network_options options = {.hidden_layers = a->hidden,
                                        .widths = {&width, 1, 1},
                                        .activation = a->activation,
                                        .slope = 0.3,
                                        .weight_variance = 2,
                                        .bias_variance = 0.1,
                                        .biases = true};
    cf_err err = {0};
    require(cf_network_create(&options, 0, a->inputs, a->outputs, &s->network, &err), &err,
            "network");
    s->parameters = cf_network_parameters(s->network);
    s->inputs = a->inputs;
    s->outputs = a->outputs;
    cf_network_initialize(s->network, 3, s->theta);
    shape_random(s->motion, s->parameters, 1, 4, 0);
    shape_random(s->x, N, a->inputs, 5, 0);
    shape_random(s->g, N, a->outputs, 6, 0);
    shape_random(s->gdot, N, a->outputs, 7, 0);
}

static void add(const double *x, size_t count, double *y)
{
    for (size_t k = 0; k < count; k++)
        y[k] += x[k];
}

/* All passes, `most` points at a time. */
static void run(const scene *s, size_t most, results *r)
{
    static double gradient[MOST], rate[MOST];
    cf_network_pass *pass = NULL;
    cf_err err = {0};
    memset(r, 0, sizeof *r);
    require(cf_network_pass_create(s->network, most, true, &pass, &err), &err, "pass");
    for (size_t first = 0; first < N; first += most) {
        size_t n = N - first < most ? N - first : most, at = first * s->outputs;
        const double *x = s->x + first * s->inputs, *g = s->g + at;
        cf_network_values(pass, s->theta, x, n, r->values + at);
        cf_network_forward(pass, s->theta, x, n, r->f + at);
        cf_network_pull(pass, s->theta, g, gradient);
        cf_network_push(pass, s->theta, s->motion, r->fdot + at);
        cf_network_pull_rate(pass, s->theta, s->motion, g, s->gdot + at, rate);
        add(gradient, s->parameters, r->gradient);
        add(rate, s->parameters, r->rate);
    }
    cf_network_pass_free(&pass);
}

static double apart(const double *x, const double *y, size_t count)
{
    double worst = 0, largest = 0;
    for (size_t k = 0; k < count; k++) {
        worst = worse(worst, fabs(x[k] - y[k]));
        largest = worse(largest, fabs(y[k]));
    }
    return worst / largest;
}

static void test_architecture(const architecture *a)
{
    static scene s;
    static results few, all, other;
    char name[64];
    open_scene(&s, a);
    size_t outputs = N * s.outputs;
    snprintf(name, sizeof name, "%ld x %g, %zu to %zu", a->hidden, a->width, a->inputs, a->outputs);
    run(&s, FEW, &few);
    int threads = cf_threads();
    cf_set_threads(1);
    run(&s, N, &all);
    check_below(apart(all.f, few.f, outputs), 1e-14, "%s: forward", name);
    check(memcmp(all.f, all.values, sizeof all.f) == 0, "%s: values are those of forward", name);
    check_below(apart(all.fdot, few.fdot, outputs), 1e-14, "%s: push", name);
    check_below(apart(all.gradient, few.gradient, s.parameters), 1e-13, "%s: pull", name);
    check_below(apart(all.rate, few.rate, s.parameters), 1e-13, "%s: rate of the pull", name);
    for (int count = 2; count <= 3; count++) {
        cf_set_threads(count);
        run(&s, N, &other);
        check(memcmp(&all, &other, sizeof all) == 0, "%s: the same bits on %d threads", name,
              count);
    }
    cf_set_threads(threads);
    cf_network_free(&s.network);
}

int main(void)
{
    for (size_t k = 0; k < sizeof ARCHITECTURES / sizeof *ARCHITECTURES; k++)
        test_architecture(&ARCHITECTURES[k]);
    return check_done();
}
