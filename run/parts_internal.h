/* Steps of the assembly that have files of their own; private to run/. */
#ifndef CONTRAFLOW_RUN_PARTS_INTERNAL_H
#define CONTRAFLOW_RUN_PARTS_INTERNAL_H

#include "contraflow/models/training.h"
#include "contraflow/run/parts.h"

/* Sets times, keeps and time_count from the problem's outputs and snapshots; needs the data. */
cf_status cf_schedule_create(cf_parts *parts, cf_err *err);

/* Refuses, before anything large is allocated, a problem that needs more memory than there is; the
 * message begins with its place. */
cf_status cf_memory_check(const cf_parts *parts, cf_err *err);

/* Puts the place of the key in front of a message that names none itself. */
cf_status cf_located(const cf_problem *problem, const char *key, cf_status status, cf_err *err);

/* Nodes and start laws of the flows on fields, before memory is checked; their starts, after that
 * of the sample. */
cf_status cf_perturbed_law(const cf_parts *parts, cf_start_law *law, cf_err *err);
cf_status cf_fields_create(cf_parts *parts, cf_err *err);
cf_status cf_fields_start(cf_parts *parts, cf_err *err);
void cf_fields_free(cf_parts *parts);
/* Makes the start [n*V*d]; and, where flows have a density, the law of a point, with what is wrong
 * with them. Messages begin with their place. */
void cf_law_guess(cf_parts *parts); /* as much as the sizes of densities depend on */
cf_status cf_start_create(cf_parts *parts, cf_err *err);
cf_status cf_densities_check(cf_parts *parts, cf_err *err);

/* Say, before anything runs, what is wrong with kernels, networks and trainings. */
cf_status cf_kernels_check(const cf_parts *parts, cf_err *err);
cf_status cf_networks_check(const cf_parts *parts, cf_err *err);       /* before the data, too */
cf_status cf_kernel_engines_check(const cf_parts *parts, cf_err *err); /* likewise */

/* Whether the kernel can be had at the points, which are called `what`: its diagonal grows with
 * their norms in every layer, so the largest alone tells. */
cf_status cf_mlp_try(const cf_mlp *mlp, const cf_data *data, const char *what, cf_err *err);

/* Reads the probes; says what is wrong with their kernels, once there are data and labels. */
cf_status cf_probes_create(cf_parts *parts, cf_err *err);
cf_status cf_probes_check(const cf_parts *parts, cf_err *err);
void cf_probes_free(cf_parts *parts);

/* Theta(probes, points) [p*n] of a neural flow, malloc'ed; NULL where there is no need of it. */
cf_status cf_parts_probe_block(const cf_parts *parts, size_t flow, double **out, cf_err *err);

/* How a flow is trained, but for the flow itself; false where it is not trained in steps. */
bool cf_parts_training(const cf_parts *parts, size_t flow, cf_training_setup *setup);

#endif
