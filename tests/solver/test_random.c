/* Random numbers depend on seed, stream, index and component alone, and follow their laws. */
#include <math.h>
#include <stddef.h>

#include "check.h"
#include "contraflow/solver/random.h"

enum { SAMPLES = 200000 };

/* All 24 permutations of four, by Pearson's statistic: 23 degrees of freedom, five deviations. */
static void test_permutations(void)
{
    enum { N = 4, DRAWS = 24000 };
    const cf_random random = {7, CF_STREAM_BATCH};
    size_t order[N], again[N], counts[256] = {0}, found = 0;
    double statistic = 0;
    bool all = true;
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        cf_random_permutation(random, draw, N, order);
        unsigned seen = 0;
        for (size_t k = 0; k < N; k++)
            seen |= 1u << order[k];
        all = all && seen == 15;
        counts[order[0] << 6 | order[1] << 4 | order[2] << 2 | order[3]]++;
    }
    for (size_t k = 0; k < 256; k++) {
        found += counts[k] > 0;
        statistic += counts[k] > 0 ? pow((double)counts[k] - DRAWS / 24.0, 2) / (DRAWS / 24.0) : 0;
    }
    check(all && found == 24, "permutations take every number once, in all orders");
    check_below(statistic, 23 + 5 * sqrt(46), "which are equally likely");
    cf_random_permutation(random, 5, N, order);
    cf_random_permutation(random, 5, N, again);
    check(order[0] == again[0] && order[1] == again[1] && order[2] == again[2],
          "a permutation depends on its index alone");
}

int main(void)
{
    test_permutations();
    cf_random random = {7, CF_STREAM_DATA}, other = {7, CF_STREAM_START},
              seed = {8, CF_STREAM_DATA};
    double x = cf_random_uniform(random, 3, 1);
    check(x == cf_random_uniform(random, 3, 1), "the same counter gives the same number");
    check(x != cf_random_uniform(other, 3, 1) && x != cf_random_uniform(seed, 3, 1) &&
              x != cf_random_uniform(random, 4, 1) && x != cf_random_uniform(random, 3, 2),
          "stream, seed, index and component each change it");

    double mean = 0, normal[5] = {0}, lowest = 1, highest = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double u = cf_random_uniform(random, (uint64_t)i, 0),
               g = cf_random_normal(random, (uint64_t)i, 1);
        mean += u / SAMPLES;
        lowest = -worse(-lowest, -u);
        highest = worse(highest, u);
        for (int k = 1; k < 5; k++)
            normal[k] += pow(g, k) / SAMPLES;
    }
    double sd = 1 / sqrt(SAMPLES); /* bounds below are five standard deviations of each mean */
    check(lowest > 0 && highest < 1, "uniforms lie in the open interval");
    check_near(mean, 0.5, 5 * sd * sqrt(1.0 / 12), "uniforms have mean 1/2");
    check_near(normal[1], 0, 5 * sd, "normals have mean 0");
    check_near(normal[2], 1, 5 * sd * sqrt(2), "normals have variance 1");
    check_near(normal[3], 0, 5 * sd * sqrt(15), "normals have third moment 0");
    check_near(normal[4], 3, 5 * sd * sqrt(96), "normals have fourth moment 3");
    return check_done();
}
