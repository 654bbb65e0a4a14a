/* E7: dh/dt = -Theta g with g_i = dL/dh_i = m_i pull(u)_i; dissipation E9: g^T Theta g. On
 * particles i is a point of the data, on a field (E16) a node of their law, where h is the shift
 * Delta and pull(u) its mean over the start's law. */
#include <math.h>

#include "coupling.h"
#include "field.h"

static const cf_data *points_of(const cf_particles *p)
{
    return p->dynamics != NULL ? cf_field_nodes(p) : p->flow.setup.data;
}

/* out = -Theta (m g). */
static void apply_kernel(cf_particles *p, const double *g, double *weighted, double *out)
{
    const cf_data *points = points_of(p);
    for (size_t k = 0; k < points->n * p->d; k++)
        weighted[k] = -points->weights[k / p->d] * g[k];
    cf_kernel_action_times(p->flow.setup.kernel, weighted, out);
}

/* *g [n*d] = pull(u) at h. */
static cf_status evaluate(cf_particles *p, const double *h, const double **g, cf_err *err)
{
    *g = p->g;
    return p->dynamics != NULL ? cf_field_evaluate(p, h, g, err) : cf_particles_evaluate(p, h, err);
}

/* And its derivative along v, at the last h. */
static void move(cf_particles *p, const double *v, const double **g, const double **dg)
{
    *g = p->g;
    *dg = p->dg;
    if (p->dynamics != NULL)
        cf_field_move(p, v, g, dg);
    else
        cf_particles_move(p, v);
}

static double dot(const double *a, const double *b, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += a[i] * b[i];
    return total;
}

static cf_status rhs(void *system, double t, const double *h, double *hdot, double *dissipation,
                     cf_err *err)
{
    (void)t;
    cf_particles *p = system;
    const double *g;
    cf_status status = evaluate(p, h, &g, err);
    if (status != CF_OK)
        return status;
    apply_kernel(p, g, p->zdot, hdot);
    *dissipation = dot(p->zdot, hdot, p->flow.ode.size);
    return CF_OK;
}

static cf_status linearize(void *system, double t, const double *h, cf_err *err)
{
    (void)t;
    const double *g;
    return evaluate(system, h, &g, err);
}

/* d(g^T Theta g) = 2 (Theta g).dg = -2 g.(d hdot), weights in g. */
static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)err;
    cf_particles *p = system;
    const cf_data *points = points_of(p);
    const double *g, *dg;
    size_t d = p->d;
    move(p, v, &g, &dg);
    apply_kernel(p, dg, p->zdot, jv);
    *jq = 0;
    for (size_t i = 0; i < points->n; i++)
        *jq -= 2 * points->weights[i] * dot(g + i * d, jv + i * d, d);
    return CF_OK;
}

static void kernel_times(void *context, const double *x, double *out)
{
    cf_kernel_action_times(context, x, out);
}

/* The impulse that every point has had, E54: dc/dt = -m g. */
static void companion(void *system, double t, const double *h, double *cdot)
{
    (void)t;
    cf_particles *p = system;
    const cf_data *points = points_of(p);
    const double *g;
    bool defined = evaluate(p, h, &g, NULL) == CF_OK;
    for (size_t k = 0; k < p->flow.ode.companions; k++)
        cdot[k] = defined ? -points->weights[k / p->d] * g[k] : NAN;
}

static void follow(cf_flow *flow, const double *h, const double *c, double *out)
{
    (void)h;
    const cf_probes *probes = flow->setup.probes;
    cf_probe_kernel_times(flow->setup.probe_kernel, c, out);
    for (size_t k = 0; k < probes->n * flow->setup.latent.dimension; k++)
        out[k] += probes->start[k];
}

typedef cf_status creator(const cf_flow_setup *setup, cf_particles **out, cf_err *err);

static cf_status create_on(creator *representation, const char *equation,
                           const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    *out = NULL;
    if (setup->kernel == NULL)
        return cf_fail(err, CF_EINPUT, "neural flow: needs a kernel");
    cf_particles *p = NULL;
    cf_status status = representation(setup, &p, err);
    *out = (cf_flow *)p;
    if (status != CF_OK)
        return status;
    p->flow.equation = equation;
    p->flow.ode.rhs = rhs;
    p->flow.ode.linearize = linearize;
    p->flow.ode.rhs_linearizes = true;
    p->flow.ode.jacobian_times = jacobian_times;
    const cf_kernel_operator kernel = {setup->kernel, kernel_times, p->d,
                                       cf_kernel_action_shared(setup->kernel)};
    status = cf_self_coupling(&kernel, points_of(p), &p->flow.coupling, err);
    if (status == CF_OK)
        status = cf_flow_add_probes(*out, follow, err);
    if (status != CF_OK) {
        cf_flow_free(out);
        return status;
    }
    if (p->flow.probed != NULL) {
        p->flow.ode.companions = p->flow.ode.size;
        p->flow.ode.companion = companion;
    }
    return CF_OK;
}

static cf_flow_size with_probes(const cf_flow_setup *setup, cf_flow_size size)
{
    cf_flow_count_probes(setup, &size);
    size.companions = setup->probes == NULL || setup->probes->n == 0 ? 0 : size.state;
    return size;
}

static cf_flow_size size_on_points(const cf_flow_setup *setup)
{
    return with_probes(setup, cf_particles_size(setup));
}

static cf_flow_size size_on_field(const cf_flow_setup *setup)
{
    return with_probes(setup, cf_field_size(setup));
}

static cf_status on_points(const cf_flow_setup *setup, cf_particles **out, cf_err *err)
{
    return cf_particles_create(setup, true, out, err);
}

static cf_status create(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    return create_on(on_points, "E7", setup, out, err);
}

static cf_status create_field(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    return create_on(cf_field_create, "E16", setup, out, err);
}

const cf_flow_kind cf_flow_neural = {"neural", "particles", create, size_on_points};
const cf_flow_kind cf_flow_neural_field = {"neural", "field", create_field, size_on_field};
