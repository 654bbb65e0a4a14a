/* What claims about networks and kernels look at: a flow of a problem, evaluated without running
 * it; private to run/. */
#ifndef CONTRAFLOW_RUN_CLAIM_SUBJECT_H
#define CONTRAFLOW_RUN_CLAIM_SUBJECT_H

#include "../assembly.h"
#include "claim.h"

/* Where points are embedded: circle, sphere (S^2), line, plane; the names, for options, and what
 * the section `latent` of a problem says. */
extern const char *const cf_claim_space_names[];
extern const char *const cf_claim_spaces[];

/* The same with a norm floor on spheres: neural flows and networks may push points through the
 * origin, where a local error of h counts 1/|h|-fold (E108). */
extern const char *const cf_claim_smooth_spaces[];

/* The first flow of a problem. */
typedef struct {
    cf_problem *problem;
    cf_parts *parts;
    cf_assembly *assembly;
} cf_claim_subject;

/* To be closed also after a failure. */
cf_status cf_claim_open(const cf_claim_log *log, cf_claim_subject *subject, cf_err *err,
                        const char *format, ...) CF_PRINTF(4, 5);
void cf_claim_close(cf_claim_subject *subject);

/* dL/dh of embedded points. */
typedef struct {
    const cf_flow_setup *setup; /* borrowed */
    cf_loss *loss;
    double *z, *r, *u; /* [n*d], [n], [n*d] */
} cf_claim_slope;

cf_status cf_claim_slope_create(const cf_flow_setup *setup, cf_claim_slope *out, cf_err *err);
void cf_claim_slope_release(cf_claim_slope *slope);

/* g [n*d] = dL/dh at h [n*d], masses included. CF_ENUMERIC where a point has no latent point. */
cf_status cf_claim_slope_at(const cf_claim_slope *slope, const double *h, double *g, cf_err *err);

/* The larger of two errors: NaN where one of them is. */
static inline double cf_claim_worst(double worst, double error)
{
    return error <= worst ? worst : error;
}

#endif
