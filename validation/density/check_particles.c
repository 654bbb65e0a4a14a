/* C12: the distance of n independent particles from the density on the circle, at times up to 1.
 *
 *   build/tests/check-particles          100 to 10^5 particles, ten seeds; minutes
 *   build/tests/check-particles small    up to 1600, five seeds, wider bounds; seconds
 *
 * Lines that begin with #csv are the tables of results/infinite-data. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/statistics.h"
#include "contraflow/solver/transport.h"
#include "solve.h"

enum {
    MOST_COUNTS = 7,
    MOST_SEEDS = 10,
    FINER = 64,
    FRESH = 1000,
    SAMPLES = 40,
    TIMES = MOST_STATES
};

/* The size of the experiment. */
typedef struct {
    size_t counts, seeds; /* numbers of particles, in equal ratios; samples of each */
    double ratio, slack;  /* added to the bound of the slope */
} scale;

static const scale FULL = {MOST_COUNTS, MOST_SEEDS, 3.16227766016837933, 0},
                   SMALL = {3, 5, 4, 0.05};
static const double PI = 3.14159265358979323846, SPREAD = 0.3;
static const double AT[TIMES] = {0.01, 0.1, 0.3, 1};

static cf_atoms particles(const solution *s)
{
    static double angles[MOST];
    for (size_t i = 0; i < s->n; i++)
        angles[i] = atan2(s->points[2 * i + 1], s->points[2 * i]);
    return (cf_atoms){s->n, angles, s->measure};
}

/* Of all clusters, linear between the nodes: their gaps must not count as a distance. */
static cf_atoms density(const solution *s)
{
    static double angles[MOST], masses[MOST];
    size_t count = s->n * FINER;
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        size_t node = i / FINER, next = (node + 1) % s->n;
        double part = ((double)(i % FINER) + 0.5) / FINER;
        angles[i] = 2 * PI * ((double)i + 0.5) / (double)count;
        masses[i] = fmax((1 - part) * s->rho[node] + part * s->rho[next], 0);
        total += masses[i];
    }
    for (size_t i = 0; i < count; i++)
        masses[i] /= total;
    return (cf_atoms){count, angles, masses};
}

static double distance(const solution *sample, const solution *limit)
{
    double w1;
    cf_err err = {0};
    const cf_atoms a = particles(sample), b = density(limit);
    require(cf_wasserstein1_circle(&a, &b, &w1, &err), &err, "W1");
    return w1;
}

/* The first atom at which the running sum of the masses reaches u. */
static size_t quantile(const double *sums, size_t count, double u)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sums[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* sqrt(n) W1 of an independent sample of the density itself, mean over samples: particles are at
 * less, where repulsion has evened out the noise of their start. */
static double fresh_noise(const solution *limit)
{
    static double angles[FRESH], masses[FRESH], sums[MOST];
    const cf_atoms atoms = density(limit);
    double mean = 0;
    for (size_t k = 0; k < atoms.n; k++)
        sums[k] = atoms.weights[k] + (k > 0 ? sums[k - 1] : 0);
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        for (uint64_t i = 0; i < FRESH; i++) {
            double u = cf_random_uniform((cf_random){sample + 1, CF_STREAM_PROBE}, i, 0);
            angles[i] = atoms.points[quantile(sums, atoms.n, u)];
            masses[i] = 1.0 / FRESH;
        }
        double w1;
        cf_err err = {0};
        require(cf_wasserstein1_circle(&(cf_atoms){FRESH, angles, masses}, &atoms, &w1, &err), &err,
                "W1");
        mean += w1 * sqrt(FRESH) / SAMPLES;
    }
    return mean;
}

/* values [counts*seeds] at one time; `noise` of an independent sample. */
static void check_slope(const scale *size, double t, double noise, const double *x,
                        const double *values)
{
    double mean_noise = 0;
    for (size_t k = 0; k < size->counts; k++) {
        const cf_mean mean = cf_mean_of(values + k * size->seeds, size->seeds);
        mean_noise += mean.value * sqrt(x[k]) / (double)size->counts;
        printf("#csv particles,%g,%g,%.4g,%.2g,%.3f\n", t, x[k], mean.value, mean.error,
               mean.value * sqrt(x[k]));
    }
    const cf_power_law law = cf_power_law_fit(x, values, size->counts, size->seeds, 0.95);
    printf("#csv slopes,%g,%.3f,%.3f,%.3f,%.3f,%.3f\n", t, law.slope, law.low, law.high, mean_noise,
           noise);
    check_near(law.slope, -0.5, 0.1 + size->slack,
               "t = %g: particles approach the density like n^%.3f, [%.3f, %.3f] (C12)", t,
               law.slope, law.low, law.high);
}

/* A sample and its limit at the last time, as densities in the angle. */
static void print_histogram(const solution *sample)
{
    enum { BINS = 80 };
    double height[BINS] = {0};
    const cf_atoms atoms = particles(sample);
    for (size_t i = 0; i < atoms.n; i++) {
        double bin = floor((atoms.points[i] / (2 * PI) + 0.5) * BINS);
        height[(int)fmin(fmax(bin, 0), BINS - 1)] += atoms.weights[i] * BINS / (2 * PI);
    }
    for (int k = 0; k < BINS; k++)
        printf("#csv histogram,%zu,%.4f,%.4f\n", sample->n, ((k + 0.5) / BINS - 0.5) * 2 * PI,
               height[k]);
}

static void print_density(const solution *limit)
{
    for (size_t i = 0; i < limit->n; i += 2) {
        double angle = atan2(limit->points[2 * i + 1], limit->points[2 * i]);
        printf("#csv limit,%.4f,%.4f\n", angle, limit->rho[i]);
    }
}

int main(int count, char **arguments)
{
    static double h[2 * MOST], values[TIMES][MOST_COUNTS * MOST_SEEDS], x[MOST_COUNTS];
    static solution limit[TIMES], sample[TIMES];
    const scale *size = count > 1 && strcmp(arguments[1], "small") == 0 ? &SMALL : &FULL;
    const cf_start_law law = near_point(CIRCLE, SPREAD);
    cf_data data = data_of(4);
    cf_flow_setup setup = setup_of(&data, CIRCLE, &law, SPECTRAL, 768);
    solve_at(&setup, "density", AT, TIMES, 1e-8, limit);
    for (size_t k = 0; k < size->counts; k++) {
        size_t n = (size_t)(100 * pow(size->ratio, (double)k) + 0.5);
        x[k] = (double)n;
        for (size_t seed = 0; seed < size->seeds; seed++) {
            data = data_of(n);
            cf_start_near_point(&CIRCLE, SPREAD, seed + 1, n, h);
            setup.start = h;
            setup.loss.engine = CF_SUMS_AUTO;
            setup.loss.tolerance = 1e-10;
            setup.loss.unit = true;
            solve_at(&setup, "particles", AT, TIMES, 1e-6, sample);
            for (size_t t = 0; t < TIMES; t++)
                values[t][k * size->seeds + seed] = distance(&sample[t], &limit[t]);
            if (seed == 0 && k % 2 == 1)
                print_histogram(&sample[TIMES - 1]);
        }
    }
    print_density(&limit[TIMES - 1]);
    for (size_t t = 0; t < TIMES; t++)
        check_slope(size, AT[t], fresh_noise(&limit[t]), x, values[t]);
    return check_done();
}
