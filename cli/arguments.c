#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { MOST = 1024 }; /* threads or processes */

/* The value of option `name` given as "--name value" or "--name=value"; NULL where argv[*k] is not
 * it. */
static const char *value_of(const char *name, int argc, char **argv, int *k, cf_err *err)
{
    const char *argument = argv[*k];
    size_t length = strlen(name);
    if (strncmp(argument, name, length) != 0)
        return NULL;
    if (argument[length] == '=' && argument[1] == '-')
        return argument + length + 1;
    if (argument[length] != '\0')
        return NULL;
    if (*k + 1 >= argc || argv[*k + 1] == NULL) {
        cf_fail(err, CF_EINPUT, "%s: needs a value", name);
        return NULL;
    }
    return argv[++*k];
}

static cf_status parse_count(const char *name, const char *text, long *count, cf_err *err)
{
    char *end;
    *count = strtol(text, &end, 10);
    if (*end != '\0' || end == text || *count < 1 || *count > MOST)
        return cf_fail(err, CF_EINPUT, "%s %s: must be an integer in [1, %d]", name, text, MOST);
    return CF_OK;
}

static cf_status parse_setting(const char *text, cf_arguments *out, cf_err *err)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return cf_fail(err, CF_EINPUT, "--set %s: must be key=value, loss.tau=0.2 say", text);
    out->settings[out->setting_count++] = text;
    return CF_OK;
}

/* Arguments without a value. */
static bool parse_switch(const char *argument, const cf_argument_set *accepted, cf_arguments *out)
{
    const struct {
        bool accepted;
        const char *name;
        bool *value;
    } switches[] = {{true, "--help", &out->help},
                    {true, "-h", &out->help},
                    {accepted->quiet, "--quiet", &out->quiet},
                    {accepted->resume, "--resume", &out->resume},
                    {accepted->levels, "--quick", &out->quick},
                    {accepted->levels, "--full", &out->full}};
    for (size_t k = 0; k < sizeof switches / sizeof *switches; k++) {
        if (switches[k].accepted && strcmp(argument, switches[k].name) == 0) {
            *switches[k].value = true;
            return true;
        }
    }
    return false;
}

static cf_status parse_one(int argc, char **argv, int *k, const cf_argument_set *accepted,
                           cf_arguments *out, cf_err *err)
{
    const char *argument = argv[*k], *value;
    if (parse_switch(argument, accepted, out))
        return CF_OK;
    if (accepted->report && (value = value_of("--report", argc, argv, k, err)) != NULL) {
        out->reports[out->report_count++] = value;
        return CF_OK;
    }
    if (accepted->set && (value = value_of("--set", argc, argv, k, err)) != NULL)
        return parse_setting(value, out, err);
    if (accepted->of && (value = value_of("--of", argc, argv, k, err)) != NULL) {
        out->keys[out->key_count++] = value;
        return CF_OK;
    }
    if (accepted->threads && (value = value_of("--threads", argc, argv, k, err)) != NULL)
        return parse_count("--threads", value, &out->threads, err);
    if (accepted->jobs && (value = value_of("--jobs", argc, argv, k, err)) != NULL)
        return parse_count("--jobs", value, &out->jobs, err);
    if (accepted->reference && (value = value_of("--reference", argc, argv, k, err)) != NULL) {
        out->reference = value;
        return CF_OK;
    }
    if (accepted->tau && (value = value_of("--tau", argc, argv, k, err)) != NULL) {
        out->tau = value;
        return CF_OK;
    }
    if (accepted->output && ((value = value_of("-o", argc, argv, k, err)) != NULL ||
                             (value = value_of("--output", argc, argv, k, err)) != NULL)) {
        out->output = value;
        return CF_OK;
    }
    if (err->status != CF_OK)
        return err->status;
    if (argument[0] == '-' && argument[1] != '\0')
        return cf_fail(err, CF_EINPUT, "%s: unknown option", argument);
    if (accepted->names) {
        out->names[out->name_count++] = argument;
        return CF_OK;
    }
    if (!accepted->file || out->file != NULL)
        return cf_fail(err, CF_EINPUT, "%s: one argument too many", argument);
    out->file = argument;
    return CF_OK;
}

cf_status cf_arguments_parse(int argc, char **argv, const cf_argument_set *accepted,
                             cf_arguments *out, cf_err *err)
{
    memset(out, 0, sizeof *out);
    out->settings = cf_allocate("arguments", (size_t)argc + 1, sizeof *out->settings, err);
    out->keys = cf_allocate("arguments", (size_t)argc + 1, sizeof *out->keys, err);
    out->names = cf_allocate("arguments", (size_t)argc + 1, sizeof *out->names, err);
    out->reports = cf_allocate("arguments", (size_t)argc + 1, sizeof *out->reports, err);
    if (out->settings == NULL || out->keys == NULL || out->names == NULL || out->reports == NULL)
        return CF_ESYSTEM;
    cf_status status = CF_OK;
    for (int k = 0; k < argc && argv[k] != NULL && status == CF_OK; k++)
        status = parse_one(argc, argv, &k, accepted, out, err);
    if (status == CF_OK && out->quick && out->full)
        status = cf_fail(err, CF_EINPUT, "--quick and --full: only one of them");
    if (status == CF_OK && accepted->file && out->file == NULL && !out->help)
        status = cf_fail(err, CF_EINPUT, "a file is missing");
    return status;
}

void cf_arguments_free(cf_arguments *arguments)
{
    free(arguments->settings);
    free(arguments->keys);
    free(arguments->names);
    free(arguments->reports);
    arguments->settings = arguments->keys = arguments->names = arguments->reports = NULL;
}

char *cf_path_with_suffix(const char *path, const char *suffix, cf_err *err)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    bool has_suffix = dot != NULL && dot != path && (slash == NULL || dot > slash + 1);
    size_t stem = has_suffix ? (size_t)(dot - path) : strlen(path);
    size_t size = stem + strlen(suffix) + 1;
    char *result = cf_allocate("path", size, 1, err);
    if (result != NULL)
        snprintf(result, size, "%.*s%s", (int)stem, path, suffix);
    return result;
}

char *cf_text_join(const char *a, const char *b, cf_err *err)
{
    size_t size = strlen(a) + strlen(b) + 1;
    char *text = cf_allocate("text", size, 1, err);
    if (text != NULL)
        snprintf(text, size, "%s%s", a, b);
    return text;
}
