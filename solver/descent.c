#include "contraflow/solver/descent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { MANY = 65536 }; /* entries below which waking threads costs more than it saves */

typedef struct {
    const cf_descent_problem *problem;
    const cf_descent_options *options;
    const cf_integration_calls *calls;
    cf_integration *result;
    const double *times; /* [count] of the outputs */
    size_t count, next;
    double *y, *gradient, *first, *second; /* [size]; the averages of momentum and Adam */
    double q, last;                        /* last: time of the last output, -1 before it */
    double *root, *g, root_time;           /* [roots] at the last look, and at the present one */
    bool stop;
} descent;

/* --- rules --- */

static void plain(descent *s)
{
    size_t size = s->problem->size;
    double rate = s->options->rate;
#pragma omp parallel for schedule(static) if (size >= MANY)
    for (size_t k = 0; k < size; k++)
        s->y[k] -= rate * s->gradient[k];
}

static void heavy_ball(descent *s)
{
    size_t size = s->problem->size;
    double rate = s->options->rate, momentum = s->options->momentum;
#pragma omp parallel for schedule(static) if (size >= MANY)
    for (size_t k = 0; k < size; k++) {
        s->first[k] = momentum * s->first[k] + s->gradient[k];
        s->y[k] -= rate * s->first[k];
    }
}

/* The averages start at 0; dividing by 1 - beta^steps makes up for that. */
static void adam(descent *s)
{
    const cf_descent_options *o = s->options;
    size_t size = s->problem->size;
    double steps = (double)s->result->counts.steps + 1;
    double correct1 = 1 - pow(o->beta1, steps), correct2 = 1 - pow(o->beta2, steps);
#pragma omp parallel for schedule(static) if (size >= MANY)
    for (size_t k = 0; k < size; k++) {
        double g = s->gradient[k];
        s->first[k] = o->beta1 * s->first[k] + (1 - o->beta1) * g;
        s->second[k] = o->beta2 * s->second[k] + (1 - o->beta2) * g * g;
        s->y[k] -=
            o->rate * (s->first[k] / correct1) / (sqrt(s->second[k] / correct2) + o->epsilon);
    }
}

static const struct {
    const char *name;
    size_t averages; /* arrays of the size of y that it keeps */
    void (*update)(descent *s);
} rules[] = {[CF_DESCENT_PLAIN] = {"sgd", 0, plain},
             [CF_DESCENT_MOMENTUM] = {"momentum", 1, heavy_ball},
             [CF_DESCENT_ADAM] = {"adam", 2, adam}};

static size_t array_count(const cf_descent_options *options)
{
    return 2 + rules[options->rule].averages;
}

double cf_descent_bytes(const cf_descent_options *options, size_t size)
{
    return (double)(array_count(options) * sizeof(double)) * (double)size;
}

long cf_descent_steps(double time_step, double end)
{
    return lround(fmin(end / time_step, 1e18));
}

/* --- one step --- */

static double square(const double *g, size_t count)
{
    double total = 0;
    for (size_t k = 0; k < count; k++)
        total += g[k] * g[k];
    return total;
}

/* A breakdown of the numbers ends the training and is no error; other failures of a callback are
 * passed on. */
static cf_status heed(descent *s, cf_status status, const cf_err *reason, cf_err *err)
{
    if (status == CF_OK)
        return CF_OK;
    if (status != CF_ENUMERIC)
        return cf_fail(err, status, "%s", reason->message);
    s->result->outcome = CF_RUN_FAILED;
    s->result->failure = (cf_err){0};
    cf_fail(&s->result->failure, CF_ENUMERIC,
            "training diverged at step %ld (t = %.6g): %s; lower the learning rate",
            s->result->counts.steps, s->result->t, reason->message);
    s->stop = true;
    return CF_OK;
}

static cf_status advance(descent *s, cf_err *err)
{
    const cf_descent_problem *p = s->problem;
    cf_err reason = {0};
    long step = s->result->counts.steps;
    cf_status status = p->gradient(p->system, step, s->y, s->gradient, &reason);
    double size = status == CF_OK ? square(s->gradient, p->size) : 0;
    s->result->counts.rhs_evaluations++;
    if (!isfinite(size))
        status = cf_fail(&reason, CF_ENUMERIC, "the gradient is not finite");
    if (status != CF_OK)
        return heed(s, status, &reason, err);
    s->q += s->options->rule == CF_DESCENT_PLAIN ? s->options->rate * size : NAN;
    rules[s->options->rule].update(s);
    s->result->counts.steps = step + 1;
    s->result->t = (double)(step + 1) * s->options->time_step;
    return CF_OK;
}

/* --- events and outputs --- */

static cf_status put_out(descent *s, cf_err *err)
{
    cf_err reason = {0};
    cf_status status = s->calls->output(s->calls->context, s->result->t, s->y, &s->q, &reason);
    s->last = s->result->t;
    return heed(s, status, &reason, err);
}

/* A sign change of component k since the last look, which found `before`. */
static cf_status report(descent *s, size_t k, double before, double now, cf_err *err)
{
    cf_err reason = {0};
    double share = before / (before - now);
    double when = s->root_time + share * (s->result->t - s->root_time);
    cf_status status = s->calls->event(s->calls->context, when, s->y, &s->q, k,
                                       now > before ? 1 : -1, &s->stop, &reason);
    if (status == CF_OK && s->stop)
        s->result->outcome = CF_RUN_STOPPED_BY_EVENT;
    return heed(s, status, &reason, err);
}

static cf_status look(descent *s, cf_err *err)
{
    const cf_descent_problem *p = s->problem;
    cf_err reason = {0};
    cf_status status =
        p->roots == 0 ? CF_OK : p->root(p->system, s->result->t, s->y, s->g, &reason);
    if (status != CF_OK)
        return heed(s, status, &reason, err);
    for (size_t k = 0; k < p->roots && status == CF_OK && !s->stop; k++) {
        double before = s->root[k];
        s->root[k] = s->g[k];
        if (s->result->counts.steps > 0 && before != 0 && before * s->g[k] <= 0)
            status = report(s, k, before, s->g[k], err);
    }
    s->root_time = s->result->t;
    return status;
}

/* --- the whole training --- */

/* The step after which the next output is put out. */
static long due(const descent *s)
{
    long last = s->options->steps;
    if (s->next >= s->count)
        return last;
    long step = cf_descent_steps(s->options->time_step, s->times[s->next]);
    return step < last ? step : last;
}

/* Times that share a step share an output. */
static cf_status put_out_if_due(descent *s, cf_err *err)
{
    long step = s->result->counts.steps;
    if (step != due(s))
        return CF_OK;
    while (s->next < s->count && due(s) == step)
        s->next++;
    return put_out(s, err);
}

/* All that the rest of the training depends on. */
static cf_status pass_state(descent *s, cf_archive *archive, cf_err *err)
{
    size_t arrays = array_count(s->options) - 1; /* all but the gradient */
    double *const states[] = {s->y, s->first, s->second};
    const struct {
        void *field;
        size_t size;
    } fields[] = {{&s->next, sizeof s->next},
                  {&s->q, sizeof s->q},
                  {&s->last, sizeof s->last},
                  {s->root, s->problem->roots * sizeof *s->root},
                  {&s->root_time, sizeof s->root_time},
                  {&s->result->t, sizeof s->result->t},
                  {&s->result->counts, sizeof s->result->counts}};
    cf_status status = CF_OK;
    for (size_t k = 0; k < sizeof fields / sizeof *fields && status == CF_OK; k++)
        status = cf_archive_pass(archive, fields[k].field, fields[k].size, err);
    for (size_t k = 0; k < arrays && status == CF_OK; k++)
        status = cf_archive_pass(archive, states[k], s->problem->size * sizeof(double), err);
    return status;
}

/* Steps have no history: a training need not begin anew, only offer its state. */
static cf_status store_if_due(descent *s, cf_err *err)
{
    const cf_integration_calls *calls = s->calls;
    if (s->stop || calls->restart == NULL || calls->restart_steps <= 0 ||
        s->result->counts.steps % calls->restart_steps != 0)
        return CF_OK;
    cf_archive archive = {.bytes = NULL};
    cf_status status = pass_state(s, &archive, err);
    if (status == CF_OK)
        status = calls->restart(calls->context, s->result->t, &archive, err);
    cf_archive_release(&archive);
    return status;
}

static bool interrupted(descent *s)
{
    const cf_integration_calls *calls = s->calls;
    if (calls->advance == NULL || calls->advance(calls->context, s->result->t, &s->result->counts))
        return false;
    s->result->outcome = CF_RUN_INTERRUPTED;
    s->stop = true;
    return true;
}

static cf_status descend(descent *s, cf_err *err)
{
    const cf_counts *counts = &s->result->counts;
    bool resumed = s->calls->resumed != NULL;
    cf_status status = resumed ? pass_state(s, s->calls->resumed, err) : look(s, err);
    if (status == CF_OK && !s->stop && !resumed)
        status = put_out_if_due(s, err);
    while (status == CF_OK && !s->stop && counts->steps < s->options->steps) {
        status = advance(s, err);
        if (status == CF_OK && !s->stop && counts->steps % s->problem->stride == 0)
            status = look(s, err);
        if (status == CF_OK && !s->stop && !interrupted(s))
            status = put_out_if_due(s, err);
        if (status == CF_OK)
            status = store_if_due(s, err);
    }
    cf_outcome outcome = s->result->outcome;
    bool early = outcome == CF_RUN_INTERRUPTED || outcome == CF_RUN_STOPPED_BY_EVENT;
    return status == CF_OK && early && s->result->t > s->last ? put_out(s, err) : status;
}

cf_status cf_descend(const cf_descent_problem *problem, const cf_descent_options *options,
                     const double *times, size_t count, const double *y0,
                     const cf_integration_calls *calls, cf_integration *result, cf_err *err)
{
    *result = (cf_integration){.outcome = CF_RUN_COMPLETE};
    snprintf(result->method, sizeof result->method, "%s", rules[options->rule].name);
    size_t size = problem->size, states = array_count(options) * size;
    double *memory = cf_allocate("descent", states + 2 * problem->roots, sizeof *memory, err);
    if (memory == NULL)
        return CF_ESYSTEM;
    descent s = {.problem = problem,
                 .options = options,
                 .calls = calls,
                 .result = result,
                 .times = times,
                 .count = count,
                 .y = memory,
                 .gradient = memory + size,
                 .root = memory + states,
                 .g = memory + states + problem->roots,
                 .last = -1};
    s.first = rules[options->rule].averages > 0 ? memory + 2 * size : NULL;
    s.second = rules[options->rule].averages > 1 ? memory + 3 * size : NULL;
    memcpy(s.y, y0, size * sizeof *y0);
    cf_status status = descend(&s, err);
    free(memory);
    return status;
}
