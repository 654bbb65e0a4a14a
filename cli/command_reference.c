#include <stdio.h>

#include "command.h"
#include "contraflow/run/problem.h"

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)arguments, (void)command_line, (void)err;
    cf_problem_write_reference(stdout);
    return CF_EXIT_DONE;
}

const cf_command cf_command_reference = {
    "reference",
    "reference",
    "print every key of the problem file with type, default and range (docs/problem-file.md)",
    {.file = false},
    execute};
