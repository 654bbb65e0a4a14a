/* Where each given key of a problem was written: "loss.tau" on line 12, or by --set. */
#ifndef CONTRAFLOW_RUN_PLACES_H
#define CONTRAFLOW_RUN_PLACES_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    char *key; /* dotted; list items by index from 0 */
    int line;
    char *setting; /* the "KEY=VALUE" of --set, or NULL */
} cf_place;

typedef struct {
    cf_place *items;
    size_t count, capacity;
} cf_places;

cf_status cf_places_add(cf_places *places, const char *key, int line, const char *setting,
                        cf_err *err);
void cf_places_free(cf_places *places);

/* The place of the very key, or NULL. */
const cf_place *cf_places_find(const cf_places *places, const char *key);

/* The place of the key or of its nearest given parent; NULL where not even that was given. */
const cf_place *cf_places_nearest(const cf_places *places, const char *key);

/* key [size] = SECTION.WORD, WORD being what the message begins with: "widths = 0: ...". */
void cf_message_key(const char *section, const cf_err *err, char *key, size_t size);

#endif
