/* A sample of the latent law of a field, for observers that sum over pairs or count: nodes drawn in
 * proportion to their masses by a low-discrepancy sequence, each with a draw of the start's law;
 * the same at all times, so that what is read off it is smooth in time. Private to models/. */
#ifndef CONTRAFLOW_MODELS_FIELD_SAMPLE_H
#define CONTRAFLOW_MODELS_FIELD_SAMPLE_H

#include "contraflow/models/flow.h"

typedef struct cf_field_sample cf_field_sample;

/* As many points as the setup has draws, which are borrowed and kept, as its data are. */
cf_status cf_field_sample_create(const cf_flow_setup *setup, cf_field_sample **out, cf_err *err);
void cf_field_sample_free(cf_field_sample **sample);

/* At Delta = y; valid until the next call. */
cf_measure cf_field_sample_at(cf_field_sample *sample, const double *y);

#endif
