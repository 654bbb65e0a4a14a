#include "contraflow/solver/descent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { MOST_ROOTS = 4 };

typedef struct {
    const cf_descent_problem *problem;
    const cf_descent_options *options;
    const cf_integration_calls *calls;
    cf_integration *result;
    double *y, *gradient, *first, *second; /* [size]; the averages of momentum and Adam */
    double q, dt;
    double root[MOST_ROOTS], root_time; /* at the last look */
    bool stop;
} descent;

static void update(descent *s, long step)
{
    const cf_descent_options *o = s->options;
    double correct1 = 1 - pow(o->beta1, (double)step + 1);
    double correct2 = 1 - pow(o->beta2, (double)step + 1);
    for (size_t k = 0; k < s->problem->size; k++) {
        double g = s->gradient[k];
        if (o->rule == CF_DESCENT_PLAIN) {
            s->y[k] -= o->rate * g;
        } else if (o->rule == CF_DESCENT_MOMENTUM) {
            s->first[k] = o->momentum * s->first[k] + g;
            s->y[k] -= o->rate * s->first[k];
        } else {
            s->first[k] = o->beta1 * s->first[k] + (1 - o->beta1) * g;
            s->second[k] = o->beta2 * s->second[k] + (1 - o->beta2) * g * g;
            s->y[k] -=
                o->rate * (s->first[k] / correct1) / (sqrt(s->second[k] / correct2) + o->epsilon);
        }
    }
}

static double square(const double *g, size_t count)
{
    double total = 0;
    for (size_t k = 0; k < count; k++)
        total += g[k] * g[k];
    return total;
}

static cf_status diverged(descent *s, long step, const cf_err *reason)
{
    s->result->outcome = CF_RUN_FAILED;
    s->result->failure = (cf_err){0};
    cf_fail(&s->result->failure, CF_ENUMERIC,
            "training diverged at step %ld (t = %.6g)%s%s; lower the learning rate", step,
            (double)step * s->dt, reason->status != CF_OK ? ": " : "", reason->message);
    s->stop = true;
    return CF_OK;
}

/* One step; a breakdown of the numbers ends the training without being an error. */
static cf_status advance(descent *s, long step, cf_err *err)
{
    cf_err reason = {0};
    cf_status status = s->problem->gradient(s->problem->system, step, s->y, s->gradient, &reason);
    s->result->counts.rhs_evaluations++;
    double size = status == CF_OK ? square(s->gradient, s->problem->size) : NAN;
    if (status == CF_ENUMERIC || (status == CF_OK && !isfinite(size)))
        return diverged(s, step, &reason);
    if (status != CF_OK)
        return cf_fail(err, status, "%s", reason.message);
    s->q += s->options->rule == CF_DESCENT_PLAIN ? s->options->rate * size : NAN;
    update(s, step);
    s->result->counts.steps = step + 1;
    s->result->t = (double)(step + 1) * s->dt;
    return CF_OK;
}

/* Sign changes since the last look. */
static cf_status look(descent *s, cf_err *err)
{
    const cf_descent_problem *p = s->problem;
    double g[MOST_ROOTS], t = s->result->t;
    cf_status status = p->roots == 0 ? CF_OK : p->root(p->system, t, s->y, g, err);
    for (size_t k = 0; k < p->roots && status == CF_OK; k++) {
        double before = s->root[k], share = before / (before - g[k]);
        if (t > 0 && before * g[k] <= 0 && before != 0 && !s->stop) {
            double when = s->root_time + share * (t - s->root_time);
            status = s->calls->event(s->calls->context, when, s->y, &s->q, k,
                                     g[k] > before ? 1 : -1, &s->stop, err);
            if (s->stop)
                s->result->outcome = CF_RUN_STOPPED_BY_EVENT;
        }
        s->root[k] = g[k];
    }
    s->root_time = t;
    return status;
}

/* The step after which output k is due. */
static long due(const descent *s, const double *times, size_t count, size_t k)
{
    if (k >= count || times[k] / s->dt >= (double)s->options->steps)
        return s->options->steps;
    return lround(times[k] / s->dt);
}

static cf_status put_out(descent *s, cf_err *err)
{
    return s->calls->output(s->calls->context, s->result->t, s->y, &s->q, err);
}

static bool goes_on(descent *s)
{
    const cf_integration_calls *calls = s->calls;
    if (s->stop || calls->advance == NULL)
        return !s->stop;
    if (calls->advance(calls->context, s->result->t, &s->result->counts))
        return true;
    s->result->outcome = CF_RUN_INTERRUPTED;
    return false;
}

static cf_status descend(descent *s, const double *times, size_t count, cf_err *err)
{
    size_t next = 0;
    double last = -1; /* time of the last output */
    cf_status status = look(s, err);
    for (long step = 0; status == CF_OK && step <= s->options->steps; step++) {
        if (step == due(s, times, count, next)) {
            while (next < count && due(s, times, count, next) <= step)
                next++;
            status = put_out(s, err);
            last = s->result->t;
        }
        if (status != CF_OK || step == s->options->steps)
            break;
        status = advance(s, step, err);
        if (status == CF_OK && !s->stop && (step + 1) % s->problem->stride == 0)
            status = look(s, err);
        if (status == CF_OK && !goes_on(s))
            break;
    }
    bool early =
        s->result->outcome == CF_RUN_INTERRUPTED || s->result->outcome == CF_RUN_STOPPED_BY_EVENT;
    return status == CF_OK && early && s->result->t > last ? put_out(s, err) : status;
}

static void name_method(const cf_descent_options *options, char *text, size_t size)
{
    static const char *const names[] = {"sgd", "momentum", "adam"};
    snprintf(text, size, "%s", names[options->rule]);
}

cf_status cf_descend(const cf_descent_problem *problem, const cf_descent_options *options,
                     const double *times, size_t count, const double *y0,
                     const cf_integration_calls *calls, cf_integration *result, cf_err *err)
{
    *result = (cf_integration){.outcome = CF_RUN_COMPLETE};
    if (problem->roots > MOST_ROOTS)
        return cf_fail(err, CF_EINPUT, "descent: %zu event functions, but at most %d",
                       problem->roots, MOST_ROOTS);
    name_method(options, result->method, sizeof result->method);
    size_t size = problem->size;
    double *memory = cf_allocate("descent", 4 * size, sizeof *memory, err);
    if (memory == NULL)
        return CF_ESYSTEM;
    descent s = {.problem = problem,
                 .options = options,
                 .calls = calls,
                 .result = result,
                 .y = memory,
                 .gradient = memory + size,
                 .first = memory + 2 * size,
                 .second = memory + 3 * size,
                 .dt = options->time_step};
    memcpy(s.y, y0, size * sizeof *y0);
    cf_status status = descend(&s, times, count, err);
    free(memory);
    return status;
}
