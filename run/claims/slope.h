/* What claims about rates of convergence share: means over seeds against a size, and the slope of
 * the power law that fits them (E53); private to run/. */
#ifndef CONTRAFLOW_RUN_CLAIM_SLOPE_H
#define CONTRAFLOW_RUN_CLAIM_SLOPE_H

#include "claim.h"
#include "contraflow/solver/statistics.h"

/* errors [count*seeds] by row, at the sizes x [count]. */
typedef struct {
    const char *quantity; /* "error of the kernel at the start" */
    const char *parameters;
    const double *x, *errors;
    size_t count, seeds;
    double predicted, tolerance; /* of the slope */
    bool control;
} cf_claim_slope_finding;

/* Finds the slope, with its interval by the jackknife in the words of the quantity; draws the
 * means. */
cf_status cf_claim_find_slope(cf_claim_log *log, const cf_claim_slope_finding *finding,
                              cf_err *err);

/* "[first, first + step, ...]", or "[first, first*factor, ...]" with a factor above 1. */
void cf_claim_write_list(char *text, size_t size, long first, long count, long factor);

#endif
