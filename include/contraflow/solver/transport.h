/* Distances between measures that consist of finitely many atoms (theory E27-E30). Both measures
 * must have the same total, positive mass (to 1e-9), and are then scaled to mass 1; atoms need no
 * order and may coincide. Identical measures have distance 0 in any order of their atoms (E30: to
 * 1e-7). */
#ifndef CONTRAFLOW_SOLVER_TRANSPORT_H
#define CONTRAFLOW_SOLVER_TRANSPORT_H

#include <stddef.h>

#include "contraflow/solver/error.h"

/* Borrowed arrays. */
typedef struct {
    size_t n;
    const double *points;  /* [n*d] */
    const double *weights; /* [n] */
} cf_atoms;

/* W_1 on the line (E27); weights of any sign. O(n log n). */
cf_status cf_wasserstein1_line(const cf_atoms *a, const cf_atoms *b, double *distance, cf_err *err);

/* W_1 on the circle, by arc length; points are angles in radians (E28). Weights of any sign. O(n
 * log n). */
cf_status cf_wasserstein1_circle(const cf_atoms *a, const cf_atoms *b, double *distance,
                                 cf_err *err);

/* W_2 on the line (E29); weights >= 0. O(n log n). Rounding moves masses by about n 1e-16, and W_2
 * by its square root. */
cf_status cf_wasserstein2_line(const cf_atoms *a, const cf_atoms *b, double *distance, cf_err *err);

typedef struct {
    double distance;
    double error; /* Monte-Carlo standard error; 0 in R^1, NaN for a single direction */
} cf_sliced;

/* The sliced W_2 in R^d over so many random directions, the same ones in every call (E29).
 * Threaded over directions. */
cf_status cf_wasserstein2_sliced(const cf_atoms *a, const cf_atoms *b, size_t d, size_t directions,
                                 cf_sliced *result, cf_err *err);

double cf_wasserstein2_sliced_bytes(size_t atoms, size_t directions); /* of both */

/* The maximum mean discrepancy in R^d with the kernel exp(-|x - y|^2 / (2 bandwidth^2)), as it is
 * for the two measures given, not an estimate for laws that they were drawn from (E30). Weights of
 * any sign. O(n^2 d), threaded; from 4096 atoms on, in at most three dimensions, O(n) at an error
 * of 2e-6 or less. */
cf_status cf_discrepancy(const cf_atoms *a, const cf_atoms *b, size_t d, double bandwidth,
                         double *distance, cf_err *err);

/* The same of many pairs of measures of counts[0] and counts[1] atoms, which costs half as much. */
typedef struct cf_discrepancy_sum cf_discrepancy_sum;
cf_status cf_discrepancy_create(const size_t counts[2], size_t d, double bandwidth,
                                cf_discrepancy_sum **out, cf_err *err);
cf_status cf_discrepancy_between(cf_discrepancy_sum *sum, const cf_atoms *a, const cf_atoms *b,
                                 double *distance, cf_err *err);
void cf_discrepancy_free(cf_discrepancy_sum **sum);
double cf_discrepancy_bytes(const size_t counts[2], size_t d); /* at most */

#endif
