#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/observer.h"
#include "contraflow/solver/memory.h"
#include "collect_internal.h"

cf_status cf_collector_create(const cf_parts *parts, cf_flow *flow, double step, cf_collector **out,
                              cf_err *err)
{
    *out = NULL;
    cf_collector *c = cf_allocate("collector", 1, sizeof *c, err);
    if (c == NULL)
        return CF_ESYSTEM;
    c->parts = parts;
    c->flow = flow;
    c->step = step;
    c->notes.energy_bound = NAN;
    c->observed =
        cf_allocate("observers", parts->problem->observer_count, sizeof *c->observed, err);
    if (c->observed == NULL) {
        cf_collector_free(&c);
        return CF_ESYSTEM;
    }
    *out = c;
    return CF_OK;
}

void cf_collector_free(cf_collector **collector)
{
    cf_collector *c = *collector;
    if (c == NULL)
        return;
    for (size_t k = 0; k < CF_COLLECTED; k++)
        cf_series_free(&c->series[k]);
    for (size_t k = 0; c->observed != NULL && k < c->parts->problem->observer_count; k++)
        cf_series_free(&c->observed[k]);
    free(c->observed);
    cf_keeper_release(&c->keeper);
    free(c->marked);
    free(c->cluster_masses);
    free(c);
    *collector = NULL;
}

bool cf_collector_collapsed(const cf_collector *collector)
{
    return collector->collapsed;
}

const char *cf_collector_message(const cf_collector *collector)
{
    return collector->notes.message;
}

/* A step of a training stands for the times that are nearest to it. The last state of a run that
 * ends early is at none of them, and is kept. */
static bool is_snapshot(const cf_collector *c, double t)
{
    const cf_parts *parts = c->parts;
    bool known = false, kept = false;
    for (size_t k = 0; k < parts->time_count; k++)
        if (fabs(parts->times[k] - t) <= c->step / 2 * (1 + 1e-9)) {
            known = true;
            kept = kept || parts->keeps[k];
        }
    return kept || !known;
}

static cf_status observe_all(cf_collector *c, const cf_flow_state *state, cf_err *err)
{
    const cf_problem *problem = c->parts->problem;
    for (size_t k = 0; k < problem->observer_count; k++) {
        double value;
        const cf_observer *row = cf_observers()[k];
        if (!c->parts->observes[k])
            continue;
        cf_status status =
            row->observe(problem->observers[k].options,
                         row->on_sample ? &state->sample : &state->measure, &value, err);
        if (status == CF_OK)
            status = cf_series_append(&c->observed[k], &value, 1, err);
        if (status != CF_OK)
            return status;
    }
    return CF_OK;
}

/* Steps of a training are no flow: there the defect shows by how much, and a loss above that of the
 * start that they were too long. */
static void check_descent(cf_collector *c, double t, double loss, double defect)
{
    double first = c->series[CF_LOSS].values[0];
    c->notes.energy_defect = isnan(defect) ? NAN : fmax(c->notes.energy_defect, defect);
    if (loss > first + 1e-9 * fabs(first) && c->notes.message[0] == '\0')
        snprintf(c->notes.message, sizeof c->notes.message,
                 "the loss rose from %.6g at the start to %.6g at t = %.6g; lower the learning "
                 "rate",
                 first, loss, t);
}

/* C13: |L(0) - L(t) - dissipated| <= 100 rtol max(1, |L(0)|), 1000 for networks with kinks; a run
 * that breaks it says so. */
static void check_energy(cf_collector *c, double t, double loss, double dissipated)
{
    double first = c->series[CF_LOSS].values[0], defect = fabs(first - loss - dissipated);
    if (c->step > 0) {
        check_descent(c, t, loss, defect);
        return;
    }
    c->notes.energy_bound =
        cf_flow_defect_factor(c->flow) * c->parts->problem->integrator.rtol * fmax(1, fabs(first));
    c->notes.energy_defect = fmax(c->notes.energy_defect, defect);
    if (defect > c->notes.energy_bound && c->notes.message[0] == '\0')
        snprintf(c->notes.message, sizeof c->notes.message,
                 "energy identity: the defect %.3g at t = %.6g exceeds its bound %.3g (C13); lower "
                 "integrator.rtol",
                 defect, t, c->notes.energy_bound);
}

/* Of several warnings the first is told. */
static void check_warning(cf_collector *c, const cf_flow_state *state)
{
    if (state->warning != NULL && c->notes.message[0] == '\0')
        snprintf(c->notes.message, sizeof c->notes.message, "%s", state->warning);
}

static cf_status keep(cf_collector *c, double t, const cf_flow_state *state, cf_err *err)
{
    bool snapshot = is_snapshot(c, t);
    cf_status status =
        snapshot ? cf_series_append(&c->series[CF_SNAPSHOT_TIME], &t, 1, err) : CF_OK;
    return status == CF_OK ? cf_keep_output(&c->keeper, state, snapshot, err) : status;
}

cf_status cf_collect_output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    cf_collector *c = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(c->flow, t, y, &state, err);
    if (status == CF_OK)
        cf_flow_probe(c->flow, y, q, &state);
    const double row[] = {t, state.loss, state.dissipation, q[0]};
    for (size_t k = 0; k < 4 && status == CF_OK; k++)
        status = cf_series_append(&c->series[k], &row[k], 1, err);
    if (status == CF_OK)
        status = observe_all(c, &state, err);
    if (status == CF_OK)
        status = cf_collect_clusters(c, &state.measure, err);
    if (status == CF_OK)
        status = keep(c, t, &state, err);
    if (status != CF_OK)
        return status;
    check_warning(c, &state);
    check_energy(c, t, state.loss, q[0]);
    return CF_OK;
}

static void describe_collapse(cf_collector *c, double t, const cf_flow_state *state)
{
    snprintf(c->notes.message, sizeof c->notes.message,
             "norm collapse: |h| of point %zu fell to %.3g at t = %.10g; the exact flow ends there "
             "(a positive latent.norm-floor, 1e-3 say, goes through)",
             state->smallest + 1, state->smallest_norm, t);
}

cf_status cf_collect_event(void *context, double t, const double *y, const double *q, size_t root,
                           int direction, bool *stop, cf_err *err)
{
    cf_collector *c = context;
    cf_root_kind kind = cf_flow_root(c->flow, root);
    if (kind == CF_ROOT_COLLAPSE && direction > 0)
        return CF_OK;
    if (kind == CF_ROOT_CLUSTER)
        return cf_collect_cluster_event(c, t, cf_flow_root_cluster(c->flow, root), direction, err);
    cf_flow_state state;
    cf_status status = cf_flow_observe(c->flow, t, y, &state, err);
    if (status == CF_OK)
        cf_flow_probe(c->flow, y, q, &state);
    double value =
        kind == CF_ROOT_COLLAPSE ? state.smallest_norm : c->parts->problem->cluster_threshold;
    const double row[] = {t, value, kind, direction};
    for (size_t k = 0; k < 4 && status == CF_OK; k++)
        status = cf_series_append(&c->series[CF_EVENT_TIME + k], &row[k], 1, err);
    if (status == CF_OK)
        status = cf_keep_event(&c->keeper, &state, err);
    bool dissolved = kind == CF_ROOT_SEPARATION && direction < 0;
    *stop = kind == CF_ROOT_COLLAPSE || (dissolved && c->parts->problem->until_dissolution);
    if (kind == CF_ROOT_COLLAPSE) {
        c->collapsed = true;
        describe_collapse(c, t, &state);
    }
    return status;
}

typedef struct {
    const char *name, *unit, *equation;
    const cf_series *series;
} named_series;

static cf_status add_vector(cf_group *group, const named_series *named, cf_err *err)
{
    cf_record record = {.name = (char *)named->name,
                        .unit = (char *)named->unit,
                        .equation = (char *)named->equation,
                        .type = CF_VALUE_REAL,
                        .rank = 1,
                        .dims = {named->series->count},
                        .real = named->series->values};
    return cf_group_add(group, &record, err);
}

static const char *loss_equation(const cf_parts *parts)
{
    if (strcmp(parts->problem->loss.kind->name, "nt-xent") == 0)
        return "E1";
    return parts->views > 1 ? "E2" : "E3";
}

static cf_status write_series(const cf_collector *c, cf_group *group, cf_err *err)
{
    const char *dynamics = cf_flow_equation(c->flow);
    const named_series vectors[] = {{"time", "t", dynamics, &c->series[CF_TIME]},
                                    {"loss", "1", loss_equation(c->parts), &c->series[CF_LOSS]},
                                    {"dissipation", "1/t", "E9", &c->series[CF_DISSIPATION]},
                                    {"dissipated", "1", "E9", &c->series[CF_DISSIPATED]},
                                    {"snapshot_time", "t", dynamics, &c->series[CF_SNAPSHOT_TIME]}};
    cf_status status = CF_OK;
    for (size_t k = 0; k < 5 && status == CF_OK; k++)
        status = add_vector(group, &vectors[k], err);
    for (size_t k = 0; k < c->parts->problem->observer_count && status == CF_OK; k++) {
        const cf_observer *observer = cf_observers()[k];
        const named_series named = {observer->record, observer->unit, observer->equation,
                                    &c->observed[k]};
        if (c->parts->observes[k])
            status = add_vector(group, &named, err);
    }
    return status == CF_OK ? cf_keep_write(&c->keeper, group, err) : status;
}

static char *event_name(const cf_collector *c, size_t k)
{
    if (c->series[CF_EVENT_ROOT].values[k] == CF_ROOT_COLLAPSE)
        return "norm-collapse";
    return c->series[CF_EVENT_DIRECTION].values[k] > 0 ? "emergence" : "dissolution";
}

static cf_status write_events(const cf_collector *c, cf_group *group, cf_err *err)
{
    const named_series vectors[] = {{"time", "t", "E26", &c->series[CF_EVENT_TIME]},
                                    {"value", "1", "E26", &c->series[CF_EVENT_VALUE]}};
    size_t count = c->series[CF_EVENT_TIME].count;
    char **names = cf_allocate("events", count, sizeof *names, err);
    if (names == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < count; k++)
        names[k] = event_name(c, k);
    cf_record kinds = {.name = "kind",
                       .unit = "1",
                       .equation = "E26",
                       .type = CF_VALUE_TEXT,
                       .rank = 1,
                       .dims = {count},
                       .text = names};
    cf_status status = cf_group_add(group, &kinds, err);
    for (size_t k = 0; k < 2 && status == CF_OK; k++)
        status = add_vector(group, &vectors[k], err);
    if (status == CF_OK)
        status = cf_keep_write_events(&c->keeper, group, err);
    free(names);
    return status;
}

/* E26: emergence is the first upward crossing of S = s*, or 0 where S(0) >= s*; dissolution the
 * next downward one. */
static cf_status write_persistence(const cf_collector *c, cf_group *group, cf_err *err)
{
    bool labelled = c->parts->observes[0];
    double last = cf_collected_until(c);
    cf_cluster_times times =
        cf_cluster_times_begin(labelled && c->observed[0].count > 0 &&
                               c->observed[0].values[0] >= c->parts->problem->cluster_threshold);
    for (size_t k = 0; k < c->series[CF_EVENT_TIME].count; k++)
        if (c->series[CF_EVENT_ROOT].values[k] == CF_ROOT_SEPARATION)
            cf_cluster_times_add(&times, c->series[CF_EVENT_TIME].values[k],
                                 c->series[CF_EVENT_DIRECTION].values[k]);
    double emergence = times.emergence, dissolution = times.dissolution;
    bool emerged = !isnan(emergence), dissolved = !isnan(dissolution);
    const struct {
        const char *name;
        double value;
    } reals[] = {{"observed_until", last},
                 {"emergence", emergence},
                 {"dissolution", dissolution},
                 {"persistence", !emerged ? NAN : (dissolved ? dissolution : last) - emergence},
                 {"energy_defect", c->notes.energy_defect},
                 {"energy_bound", c->notes.energy_bound}};
    cf_status status = CF_OK;
    for (size_t k = 0; k < sizeof reals / sizeof *reals && status == CF_OK; k++)
        status = cf_group_set_real(group, reals[k].name, reals[k].value, err);
    if (status == CF_OK)
        status = cf_group_set_integer(group, "emergence_censored", labelled && !emerged, err);
    if (status == CF_OK)
        status = cf_group_set_integer(group, "persistence_censored", emerged && !dissolved, err);
    return status;
}

cf_status cf_collector_write(const cf_collector *c, const char *name, cf_result *result,
                             cf_err *err)
{
    char path[512];
    cf_group *group = NULL;
    snprintf(path, sizeof path, "/flows/%s", name);
    cf_status status = cf_result_add_group(result, path, &group, err);
    if (status == CF_OK)
        status = write_persistence(c, group, err);
    if (status == CF_OK)
        status = write_series(c, group, err);
    if (status == CF_OK)
        status = cf_collector_write_clusters(c, group, result, err);
    snprintf(path, sizeof path, "/flows/%s/events", name);
    if (status == CF_OK)
        status = cf_result_add_group(result, path, &group, err);
    if (status == CF_OK)
        status = write_events(c, group, err);
    return status;
}
