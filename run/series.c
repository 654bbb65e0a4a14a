#include "series.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

cf_status cf_series_reserve(cf_series *series, size_t room, cf_err *err)
{
    if (room <= series->room)
        return CF_OK;
    double *larger = cf_allocate("outputs", room, sizeof *larger, err);
    if (larger == NULL)
        return CF_ESYSTEM;
    if (series->count > 0)
        memcpy(larger, series->values, series->count * sizeof *larger);
    free(series->values);
    series->values = larger;
    series->room = room;
    return CF_OK;
}

cf_status cf_series_append(cf_series *series, const double *values, size_t count, cf_err *err)
{
    bool fits = series->count + count <= series->room;
    cf_status status = fits ? CF_OK : cf_series_reserve(series, 2 * series->room + count, err);
    if (status != CF_OK)
        return status;
    if (count > 0)
        memcpy(series->values + series->count, values, count * sizeof *values);
    series->count += count;
    return CF_OK;
}

void cf_series_free(cf_series *series)
{
    free(series->values);
    *series = (cf_series){0};
}
