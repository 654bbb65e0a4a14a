/* One flow against the reference, and families of flows; private to run/. */
#ifndef CONTRAFLOW_RUN_COMPARE_INTERNAL_H
#define CONTRAFLOW_RUN_COMPARE_INTERNAL_H

#include "contraflow/run/compare.h"

/* A flow with the latent points, or the density, that it has. */
typedef struct {
    cf_flow_view flow;
    cf_latent_view latent;   /* samples = 0 where there are none */
    const double *weights;   /* [latent.samples] */
    const cf_record *points; /* that they are of */
    cf_density_view density; /* n = 0 where there is none */
    const double *times;     /* [count] of its snapshots; count = 0 where it has neither */
    size_t count, d;
} cf_compare_side;

cf_compare_side cf_compare_side_of(const cf_result *result, const cf_flow_view *flow);

typedef struct {
    cf_compare_side side;
    bool sphere;
    double bandwidth; /* of the discrepancy; NaN where it is not known */
    bool events;      /* its event times mean the same as those of the flow */
} cf_compare_reference;

/* Fills *out, whose arrays cf_flow_comparison_release frees. */
cf_status cf_compare_flow(const cf_compare_reference *reference, const cf_compare_side *side,
                          cf_flow_comparison *out, cf_err *err);
void cf_flow_comparison_release(cf_flow_comparison *flow);

/* Fills transport and discrepancy. */
cf_status cf_compare_measures(const cf_compare_reference *reference, const cf_compare_side *side,
                              cf_flow_comparison *out, cf_err *err);

/* Memory that this takes at most, of flows whose measures have so many atoms, or nodes. */
typedef struct {
    size_t atoms;
    bool density, axial; /* about e_1 */
} cf_compared_size;
double cf_compare_bytes(const cf_compared_size sizes[2], size_t d, bool sphere);

/* Two increasing lists of times, walked to the entries that they share: times[k][at[k]]. */
typedef struct {
    const double *times[2];
    size_t count[2], at[2];
} cf_shared_times;

cf_shared_times cf_shared_snapshots(const cf_compare_side *a, const cf_compare_side *b);

/* False after the last; the caller steps on from what it was given. */
bool cf_shared_next(cf_shared_times *walk);

cf_status cf_course_create(size_t most, cf_course *course, cf_err *err);
void cf_course_append(cf_course *course, double time, double value);

/* Fills the families of a comparison from its flows. */
cf_status cf_compare_families(cf_comparison *comparison, cf_err *err);
void cf_family_comparison_release(cf_family_comparison *family);

#endif
