/* E6 on particles: dh_i/dt = -r_i (I - z z^T) u_i = -r_i^2 g_i with u = grad phi, r = |h| and g the
 * pull-back of u; in R^d r = 1. |h_i| is constant, so the start is normalized and the norm floor is
 * ignored. Dissipation E9: sum_i m_i |r_i g_i|^2. */
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "near_field.h"
#include "particles.h"

struct cf_dynamics {
    cf_near_field *near; /* of points on the sphere, or NULL */
};

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

static cf_status factor(void *system, double gamma, cf_err *err)
{
    (void)err;
    cf_particles *p = system;
    cf_loss_shape shape;
    if (cf_loss_shape_of(p->loss, &shape))
        cf_near_field_factor(p->dynamics->near, p->z, &shape, gamma);
    return CF_OK;
}

/* |h_i| is constant, 1, so that h moves as z does. */
static cf_status precondition(void *system, double gamma, const double *r, double *z, cf_err *err)
{
    (void)gamma, (void)err;
    cf_near_field_solve(((cf_particles *)system)->dynamics->near, r, z);
    return CF_OK;
}

static void release(cf_dynamics *dynamics)
{
    cf_near_field_free(&dynamics->near);
    free(dynamics);
}

static cf_status set_preconditioner(cf_particles *p, cf_err *err)
{
    const cf_flow_setup *setup = &p->flow.setup;
    if (!setup->latent.sphere)
        return CF_OK;
    p->dynamics = cf_allocate("vanilla flow", 1, sizeof *p->dynamics, err);
    if (p->dynamics == NULL)
        return CF_ESYSTEM;
    p->release = release;
    cf_status status = cf_near_field_create(&setup->loss, setup->data->weights, p->n, p->d,
                                            &p->dynamics->near, err);
    if (status == CF_OK && p->dynamics->near != NULL) {
        p->flow.ode.factor = factor;
        p->flow.ode.precondition = precondition;
    }
    return status;
}

static cf_flow_size size(const cf_flow_setup *setup)
{
    cf_flow_size size = cf_particles_size(setup);
    if (setup->latent.sphere)
        size.bytes += cf_near_field_bytes(&setup->loss, setup->data->n, setup->latent.dimension);
    return size;
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
    p->flow.ode.rhs_linearizes = true;
    p->flow.ode.jacobian_times = jacobian_times;
    status = set_preconditioner(p, err);
    if (status != CF_OK)
        cf_particles_free(&p);
    *out = (cf_flow *)p;
    return status;
}

const cf_flow_kind cf_flow_vanilla = {"vanilla", "particles", create, size};
