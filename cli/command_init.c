#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "contraflow/run/problem.h"

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    if (arguments->output == NULL) {
        cf_problem_write_template(stdout);
        return CF_EXIT_DONE;
    }
    FILE *file = fopen(arguments->output, "wx"); /* never over an existing file */
    if (file == NULL)
        return cf_exit_code(cf_fail(err, CF_EINPUT, "%s: cannot be created (%s)", arguments->output,
                                    strerror(errno)));
    cf_problem_write_template(file);
    if (ferror(file) | fclose(file)) {
        remove(arguments->output);
        return cf_exit_code(cf_fail(err, CF_ESYSTEM, "%s: cannot be written; is the disk full?",
                                    arguments->output));
    }
    return CF_EXIT_DONE;
}

const cf_command cf_command_init = {"init",
                                    "init [-o problem.yaml]",
                                    "write a commented problem file with every section",
                                    {.output = true},
                                    execute};
