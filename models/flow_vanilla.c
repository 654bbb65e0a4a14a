/* E6 on particles: dh_i/dt = -r_i (I - z z^T) u_i = -r_i^2 g_i with u = grad phi, r = |h| and g the
 * pull-back of u; in R^d r = 1. |h_i| is constant, so the start is normalized and the norm floor is
 * ignored. Dissipation E9: sum_i m_i |r_i g_i|^2. */
#include "contraflow/solver/memory.h"
#include "particles.h"

static cf_status rhs(void *system, double t, const double *h, double *hdot, double *dissipation,
                     cf_err *err)
{
    (void)t;
    cf_particles *p = system;
    cf_status status = cf_particles_evaluate(p, h, err);
    if (status != CF_OK)
        return status;
    *dissipation = 0;
    for (size_t i = 0; i < p->n; i++) {
        double r = p->r[i], square = 0;
        for (size_t k = i * p->d; k < (i + 1) * p->d; k++) {
            double speed = r * p->g[k];
            hdot[k] = -r * speed;
            square += speed * speed;
        }
        *dissipation += p->flow.setup.data->weights[i] * square;
    }
    return CF_OK;
}

static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)err;
    cf_particles *p = system;
    cf_particles_move(p, v);
    *jq = 0;
    for (size_t i = 0; i < p->n; i++) {
        double r = p->r[i], rdot = p->rdot[i], product = 0;
        for (size_t k = i * p->d; k < (i + 1) * p->d; k++) {
            double speed = r * p->g[k], change = rdot * p->g[k] + r * p->dg[k];
            jv[k] = -rdot * speed - r * change;
            product += speed * change;
        }
        *jq += 2 * p->flow.setup.data->weights[i] * product;
    }
    return CF_OK;
}

static cf_status create(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    cf_flow_setup exact = *setup;
    exact.latent.norm_floor = 0;
    cf_particles *p = NULL;
    cf_status status = cf_particles_create(&exact, false, &p, err);
    *out = (cf_flow *)p;
    if (status != CF_OK)
        return status;
    cf_latent_map(&exact.latent, setup->start, p->n, p->h0, p->r);
    p->flow.equation = "E6";
    p->flow.ode.rhs = rhs;
    p->flow.ode.linearize = cf_particles_linearize;
    p->flow.ode.jacobian_times = jacobian_times;
    return CF_OK;
}

const cf_flow_kind cf_flow_vanilla = {"vanilla", "particles", create, cf_particles_size};
