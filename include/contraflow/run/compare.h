/* Flows of a result against a reference flow (E50-E53), as plain data. */
#ifndef CONTRAFLOW_RUN_COMPARE_H
#define CONTRAFLOW_RUN_COMPARE_H

#include <stdbool.h>

#include "contraflow/run/flow_view.h"
#include "contraflow/solver/statistics.h"

/* What is compared. */
typedef enum {
    CF_COMPARED_DISTANCE,    /* sup of E50 */
    CF_COMPARED_TRANSPORT,   /* sup of E27, E28 or E29 */
    CF_COMPARED_DISCREPANCY, /* sup of E30 */
    CF_COMPARED_LOSS,        /* sup |E51| */
    CF_COMPARED_EMERGENCE,   /* |E52|, where it is a number */
    CF_COMPARED_DISSOLUTION, /* likewise */
    CF_COMPARED_KERNEL,      /* |Theta(0) - limit| / |limit| */
    CF_COMPARED_DRIFT,       /* sup |Theta(t) - Theta(0)| / |Theta(0)| */
    CF_COMPARED_COUNT
} cf_compared;

typedef struct {
    const char *name;     /* "kernel_error": of files */
    const char *label;    /* "kernel": of tables */
    const char *title;    /* "kernel error at the start" */
    const char *equation; /* label */
    bool moving;          /* fitted only where the mean distance is small (E53) */
} cf_compared_kind;

/* [CF_COMPARED_COUNT] */
extern const cf_compared_kind cf_compared_kinds[];

/* Widths with a mean distance from this on are left out of fits of what moves; fits need so many
 * widths; the confidence of intervals (E53). */
#define CF_COMPARED_LIMIT 0.1
enum { CF_COMPARED_FEWEST = 3 };
#define CF_COMPARED_CONFIDENCE 0.95

/* Where a difference of event times lies: low = high if it is known; infinite where unbounded; NaN
 * where there is none to speak of. */
typedef struct {
    double low, high;
} cf_bounds;

/* Something at the times that flow and reference share. */
typedef struct {
    size_t count; /* 0 where it cannot be compared */
    double *time, *value;
    double sup, when; /* of |value|, and where it is first attained; NaN for count = 0 */
} cf_course;

typedef struct {
    cf_flow_view flow;     /* borrowed from the result */
    const char *reference; /* name of what it is compared with */
    const char *status;
    const char *family; /* "" for none, or none but this flow */
    long width, seed;   /* -1 for none */
    cf_course distance, loss;
    cf_course transport, discrepancy; /* between the latent measures */
    bool paired;                      /* of the same points; otherwise no distance */
    bool is_reference;                /* it is the reference itself */
    size_t points, reference_points;  /* n*V of the latent points */
    size_t d;                         /* coordinates of a latent point */
    cf_bounds emergence, dissolution;
    double values[CF_COMPARED_COUNT]; /* NaN where there is none */
    double conserved_drift;           /* largest, E14; NaN where nothing is conserved */
    double conserved_bound;           /* of it (C11); NaN for trainings in steps */
} cf_flow_comparison;

/* Networks that differ in their seeds only; without the reference itself. */
typedef struct {
    const cf_flow_comparison **seeds; /* [count] */
    size_t count;
    size_t complete; /* of them; the means are over these */
    long width;
    cf_mean means[CF_COMPARED_COUNT]; /* of event times only if all differences are known */
} cf_width_comparison;

typedef struct {
    const char *name, *reference;
    cf_width_comparison *widths; /* [count] ascending */
    size_t count;
    cf_power_law laws[CF_COMPARED_COUNT]; /* slope NaN where too few widths are left */
} cf_family_comparison;

typedef struct {
    const char *reference;     /* the one of all flows; NULL where there are several */
    bool events;               /* false: thresholds or labels of the two results differ */
    cf_flow_comparison *flows; /* [count] all flows of the result, in its order */
    size_t count;
    cf_family_comparison *families; /* [family_count] in the order of the result */
    size_t family_count;
} cf_comparison;

/* The name of the first neural flow, or NULL. */
const char *cf_compare_default(const cf_result *result);

/* Compares all flows of `result` with the flow `reference` of `other`, which may be the same; with
 * NULL, networks with the neural flow that is their limit, and everything else with
 * cf_compare_default. Both results are borrowed, for the life of the comparison. Flows of other
 * points are compared as measures. CF_EINPUT where there is no such flow (with the nearest name),
 * where the reference has no latent points, or where the latent spaces differ. Memory: the common
 * times, and twice the points of two flows. */
cf_status cf_compare(const cf_result *result, const cf_result *other, const char *reference,
                     cf_comparison **out, cf_err *err);
void cf_comparison_free(cf_comparison **comparison);

/* Whether the difference is known. */
bool cf_bounds_known(cf_bounds bounds);

#endif
