#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/memory.h"
#include "report.h"

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_result *result = NULL;
    char *page = arguments->output == NULL ? cf_path_with_suffix(arguments->file, ".html", err)
                                           : cf_duplicate_text(arguments->output, err);
    char *figures = page == NULL ? NULL : cf_path_with_suffix(page, "-figures", err);
    cf_status status = figures == NULL ? CF_ESYSTEM : cf_result_read(arguments->file, &result, err);
    if (status == CF_OK)
        status = cf_report_write(result, page, figures, err);
    if (status == CF_OK)
        printf("report: %s\n", page);
    if (status == CF_OK && access(figures, F_OK) == 0) /* there are none without gnuplot */
        printf("figures: %s/\n", figures);
    cf_result_free(&result);
    free(page);
    free(figures);
    return cf_exit_code(status);
}

const cf_command cf_command_report = {
    "report",
    "report OUT.h5 [-o OUT.html]",
    "write one self-contained page, and each figure as SVG and PNG",
    {.file = true, .output = true},
    execute};
