/* What does the work behind cf_pair_sum (solver/pair_sum.h): one row per engine. An engine declines
 * in `create` what it does not serve. Targets and sources are the same n points. Private to
 * solver/.
 */
#ifndef CONTRAFLOW_SOLVER_SUM_ENGINE_H
#define CONTRAFLOW_SOLVER_SUM_ENGINE_H

#include "contraflow/solver/pair_sum.h"

typedef struct {
    cf_profile profile;
    size_t n, d;
    double tolerance; /* of fast engines: see `error` */
} cf_sum_problem;

/* The state of one engine; each engine has its own. */
typedef struct cf_sum_state cf_sum_state;

typedef struct {
    const char *name;
    cf_status (*create)(const cf_sum_problem *problem, cf_sum_state **out, cf_err *err);
    void (*free)(cf_sum_state **state);
    /* "37 modes, 256 cells of order 8". Returns the bound of the error of every sum, rounding
     * included, relative to the largest |a| times sum |q| times the largest value of the kernel:
     * eta, eta'(s) |x_i - x_j|, and their derivatives. */
    double (*describe)(const cf_sum_state *state, char *text, size_t size);
    void (*set_points)(cf_sum_state *state, const double *x);
    void (*set_motion)(cf_sum_state *state, const double *v);
    void (*potential)(cf_sum_state *state, const cf_pair_weights *w, double *out);
    void (*force)(cf_sum_state *state, const cf_pair_weights *w, double *out);
    void (*potential_rate)(cf_sum_state *state, const cf_pair_weights *w, double *out);
    void (*force_rate)(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out);
} cf_sum_engine;

/* Unit vectors of the plane, tangential motions, any profile; n work. */
extern const cf_sum_engine cf_sum_engine_circle;

#endif
