/* The table of commands and the exit codes; private to cli/. */
#ifndef CONTRAFLOW_CLI_COMMAND_H
#define CONTRAFLOW_CLI_COMMAND_H

#include "arguments.h"

enum {
    CF_EXIT_DONE = 0,
    CF_EXIT_INTERNAL = 1,
    CF_EXIT_INPUT = 2,
    CF_EXIT_NUMBERS = 3,
    CF_EXIT_INTERRUPTED = 130
};

typedef struct {
    const char *name;
    const char *usage; /* after "contraflow " */
    const char *doc;
    cf_argument_set accepted;
    /* Returns an exit code; a failure leaves its message in err. */
    int (*execute)(const cf_arguments *arguments, const char *command_line, cf_err *err);
} cf_command;

/* NULL-terminated. */
extern const cf_command *const cf_commands[];

extern const cf_command cf_command_run, cf_command_check, cf_command_init, cf_command_report,
    cf_command_compare, cf_command_info, cf_command_reference, cf_command_sweep,
    cf_command_sensitivity, cf_command_stationary, cf_command_export, cf_command_validate;

/* The exit code of a status: user errors and full or unwritable targets 2, numbers 3. */
int cf_exit_code(cf_status status);

#endif
