#include "contraflow/run/persistence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "persistence_internal.h"

const char *const cf_time_names[] = {"persistence", "dissolution", "emergence", NULL};

/* --- the table --- */

static const cf_record *column(const cf_group *table, const char *name, cf_value_type type)
{
    const cf_record *record = cf_group_record(table, name);
    return record != NULL && record->type == type && record->rank == 1 ? record : NULL;
}

const double *cf_persistence_reals(const cf_group *table, const char *name)
{
    const cf_record *record = column(table, name, CF_VALUE_REAL);
    return record == NULL ? NULL : record->real;
}

const long *cf_persistence_integers(const cf_group *table, const char *name)
{
    const cf_record *record = column(table, name, CF_VALUE_INTEGER);
    return record == NULL ? NULL : record->integer;
}

char *const *cf_persistence_texts(const cf_group *table, const char *name)
{
    const cf_record *record = column(table, name, CF_VALUE_TEXT);
    return record == NULL ? NULL : record->text;
}

static cf_status check_table(const cf_group *table, cf_err *err)
{
    static const struct {
        const char *name;
        cf_value_type type;
    } needed[] = {{"flow", CF_VALUE_TEXT},      {"status", CF_VALUE_TEXT},
                  {"run", CF_VALUE_INTEGER},    {"repetition", CF_VALUE_INTEGER},
                  {"width", CF_VALUE_INTEGER},  {"seed", CF_VALUE_INTEGER},
                  {"end", CF_VALUE_REAL},       {"observed_until", CF_VALUE_REAL},
                  {"emergence", CF_VALUE_REAL}, {"dissolution", CF_VALUE_REAL}};
    for (size_t k = 0; table != NULL && k < sizeof needed / sizeof *needed; k++)
        if (column(table, needed[k].name, needed[k].type) == NULL)
            table = NULL;
    return table != NULL && cf_record_count(&table->records[0]) > 0
               ? CF_OK
               : cf_fail(err, CF_EINPUT, "not the table of a sweep");
}

/* --- runs, in order of series and points --- */

static size_t flow_number(struct cf_persistence_memory *m, size_t *count, const char *name)
{
    size_t k = 0;
    while (k < *count && strcmp(m->flows[k], name) != 0)
        k++;
    if (k == *count)
        m->flows[(*count)++] = name;
    return k;
}

/* Runs that share their seeds: of one repetition, or of one seed where there is one repetition. */
static long unit_of(const struct cf_persistence_memory *m, size_t row, bool repeated)
{
    return cf_persistence_integers(m->table, repeated ? "repetition" : "seed")[row];
}

static int by_place(const void *a, const void *b)
{
    const cf_persistence_run *s = a, *t = b;
    if (s->series != t->series)
        return s->series < t->series ? -1 : 1;
    if (s->point != t->point)
        return s->point < t->point ? -1 : 1;
    return s->row < t->row ? -1 : s->row > t->row;
}

static cf_persistence_run place(const cf_persistence *p, size_t row, size_t flow)
{
    cf_persistence_run run = {.row = row, .series = flow};
    for (size_t a = 0; a < p->axis_count; a++) {
        size_t level = p->memory->levels[row * p->axis_count + a];
        size_t *number = p->axes[a].lawful ? &run.point : &run.series;
        *number = *number * p->axes[a].count + level;
    }
    return run;
}

/* The number of a unit among those known [*count], to which it is added where it is new. */
static size_t unit_number(long *known, size_t *count, long unit)
{
    size_t k = 0;
    while (k < *count && known[k] != unit)
        k++;
    if (k == *count)
        known[(*count)++] = unit;
    return k;
}

static cf_status list_runs(cf_persistence *p, cf_err *err)
{
    struct cf_persistence_memory *m = p->memory;
    char *const *status = cf_persistence_texts(m->table, "status");
    char *const *flow = cf_persistence_texts(m->table, "flow");
    const long *repetition = cf_persistence_integers(m->table, "repetition");
    long *known = cf_allocate("units", m->rows, sizeof *known, err);
    size_t flows = 0;
    bool repeated = false;
    if (known == NULL)
        return CF_ESYSTEM;
    for (size_t r = 0; r < m->rows; r++)
        repeated = repeated || repetition[r] > 0;
    for (size_t r = 0; r < m->rows; r++) {
        p->pending += strcmp(status[r], "pending") == 0;
        if (flow[r][0] == '\0') /* pending, or failed before its flows */
            continue;
        cf_persistence_run *run = &m->runs[m->run_count++];
        *run = place(p, r, flow_number(m, &flows, flow[r]));
        run->unit = unit_number(known, &m->units, unit_of(m, r, repeated));
    }
    free(known);
    qsort(m->runs, m->run_count, sizeof *m->runs, by_place);
    for (size_t k = 0; k < m->run_count; k++)
        m->order[k] = m->runs[k].row;
    return CF_OK;
}

static cf_status allocate(cf_persistence *p, cf_err *err)
{
    struct cf_persistence_memory *m = p->memory;
    m->flows = cf_allocate("flows", m->rows, sizeof *m->flows, err);
    m->order = cf_allocate("runs", m->rows, sizeof *m->order, err);
    m->runs = cf_allocate("runs", m->rows, sizeof *m->runs, err);
    m->points = cf_allocate("points", m->rows, sizeof *m->points, err);
    m->times = cf_allocate("times", CF_TIME_KINDS * m->rows, sizeof *m->times, err);
    m->ends = cf_allocate("times", CF_TIME_KINDS * m->rows, sizeof *m->ends, err);
    m->run_units = cf_allocate("units", CF_TIME_KINDS * m->rows, sizeof *m->run_units, err);
    p->series = cf_allocate("series", m->rows, sizeof *p->series, err);
    return m->flows != NULL && m->order != NULL && m->runs != NULL && m->points != NULL &&
                   m->times != NULL && m->ends != NULL && m->run_units != NULL && p->series != NULL
               ? CF_OK
               : CF_ESYSTEM;
}

/* --- series --- */

static size_t run_length(const cf_persistence_run *runs, size_t count, bool point)
{
    size_t k = 1;
    while (k < count && runs[k].series == runs[0].series &&
           (!point || runs[k].point == runs[0].point))
        k++;
    return k;
}

static cf_status fill_series(cf_persistence *p, const cf_persistence_run *runs, size_t count,
                             cf_persistence_point *points, cf_err *err)
{
    const struct cf_persistence_memory *m = p->memory;
    cf_persistence_series *series = &p->series[p->count++];
    series->flow = cf_persistence_texts(m->table, "flow")[runs[0].row];
    series->points = points;
    cf_status status = CF_OK;
    for (size_t k = 0, length; k < count && status == CF_OK; k += length) {
        cf_persistence_point *point = &points[series->count++];
        length = run_length(runs + k, count - k, true);
        point->rows = m->order + (runs - m->runs) + k;
        point->levels = m->levels + runs[k].row * p->axis_count;
        status = cf_persistence_times(p, runs + k, length, point, err);
    }
    cf_persistence_lawful(p, series);
    return status == CF_OK ? cf_persistence_compare(p, series, err) : status;
}

static cf_status fill(cf_persistence *p, cf_err *err)
{
    const struct cf_persistence_memory *m = p->memory;
    cf_persistence_point *points = m->points;
    cf_status status = CF_OK;
    for (size_t k = 0, length; k < m->run_count && status == CF_OK; k += length) {
        length = run_length(m->runs + k, m->run_count - k, false);
        status = fill_series(p, m->runs + k, length, points, err);
        points += p->series[p->count - 1].count;
    }
    return status;
}

static cf_status create(const cf_result *table, const cf_group *group, cf_persistence **out,
                        cf_err *err)
{
    cf_status status = check_table(group, err);
    if (status != CF_OK)
        return status;
    cf_persistence *p = cf_allocate("persistence", 1, sizeof *p, err);
    if (p == NULL)
        return CF_ESYSTEM;
    p->memory = cf_allocate("persistence", 1, sizeof *p->memory, err);
    if (p->memory == NULL) {
        free(p);
        return CF_ESYSTEM;
    }
    p->memory->table = group;
    p->memory->rows = cf_record_count(&group->records[0]);
    p->follow_up = cf_group_real(cf_result_group(table, "/"), "follow_up");
    status = allocate(p, err);
    if (status == CF_OK)
        status = cf_persistence_axes(p, err);
    if (status == CF_OK)
        status = list_runs(p, err);
    if (status == CF_OK)
        status = fill(p, err);
    if (status != CF_OK)
        cf_persistence_free(&p);
    *out = p;
    return status;
}

cf_status cf_persistence_create(const cf_result *table, cf_persistence **out, cf_err *err)
{
    *out = NULL;
    return create(table, cf_result_group(table, "/sweep"), out, err);
}

cf_status cf_persistence_create_clusters(const cf_result *table, cf_persistence **out, cf_err *err)
{
    const cf_group *group = cf_result_group(table, "/clusters");
    *out = NULL;
    return group == NULL ? CF_OK : create(table, group, out, err);
}

static void release_series(cf_persistence_series *series)
{
    for (size_t k = 0; k < CF_TIME_KINDS; k++) {
        cf_lifetime_fit_free(&series->laws[k].fit);
        for (size_t i = 0; i < series->count; i++)
            cf_survival_free(&series->points[i].times[k].curve);
    }
}

void cf_persistence_free(cf_persistence **persistence)
{
    cf_persistence *p = *persistence;
    if (p == NULL)
        return;
    for (size_t s = 0; s < p->count; s++)
        release_series(&p->series[s]);
    for (size_t a = 0; p->axes != NULL && a < p->axis_count; a++) {
        free(p->axes[a].numbers);
        free(p->axes[a].texts);
    }
    free(p->axes);
    free(p->series);
    free(p->memory->levels);
    free(p->memory->flows);
    free(p->memory->runs);
    free(p->memory->order);
    free(p->memory->points);
    free(p->memory->times);
    free(p->memory->ends);
    free(p->memory->run_units);
    free(p->memory);
    free(p);
    *persistence = NULL;
}
