#define _POSIX_C_SOURCE 200809L
#include "gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

cf_status cf_script_open(cf_script *script, cf_err *err)
{
    *script = (cf_script){0};
    script->stream = open_memstream(&script->text, &script->size);
    if (script->stream == NULL)
        return cf_fail(err, CF_ESYSTEM, "gnuplot script: %s", strerror(errno));
    return CF_OK;
}

void cf_script_free(cf_script *script)
{
    if (script->stream != NULL)
        fclose(script->stream);
    free(script->text);
    *script = (cf_script){0};
}

void cf_gnuplot_quote(FILE *stream, const char *text)
{
    fputc('\'', stream);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\'')
            fputc('\'', stream);
        fputc(c < ' ' || c == 127 ? ' ' : c, stream);
    }
    fputc('\'', stream);
}

/* -d: without the user's settings, so that figures are the same everywhere. */
static bool spawn(int input, int output, int errors, pid_t *child)
{
    char *arguments[] = {"gnuplot", "-d", "-", NULL};
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    bool ok = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) == 0 &&
              posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0 &&
              posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO) == 0 &&
              posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return ok;
}

static bool wait_for(pid_t child)
{
    int result;
    while (waitpid(child, &result, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(result) && WEXITSTATUS(result) == 0;
}

/* The first lines of what gnuplot said, on one line. */
static void first_words(FILE *said, char *words, size_t size)
{
    rewind(said);
    size_t length = fread(words, 1, size - 1, said);
    words[length] = '\0';
    for (size_t k = 0; k < length; k++)
        if ((unsigned char)words[k] < ' ')
            words[k] = ' ';
}

/* The script goes through a file and not through a pipe: a gnuplot that dies early raises no
 * SIGPIPE. */
static bool run(const char *text, size_t size, char *words, size_t room)
{
    FILE *input = tmpfile(), *said = tmpfile();
    pid_t child;
    bool ok = input != NULL && said != NULL && fwrite(text, 1, size, input) == size &&
              fflush(input) == 0 && fseek(input, 0, SEEK_SET) == 0;
    words[0] = '\0';
    if (!ok)
        snprintf(words, room, "no room for temporary files");
    ok = ok && spawn(fileno(input), fileno(said), fileno(said), &child) && wait_for(child);
    if (said != NULL && words[0] == '\0')
        first_words(said, words, room);
    if (input != NULL)
        fclose(input);
    if (said != NULL)
        fclose(said);
    return ok;
}

cf_status cf_gnuplot_run(cf_script *script, cf_err *err)
{
    char words[400];
    if (fflush(script->stream) != 0 || ferror(script->stream))
        return cf_fail(err, CF_ESYSTEM, "gnuplot script: memory is short");
    if (!run(script->text, script->size, words, sizeof words))
        return cf_fail(err, CF_ESYSTEM, "gnuplot failed: %s", words);
    return CF_OK;
}

bool cf_gnuplot_present(bool *cairo)
{
    static const char question[] = "print GPVAL_TERMINALS\n";
    char words[4000];
    bool present = run(question, sizeof question - 1, words, sizeof words);
    *cairo = present && strstr(words, " pngcairo ") != NULL;
    return present && strstr(words, "svg") != NULL;
}
