/* The curvature that near pairs give to a loss of points on the circle or on S2, factored to
 * precondition Newton iterations (E87); private to models/. */
#ifndef CONTRAFLOW_MODELS_NEAR_FIELD_H
#define CONTRAFLOW_MODELS_NEAR_FIELD_H

#include <stdbool.h>

#include "contraflow/models/loss.h"

typedef struct cf_near_field cf_near_field;

/* For n points of masses `weights` [n] (borrowed, and kept) on the unit sphere of R^d, d = 2 or 3.
 * *out = NULL where points spread evenly have too many neighbors for it to pay. */
cf_status cf_near_field_create(const cf_loss_parameters *loss, const double *weights, size_t n,
                               size_t d, cf_near_field **out, cf_err *err);
void cf_near_field_free(cf_near_field **near);

/* Bytes that it allocates. */
double cf_near_field_bytes(const cf_loss_parameters *loss, size_t n, size_t d);

/* Factors I + gamma H at the points z [n*d], where the loss has this shape. Where points are too
 * crowded, or the matrix is not definite, it is I until the next call. */
void cf_near_field_factor(cf_near_field *near, const double *z, const cf_loss_shape *shape,
                          double gamma);

/* out [n*d] = (I + gamma H)^-1 r on tangential parts; radial parts are kept. */
void cf_near_field_solve(cf_near_field *near, const double *r, double *out);

#endif
