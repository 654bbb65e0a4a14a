/* One flow against the reference, and families of flows; private to run/. */
#ifndef CONTRAFLOW_RUN_COMPARE_INTERNAL_H
#define CONTRAFLOW_RUN_COMPARE_INTERNAL_H

#include "contraflow/run/compare.h"

typedef struct {
    cf_flow_view flow;
    cf_latent_view latent;
    const double *weights; /* [latent.samples] */
    bool events;           /* its event times mean the same as those of the flow */
} cf_compare_reference;

/* Fills *out, whose arrays cf_flow_comparison_release frees. */
cf_status cf_compare_flow(const cf_compare_reference *reference, const cf_flow_view *flow,
                          cf_flow_comparison *out, cf_err *err);
void cf_flow_comparison_release(cf_flow_comparison *flow);

/* Fills the families of a comparison from its flows. */
cf_status cf_compare_families(cf_comparison *comparison, cf_err *err);
void cf_family_comparison_release(cf_family_comparison *family);

#endif
