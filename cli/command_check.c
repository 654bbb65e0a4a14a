#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/threads.h"

static const double MIB = 1024.0 * 1024;

/* How many flows from this one on differ from it in their seed alone. */
static size_t seeds_from(const cf_problem *problem, size_t flow)
{
    const cf_problem_flow *first = &problem->flows[flow], *last = first;
    const cf_problem_flow *end = problem->flows + problem->flow_count;
    while (last < end && last->section == first->section && last->row == first->row)
        last++;
    return (size_t)(last - first);
}

/* A flow takes from a few hundred to a few thousand evaluations, so the time of a thousand is told;
 * of a training, that of all its steps. */
static cf_status print_flow(const cf_parts *parts, size_t flow, size_t seeds, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    cf_run_cost cost;
    size_t longest = 0;
    cf_status status = cf_run_measure_cost(parts, flow, &cost, err);
    if (status != CF_OK)
        return status;
    for (size_t f = 0; f < problem->flow_count; f++)
        longest =
            strlen(problem->flows[f].name) > longest ? strlen(problem->flows[f].name) : longest;
    printf("#   flow %-*s ", (int)longest, problem->flows[flow].name);
    if (cost.steps > 0)
        printf("%.3g ms a step, %.3g s for %ld", 1e3 * cost.seconds,
               cost.seconds * (double)cost.steps, cost.steps);
    else
        printf("%.3g ms an evaluation, %.3g s a thousand", 1e3 * cost.seconds, 1e3 * cost.seconds);
    printf(" (measured, %d threads)", cf_threads());
    if (seeds > 1)
        printf(", one of %zu seeds", seeds);
    printf(cost.kernel[0] != '\0' ? "\n#        %-*s kernel: %s\n" : "\n", (int)longest, "",
           cost.kernel);
    return CF_OK;
}

/* Which flows the probes follow; and which they don't. */
static void print_probes(const cf_parts *parts)
{
    const cf_problem *problem = parts->problem;
    if (parts->probes == NULL)
        return;
    printf("#   probes %zu", parts->probes->n);
    for (int follows = 1; follows >= 0; follows--) {
        const char *between = follows ? ", followed by " : "; not by ";
        for (size_t f = 0, seeds; f < problem->flow_count; f += seeds) {
            seeds = seeds_from(problem, f);
            if (cf_parts_follows(parts, f) != (follows == 1))
                continue;
            printf("%s%s", between, problem->flows[f].name);
            between = ", ";
        }
    }
    putchar('\n');
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_set_threads(arguments->threads);
    cf_status status = cf_problem_read(arguments->file, arguments->settings,
                                       arguments->setting_count, &problem, err);
    if (status == CF_OK)
        status = cf_parts_create(problem, &parts, err);
    if (status == CF_OK) {
        printf("%s", problem->resolved);
        printf("# estimate\n#   points %zu in R^%zu, outputs %zu\n", parts->data->n,
               parts->data->dimension, parts->time_count);
        printf("#   memory %.4g MiB, result file %.3g MiB\n", cf_parts_memory(parts) / MIB,
               cf_parts_result_bytes(parts) / MIB);
        printf("#   kernel sums: %s\n", parts->sums);
        print_probes(parts);
    }
    for (size_t f = 0, seeds; status == CF_OK && f < problem->flow_count; f += seeds) {
        seeds = seeds_from(problem, f);
        status = print_flow(parts, f, seeds, err);
    }
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return cf_exit_code(status);
}

const cf_command cf_command_check = {
    "check",
    "check FILE [--set KEY=VALUE]... [--threads N]",
    "check a problem file; print it with every default, and an estimate of memory and time",
    {.file = true, .set = true, .threads = true},
    execute};
