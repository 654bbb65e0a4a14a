/* Ticks and labels of logarithmic axes; private to cli/. */
#ifndef CONTRAFLOW_CLI_LOG_TICKS_H
#define CONTRAFLOW_CLI_LOG_TICKS_H

#include <stdio.h>

/* Of the axis "x" or "y": powers of ten are labelled, with 2 and 5 where there are few decades, and
 * enough others to read it by where there is less than one. */
void cf_log_ticks_write(FILE *script, const char *axis, const double range[2]);

/* How many digits label a value: all of a whole number below a million, else three. */
int cf_label_digits(double value);

#endif
