#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

static cf_status grow(cf_places *places, cf_err *err)
{
    size_t capacity = places->capacity == 0 ? 64 : 2 * places->capacity;
    cf_place *items = cf_allocate("problem", capacity, sizeof *items, err);
    if (items == NULL)
        return CF_ESYSTEM;
    if (places->count > 0)
        memcpy(items, places->items, places->count * sizeof *items);
    free(places->items);
    places->items = items;
    places->capacity = capacity;
    return CF_OK;
}

cf_status cf_places_add(cf_places *places, const char *key, int line, const char *setting,
                        cf_err *err)
{
    if (places->count == places->capacity && grow(places, err) != CF_OK)
        return CF_ESYSTEM;
    cf_place *place = &places->items[places->count];
    place->line = line;
    place->key = cf_duplicate_text(key, err);
    place->setting = cf_duplicate_text(setting, err);
    places->count++;
    if (place->key == NULL || (setting != NULL && place->setting == NULL))
        return CF_ESYSTEM;
    return CF_OK;
}

void cf_places_free(cf_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        free(places->items[i].key);
        free(places->items[i].setting);
    }
    free(places->items);
    *places = (cf_places){0};
}

static const cf_place *find(const cf_places *places, const char *key, size_t length)
{
    for (size_t i = 0; i < places->count; i++) {
        const char *known = places->items[i].key;
        if (strncmp(known, key, length) == 0 && known[length] == '\0')
            return &places->items[i];
    }
    return NULL;
}

const cf_place *cf_places_find(const cf_places *places, const char *key)
{
    return find(places, key, strlen(key));
}

const cf_place *cf_places_nearest(const cf_places *places, const char *key)
{
    size_t length = strlen(key);
    while (length > 0) {
        const cf_place *place = find(places, key, length);
        if (place != NULL)
            return place;
        do
            length--;
        while (length > 0 && key[length] != '.');
    }
    return NULL;
}

void cf_message_key(const char *section, const cf_err *err, char *key, size_t size)
{
    int length = (int)strcspn(err->message, " :");
    snprintf(key, size, "%s.%.*s", section, length, err->message);
}
