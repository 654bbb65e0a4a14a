/* The run of one initial value problem: steps, dense outputs, events, change of method,
 * interruption. */
#include "contraflow/solver/integrator.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "method_choice.h"
#include "stepper.h"

typedef struct {
    const cf_ode *ode;
    const cf_integrator_options *options;
    const cf_integration_calls *calls;
    const double *times;
    size_t count, next; /* requested times; the first that is still due */
    cf_stepper *stepper;
    cf_method_choice *choice; /* of `auto` only */
    cf_method method;
    int *direction; /* [roots] */
    double t;
    cf_counts earlier; /* of the steppers before the present one */
    long products;     /* of the choice of method */
    long begun;        /* steps when the present stepper was begun */
    cf_integration *result;
    bool stopped;
} run;

size_t cf_ode_length(const cf_ode *ode)
{
    return ode->size + ode->quadratures + ode->companions;
}

/* Besides the stepper a copy of the state when it is begun anew, and the choice of method. */
double cf_integrator_vectors(const cf_integrator_options *options, size_t states)
{
    double adams = cf_stepper_vectors(CF_METHOD_ADAMS, options->krylov, states);
    double bdf = cf_stepper_vectors(CF_METHOD_BDF, options->krylov, states);
    if (options->method == CF_METHOD_AUTO)
        return fmax(adams, bdf) + 1 + 2;
    return (options->method == CF_METHOD_BDF ? bdf : adams) + 1;
}

static cf_status check_options(const cf_integrator_options *options, const double *times,
                               size_t count, cf_err *err)
{
    if (!(options->rtol > 0 && options->rtol < 1))
        return cf_fail(err, CF_EINPUT, "integrator.rtol = %g: must be in (0, 1)", options->rtol);
    if (!(options->atol > 0))
        return cf_fail(err, CF_EINPUT, "integrator.atol = %g: must be positive", options->atol);
    if (count < 2)
        return cf_fail(err, CF_EINPUT, "output times: at least a start and an end are needed");
    for (size_t k = 1; k < count; k++)
        if (!(times[k] > times[k - 1]))
            return cf_fail(err, CF_EINPUT, "output times: %g follows %g, but they must increase",
                           times[k], times[k - 1]);
    return CF_OK;
}

static void add_counts(cf_counts *total, const cf_counts *part)
{
    total->steps += part->steps;
    total->rhs_evaluations += part->rhs_evaluations;
    total->linearizations += part->linearizations;
    total->jacobian_products += part->jacobian_products;
    total->error_test_failures += part->error_test_failures;
    total->convergence_failures += part->convergence_failures;
}

static void count_all(run *r)
{
    cf_stepper_counts(r->stepper, &r->result->counts);
    add_counts(&r->result->counts, &r->earlier);
    r->result->counts.jacobian_products += r->products;
}

static const char *name_of(cf_method method)
{
    return method == CF_METHOD_BDF ? "bdf" : "adams";
}

/* Writes "adams to t = 3.2, then bdf" step by step; a long story keeps its beginning. */
static void tell(run *r, const char *format, ...)
{
    size_t used = strlen(r->result->method), room = sizeof r->result->method - used;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->result->method + used, room, format, arguments);
    va_end(arguments);
}

/* A new stepper in place of the present one, which goes first: memory holds but one. */
static cf_status begin_anew(run *r, cf_method method, cf_err *err)
{
    cf_counts counts;
    cf_stepper_counts(r->stepper, &counts);
    double *state = cf_duplicate("integrator", cf_stepper_state(r->stepper), cf_ode_length(r->ode),
                                 sizeof *state, err);
    if (state == NULL)
        return CF_ESYSTEM;
    cf_stepper_free(&r->stepper);
    cf_status status = cf_stepper_create(r->ode, r->options, method, r->t, r->times[r->count - 1],
                                         state, &r->stepper, err);
    free(state);
    if (status != CF_OK)
        return status;
    add_counts(&r->earlier, &counts);
    r->method = method;
    r->begun = r->result->counts.steps;
    return CF_OK;
}

static cf_status change_method(run *r, cf_method method, cf_err *err)
{
    cf_status status = begin_anew(r, method, err);
    if (status == CF_OK)
        tell(r, " to t = %.6g, then %s", r->t, name_of(method));
    return status;
}

/* All that the rest of the run depends on, where the stepper has just been begun; y
 * [cf_ode_length]. */
static cf_status pass_state(run *r, double *y, cf_archive *archive, cf_err *err)
{
    size_t size = cf_ode_length(r->ode);
    const struct {
        void *field;
        size_t size;
    } fields[] = {{&r->next, sizeof r->next},
                  {&r->method, sizeof r->method},
                  {&r->t, sizeof r->t},
                  {&r->earlier, sizeof r->earlier},
                  {&r->products, sizeof r->products},
                  {&r->begun, sizeof r->begun},
                  {&r->result->t, sizeof r->result->t},
                  {&r->result->counts, sizeof r->result->counts},
                  {r->result->method, sizeof r->result->method},
                  {y, size * sizeof *y}};
    cf_status status = CF_OK;
    for (size_t k = 0; k < sizeof fields / sizeof *fields && status == CF_OK; k++)
        status = cf_archive_pass(archive, fields[k].field, fields[k].size, err);
    if (status == CF_OK && r->choice != NULL)
        status = cf_method_choice_pass(r->choice, archive, err);
    return status;
}

/* Begins anew where it is due, and offers the state to be stored. */
static cf_status restart_if_due(run *r, cf_err *err)
{
    const cf_integration_calls *calls = r->calls;
    if (calls->restart_steps <= 0 || r->result->counts.steps - r->begun < calls->restart_steps)
        return CF_OK;
    cf_archive archive = {.bytes = NULL};
    cf_status status = begin_anew(r, r->method, err);
    if (status == CF_OK && calls->restart != NULL)
        status = pass_state(r, (double *)cf_stepper_state(r->stepper), &archive, err);
    if (status == CF_OK && calls->restart != NULL)
        status = calls->restart(calls->context, r->t, &archive, err);
    cf_archive_release(&archive);
    return status;
}

static cf_status put_out_until(run *r, double t, cf_err *err)
{
    while (r->next < r->count && r->times[r->next] <= t) {
        const double *state;
        double time = r->times[r->next];
        cf_status status = cf_stepper_interpolate(r->stepper, time, &state, err);
        if (status == CF_OK)
            status = r->calls->output(r->calls->context, time, state, state + r->ode->size, err);
        if (status != CF_OK)
            return status;
        r->next++;
        r->result->t = time;
    }
    return CF_OK;
}

static cf_status report_events(run *r, cf_err *err)
{
    const double *state = cf_stepper_state(r->stepper);
    for (size_t k = 0; k < r->ode->roots; k++) {
        bool stop = false;
        if (r->direction[k] == 0)
            continue;
        cf_status status = r->calls->event(r->calls->context, r->t, state, state + r->ode->size, k,
                                           r->direction[k], &stop, err);
        if (status != CF_OK)
            return status;
        r->stopped = r->stopped || stop;
    }
    return CF_OK;
}

static cf_status reconsider(run *r, cf_err *err)
{
    cf_method method = r->method;
    cf_status status = cf_method_choice_update(r->choice, r->t, cf_stepper_state(r->stepper),
                                               cf_stepper_last_step(r->stepper), &r->result->counts,
                                               &method, &r->products, err);
    if (status == CF_OK && method != r->method)
        status = change_method(r, method, err);
    return status;
}

/* The last state of a run that ends before its end, unless it was just put out. */
static cf_status put_out_last(run *r, cf_err *err)
{
    if (r->t <= r->result->t)
        return CF_OK;
    const double *state = cf_stepper_state(r->stepper);
    r->result->t = r->t;
    return r->calls->output(r->calls->context, r->t, state, state + r->ode->size, err);
}

static cf_status end_early(run *r, cf_outcome outcome, cf_err *err)
{
    r->result->outcome = outcome;
    return put_out_last(r, err);
}

static cf_status march(run *r, cf_err *err)
{
    while (r->next < r->count) {
        bool event = false;
        double t = r->t;
        cf_status status =
            cf_stepper_step(r->stepper, &t, &event, r->direction, &r->result->failure);
        count_all(r);
        if (status == CF_ENUMERIC)
            return end_early(r, CF_RUN_FAILED, err);
        if (status != CF_OK)
            return cf_fail(err, status, "%s", r->result->failure.message);
        bool past_end = t > r->times[r->count - 1];
        r->t = t;
        status = put_out_until(r, t, err);
        if (status == CF_OK && event && !past_end)
            status = report_events(r, err);
        if (status != CF_OK)
            return status;
        if (r->stopped)
            return end_early(r, CF_RUN_STOPPED_BY_EVENT, err);
        if (r->calls->advance != NULL &&
            !r->calls->advance(r->calls->context, t, &r->result->counts) && r->next < r->count)
            return end_early(r, CF_RUN_INTERRUPTED, err);
        if (r->choice != NULL && !event && r->next < r->count)
            status = reconsider(r, err);
        if (status == CF_OK && !event && r->next < r->count)
            status = restart_if_due(r, err);
        if (status != CF_OK)
            return status;
    }
    r->result->outcome = CF_RUN_COMPLETE;
    return CF_OK;
}

/* Sets the first stepper: at the start, which is put out, or where a stored run goes on. */
static cf_status begin(run *r, const double *y0, cf_err *err)
{
    const cf_ode *ode = r->ode;
    size_t size = cf_ode_length(ode);
    double *y = cf_allocate("integrator", size, sizeof *y, err);
    cf_status status = y == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        memcpy(y, y0, ode->size * sizeof *y);
    if (status == CF_OK && r->calls->resumed != NULL)
        status = pass_state(r, y, r->calls->resumed, err);
    if (status == CF_OK)
        status = cf_stepper_create(ode, r->options, r->method, r->t, r->times[r->count - 1], y,
                                   &r->stepper, err);
    if (status == CF_OK && r->calls->resumed == NULL)
        status = r->calls->output(r->calls->context, r->t, y, y + ode->size, err);
    free(y);
    return status;
}

cf_status cf_integrate(const cf_ode *ode, const cf_integrator_options *options, const double *times,
                       size_t count, const double *y0, const cf_integration_calls *calls,
                       cf_integration *result, cf_err *err)
{
    memset(result, 0, sizeof *result);
    cf_status status = check_options(options, times, count, err);
    if (status != CF_OK)
        return status;
    run r = {.ode = ode, .options = options, .calls = calls, .times = times, .count = count};
    r.result = result;
    r.t = result->t = times[0];
    r.method = options->method == CF_METHOD_BDF ? CF_METHOD_BDF : CF_METHOD_ADAMS;
    tell(&r, "%s", name_of(r.method));
    r.direction = cf_allocate("root directions", ode->roots, sizeof(int), err);
    status = r.direction == NULL ? CF_ESYSTEM : CF_OK;
    r.next = 1;
    if (status == CF_OK && options->method == CF_METHOD_AUTO)
        status = cf_method_choice_create(ode, &r.choice, err);
    if (status == CF_OK)
        status = begin(&r, y0, err);
    if (status == CF_OK)
        status = march(&r, err);
    cf_stepper_free(&r.stepper);
    cf_method_choice_free(&r.choice);
    free(r.direction);
    return status;
}
