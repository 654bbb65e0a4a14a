/* The valid names that a misspelt one may have meant. */
#ifndef CONTRAFLOW_RUN_NEAREST_H
#define CONTRAFLOW_RUN_NEAREST_H

#include <stddef.h>

typedef struct {
    const char *word; /* as written */
    const char *best; /* the closest name so far */
    size_t distance;
    char valid[512]; /* all names offered: "a, b, c" */
} cf_nearest;

/* Initialize with {.word = WORD}. */
void cf_nearest_offer(cf_nearest *nearest, const char *name);

/* "; did you mean `tau`?" where a name is close enough, or "". */
const char *cf_nearest_hint(const cf_nearest *nearest, char hint[96]);

#endif
