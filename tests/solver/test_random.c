/* Random numbers depend on seed, stream, index and component alone, and follow their laws. */
#include <math.h>

#include "check.h"
#include "contraflow/solver/random.h"

enum { SAMPLES = 200000 };

int main(void)
{
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
        lowest = fmin(lowest, u);
        highest = fmax(highest, u);
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
