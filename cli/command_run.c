#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"
#include "interrupt.h"
#include "progress.h"
#include "summary.h"

static void progress(void *context, const cf_progress *state)
{
    cf_progress_print(context, state);
}

static int exit_code_of(cf_run_end end)
{
    return end == CF_ENDED_COMPLETE
               ? CF_EXIT_DONE
               : (end == CF_ENDED_INTERRUPTED ? CF_EXIT_INTERRUPTED : CF_EXIT_NUMBERS);
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end = CF_ENDED_COMPLETE;
    cf_progress_printer printer;
    cf_set_threads(arguments->threads);
    cf_progress_start(&printer, arguments->quiet);
    char *path = arguments->output == NULL ? cf_path_with_suffix(arguments->file, ".h5", err)
                                           : cf_duplicate_text(arguments->output, err);
    char *checkpoint = path == NULL ? NULL : cf_text_join(path, ".checkpoint", err);
    cf_run_hooks hooks = {.context = &printer,
                          .progress = progress,
                          .interrupted = cf_interrupted,
                          .command = command_line,
                          .checkpoint = checkpoint,
                          .resume = arguments->resume};
    cf_interrupt_catch();
    cf_status status = checkpoint == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = cf_problem_read(arguments->file, arguments->settings, arguments->setting_count,
                                 &problem, err);
    if (status == CF_OK && arguments->resume && problem->checkpoint == NULL)
        status = cf_fail(err, CF_EINPUT, "%s: has no section checkpoint: nothing can be resumed",
                         arguments->file);
    if (status == CF_OK)
        status = cf_parts_create(problem, &parts, err);
    if (status == CF_OK)
        status = cf_run(parts, path, &hooks, &result, &end, err);
    cf_progress_finish(&printer);
    if (status == CF_OK && !arguments->quiet)
        status = cf_summary_print(result, stdout, err);
    if (status == CF_OK && arguments->quiet && end != CF_ENDED_COMPLETE)
        cf_summary_print_messages(result, stderr); /* no exit code but 0 without its reason */
    if (status == CF_OK && !arguments->quiet)
        printf("result: %s\n", path);
    if (status == CF_OK && end == CF_ENDED_INTERRUPTED && problem->checkpoint != NULL)
        printf("checkpoint: %s (--resume goes on from it)\n", checkpoint);
    cf_result_free(&result);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    free(checkpoint);
    free(path);
    return status == CF_OK ? exit_code_of(end) : cf_exit_code(status);
}

const cf_command cf_command_run = {
    "run",
    "run FILE [-o OUT.h5] [--set KEY=VALUE]... [--threads N] [--resume] [--quiet]",
    "run every flow of a problem file and write the result (FILE with .h5 unless -o names it)",
    {.file = true, .output = true, .set = true, .threads = true, .quiet = true, .resume = true},
    execute};
