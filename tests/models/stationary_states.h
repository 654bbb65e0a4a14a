/* Stationary states of losses and configurations. */
#ifndef CONTRAFLOW_TESTS_STATIONARY_STATES_H
#define CONTRAFLOW_TESTS_STATIONARY_STATES_H

#include "contraflow/models/configuration.h"
#include "contraflow/models/stationary.h"

extern const cf_stationary_options stationary_as_it_is,
    stationary_newton; /* no step; to rounding */

/* Rows of the tables of Psi and eta, on the sphere. */
cf_loss_parameters stationary_loss(size_t psi, size_t eta, double tau);

cf_configuration *stationary_configuration(const char *name, size_t dimension, const double *masses,
                                           size_t particles);

/* From the points z, which move to it. */
cf_stationary *stationary_state(const cf_loss_parameters *loss, const double *masses, size_t n,
                                size_t d, const cf_stationary_options *options, double *z);
cf_stationary *stationary_state_at(const cf_loss_parameters *loss, cf_configuration *c,
                                   const cf_stationary_options *options);

/* Of a spectrum from so many values, the largest; NaN where it has another number. */
double stationary_difference(const cf_spectrum *s, const double *values, size_t count);

#endif
