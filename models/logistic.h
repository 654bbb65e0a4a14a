/* Multinomial logistic regression with a ridge: the convex problem of E20. */
#ifndef CONTRAFLOW_MODELS_LOGISTIC_H
#define CONTRAFLOW_MODELS_LOGISTIC_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    size_t n, features, classes;
    const double *x;       /* [features*n] by column */
    const double *weights; /* [n] */
    const int *labels;     /* [n] in 0..classes-1 */
    double ridge;          /* lambda > 0 */
} cf_logistic;

/* scores [classes*n] at the minimizer, class q of point i at q*n + i. Newton's method from zero,
 * steps by conjugate gradients; work per product n*features*classes. It ends where the gradient is
 * 1e-12, or where rounding keeps it larger. The same bits on any number of threads. */
cf_status cf_logistic_fit(const cf_logistic *problem, double *scores, cf_err *err);

#endif
