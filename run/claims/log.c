#define _POSIX_C_SOURCE 200809L
#include "log.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contraflow/run/flow_view.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/memory.h"

double cf_claim_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* `array` of `count` elements with room for one more. */
static cf_status grow(void **array, size_t count, size_t size, cf_err *err)
{
    void *longer = cf_allocate("validation", count + 1, size, err);
    if (longer == NULL)
        return CF_ESYSTEM;
    if (count > 0)
        memcpy(longer, *array, count * size);
    free(*array);
    *array = longer;
    return CF_OK;
}

static bool ask(void *context)
{
    cf_claim_log *log = context;
    const cf_validation_setup *setup = log->setup;
    log->interrupted =
        log->interrupted || (setup->interrupted != NULL && setup->interrupted(setup->context));
    return log->interrupted;
}

cf_status cf_claim_find(cf_claim_log *log, const cf_finding *finding, cf_err *err,
                        const char *format, ...)
{
    cf_claim_report *report = log->report;
    void *verdicts = report->verdicts;
    cf_status status = grow(&verdicts, report->count, sizeof *report->verdicts, err);
    if (status != CF_OK)
        return status;
    report->verdicts = verdicts;
    cf_verdict *verdict = &report->verdicts[report->count++];
    double now = cf_claim_clock();
    *verdict = (cf_verdict){.rule = finding->rule,
                            .predicted = finding->predicted,
                            .measured = finding->measured,
                            .tolerance = finding->tolerance,
                            .control = finding->control,
                            .seconds = now - log->last};
    log->last = now;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(verdict->parameters, sizeof verdict->parameters, format, arguments);
    va_end(arguments);
    snprintf(verdict->quantity, sizeof verdict->quantity, "%s", finding->quantity);
    if (log->setup->measured != NULL)
        log->setup->measured(log->setup->context, report->claim, verdict);
    return ask(log) ? cf_fail(err, CF_ENUMERIC, "interrupted") : CF_OK;
}

cf_status cf_claim_draw(cf_claim_log *log, const cf_claim_curve *curve, cf_err *err)
{
    cf_claim_report *report = log->report;
    void *curves = report->curves;
    cf_status status = grow(&curves, report->curve_count, sizeof *curve, err);
    if (status != CF_OK)
        return status;
    report->curves = curves;
    cf_claim_curve *copy = &report->curves[report->curve_count++];
    *copy = *curve;
    copy->x = cf_duplicate("curve", curve->x, curve->count, sizeof *curve->x, err);
    copy->y = cf_duplicate("curve", curve->y, curve->count, sizeof *curve->y, err);
    return copy->x != NULL && copy->y != NULL ? CF_OK : CF_ESYSTEM;
}

/* --- runs --- */

/* The first flow that did not reach its end. */
static cf_status check_flows(const cf_result *result, cf_err *err)
{
    size_t cursor = 0;
    cf_flow_view flow;
    while (cf_flow_next(result, &cursor, &flow))
        if (strcmp(cf_group_text(flow.group, "status"), "complete") != 0)
            return cf_fail(err, CF_ENUMERIC, "flow %s: %s at t = %g: %.300s", flow.name,
                           cf_group_text(flow.group, "status"),
                           cf_group_real(flow.group, "observed_until"),
                           cf_group_text(flow.group, "message"));
    return CF_OK;
}

static char *write_text(const char *format, va_list arguments, cf_err *err)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = cf_allocate("problem", (size_t)length + 1, 1, err);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

cf_status cf_claim_parts(const cf_claim_log *log, cf_problem **problem, cf_parts **parts,
                         cf_err *err, const char *format, va_list arguments)
{
    char *text = write_text(format, arguments, err);
    cf_status status = text == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = cf_problem_parse(log->report->claim->kind.name, text, NULL, 0, problem, err);
    if (status == CF_OK)
        status = cf_parts_create(*problem, parts, err);
    free(text);
    return status;
}

cf_status cf_claim_run(cf_claim_log *log, cf_result **result, cf_err *err, const char *format, ...)
{
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_run_end end = CF_ENDED_COMPLETE;
    const cf_run_hooks hooks = {
        .context = log, .interrupted = ask, .command = log->report->claim->kind.name};
    va_list arguments;
    va_start(arguments, format);
    cf_status status = cf_claim_parts(log, &problem, &parts, err, format, arguments);
    va_end(arguments);
    if (status == CF_OK)
        status = cf_run(parts, NULL, &hooks, result, &end, err);
    if (status == CF_OK && end == CF_ENDED_INTERRUPTED)
        status = cf_fail(err, CF_ENUMERIC, "interrupted");
    if (status == CF_OK)
        status = check_flows(*result, err);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return status;
}
