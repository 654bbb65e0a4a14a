/* Means and power laws of repeated measurements (E53). A value that is not a number is a
 * missing one everywhere. */
#ifndef CONTRAFLOW_SOLVER_STATISTICS_H
#define CONTRAFLOW_SOLVER_STATISTICS_H

#include <stddef.h>

typedef struct {
    double value; /* NaN where all are missing */
    double error; /* of the mean: s/sqrt(count), s^2 over count - 1; NaN below two */
    size_t count; /* of values that are not missing */
} cf_mean;

cf_mean cf_mean_of(const double *values, size_t count);

typedef struct {
    double slope, factor; /* mean ~ factor x^slope; NaN below two points */
    double low, high;     /* interval of the slope; NaN below two repetitions */
    size_t points;        /* that were fitted */
} cf_power_law;

/* E53: least squares of the logarithms of means over repetitions against log x, with an interval of
 * the slope by the jackknife over repetitions.
 *   x      [points] positive
 *   values [points*repetitions] by row, positive or missing
 * Points whose mean is missing or not positive are left out. `confidence` is in (0, 1), 0.95 say.
 * Cost points * repetitions^2. */
cf_power_law cf_power_law_fit(const double *x, const double *values, size_t points,
                              size_t repetitions, double confidence);

/* The p-quantile of Student's t distribution, p in (0, 1), degrees > 0. */
double cf_student_quantile(double p, double degrees);

/* The p-quantile of the normal distribution of mean 0 and variance 1, p in (0, 1). */
double cf_normal_quantile(double p);

/* The probability that chi square with so many degrees of freedom is above x; NaN for no degree. */
double cf_chi_square_tail(double x, double degrees);

#endif
