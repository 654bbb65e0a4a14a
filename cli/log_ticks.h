/* Ticks of logarithmic axes; private to cli/. */
#ifndef CONTRAFLOW_CLI_LOG_TICKS_H
#define CONTRAFLOW_CLI_LOG_TICKS_H

#include <stdio.h>

/* Of the axis "x" or "y": 1, 2 and 5 are labelled where there are few decades, powers of ten where
 * there are many. */
void cf_log_ticks_write(FILE *script, const char *axis, const double range[2]);

#endif
