#include "contraflow/run/rest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assembly.h"
#include "contraflow/models/flow.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/memory.h"
#include "provenance.h"

enum { STRETCHES = 20, NEWTON_STEPS = 60 };

static const double STRETCH = 4; /* each part of the run is so much longer than the one before */
static const double SLOW = 1e-9; /* beside the largest speed: here Newton's method begins */
static const double RESTING = 1e-14; /* speed times sqrt(tau): rounding */
static const double GAIN = 1e-10;    /* of the loss, by all of the next stretch: creeping */
static const double CLOSE = 1e-11;

/* --- the flow --- */

typedef struct {
    cf_flow *flow;
    double *y;             /* [size] the last output */
    double speed, largest; /* there, and at any output */
    bool (*interrupted)(void *context);
} journey;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)q;
    journey *j = context;
    cf_flow_state state = {.loss = 0};
    memcpy(j->y, y, cf_flow_ode(j->flow)->size * sizeof *y);
    cf_status status = cf_flow_observe(j->flow, t, j->y, &state, err);
    j->speed = sqrt(state.dissipation);
    j->largest = fmax(j->largest, j->speed);
    return status;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)err;
    *stop = false;
    return CF_OK;
}

static bool advance(void *context, double t, const cf_counts *counts)
{
    (void)t, (void)counts;
    const journey *j = context;
    return j->interrupted == NULL || !j->interrupted(NULL);
}

/* From t to the time `end`, starting at and ending with j->y. */
static cf_status travel(const cf_parts *parts, journey *j, double t, double end, cf_err *err)
{
    const cf_integrator_options options = cf_setup_integrator(parts->problem);
    const cf_integration_calls calls = {
        .context = j, .output = output, .event = event, .advance = advance};
    const double times[] = {t, end};
    cf_integration run;
    cf_status status =
        cf_integrate(cf_flow_ode(j->flow), &options, times, 2, j->y, &calls, &run, err);
    if (status != CF_OK)
        return status;
    if (run.outcome == CF_RUN_FAILED)
        return cf_fail(err, CF_ENUMERIC, "the flow to rest: %s", run.failure.message);
    return run.outcome == CF_RUN_INTERRUPTED ? cf_fail(err, CF_ENUMERIC, "interrupted") : CF_OK;
}

static cf_status flow_to_rest(const cf_parts *parts, bool (*interrupted)(void *), cf_rest *rest,
                              cf_err *err)
{
    const cf_flow_setup setup = {.data = parts->rows,
                                 .latent = parts->latent,
                                 .loss = parts->loss,
                                 .start = parts->start,
                                 .threshold = parts->problem->cluster_threshold};
    journey j = {.speed = INFINITY, .y = rest->z, .interrupted = interrupted};
    double resting = RESTING / sqrt(parts->loss.eta.tau), end = 1;
    cf_status status = cf_flow_kind_find("vanilla", "particles")->create(&setup, &j.flow, err);
    if (status == CF_OK)
        memcpy(rest->z, cf_flow_start(j.flow), rest->n * rest->d * sizeof *rest->z);
    for (int k = 0; k < STRETCHES && status == CF_OK; k++, end *= STRETCH) {
        if (!(j.speed > fmax(SLOW * j.largest, resting)) || !(j.speed * j.speed * end > GAIN))
            break;
        status = travel(parts, &j, rest->time, end, err);
        rest->time = end;
    }
    rest->speed = j.speed;
    cf_flow_free(&j.flow);
    return status;
}

/* The integrator lets norms drift within its tolerance. */
static void normalize(cf_rest *rest)
{
    for (size_t i = 0; i < rest->n; i++) {
        double *z = rest->z + i * rest->d, square = 0;
        for (size_t k = 0; k < rest->d; k++)
            square += z[k] * z[k];
        for (size_t k = 0; k < rest->d; k++)
            z[k] /= sqrt(square);
    }
}

/* --- the state --- */

static cf_status check(const cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    if (!parts->latent.sphere) {
        cf_fail(err, CF_EINPUT,
                "latent.space = euclidean: must be sphere: in R^d points repel each other for ever "
                "and there is no rest");
        return cf_problem_blame(problem, "latent", err);
    }
    if (parts->views > 1) {
        cf_fail(err, CF_EINPUT, "augmentation: stationary states are those of one view of a point");
        return cf_problem_blame(problem, "augmentation", err);
    }
    return CF_OK;
}

void cf_rest_free(cf_rest **rest)
{
    if (*rest != NULL) {
        cf_stationary_free(&(*rest)->state);
        free((*rest)->z);
        free(*rest);
    }
    *rest = NULL;
}

cf_status cf_rest_create(const cf_parts *parts, bool (*interrupted)(void *context), cf_rest **out,
                         cf_err *err)
{
    *out = NULL;
    cf_status status = check(parts, err);
    if (status != CF_OK)
        return status;
    cf_rest *rest = cf_allocate("rest", 1, sizeof *rest, err);
    *out = rest;
    if (rest == NULL)
        return CF_ESYSTEM;
    rest->n = parts->rows->n;
    rest->d = parts->latent.dimension;
    rest->z = cf_allocate("rest", rest->n * rest->d, sizeof *rest->z, err);
    status = rest->z == NULL ? CF_ESYSTEM : flow_to_rest(parts, interrupted, rest, err);
    const cf_stationary_setup setup = {&parts->loss, parts->rows->weights, rest->n, rest->d};
    const cf_stationary_options options = {.steps = NEWTON_STEPS, .tolerance = CLOSE};
    if (status == CF_OK) {
        normalize(rest);
        status = cf_stationary_create(&setup, &options, rest->z, &rest->state, err);
    }
    if (status == CF_OK)
        status = cf_uniform_loss(&parts->loss, rest->d, &rest->uniform, err);
    if (status != CF_OK)
        cf_rest_free(out);
    return status;
}

/* --- the result --- */

static cf_status write_numbers(const cf_rest *rest, cf_group *group, cf_err *err)
{
    const cf_stationary *s = rest->state;
    const struct {
        const char *name;
        double value;
    } reals[] = {{"loss", s->loss},           {"uniform_loss", rest->uniform},
                 {"residual", s->residual},   {"flow_time", rest->time},
                 {"flow_speed", rest->speed}, {"newton_length", s->search.moved}};
    const struct {
        const char *name;
        size_t value;
    } counts[] = {{"unstable", s->unstable},
                  {"neutral", s->neutral},
                  {"rotations", s->spectrum->symmetries},
                  {"complete", s->spectrum->complete},
                  {"newton_steps", (size_t)s->search.steps}};
    cf_status status = CF_OK;
    for (size_t k = 0; k < sizeof reals / sizeof *reals && status == CF_OK; k++)
        status = cf_group_set_real(group, reals[k].name, reals[k].value, err);
    for (size_t k = 0; k < sizeof counts / sizeof *counts && status == CF_OK; k++)
        status = cf_group_set_integer(group, counts[k].name, (long)counts[k].value, err);
    return status;
}

static cf_status write_arrays(const cf_rest *rest, cf_result *result, cf_group *group, cf_err *err)
{
    const cf_stationary *s = rest->state;
    const cf_record start = {.name = "start",
                             .unit = "1",
                             .equation = "E90",
                             .rank = 2,
                             .dims = {rest->n, rest->d},
                             .real = rest->z};
    cf_record values = {.name = "eigenvalue",
                        .unit = "1/time",
                        .equation = "E90",
                        .rank = 1,
                        .dims = {s->spectrum->count},
                        .real = s->spectrum->values};
    cf_status status = cf_group_add(cf_result_group(result, "/"), &start, err);
    if (status == CF_OK && s->spectrum->count > 0)
        status = cf_group_add(group, &values, err);
    values.name = "eigenvalue_error";
    values.real = s->spectrum->bounds;
    if (status == CF_OK && s->spectrum->count > 0)
        status = cf_group_add(group, &values, err);
    const cf_record splitting = {.name = "splitting",
                                 .unit = "1/time",
                                 .equation = "E92",
                                 .rank = 2,
                                 .dims = {rest->n, rest->d - 1},
                                 .real = s->splitting};
    return status == CF_OK && s->splitting != NULL ? cf_group_add(group, &splitting, err) : status;
}

cf_status cf_rest_write(const cf_rest *rest, const cf_parts *parts, const char *command,
                        const char *path, cf_err *err)
{
    cf_result *result = NULL;
    cf_group *group = NULL;
    cf_status status = cf_result_create(&result, err);
    if (status == CF_OK)
        status = cf_provenance_begin(parts, command, result, err);
    if (status == CF_OK)
        status = cf_result_add_group(result, "/stationary", &group, err);
    if (status == CF_OK)
        status = write_numbers(rest, group, err);
    if (status == CF_OK)
        status = write_arrays(rest, result, group, err);
    if (status == CF_OK)
        status = cf_provenance_finish(result, "complete", err);
    if (status == CF_OK)
        status = cf_result_write(result, path, err);
    cf_result_free(&result);
    return status;
}
