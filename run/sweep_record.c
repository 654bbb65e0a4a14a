#define _POSIX_C_SOURCE 200809L
#include "sweep_record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/observer.h"
#include "contraflow/run/flow_view.h"
#include "contraflow/solver/memory.h"
#include "sweep_cells.h"
#include "sweep_clusters.h"
#include "yaml_tree.h"

/* --- columns --- */

/* What is copied from the attributes of a flow. */
static const cf_sweep_column copied[] = {
    {"end", "t", "E26", CF_VALUE_REAL},
    {"observed_until", "t", "E26", CF_VALUE_REAL},
    {"emergence", "t", "E26", CF_VALUE_REAL},
    {"dissolution", "t", "E26", CF_VALUE_REAL},
    {"persistence", "t", "E26", CF_VALUE_REAL},
    {"emergence_censored", "", "E26", CF_VALUE_INTEGER},
    {"persistence_censored", "", "E26", CF_VALUE_INTEGER},
    {"energy_defect", "1", "E9", CF_VALUE_REAL},
    {"steps", "", "", CF_VALUE_INTEGER},
    {"rhs_evaluations", "", "", CF_VALUE_INTEGER},
};
enum { COPIED = sizeof copied / sizeof *copied };

static const cf_sweep_column numbers[] = {{"run", "", "", CF_VALUE_INTEGER},
                                          {"point", "", "", CF_VALUE_INTEGER},
                                          {"repetition", "", "", CF_VALUE_INTEGER}};
static const cf_sweep_column names[] = {{"flow", "", "", CF_VALUE_TEXT},
                                        {"width", "", "", CF_VALUE_INTEGER},
                                        {"seed", "", "", CF_VALUE_INTEGER},
                                        {"status", "", "", CF_VALUE_TEXT},
                                        {"message", "", "", CF_VALUE_TEXT}};
enum { NUMBERS = 3, NAMES = 5 };

/* --- reductions --- */

static double first_of(const double *t, const double *v, size_t count)
{
    (void)t;
    return count > 0 ? v[0] : NAN;
}

static double last_of(const double *t, const double *v, size_t count)
{
    (void)t;
    return count > 0 ? v[count - 1] : NAN;
}

static double least_of(const double *t, const double *v, size_t count)
{
    (void)t;
    double least = NAN;
    for (size_t k = 0; k < count; k++)
        least = fmin(least, v[k]);
    return least;
}

static double largest_of(const double *t, const double *v, size_t count)
{
    (void)t;
    double largest = NAN;
    for (size_t k = 0; k < count; k++)
        largest = fmax(largest, v[k]);
    return largest;
}

/* Over time, by the trapezoidal rule. */
static double mean_of(const double *t, const double *v, size_t count)
{
    double sum = 0;
    for (size_t k = 1; k < count; k++)
        sum += (t[k] - t[k - 1]) * (v[k] + v[k - 1]) / 2;
    return count > 1 ? sum / (t[count - 1] - t[0]) : first_of(t, v, count);
}

static const struct {
    const char *name;
    double (*reduce)(const double *t, const double *values, size_t count);
} reductions[] = {{"start", first_of},
                  {"final", last_of},
                  {"minimum", least_of},
                  {"maximum", largest_of},
                  {"mean", mean_of}};
enum { REDUCTIONS = sizeof reductions / sizeof *reductions };

typedef struct {
    const char *name, *unit, *equation;
} series;

/* The k-th series that can be collected; false beyond the last. */
static bool series_at(size_t k, series *out)
{
    static const series own[] = {
        {"loss", "1", "E3"},      {"dissipation", "1/t", "E9"},   {"dissipated", "1", "E9"},
        {"min_norm", "1", "E25"}, {"transport", "latent", "E76"}, {"discrepancy", "latent", "E76"}};
    enum { OWN = sizeof own / sizeof *own };
    const cf_observer *observer = k < OWN ? NULL : cf_observers()[k - OWN];
    if (k < OWN)
        *out = own[k];
    else if (observer != NULL)
        *out = (series){observer->record, observer->unit, observer->equation};
    return k < OWN || observer != NULL;
}

/* "SERIES.REDUCTION" of a column. */
static size_t reduction_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    size_t k = 0;
    while (dot != NULL && k < REDUCTIONS && strcmp(dot + 1, reductions[k].name) != 0)
        k++;
    return dot != NULL ? k : REDUCTIONS;
}

static cf_status refuse_collect(const cf_sweep_plan *plan, size_t k, cf_err *err)
{
    const char *name = plan->problem->sweep->collect.values[k];
    char key[64], shown[64], list[512] = "";
    size_t used = 0;
    series one;
    for (size_t s = 0; series_at(s, &one) && used < sizeof list; s++)
        used +=
            (size_t)snprintf(list + used, sizeof list - used, "%s%s", s > 0 ? ", " : "", one.name);
    cf_text_shown(name, shown, sizeof shown);
    snprintf(key, sizeof key, "sweep.collect.%zu", k);
    cf_fail(err, CF_EINPUT,
            "%s = %s: must be SERIES.REDUCTION with a series (%s) and start, final, minimum, "
            "maximum or mean",
            key, shown, list);
    return cf_problem_blame(plan->problem, "sweep.collect", err);
}

static cf_status add_collected(const cf_sweep_plan *plan, size_t k, cf_sweep_column *out,
                               cf_err *err)
{
    const char *name = plan->problem->sweep->collect.values[k];
    const char *dot = strrchr(name, '.');
    size_t length = dot != NULL ? (size_t)(dot - name) : 0, s = 0;
    series one = {NULL, NULL, NULL};
    if (reduction_of(name) == REDUCTIONS || strlen(name) >= sizeof out->name)
        return refuse_collect(plan, k, err);
    for (; series_at(s, &one); s++)
        if (strlen(one.name) == length && strncmp(one.name, name, length) == 0) {
            if (strcmp(one.equation, "E76") == 0 && plan->problem->distances_from == NULL) {
                cf_fail(err, CF_EINPUT, "sweep.collect.%zu = %s: needs `distances: {from: FLOW}`",
                        k, name);
                return cf_problem_blame(plan->problem, "sweep.collect", err);
            }
            snprintf(out->name, sizeof out->name, "%s", name);
            out->type = CF_VALUE_REAL;
            out->unit = one.unit;
            out->equation = one.equation;
            return CF_OK;
        }
    return refuse_collect(plan, k, err);
}

/* An axis is a column of numbers where all its values are. */
static cf_value_type type_of(const cf_sweep_plan *plan, size_t axis)
{
    for (size_t p = 0; p < plan->points; p++) {
        const char *value = cf_sweep_plan_value(plan, p, axis);
        char *end;
        double number = strtod(value, &end);
        if (end == value || *end != '\0' || !isfinite(number))
            return CF_VALUE_TEXT;
    }
    return CF_VALUE_REAL;
}

cf_status cf_sweep_columns_create(const cf_sweep_plan *plan, cf_sweep_columns *out, cf_err *err)
{
    size_t collected = plan->problem->sweep->collect.count;
    *out = (cf_sweep_columns){.first = NUMBERS + plan->axes};
    out->columns = cf_allocate("sweep", NUMBERS + plan->axes + NAMES + COPIED + collected,
                               sizeof *out->columns, err);
    if (out->columns == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < NUMBERS; k++)
        out->columns[out->count++] = numbers[k];
    for (size_t a = 0; a < plan->axes; a++) {
        cf_sweep_column *column = &out->columns[out->count++];
        snprintf(column->name, sizeof column->name, "%s", cf_sweep_plan_key(plan, a));
        column->unit = column->equation = "";
        column->type = type_of(plan, a);
    }
    for (size_t k = 0; k < NAMES; k++)
        out->columns[out->count++] = names[k];
    for (size_t k = 0; k < COPIED; k++)
        out->columns[out->count++] = copied[k];
    cf_status status = CF_OK;
    for (size_t k = 0; k < collected && status == CF_OK; k++)
        status = add_collected(plan, k, &out->columns[out->count++], err);
    if (status != CF_OK)
        cf_sweep_columns_release(out);
    return status;
}

void cf_sweep_columns_release(cf_sweep_columns *columns)
{
    free(columns->columns);
    *columns = (cf_sweep_columns){.columns = NULL};
}

/* Separation comes first, and tells events. */
void cf_sweep_observe(const cf_sweep_columns *columns, cf_parts *parts)
{
    for (size_t k = 1; k < parts->problem->observer_count; k++) {
        const char *name = cf_observers()[k]->record;
        size_t length = strlen(name);
        bool needed = false;
        for (size_t c = columns->first; c < columns->count; c++)
            needed = needed || (strncmp(columns->columns[c].name, name, length) == 0 &&
                                columns->columns[c].name[length] == '.');
        parts->observes[k] = parts->observes[k] && needed;
    }
}

/* --- cells --- */

/* Columns without a value to the end of the row. */
static void put_missing(FILE *stream, const cf_sweep_columns *columns, size_t from)
{
    static const char *const missing[] = {
        [CF_VALUE_REAL] = ",nan", [CF_VALUE_INTEGER] = ",-1", [CF_VALUE_TEXT] = ","};
    for (size_t k = from; k < columns->count; k++)
        fputs(missing[columns->columns[k].type], stream);
    fputc('\n', stream);
}

/* A column that is reduced from a series of the flow. */
static double reduced(const cf_flow_view *flow, const char *column)
{
    char name[256];
    size_t points = 0, values = 0;
    snprintf(name, sizeof name, "%.*s", (int)(strrchr(column, '.') - column), column);
    const double *time = cf_flow_series(flow, "time", &points);
    const double *value = cf_flow_series(flow, name, &values);
    bool known = value != NULL && time != NULL && values == points;
    return known ? reductions[reduction_of(column)].reduce(time, value, values) : NAN;
}

static void put_cell(FILE *stream, const cf_sweep_column *column, const cf_flow_view *flow,
                     const cf_problem *problem)
{
    fputc(',', stream);
    if (column->type == CF_VALUE_INTEGER)
        fprintf(stream, "%ld", cf_group_integer(flow->group, column->name));
    else if (strcmp(column->name, "end") == 0)
        cf_put_real(stream, problem->end);
    else if (reduction_of(column->name) < REDUCTIONS)
        cf_put_real(stream, reduced(flow, column->name));
    else
        cf_put_real(stream, cf_group_real(flow->group, column->name));
}

/* The networks of a family have one name, beside width and seed. */
static void put_flow(FILE *stream, const cf_sweep_columns *columns, const cf_flow_view *flow,
                     const cf_problem *problem, size_t f)
{
    fputc(',', stream);
    cf_put_text(stream, problem->flows[f].options->name);
    fprintf(stream, ",%ld,%ld,", cf_group_integer(flow->group, "width"), problem->flows[f].seed);
    cf_put_text(stream, cf_group_text(flow->group, "status"));
    fputc(',', stream);
    cf_put_text(stream, cf_group_text(flow->group, "message"));
    for (size_t k = columns->first + NAMES; k < columns->count; k++)
        put_cell(stream, &columns->columns[k], flow, problem);
    fputc('\n', stream);
}

/* Closes the stream; its text, or a failure. */
static cf_status finish(FILE *stream, char **text, cf_err *err)
{
    bool failed = ferror(stream) != 0;
    failed = fclose(stream) != 0 || failed;
    if (!failed)
        return CF_OK;
    free(*text);
    *text = NULL;
    return cf_fail(err, CF_ESYSTEM, "no memory for the rows of the sweep");
}

static cf_status open_text(FILE **stream, char **text, size_t *size, cf_err *err)
{
    *text = NULL;
    *stream = open_memstream(text, size);
    return *stream != NULL ? CF_OK
                           : cf_fail(err, CF_ESYSTEM, "no memory for the rows of the sweep");
}

cf_status cf_sweep_header(const cf_sweep_columns *columns, char **out, cf_err *err)
{
    FILE *stream;
    size_t size;
    cf_status status = open_text(&stream, out, &size, err);
    if (status != CF_OK)
        return status;
    for (size_t k = 0; k < columns->count; k++) {
        fputs(k > 0 ? "," : "", stream);
        cf_put_text(stream, columns->columns[k].name);
    }
    fputc('\n', stream);
    return finish(stream, out, err);
}

cf_status cf_sweep_rows(const cf_sweep_plan *plan, const cf_sweep_columns *columns, size_t run,
                        const cf_problem *problem, const cf_result *result, char **out, cf_err *err)
{
    FILE *stream;
    size_t size, cursor = 0;
    cf_flow_view flow;
    cf_status status = open_text(&stream, out, &size, err);
    if (status != CF_OK)
        return status;
    for (size_t f = 0; cf_flow_next(result, &cursor, &flow) && f < problem->flow_count; f++) {
        cf_put_place(stream, plan, run);
        put_flow(stream, columns, &flow, problem, f);
    }
    if (plan->problem->sweep->clusters)
        cf_sweep_cluster_rows(stream, plan, run, problem, result);
    return finish(stream, out, err);
}

cf_status cf_sweep_row_without(const cf_sweep_plan *plan, const cf_sweep_columns *columns,
                               size_t run, const char *state, const char *message, char **out,
                               cf_err *err)
{
    FILE *stream;
    size_t size;
    cf_status status = open_text(&stream, out, &size, err);
    if (status != CF_OK)
        return status;
    cf_put_place(stream, plan, run);
    fprintf(stream, ",,-1,-1,%s,", state);
    cf_put_text(stream, message);
    put_missing(stream, columns, columns->first + NAMES);
    return finish(stream, out, err);
}
