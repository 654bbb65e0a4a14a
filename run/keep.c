#include "keep.h"

#include <stdio.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "series.h"

struct cf_kept {
    cf_flow_quantity what;
    cf_series values, events;
};
typedef struct cf_kept kept;

static size_t count_of(const cf_flow_quantity *quantity)
{
    size_t count = 1;
    for (int k = 0; k < quantity->rank; k++)
        count *= quantity->dims[k];
    return count;
}

void cf_keeper_release(cf_keeper *keeper)
{
    for (size_t k = 0; k < keeper->count; k++) {
        cf_series_free(&keeper->kept[k].values);
        cf_series_free(&keeper->kept[k].events);
    }
    free(keeper->kept);
}

static cf_status begin(cf_keeper *keeper, const cf_flow_state *state, cf_err *err)
{
    keeper->kept = cf_allocate("output", state->quantity_count, sizeof *keeper->kept, err);
    if (keeper->kept == NULL)
        return CF_ESYSTEM;
    keeper->count = state->quantity_count;
    for (size_t k = 0; k < keeper->count; k++)
        keeper->kept[k].what = state->quantities[k];
    return CF_OK;
}

/* Of what is kept at the ends, the last is replaced until the run is over. */
static bool keeps_now(kept *one, bool snapshot)
{
    size_t count = count_of(&one->what);
    switch (one->what.keeping) {
    case CF_KEEP_ONCE:
    case CF_KEEP_WHOLE:
        return one->values.count == 0;
    case CF_KEEP_OUTPUTS:
        return true;
    case CF_KEEP_ENDS:
        if (one->values.count == 2 * count)
            one->values.count = count;
        return true;
    default:
        return snapshot;
    }
}

/* What is kept at the ends may be large and needs no room to grow. */
static cf_status append(kept *one, const cf_flow_quantity *now, cf_err *err)
{
    size_t count = count_of(now);
    cf_status status = CF_OK;
    if (one->what.keeping == CF_KEEP_ENDS)
        status = cf_series_reserve(&one->values, 2 * count, err);
    return status == CF_OK ? cf_series_append(&one->values, now->values, count, err) : status;
}

cf_status cf_keep_output(cf_keeper *keeper, const cf_flow_state *state, bool snapshot, cf_err *err)
{
    cf_status status = keeper->kept == NULL ? begin(keeper, state, err) : CF_OK;
    for (size_t k = 0; k < keeper->count && status == CF_OK; k++)
        if (keeps_now(&keeper->kept[k], snapshot))
            status = append(&keeper->kept[k], &state->quantities[k], err);
    return status;
}

cf_status cf_keep_event(cf_keeper *keeper, const cf_flow_state *state, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < keeper->count && status == CF_OK; k++)
        if (keeper->kept[k].what.keeping == CF_KEEP_EVENTS)
            status = cf_series_append(&keeper->kept[k].events, state->quantities[k].values,
                                      count_of(&state->quantities[k]), err);
    return status;
}

cf_series *cf_keep_series(const cf_keeper *keeper, size_t k)
{
    kept *one = k / 2 < keeper->count ? &keeper->kept[k / 2] : NULL;
    return one == NULL ? NULL : k % 2 == 0 ? &one->values : &one->events;
}

/* Whole numbers as integers. */
static cf_status add_whole(cf_group *group, const kept *one, cf_err *err)
{
    size_t count = one->values.count;
    long *whole = cf_allocate(one->what.name, count, sizeof *whole, err);
    if (whole == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < count; k++)
        whole[k] = (long)one->values.values[k];
    cf_record record = {.name = (char *)one->what.name,
                        .unit = (char *)one->what.unit,
                        .equation = (char *)one->what.equation,
                        .type = CF_VALUE_INTEGER,
                        .rank = one->what.rank,
                        .integer = whole};
    for (int k = 0; k < one->what.rank; k++)
        record.dims[k] = one->what.dims[k];
    cf_status status = cf_group_add(group, &record, err);
    free(whole);
    return status;
}

/* Values [dims], or [times][dims] of what is kept in the course of time. */
static cf_status add(cf_group *group, const char *name, const kept *one, const cf_series *values,
                     cf_err *err)
{
    const cf_flow_quantity *what = &one->what;
    cf_record record = {.name = (char *)name,
                        .unit = (char *)what->unit,
                        .equation = (char *)what->equation,
                        .type = CF_VALUE_REAL,
                        .real = values->values};
    if (what->keeping != CF_KEEP_ONCE && what->keeping != CF_KEEP_ENDS)
        record.dims[record.rank++] = values->count / count_of(what);
    for (int k = 0; k < what->rank; k++)
        record.dims[record.rank++] = what->dims[k];
    return cf_group_add(group, &record, err);
}

static cf_status add_ends(cf_group *group, const kept *one, cf_err *err)
{
    char name[64];
    size_t count = count_of(&one->what);
    const cf_series end = {one->values.values + one->values.count - count, count, 0};
    snprintf(name, sizeof name, "%s_start", one->what.name);
    cf_status status = add(group, name, one, &one->values, err);
    snprintf(name, sizeof name, "%s_end", one->what.name);
    return status == CF_OK ? add(group, name, one, &end, err) : status;
}

cf_status cf_keep_write(const cf_keeper *keeper, cf_group *group, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < keeper->count && status == CF_OK; k++) {
        const kept *one = &keeper->kept[k];
        if (one->what.keeping == CF_KEEP_WHOLE)
            status = add_whole(group, one, err);
        else if (one->what.keeping == CF_KEEP_ENDS)
            status = add_ends(group, one, err);
        else if (one->what.keeping == CF_KEEP_ONCE && one->what.rank == 0)
            status = cf_group_set_real(group, one->what.name, one->values.values[0], err);
        else
            status = add(group, one->what.name, one, &one->values, err);
    }
    return status;
}

cf_status cf_keep_write_events(const cf_keeper *keeper, cf_group *group, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < keeper->count && status == CF_OK; k++)
        if (keeper->kept[k].what.keeping == CF_KEEP_EVENTS)
            status = add(group, keeper->kept[k].what.name, &keeper->kept[k],
                         &keeper->kept[k].events, err);
    return status;
}
