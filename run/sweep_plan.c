#define _POSIX_C_SOURCE 200809L
#include "sweep_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/sobol.h"
#include "yaml_tree.h"

static const double MOST_RUNS = 1e7;

/* --- the values of an axis --- */

static const cf_axis *axis_of(const cf_sweep_plan *plan, size_t axis)
{
    return &plan->problem->sweep->axes.items[axis];
}

static size_t count_of(const cf_axis *axis)
{
    size_t count = axis->ranged ? (size_t)axis->range.count : axis->values.count;
    return count > 0 ? count : 1; /* a range without a count serves Sobol sequences only */
}

/* Twelve digits: equal ratios give the round numbers that are meant. */
static void write_number(const cf_range *range, double part, char text[40])
{
    double value = range->spacing == CF_SPACING_LOG
                       ? range->from * pow(range->to / range->from, part)
                       : range->from + (range->to - range->from) * part;
    snprintf(text, 40, "%.12g", value);
}

static cf_status assign(cf_sweep_plan *plan, size_t point, size_t axis, size_t index, double part,
                        cf_err *err)
{
    const cf_axis *from = axis_of(plan, axis);
    char number[40];
    if (from->ranged)
        write_number(&from->range, part, number);
    const char *value = from->ranged ? number : from->values.values[index];
    size_t place = point * plan->axes + axis, size = strlen(from->key) + strlen(value) + 2;
    char *text = cf_allocate("sweep", size, 1, err);
    if (text == NULL)
        return CF_ESYSTEM;
    snprintf(text, size, "%s=%s", from->key, value);
    plan->assignments[place] = text;
    plan->coordinates[place] = part;
    return CF_OK;
}

const char *cf_sweep_plan_key(const cf_sweep_plan *plan, size_t axis)
{
    return axis_of(plan, axis)->key;
}

const char *cf_sweep_plan_value(const cf_sweep_plan *plan, size_t point, size_t axis)
{
    return plan->assignments[point * plan->axes + axis] + strlen(axis_of(plan, axis)->key) + 1;
}

/* --- designs --- */

static cf_status refuse(const cf_sweep_plan *plan, size_t axis, const char *rule, cf_err *err)
{
    char key[256];
    snprintf(key, sizeof key, "sweep.axes.%.200s", axis_of(plan, axis)->key);
    cf_fail(err, CF_EINPUT, "%s: %s", key, rule);
    return cf_problem_blame(plan->problem, key, err);
}

static cf_status check_axes(const cf_sweep_plan *plan, cf_err *err)
{
    bool sobol = plan->problem->sweep->design == CF_SWEEP_SOBOL;
    for (size_t a = 0; a < plan->axes; a++) {
        const cf_axis *axis = axis_of(plan, a);
        if (strncmp(axis->key, "sweep", 5) == 0)
            return refuse(plan, a, "a sweep cannot sweep itself", err);
        if (sobol && !axis->ranged)
            return refuse(plan, a, "a Sobol sequence needs a range {from: A, to: B}", err);
        if (!sobol && axis->ranged && axis->range.count == 0)
            return refuse(plan, a, "the range needs a count", err);
        if (plan->problem->sweep->design == CF_SWEEP_ZIP &&
            count_of(axis) != count_of(axis_of(plan, 0)))
            return refuse(plan, a, "design zip needs as many values on every axis", err);
    }
    return CF_OK;
}

static double count_points(const cf_sweep_plan *plan)
{
    const cf_sweep_section *sweep = plan->problem->sweep;
    double count = 1;
    if (sweep->design == CF_SWEEP_SOBOL)
        return plan->axes > 0 ? (double)sweep->points : 1;
    if (sweep->design == CF_SWEEP_ZIP)
        return plan->axes > 0 ? (double)count_of(axis_of(plan, 0)) : 1;
    for (size_t a = 0; a < plan->axes; a++)
        count *= (double)count_of(axis_of(plan, a));
    return count;
}

/* In a grid the last axis varies first. */
static cf_status fill_lists(cf_sweep_plan *plan, cf_err *err)
{
    bool grid = plan->problem->sweep->design == CF_SWEEP_GRID;
    cf_status status = CF_OK;
    for (size_t p = 0; p < plan->points; p++) {
        size_t rest = p;
        for (size_t a = plan->axes; a-- > 0 && status == CF_OK;) {
            size_t count = count_of(axis_of(plan, a)), index = grid ? rest % count : p;
            double part = count > 1 ? (double)index / (double)(count - 1) : 0;
            status = assign(plan, p, a, index, part, err);
            rest /= count;
        }
    }
    return status;
}

static cf_status fill_sobol(cf_sweep_plan *plan, cf_err *err)
{
    double *parts = cf_allocate("sweep", plan->points * plan->axes, sizeof *parts, err);
    cf_status status = parts == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = cf_sobol_points(plan->axes, plan->points, parts, err);
    for (size_t k = 0; k < plan->points * plan->axes && status == CF_OK; k++)
        status = assign(plan, k / plan->axes, k % plan->axes, 0, parts[k], err);
    free(parts);
    return status;
}

static cf_status fill(cf_sweep_plan *plan, cf_err *err)
{
    cf_status status = check_axes(plan, err);
    double points = status == CF_OK ? count_points(plan) : 0;
    if (status == CF_OK && points * (double)plan->repeat > MOST_RUNS) {
        cf_fail(err, CF_EINPUT, "sweep: %.3g runs: must be at most %g",
                points * (double)plan->repeat, MOST_RUNS);
        status = cf_problem_blame(plan->problem, "sweep", err);
    }
    if (status != CF_OK)
        return status;
    plan->points = (size_t)points;
    plan->runs = plan->points * plan->repeat;
    plan->assignments = cf_allocate("sweep", plan->points * plan->axes, sizeof(char *), err);
    plan->coordinates = cf_allocate("sweep", plan->points * plan->axes, sizeof(double), err);
    if (plan->assignments == NULL || plan->coordinates == NULL)
        return CF_ESYSTEM;
    return plan->problem->sweep->design == CF_SWEEP_SOBOL && plan->axes > 0 ? fill_sobol(plan, err)
                                                                            : fill_lists(plan, err);
}

/* --- problems --- */

/* A message about "--set KEY=VALUE" becomes one about the axis, with its line. */
static void blame_axis(const cf_sweep_plan *plan, size_t point, cf_err *err)
{
    for (size_t a = 0; a < plan->axes; a++) {
        char start[256], shown[200], key[256], rest[sizeof err->message];
        cf_text_shown(plan->assignments[point * plan->axes + a], shown, sizeof shown);
        int length = snprintf(start, sizeof start, "--set %s: ", shown);
        if (strncmp(err->message, start, (size_t)length) != 0)
            continue;
        snprintf(rest, sizeof rest, "%s", err->message + length);
        snprintf(err->message, sizeof err->message, "%s", rest);
        snprintf(key, sizeof key, "sweep.axes.%.200s", axis_of(plan, a)->key);
        cf_err_prepend(err, "%.200s, value %s: ", key, cf_sweep_plan_value(plan, point, a));
        cf_problem_blame(plan->problem, key, err);
        return;
    }
}

/* The problem of a point with further settings. */
static cf_status parse(const cf_sweep_plan *plan, size_t point, const cf_texts *seeds,
                       cf_problem **out, cf_err *err)
{
    *out = NULL;
    size_t count = 0;
    const char **all =
        cf_allocate("sweep", plan->setting_count + plan->axes + seeds->count + 1, sizeof *all, err);
    if (all == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < plan->setting_count; k++)
        all[count++] = plan->settings[k];
    for (size_t a = 0; a < plan->axes; a++)
        all[count++] = plan->assignments[point * plan->axes + a];
    for (size_t k = 0; k < seeds->count; k++)
        all[count++] = seeds->values[k];
    all[count++] = "sweep=~";
    cf_status status =
        cf_problem_parse(plan->problem->file, plan->problem->text, all, count, out, err);
    free(all);
    if (status != CF_OK)
        blame_axis(plan, point, err);
    return status;
}

cf_status cf_sweep_plan_problem(const cf_sweep_plan *plan, size_t run, cf_problem **out,
                                cf_err *err)
{
    size_t point = run / plan->repeat;
    cf_texts seeds = {NULL, 0};
    cf_status status = parse(plan, point, &seeds, out, err);
    long step = (long)(run % plan->repeat);
    if (status != CF_OK || step == 0)
        return status;
    status =
        cf_sweep_seeds(*out, plan->assignments + point * plan->axes, plan->axes, step, &seeds, err);
    cf_problem_free(out);
    if (status == CF_OK)
        status = parse(plan, point, &seeds, out, err);
    cf_sweep_seeds_free(&seeds);
    return status;
}

/* Every point must make sense, and repetitions must differ. */
static cf_status check_point(const cf_sweep_plan *plan, size_t point, cf_err *err)
{
    cf_problem *problem = NULL;
    cf_texts seeds = {NULL, 0};
    cf_status status = parse(plan, point, &seeds, &problem, err);
    if (status == CF_OK && plan->repeat > 1)
        status = cf_sweep_seeds(problem, plan->assignments + point * plan->axes, plan->axes, 0,
                                &seeds, err);
    if (status == CF_OK && plan->repeat > 1 && seeds.count == 0) {
        cf_fail(err, CF_EINPUT,
                "sweep.repeat = %zu: the problem has no seed but those of axes: all repetitions "
                "would be the same run",
                plan->repeat);
        status = cf_problem_blame(plan->problem, "sweep.repeat", err);
    }
    cf_sweep_seeds_free(&seeds);
    cf_problem_free(&problem);
    return status;
}

cf_status cf_sweep_plan_create(const cf_problem *problem, const char *const *settings, size_t count,
                               cf_sweep_plan **out, cf_err *err)
{
    *out = NULL;
    cf_sweep_plan *plan = cf_allocate("sweep", 1, sizeof *plan, err);
    if (plan == NULL)
        return CF_ESYSTEM;
    plan->problem = problem;
    plan->settings = settings;
    plan->setting_count = count;
    plan->axes = problem->sweep->axes.count;
    plan->repeat = (size_t)problem->sweep->repeat;
    cf_status status = fill(plan, err);
    for (size_t p = 0; p < plan->points && status == CF_OK; p++)
        status = check_point(plan, p, err);
    if (status != CF_OK)
        cf_sweep_plan_free(&plan);
    *out = plan;
    return status;
}

void cf_sweep_plan_free(cf_sweep_plan **plan)
{
    if (*plan == NULL)
        return;
    for (size_t k = 0; (*plan)->assignments != NULL && k < (*plan)->points * (*plan)->axes; k++)
        free((*plan)->assignments[k]);
    free((*plan)->assignments);
    free((*plan)->coordinates);
    free(*plan);
    *plan = NULL;
}
