/* A part of very many points, for observers that sum over pairs: samples whose cumulated masses are
 * next to (j + 1/2)/count, with all of their views; the same at all times. */
#ifndef CONTRAFLOW_MODELS_THINNED_H
#define CONTRAFLOW_MODELS_THINNED_H

#include "contraflow/models/data.h"
#include "contraflow/models/measure.h"
#include "contraflow/solver/error.h"

typedef struct cf_thinned cf_thinned;

/* NULL where there are too few points for it. `data` has the views (0 or 1: one) of a sample one
 * after the other, and is kept. */
cf_status cf_thinned_create(const cf_data *data, size_t d, size_t views, cf_thinned **out,
                            cf_err *err);
void cf_thinned_free(cf_thinned **thinned);

/* The part at latent points z [n*d]; valid until the next call. */
cf_measure cf_thinned_at(cf_thinned *thinned, const double *z);

#endif
