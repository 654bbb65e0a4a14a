/* A tournament: in each of its rounds, which wait for each other, all blocks meet in pairs, and
 * over the rounds everybody meets everybody. The last player stays in its place while the others
 * move around a circle. */
#include "block_pairs.h"

void cf_block_pairs_once(size_t blocks, bool threaded, cf_block_meeting meet, const void *context)
{
    size_t moving = blocks - 1 + blocks % 2; /* an odd one out meets nobody in its round */
#pragma omp parallel if (threaded)
    {
#pragma omp for schedule(static)
        for (size_t block = 0; block < blocks; block++)
            meet(context, block, block);
        for (size_t round = 0; round < moving; round++) {
#pragma omp for schedule(static)
            for (size_t game = blocks % 2; game < (moving + 1) / 2; game++) {
                size_t host = (round + game) % moving, guest = (round + moving - game) % moving;
                meet(context, host, game > 0 ? guest : moving);
            }
        }
    }
}

void cf_block_pairs_all(size_t blocks, bool threaded, cf_block_meeting meet, const void *context)
{
#pragma omp parallel for schedule(static) if (threaded)
    for (size_t host = 0; host < blocks; host++)
        for (size_t guest = 0; guest < blocks; guest++)
            meet(context, host, guest);
}
