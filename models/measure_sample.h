/* Some atoms of a measure that has too many for sums over pairs of them; private to models/. They
 * are drawn once, by a low-discrepancy sequence in the order of the atoms and in proportion to
 * their masses, and weigh alike: what is read off them is smooth in time. */
#ifndef CONTRAFLOW_MODELS_MEASURE_SAMPLE_H
#define CONTRAFLOW_MODELS_MEASURE_SAMPLE_H

#include "contraflow/models/measure.h"
#include "contraflow/solver/error.h"

typedef struct cf_measure_sample cf_measure_sample;

/* Of weights and labels, which are not kept. */
cf_status cf_measure_sample_create(const cf_measure *measure, size_t count, cf_measure_sample **out,
                                   cf_err *err);
void cf_measure_sample_free(cf_measure_sample **sample);

/* Where the atoms are at `points` [n*dimension]; valid until the next call. */
cf_measure cf_measure_sample_at(cf_measure_sample *sample, const double *points);

#endif
