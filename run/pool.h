/* A pool of processes that work off numbered runs; private to run/. Processes are forked and never
 * execute another program, so that a run costs no start. */
#ifndef CONTRAFLOW_RUN_POOL_H
#define CONTRAFLOW_RUN_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct cf_pool cf_pool;

/* Called in a process of the pool. *text is malloc'ed; also a failure leaves one, if it can. */
typedef cf_status (*cf_pool_work)(void *context, size_t run, char **text, cf_err *err);

typedef struct {
    size_t run;
    double seconds;
    cf_status status;
    char *text; /* malloc'ed: that of the work; or the message of a failure without one */
    int signal; /* that killed the process, which has been replaced; 0: none did */
} cf_pool_answer;

/* `jobs` processes of `threads` threads each. No thread may have been started before in this
 * process. `context` is what it was at this time. */
cf_status cf_pool_create(size_t jobs, int threads, cf_pool_work work, void *context, cf_pool **out,
                         cf_err *err);

/* Kills what still runs. */
void cf_pool_free(cf_pool **pool);

size_t cf_pool_idle(const cf_pool *pool);
size_t cf_pool_jobs(const cf_pool *pool);

/* Hands a run to an idle process. */
cf_status cf_pool_give(cf_pool *pool, size_t run, cf_err *err);

/* Waits for an answer, or so many milliseconds: *found tells which. */
cf_status cf_pool_wait(cf_pool *pool, int milliseconds, cf_pool_answer *answer, bool *found,
                       cf_err *err);

#endif
