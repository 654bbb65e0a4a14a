#define _POSIX_C_SOURCE 200809L
#include "contraflow/run/sensitivity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assembly.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/sensitivity.h"
#include "problem_number.h"

static const double STEP = 1e-4;  /* relative: central differences of the right-hand side */
static const double SMOOTH = 100; /* the factor of C13 of flows without kinks */

/* The problem at one value of one key, or as it is. */
typedef struct {
    cf_problem *problem; /* NULL: as it is */
    cf_parts *parts;
    cf_assembly *assembly; /* of the present flow */
} variation;

/* What the steps of one flow share. */
typedef struct {
    const cf_problem *problem;
    cf_flow *flow;
    cf_sensitivity *sensitivity;
    cf_flow_sensitivity *out;
} session;

static void release_variation(variation *v)
{
    cf_assembly_free(&v->assembly);
    cf_parts_free(&v->parts);
    cf_problem_free(&v->problem);
}

/* --- the variations of the problem --- */

static cf_status vary(const cf_problem *problem, const char *const *settings, size_t count,
                      const char *key, double value, variation *out, cf_err *err)
{
    char setting[320];
    const char **all = cf_allocate("settings", count + 1, sizeof *all, err);
    if (all == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < count; k++)
        all[k] = settings[k];
    snprintf(setting, sizeof setting, "%.250s=%.17g", key, value);
    all[count] = setting;
    cf_status status =
        cf_problem_parse(problem->file, problem->text, all, count + 1, &out->problem, err);
    if (status == CF_OK)
        status = cf_parts_create(out->problem, &out->parts, err);
    free(all);
    return status == CF_OK
               ? CF_OK
               : cf_err_prepend(err, "%.200s = %g, of which the derivative is sought: ", key,
                                value);
}

static double step_of(double value)
{
    return STEP * (value == 0 ? 1 : fabs(value));
}

/* variations [1 + 2*key_count]: as it is, then above and below for each key. */
static cf_status create_variations(const cf_problem *problem, const char *const *settings,
                                   size_t count, const char *const *keys, cf_sensitivities *out,
                                   variation *variations, cf_err *err)
{
    double value;
    cf_status status = cf_parts_create(problem, &variations[0].parts, err);
    for (size_t k = 0; k < out->key_count && status == CF_OK; k++) {
        status = cf_problem_number(problem, keys[k], &value, err);
        out->values[k] = value;
        for (int side = 0; side < 2 && status == CF_OK; side++)
            status = vary(problem, settings, count, keys[k],
                          value + (side == 0 ? step_of(value) : -step_of(value)),
                          &variations[1 + 2 * k + (size_t)side], err);
    }
    return status;
}

/* --- one flow --- */

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)err;
    return CF_OK;
}

/* E26: the first rise through the threshold, and the next fall. */
static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)q;
    session *s = context;
    cf_flow_sensitivity *out = s->out;
    if (cf_flow_root(s->flow, root) != CF_ROOT_SEPARATION) {
        *stop = cf_flow_root(s->flow, root) == CF_ROOT_COLLAPSE && direction < 0;
        return CF_OK;
    }
    bool emerges = direction > 0 && isnan(out->times[0]);
    bool dissolves = direction < 0 && !isnan(out->times[0]) && isnan(out->times[1]);
    if (!emerges && !dissolves)
        return CF_OK;
    out->times[dissolves] = t;
    *stop = dissolves;
    return cf_sensitivity_event(s->sensitivity, t, y, root, out->derivatives[dissolves], err);
}

/* y and, behind it, its derivatives at the start. */
static double *start_of(const variation *variations, const cf_parameter *parameters, size_t keys,
                        cf_err *err)
{
    size_t size = cf_flow_ode(variations[0].assembly->flow)->size;
    double *y = cf_allocate("sensitivity", (keys + 1) * size, sizeof *y, err);
    if (y == NULL)
        return NULL;
    memcpy(y, cf_flow_start(variations[0].assembly->flow), size * sizeof *y);
    for (size_t k = 0; k < keys; k++) {
        const double *above = cf_flow_start(variations[1 + 2 * k].assembly->flow);
        const double *below = cf_flow_start(variations[2 + 2 * k].assembly->flow);
        for (size_t i = 0; i < size; i++)
            y[(k + 1) * size + i] = (above[i] - below[i]) / (2 * parameters[k].step);
    }
    return y;
}

/* E26: clusters that are there at the start emerged at 0, and do so for all values nearby. A start
 * below the collapse norm has collapsed already. */
static cf_status look_at_start(session *s, size_t keys, bool *collapsed, cf_err *err)
{
    const cf_ode *ode = cf_flow_ode(s->flow);
    double *g = cf_allocate("events", ode->roots, sizeof *g, err);
    cf_status status = g == NULL ? CF_ESYSTEM : CF_OK;
    *collapsed = false;
    if (status == CF_OK && ode->roots > 0)
        status = ode->root(ode->system, 0, cf_flow_start(s->flow), g, err);
    for (size_t k = 0; k < ode->roots && status == CF_OK; k++) {
        cf_root_kind kind = cf_flow_root(s->flow, k);
        *collapsed = *collapsed || (kind == CF_ROOT_COLLAPSE && g[k] <= 0);
        if (kind != CF_ROOT_SEPARATION || !(g[k] >= 0))
            continue;
        s->out->times[0] = 0;
        for (size_t i = 0; i < keys; i++)
            s->out->derivatives[0][i] = 0;
    }
    free(g);
    return status;
}

static cf_status integrate(const variation *variations, const cf_parameter *parameters, size_t keys,
                           session *s, cf_err *err)
{
    const cf_integrator_options options = cf_setup_integrator(s->problem);
    const double times[] = {0, s->problem->end};
    const cf_integration_calls calls = {.context = s, .output = output, .event = event};
    cf_integration run = {.outcome = CF_RUN_STOPPED_BY_EVENT};
    bool collapsed;
    double *start = start_of(variations, parameters, keys, err);
    cf_status status = start == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = look_at_start(s, keys, &collapsed, err);
    if (status == CF_OK && !collapsed)
        status = cf_integrate(cf_sensitivity_ode(s->sensitivity), &options, times, 2, start, &calls,
                              &run, err);
    free(start);
    if (status != CF_OK)
        return status;
    bool smooth = cf_flow_defect_factor(s->flow) <= SMOOTH;
    bool stopped = run.outcome == CF_RUN_STOPPED_BY_EVENT && isnan(s->out->times[1]);
    snprintf(s->out->status, sizeof s->out->status, "%s",
             run.outcome == CF_RUN_FAILED ? "failed"
             : stopped                    ? "norm-collapse"
                                          : "complete");
    snprintf(s->out->message, sizeof s->out->message, "%.500s",
             run.outcome == CF_RUN_FAILED ? run.failure.message
             : smooth                     ? ""
                      : "derivatives pass over the jumps of the right-hand side "
                        "where units of the network change sides, and are "
                        "approximate (E68)");
    return CF_OK;
}

static cf_status assemble(variation *variations, size_t count, size_t flow, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < count && status == CF_OK; k++) {
        cf_assembly_free(&variations[k].assembly);
        status = cf_assembly_create(variations[k].parts, flow, &variations[k].assembly, err);
    }
    if (status == CF_OK && variations[0].assembly->training != NULL)
        status = cf_fail(err, CF_EINPUT, "a training in steps has no derivatives in time");
    return status;
}

static cf_status run_flow(const cf_problem *problem, variation *variations, size_t f,
                          cf_sensitivities *out, cf_err *err)
{
    session s = {.problem = problem, .out = &out->flows[f]};
    cf_parameter *parameters = cf_allocate("sensitivity", out->key_count, sizeof *parameters, err);
    cf_status status = parameters == NULL ? CF_ESYSTEM : CF_OK;
    s.out->flow = problem->flows[f].name;
    if (status == CF_OK)
        status = assemble(variations, 1 + 2 * out->key_count, f, err);
    for (size_t k = 0; k < out->key_count && status == CF_OK; k++)
        parameters[k] = (cf_parameter){cf_flow_ode(variations[1 + 2 * k].assembly->flow),
                                       cf_flow_ode(variations[2 + 2 * k].assembly->flow),
                                       step_of(out->values[k])};
    if (status == CF_OK) {
        s.flow = variations[0].assembly->flow;
        status = cf_sensitivity_create(cf_flow_ode(s.flow), parameters, out->key_count,
                                       &s.sensitivity, err);
    }
    if (status == CF_OK)
        status = integrate(variations, parameters, out->key_count, &s, err);
    cf_sensitivity_free(&s.sensitivity);
    free(parameters);
    return status == CF_OK ? CF_OK : cf_err_prepend(err, "flow %s: ", problem->flows[f].name);
}

/* --- all flows --- */

static cf_status create(size_t keys, size_t flows, cf_sensitivities **out, cf_err *err)
{
    cf_sensitivities *s = cf_allocate("sensitivities", 1, sizeof *s, err);
    *out = s;
    if (s == NULL)
        return CF_ESYSTEM;
    s->key_count = keys;
    s->values = cf_allocate("sensitivities", keys * (1 + 2 * flows), sizeof *s->values, err);
    s->flows = cf_allocate("sensitivities", flows, sizeof *s->flows, err);
    if (s->values == NULL || s->flows == NULL)
        return CF_ESYSTEM;
    s->count = flows;
    for (size_t k = 0; k < keys * (1 + 2 * flows); k++)
        s->values[k] = NAN;
    for (size_t f = 0; f < flows; f++)
        for (size_t e = 0; e < 2; e++) {
            s->flows[f].derivatives[e] = s->values + keys * (1 + 2 * f + e);
            s->flows[f].times[e] = NAN;
        }
    return CF_OK;
}

void cf_sensitivities_free(cf_sensitivities **sensitivities)
{
    if (*sensitivities == NULL)
        return;
    free((*sensitivities)->values); /* and all derivatives behind them */
    free((*sensitivities)->flows);
    free(*sensitivities);
    *sensitivities = NULL;
}

cf_status cf_sensitivities_create(const cf_problem *problem, const char *const *settings,
                                  size_t setting_count, const char *const *keys, size_t key_count,
                                  cf_sensitivities **out, cf_err *err)
{
    *out = NULL;
    if (key_count == 0)
        return cf_fail(err, CF_EINPUT, "sensitivity: no key is named");
    size_t count = 1 + 2 * key_count;
    variation *variations = cf_allocate("sensitivity", count, sizeof *variations, err);
    cf_status status = variations == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = create(key_count, problem->flow_count, out, err);
    if (status == CF_OK)
        status = create_variations(problem, settings, setting_count, keys, *out, variations, err);
    for (size_t f = 0; f < problem->flow_count && status == CF_OK; f++)
        status = run_flow(problem, variations, f, *out, err);
    for (size_t k = 0; k < count && variations != NULL; k++)
        release_variation(&variations[k]);
    free(variations);
    if (status != CF_OK)
        cf_sensitivities_free(out);
    return status;
}
