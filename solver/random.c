#include "contraflow/solver/random.h"

#include <math.h>

#include <Random123/philox.h>

static const double TWO_PI = 6.283185307179586476925286766559;

/* Two uniforms of one Philox block: 52 random bits each, at the centers of 2^52 equal cells. */
static void uniform_pair(cf_random random, uint64_t index, uint32_t component, double u[2])
{
    philox4x32_ctr_t counter = {
        {(uint32_t)index, (uint32_t)(index >> 32), component, (uint32_t)random.stream}};
    philox4x32_key_t key = {{(uint32_t)random.seed, (uint32_t)(random.seed >> 32)}};
    philox4x32_ctr_t block = philox4x32(counter, key);
    for (int k = 0; k < 2; k++) {
        uint64_t bits = ((uint64_t)block.v[2 * k] << 32 | block.v[2 * k + 1]) >> 12;
        u[k] = ((double)bits + 0.5) * 0x1p-52;
    }
}

double cf_random_uniform(cf_random random, uint64_t index, uint32_t component)
{
    double u[2];
    uniform_pair(random, index, component, u);
    return u[0];
}

double cf_random_normal(cf_random random, uint64_t index, uint32_t component)
{
    double u[2];
    uniform_pair(random, index, component, u);
    return sqrt(-2 * log(u[0])) * cos(TWO_PI * u[1]);
}

/* Fisher and Yates, from the identity. */
void cf_random_permutation(cf_random random, uint64_t index, size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t j = (size_t)(cf_random_uniform(random, index << 32 | i, 0) * (double)(i + 1));
        size_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}
