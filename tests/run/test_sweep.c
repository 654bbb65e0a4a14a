/* The parts of a sweep: its points and seeds, the order of its runs, its folder. */
#define _POSIX_C_SOURCE 200809L
#include "contraflow/run/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/sobol.h"
#include "difference.h"
#include "pool.h"
#include "sweep_folder.h"
#include "sweep_order.h"
#include "sweep_plan.h"

static const char BASE[] = "format: 1\n"
                           "data: {kind: discs, radius: 0.3, points-per-cluster: 4}\n"
                           "start: {kind: near-point, seed: 7}\n"
                           "flows:\n"
                           "  - {name: free, kind: vanilla}\n"
                           "  - {name: net, kind: network, seeds: [1, 5], train: {method: sgd}}\n"
                           "  - {name: fixed, kind: neural, kernel: empirical}\n"
                           "time: {end: 0.01}\n";

static cf_problem *problem_of(const char *sweep)
{
    char text[2048];
    cf_problem *problem = NULL;
    cf_err err = {0};
    snprintf(text, sizeof text, "%s%s", BASE, sweep);
    require(cf_problem_parse("p.yaml", text, NULL, 0, &problem, &err), &err, "problem");
    return problem;
}

static cf_sweep_plan *plan_of(const cf_problem *problem)
{
    cf_sweep_plan *plan = NULL;
    cf_err err = {0};
    require(cf_sweep_plan_create(problem, NULL, 0, &plan, &err), &err, "plan");
    return plan;
}

static void test_resolved(void)
{
    cf_problem *problem = problem_of(
        "sweep:\n  axes:\n    loss.tau: {from: 0.1, to: 1, count: 4, spacing: log}\n"
        "    start: [random, {kind: near-point, spread: 0.1}]\n    title: ['a, b', \"c\"]\n"
        "  collect: [knn.mean]\n  repeat: 3\n");
    cf_problem *again = NULL;
    cf_err err = {0};
    require(cf_problem_parse("p.yaml", problem->resolved, NULL, 0, &again, &err), &err, "resolved");
    check(strcmp(problem->hash, again->hash) == 0, "a resolved sweep reads back as itself");
    check(again->sweep != NULL && again->sweep->axes.count == 3 && again->sweep->repeat == 3,
          "with all its axes");
    cf_problem_free(&again);
    const char *const settings[] = {"sweep=~"};
    require(cf_problem_parse("p.yaml", problem->text, settings, 1, &again, &err), &err, "without");
    check(again->sweep == NULL, "--set sweep=~ takes the sweep back");
    cf_problem_free(&again);
    cf_problem_free(&problem);
}

static void test_points(void)
{
    cf_problem *problem =
        problem_of("sweep:\n  axes:\n    loss.tau: {from: 0.1, to: 100, count: 4, spacing: log}\n"
                   "    data.radius: [0.1, 0.5, 0.2]\n  repeat: 2\n");
    cf_sweep_plan *plan = plan_of(problem);
    check(plan->points == 12 && plan->runs == 24 && plan->axes == 2, "a grid has all combinations");
    check(strcmp(cf_sweep_plan_value(plan, 4, 0), "1") == 0 &&
              strcmp(cf_sweep_plan_value(plan, 4, 1), "0.5") == 0 &&
              strcmp(cf_sweep_plan_key(plan, 1), "data.radius") == 0,
          "its last axis varies first, and equal ratios are round numbers");
    check(plan->coordinates[8] > 0.33 && plan->coordinates[8] < 0.34 && plan->coordinates[9] == 0.5,
          "coordinates are places on the axes");
    cf_problem *run = NULL;
    cf_err err = {0};
    require(cf_sweep_plan_problem(plan, 9, &run, &err), &err, "run");
    const cf_loss_options *loss = run->loss.options;
    const cf_start_options *start = run->start.options;
    check(loss->tau == 1 && start->seed == 8 && run->sweep == NULL,
          "the second run of a point has its values, and seeds grown by one");
    check(run->flow_count == 4 && run->flows[1].seed == 2 && run->flows[2].seed == 6,
          "also those of networks");
    check(strstr(run->resolved, "seed: 5") != NULL, "and of their trainings");
    cf_problem_free(&run);
    cf_sweep_plan_free(&plan);
    cf_problem_free(&problem);
}

static void test_seeds(void)
{
    cf_problem *problem =
        problem_of("sweep:\n  axes:\n    start.seed: [3]\n    data.seed: [4, 5]\n  repeat: 2\n");
    cf_sweep_plan *plan = plan_of(problem);
    cf_problem *run = NULL;
    cf_err err = {0};
    require(cf_sweep_plan_problem(plan, 3, &run, &err), &err, "run");
    const cf_start_options *start = run->start.options;
    check(start->seed == 3, "a seed that an axis sets is not grown");
    check(run->flows[1].seed == 2, "the others are");
    cf_problem_free(&run);
    cf_sweep_plan_free(&plan);
    cf_problem_free(&problem);
}

static void test_sobol(void)
{
    enum { N = 255, D = 3 };
    double points[N * D], worst = 0;
    cf_err err = {0};
    require(cf_sobol_points(D, N, points, &err), &err, "Sobol");
    for (int d = 0; d < D; d++) {
        int found[N + 1] = {0};
        for (int k = 0; k < N; k++)
            found[(int)(points[k * D + d] * (N + 1))]++;
        for (int k = 1; k <= N; k++)
            worst = worse(worst, abs(found[k] - 1));
    }
    check(worst == 0, "2^8 - 1 points of Sobol's sequence take every multiple of 2^-8 once");
    check(cf_sobol_points(41, 1, points, &err) == CF_EINPUT, "refused: %s", err.message);
}

static void test_order(void)
{
    cf_problem *problem =
        problem_of("sweep:\n  axes: {data.radius: {from: 0.1, to: 0.8, count: 8}}\n  repeat: 3\n");
    cf_sweep_plan *plan = plan_of(problem);
    cf_sweep_order *order = NULL;
    cf_err err = {0};
    require(cf_sweep_order_create(plan, &order, &err), &err, "order");
    check(isnan(cf_sweep_order_left(order)), "nothing is known before the first run");
    size_t run, points[24], count = 0;
    bool seen[24] = {false}, once = true;
    while (cf_sweep_order_next(order, &run)) {
        once = once && !seen[run];
        seen[run] = true;
        points[count++] = run / 3;
        cf_sweep_order_done(order, run, 1 + (double)((run / 3) % 5)); /* the fifth is the longest */
    }
    check(once && count == 24, "every run is given once");
    bool first[8] = {false};
    size_t begun = 0;
    for (int k = 0; k < 8; k++) {
        begun += !first[points[k]];
        first[points[k]] = true;
    }
    check(begun == 8, "each point is tried before any is repeated");
    check(points[8] == 4 && points[9] == 4 && points[22] % 5 == 0 && points[23] % 5 == 0,
          "then the longest comes first, the shortest last");
    check(cf_sweep_order_left(order) < 1e-9, "nothing is left at the end");
    cf_sweep_order_free(&order);

    require(cf_sweep_order_create(plan, &order, &err), &err, "order");
    cf_sweep_order_done(order, 0, 10);
    cf_sweep_order_done(order, 1, 10);
    cf_sweep_order_done(order, 21, 1);
    cf_sweep_order_next(order, &run);
    check(run / 3 == 1, "what has not been tried is expected to be as its neighbors");
    check(cf_sweep_order_left(order) > 21 && cf_sweep_order_left(order) < 210,
          "and the time left is between the extremes");
    cf_sweep_order_return(order, run);
    size_t again;
    cf_sweep_order_next(order, &again);
    check(again == run, "a run that was given back is given again");
    cf_sweep_order_free(&order);
    cf_sweep_plan_free(&plan);
    cf_problem_free(&problem);
}

static void check_difference(const char *a, const char *b, const char *of_a, const char *of_b)
{
    char *x = NULL, *y = NULL;
    cf_err err = {0};
    require(cf_difference(a, b, &x, &y, &err), &err, "difference");
    check((x == NULL ? of_a == NULL : strcmp(x, of_a) == 0) &&
              (y == NULL ? of_b == NULL : strcmp(y, of_b) == 0),
          "difference: %s, %s", x != NULL ? x : "none", y != NULL ? y : "none");
    free(x);
    free(y);
}

static void test_difference(void)
{
    const char *a = "loss:\n  tau: 0.1\ndata:\n  radius: 1\n  seed: 3\nstart:\n  seed: 3\n";
    check_difference(a, a, NULL, NULL);
    check_difference(a, "loss:\n  tau: 0.1\ndata:\n  radius: 1\n  seed: 3\nstart:\n  seed: 4\n",
                     "start.seed: 3", "start.seed: 4");
    check_difference(a, "loss:\n  tau: 0.1\ndata:\n  radius: 1\n  seed: 3\n", "start:", NULL);
    check_difference("flows:\n  - kind: a\n    name: b\n", "flows:\n  - kind: a\n    name: c\n",
                     "flows.name: b", "flows.name: c");
}

static void test_journal(void)
{
    char folder[] = "/tmp/contraflow-sweep-XXXXXX", path[64];
    cf_sweep_folder *one = NULL;
    cf_err err = {0};
    char *rows[4] = {NULL};
    double seconds[4];
    check(mkdtemp(folder) != NULL, "a folder for the test");
    require(cf_sweep_folder_open(folder, "a: 1\n", false, &one, &err), &err, "open");
    require(cf_sweep_folder_append(one, 2, 0.25, "2,x\n", &err), &err, "append");
    require(cf_sweep_folder_append(one, 0, 0.5, "0,y\n0,z\n", &err), &err, "append");
    require(cf_sweep_folder_append(one, 3, 1, "3,w\n", &err), &err, "append");
    cf_sweep_folder_close(&one);
    snprintf(path, sizeof path, "%s/journal", folder);
    FILE *journal = fopen(path, "r+");
    fseek(journal, -2, SEEK_END);
    fputc('v', journal); /* a byte that was never written so */
    fclose(journal);
    require(cf_sweep_folder_open(folder, "a: 1\n", true, &one, &err), &err, "open");
    require(cf_sweep_folder_read(one, 4, rows, seconds, &err), &err, "read");
    check(rows[1] == NULL && rows[3] == NULL, "a damaged record is dropped");
    check(rows[0] != NULL && strcmp(rows[0], "0,y\n0,z\n") == 0 && seconds[0] == 0.5 &&
              strcmp(rows[2], "2,x\n") == 0,
          "those before it are read back");
    require(cf_sweep_folder_append(one, 1, 1, "1,u\n", &err), &err, "append");
    cf_sweep_folder_close(&one);
    require(cf_sweep_folder_open(folder, "a: 1\n", true, &one, &err), &err, "open");
    require(cf_sweep_folder_read(one, 4, rows, seconds, &err), &err, "read");
    check(rows[1] != NULL && strcmp(rows[1], "1,u\n") == 0, "and what is appended then is read");
    cf_sweep_folder_close(&one);
    for (int k = 0; k < 4; k++)
        free(rows[k]);
    static const char *const files[] = {"journal", "lock", "sweep.yaml"};
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[k]);
        unlink(path);
    }
    rmdir(folder);
}

/* A flow that ends with its dissolution has the same times of events. */
static void test_until(void)
{
    cf_err err = {0};
    double times[2][2], ends[2];
    for (int k = 0; k < 2; k++) {
        const char *const settings[] = {k == 0 ? "clusters.until=time-end"
                                               : "clusters.until=dissolution"};
        cf_problem *problem = NULL;
        cf_parts *parts = NULL;
        cf_result *result = NULL;
        cf_run_end end;
        const cf_run_hooks hooks = {.command = "test"};
        require(cf_problem_parse("p.yaml",
                                 "format: 1\ndata: {kind: discs, radius: 0.5, points-per-cluster: "
                                 "6}\nflows: [{name: f, kind: neural}]\ntime: {end: 30}\n",
                                 settings, 1, &problem, &err),
                &err, "problem");
        require(cf_parts_create(problem, &parts, &err), &err, "parts");
        require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, "run");
        const cf_group *flow = cf_result_group(result, "/flows/f");
        check(end == CF_ENDED_COMPLETE && strcmp(cf_group_text(flow, "status"), "complete") == 0,
              "%s: complete", settings[0]);
        times[k][0] = cf_group_real(flow, "emergence");
        times[k][1] = cf_group_real(flow, "dissolution");
        ends[k] = cf_group_real(flow, "observed_until");
        cf_result_free(&result);
        cf_parts_free(&parts);
        cf_problem_free(&problem);
    }
    check(times[0][1] < 30 && times[0][0] == times[1][0] && times[0][1] == times[1][1],
          "until: dissolution leaves emergence and dissolution as they are (E26)");
    check(ends[0] == 30 && ends[1] == times[1][1], "and ends the flow there");
}

static cf_status square(void *context, size_t run, char **text, cf_err *err)
{
    if (run == 5)
        return cf_fail(err, CF_ENUMERIC, "five");
    *text = malloc(64);
    snprintf(*text, 64, "%zu", run * run + *(size_t *)context);
    return CF_OK;
}

static void test_pool(void)
{
    cf_pool *pool = NULL;
    cf_err err = {0};
    size_t offset = 1, given = 0, right = 0, failed = 0;
    require(cf_pool_create(3, 1, square, &offset, &pool, &err), &err, "pool");
    while (right + failed < 20) {
        cf_pool_answer answer = {.text = NULL};
        bool found = false;
        while (given < 20 && cf_pool_idle(pool) > 0)
            require(cf_pool_give(pool, given++, &err), &err, "give");
        require(cf_pool_wait(pool, 1000, &answer, &found, &err), &err, "wait");
        if (!found)
            continue;
        failed += answer.status == CF_ENUMERIC && strcmp(answer.text, "five") == 0;
        right +=
            answer.status == CF_OK && strtoul(answer.text, NULL, 10) == answer.run * answer.run + 1;
        free(answer.text);
    }
    check(right == 19 && failed == 1, "processes of a pool answer, and say what fails");
    cf_pool_free(&pool);
}

int main(void)
{
    test_pool(); /* before any thread is started */
    test_resolved();
    test_points();
    test_seeds();
    test_sobol();
    test_order();
    test_difference();
    test_journal();
    test_until();
    return check_done();
}
