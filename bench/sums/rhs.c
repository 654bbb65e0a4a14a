/* Times the right-hand side of E6 (Psi = log) of points on the unit sphere, which are read as n*d
 * doubles, and writes the velocities in the same way. Prints a line of JSON.
 * Usage: bench-rhs N D TAU ENGINE THREADS POINTS VELOCITIES */
#define _DEFAULT_SOURCE
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contraflow/models/flow.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"

static const double LONGEST = 1.5; /* seconds, and at least so many times */
enum { LEAST = 3 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static cf_sums engine_named(const char *name)
{
    int engine = 0;
    while (cf_sums_names[engine] != NULL && strcmp(cf_sums_names[engine], name) != 0)
        engine++;
    return (cf_sums)engine;
}

static cf_status transfer(const char *path, const char *mode, double *values, size_t count,
                          cf_err *err)
{
    FILE *file = fopen(path, mode);
    if (file == NULL)
        return cf_fail(err, CF_EINPUT, "%s: cannot be opened", path);
    size_t done = mode[0] == 'r' ? fread(values, sizeof *values, count, file)
                                 : fwrite(values, sizeof *values, count, file);
    fclose(file);
    return done == count ? CF_OK : cf_fail(err, CF_EINPUT, "%s: not %zu numbers", path, count);
}

/* Least seconds of a right-hand side; the first one only warms up. */
static double time_of(const cf_ode *ode, const double *z, double *velocity, cf_err *err)
{
    double least = HUGE_VAL, dissipation, began = seconds();
    for (int k = 0; k < LEAST || seconds() - began < LONGEST; k++) {
        double start = seconds();
        if (ode->rhs(ode->system, 0, z, velocity, &dissipation, err) != CF_OK)
            return NAN;
        if (k > 0)
            least = fmin(least, seconds() - start);
    }
    return least;
}

static cf_status run(char **argument, cf_err *err)
{
    size_t n = strtoul(argument[1], NULL, 10), d = strtoul(argument[2], NULL, 10);
    cf_set_threads(strtol(argument[5], NULL, 10));
    double *z = cf_allocate("points", n * d, sizeof *z, err);
    double *velocity = cf_allocate("velocities", n * d, sizeof *velocity, err);
    double *weights = cf_allocate("masses", n, sizeof *weights, err);
    if (z == NULL || velocity == NULL || weights == NULL)
        return CF_ESYSTEM;
    cf_status status = transfer(argument[6], "rb", z, n * d, err);
    for (size_t i = 0; i < n; i++)
        weights[i] = 1 / (double)n;
    const cf_data data = {.n = n, .weights = weights};
    const cf_flow_setup setup = {.data = &data,
                                 .latent = {.sphere = true, .dimension = d},
                                 .loss = {.psi = cf_psi_rows[1],
                                          .eta = {cf_eta_rows[0], strtod(argument[3], NULL), 0},
                                          .engine = engine_named(argument[4]),
                                          .tolerance = 1e-12},
                                 .start = z};
    cf_flow *flow = NULL;
    if (status == CF_OK)
        status = cf_flow_kind_find("vanilla", "particles")->create(&setup, &flow, err);
    if (status != CF_OK)
        return status;
    double time = time_of(cf_flow_ode(flow), cf_flow_start(flow), velocity, err);
    status = transfer(argument[7], "wb", velocity, n * d, err);
    printf("{\"seconds\": %.6g, \"threads\": %d, \"engine\": \"%s\"}\n", time, cf_threads(),
           cf_flow_engine(flow));
    cf_flow_free(&flow);
    free(z);
    free(velocity);
    free(weights);
    return status;
}

int main(int argc, char **argv)
{
    cf_err err = {0};
    if (argc != 8) {
        fprintf(stderr, "usage: bench-rhs N D TAU ENGINE THREADS POINTS VELOCITIES\n");
        return 2;
    }
    if (run(argv, &err) == CF_OK)
        return 0;
    fprintf(stderr, "bench-rhs: %s\n", err.message);
    return 1;
}
