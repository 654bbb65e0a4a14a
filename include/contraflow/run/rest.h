/* Where the vanilla flow of a problem comes to rest: the flow itself until it is slow, then
 * Newton's method to the stationary state (E90). */
#ifndef CONTRAFLOW_RUN_REST_H
#define CONTRAFLOW_RUN_REST_H

#include <stdbool.h>

#include "contraflow/models/stationary.h"
#include "contraflow/run/parts.h"

typedef struct {
    double *z; /* [n*d] the stationary state */
    size_t n, d;
    double time, speed; /* where the flow ended: sqrt(sum m |dz/dt|^2) */
    cf_stationary *state;
    double uniform; /* the loss of the uniform measure, C5 */
} cf_rest;

/* From the start of the problem, by the loss of the problem. CF_EINPUT where points do not lie on
 * a sphere, or have several views; CF_ENUMERIC where the flow breaks down or is interrupted. */
cf_status cf_rest_create(const cf_parts *parts, bool (*interrupted)(void *context), cf_rest **out,
                         cf_err *err);
void cf_rest_free(cf_rest **rest);

/* A result file with the group /stationary, whose dataset `start` is the state: a start for other
 * runs. */
cf_status cf_rest_write(const cf_rest *rest, const cf_parts *parts, const char *command,
                        const char *path, cf_err *err);

#endif
