#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <unistd.h>

#include "command.h"
#include "contraflow/solver/threads.h"
#include "interrupt.h"
#include "validation.h"

/* What the hooks print. */
typedef struct {
    bool quiet, terminal, details; /* all numbers of every claim */
    cf_level level;
    size_t measured;
    cf_status status;
    cf_err err;
} printer;

static void begun(void *context, const cf_claim *claim)
{
    printer *p = context;
    p->measured = 0;
    if (!p->quiet && !p->terminal)
        fprintf(stderr, "%s: %s (%.0f s)\n", claim->kind.name, claim->title,
                claim->seconds[p->level]);
}

static void measured(void *context, const cf_claim *claim, const cf_verdict *verdict)
{
    printer *p = context;
    p->measured++;
    if (!p->quiet && p->terminal)
        fprintf(stderr, "\r%s: %zu numbers, %.60s\033[K", claim->kind.name, p->measured,
                verdict->parameters);
}

/* The numbers of a claim that was asked for by name or does not hold, as soon as they are known. */
static void ended(void *context, const cf_claim_report *report)
{
    printer *p = context;
    cf_table table = {.columns = 0};
    if (!p->quiet && p->terminal)
        fputs("\r\033[K", stderr);
    if (p->quiet || p->status != CF_OK || (report->holds && !p->details))
        return;
    printf("%s: %s\n%s\n", report->claim->kind.name, report->claim->title, report->claim->kind.doc);
    p->status = cf_claim_table(report, &table, &p->err);
    if (p->status == CF_OK)
        cf_table_print(&table, stdout);
    cf_table_release(&table);
    printf("%s %s%s%s\n\n", report->claim->kind.name, cf_claim_word(report),
           report->failure[0] != '\0' ? ": " : "", report->failure);
    fflush(stdout);
}

static cf_status print_summary(const cf_validation *validation, cf_err *err)
{
    cf_table table = {.columns = 0};
    cf_status status = cf_validation_table(validation, &table, err);
    if (status == CF_OK)
        cf_table_print(&table, stdout);
    cf_table_release(&table);
    return status;
}

static cf_status check_targets(const cf_arguments *arguments, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < arguments->report_count && status == CF_OK; k++)
        status = cf_validation_check_target(arguments->reports[k], err);
    return status;
}

static cf_status write_reports(const cf_arguments *arguments, const char *command,
                               const cf_validation *validation, cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t k = 0; k < arguments->report_count && status == CF_OK; k++) {
        status = cf_validation_write(validation, arguments->reports[k], command, err);
        if (status == CF_OK && !arguments->quiet)
            printf("report: %s\n", arguments->reports[k]);
    }
    return status;
}

static void print_estimate(const cf_arguments *arguments, double seconds)
{
    if (!arguments->quiet)
        fprintf(stderr,
                seconds < 120 ? "about %.0f s on two cores\n" : "about %.0f min on two cores\n",
                seconds < 120 ? seconds : seconds / 60);
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    cf_validation *validation = NULL;
    const cf_level level = arguments->quick  ? CF_LEVEL_QUICK
                           : arguments->full ? CF_LEVEL_FULL
                                             : CF_LEVEL_DEFAULT;
    printer p = {.level = level,
                 .quiet = arguments->quiet,
                 .terminal = isatty(STDERR_FILENO) == 1,
                 .details = arguments->name_count > 0};
    double seconds;
    const cf_validation_setup setup = {.names = arguments->names,
                                       .name_count = arguments->name_count,
                                       .settings = arguments->settings,
                                       .setting_count = arguments->setting_count,
                                       .level = level,
                                       .context = &p,
                                       .begun = begun,
                                       .measured = measured,
                                       .ended = ended,
                                       .interrupted = cf_interrupted};
    cf_set_threads(arguments->threads);
    cf_status status = check_targets(arguments, err);
    if (status == CF_OK)
        status = cf_validation_estimate(&setup, &seconds, err);
    if (status == CF_OK) {
        print_estimate(arguments, seconds);
        cf_interrupt_catch();
        status = cf_validate(&setup, &validation, err);
    }
    if (status == CF_OK && p.status != CF_OK)
        status = cf_fail(err, p.status, "%s", p.err.message);
    if (status == CF_OK)
        status = print_summary(validation, err);
    if (status == CF_OK)
        status = write_reports(arguments, command_line, validation, err);
    int code = status != CF_OK           ? cf_exit_code(status)
               : validation->interrupted ? CF_EXIT_INTERRUPTED
               : validation->holds       ? CF_EXIT_DONE
                                         : CF_EXIT_NUMBERS;
    cf_validation_free(&validation);
    return code;
}

const cf_command cf_command_validate = {
    "validate",
    "validate [CLAIM]... [--set CLAIM.KEY=VALUE]... [--quick | --full] [--report FILE]... "
    "[--threads N] [--quiet]",
    "check the claims of docs/theory.md, C1 to C14, by measuring them: exit code 0 if all hold, 3 "
    "if "
    "one does not (reports: .md, .html, .json)",
    {.names = true, .set = true, .threads = true, .quiet = true, .report = true, .levels = true},
    execute};
