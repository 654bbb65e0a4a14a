#include "stationary_states.h"

#include <math.h>

#include "check.h"

const cf_stationary_options stationary_as_it_is = {.steps = 0};
const cf_stationary_options stationary_newton = {.steps = 50, .tolerance = 1e-12};

cf_loss_parameters stationary_loss(size_t psi, size_t eta, double tau)
{
    return (cf_loss_parameters){.psi = cf_psi_rows[psi],
                                .eta = {.row = cf_eta_rows[eta], .tau = tau, .exponent = 1.5},
                                .unit = true};
}

cf_configuration *stationary_configuration(const char *name, size_t dimension, const double *masses,
                                           size_t particles)
{
    cf_configuration_setup setup;
    cf_configuration *c;
    cf_err err = {0};
    require(cf_configuration_find(name, &setup, &err), &err, name);
    setup.dimension = dimension;
    setup.masses = masses;
    setup.particles = particles;
    require(cf_configuration_create(&setup, &c, &err), &err, name);
    return c;
}

cf_stationary *stationary_state(const cf_loss_parameters *loss, const double *masses, size_t n,
                                size_t d, const cf_stationary_options *options, double *z)
{
    const cf_stationary_setup setup = {loss, masses, n, d};
    cf_stationary *s;
    cf_err err = {0};
    require(cf_stationary_create(&setup, options, z, &s, &err), &err, "stationary state");
    return s;
}

cf_stationary *stationary_state_at(const cf_loss_parameters *loss, cf_configuration *c,
                                   const cf_stationary_options *options)
{
    return stationary_state(loss, c->masses, c->n, c->d, options, c->z);
}

double stationary_difference(const cf_spectrum *s, const double *values, size_t count)
{
    double worst = s->count == count ? 0 : NAN;
    for (size_t k = 0; k < s->count; k++)
        worst = worse(worst, fabs(s->values[k] - values[k]));
    return worst;
}
