#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "contraflow/run/file.h"
#include "contraflow/run/result.h"
#include "contraflow/solver/memory.h"
#include "flow_style.h"
#include "reference.h"
#include "report.h"

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

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_result *result = NULL;
    cf_reference reference = {0};
    char *page = arguments->output == NULL ? cf_path_with_suffix(arguments->file, ".html", err)
                                           : cf_duplicate_text(arguments->output, err);
    char *figures = page == NULL ? NULL : cf_path_with_suffix(page, "-figures", err);
    cf_status status = figures == NULL ? CF_ESYSTEM : cf_result_read(arguments->file, &result, err);
    if (status == CF_OK && cf_file_same(page, arguments->file))
        status = cf_fail(err, CF_EINPUT,
                         "%s: the report would replace its own result: name another place with -o",
                         page);
    if (status == CF_OK)
        status = open_reference(arguments, result, &reference, err);
    const cf_subject subject = {result, reference.comparison};
    if (status == CF_OK)
        status = cf_report_write(&subject, page, figures, err);
    if (status == CF_OK)
        printf("report: %s\n", page);
    if (status == CF_OK && access(figures, F_OK) == 0) /* there are none without gnuplot */
        printf("figures: %s/\n", figures);
    cf_reference_close(&reference);
    cf_result_free(&result);
    free(page);
    free(figures);
    return cf_exit_code(status);
}

const cf_command cf_command_report = {
    "report",
    "report OUT.h5 [-o OUT.html] [--reference [FILE:]FLOW]",
    "write one self-contained page, and each figure as SVG and PNG; networks are "
    "compared with their limit unless --reference names another flow",
    {.file = true, .output = true, .reference = true},
    execute};
