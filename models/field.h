/* A field: infinitely many data (E16). h(x) = Delta(x) + b at n nodes of the data law, with b of
 * the start's law given by a rule of m points; the state is Delta. The latent measure has n*m
 * atoms, atom i*m + k for node i and point k; private to models/. */
#ifndef CONTRAFLOW_MODELS_FIELD_H
#define CONTRAFLOW_MODELS_FIELD_H

#include "particles.h"

/* Particles on the atoms, as the dynamics of which they have a field. setup->data are the nodes. */
cf_status cf_field_create(const cf_flow_setup *setup, cf_particles **out, cf_err *err);

/* Over all b, the mean of g at Delta = y, and of its derivative along v; [n*d], valid until the
 * next call. After the first, the particles' value is L. */
cf_status cf_field_evaluate(cf_particles *particles, const double *y, const double **mean,
                            cf_err *err);
void cf_field_move(cf_particles *particles, const double *v, const double **mean,
                   const double **rate);

const cf_data *cf_field_nodes(const cf_particles *particles);

cf_flow_size cf_field_size(const cf_flow_setup *setup);

#endif
