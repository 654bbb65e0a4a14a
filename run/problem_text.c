/* The text of a problem file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/problem.h"
#include "contraflow/solver/memory.h"

enum { LARGEST = 64 << 20 }; /* bytes; larger data belong in a file of their own */

/* *text [*size + 1] ends in NUL. Errors carry no place. */
static cf_status read_stream(FILE *stream, char **text, size_t *size, cf_err *err)
{
    size_t capacity = 1 << 16;
    *size = 0;
    *text = cf_allocate("problem file", capacity, 1, err);
    while (*text != NULL) {
        *size += fread(*text + *size, 1, capacity - 1 - *size, stream);
        if (*size < capacity - 1)
            break;
        if (capacity >= LARGEST)
            return cf_fail(err, CF_EINPUT,
                           "larger than 64 MiB: put the data in a file of their own (data: {kind: "
                           "file, path: ...})");
        char *larger = cf_allocate("problem file", 2 * capacity, 1, err);
        if (larger != NULL)
            memcpy(larger, *text, *size);
        free(*text);
        *text = larger;
        capacity *= 2;
    }
    if (*text == NULL)
        return CF_ESYSTEM;
    if (ferror(stream))
        return cf_fail(err, CF_EINPUT, "cannot be read: %s", strerror(errno));
    if (strlen(*text) != *size)
        return cf_fail(err, CF_EINPUT, "not a text file: it contains the character NUL");
    return CF_OK;
}

cf_status cf_problem_read(const char *file, const char *const *settings, size_t count,
                          cf_problem **out, cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    *out = NULL;
    FILE *stream = fopen(file, "rb");
    if (stream == NULL)
        return cf_fail(err, CF_EINPUT, "%s: cannot be opened: %s", file, strerror(errno));
    errno = 0;
    cf_status status = read_stream(stream, &text, &size, err);
    fclose(stream);
    if (status != CF_OK)
        cf_err_prepend(err, "%s: ", file);
    else
        status = cf_problem_parse(file, text, settings, count, out, err);
    free(text);
    return status;
}
