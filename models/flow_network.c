/* E8: the parameters of a finite network descend the loss, dtheta/dt = -gamma grad L(h), h = offset
 * + f_theta at all points. Dissipation E9: gamma |grad L|^2. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/start.h"
#include "contraflow/solver/memory.h"
#include "coupling.h"
#include "particles.h"

struct cf_dynamics {
    cf_network_pass *pass;
    double *parameters;                          /* owns four arrays [P] */
    double *start, *velocity, *gradient, *theta; /* theta(0), scratch, grad L, last linearized */
    double *points;                              /* owns three arrays [n*d] */
    double *offset, *h, *weighted;               /* start - f(0) or 0; h; m_i times a row of g */
    double *kernel_start, *kernel; /* [n*d * n*d] Theta(0), Theta(t), where drift is asked for */
    double conserved_drift, kernel_drift, kernel_error; /* of the last state; NaN: undefined */
};

enum { PARAMETER_ARRAYS = 4, OWN_POINT_ARRAYS = 3 };

/* E114: kinks are rounded within this times the tolerance of the integrator, which is no more than
 * its errors, and never within more than a thousandth. */
static const double ROUNDING = 10, MOST_ROUNDING = 1e-3;

/* What Newton's iterations leave moves units within their kinks. A tenth of the tolerance may pass
 * for the error of a step, at every step, and steps then stay as short as the stiffness is. */
static const double REMAINDER = 0.03;

/* --- dynamics --- */

static const double *add_offset(cf_particles *p)
{
    cf_dynamics *net = p->dynamics;
    for (size_t k = 0; k < p->n * p->d; k++)
        net->h[k] += net->offset[k];
    return net->h;
}

/* For reading: no derivatives. */
static const double *embedding(cf_particles *p, const double *theta)
{
    cf_dynamics *net = p->dynamics;
    cf_network_values(net->pass, theta, p->flow.setup.data->points, p->n, net->h);
    return add_offset(p);
}

static const double *weigh(cf_particles *p, const double *g)
{
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = i * p->d; k < (i + 1) * p->d; k++)
            p->dynamics->weighted[k] = p->flow.setup.data->weights[i] * g[k];
    return p->dynamics->weighted;
}

static cf_status evaluate(cf_particles *p, const double *theta, cf_err *err)
{
    cf_dynamics *net = p->dynamics;
    cf_network_forward(net->pass, theta, p->flow.setup.data->points, p->n, net->h);
    cf_status status = cf_particles_evaluate(p, add_offset(p), err);
    if (status == CF_OK)
        cf_network_pull(net->pass, theta, weigh(p, p->g), net->gradient);
    return status;
}

static cf_status rhs(void *system, double t, const double *theta, double *motion,
                     double *dissipation, cf_err *err)
{
    (void)t;
    cf_particles *p = system;
    double rate = cf_network_rate(p->flow.setup.network);
    cf_status status = evaluate(p, theta, err);
    if (status != CF_OK)
        return status;
    *dissipation = 0;
    for (size_t k = 0; k < p->flow.ode.size; k++) {
        double slope = p->dynamics->gradient[k];
        motion[k] = -rate * slope;
        *dissipation += rate * slope * slope;
    }
    return CF_OK;
}

static cf_status linearize(void *system, double t, const double *theta, cf_err *err)
{
    (void)t;
    cf_particles *p = system;
    memcpy(p->dynamics->theta, theta, p->flow.ode.size * sizeof *theta);
    return evaluate(p, theta, err);
}

static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)err;
    cf_particles *p = system;
    cf_dynamics *net = p->dynamics;
    double rate = cf_network_rate(p->flow.setup.network);
    cf_network_push(net->pass, net->theta, v, net->h);
    cf_particles_move(p, net->h);
    const double *gdot = weigh(p, p->dg);
    for (size_t k = 0; k < p->n * p->d; k++) /* h has served, and takes m g */
        net->h[k] = p->flow.setup.data->weights[k / p->d] * p->g[k];
    cf_network_pull_rate(net->pass, net->theta, v, net->h, gdot, jv);
    *jq = 0;
    for (size_t k = 0; k < p->flow.ode.size; k++) {
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

static cf_status allocate(cf_particles *p, cf_err *err)
{
    const cf_flow_setup *setup = &p->flow.setup;
    size_t P = cf_network_parameters(setup->network), nd = p->n * p->d;
    cf_dynamics *net = cf_allocate("network flow", 1, sizeof *net, err);
    if (net == NULL)
        return CF_ESYSTEM;
    p->dynamics = net;
    p->release = release;
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
    return cf_network_pass_create(setup->network, p->n, true, &net->pass, err);
}

/* |Theta(0) - Theta I| / |Theta I|. */
static double kernel_error(const cf_particles *p)
{
    const double *limit = p->flow.setup.limit, *kernel = p->dynamics->kernel_start;
    size_t n = p->n, d = p->d;
    double error = 0, size = 0;
    for (size_t i = 0; i < n * d; i++)
        for (size_t j = 0; j < n * d && limit != NULL; j++) {
            double exact = i % d == j % d ? limit[i / d * n + j / d] : 0;
            error += (kernel[i * n * d + j] - exact) * (kernel[i * n * d + j] - exact);
            size += exact * exact;
        }
    return limit == NULL ? NAN : sqrt(error / size);
}

/* out = gamma J J^T x at the start, after its forward pass. */
static void kernel_times(void *context, const double *x, double *out)
{
    const cf_particles *p = context;
    cf_dynamics *net = p->dynamics;
    double rate = cf_network_rate(p->flow.setup.network);
    cf_network_pull(net->pass, net->start, x, net->gradient);
    for (size_t k = 0; k < cf_network_parameters(p->flow.setup.network); k++)
        net->gradient[k] *= rate;
    cf_network_push(net->pass, net->start, net->gradient, out);
}

static cf_status couple(cf_particles *p, cf_err *err)
{
    cf_dynamics *net = p->dynamics;
    const cf_kernel_operator kernel = {p, kernel_times, p->d, false};
    cf_network_forward(net->pass, net->start, p->flow.setup.data->points, p->n, net->h);
    return cf_self_coupling(&kernel, p->flow.setup.data, &p->flow.coupling, err);
}

static cf_status begin(cf_particles *p, cf_err *err)
{
    const cf_flow_setup *setup = &p->flow.setup;
    cf_dynamics *net = p->dynamics;
    net->kernel_drift = net->kernel_error = NAN;
    cf_network_initialize(setup->network, setup->seed, net->start);
    const double *sharp = embedding(p, net->start); /* kinks that are rounded hide that it is 0 */
    cf_status status = setup->centered ? CF_OK : cf_start_check(&setup->latent, sharp, p->n, err);
    cf_network_round(net->pass, fmin(ROUNDING * setup->tolerance, MOST_ROUNDING));
    embedding(p, net->start);
    for (size_t k = 0; k < p->n * p->d && setup->centered; k++)
        net->offset[k] = setup->start[k] - net->h[k];
    if (status == CF_OK)
        status = cf_start_check(&setup->latent, embedding(p, net->start), p->n, err);
    if (status == CF_OK && setup->kernel_drift) {
        status = cf_network_kernel(setup->network, net->start, setup->data->points, p->n,
                                   net->kernel_start, err);
        net->kernel_error = kernel_error(p);
    }
    return status == CF_OK ? couple(p, err) : status;
}

/* --- observation --- */

static cf_status set_kernel_drift(cf_particles *p, const double *theta, cf_err *err)
{
    cf_dynamics *net = p->dynamics;
    const cf_flow_setup *setup = &p->flow.setup;
    cf_status status =
        cf_network_kernel(setup->network, theta, setup->data->points, p->n, net->kernel, err);
    double change = 0, size = 0;
    for (size_t k = 0; k < p->n * p->d * p->n * p->d; k++) {
        double difference = net->kernel[k] - net->kernel_start[k];
        change += difference * difference;
        size += net->kernel_start[k] * net->kernel_start[k];
    }
    net->kernel_drift = sqrt(change / size);
    return status;
}

/* f_theta [p*d] at the probes, in as many at a time as the pass serves. */
static void probe_values(cf_particles *p, const double *theta, double *f)
{
    const cf_probes *probes = p->flow.setup.probes;
    size_t dimension = p->flow.setup.data->dimension;
    for (size_t first = 0; first < probes->n; first += p->n) {
        size_t count = probes->n - first < p->n ? probes->n - first : p->n;
        cf_network_values(p->dynamics->pass, theta, probes->points + first * dimension, count,
                          f + first * p->d);
    }
}

/* E55: h = offset + f_theta, as of the points. */
static void follow(cf_flow *flow, const double *theta, const double *w, double *h)
{
    (void)w;
    const double *offset = cf_flow_probe_offset(flow);
    probe_values((cf_particles *)flow, theta, h);
    for (size_t k = 0; k < flow->setup.probes->n * flow->setup.latent.dimension; k++)
        h[k] += offset[k];
}

static void set_probe_offset(cf_particles *p)
{
    const cf_flow *flow = &p->flow;
    double *offset = cf_flow_probe_offset(flow); /* zeroed when it was made */
    if (flow->probed == NULL || !flow->setup.centered)
        return;
    probe_values(p, p->dynamics->start, offset);
    for (size_t k = 0; k < flow->setup.probes->n * p->d; k++)
        offset[k] = flow->setup.probes->start[k] - offset[k];
}

static const double PARAMETER_BYTES = 16.0 * 1024 * 1024; /* a flow, both ends */

static bool keeps_parameters(size_t parameters)
{
    return 2 * sizeof(double) * (double)parameters <= PARAMETER_BYTES;
}

static cf_status observe(cf_flow *flow, double t, const double *theta, cf_flow_state *state,
                         cf_err *err)
{
    cf_particles *p = (cf_particles *)flow;
    cf_dynamics *net = p->dynamics;
    cf_status status = cf_particles_observe(flow, t, theta, state, err);
    net->conserved_drift = cf_network_conserved_drift(flow->setup.network, net->start, theta);
    if (status == CF_OK && flow->setup.kernel_drift)
        status = set_kernel_drift(p, theta, err);
    const cf_flow_quantity numbers[] = {
        {"conserved_drift", "1", "E14", CF_KEEP_OUTPUTS, 0, {0}, &net->conserved_drift},
        {"kernel_drift", "1", "C9", CF_KEEP_OUTPUTS, 0, {0}, &net->kernel_drift},
        {"kernel_error", "1", "C9", CF_KEEP_ONCE, 0, {0}, &net->kernel_error}};
    for (size_t k = 0; k < 3; k++)
        if (!isnan(*numbers[k].values))
            cf_flow_put(flow, state, &numbers[k]);
    if (keeps_parameters(flow->ode.size))
        cf_flow_put(
            flow, state,
            &(cf_flow_quantity){"parameters", "1", "E8", CF_KEEP_ENDS, 1, {flow->ode.size}, theta});
    return status;
}

/* --- creation --- */

static cf_status create(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    *out = NULL;
    if (setup->network == NULL)
        return cf_fail(err, CF_EINPUT, "network flow: needs a network");
    cf_particles *p = NULL;
    cf_status status = cf_particles_create(setup, true, &p, err);
    if (status == CF_OK)
        status = allocate(p, err);
    if (status == CF_OK)
        status = begin(p, err);
    if (status == CF_OK)
        status = cf_flow_add_probes(&p->flow, follow, err);
    if (status != CF_OK) {
        cf_particles_free(&p);
        return status;
    }
    cf_flow *flow = &p->flow;
    set_probe_offset(p);
    p->embedding = embedding;
    flow->start = p->dynamics->start;
    flow->velocity = p->dynamics->velocity;
    flow->equation = "E8";
    flow->observe = observe;
    flow->ode.size = cf_network_parameters(setup->network);
    flow->ode.rhs = rhs;
    flow->ode.linearize = linearize;
    flow->ode.jacobian_times = jacobian_times;
    if (!cf_network_smooth(setup->network)) {
        flow->defect_factor = 1000; /* the right-hand side jumps where a unit changes sides */
        flow->ode.remainder = REMAINDER;
    }
    *out = flow;
    return CF_OK;
}

static cf_flow_size size(const cf_flow_setup *setup)
{
    cf_flow_size size = cf_particles_size(setup);
    double nd = (double)size.state;
    cf_flow_count_probes(setup, &size);
    size.state = cf_network_parameters(setup->network);
    size.ends = keeps_parameters(size.state) ? size.state : 0;
    size.bytes += 8 * (PARAMETER_ARRAYS * (double)size.state + OWN_POINT_ARRAYS * nd) +
                  cf_network_pass_bytes(setup->network, setup->data->n, true);
    if (setup->kernel_drift)
        size.bytes += 16 * nd * nd + cf_network_kernel_bytes(setup->network, setup->data->n);
    return size;
}

const cf_flow_kind cf_flow_network = {"network", "parameters", create, size};
