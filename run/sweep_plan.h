/* The runs of a sweep: points of its design, each repeated with other seeds; private to run/. */
#ifndef CONTRAFLOW_RUN_SWEEP_PLAN_H
#define CONTRAFLOW_RUN_SWEEP_PLAN_H

#include "contraflow/run/problem.h"

typedef struct {
    const cf_problem *problem;   /* borrowed */
    const char *const *settings; /* [setting_count] borrowed: --set of the whole sweep */
    size_t setting_count;
    size_t axes, points, repeat, runs; /* runs = points * repeat; the repetition varies first */
    char **assignments;                /* [points*axes] "KEY=VALUE" */
    double *coordinates; /* [points*axes] in [0, 1]: the place of the value on its axis */
} cf_sweep_plan;

/* Checks every point by reading its problem. Failures name the axis, with its line. */
cf_status cf_sweep_plan_create(const cf_problem *problem, const char *const *settings, size_t count,
                               cf_sweep_plan **out, cf_err *err);
void cf_sweep_plan_free(cf_sweep_plan **plan);

/* The key and the value of an axis at a point. */
const char *cf_sweep_plan_key(const cf_sweep_plan *plan, size_t axis);
const char *cf_sweep_plan_value(const cf_sweep_plan *plan, size_t point, size_t axis);

/* The problem of a run, without its sweep. */
cf_status cf_sweep_plan_problem(const cf_sweep_plan *plan, size_t run, cf_problem **out,
                                cf_err *err);

/* The seeds of a problem that no assignment of the point gives, each grown by `step`: "KEY=VALUE"
 * texts. All are owned by the caller. */
cf_status cf_sweep_seeds(const cf_problem *problem, char *const *assignments, size_t count,
                         long step, cf_texts *out, cf_err *err);
void cf_sweep_seeds_free(cf_texts *seeds);

#endif
