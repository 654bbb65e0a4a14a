/* The claims of theory 7 as checks: what a theorem predicts, what the program measures, within
 * which tolerance, and a control, where the hypothesis of the claim is broken on purpose and the
 * same measurement has to fail. */
#ifndef CONTRAFLOW_RUN_VALIDATION_H
#define CONTRAFLOW_RUN_VALIDATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"

typedef enum {
    CF_RULE_EQUAL,    /* |measured - predicted| <= tolerance */
    CF_RULE_RELATIVE, /* |measured - predicted| <= tolerance |predicted| */
    CF_RULE_AT_MOST,  /* measured <= predicted */
    CF_RULE_AT_LEAST  /* measured >= predicted */
} cf_rule_kind;

/* One number. */
typedef struct {
    char parameters[112]; /* "d 2, tau 0.1, psi log" */
    char quantity[112];   /* what was measured */
    cf_rule_kind rule;
    double predicted, measured, tolerance;
    bool control; /* the hypothesis is broken */
    double seconds;
} cf_verdict;

bool cf_verdict_holds(const cf_verdict *verdict);

/* What must be: the number holds, or it is a control, and neither holds nor is undefined. */
bool cf_verdict_good(const cf_verdict *verdict);

/* |measured - predicted| as a part of what is tolerated; measured/predicted of bounds. */
double cf_verdict_share(const cf_verdict *verdict);

/* Points that were measured, or a line that is predicted. */
typedef struct {
    char label[64];
    bool predicted;
    double *x, *y; /* [count] */
    size_t count;
} cf_claim_curve;

/* The axes of a claim's figure; no x, no figure. */
typedef struct {
    const char *x, *y, *caption;
    bool log_x, log_y;
} cf_claim_figure;

typedef enum { CF_LEVEL_DEFAULT, CF_LEVEL_QUICK, CF_LEVEL_FULL } cf_level;

struct cf_claim_log;

/* One row per claim. */
typedef struct {
    cf_kind kind; /* name C1 ..., the statement in one sentence, the parameters */
    const char *title;
    const char *source; /* in arXiv:2503.10812, or in the theory document */
    const char *hypothesis;
    const char *control;      /* what of it is broken, and how */
    const char *quick, *full; /* parameters of these levels, "{tau: [0.1]}"; NULL: the defaults */
    double seconds[3];        /* at each level, about, on two cores */
    cf_claim_figure figure;
    cf_status (*check)(const void *options, struct cf_claim_log *log, cf_err *err);
} cf_claim;

/* NULL-terminated table, in the order of their names. */
extern const cf_claim *const cf_claims[];

typedef struct {
    const cf_claim *claim;
    char *options; /* all parameters, as YAML */
    cf_verdict *verdicts;
    size_t count;
    cf_claim_curve *curves;
    size_t curve_count;
    char failure[512]; /* why the check could not be carried through, or "" */
    double seconds;
    bool holds; /* all numbers hold, there is a control, and every control fails */
} cf_claim_report;

/* What `holds` is made of. */
bool cf_claim_report_holds(const cf_claim_report *report);

typedef struct {
    cf_claim_report *reports; /* [count] */
    size_t count;
    bool holds;       /* all of them */
    bool interrupted; /* some of them are missing or incomplete */
    double seconds;
    char started[32]; /* UTC */
} cf_validation;

typedef struct {
    const char *const *names; /* [name_count] of claims; none: all */
    size_t name_count;
    const char *const *settings; /* [setting_count] "C7.tau=[0.05, 0.1]" */
    size_t setting_count;
    cf_level level;
    void *context; /* of the hooks, which may be NULL */
    void (*begun)(void *context, const cf_claim *claim);
    void (*measured)(void *context, const cf_claim *claim, const cf_verdict *verdict);
    void (*ended)(void *context, const cf_claim_report *report);
    bool (*interrupted)(void *context);
} cf_validation_setup;

/* About how long the claims will take at the level; CF_EINPUT, with the nearest name, for a claim
 * that does not exist, and for settings of unknown keys, or out of range, or of claims that are not
 * asked for. */
cf_status cf_validation_estimate(const cf_validation_setup *setup, double *seconds, cf_err *err);

/* Checks the claims one after the other. A check that breaks down numerically does not hold, and
 * the others go on. */
cf_status cf_validate(const cf_validation_setup *setup, cf_validation **out, cf_err *err);
void cf_validation_free(cf_validation **validation);

#endif
