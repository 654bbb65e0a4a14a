#include "contraflow/run/nearest.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 40 }; /* no valid name is longer */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > LONGEST || columns > LONGEST)
        return LONGEST;
    size_t cost[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= rows; i++)
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            size_t step = smaller(cost[i - 1][j], cost[i][j - 1]) + 1;
            step = smaller(step, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                step = smaller(step, cost[i - 2][j - 2] + 1);
            cost[i][j] = step;
        }
    return cost[rows][columns];
}

void cf_nearest_offer(cf_nearest *nearest, const char *name)
{
    size_t distance = edit_distance(nearest->word, name);
    if (nearest->best == NULL || distance < nearest->distance) {
        nearest->best = name;
        nearest->distance = distance;
    }
    size_t used = strlen(nearest->valid);
    snprintf(nearest->valid + used, sizeof nearest->valid - used, "%s%s", used > 0 ? ", " : "",
             name);
}

const char *cf_nearest_hint(const cf_nearest *nearest, char hint[96])
{
    hint[0] = '\0';
    if (nearest->best != NULL && nearest->distance <= (strlen(nearest->best) + 2) / 3)
        snprintf(hint, 96, "; did you mean `%s`?", nearest->best);
    return hint;
}
