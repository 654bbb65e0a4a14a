/* The log of a check while it runs; private to run/. */
#ifndef CONTRAFLOW_RUN_CLAIM_LOG_H
#define CONTRAFLOW_RUN_CLAIM_LOG_H

#include "claim.h"

struct cf_claim_log {
    const cf_validation_setup *setup;
    cf_claim_report *report;
    double last; /* clock at the last verdict */
    bool interrupted;
};

double cf_claim_clock(void);

#endif
