/* E7 on particles: dh/dt = -Theta g with g_i = dL/dh_i = m_i pull(u)_i. Dissipation E9: g^T Theta
 * g. */
#include "particles.h"

/* out = -Theta (m g). */
static void apply_kernel(cf_particles *p, const double *g, double *weighted, double *out)
{
    size_t n = p->n, d = p->d;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i * d; k < (i + 1) * d; k++)
            weighted[k] = -p->flow.setup.data->weights[i] * g[k];
    cf_kernel_action_times(p->flow.setup.kernel, weighted, out);
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
    cf_status status = cf_particles_evaluate(p, h, NULL, err);
    if (status != CF_OK)
        return status;
    apply_kernel(p, p->g, p->zdot, hdot);
    *dissipation = dot(p->zdot, hdot, p->n * p->d);
    return CF_OK;
}

/* d(g^T Theta g) = 2 (Theta g).dg = -2 g.(d hdot), weights in g. */
static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)err;
    cf_particles *p = system;
    size_t n = p->n, d = p->d;
    cf_particles_move(p, v);
    apply_kernel(p, p->dg, p->zdot, jv);
    *jq = 0;
    for (size_t i = 0; i < n; i++)
        *jq -= 2 * p->flow.setup.data->weights[i] * dot(p->g + i * d, jv + i * d, d);
    return CF_OK;
}

static cf_status create(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    *out = NULL;
    if (setup->kernel == NULL)
        return cf_fail(err, CF_EINPUT, "neural flow: needs a kernel");
    cf_particles *p = NULL;
    cf_status status = cf_particles_create(setup, true, &p, err);
    *out = (cf_flow *)p;
    if (status != CF_OK)
        return status;
    p->flow.ode.rhs = rhs;
    p->flow.ode.linearize = cf_particles_linearize;
    p->flow.ode.jacobian_times = jacobian_times;
    return CF_OK;
}

const cf_flow_kind cf_flow_neural = {"neural", "particles", create, cf_particles_size};
