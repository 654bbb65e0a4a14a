/* Discrete gradient descent: plain, with momentum (heavy ball), and Adam (Kingma and Ba, 2015). */
#ifndef CONTRAFLOW_SOLVER_DESCENT_H
#define CONTRAFLOW_SOLVER_DESCENT_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"
#include "contraflow/solver/integrator.h"

typedef struct {
    void *system;
    size_t size;
    /* g [size]: the gradient that step number `step`, from 0, sees at y [size]. */
    cf_status (*gradient)(void *system, long step, const double *y, double *g, cf_err *err);
    /* Event functions at y, as of a cf_ode; looked at after every `stride` steps. */
    size_t roots;
    long stride;
    cf_status (*root)(void *system, double t, const double *y, double *g, cf_err *err);
} cf_descent_problem;

typedef enum { CF_DESCENT_PLAIN, CF_DESCENT_MOMENTUM, CF_DESCENT_ADAM } cf_descent_rule;

/* y -= rate g;  v = momentum v + g, y -= rate v;  or Adam's rule. */
typedef struct {
    cf_descent_rule rule;
    double rate;
    double time_step; /* what a step counts as */
    long steps;
    double momentum;
    double beta1, beta2, epsilon;
} cf_descent_options;

/* Descends from y0 at time 0. Outputs are put out after the step nearest to each of `times`
 * [count, increasing], after step 0 and the last, and where the descent ends early; q [1] holds the
 * sum of rate |g|^2 for the plain rule, else NaN. A sign change of an event function between two
 * looks is an event, its time by linear interpolation and its state the later one. The counts are
 * steps and gradients. Where a gradient is not finite, or the gradient, an output or an event
 * answers CF_ENUMERIC, the descent has diverged: CF_RUN_FAILED, with a message of step, time and
 * reason; what was put out before stays valid. */
cf_status cf_descend(const cf_descent_problem *problem, const cf_descent_options *options,
                     const double *times, size_t count, const double *y0,
                     const cf_integration_calls *calls, cf_integration *result, cf_err *err);

/* The step nearest to the time `end`. */
long cf_descent_steps(double time_step, double end);

/* Memory that cf_descend allocates for a state of that size, in bytes. */
double cf_descent_bytes(const cf_descent_options *options, size_t size);

#endif
