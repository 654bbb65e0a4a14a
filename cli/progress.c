#define _POSIX_C_SOURCE 200809L
#include "progress.h"

#include <math.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { WIDTH = 30, MILLISECONDS = 100 };

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1000LL * time.tv_sec + time.tv_nsec / 1000000;
}

void cf_progress_start(cf_progress_printer *printer, bool quiet)
{
    *printer = (cf_progress_printer){.quiet = quiet, .terminal = isatty(STDERR_FILENO) == 1};
}

/* Time runs over decades, so progress is shown on the scale of log(1 + 100 t/end). */
static double fraction_of(const cf_progress *progress)
{
    double part = fmin(progress->t / progress->end, 1);
    return log1p(100 * part) / log1p(100);
}

static void print_bar(cf_progress_printer *printer, const cf_progress *progress)
{
    long long time = now();
    if (time - printer->last < MILLISECONDS)
        return;
    printer->last = time;
    int filled = (int)(WIDTH * fraction_of(progress));
    fprintf(stderr, "\r[%zu/%zu] %-20.20s [", progress->index + 1, progress->flows, progress->flow);
    for (int k = 0; k < WIDTH; k++)
        fputc(k < filled ? '#' : '.', stderr);
    fprintf(stderr, "] t = %-10.4g %8ld steps", progress->t, progress->counts->steps);
    fflush(stderr);
}

static void print_line(cf_progress_printer *printer, const cf_progress *progress)
{
    if (printer->flow != progress->index + 1) {
        printer->flow = progress->index + 1;
        printer->tenth = 0;
        printer->last = now();
        fprintf(stderr, "[%zu/%zu] %s\n", progress->index + 1, progress->flows, progress->flow);
    }
    int tenth = (int)(10 * fraction_of(progress));
    if (tenth <= printer->tenth || now() - printer->last < 50 * MILLISECONDS)
        return;
    printer->tenth = tenth;
    printer->last = now();
    fprintf(stderr, "[%zu/%zu] %s: t = %.4g, %ld steps\n", progress->index + 1, progress->flows,
            progress->flow, progress->t, progress->counts->steps);
}

void cf_progress_print(cf_progress_printer *printer, const cf_progress *progress)
{
    if (printer->quiet)
        return;
    if (printer->terminal)
        print_bar(printer, progress);
    else
        print_line(printer, progress);
}

/* "1 h 5 min", "2 min 10 s", "7 s". */
static void write_duration(double seconds, char *text, size_t size)
{
    long s = (long)ceil(seconds);
    if (s >= 3600)
        snprintf(text, size, "%ld h %ld min", s / 3600, s % 3600 / 60);
    else if (s >= 60)
        snprintf(text, size, "%ld min %ld s", s / 60, s % 60);
    else
        snprintf(text, size, "%ld s", s);
}

void cf_progress_print_sweep(cf_progress_printer *printer, const cf_sweep_progress *progress)
{
    long long time = now();
    bool last = progress->ended == progress->runs;
    if (printer->quiet ||
        (!last && time - printer->last < (printer->terminal ? 1 : 50) * MILLISECONDS))
        return;
    printer->last = time;
    char left[64] = "", failed[64] = "";
    if (!last && !isnan(progress->seconds_left)) {
        char duration[48];
        write_duration(progress->seconds_left, duration, sizeof duration);
        snprintf(left, sizeof left, ", %s left", duration);
    }
    if (progress->failed > 0)
        snprintf(failed, sizeof failed, ", %zu failed", progress->failed);
    if (printer->terminal) {
        int filled = (int)(WIDTH * progress->ended / progress->runs);
        fputs("\r[", stderr);
        for (int k = 0; k < WIDTH; k++)
            fputc(k < filled ? '#' : '.', stderr);
        fprintf(stderr, "] %zu of %zu runs%s%s\033[K", progress->ended, progress->runs, failed,
                left);
        fflush(stderr);
    } else {
        fprintf(stderr, "%zu of %zu runs%s%s\n", progress->ended, progress->runs, failed, left);
    }
}

void cf_progress_finish(cf_progress_printer *printer)
{
    if (!printer->quiet && printer->terminal)
        fprintf(stderr, "\r\033[K");
}
