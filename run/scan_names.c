/* Names of configurations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "scan_internal.h"

enum { MOST_MASSES = 4096 };

/* KIND-FROM..TO: the place of the number, or NULL. */
static const char *find_range(const char *name, long *from, long *to)
{
    const char *dots = strstr(name, ".."), *number = dots;
    char *end;
    if (dots == NULL)
        return NULL;
    while (number > name && number[-1] >= '0' && number[-1] <= '9')
        number--;
    *from = strtol(number, NULL, 10);
    *to = strtol(dots + 2, &end, 10);
    bool whole = number < dots && end > dots + 2 && (*end == '\0' || *end == ',');
    return whole && *from <= *to ? number : NULL;
}

size_t cf_scan_name_count(const char *name)
{
    long from, to;
    return find_range(name, &from, &to) == NULL ? 1 : (size_t)(to - from + 1);
}

char *cf_scan_name(const char *name, size_t k, cf_err *err)
{
    long from, to;
    const char *number = find_range(name, &from, &to);
    size_t size = strlen(name) + 24;
    char *text = cf_allocate("name", size, 1, err);
    if (text == NULL)
        return NULL;
    if (number == NULL)
        snprintf(text, size, "%s", name);
    else
        snprintf(text, size, "%.*s%ld%s", (int)(number - name), name, from + (long)k,
                 strchr(number, ',') == NULL ? "" : strchr(number, ','));
    return text;
}

static cf_status read_masses(const char *name, const char *text, double *masses, size_t *count,
                             cf_err *err)
{
    char *end = NULL;
    for (*count = 0; *count < MOST_MASSES; text = end + 1) {
        masses[(*count)++] = strtod(text, &end);
        if (end == text || *end != ':')
            break;
    }
    return end != text && (*end == '\0' || *end == ',')
               ? CF_OK
               : cf_fail(err, CF_EINPUT,
                         "configuration %s: masses must be numbers with colons between them", name);
}

static cf_status read_options(const char *name, const char *text, cf_configuration_setup *setup,
                              double *masses, size_t *count, cf_err *err)
{
    cf_status status = CF_OK;
    while (text != NULL && status == CF_OK) {
        char *end = NULL;
        text++;
        if (strncmp(text, "in=", 3) == 0) {
            setup->dimension = strtoul(text + 3, &end, 10);
            if (end == text + 3 || (*end != '\0' && *end != ',') || setup->dimension > 1000)
                status = cf_fail(err, CF_EINPUT,
                                 "configuration %s: in must be a dimension of at most 1000", name);
        } else if (strncmp(text, "masses=", 7) == 0) {
            status = read_masses(name, text + 7, masses, count, err);
            setup->masses = masses;
        } else {
            status = cf_fail(err, CF_EINPUT,
                             "configuration %s: a comma must be followed by in=DIMENSION or "
                             "masses=M1:M2:...",
                             name);
        }
        text = strchr(text, ',');
    }
    return status;
}

cf_status cf_scan_points(const char *name, cf_configuration **out, cf_err *err)
{
    const char *comma = strchr(name, ',');
    cf_configuration_setup setup;
    size_t count = 0;
    *out = NULL;
    char *kind = cf_duplicate_text(name, err);
    double *masses = cf_allocate("masses", MOST_MASSES, sizeof *masses, err);
    cf_status status = kind == NULL || masses == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK && comma != NULL)
        kind[comma - name] = '\0';
    if (status == CF_OK)
        status = cf_configuration_find(kind, &setup, err);
    if (status == CF_OK)
        status = read_options(name, comma, &setup, masses, &count, err);
    if (status == CF_OK && setup.masses != NULL && count != setup.kind->vertices(setup.size))
        status = cf_fail(err, CF_EINPUT, "configuration %s: has %zu masses, but %zu vertices", name,
                         count, setup.kind->vertices(setup.size));
    if (status == CF_OK)
        status = cf_configuration_create(&setup, out, err);
    free(kind);
    free(masses);
    return status;
}
