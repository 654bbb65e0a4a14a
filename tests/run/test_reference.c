/* Nine flows of an independent implementation (an 8th-order method at rtol 1e-10,
 * tests/data/reference): loss, separation, first point, smallest norm and crossings within 1e-6,
 * from problem text to result, under Adams (rtol 1e-8) and BDF (rtol 1e-9). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/memory.h"
#include "yaml_tree.h"

enum { TEXT = 8192 };
static const double TOLERANCE = 1e-6;

static char *read_file(const char *path)
{
    cf_err err = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        cf_fail(&err, CF_EINPUT, "%s: missing", path);
        require(err.status, &err, "reference");
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *text = cf_allocate("text", size + 1, 1, &err);
    require(err.status, &err, "memory");
    if (fread(text, 1, size, file) != size)
        text[0] = '\0';
    fclose(file);
    return text;
}

static const char *text_of(const cf_node *flow, const char *key)
{
    return cf_node_find(flow, key)->text;
}

static double number(const cf_node *list, size_t k)
{
    return strtod(list->items[k]->text, NULL);
}

/* "circle-neural-leaky" starts from start-circle.csv. */
static const char *start_of(const char *name)
{
    static const char *const starts[] = {"circle", "sphere", "line", "plane"};
    for (size_t k = 0; k < 4; k++)
        if (strncmp(name, starts[k], strlen(starts[k])) == 0)
            return starts[k];
    return "";
}

static int dimension_of(const char *start)
{
    return strcmp(start, "line") == 0 ? 1 : strcmp(start, "sphere") == 0 ? 3 : 2;
}

/* The problem file of a reference flow. */
static void write_problem(const cf_node *flow, const char *method, const char *rtol,
                          char text[TEXT])
{
    const char *start = start_of(text_of(flow, "name"));
    const cf_node *kernel = cf_node_find(flow, "kernel"), *time = cf_node_find(flow, "time");
    int used = snprintf(
        text, TEXT,
        "format: 1\ndata: {kind: file, path: four-discs.csv}\nlatent: {space: %s, dimension: %d}\n"
        "start: {kind: file, path: start-%s.csv}\nloss: {psi: %s, tau: %s}\n"
        "integrator: {method: %s, rtol: %s}\nclusters: {threshold: %s}\n",
        text_of(flow, "latent"), dimension_of(start), start, text_of(flow, "psi"),
        text_of(flow, "tau"), method, rtol, text_of(flow, "threshold"));
    if (cf_node_is_null(kernel))
        used +=
            snprintf(text + used, TEXT - (size_t)used, "flows: [{name: flow, kind: vanilla}]\n");
    else
        used += snprintf(text + used, TEXT - (size_t)used,
                         "flows: [{name: flow, kind: neural, kernel: {hidden-layers: %s, "
                         "activation: %s, slope: %s, "
                         "weight-variance: %s, bias-variance: %s}}]\n",
                         text_of(kernel, "hidden"), text_of(kernel, "act"),
                         text_of(kernel, "alpha"), text_of(kernel, "sw2"), text_of(kernel, "sb2"));
    used += snprintf(text + used, TEXT - (size_t)used, "time: {end: %s, outputs: [",
                     time->items[time->count - 1]->text);
    for (size_t k = 1; k + 1 < time->count; k++)
        used += snprintf(text + used, TEXT - (size_t)used, "%s%s", k > 1 ? ", " : "",
                         time->items[k]->text);
    snprintf(text + used, TEXT - (size_t)used, "]}\n");
}

static double distance(const cf_record *record, const cf_node *list)
{
    double worst = cf_record_count(record) == list->count ? 0 : INFINITY;
    for (size_t k = 0; k < list->count && isfinite(worst); k++)
        worst = worse(worst, fabs(record->real[k] - number(list, k)));
    return worst;
}

static double first_point_distance(const cf_record *latent, const cf_node *points)
{
    double worst = latent->dims[0] == points->count ? 0 : INFINITY;
    size_t d = latent->dims[2];
    for (size_t k = 0; k < points->count && isfinite(worst); k++)
        for (size_t c = 0; c < d; c++)
            worst = worse(worst, fabs(latent->real[k * latent->dims[1] * d + c] -
                                      number(points->items[k], c)));
    return worst;
}

static void compare(const cf_result *result, const cf_node *flow, const char *method)
{
    const char *name = text_of(flow, "name");
    const cf_group *group = cf_result_group(result, "/flows/flow");
    const cf_group *events = cf_result_group(result, "/flows/flow/events");
    check_below(distance(cf_group_record(group, "loss"), cf_node_find(flow, "loss")), TOLERANCE,
                "%s, %s: loss", name, method);
    check_below(distance(cf_group_record(group, "separation"), cf_node_find(flow, "separation")),
                TOLERANCE, "%s, %s: separation", name, method);
    check_below(
        first_point_distance(cf_group_record(group, "latent"), cf_node_find(flow, "first_point")),
        TOLERANCE, "%s, %s: first point", name, method);
    if (cf_group_record(group, "min_norm") != NULL)
        check_below(distance(cf_group_record(group, "min_norm"), cf_node_find(flow, "min_norm")),
                    TOLERANCE, "%s, %s: smallest norm", name, method);
    check_below(distance(cf_group_record(events, "time"), cf_node_find(flow, "crossings")),
                TOLERANCE, "%s, %s: crossings of S = s*", name, method);
    check_below(cf_group_real(group, "energy_defect"), 100 * cf_group_real(group, "rtol"),
                "%s, %s: energy identity (C13)", name, method);
}

static void run_flow(const cf_node *flow, const char *method, const char *rtol)
{
    char text[TEXT];
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {0};
    write_problem(flow, method, rtol, text);
    require(cf_problem_parse("tests/data/reference/problem.yaml", text, NULL, 0, &problem, &err),
            &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, "run");
    check(end == CF_ENDED_COMPLETE, "%s, %s: complete", text_of(flow, "name"), method);
    compare(result, flow, method);
    cf_result_free(&result);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

int main(void)
{
    cf_err err = {0};
    cf_node *flows = NULL;
    char *text = read_file("tests/data/reference/flows.json");
    require(cf_node_parse("flows.json", NULL, text, &flows, &err), &err, "reference");
    check(flows->count == 9, "nine reference flows");
    for (size_t k = 0; k < flows->count; k++) {
        run_flow(flows->items[k], "adams", "1e-8");
        run_flow(flows->items[k], "bdf", "1e-9");
    }
    cf_node_free(&flows);
    free(text);
    return check_done();
}
