/* Laws of lifetimes, fitted to censored samples by maximum likelihood: log T = x . beta + sigma W
 * (E65, E66). */
#ifndef CONTRAFLOW_SOLVER_LIFETIME_H
#define CONTRAFLOW_SOLVER_LIFETIME_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/survival.h"

/* A law of W: logarithms, with two derivatives, of its density and of P(W > u), both concave. */
typedef struct {
    const char *name;
    const char *doc;
    bool unit_scale; /* sigma = 1 */
    void (*density)(double u, double g[3]);
    void (*tail)(double u, double g[3]);
    double (*quantile)(double p);
} cf_lifetime_law;

/* exponential, weibull, log-normal; NULL-terminated. */
const cf_lifetime_law *const *cf_lifetime_laws(void);
const cf_lifetime_law *cf_lifetime_law_find(const char *name);

/* What is fitted, borrowed. */
typedef struct {
    const cf_lifetime_law *law;
    cf_lifetimes lifetimes; /* times > 0 */
    int kind;               /* of event; ends of all other kinds count as censored */
    const double *x;        /* [count*columns] by row, the constant 1 not among them */
    size_t columns;
} cf_lifetime_model;

/* Owned. Parameters are the constant, the coefficients of the columns, and log sigma. */
typedef struct {
    const cf_lifetime_law *law;
    size_t columns;
    double *beta; /* [1 + columns] */
    double sigma;
    double *covariance; /* [(2 + columns)^2] of beta and log sigma */
    double degrees; /* of freedom of its intervals: infinite for the information, units - 1 for the
                     * jackknife */
    double log_likelihood; /* of the times */
    double aic;            /* 2 (parameters - log_likelihood) */
    size_t events;
} cf_lifetime_fit;

/* E65. CF_EINPUT for times that are not positive and dependent columns; CF_ENUMERIC where the
 * likelihood has no maximum, with the reason. Cost: about ten times count * columns^2. */
cf_status cf_lifetime_fit_create(const cf_lifetime_model *model, cf_lifetime_fit **out,
                                 cf_err *err);
void cf_lifetime_fit_free(cf_lifetime_fit **fit);

/* E66: replaces the covariance of the fit by that of a jackknife over units, all members of a unit
 * being left out together: right where they depend on each other.
 *   unit [count] numbers below `units`
 * CF_ENUMERIC where the fit without one of them fails; `fit` is then as it was. */
cf_status cf_lifetime_jackknife(const cf_lifetime_model *model, const size_t *unit, size_t units,
                                cf_lifetime_fit *fit, cf_err *err);

/* The interval of parameter k (beta[k], or log sigma for k = 1 + columns). */
cf_interval cf_lifetime_parameter(const cf_lifetime_fit *fit, size_t k, double confidence);

/* The p-quantile of T at x [columns]. */
cf_interval cf_lifetime_quantile(const cf_lifetime_fit *fit, const double *x, double p,
                                 double confidence);

/* E66: whether a free constant for each group says more than the columns do, by the ratio of
 * likelihoods. group [count] numbers below `groups`; the columns are constant in a group */
cf_status cf_lifetime_lack_of_fit(const cf_lifetime_model *model, const cf_lifetime_fit *fit,
                                  const size_t *group, size_t groups, cf_test *test, cf_err *err);

#endif
