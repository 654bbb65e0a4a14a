/* A collector as part of a checkpoint. */
#include <stdlib.h>

#include "collect_internal.h"
#include "contraflow/solver/memory.h"

/* The k-th of all series; NULL beyond the last. */
static cf_series *series_at(const cf_collector *c, size_t k)
{
    size_t observers = c->parts->problem->observer_count;
    if (k < CF_COLLECTED)
        return (cf_series *)&c->series[k];
    k -= CF_COLLECTED;
    return k < observers ? &c->observed[k] : cf_keep_series(&c->keeper, k - observers);
}

size_t cf_collector_outputs(const cf_collector *collector)
{
    return collector->series[CF_TIME].count;
}

cf_status cf_collector_mark(cf_collector *c, cf_err *err)
{
    size_t count = 0;
    while (series_at(c, count) != NULL)
        count++;
    if (c->marked == NULL)
        c->marked = cf_allocate("collector", count, sizeof *c->marked, err);
    if (c->marked == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < count; k++)
        c->marked[k] = series_at(c, k)->count;
    c->marked_notes = c->notes;
    return CF_OK;
}

/* Series grow at their ends only (and what is kept at the ends of a flow is replaced by its next
 * output): the first part of each is what there was. */
static cf_status pass_series(cf_series *series, size_t length, cf_archive *archive, cf_err *err)
{
    void *values = series->values;
    if (archive->reading)
        cf_series_free(series);
    cf_status status = cf_archive_pass_array(archive, &values, &length, sizeof(double), err);
    if (archive->reading)
        *series = (cf_series){values, length, length};
    return status;
}

cf_status cf_collector_pass(cf_collector *c, cf_archive *archive, cf_err *err)
{
    cf_status status = cf_archive_pass(archive, &c->marked_notes, sizeof c->marked_notes, err);
    for (size_t k = 0; series_at(c, k) != NULL && status == CF_OK; k++)
        status = pass_series(series_at(c, k), archive->reading ? 0 : c->marked[k], archive, err);
    if (archive->reading)
        c->notes = c->marked_notes;
    return status;
}
