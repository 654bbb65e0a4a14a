/* Sorts atoms by the bits of their positions, a digit after the other from the lowest: time
 * proportional to their number, where a sort by comparison is most of what a distance costs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transport_internal.h"

enum { BITS = 11, DIGITS = 6, VALUES = 1 << BITS, FEW = 512 };

static int compare(const void *left, const void *right)
{
    const cf_atom *a = left, *b = right;
    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return (a->weight > b->weight) - (a->weight < b->weight);
}

/* In the order of the numbers; both zeros are one. */
static uint64_t key_of(double position)
{
    uint64_t bits, sign = UINT64_C(1) << 63;
    position += 0.0;
    memcpy(&bits, &position, sizeof bits);
    return bits & sign ? ~bits : bits | sign;
}

static size_t digit_of(double position, int digit)
{
    return (size_t)(key_of(position) >> (digit * BITS)) % VALUES;
}

/* Where the first atom of every value of a digit goes; false where all have the same. */
static bool set_places(const cf_atom *atoms, size_t n, int digit, size_t place[VALUES])
{
    memset(place, 0, VALUES * sizeof *place);
    for (size_t i = 0; i < n; i++)
        place[digit_of(atoms[i].position, digit)]++;
    if (place[digit_of(atoms[0].position, digit)] == n)
        return false;
    for (size_t value = 0, next = 0; value < VALUES; value++) {
        size_t count = place[value];
        place[value] = next;
        next += count;
    }
    return true;
}

static void sort_by_position(cf_atom *atoms, size_t n, cf_atom *scratch)
{
    size_t place[VALUES];
    cf_atom *from = atoms, *to = scratch;
    for (int digit = 0; digit < DIGITS; digit++) {
        if (!set_places(from, n, digit, place))
            continue;
        for (size_t i = 0; i < n; i++)
            to[place[digit_of(from[i].position, digit)]++] = from[i];
        cf_atom *swap = from;
        from = to;
        to = swap;
    }
    if (from != atoms)
        memcpy(atoms, from, n * sizeof *atoms);
}

void cf_atoms_sort(cf_atom *atoms, size_t n, cf_atom *scratch)
{
    if (n < FEW) {
        qsort(atoms, n, sizeof *atoms, compare);
        return;
    }
    sort_by_position(atoms, n, scratch);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && atoms[end].position == atoms[first].position;)
            end++;
        if (end > first + 1)
            qsort(atoms + first, end - first, sizeof *atoms, compare);
    }
}
