#define _POSIX_C_SOURCE 200809L
#include "contraflow/run/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "contraflow/run/run.h"
#include "contraflow/solver/memory.h"
#include "pool.h"
#include "provenance.h"
#include "sweep_folder.h"
#include "sweep_order.h"
#include "sweep_table.h"

enum { MOST_ATTEMPTS = 2, WAIT_MILLISECONDS = 200 };
static const double TABLE_SECONDS = 1;     /* between tables, */
static const double TABLE_SHARE = 1. / 50; /* and the part of the time that they may take */

typedef struct {
    const cf_sweep_options *options;
    cf_sweep_plan *plan;
    cf_sweep_columns columns;
    cf_sweep_folder *folder;
    cf_sweep_order *order;
    cf_pool *pool;
    char **rows;             /* [runs] */
    double *seconds;         /* [runs] as the journal has them */
    unsigned char *attempts; /* [runs] */
    cf_sweep_progress progress;
    double table_at; /* when the next table is due */
} sweep;

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- one run, in a process of the pool --- */

static cf_status run_problem(const sweep *s, size_t run, const cf_problem *problem, char **rows,
                             cf_err *err)
{
    char path[4096], checkpoint[4096];
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    snprintf(path, sizeof path, "%s/runs/%06zu.h5", s->options->folder, run);
    snprintf(checkpoint, sizeof checkpoint, "%s/runs/%06zu.checkpoint", s->options->folder, run);
    const cf_run_hooks hooks = {
        .command = s->options->command, .checkpoint = checkpoint, .resume = true};
    bool keep = s->plan->problem->sweep->keep;
    cf_status status = cf_parts_create(problem, &parts, err);
    if (status == CF_OK && !keep)
        cf_sweep_observe(&s->columns, parts);
    if (status == CF_OK)
        status = cf_run(parts, keep ? path : NULL, &hooks, &result, &end, err);
    if (status == CF_OK)
        status = cf_sweep_rows(s->plan, &s->columns, run, problem, result, rows, err);
    cf_result_free(&result);
    cf_parts_free(&parts);
    return status;
}

static cf_status work(void *context, size_t run, char **rows, cf_err *err)
{
    const sweep *s = context;
    cf_problem *problem = NULL;
    cf_status status = cf_sweep_plan_problem(s->plan, run, &problem, err);
    if (status == CF_OK)
        status = run_problem(s, run, problem, rows, err);
    cf_problem_free(&problem);
    return status;
}

/* --- the sweep --- */

static cf_status create(sweep *s, const cf_problem *problem, cf_err *err)
{
    cf_status status = cf_sweep_plan_create(problem, s->options->settings,
                                            s->options->setting_count, &s->plan, err);
    if (status == CF_OK)
        status = cf_sweep_columns_create(s->plan, &s->columns, err);
    if (status == CF_OK)
        status = cf_sweep_order_create(s->plan, &s->order, err);
    if (status != CF_OK)
        return status;
    s->progress.runs = s->plan->runs;
    s->rows = cf_allocate("sweep", s->plan->runs, sizeof *s->rows, err);
    s->seconds = cf_allocate("sweep", s->plan->runs, sizeof *s->seconds, err);
    s->attempts = cf_allocate("sweep", s->plan->runs, 1, err);
    return s->rows != NULL && s->seconds != NULL && s->attempts != NULL ? CF_OK : CF_ESYSTEM;
}

static void release(sweep *s)
{
    cf_pool_free(&s->pool);
    cf_sweep_folder_close(&s->folder);
    cf_sweep_order_free(&s->order);
    cf_sweep_columns_release(&s->columns);
    for (size_t k = 0; s->rows != NULL && k < s->plan->runs; k++)
        free(s->rows[k]);
    free(s->rows);
    free(s->seconds);
    free(s->attempts);
    cf_sweep_plan_free(&s->plan);
}

static bool has_failed(const char *rows)
{
    return strstr(rows, ",failed,") != NULL;
}

static void settle(sweep *s, size_t run, double seconds)
{
    cf_sweep_order_done(s->order, run, seconds);
    s->progress.ended++;
    s->progress.failed += has_failed(s->rows[run]);
}

static cf_status open_folder(sweep *s, cf_err *err)
{
    char *identity = NULL, path[4096];
    cf_status status = cf_provenance_identity(s->plan->problem, &identity, err);
    if (status == CF_OK)
        status =
            cf_sweep_folder_open(s->options->folder, identity, s->options->resume, &s->folder, err);
    free(identity);
    snprintf(path, sizeof path, "%s/runs", s->options->folder);
    if (status == CF_OK && (s->plan->problem->sweep->keep || s->plan->problem->checkpoint != NULL))
        mkdir(path, 0777); /* where it fails, so does the first result, with its message */
    if (status == CF_OK)
        status = cf_sweep_folder_read(s->folder, s->plan->runs, s->rows, s->seconds, err);
    for (size_t k = 0; k < s->plan->runs && status == CF_OK; k++)
        if (s->rows[k] != NULL)
            settle(s, k, s->seconds[k]);
    return status;
}

static cf_status write_table(sweep *s, cf_err *err)
{
    double started = seconds_now();
    cf_status status = cf_sweep_folder_flush(s->folder, err);
    if (status == CF_OK)
        status = cf_sweep_table_write(s->plan, &s->columns, s->rows, s->options->folder, err);
    double now = seconds_now();
    s->table_at = now + fmax(TABLE_SECONDS, (now - started) / TABLE_SHARE);
    return status;
}

/* A run without a result: the row says why. What lies with the machine, and not with the problem,
 * is not entered in the journal, so that it is tried again when the sweep is resumed. */
static cf_status record_failure(sweep *s, const cf_pool_answer *answer, cf_err *err)
{
    char killed[96];
    snprintf(killed, sizeof killed, "the process of the run was killed (signal %d), twice",
             answer->signal);
    cf_status status = cf_sweep_row_without(s->plan, &s->columns, answer->run, "failed",
                                            answer->signal != 0 ? killed : answer->text,
                                            &s->rows[answer->run], err);
    if (status == CF_OK && answer->status != CF_ESYSTEM)
        status = cf_sweep_folder_append(s->folder, answer->run, answer->seconds,
                                        s->rows[answer->run], err);
    return status;
}

static cf_status record(sweep *s, cf_pool_answer *answer, cf_err *err)
{
    cf_status status = CF_OK;
    if (answer->signal != 0 && ++s->attempts[answer->run] < MOST_ATTEMPTS) {
        cf_sweep_order_return(s->order, answer->run);
        return CF_OK;
    }
    if (answer->status != CF_OK) {
        status = record_failure(s, answer, err);
    } else {
        status = cf_sweep_folder_append(s->folder, answer->run, answer->seconds, answer->text, err);
        s->rows[answer->run] = answer->text;
        answer->text = NULL;
    }
    if (status == CF_OK)
        settle(s, answer->run, answer->signal == 0 ? answer->seconds : NAN);
    return status;
}

static void tell(sweep *s)
{
    s->progress.seconds_left = cf_sweep_order_left(s->order) / (double)s->options->jobs;
    if (s->options->progress != NULL)
        s->options->progress(s->options->context, &s->progress);
}

static bool interrupted(const sweep *s)
{
    return s->options->interrupted != NULL && s->options->interrupted(s->options->context);
}

static cf_status give_all(sweep *s, cf_err *err)
{
    size_t run;
    cf_status status = CF_OK;
    while (status == CF_OK && cf_pool_idle(s->pool) > 0 && cf_sweep_order_next(s->order, &run))
        status = cf_pool_give(s->pool, run, err);
    return status;
}

static cf_status work_off(sweep *s, cf_err *err)
{
    cf_status status = give_all(s, err);
    while (status == CF_OK && cf_pool_idle(s->pool) < cf_pool_jobs(s->pool) && !interrupted(s)) {
        cf_pool_answer answer = {.text = NULL};
        bool found = false;
        status = cf_pool_wait(s->pool, WAIT_MILLISECONDS, &answer, &found, err);
        if (status == CF_OK && found)
            status = record(s, &answer, err);
        free(answer.text);
        if (status == CF_OK)
            status = give_all(s, err);
        tell(s);
        if (status == CF_OK && seconds_now() >= s->table_at)
            status = write_table(s, err);
    }
    return status;
}

cf_status cf_sweep(const cf_problem *problem, const cf_sweep_options *options,
                   cf_sweep_progress *end, cf_err *err)
{
    sweep s = {.options = options};
    cf_status status = create(&s, problem, err);
    if (status == CF_OK)
        status = open_folder(&s, err);
    if (status == CF_OK)
        status = write_table(&s, err);
    if (status == CF_OK && s.progress.ended < s.progress.runs)
        status = cf_pool_create(options->jobs, options->threads, work, &s, &s.pool, err);
    if (status == CF_OK && s.pool != NULL)
        status = work_off(&s, err);
    cf_pool_free(&s.pool);
    if (s.folder != NULL && s.progress.ended > 0) {
        cf_err ignored = {0}; /* of a failure, the first is told */
        cf_status written = write_table(&s, status == CF_OK ? err : &ignored);
        status = status == CF_OK ? written : status;
    }
    *end = s.progress;
    release(&s);
    return status;
}
