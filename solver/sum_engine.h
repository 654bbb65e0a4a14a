/* What does the work behind cf_pair_sum (solver/pair_sum.h): one row per engine. An engine declines
 * in `plan` what it does not serve. Private to solver/. */
#ifndef CONTRAFLOW_SOLVER_SUM_ENGINE_H
#define CONTRAFLOW_SOLVER_SUM_ENGINE_H

#include "contraflow/solver/pair_sum.h"

/* The state of one engine; each engine has its own. */
typedef struct cf_sum_state cf_sum_state;

typedef struct {
    char text[64];  /* "37 modes, 256 cells of order 8" */
    double error;   /* as cf_pair_sum_error */
    double seconds; /* predicted for a potential and a force of two columns on one thread */
    double bytes;   /* predicted, at most */
} cf_sum_plan;

typedef struct {
    const char *name;
    /* From the setup alone, without anything in proportion to the points. CF_EINPUT, with the
     * reason, for a setup that it does not serve. */
    cf_status (*plan)(const cf_pair_sum_setup *setup, cf_sum_plan *plan, cf_err *err);
    /* Of a setup that it serves. */
    cf_status (*create)(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err);
    void (*free)(cf_sum_state **state);
    /* As in pair_sum.h; x == y unless the setup has two sets. */
    void (*set_points)(cf_sum_state *state, const double *y, const double *x);
    void (*set_motion)(cf_sum_state *state, const double *ydot, const double *xdot);
    void (*potential)(cf_sum_state *state, const cf_pair_weights *w, double *out);
    void (*force)(cf_sum_state *state, const cf_pair_weights *w, double *out);
    void (*potential_rate)(cf_sum_state *state, const cf_pair_weights *w, double *out);
    void (*force_rate)(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out);
    /* NULL where weights cannot have references. */
    void (*smallest)(cf_sum_state *state, double *out);
} cf_sum_engine;

/* The columns (a, q) of w_ij = sum of a_i q_j, a = NULL for 1; returns their number, at most 2. */
typedef struct {
    const double *a, *q;
} cf_sum_column;
int cf_sum_columns(const cf_pair_weights *w, cf_sum_column column[2]);

/* Whether b = a q for all n points: w_ij = (a_i + a_j) q_j. */
bool cf_sum_is_symmetric(const cf_pair_weights *w, size_t n);

/* CF_EINPUT for a setup with two sets, without self, or with references, which fast engines do not
 * serve; `engine` is the name in the message. */
cf_status cf_sum_engine_needs_plain(const cf_pair_sum_setup *setup, const char *engine,
                                    cf_err *err);

/* Exact, n^2 d work: with the exponential profile in up to four dimensions, and every setup. */
extern const cf_sum_engine cf_sum_engine_direct, cf_sum_engine_blocks;

/* Exact but for the rounding of scalar products, n^2 d work: unit vectors of more dimensions, one
 * view, exponential profile, tau not too small for the tolerance. */
extern const cf_sum_engine cf_sum_engine_products;

/* Unit vectors of the plane, tangential motions, any profile; n work. */
extern const cf_sum_engine cf_sum_engine_circle;

/* Unit vectors of R^3, tangential motions, exponential profile; n work. */
extern const cf_sum_engine cf_sum_engine_sphere;

/* R^1, R^2, R^3, exponential profile; n log n work where the points are near each other. */
extern const cf_sum_engine cf_sum_engine_grid;

#endif
