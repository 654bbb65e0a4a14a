#define _POSIX_C_SOURCE 200809L
/* contraflow COMMAND ARGUMENTS: finds the command in the table and reports its failure. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "command.h"
#include "contraflow/run/nearest.h"
#include "contraflow/run/version.h"
#include "contraflow/solver/memory.h"

const cf_command *const cf_commands[] = {&cf_command_run,
                                         &cf_command_sweep,
                                         &cf_command_sensitivity,
                                         &cf_command_stationary,
                                         &cf_command_validate,
                                         &cf_command_check,
                                         &cf_command_init,
                                         &cf_command_report,
                                         &cf_command_compare,
                                         &cf_command_info,
                                         &cf_command_export,
                                         &cf_command_reference,
                                         NULL};

int cf_exit_code(cf_status status)
{
    static const int codes[] = {CF_EXIT_DONE, CF_EXIT_INPUT, CF_EXIT_NUMBERS, CF_EXIT_INPUT};
    return codes[status];
}

static void print_usage(FILE *stream)
{
    fprintf(stream, "contraflow: training dynamics of contrastive learning as gradient flows\n\n");
    for (const cf_command *const *command = cf_commands; *command != NULL; command++)
        fprintf(stream, "  contraflow %s\n      %s\n", (*command)->usage, (*command)->doc);
    fprintf(stream, "  contraflow --version\n\nexit codes: 0 done; 1 internal; 2 usage, problem "
                    "file or files; 3 stopped by "
                    "the\nnumbers, partial results kept; 130 interrupted, partial results kept\n");
}

static char *join(int argc, char **argv, cf_err *err)
{
    size_t size = 1;
    for (int k = 0; k < argc; k++)
        size += strlen(argv[k]) + 1;
    char *line = cf_allocate("command line", size, 1, err);
    for (int k = 0; k < argc && line != NULL; k++) {
        if (k > 0)
            strcat(line, " ");
        strcat(line, argv[k]);
    }
    return line;
}

static int execute(const cf_command *command, int argc, char **argv)
{
    cf_err err = {0};
    cf_arguments arguments;
    cf_status status = cf_arguments_parse(argc - 2, argv + 2, &command->accepted, &arguments, &err);
    int code = cf_exit_code(status);
    if (status == CF_OK && arguments.help) {
        printf("contraflow %s\n    %s\n", command->usage, command->doc);
    } else if (status == CF_OK) {
        char *line = join(argc, argv, &err);
        code = line == NULL ? CF_EXIT_INTERNAL : command->execute(&arguments, line, &err);
        free(line);
    }
    cf_arguments_free(&arguments);
    if (err.status != CF_OK)
        fprintf(stderr, "contraflow: %s\n", err.message);
    if (status == CF_EINPUT)
        fprintf(stderr, "usage: contraflow %s\n", command->usage);
    if (code == CF_EXIT_DONE && fflush(stdout) != 0) {
        fprintf(stderr, "contraflow: standard output cannot be written\n");
        return CF_EXIT_INPUT;
    }
    return code;
}

static int refuse_command(const char *word)
{
    char hint[96];
    cf_nearest nearest = {.word = word};
    for (const cf_command *const *command = cf_commands; *command != NULL; command++)
        cf_nearest_offer(&nearest, (*command)->name);
    fprintf(stderr, "contraflow: %s: unknown command%s (valid: %s)\n", word,
            cf_nearest_hint(&nearest, hint), nearest.valid);
    return CF_EXIT_INPUT;
}

/* Large blocks come from the system and go back to it. By itself glibc takes blocks of up to 32 MiB
 * from its heap once some have been freed, and the gaps there become as large as what is in use. */
static void return_large_blocks(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
}

/* Threads that wait spin for some ten microseconds and then sleep. As libgomp has it by itself they
 * spin for milliseconds, which takes the cores from those they wait for where other processes are
 * about: ten times slower has been seen. It reads this before main, so that the program begins
 * anew; who sets either variable has a choice. */
static void wait_briefly(char **argv)
{
#if defined(_OPENMP) && defined(__linux__)
    if (getenv("GOMP_SPINCOUNT") == NULL && getenv("OMP_WAIT_POLICY") == NULL &&
        setenv("GOMP_SPINCOUNT", "1000", 0) == 0)
        execv("/proc/self/exe", argv);
#else
    (void)argv;
#endif
}

int main(int argc, char **argv)
{
    return_large_blocks();
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit shows as a failed write, with its message */
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? CF_EXIT_INPUT : CF_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        char build[256];
        cf_build_description(build, sizeof build);
        printf("contraflow %s (%s)\n%s\n", cf_version(), cf_git_commit(), build);
        return CF_EXIT_DONE;
    }
    for (const cf_command *const *command = cf_commands; *command != NULL; command++)
        if (strcmp((*command)->name, argv[1]) == 0) {
            if ((*command)->accepted.threads)
                wait_briefly(argv);
            return execute(*command, argc, argv);
        }
    return refuse_command(argv[1]);
}
