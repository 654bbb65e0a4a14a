/* Observers: numbers read off a measure (theory 8; formulas and labels in docs/theory.md). */
#ifndef CONTRAFLOW_MODELS_OBSERVER_H
#define CONTRAFLOW_MODELS_OBSERVER_H

#include <stdbool.h>

#include "contraflow/models/measure.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"

/* One row per observer: separation, knn, silhouette, linear-separability, cluster-count,
 * effective-rank, alignment, uniformity. */
typedef struct {
    cf_kind kind;         /* name in the problem file, options */
    const char *record;   /* dataset name in a result: linear_separability ... */
    const char *unit;     /* "1", or "latent^2" ... */
    const char *equation; /* label in docs/theory.md: E17 ... */
    bool needs_labels;
    bool views_serve; /* instead of labels, where there are several views of a point */
    bool on_sample;   /* sees the sample of a state, not its whole measure: sums over pairs */
    /* NaN where the quantity is undefined (one cluster only, say). `options` of kind.size bytes. */
    cf_status (*observe)(const void *options, const cf_measure *measure, double *value,
                         cf_err *err);
} cf_observer;

/* NULL-terminated table; `separation` comes first. */
const cf_observer *const *cf_observers(void);

/* separation S = between-cluster variance / total variance, in [0,1]; 0 where the total vanishes.
 * Smooth in the points; no allocation. `scratch` has room for clusters*(dimension + 1) + dimension
 * doubles. */
double cf_separation(const cf_measure *measure, double *scratch);

/* And the separation of every cluster alone, each [clusters], E110; NaN for a cluster without mass
 * and where there is one cluster only. */
double cf_separation_of_each(const cf_measure *measure, double *scratch, double *each);

#endif
