/* Command-line arguments; private to cli/. */
#ifndef CONTRAFLOW_CLI_ARGUMENTS_H
#define CONTRAFLOW_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    const char *file;   /* the positional argument, NULL if none */
    const char **names; /* [name_count] all of them, where a command takes many; owned array */
    size_t name_count;
    const char *output;    /* -o */
    const char *reference; /* --reference */
    const char *tau;       /* --tau */
    const char **settings; /* [setting_count] --set key=value; owned array of borrowed texts */
    size_t setting_count;
    const char **keys; /* [key_count] --of key; likewise */
    size_t key_count;
    const char **reports; /* [report_count] --report file; likewise */
    size_t report_count;
    long threads; /* 0: not given */
    long jobs;    /* likewise */
    bool quiet, resume, quick, full;
    bool help;
} cf_arguments;

/* What a command takes. */
typedef struct {
    bool file, names, output, set, threads, quiet, reference, jobs, resume, of, report, levels, tau;
} cf_argument_set;

/* Parses what follows the command's name. CF_EINPUT names the argument and what is accepted. */
cf_status cf_arguments_parse(int argc, char **argv, const cf_argument_set *accepted,
                             cf_arguments *out, cf_err *err);
void cf_arguments_free(cf_arguments *arguments);

/* `path` with its suffix replaced by `suffix` (".h5"); malloc'ed. */
char *cf_path_with_suffix(const char *path, const char *suffix, cf_err *err);

/* Two texts in one; malloc'ed. */
char *cf_text_join(const char *a, const char *b, cf_err *err);

#endif
