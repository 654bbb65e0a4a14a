/* A small TAP harness: every claim is one line "ok" or "not ok" with what was measured. */
#ifndef CONTRAFLOW_TESTS_CHECK_H
#define CONTRAFLOW_TESTS_CHECK_H

#include <stdbool.h>

#include "contraflow/solver/error.h"

/* Reports a claim; the text says what is claimed, with its label. Returns `ok`. */
bool check(bool ok, const char *format, ...) CF_PRINTF(2, 3);

/* |value - expected| <= tolerance (false for NaN); prints both and the difference on failure. */
bool check_near(double value, double expected, double tolerance, const char *format, ...)
    CF_PRINTF(4, 5);

/* value <= bound (false for NaN); prints both always. */
bool check_below(double value, double bound, const char *format, ...) CF_PRINTF(3, 4);

/* The larger of two errors; NaN where one of them is, which fmax would drop. */
double worse(double a, double b);

/* Ends the program with a failed line when a call that must succeed did not. */
void require(cf_status status, const cf_err *err, const char *what);

/* Prints the plan; the exit status of main(). */
int check_done(void);

#endif
