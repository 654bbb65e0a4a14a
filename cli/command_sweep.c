#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "contraflow/run/sweep.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"
#include "interrupt.h"
#include "progress.h"

static void progress(void *context, const cf_sweep_progress *state)
{
    cf_progress_print_sweep(context, state);
}

/* One process per core, and one thread in each: no forked process may inherit threads, so none is
 * started here. */
static cf_sweep_options options_of(const cf_arguments *arguments, const char *folder,
                                   const char *command_line, cf_progress_printer *printer)
{
    cf_set_threads(0);
    long cores = cf_threads();
    cf_set_threads(1);
    return (cf_sweep_options){.settings = arguments->settings,
                              .setting_count = arguments->setting_count,
                              .folder = folder,
                              .jobs = (size_t)(arguments->jobs > 0 ? arguments->jobs : cores),
                              .threads = arguments->threads > 0 ? (int)arguments->threads : 1,
                              .resume = arguments->resume,
                              .command = command_line,
                              .context = printer,
                              .progress = progress,
                              .interrupted = cf_interrupted};
}

static int report(const cf_sweep_progress *end, const char *folder, bool quiet)
{
    bool interrupted = end->ended < end->runs;
    if (!quiet) {
        printf("%zu of %zu runs", end->ended, end->runs);
        if (end->failed > 0)
            printf(", %zu failed (their rows say why)", end->failed);
        printf("\ntable: %s/table.csv, %s/table.h5 (contraflow report %s shows it)\n", folder,
               folder, folder);
    }
    return interrupted ? CF_EXIT_INTERRUPTED : end->failed > 0 ? CF_EXIT_NUMBERS : CF_EXIT_DONE;
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    cf_problem *problem = NULL;
    cf_progress_printer printer;
    cf_sweep_progress end = {.runs = 0};
    char *folder = arguments->output == NULL ? cf_path_with_suffix(arguments->file, "-sweep", err)
                                             : cf_duplicate_text(arguments->output, err);
    cf_progress_start(&printer, arguments->quiet);
    const cf_sweep_options options = options_of(arguments, folder, command_line, &printer);
    cf_interrupt_catch();
    cf_status status = folder == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        status = cf_problem_read(arguments->file, arguments->settings, arguments->setting_count,
                                 &problem, err);
    if (status == CF_OK && problem->sweep == NULL)
        status = cf_fail(err, CF_EINPUT, "%s: has no section sweep: use `contraflow run`",
                         arguments->file);
    if (status == CF_OK)
        status = cf_sweep(problem, &options, &end, err);
    cf_progress_finish(&printer);
    int code = status == CF_OK ? report(&end, folder, arguments->quiet) : cf_exit_code(status);
    cf_problem_free(&problem);
    free(folder);
    return code;
}

const cf_command cf_command_sweep = {
    "sweep",
    "sweep FILE [-o FOLDER] [--set KEY=VALUE]... [--jobs N] [--threads N] [--resume] [--quiet]",
    "run what the sweep: section of a problem file asks for, one process per core, into a folder "
    "with a table",
    {.file = true,
     .output = true,
     .set = true,
     .threads = true,
     .quiet = true,
     .jobs = true,
     .resume = true},
    execute};
