#include "made_result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

const double made_times[MADE_OUTPUTS] = {0, 0.5, 1, 1.5, 2};
const made_flow made_limit = {"limit", "neural", "complete", "", 0,   0,
                              0,       0.5,      NAN,        2,  NAN, MADE_POINTS};

cf_group *put_group(cf_result *result, const char *path)
{
    cf_err err = {0};
    cf_group *group = NULL;
    require(cf_result_add_group(result, path, &group, &err), &err, path);
    return group;
}

void put_reals(cf_group *group, const char *name, const double *values, const size_t *dims,
               int rank)
{
    cf_err err = {0};
    cf_record record = {.name = (char *)name,
                        .unit = "1",
                        .equation = "E3",
                        .type = CF_VALUE_REAL,
                        .rank = rank,
                        .real = (double *)values};
    memcpy(record.dims, dims, (size_t)rank * sizeof *dims);
    require(cf_group_add(group, &record, &err), &err, name);
}

void put_real(cf_group *group, const char *name, double value)
{
    cf_err err = {0};
    require(cf_group_set_real(group, name, value, &err), &err, name);
}

void put_text(cf_group *group, const char *name, const char *value)
{
    cf_err err = {0};
    require(cf_group_set_text(group, name, value, &err), &err, name);
}

void put_integer(cf_group *group, const char *name, long value)
{
    cf_err err = {0};
    require(cf_group_set_integer(group, name, value, &err), &err, name);
}

cf_result *make_result(size_t points, double shift)
{
    cf_err err = {0};
    cf_result *result = NULL;
    double x[2 * MADE_POINTS * MADE_VIEWS], weights[MADE_POINTS];
    long labels[MADE_POINTS];
    require(cf_result_create(&result, &err), &err, "result");
    cf_group *root = cf_result_group(result, "/");
    put_text(root, "latent_space", "euclidean");
    put_real(root, "cluster_threshold", 0.9);
    put_real(root, "tau", 0.25);
    for (size_t i = 0; i < points; i++) {
        weights[i] = (double)(i + 1) * 2 / (double)(points * (points + 1));
        labels[i] = (long)(i % 2);
    }
    for (size_t k = 0; k < 2 * points * MADE_VIEWS; k++)
        x[k] = sin((double)k) + shift;
    cf_group *data = put_group(result, "/data");
    put_reals(data, "points", x, (size_t[]){points, MADE_VIEWS, 2}, 3);
    put_reals(data, "weights", weights, (size_t[]){points}, 1);
    const cf_record record = {.name = "labels",
                              .unit = "",
                              .equation = "",
                              .type = CF_VALUE_INTEGER,
                              .rank = 1,
                              .dims = {points},
                              .integer = labels};
    require(cf_group_add(data, &record, &err), &err, "labels");
    return result;
}

static void add_courses(cf_group *flow, const made_flow *s)
{
    static const double snapshot_times[MADE_SNAPSHOTS] = {0, 0.5, 1.25, 2};
    double loss[MADE_OUTPUTS], z[MADE_SNAPSHOTS * MADE_POINTS * MADE_VIEWS * 3];
    for (size_t k = 0; k < MADE_OUTPUTS; k++)
        loss[k] = 1 / (1 + made_times[k]) - 0.1 * s->offset * made_times[k] / 2;
    for (size_t t = 0; t < MADE_SNAPSHOTS; t++)
        for (size_t k = 0; k < s->points * MADE_VIEWS * 3; k++)
            z[t * s->points * MADE_VIEWS * 3 + k] =
                cos((double)(k + t)) +
                (k % 3 == 1 ? s->offset * snapshot_times[t] / 2 : 0); /* along one axis */
    put_reals(flow, "time", made_times, (size_t[]){MADE_OUTPUTS}, 1);
    put_reals(flow, "loss", loss, (size_t[]){MADE_OUTPUTS}, 1);
    put_reals(flow, "snapshot_time", snapshot_times, (size_t[]){MADE_SNAPSHOTS}, 1);
    put_reals(flow, "latent", z, (size_t[]){MADE_SNAPSHOTS, s->points, MADE_VIEWS, 3}, 4);
}

void put_flow(cf_result *result, const made_flow *s)
{
    char path[128];
    snprintf(path, sizeof path, "/flows/%s", s->name);
    cf_group *flow = put_group(result, path);
    put_text(flow, "kind", s->kind);
    put_text(flow, "status", s->status);
    put_real(flow, "observed_until", s->until);
    put_real(flow, "emergence", s->emergence);
    put_real(flow, "dissolution", s->dissolution);
    put_integer(flow, "emergence_censored", isnan(s->emergence));
    put_integer(flow, "persistence_censored", !isnan(s->emergence) && isnan(s->dissolution));
    put_real(flow, "rtol", 1e-6);
    if (s->family[0] != '\0') {
        const double drift[MADE_OUTPUTS] = {0, s->kernel_error / 2, s->kernel_error, 0, 0};
        put_text(flow, "family", s->family);
        put_integer(flow, "width", s->width);
        put_integer(flow, "seed", s->seed);
        put_real(flow, "kernel_error", s->kernel_error);
        put_reals(flow, "kernel_drift", drift, (size_t[]){MADE_OUTPUTS}, 1);
        put_reals(flow, "conserved_drift", (double[]){0, 1e-7, 3e-7, 2e-7, 0},
                  (size_t[]){MADE_OUTPUTS}, 1);
    }
    add_courses(flow, s);
    snprintf(path, sizeof path, "/flows/%s/events", s->name);
    put_group(result, path);
}

made_flow made_network(const char *family, long width, long seed, double offset)
{
    static char names[64][64];
    static size_t used;
    char *name = names[used++ % 64];
    snprintf(name, sizeof names[0], "%s.width-%ld.seed-%ld", family, width, seed);
    return (made_flow){name, "network", "complete",          family,     width, seed, offset, NAN,
                       NAN,  2,         0.3 / (double)width, MADE_POINTS};
}

cf_comparison *must_compare(const cf_result *result, const char *reference)
{
    cf_err err = {0};
    cf_comparison *comparison = NULL;
    require(cf_compare(result, result, reference, &comparison, &err), &err, "comparison");
    return comparison;
}

void check_not_compared(const cf_result *result, const cf_result *other, const char *reference,
                        const char *const needles[2], const char *claim)
{
    cf_err err = {0};
    cf_comparison *comparison = NULL;
    cf_status status = cf_compare(result, other, reference, &comparison, &err);
    check(status == CF_EINPUT && comparison == NULL && strstr(err.message, needles[0]) != NULL &&
              strstr(err.message, needles[1]) != NULL,
          "%s: %s", claim, err.message);
    cf_comparison_free(&comparison);
}
