#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "contraflow/run/file.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/memory.h"
#include "flow_style.h"
#include "reference.h"
#include "report.h"
#include "sweep_report.h"

/* What was asked for; else networks are compared where that can be done. */
static cf_status open_reference(const cf_arguments *arguments, const cf_result *result,
                                cf_reference *reference, cf_err *err)
{
    cf_err reason = {0};
    if (arguments->reference == NULL && !cf_result_has_networks(result))
        return CF_OK;
    cf_status status =
        cf_reference_open(result, arguments->file, arguments->reference, reference, &reason);
    if (status == CF_OK || (status == CF_EINPUT && arguments->reference == NULL))
        return CF_OK;
    return cf_fail(err, status, "%s", reason.message);
}

static cf_status report(const cf_arguments *arguments, const cf_result *result, const char *page,
                        const char *figures, cf_err *err)
{
    cf_reference reference = {0};
    if (cf_is_sweep(result))
        return cf_sweep_report_write(result, page, figures, err);
    cf_status status = open_reference(arguments, result, &reference, err);
    const cf_subject subject = {.result = result, .comparison = reference.comparison};
    if (status == CF_OK)
        status = cf_report_write(&subject, page, figures, err);
    cf_reference_close(&reference);
    return status;
}

/* The folder of a sweep stands for its table, and its page is put into it. */
static cf_status find_files(const cf_arguments *arguments, char **file, char **page, cf_err *err)
{
    struct stat found;
    bool folder = stat(arguments->file, &found) == 0 && S_ISDIR(found.st_mode);
    *file = folder ? cf_text_join(arguments->file, "/table.h5", err)
                   : cf_duplicate_text(arguments->file, err);
    if (arguments->output != NULL)
        *page = cf_duplicate_text(arguments->output, err);
    else
        *page = folder ? cf_text_join(arguments->file, "/report.html", err)
                       : cf_path_with_suffix(arguments->file, ".html", err);
    return *file != NULL && *page != NULL ? CF_OK : CF_ESYSTEM;
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_result *result = NULL;
    char *file = NULL, *page = NULL, *figures = NULL;
    cf_status status = find_files(arguments, &file, &page, err);
    if (status == CF_OK && (figures = cf_path_with_suffix(page, "-figures", err)) == NULL)
        status = CF_ESYSTEM;
    if (status == CF_OK)
        status = cf_result_read(file, &result, err);
    if (status == CF_OK && cf_file_same(page, file))
        status = cf_fail(err, CF_EINPUT,
                         "%s: the report would replace its own result: name another place with -o",
                         page);
    if (status == CF_OK)
        status = report(arguments, result, page, figures, err);
    if (status == CF_OK)
        printf("report: %s\n", page);
    if (status == CF_OK && access(figures, F_OK) == 0) /* there are none without gnuplot */
        printf("figures: %s/\n", figures);
    cf_result_free(&result);
    free(file);
    free(page);
    free(figures);
    return cf_exit_code(status);
}

const cf_command cf_command_report = {
    "report",
    "report OUT.h5|FOLDER [-o OUT.html] [--reference [FILE:]FLOW]",
    "write one self-contained page, and each figure as SVG and PNG; networks are "
    "compared with their limit unless --reference names another flow; of the folder of a sweep, "
    "its "
    "statistics",
    {.file = true, .output = true, .reference = true},
    execute};
