#define _POSIX_C_SOURCE 200809L
#include "contraflow/run/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "assembly.h"
#include "checkpoint.h"
#include "collect.h"
#include "contraflow/models/observer.h"
#include "contraflow/run/file.h"
#include "contraflow/solver/memory.h"
#include "distances.h"
#include "provenance.h"

/* What the steps of one run share. */
typedef struct {
    const cf_parts *parts;
    const cf_run_hooks *hooks;
    cf_result *result;
    size_t flow;
    bool interrupted, stopped;
    cf_collector *collector;
    cf_checkpoint *checkpoint; /* or NULL */
    bool resuming;             /* the flow goes on from the checkpoint */
    double *none;              /* integrals and companions of the flow at its start */
    double started, before;    /* clock at which the flow began; seconds it took earlier */
} session;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static const char *flow_name(const cf_parts *parts, size_t flow)
{
    return parts->problem->flows[flow].name;
}

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    return cf_collect_output(((session *)context)->collector, t, y, q, err);
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    return cf_collect_event(((session *)context)->collector, t, y, q, root, direction, stop, err);
}

static bool advance(void *context, double t, const cf_counts *counts)
{
    session *s = context;
    const cf_problem *problem = s->parts->problem;
    const cf_progress progress = {
        flow_name(s->parts, s->flow), s->flow, problem->flow_count, t, problem->end, counts};
    if (s->hooks->progress != NULL)
        s->hooks->progress(s->hooks->context, &progress);
    s->interrupted = s->hooks->interrupted != NULL && s->hooks->interrupted(s->hooks->context);
    return !s->interrupted;
}

static cf_status restart(void *context, double t, const cf_archive *state, cf_err *err)
{
    (void)t;
    session *s = context;
    const cf_checkpoint_place place = {
        .flow = s->flow, .stopped = s->stopped, .seconds = s->before + seconds_now() - s->started};
    return cf_checkpoint_offer(s->checkpoint, state, s->collector, s->result, &place, err);
}

/* A start below the collapse norm has no root to cross: it has collapsed already. */
static cf_status start_collapsed(session *s, cf_flow *flow, cf_integration *run, bool *collapsed,
                                 cf_err *err)
{
    const cf_ode *ode = cf_flow_ode(flow);
    bool stop = false;
    double *g = cf_allocate("events", ode->roots, sizeof *g, err);
    *collapsed = false;
    cf_status status = g == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK && ode->roots > 0)
        status = ode->root(ode->system, 0, cf_flow_start(flow), g, err);
    for (size_t k = 0; k < ode->roots && status == CF_OK; k++)
        if (cf_flow_root(flow, k) == CF_ROOT_COLLAPSE && g[k] <= 0) {
            memset(run, 0, sizeof *run);
            run->outcome = CF_RUN_STOPPED_BY_EVENT;
            snprintf(run->method, sizeof run->method, "none");
            *collapsed = true;
            status = output(s, 0, cf_flow_start(flow), s->none, err);
            if (status == CF_OK)
                status = event(s, 0, cf_flow_start(flow), s->none, k, -1, &stop, err);
        }
    free(g);
    return status;
}

/* The collector sees the start, as it must, and then what it had gathered. */
static cf_status resume(session *s, cf_flow *flow, cf_integration_calls *calls, cf_err *err)
{
    s->resuming = false;
    cf_status status = output(s, 0, cf_flow_start(flow), s->none, err);
    return status == CF_OK ? cf_checkpoint_resume(s->checkpoint, s->collector, &calls->resumed, err)
                           : status;
}

static cf_status integrate(session *s, const cf_assembly *assembly, cf_integration *run,
                           cf_err *err)
{
    const cf_parts *parts = s->parts;
    cf_flow *flow = assembly->flow;
    const cf_integrator_options options = cf_setup_integrator(parts->problem);
    cf_integration_calls calls = {
        .context = s, .output = output, .event = event, .advance = advance};
    if (parts->problem->checkpoint != NULL)
        calls.restart_steps = parts->problem->checkpoint->restart_steps;
    if (s->checkpoint != NULL)
        calls.restart = restart;
    bool collapsed = false;
    cf_status status = start_collapsed(s, flow, run, &collapsed, err);
    if (status == CF_OK && !collapsed && s->resuming)
        status = resume(s, flow, &calls, err);
    if (status != CF_OK || collapsed)
        return status;
    if (assembly->training != NULL)
        return cf_descend(cf_training_problem(assembly->training),
                          cf_training_rule(assembly->training), parts->times, parts->time_count,
                          cf_flow_start(flow), &calls, run, err);
    return cf_integrate(cf_flow_ode(flow), &options, parts->times, parts->time_count,
                        cf_flow_start(flow), &calls, run, err);
}

/* Numbers that break down where a flow begins end this flow, as they do later, and not the run. */
static cf_status heed(cf_status status, cf_integration *run, cf_err *err)
{
    if (status != CF_ENUMERIC)
        return status;
    *run = (cf_integration){.outcome = CF_RUN_FAILED, .failure = *err};
    snprintf(run->method, sizeof run->method, "none");
    *err = (cf_err){0};
    return CF_OK;
}

static const char *status_name(const session *s, const cf_integration *run)
{
    switch (run->outcome) {
    case CF_RUN_COMPLETE:
        return "complete";
    case CF_RUN_STOPPED_BY_EVENT:
        return cf_collector_collapsed(s->collector) ? "norm-collapse" : "complete";
    case CF_RUN_INTERRUPTED:
        return "interrupted";
    default:
        return "failed";
    }
}

static const char *message_of(const session *s, const cf_integration *run)
{
    if (run->outcome == CF_RUN_FAILED)
        return run->failure.message;
    if (run->outcome == CF_RUN_INTERRUPTED)
        return "interrupted; everything up to observed_until is here";
    const char *message = cf_collector_message(s->collector);
    bool other = message[0] == '\0' && s->checkpoint != NULL;
    return other ? cf_checkpoint_message(s->checkpoint) : message;
}

/* The neural flow that a network approaches as its width grows; "" where there is none. */
static const char *limit_of(const cf_problem *problem, const cf_network_options *network)
{
    cf_mlp limit;
    if (!cf_network_limit(network, &limit))
        return "";
    for (size_t f = 0; f < problem->flow_count; f++) {
        const cf_variant *kernel = &problem->flows[f].options->kernel;
        const cf_mlp *mlp = kernel->options;
        if (kernel->kind == &cf_mlp_kind && mlp->hidden_layers == limit.hidden_layers &&
            mlp->activation == limit.activation && mlp->slope == limit.slope &&
            mlp->weight_variance == limit.weight_variance &&
            mlp->bias_variance == limit.bias_variance)
            return problem->flows[f].name;
    }
    return "";
}

/* What tells the flows of a family apart, and what they have in common. */
static cf_status describe_network(const cf_problem *problem, size_t f, cf_group *group, cf_err *err)
{
    const cf_problem_flow *flow = &problem->flows[f];
    const cf_network_options *network = flow->options->network.options;
    if (network == NULL)
        return CF_OK;
    cf_status status = cf_group_set_text(group, "family", flow->options->name, err);
    if (status == CF_OK)
        status = cf_group_set_text(group, "limit", limit_of(problem, network), err);
    if (status == CF_OK)
        status = cf_group_set_integer(group, "width", (long)cf_network_width(network, flow->row, 0),
                                      err);
    return status == CF_OK ? cf_group_set_integer(group, "seed", flow->seed, err) : status;
}

static cf_status describe(session *s, const cf_assembly *assembly, const cf_integration *run,
                          double seconds, cf_err *err)
{
    const cf_integrator_section *section = &s->parts->problem->integrator;
    const char *name = flow_name(s->parts, s->flow);
    bool steps = assembly->training != NULL;
    char path[512];
    snprintf(path, sizeof path, "/flows/%s", name);
    cf_group *group = NULL;
    cf_status status = cf_result_add_group(s->result, path, &group, err);
    const char *const texts[][2] = {
        {"kind", s->parts->problem->flows[s->flow].kind->name},
        {"representation", s->parts->problem->flows[s->flow].model->representation},
        {"status", status_name(s, run)},
        {"message", message_of(s, run)},
        {"method", run->method},
        {"engine", cf_flow_engine(assembly->flow)},
        {"kernel_engine",
         assembly->kernel == NULL ? "" : cf_kernel_action_engine(assembly->kernel)}};
    const struct {
        const char *name;
        double value;
    } reals[] = {{"rtol", steps ? NAN : section->rtol}, /* a training has no tolerance */
                 {"atol", steps ? NAN : section->atol},
                 {"wall_seconds", seconds}};
    const struct {
        const char *name;
        long value;
    } integers[] = {{"steps", run->counts.steps},
                    {"rhs_evaluations", run->counts.rhs_evaluations},
                    {"jacobian_products", run->counts.jacobian_products},
                    {"linearizations", run->counts.linearizations},
                    {"error_test_failures", run->counts.error_test_failures},
                    {"convergence_failures", run->counts.convergence_failures}};
    for (size_t k = 0; k < sizeof texts / sizeof *texts && status == CF_OK; k++)
        status = cf_group_set_text(group, texts[k][0], texts[k][1], err);
    for (size_t k = 0; k < 3 && status == CF_OK; k++)
        status = cf_group_set_real(group, reals[k].name, reals[k].value, err);
    for (size_t k = 0; k < 6 && status == CF_OK; k++)
        status = cf_group_set_integer(group, integers[k].name, integers[k].value, err);
    if (status == CF_OK)
        status = describe_network(s->parts->problem, s->flow, group, err);
    return status == CF_OK ? cf_collector_write(s->collector, name, s->result, err) : status;
}

/* Of a training, in time; 0 for a flow. */
static double step_of(const cf_assembly *assembly)
{
    return assembly->training == NULL ? 0 : cf_training_rule(assembly->training)->time_step;
}

static cf_status create_none(session *s, const cf_ode *ode, cf_err *err)
{
    s->none = cf_allocate("integrals", ode->quadratures + ode->companions, sizeof *s->none, err);
    return s->none == NULL ? CF_ESYSTEM : CF_OK;
}

static cf_status run_flow(session *s, cf_err *err)
{
    cf_assembly *assembly = NULL;
    cf_integration run;
    s->started = seconds_now();
    cf_status status = cf_assembly_create(s->parts, s->flow, &assembly, err);
    if (status == CF_OK)
        status =
            cf_collector_create(s->parts, assembly->flow, step_of(assembly), &s->collector, err);
    if (status == CF_OK)
        status = create_none(s, cf_flow_ode(assembly->flow), err);
    if (status == CF_OK)
        status = heed(integrate(s, assembly, &run, err), &run, err);
    free(s->none);
    s->none = NULL;
    if (status == CF_OK && s->interrupted && s->checkpoint != NULL)
        status = cf_checkpoint_write(s->checkpoint, s->collector, s->result, err);
    if (status == CF_OK)
        status = describe(s, assembly, &run, s->before + seconds_now() - s->started, err);
    if (status == CF_OK && (run.outcome == CF_RUN_FAILED || cf_collector_collapsed(s->collector)))
        s->stopped = true;
    cf_collector_free(&s->collector);
    cf_assembly_free(&assembly);
    return status == CF_OK ? CF_OK : cf_err_prepend(err, "flow %s: ", flow_name(s->parts, s->flow));
}

static cf_status write_result(session *s, const char *path, const char *state, cf_err *err)
{
    cf_status status = cf_provenance_finish(s->result, state, err);
    return status == CF_OK && path != NULL ? cf_result_write(s->result, path, err) : status;
}

/* The target must be writable, and none of the files that the run reads. */
static cf_status check_target(const cf_parts *parts, const char *path, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    bool read = cf_file_same(path, problem->file);
    const char *input;
    for (size_t k = 0; !read && (input = cf_problem_input(problem, k)) != NULL; k++)
        read = cf_file_same(path, input);
    if (read)
        return cf_fail(err, CF_EINPUT,
                       "%s: the result would replace a file that the run reads: name another place "
                       "with -o",
                       path);
    return cf_result_check_target(path, (size_t)cf_parts_result_bytes(parts), err);
}

/* Where the run begins: at its first flow, or where its checkpoint says. */
static cf_status begin(session *s, cf_err *err)
{
    cf_checkpoint_place place = {.flow = 0};
    bool found = false;
    if (s->hooks->checkpoint == NULL || s->parts->problem->checkpoint == NULL)
        return CF_OK;
    cf_status status = cf_checkpoint_create(s->parts, s->hooks->checkpoint, &s->checkpoint, err);
    if (status == CF_OK && s->hooks->resume)
        status = cf_checkpoint_read(s->checkpoint, s->result, &place, &found, err);
    s->flow = place.flow;
    s->stopped = place.stopped;
    s->resuming = found && place.inside;
    s->before = place.seconds;
    return status;
}

static cf_status run_flows(session *s, const char *path, cf_err *err)
{
    size_t flows = s->parts->problem->flow_count;
    cf_status status = CF_OK;
    for (; s->flow < flows && status == CF_OK && !s->interrupted; s->flow++) {
        const cf_checkpoint_place place = {
            .flow = s->flow, .stopped = s->stopped, .seconds = s->before};
        if (s->checkpoint != NULL)
            cf_checkpoint_begin(s->checkpoint, &place);
        status = run_flow(s, err);
        s->before = 0;
        bool last = s->interrupted || s->flow + 1 == flows;
        const char *state = s->interrupted ? "interrupted"
                            : s->stopped   ? "stopped"
                            : last         ? "complete"
                                           : "running";
        const char *reference = s->parts->problem->distances_from;
        if (status == CF_OK && last && reference != NULL)
            status = cf_distances_write(s->result, reference, err);
        if (status == CF_OK)
            status = write_result(s, path, state, err);
    }
    if (status == CF_OK && !s->interrupted && s->checkpoint != NULL)
        cf_checkpoint_remove(s->checkpoint);
    return status;
}

cf_status cf_run(const cf_parts *parts, const char *path, const cf_run_hooks *hooks,
                 cf_result **result, cf_run_end *end, cf_err *err)
{
    session s = {.parts = parts, .hooks = hooks};
    *result = NULL;
    *end = CF_ENDED_COMPLETE;
    cf_status status = path == NULL ? CF_OK : check_target(parts, path, err);
    if (status == CF_OK)
        status = cf_result_create(&s.result, err);
    if (status == CF_OK)
        status = cf_provenance_begin(parts, hooks->command, s.result, err);
    if (status == CF_OK)
        status = begin(&s, err);
    if (status == CF_OK)
        status = run_flows(&s, path, err);
    cf_checkpoint_free(&s.checkpoint);
    if (s.stopped)
        *end = CF_ENDED_BY_NUMBERS;
    if (s.interrupted)
        *end = CF_ENDED_INTERRUPTED;
    *result = s.result;
    return status;
}

enum { TIMED_EVALUATIONS = 20 };
static const double TIMED_SECONDS = 1; /* beyond which fewer will do */

static cf_status evaluate_once(const cf_assembly *assembly, long step, double *rate, cf_err *err)
{
    const cf_ode *ode = cf_flow_ode(assembly->flow);
    const double *start = cf_flow_start(assembly->flow);
    double dissipation;
    if (assembly->training == NULL)
        return ode->rhs(ode->system, 0, start, rate, &dissipation, err);
    const cf_descent_problem *problem = cf_training_problem(assembly->training);
    return problem->gradient(problem->system, step, start, rate, err);
}

/* The first evaluation is a warm-up, unless it takes long. */
static cf_status measure(const cf_assembly *assembly, double *rate, double *seconds, cf_err *err)
{
    double started = seconds_now();
    cf_status status = evaluate_once(assembly, 0, rate, err);
    *seconds = seconds_now() - started;
    if (*seconds > TIMED_SECONDS)
        return status;
    long count = 0;
    started = seconds_now();
    while (status == CF_OK && count < TIMED_EVALUATIONS && *seconds * (double)count < TIMED_SECONDS)
        status = evaluate_once(assembly, ++count, rate, err);
    *seconds = (seconds_now() - started) / (double)count;
    return status;
}

cf_status cf_run_measure_cost(const cf_parts *parts, size_t flow, cf_run_cost *cost, cf_err *err)
{
    double *rate = NULL;
    cf_assembly *assembly = NULL;
    *cost = (cf_run_cost){0};
    cf_status status = cf_assembly_create(parts, flow, &assembly, err);
    if (status == CF_OK)
        rate = cf_allocate("rate", cf_flow_ode(assembly->flow)->size, sizeof *rate, err);
    if (status == CF_OK)
        status = rate == NULL ? CF_ESYSTEM : measure(assembly, rate, &cost->seconds, err);
    if (status == CF_OK && assembly->training != NULL)
        cost->steps = cf_training_rule(assembly->training)->steps;
    if (status == CF_OK && assembly->kernel != NULL)
        snprintf(cost->kernel, sizeof cost->kernel, "%s",
                 cf_kernel_action_engine(assembly->kernel));
    free(rate);
    cf_assembly_free(&assembly);
    return status;
}
