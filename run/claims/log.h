/* The log of a check while it runs; private to run/. */
#ifndef CONTRAFLOW_RUN_CLAIM_LOG_H
#define CONTRAFLOW_RUN_CLAIM_LOG_H

#include <stdarg.h>

#include "claim.h"
#include "contraflow/run/parts.h"

struct cf_claim_log {
    const cf_validation_setup *setup;
    cf_claim_report *report;
    double last; /* clock at the last verdict */
    bool interrupted;
};

double cf_claim_clock(void);

/* The problem of a text in the manner of printf, and what it is made of; freed by the caller, also
 * after a failure. */
cf_status cf_claim_parts(const cf_claim_log *log, cf_problem **problem, cf_parts **parts,
                         cf_err *err, const char *format, va_list arguments);

#endif
