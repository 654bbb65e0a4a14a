/* E8: the parameters of a finite network descend the loss, dtheta/dt = -gamma grad L(h), h = offset
 * + f_theta at all points. Dissipation E9: gamma |grad L|^2. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/start.h"
#include "contraflow/solver/memory.h"
#include "flow_internal.h"

struct cf_dynamics {
    cf_network_pass *pass;
    double *parameters;                          /* owns four arrays [P] */
    double *start, *velocity, *gradient, *theta; /* theta(0), scratch, grad L, last linearized */
    double *points;                              /* owns three arrays [n*d] */
    double *offset, *h, *weighted;               /* start - f(0) or 0; h; m_i times a row of g */
    double *kernel_start, *kernel; /* [n*d * n*d] Theta(0), Theta(t), where drift is asked for */
    double kernel_error;
};

enum { PARAMETER_ARRAYS = 4, OWN_POINT_ARRAYS = 3 };

/* --- dynamics --- */

static const double *embedding(cf_flow *flow, const double *theta)
{
    cf_dynamics *net = flow->dynamics;
    cf_network_forward(net->pass, theta, flow->setup.data->points, flow->n, net->h);
    for (size_t k = 0; k < flow->n * flow->d; k++)
        net->h[k] += net->offset[k];
    return net->h;
}

static const double *weigh(cf_flow *flow, const double *g)
{
    for (size_t i = 0; i < flow->n; i++)
        for (size_t k = i * flow->d; k < (i + 1) * flow->d; k++)
            flow->dynamics->weighted[k] = flow->setup.data->weights[i] * g[k];
    return flow->dynamics->weighted;
}

static cf_status evaluate(cf_flow *flow, const double *theta, cf_err *err)
{
    cf_status status = cf_particles_evaluate(flow, embedding(flow, theta), NULL, err);
    if (status == CF_OK)
        cf_network_pull(flow->dynamics->pass, theta, weigh(flow, flow->g),
                        flow->dynamics->gradient);
    return status;
}

static cf_status rhs(void *system, double t, const double *theta, double *motion,
                     double *dissipation, cf_err *err)
{
    (void)t;
    cf_flow *flow = system;
    double rate = cf_network_rate(flow->setup.network);
    cf_status status = evaluate(flow, theta, err);
    if (status != CF_OK)
        return status;
    *dissipation = 0;
    for (size_t k = 0; k < flow->ode.size; k++) {
        double slope = flow->dynamics->gradient[k];
        motion[k] = -rate * slope;
        *dissipation += rate * slope * slope;
    }
    return CF_OK;
}

static cf_status linearize(void *system, double t, const double *theta, cf_err *err)
{
    (void)t;
    cf_flow *flow = system;
    memcpy(flow->dynamics->theta, theta, flow->ode.size * sizeof *theta);
    return evaluate(flow, theta, err);
}

static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)err;
    cf_flow *flow = system;
    cf_dynamics *net = flow->dynamics;
    double rate = cf_network_rate(flow->setup.network);
    cf_network_push(net->pass, net->theta, v, net->h);
    cf_particles_move(flow, net->h);
    const double *gdot = weigh(flow, flow->dg);
    for (size_t k = 0; k < flow->n * flow->d; k++) /* h has served, and takes m g */
        net->h[k] = flow->setup.data->weights[k / flow->d] * flow->g[k];
    cf_network_pull_rate(net->pass, net->theta, v, net->h, gdot, jv);
    *jq = 0;
    for (size_t k = 0; k < flow->ode.size; k++) {
        *jq += 2 * rate * net->gradient[k] * jv[k];
        jv[k] *= -rate;
    }
    return CF_OK;
}

/* --- creation --- */

static void release(cf_dynamics *net)
{
    cf_network_pass_free(&net->pass);
    free(net->parameters);
    free(net->points);
    free(net->kernel_start);
    free(net->kernel);
    free(net);
}

static cf_status allocate(cf_flow *flow, cf_err *err)
{
    const cf_flow_setup *setup = &flow->setup;
    size_t P = cf_network_parameters(setup->network), nd = flow->n * flow->d;
    cf_dynamics *net = cf_allocate("network flow", 1, sizeof *net, err);
    if (net == NULL)
        return CF_ESYSTEM;
    flow->dynamics = net;
    flow->release = release;
    net->parameters = cf_allocate("parameters", PARAMETER_ARRAYS * P, sizeof(double), err);
    net->points = cf_allocate("network flow", OWN_POINT_ARRAYS * nd, sizeof(double), err);
    if (net->parameters == NULL || net->points == NULL)
        return CF_ESYSTEM;
    double **parameters[] = {&net->start, &net->velocity, &net->gradient, &net->theta};
    double **points[] = {&net->offset, &net->h, &net->weighted};
    for (size_t k = 0; k < PARAMETER_ARRAYS; k++)
        *parameters[k] = net->parameters + k * P;
    for (size_t k = 0; k < OWN_POINT_ARRAYS; k++)
        *points[k] = net->points + k * nd;
    if (setup->kernel_drift) {
        net->kernel_start = cf_allocate("kernel at the start", nd * nd, sizeof(double), err);
        net->kernel = cf_allocate("kernel", nd * nd, sizeof(double), err);
        if (net->kernel_start == NULL || net->kernel == NULL)
            return CF_ESYSTEM;
    }
    return cf_network_pass_create(setup->network, flow->n, true, &net->pass, err);
}

/* |Theta(0) - Theta I| / |Theta I|. */
static double kernel_error(const cf_flow *flow)
{
    const double *limit = flow->setup.kernel, *kernel = flow->dynamics->kernel_start;
    size_t n = flow->n, d = flow->d;
    double error = 0, size = 0;
    for (size_t i = 0; i < n * d; i++)
        for (size_t j = 0; j < n * d && limit != NULL; j++) {
            double exact = i % d == j % d ? limit[i / d * n + j / d] : 0;
            error += (kernel[i * n * d + j] - exact) * (kernel[i * n * d + j] - exact);
            size += exact * exact;
        }
    return limit == NULL ? NAN : sqrt(error / size);
}

static cf_status begin(cf_flow *flow, cf_err *err)
{
    const cf_flow_setup *setup = &flow->setup;
    cf_dynamics *net = flow->dynamics;
    cf_network_initialize(setup->network, setup->seed, net->start);
    embedding(flow, net->start);
    for (size_t k = 0; k < flow->n * flow->d && setup->centered; k++)
        net->offset[k] = setup->start[k] - net->h[k];
    cf_status status = cf_start_check(&setup->latent, embedding(flow, net->start), flow->n, err);
    if (status == CF_OK && setup->kernel_drift) {
        status = cf_network_kernel(setup->network, net->start, setup->data->points, flow->n,
                                   net->kernel_start, err);
        net->kernel_error = kernel_error(flow);
    }
    return status;
}

static cf_status create(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    *out = NULL;
    if (setup->network == NULL)
        return cf_fail(err, CF_EINPUT, "network flow: needs a network");
    cf_flow *flow = NULL;
    cf_status status = cf_particles_create(setup, true, &flow, err);
    if (status == CF_OK)
        status = allocate(flow, err);
    if (status == CF_OK)
        status = begin(flow, err);
    if (status != CF_OK) {
        cf_flow_free(&flow);
        return status;
    }
    flow->start = flow->dynamics->start;
    flow->velocity = flow->dynamics->velocity;
    flow->embedding = embedding;
    flow->ode.size = cf_network_parameters(setup->network);
    flow->ode.rhs = rhs;
    flow->ode.linearize = linearize;
    flow->ode.jacobian_times = jacobian_times;
    if (!cf_network_smooth(setup->network))
        flow->defect_factor = 1000; /* the right-hand side jumps where a unit changes sides */
    *out = flow;
    return CF_OK;
}

const cf_flow_kind cf_flow_network = {"network", "parameters", create};

/* --- observation --- */

bool cf_flow_has_network(const cf_flow *flow)
{
    return flow->dynamics != NULL;
}

cf_status cf_flow_observe_network(cf_flow *flow, const double *y, cf_network_state *state,
                                  cf_err *err)
{
    const cf_flow_setup *setup = &flow->setup;
    cf_dynamics *net = flow->dynamics;
    state->conserved_drift = cf_network_conserved_drift(setup->network, net->start, y);
    state->kernel_drift = state->kernel_error = NAN;
    if (!setup->kernel_drift)
        return CF_OK;
    cf_status status =
        cf_network_kernel(setup->network, y, setup->data->points, flow->n, net->kernel, err);
    double change = 0, size = 0;
    for (size_t k = 0; k < flow->n * flow->d * flow->n * flow->d; k++) {
        double difference = net->kernel[k] - net->kernel_start[k];
        change += difference * difference;
        size += net->kernel_start[k] * net->kernel_start[k];
    }
    state->kernel_drift = sqrt(change / size);
    state->kernel_error = net->kernel_error;
    return status;
}

double cf_flow_network_bytes(const cf_network *network, size_t n, size_t d, bool kernel_drift)
{
    double nd = (double)n * (double)d;
    return 8 * (PARAMETER_ARRAYS * (double)cf_network_parameters(network) + OWN_POINT_ARRAYS * nd +
                (kernel_drift ? 3 * nd * nd : 0)) +
           cf_network_pass_bytes(network, n, true);
}
