#include "block_pairs.h"

#include <string.h>

#include "vector_kernels.h"

/* Large blocks cost less by pair; small ones leave fewer pairs within a block, which are computed
 * twice, and more meetings for the threads. */
static size_t block_of(size_t n)
{
    return n < 1024 ? 64 : n < 4096 ? 128 : 256;
}

cf_block_layout cf_block_layout_of(const cf_pair_sum_setup *setup, size_t lanes)
{
    cf_block_layout l = {.n = setup->n, .parts = setup->pairs == CF_PAIRS_BETWEEN_HALVES ? 2 : 1};
    l.part = l.n / l.parts;
    l.lanes = lanes;
    size_t all = (l.part + lanes - 1) / lanes, most = block_of(l.n) / lanes;
    l.padded = all * lanes;
    l.stride = l.parts * l.padded;
    l.blocks = (all + most - 1) / most;
    l.block = (all + l.blocks - 1) / l.blocks * lanes;
    l.threaded = (double)l.n * (double)l.n * (double)setup->d >= CF_WORTH_THREADS;
    return l;
}

double cf_block_pairs_count(const cf_block_layout *layout, bool all, size_t alone)
{
    double n = (double)layout->n, ends = n * n / (double)layout->parts;
    return all ? 2 * ends : ends + (layout->parts == 1 ? n * (double)alone : 0);
}

size_t cf_block_place(const cf_block_layout *layout, size_t i)
{
    return i < layout->part ? i : i - layout->part + layout->padded;
}

/* As equal as whole lanes are, so that threads wait little for each other. */
void cf_block_bounds(const cf_block_layout *layout, size_t block, size_t *first, size_t *end)
{
    size_t before = block / layout->blocks * layout->padded, within = block % layout->blocks;
    size_t all = layout->padded / layout->lanes;
    *first = before + within * all / layout->blocks * layout->lanes;
    *end = before + (within + 1) * all / layout->blocks * layout->lanes;
}

void cf_block_column(const cf_block_layout *layout, const double *values, double *column)
{
    for (size_t part = 0; part < layout->parts; part++) {
        double *to = column + part * layout->padded;
        if (values != NULL)
            memcpy(to, values + part * layout->part, layout->part * sizeof *to);
        else
            memset(to, 0, layout->part * sizeof *to);
    }
}

/* A tournament: in each of its rounds, which wait for each other, all blocks meet in pairs, and
 * over the rounds everybody meets everybody. The last player stays in its place while the others
 * move around a circle. */
static void tournament(const cf_block_layout *layout, cf_block_meeting meet, const void *context)
{
    size_t blocks = layout->blocks;
    size_t moving = blocks - 1 + blocks % 2; /* an odd one out meets nobody in its round */
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

/* The second part passes by the first, one step in each round. */
static void parade(const cf_block_layout *layout, cf_block_meeting meet, const void *context)
{
    size_t blocks = layout->blocks;
    for (size_t round = 0; round < blocks; round++) {
#pragma omp for schedule(static)
        for (size_t host = 0; host < blocks; host++)
            meet(context, host, blocks + (host + round) % blocks);
    }
}

static void everybody(const cf_block_layout *layout, cf_block_meeting meet, const void *context)
{
    size_t blocks = layout->blocks;
#pragma omp for schedule(static)
    for (size_t host = 0; host < layout->parts * blocks; host++) {
        size_t first = layout->parts == 2 && host < blocks ? blocks : 0;
        for (size_t guest = first; guest < first + blocks; guest++)
            meet(context, host, guest);
    }
}

typedef void (*plan)(const cf_block_layout *layout, cf_block_meeting meet, const void *context);

/* A team of one would call the operating system at each of its barriers. */
static void carry_out(plan meetings, const cf_block_layout *layout, cf_block_meeting meet,
                      const void *context)
{
    if (!layout->threaded) {
        meetings(layout, meet, context);
        return;
    }
#pragma omp parallel
    meetings(layout, meet, context);
}

void cf_block_pairs_once(const cf_block_layout *layout, cf_block_meeting meet, const void *context)
{
    carry_out(layout->parts == 1 ? tournament : parade, layout, meet, context);
}

void cf_block_pairs_all(const cf_block_layout *layout, cf_block_meeting meet, const void *context)
{
    carry_out(everybody, layout, meet, context);
}
