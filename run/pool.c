#define _DEFAULT_SOURCE
#include "pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"

/* What a process sends before the text. */
typedef struct {
    double seconds;
    size_t size;
    cf_status status;
} header;

typedef struct {
    pid_t pid; /* 0: none */
    int to, from;
    bool busy;
    size_t run;
} worker;

struct cf_pool {
    worker *workers;
    size_t count;
    int threads;
    cf_pool_work work;
    void *context;
};

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool read_all(int file, void *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = read(file, (char *)to + done, size - done);
        if (count == 0 || (count < 0 && errno != EINTR))
            return false;
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

static bool write_all(int file, const void *from, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t count = write(file, (const char *)from + done, size - done);
        if (count < 0 && errno != EINTR)
            return false;
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

/* --- in the process --- */

static bool answer_one(const cf_pool *pool, size_t run, int to)
{
    cf_err err = {0};
    char *text = NULL;
    double started = seconds_now();
    header head = {.status = pool->work(pool->context, run, &text, &err)};
    const char *sent = text != NULL ? text : err.message;
    head.seconds = seconds_now() - started;
    head.size = strlen(sent);
    bool done = write_all(to, &head, sizeof head) && write_all(to, sent, head.size);
    free(text);
    return done;
}

/* Until the pool is gone. The keyboard interrupts the parent, which decides. */
static void serve(const cf_pool *pool, int from, int to)
{
    size_t run;
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    cf_set_threads(pool->threads);
    while (read_all(from, &run, sizeof run))
        if (!answer_one(pool, run, to))
            break;
    _exit(0);
}

static void close_pipes(const cf_pool *pool)
{
    for (size_t k = 0; k < pool->count; k++)
        if (pool->workers[k].pid != 0) {
            close(pool->workers[k].to);
            close(pool->workers[k].from);
        }
}

/* --- in the parent --- */

static cf_status start(cf_pool *pool, worker *w, cf_err *err)
{
    int down[2] = {-1, -1}, up[2] = {-1, -1};
    pid_t parent = getpid();
    bool piped = pipe(down) == 0 && pipe(up) == 0;
    fflush(NULL); /* nothing is printed twice */
    pid_t pid = piped ? fork() : -1;
    if (pid == 0) {
#ifdef __linux__
        prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        close_pipes(pool);
        close(down[1]);
        close(up[0]);
        if (getppid() == parent)
            serve(pool, down[0], up[1]);
        _exit(0);
    }
    int number = errno, mine[] = {down[0], up[1], pid < 0 ? down[1] : -1, pid < 0 ? up[0] : -1};
    for (int k = 0; k < 4; k++)
        if (mine[k] >= 0)
            close(mine[k]);
    if (pid < 0)
        return cf_fail(err, CF_ESYSTEM, "a process cannot be started (%s)", strerror(number));
    *w = (worker){.pid = pid, .to = down[1], .from = up[0]};
    return CF_OK;
}

cf_status cf_pool_create(size_t jobs, int threads, cf_pool_work work, void *context, cf_pool **out,
                         cf_err *err)
{
    *out = NULL;
    cf_pool *pool = cf_allocate("pool", 1, sizeof *pool, err);
    if (pool == NULL)
        return CF_ESYSTEM;
    pool->threads = threads;
    pool->work = work;
    pool->context = context;
    pool->count = jobs;
    pool->workers = cf_allocate("pool", jobs, sizeof *pool->workers, err);
    cf_status status = pool->workers == NULL ? CF_ESYSTEM : CF_OK;
    signal(SIGPIPE, SIG_IGN); /* a process that died shows when its pipe is read */
    for (size_t k = 0; k < jobs && status == CF_OK; k++)
        status = start(pool, &pool->workers[k], err);
    if (status != CF_OK)
        cf_pool_free(&pool);
    *out = pool;
    return status;
}

static void end(worker *w, int *status)
{
    close(w->to);
    close(w->from);
    while (waitpid(w->pid, status, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
}

void cf_pool_free(cf_pool **pool)
{
    cf_pool *p = *pool;
    if (p == NULL)
        return;
    for (size_t k = 0; p->workers != NULL && k < p->count; k++)
        if (p->workers[k].pid != 0) {
            int status;
            kill(p->workers[k].pid, SIGKILL);
            end(&p->workers[k], &status);
        }
    free(p->workers);
    free(p);
    *pool = NULL;
}

size_t cf_pool_idle(const cf_pool *pool)
{
    size_t idle = 0;
    for (size_t k = 0; k < pool->count; k++)
        idle += !pool->workers[k].busy;
    return idle;
}

size_t cf_pool_jobs(const cf_pool *pool)
{
    return pool->count;
}

cf_status cf_pool_give(cf_pool *pool, size_t run, cf_err *err)
{
    for (size_t k = 0; k < pool->count; k++) {
        worker *w = &pool->workers[k];
        if (w->busy)
            continue;
        w->busy = true;
        w->run = run;
        write_all(w->to, &run, sizeof run); /* a failure shows when its pipe is read */
        return CF_OK;
    }
    return cf_fail(err, CF_EINPUT, "no process is idle");
}

/* The process died: says how, and puts another in its place. */
static cf_status replace(cf_pool *pool, worker *w, cf_pool_answer *answer, cf_err *err)
{
    int status = 0;
    kill(w->pid, SIGKILL); /* it may have closed its pipe only */
    end(w, &status);
    answer->signal = WIFSIGNALED(status) ? WTERMSIG(status) : SIGKILL;
    answer->status = CF_ESYSTEM;
    w->busy = false;
    return start(pool, w, err);
}

static cf_status receive(cf_pool *pool, worker *w, cf_pool_answer *answer, cf_err *err)
{
    header head;
    *answer = (cf_pool_answer){.run = w->run};
    if (!read_all(w->from, &head, sizeof head))
        return replace(pool, w, answer, err);
    answer->seconds = head.seconds;
    answer->status = head.status;
    answer->text = cf_allocate("answer", head.size + 1, 1, err);
    if (answer->text == NULL)
        return CF_ESYSTEM;
    if (!read_all(w->from, answer->text, head.size)) {
        free(answer->text);
        answer->text = NULL;
        return replace(pool, w, answer, err);
    }
    w->busy = false;
    return CF_OK;
}

cf_status cf_pool_wait(cf_pool *pool, int milliseconds, cf_pool_answer *answer, bool *found,
                       cf_err *err)
{
    *found = false;
    struct pollfd *polled = cf_allocate("pool", pool->count, sizeof *polled, err);
    if (polled == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < pool->count; k++) {
        polled[k].fd = pool->workers[k].busy ? pool->workers[k].from : -1;
        polled[k].events = POLLIN;
    }
    int ready = poll(polled, (nfds_t)pool->count, milliseconds);
    cf_status status = CF_OK;
    if (ready < 0 && errno != EINTR)
        status = cf_fail(err, CF_ESYSTEM, "processes cannot be waited for (%s)", strerror(errno));
    for (size_t k = 0; ready > 0 && k < pool->count && !*found; k++)
        if (polled[k].revents != 0) {
            *found = true;
            status = receive(pool, &pool->workers[k], answer, err);
        }
    free(polled);
    return status;
}
