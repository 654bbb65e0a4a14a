/* Network flows: dh/dt = -gamma Theta dL/dh (C8), their Jacobian products are derivatives of the
 * right-hand side (C2), dissipation is -dL/dt (E9), E14 is conserved along runs (C11), and with
 * growing width they approach E7, whose kernel they keep (C9). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/memory.h"
#include "shapes.h"

enum { MOST = 40, MOST_D = 3, INPUTS = 2 };

typedef struct {
    double weights[MOST], start[MOST * MOST_D], x[MOST * INPUTS], kernel[MOST * MOST];
    int labels[MOST];
    double width;
    cf_data data;
    cf_flow_setup setup;
    cf_network_options options;
    cf_network *network;
    cf_flow *flow;
    char name[128];
} scene;

/* The norm floor keeps the curvature within reach of differences. */
static const cf_latent CIRCLE = {true, 2, 0, 1e-4};
static const cf_latent LATENTS[] = {{true, 2, 0.3, 1e-4}, {true, 3, 0.3, 1e-4}, {false, 1, 0, 0},
                                    {false, 2, 0, 0},     {true, 2, 0, 1e-4},   {true, 3, 0, 1e-4}};

static cf_flow *create(const scene *s, const char *kind)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    const char *representation = strcmp(kind, "network") == 0 ? "parameters" : "particles";
    require(cf_flow_kind_find(kind, representation)->create(&s->setup, &flow, &err), &err, "flow");
    return flow;
}

/* Points of the plane with uneven masses, and the options of a network. */
static void set_scene(scene *s, size_t n, cf_latent latent, double tau, cf_network_options options)
{
    double total = 0;
    s->data = (cf_data){.n = n,
                        .dimension = INPUTS,
                        .points = s->x,
                        .weights = s->weights,
                        .labels = s->labels,
                        .clusters = 2};
    shape_random(s->x, n, INPUTS, 21, 0);
    for (size_t i = 0; i < n; i++) {
        total += s->weights[i] = 1 + 0.3 * sin((double)i);
        s->labels[i] = i % 2;
    }
    for (size_t i = 0; i < n; i++)
        s->weights[i] /= total;
    s->setup = (cf_flow_setup){.data = &s->data,
                               .latent = latent,
                               .loss = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], tau, 1}},
                               .start = s->start,
                               .threshold = 0.9,
                               .centered = options.centered};
    s->options = options;
}

static void open_network(scene *s, double width, uint64_t seed)
{
    cf_err err = {0};
    s->width = width;
    s->options.widths = (cf_matrix){&s->width, 1, 1};
    require(cf_network_create(&s->options, 0, INPUTS, s->setup.latent.dimension, &s->network, &err),
            &err, "network");
    s->setup.network = s->network;
    s->setup.seed = seed;
    s->flow = create(s, "network");
    snprintf(s->name, sizeof s->name, "%s, parametrization %d, %ld hidden, %s d = %zu%s",
             cf_activation_names[s->options.activation], s->options.parametrization,
             s->options.hidden_layers,
             !s->setup.latent.sphere          ? "euclidean"
             : s->setup.latent.norm_floor > 0 ? "sphere with a floor"
                                              : "sphere",
             s->setup.latent.dimension, s->options.centered ? "" : ", not centered");
}

static void close_network(scene *s)
{
    cf_flow_free(&s->flow);
    cf_network_free(&s->network);
}

/* dL/dh_i of the embedding, with its mass. */
static void loss_gradient(const scene *s, const double *h, double *g)
{
    size_t n = s->data.n, d = s->setup.latent.dimension;
    double z[MOST * MOST_D], r[MOST], u[MOST * MOST_D];
    cf_err err = {0};
    cf_loss *loss = NULL;
    require(cf_loss_create(&s->setup.loss, s->weights, n, d, &loss, &err), &err, "loss");
    cf_latent_map(&s->setup.latent, h, n, z, r);
    cf_loss_gradient(loss, z, u);
    cf_latent_pull(&s->setup.latent, z, r, u, n, g);
    for (size_t k = 0; k < n * d; k++)
        g[k] *= s->weights[k / d];
    cf_loss_free(&loss);
}

/* E112 by the kernel, averaged over outputs. */
static void check_coupling(const scene *s, const cf_flow_state *state, const double *kernel)
{
    size_t n = s->data.n, d = s->setup.latent.dimension;
    const cf_flow_quantity *coupling = &state->quantities[state->quantity_count - 1];
    double worst = strcmp(coupling->name, "self_coupling") == 0 ? 0 : NAN;
    for (int q = 0; q < 2; q++) {
        double within = 0, across = 0, own = 0;
        for (size_t i = 0; i < n; i++) {
            own += s->labels[i] == q ? s->weights[i] : 0;
            for (size_t j = 0; j < n && s->labels[i] == q; j++)
                for (size_t a = 0; a < d; a++)
                    *(s->labels[j] == q ? &within : &across) +=
                        s->weights[i] * s->weights[j] * kernel[(i * d + a) * n * d + j * d + a];
        }
        double kappa = within / (own * own) / (across / (own * (1 - own)));
        worst = worse(worst, fabs(coupling->values[q] / kappa - 1));
    }
    check_below(worst, 1e-10, "%s: self-coupling of clusters (E112)", s->name);
}

static void test_kernel_identity(scene *s)
{
    size_t n = s->data.n, d = s->setup.latent.dimension, nd = n * d;
    const cf_ode *ode = cf_flow_ode(s->flow);
    cf_err err = {0};
    cf_flow_state state;
    double g[MOST * MOST_D], f[MOST * MOST_D], direct[MOST * MOST_D], q, worst = 0, largest = 0;
    double *motion = cf_allocate("motion", ode->size, sizeof *motion, &err);
    double *kernel = cf_allocate("kernel", nd * nd, sizeof *kernel, &err);
    const double *theta = cf_flow_start(s->flow);
    cf_network_pass *pass = NULL;
    require(cf_flow_observe(s->flow, 0, theta, &state, &err), &err, "observe");
    loss_gradient(s, state.embedding, g);
    for (size_t k = 0; k < nd && s->options.centered; k++)
        worst = worse(worst, fabs(state.embedding[k] - s->start[k]));
    check_below(worst, 1e-14, "%s: a centered network begins at the start (E10)", s->name);
    require(ode->rhs(ode->system, 0, theta, motion, &q, &err), &err, "rhs");
    require(cf_network_pass_create(s->network, n, true, &pass, &err), &err, "pass");
    cf_network_forward(pass, theta, s->x, n, f);
    cf_network_push(pass, theta, motion, direct);
    require(cf_network_kernel(s->network, theta, s->x, n, kernel, &err), &err, "kernel");
    for (size_t i = 0; i < nd; i++) {
        double by_kernel = 0;
        for (size_t j = 0; j < nd; j++)
            by_kernel -= kernel[i * nd + j] * g[j];
        worst = worse(worst, fabs(direct[i] - by_kernel));
        largest = worse(largest, fabs(by_kernel));
    }
    check_below(worst / largest, 1e-12, "%s: dh/dt = -gamma Theta dL/dh (C8)", s->name);
    check_coupling(s, &state, kernel);
    cf_network_pass_free(&pass);
    free(motion);
    free(kernel);
}

/* Central differences of 4th order of the right-hand side and of the loss, on so short a stretch
 * that hardly a unit changes sides. */
static void test_derivatives(scene *s)
{
    const cf_ode *ode = cf_flow_ode(s->flow);
    size_t size = ode->size;
    cf_err err = {0};
    cf_flow_state state;
    double *memory = cf_allocate("test", 6 * size, sizeof *memory, &err), *v = memory;
    double *moved = v + size, *rate = v + 2 * size, *slope = v + 3 * size, *jv = v + 4 * size;
    double *motion = v + 5 * size, q, jq, slope_q = 0, decay = 0, h = 1e-5, worst = 0, largest = 0;
    const double weight[] = {1 / 12.0, -8 / 12.0, 0, 8 / 12.0, -1 / 12.0};
    const double *theta = cf_flow_start(s->flow);
    shape_random(v, size, 1, 22, 0);
    require(ode->rhs(ode->system, 0, theta, motion, &q, &err), &err, "rhs");
    for (int side = -2; side <= 2; side++) {
        double dissipation, factor = weight[side + 2] / h;
        for (size_t k = 0; k < size; k++)
            moved[k] = theta[k] + side * h * v[k];
        require(ode->rhs(ode->system, 0, moved, rate, &dissipation, &err), &err, "rhs");
        slope_q += factor * dissipation;
        for (size_t k = 0; k < size; k++) {
            slope[k] += factor * rate[k];
            moved[k] = theta[k] + side * h * motion[k];
        }
        require(cf_flow_observe(s->flow, 0, moved, &state, &err), &err, "observe");
        decay -= factor * state.loss;
    }
    require(ode->linearize(ode->system, 0, theta, &err), &err, "linearize");
    require(ode->jacobian_times(ode->system, v, jv, &jq, &err), &err, "jacobian");
    for (size_t k = 0; k < size; k++) {
        worst = worse(worst, fabs(jv[k] - slope[k]));
        largest = worse(largest, fabs(jv[k]));
    }
    check_below(worst / largest, 1e-7, "%s: Jacobian products (C2)", s->name);
    check_near(jq, slope_q, 1e-6 * (fabs(jq) + largest), "%s: and of the dissipation", s->name);
    check_near(decay, q, 1e-7 * q + 1e-10, "%s: the dissipation is -dL/dt (E9)", s->name);
    free(memory);
}

static void test_table(void)
{
    static scene s;
    for (int activation = 0; cf_activations()[activation] != NULL; activation++)
        for (int parametrization = 0; parametrization < 3; parametrization++)
            for (long hidden = 1; hidden <= 4; hidden++)
                for (int latent = 0; latent < 6; latent++) {
                    if (parametrization == CF_PARAMETRIZATION_MEAN_FIELD && hidden > 1)
                        continue;
                    set_scene(&s, 9, LATENTS[latent], 0.4,
                              (cf_network_options){.hidden_layers = hidden,
                                                   .activation = activation,
                                                   .slope = 0.2,
                                                   .weight_variance = 2,
                                                   .bias_variance = 0.1,
                                                   .parametrization = parametrization,
                                                   .biases = true,
                                                   .centered = (hidden + latent) % 2 == 0});
                    cf_start_near_point(&s.setup.latent, 0.5, 3, 9, s.start);
                    open_network(&s, 11, 5);
                    test_kernel_identity(&s);
                    if (latent < 4)
                        test_derivatives(&s);
                    close_network(&s);
                }
}

/* Several views: E2 and E1, whose views share the mass of a point. */
static void test_views(void)
{
    static scene s;
    for (int activation = 3; activation < 5; activation++)
        for (int parametrization = 0; parametrization < 3; parametrization++)
            for (int latent = 0; latent < 4; latent++)
                for (int nt_xent = 0; nt_xent < (LATENTS[latent].sphere ? 2 : 1); nt_xent++) {
                    set_scene(&s, 12, LATENTS[latent], 0.4,
                              (cf_network_options){.hidden_layers = 1,
                                                   .activation = activation,
                                                   .weight_variance = 2,
                                                   .bias_variance = 0.1,
                                                   .parametrization = parametrization,
                                                   .biases = true,
                                                   .centered = latent % 2 == 0});
                    for (size_t i = 0; i < 12; i++)
                        s.weights[i] = nt_xent ? 1 / 12.0 : (1 + 0.5 * (double)(i / 3 % 2)) / 15;
                    s.setup.loss.views = 3;
                    s.setup.loss.psi = nt_xent ? &cf_psi_nt_xent : cf_psi_rows[0];
                    cf_start_near_point(&s.setup.latent, 0.5, 3, 12, s.start);
                    open_network(&s, 11, 5);
                    test_kernel_identity(&s);
                    test_derivatives(&s);
                    close_network(&s);
                }
}

/* --- runs --- */

enum { TIMES = 11 };

typedef struct {
    cf_flow *flow;
    double h[TIMES][MOST * MOST_D], conserved, drift, error;
    double loss[TIMES], dissipated[TIMES];
    size_t count;
} trace;

/* A number of the state; NaN where the flow has none. */
static double number(const cf_flow_state *state, const char *name)
{
    for (size_t k = 0; k < state->quantity_count; k++)
        if (strcmp(state->quantities[k].name, name) == 0)
            return *state->quantities[k].values;
    return NAN;
}

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    trace *r = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(r->flow, t, y, &state, err);
    r->conserved = worse(r->conserved, number(&state, "conserved_drift"));
    r->drift = worse(r->drift, number(&state, "kernel_drift"));
    r->error = number(&state, "kernel_error");
    r->loss[r->count] = state.loss;
    r->dissipated[r->count] = q[0];
    memcpy(r->h[r->count++], state.embedding,
           state.measure.n * state.measure.dimension * sizeof(double));
    return status;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

static void integrate(cf_flow *flow, double end, double rtol, cf_method method, trace *r)
{
    cf_err err = {0};
    cf_integration run;
    double times[TIMES];
    *r = (trace){.flow = flow};
    for (int k = 0; k < TIMES; k++)
        times[k] = end * k / (TIMES - 1);
    const cf_integrator_options options = {method, rtol, rtol / 1000, 20};
    const cf_integration_calls calls = {.context = r, .output = output, .event = event};
    require(cf_integrate(cf_flow_ode(flow), &options, times, TIMES, cf_flow_start(flow), &calls,
                         &run, &err),
            &err, "integration");
}

/* C11, C13 along runs: relu and leaky-relu, one and three hidden layers, both methods. */
static void test_conserved(void)
{
    static scene s;
    static trace r;
    for (int activation = 0; activation < 2; activation++)
        for (long hidden = 1; hidden <= 3; hidden += 2)
            for (int method = CF_METHOD_ADAMS; method <= CF_METHOD_BDF; method++) {
                double rtol = 1e-7, defect = 0;
                set_scene(&s, 20, CIRCLE, 0.2,
                          (cf_network_options){.hidden_layers = hidden,
                                               .activation = activation,
                                               .slope = 0.2,
                                               .weight_variance = 2,
                                               .centered = true});
                cf_start_near_point(&s.setup.latent, 0.3, 3, 20, s.start);
                open_network(&s, 32, 5);
                integrate(s.flow, 0.5, rtol, (cf_method)method, &r);
                check_below(r.conserved, 10 * rtol, "%s, method %d: E14 is conserved (C11)", s.name,
                            method);
                for (size_t k = 0; k < r.count; k++)
                    defect = worse(defect, fabs(r.loss[0] - r.loss[k] - r.dissipated[k]));
                check_below(defect, cf_flow_defect_factor(s.flow) * rtol,
                            "%s, method %d: the energy identity holds (C13)", s.name, method);
                close_network(&s);
            }
}

/* sup over time of the rms distance. */
static double apart(const scene *s, const trace *a, const trace *b)
{
    double worst = 0;
    size_t d = s->setup.latent.dimension;
    for (size_t t = 0; t < TIMES; t++) {
        double total = 0;
        for (size_t k = 0; k < s->data.n * d; k++)
            total += s->weights[k / d] * pow(a->h[t][k] - b->h[t][k], 2);
        worst = worse(worst, sqrt(total));
    }
    return worst;
}

/* C9 as it is stated: spread 0.3, T = 1, three widths, means over seeds. */
static void test_width(const char *activation, double drift_slope)
{
    enum { WIDTHS = 3, SEEDS = 5 };
    static scene s;
    static trace limit, r;
    double error[WIDTHS] = {0}, kernel[WIDTHS] = {0}, drift[WIDTHS] = {0};
    cf_network_options options = {.hidden_layers = 1,
                                  .weight_variance = 2,
                                  .bias_variance = 0.1,
                                  .biases = true,
                                  .centered = true};
    cf_mlp mlp;
    cf_err err = {0};
    while (strcmp(cf_activation_names[options.activation], activation) != 0)
        options.activation++;
    set_scene(&s, 32, LATENTS[3], 0.1, options);
    cf_start_near_point(&s.setup.latent, 0.3, 3, 32, s.start);
    cf_network_limit(&options, &mlp);
    require(cf_mlp_kernel(&mlp, s.x, 32, INPUTS, NULL, s.kernel, &err), &err, "kernel");
    s.setup.limit = s.kernel;
    require(cf_kernel_action_matrix(s.kernel, 32, LATENTS[3].dimension, &s.setup.kernel, &err),
            &err, "kernel");
    cf_flow *flow = create(&s, "neural");
    integrate(flow, 1, 1e-7, CF_METHOD_ADAMS, &limit);
    cf_flow_free(&flow);
    cf_kernel_action_free(&s.setup.kernel);
    s.setup.kernel_drift = true;
    for (int w = 0; w < WIDTHS; w++)
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            open_network(&s, 128 << (2 * w), seed);
            integrate(s.flow, 1, 1e-5, CF_METHOD_ADAMS, &r);
            error[w] += apart(&s, &limit, &r) / SEEDS;
            kernel[w] += r.error / SEEDS;
            drift[w] += r.drift / SEEDS;
            close_network(&s);
        }
    printf("# %s: error %.3g %.3g %.3g, kernel %.3g %.3g %.3g, drift %.3g %.3g %.3g\n", activation,
           error[0], error[1], error[2], kernel[0], kernel[1], kernel[2], drift[0], drift[1],
           drift[2]);
    check_near(log(error[2] / error[0]) / log(16), -0.5, 0.1,
               "%s: the trajectory approaches E7 like N^(-1/2) (C9)", activation);
    check_near(log(kernel[2] / kernel[0]) / log(16), -0.5, 0.1,
               "%s: and so does the kernel at the start (C9)", activation);
    check_near(log(drift[2] / drift[0]) / log(16), drift_slope, 0.15,
               "%s: the kernel drifts like N^(%g) (C9)", activation, drift_slope);
}

int main(void)
{
    test_table();
    test_views();
    test_conserved();
    test_width("relu", -0.75);
    test_width("erf", -1);
    return check_done();
}
