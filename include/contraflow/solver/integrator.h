/* Integration of a cf_ode by CVODE (Hindmarsh et al., ACM TOMS 31, 2005): Adams with functional
 * iteration, or BDF with Newton-GMRES on exact Jacobian products. Outputs come from dense output
 * and never shorten a step; events come from root finding. */
#ifndef CONTRAFLOW_SOLVER_INTEGRATOR_H
#define CONTRAFLOW_SOLVER_INTEGRATOR_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/archive.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/ode.h"

/* `auto` starts with Adams; it tries BDF where Adams' steps are held by stability and not by
 * accuracy, and keeps the method that advances further per evaluation. It decides by counts, never
 * by clocks. */
typedef enum { CF_METHOD_AUTO, CF_METHOD_ADAMS, CF_METHOD_BDF } cf_method;

typedef struct {
    cf_method method;
    double rtol;
    double atol; /* of the states; integrals have 100 atol, their natural size being 1 */
    int krylov;  /* most iterations of GMRES under BDF; of 2^18 states or less also the vectors */
} cf_integrator_options;

typedef struct {
    long steps;
    long rhs_evaluations;
    long linearizations;
    long jacobian_products;
    long error_test_failures;
    long convergence_failures;
} cf_counts;

/* Each callback but `advance` may end the integration with a status other than CF_OK. Arrays are
 * borrowed for the call; behind q stand the companions w. */
typedef struct {
    void *context;
    /* At every requested time in order, and at the last time of a run that ends before its end. */
    cf_status (*output)(void *context, double t, const double *y, const double *q, cf_err *err);
    /* At a root: which component, +1 rising or -1 falling; *stop = true ends the run there. */
    cf_status (*event)(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err);
    /* After every step; false ends the run (interruption). May be NULL. */
    bool (*advance)(void *context, double t, const cf_counts *counts);
    /* A multistep method has a history that cannot be stored. So it is begun anew whenever so many
     * steps have been accepted (0: never), and then, and only then, `restart` gets all that the
     * rest of the run depends on (borrowed for the call). May be NULL. */
    long restart_steps;
    cf_status (*restart)(void *context, double t, const cf_archive *state, cf_err *err);
    /* Such a state, to go on from instead of the start: the rest has the same bits. NULL: from the
     * start. */
    cf_archive *resumed;
} cf_integration_calls;

typedef enum {
    CF_RUN_COMPLETE,
    CF_RUN_STOPPED_BY_EVENT,
    CF_RUN_INTERRUPTED,
    CF_RUN_FAILED
} cf_outcome;

typedef struct {
    cf_outcome outcome;
    double t; /* last time reached */
    cf_counts counts;
    char method[256]; /* what was used and when: "adams to t = 12.3, then bdf" */
    cf_err failure;   /* of CF_RUN_FAILED */
} cf_integration;

/* Integrates from (times[0], y0), integrals and companions starting at 0, to times[count - 1];
 * `times` increase. Returns CF_OK with what happened in *result: a numerical breakdown is the
 * outcome CF_RUN_FAILED, and what was put out before stays valid. Other statuses: invalid options,
 * memory, or a callback's. */
cf_status cf_integrate(const cf_ode *ode, const cf_integrator_options *options, const double *times,
                       size_t count, const double *y0, const cf_integration_calls *calls,
                       cf_integration *result, cf_err *err);

/* Memory: vectors of so many states that an integration holds at most. */
double cf_integrator_vectors(const cf_integrator_options *options, size_t states);

/* Name and version of the library behind it: "SUNDIALS 6.4.1". */
const char *cf_integrator_library(void);

#endif
