#include "series.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

cf_status cf_series_append(cf_series *series, const double *values, size_t count, cf_err *err)
{
    if (series->count + count > series->room) {
        size_t room = 2 * series->room + count;
        double *larger = cf_allocate("outputs", room, sizeof *larger, err);
        if (larger == NULL)
            return CF_ESYSTEM;
        if (series->count > 0)
            memcpy(larger, series->values, series->count * sizeof *larger);
        free(series->values);
        series->values = larger;
        series->room = room;
    }
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
