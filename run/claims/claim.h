/* What the checks of claims share; private to run/. */
#ifndef CONTRAFLOW_RUN_CLAIM_H
#define CONTRAFLOW_RUN_CLAIM_H

#include "contraflow/models/flow.h"
#include "contraflow/run/result.h"
#include "contraflow/run/validation.h"
#include "contraflow/solver/quadrature.h"

typedef struct cf_claim_log cf_claim_log;

/* --- what a check writes down --- */

/* A number: what it is, what theory says of it, what came out. */
typedef struct {
    const char *quantity;
    cf_rule_kind rule;
    double predicted, measured, tolerance;
    bool control;
} cf_finding;

/* `format` are the parameters, "tau %g, K %ld". CF_ENUMERIC where the user has interrupted. */
cf_status cf_claim_find(cf_claim_log *log, const cf_finding *finding, cf_err *err,
                        const char *format, ...) CF_PRINTF(4, 5);

/* Points or a line of the claim's figure; copied. */
cf_status cf_claim_draw(cf_claim_log *log, const cf_claim_curve *curve, cf_err *err);

/* --- what a check measures with --- */

/* L of points z [n*d] of masses `weights` [n] (NULL: equal), by the direct engine. */
cf_status cf_claim_loss(const cf_loss_parameters *loss, const double *z, const double *weights,
                        size_t n, size_t d, double *value, cf_err *err);

/* E3 with the exponential profile. */
cf_loss_parameters cf_claim_loss_of(long psi, double tau, bool sphere);

/* Psi and its first two derivatives at G. */
void cf_claim_psi(long psi, double G, double out[3]);

/* c_l = int eta P_l over the uniform measure on S^{d-1}, l = 0 .. count-1 (C5, C7). */
cf_status cf_claim_multipliers(double tau, size_t d, size_t count, double *c, cf_err *err);

/* Masses at points of the sphere, with labels or without. */
typedef struct {
    size_t n, d;
    const double *z;      /* [n*d] */
    const double *masses; /* [n] of sum 1 */
    const int *labels;    /* [n] or NULL */
    size_t clusters;
} cf_claim_points;

/* The largest speed |P grad phi| of the vanilla flow there (E6), each relative to the sum of the
 * sizes of the forces that it is the sum of (E5). */
cf_status cf_claim_speed(const cf_loss_parameters *loss, const cf_claim_points *points,
                         double *speed, cf_err *err);

/* The eighth-order central difference of f along a line, at 0. */
double cf_claim_difference(double (*f)(void *context, double step), void *context, double step);

/* Whether a list of an option holds the value. */
bool cf_claim_lists(const cf_integers *list, long value);

/* The point moves by `by` towards e_1, and back to the sphere: a uniform measure is none any more.
 */
void cf_claim_tilt(double *z, size_t n, size_t d, double by);

/* Runs a problem, its text in the manner of printf. CF_ENUMERIC where a flow does not reach its
 * end. */
cf_status cf_claim_run(cf_claim_log *log, cf_result **result, cf_err *err, const char *format, ...)
    CF_PRINTF(4, 5);

/* The degree from which on c_l is below e^-35 of c_0. */
size_t cf_claim_kernel_degree(double tau);

/* --- the claims --- */

extern const cf_claim cf_claim_invariance, cf_claim_gradients, cf_claim_first_order,
    cf_claim_polytopes, cf_claim_uniform, cf_claim_polygons, cf_claim_decay,
    cf_claim_tangent_kernel, cf_claim_width, cf_claim_clusters, cf_claim_conserved,
    cf_claim_particles, cf_claim_energy, cf_claim_mean_field;

#endif
