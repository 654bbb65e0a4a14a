#include <stdio.h>

#include "command.h"
#include "contraflow/run/result.h"
#include "info.h"

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_result *result = NULL;
    cf_status status = cf_result_read(arguments->file, &result, err);
    if (status == CF_OK)
        status = cf_info_print(result, stdout, err);
    cf_result_free(&result);
    return cf_exit_code(status);
}

const cf_command cf_command_info = {"info",
                                    "info OUT.h5",
                                    "summarize a result file and list its contents",
                                    {.file = true},
                                    execute};
