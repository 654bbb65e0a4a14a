/* E7 with the kernel of a finite network at its start, frozen, is the gradient flow of that network
 * linearized about its start; the kernel of a network with many parameters is made without their
 * Jacobian. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/memory.h"
#include "shapes.h"

enum { N = 12, D = 2, OUT = 2, ROWS = N * OUT, WIDTH = 24, MOST = 1000 };

typedef struct {
    double x[N * D], weights[N], start[ROWS], width, theta[MOST];
    int labels[N];
    cf_data data;
    cf_network_options options;
    cf_network *network;
    cf_network_pass *pass;
    cf_loss *loss;
    cf_flow_setup setup;
} scene;

static void open_scene(scene *s, int parametrization)
{
    cf_err err = {0};
    *s = (scene){.data = {N, D, s->x, s->weights, s->labels, 2},
                 .options = {.hidden_layers = 1,
                             .activation = 3,
                             .weight_variance = 2,
                             .bias_variance = 0.1,
                             .parametrization = parametrization,
                             .biases = true},
                 .width = WIDTH};
    s->options.widths = (cf_matrix){&s->width, 1, 1};
    shape_random(s->x, N, D, 21, 0);
    for (size_t i = 0; i < N; i++)
        s->weights[i] = (1 + 0.5 * (double)(i % 3)) / 18;
    require(cf_network_create(&s->options, 0, D, OUT, &s->network, &err), &err, "network");
    require(cf_network_pass_create(s->network, N, true, &s->pass, &err), &err, "pass");
    cf_network_initialize(s->network, 7, s->theta);
    s->setup = (cf_flow_setup){.data = &s->data,
                               .latent = {true, OUT, 0.3, 1e-4},
                               .loss = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], 0.3, 1}},
                               .start = s->start,
                               .threshold = 0.9};
    require(cf_kernel_action_network(s->network, 7, s->x, N, OUT, &s->setup.kernel, &err), &err,
            "kernel");
    cf_start_near_point(&s->setup.latent, 0.5, 3, N, s->start);
    require(cf_loss_create(&s->setup.loss, s->weights, N, OUT, &s->loss, &err), &err, "loss");
}

static void close_scene(scene *s)
{
    cf_kernel_action_free(&s->setup.kernel);
    cf_loss_free(&s->loss);
    cf_network_pass_free(&s->pass);
    cf_network_free(&s->network);
}

/* --- the linearized network --- */

/* h = h(0) + J (theta - theta(0)), at motion = theta - theta(0). */
static void linear(const scene *s, const double *motion, double *h)
{
    cf_network_push(s->pass, s->theta, motion, h);
    for (size_t k = 0; k < ROWS; k++)
        h[k] += s->start[k];
}

/* -gamma J^T dL/dh. */
static void rate(const scene *s, const double *motion, double *out)
{
    double h[ROWS], z[ROWS], r[N], u[ROWS], f[ROWS];
    cf_network_forward(s->pass, s->theta, s->x, N, f);
    linear(s, motion, h);
    cf_latent_map(&s->setup.latent, h, N, z, r);
    cf_loss_gradient(s->loss, z, u);
    cf_latent_pull(&s->setup.latent, z, r, u, N, u);
    for (size_t k = 0; k < ROWS; k++)
        u[k] *= -cf_network_rate(s->network) * s->weights[k / OUT];
    cf_network_pull(s->pass, s->theta, u, out);
}

/* The classical method of order 4 from motion 0. */
static void follow_linearized(const scene *s, double end, int steps, double *h)
{
    static double motion[MOST], moved[MOST], k[4][MOST];
    const double share[4] = {0, 0.5, 0.5, 1}, weight[4] = {1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0};
    size_t size = cf_network_parameters(s->network);
    double dt = end / steps;
    memset(motion, 0, sizeof motion);
    for (int step = 0; step < steps; step++) {
        for (int stage = 0; stage < 4; stage++) {
            for (size_t p = 0; p < size; p++)
                moved[p] = motion[p] + (stage > 0 ? share[stage] * dt * k[stage - 1][p] : 0);
            rate(s, moved, k[stage]);
        }
        for (size_t p = 0; p < size; p++)
            for (int stage = 0; stage < 4; stage++)
                motion[p] += dt * weight[stage] * k[stage][p];
    }
    linear(s, motion, h);
}

/* --- E7 --- */

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)t, (void)q, (void)err;
    memcpy(context, y, ROWS * sizeof *y);
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

static void follow_flow(const scene *s, double end, double *h)
{
    const cf_flow_kind *kind = cf_flow_kind_find("neural", "particles");
    const cf_integrator_options options = {CF_METHOD_ADAMS, 1e-11, 1e-14, 20};
    const cf_integration_calls calls = {.context = h, .output = output, .event = event};
    const double times[] = {0, end};
    cf_flow *flow = NULL;
    cf_integration run;
    cf_err err = {0};
    require(kind->create(&s->setup, &flow, &err), &err, "flow");
    require(cf_integrate(cf_flow_ode(flow), &options, times, 2, cf_flow_start(flow), &calls, &run,
                         &err),
            &err, "integration");
    cf_flow_free(&flow);
}

static void test_linearized(int parametrization)
{
    static scene s;
    double h[ROWS], exact[ROWS], apart = 0, moved = 0;
    open_scene(&s, parametrization);
    follow_flow(&s, 1, h);
    follow_linearized(&s, 1, 200, exact);
    for (size_t k = 0; k < ROWS; k++) {
        apart = worse(apart, fabs(h[k] - exact[k]));
        moved = worse(moved, fabs(h[k] - s.start[k]));
    }
    check_below(apart / moved, 1e-8,
                "parametrization %d: E7 with the frozen kernel is the linearized network",
                parametrization);
    close_scene(&s);
}

/* The Jacobian would have 400 x 2.3 million entries, 6.8 GiB. */
static void test_memory(void)
{
    enum { MANY = 200, WIDE = 1500 };
    static double x[MANY * D], kernel[MANY * OUT * MANY * OUT];
    double width = WIDE;
    const cf_network_options options = {
        .hidden_layers = 2, .widths = {&width, 1, 1}, .weight_variance = 2};
    cf_network *network = NULL;
    cf_err err = {0};
    struct rusage usage;
    shape_random(x, MANY, D, 22, 0);
    require(cf_network_create(&options, 0, D, OUT, &network, &err), &err, "network");
    double *theta = cf_allocate("theta", cf_network_parameters(network), sizeof *theta, &err);
    cf_network_initialize(network, 1, theta);
    require(cf_network_kernel(network, theta, x, MANY, kernel, &err), &err, "kernel");
    getrusage(RUSAGE_SELF, &usage);
    check_below((double)usage.ru_maxrss / 1024, 400,
                "the kernel is made without the Jacobian, MiB");
    free(theta);
    cf_network_free(&network);
}

int main(void)
{
    for (int parametrization = 0; parametrization < 3; parametrization++)
        test_linearized(parametrization);
    test_memory();
    return check_done();
}
