/* Growing arrays of doubles; private to run/. */
#ifndef CONTRAFLOW_RUN_SERIES_H
#define CONTRAFLOW_RUN_SERIES_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    double *values; /* [count] */
    size_t count, room;
} cf_series;

/* Room for so many values in all, and no more. */
cf_status cf_series_reserve(cf_series *series, size_t room, cf_err *err);

/* Appends a copy of `count` values. Amortized constant time. */
cf_status cf_series_append(cf_series *series, const double *values, size_t count, cf_err *err);
void cf_series_free(cf_series *series);

#endif
