/* Elementary functions and operations of arrays, in vector instructions (solver/simd.h) but with
 * the same bits on all of them. Errors are relative unless stated; NaN gives NaN. */
#ifndef CONTRAFLOW_SOLVER_ELEMENTARY_H
#define CONTRAFLOW_SOLVER_ELEMENTARY_H

#include <stddef.h>

/* power [count] = exp(x) and less_one [count] = exp(x) - 1 for x <= 709, to 5e-16. */
void cf_elementary_exp(const double *x, size_t count, double *power, double *less_one);

/* y [count] = log(1 + x) for 0 <= x <= 1, to 4e-16. */
void cf_elementary_log1p(const double *x, size_t count, double *y);

/* erf [count] = erf(x), erfc [count] = 1 - erf(x) and gauss [count] = exp(-x^2), to 1e-15: also
 * where they are small, but for denormal values. */
void cf_elementary_erf(const double *x, size_t count, double *erf, double *erfc, double *gauss);

/* A ramp: x above 0, `below` x below it; over |x| < rounding the parabola that joins both sides,
 * and their slopes, x (1 + below)/2 + (x^2 + rounding^2) (1 - below)/(4 rounding). */
typedef struct {
    double below, rounding;
} cf_ramp;

/* value, slope, bend [count] = the ramp and its two derivatives; at a sharp kink the slope is the
 * mean of both sides and the bend 0. Each may be NULL, and value may be x. */
void cf_elementary_ramp(const double *x, size_t count, cf_ramp shape, double *value, double *slope,
                        double *bend);

/* y += alpha x, and y = x y. */
void cf_elementary_add(double alpha, const double *x, size_t count, double *y);
void cf_elementary_multiply(const double *x, size_t count, double *y);

#endif
