#define _POSIX_C_SOURCE 200809L
#include "provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contraflow/run/file.h"
#include "contraflow/run/version.h"
#include "contraflow/solver/memory.h"
#include "sha256.h"

void cf_time_stamp(char text[32])
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

static cf_status hash_file(const char *path, char hash[65], cf_err *err)
{
    char *content = NULL;
    size_t size = 0;
    cf_status status = cf_file_read(path, &content, &size, err);
    if (status == CF_OK)
        cf_sha256(content, size, hash);
    free(content);
    return status;
}

/* Appends "path sha256\n" of an input file to *lines. */
static cf_status add_hash(const char *path, char **lines, cf_err *err)
{
    char hash[65];
    cf_status status = hash_file(path, hash, err);
    if (status != CF_OK)
        return status;
    size_t old = strlen(*lines), room = old + strlen(path) + sizeof hash + 2;
    char *longer = cf_allocate("input hashes", room, 1, err);
    if (longer == NULL)
        return CF_ESYSTEM;
    snprintf(longer, room, "%s%s %s\n", *lines, path, hash);
    free(*lines);
    *lines = longer;
    return CF_OK;
}

static cf_status hash_inputs(const cf_problem *problem, char **lines, cf_err *err)
{
    cf_status status = CF_OK;
    *lines = cf_duplicate_text("", err);
    if (*lines == NULL)
        return CF_ESYSTEM;
    const char *path;
    for (size_t k = 0; status == CF_OK && (path = cf_problem_input(problem, k)) != NULL; k++)
        status = add_hash(path, lines, err);
    return status;
}

cf_status cf_provenance_identity(const cf_problem *problem, char **out, cf_err *err)
{
    char build[256], *inputs = NULL;
    cf_build_description(build, sizeof build);
    cf_status status = hash_inputs(problem, &inputs, err);
    size_t size = status == CF_OK ? strlen(problem->resolved) + strlen(inputs) + 1024 : 0;
    *out = status == CF_OK ? cf_allocate("problem", size, 1, err) : NULL;
    if (*out != NULL)
        snprintf(*out, size, "# program: %s (%s)\n# build: %s\n%s%s%s", cf_version(),
                 cf_git_commit(), build, inputs[0] != '\0' ? "# inputs:\n" : "", inputs,
                 problem->resolved);
    free(inputs);
    return status == CF_OK && *out == NULL ? CF_ESYSTEM : status;
}

static cf_status set_root(const cf_parts *parts, const char *command, cf_group *root, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    char started[32], build[256], *hashes = NULL;
    cf_time_stamp(started);
    cf_build_description(build, sizeof build);
    cf_status status = hash_inputs(problem, &hashes, err);
    const char *const texts[][2] = {{"title", problem->title},
                                    {"version", cf_version()},
                                    {"git_commit", cf_git_commit()},
                                    {"build", build},
                                    {"problem", problem->text},
                                    {"problem_file", problem->file},
                                    {"resolved", problem->resolved},
                                    {"problem_hash", problem->hash},
                                    {"input_hashes", hashes},
                                    {"command", command == NULL ? "" : command},
                                    {"latent_space", parts->latent.sphere ? "sphere" : "euclidean"},
                                    {"started", started}};
    for (size_t k = 0; k < sizeof texts / sizeof *texts && status == CF_OK; k++)
        status = cf_group_set_text(root, texts[k][0], texts[k][1], err);
    if (status == CF_OK)
        status = cf_group_set_real(root, "cluster_threshold", problem->cluster_threshold, err);
    if (status == CF_OK)
        status = cf_group_set_real(root, "tau", parts->loss.eta.tau, err);
    free(hashes);
    return status;
}

static cf_status write_labels(const cf_data *data, const char *name, cf_group *group, cf_err *err)
{
    long *labels = cf_allocate("labels", data->n, sizeof *labels, err);
    if (labels == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < data->n; i++)
        labels[i] = data->labels[i];
    const cf_record record = {.name = (char *)name,
                              .unit = "1",
                              .equation = "E17",
                              .type = CF_VALUE_INTEGER,
                              .rank = 1,
                              .dims = {data->n},
                              .integer = labels};
    cf_status status = cf_group_add(group, &record, err);
    free(labels);
    return status;
}

static cf_status write_probes(const cf_data *probes, cf_group *group, cf_err *err)
{
    if (probes == NULL)
        return CF_OK;
    const cf_record points = {.name = "probes",
                              .unit = "1",
                              .equation = "E54",
                              .type = CF_VALUE_REAL,
                              .rank = 2,
                              .dims = {probes->n, probes->dimension},
                              .real = probes->points};
    cf_status status = cf_group_add(group, &points, err);
    return status == CF_OK && probes->labels != NULL
               ? write_labels(probes, "probe_labels", group, err)
               : status;
}

static cf_status write_data(const cf_parts *parts, cf_group *group, cf_err *err)
{
    const cf_data *data = parts->data;
    cf_record points = {.name = "points",
                        .unit = "1",
                        .equation = "E2",
                        .type = CF_VALUE_REAL,
                        .rank = 2,
                        .dims = {data->n, data->dimension},
                        .real = parts->rows->points};
    if (parts->augmentation != NULL) {
        points.rank = 3;
        points.dims[1] = parts->views;
        points.dims[2] = data->dimension;
    }
    const cf_record weights = {.name = "weights",
                               .unit = "1",
                               .equation = "E2",
                               .type = CF_VALUE_REAL,
                               .rank = 1,
                               .dims = {data->n},
                               .real = data->weights};
    cf_status status = cf_group_add(group, &points, err);
    if (status == CF_OK)
        status = cf_group_add(group, &weights, err);
    if (status == CF_OK && data->labels != NULL)
        status = write_labels(data, "labels", group, err);
    return status == CF_OK ? write_probes(parts->probes, group, err) : status;
}

cf_status cf_provenance_begin(const cf_parts *parts, const char *command, cf_result *result,
                              cf_err *err)
{
    cf_group *group = NULL;
    cf_status status = cf_result_add_group(result, "/", &group, err);
    if (status == CF_OK)
        status = set_root(parts, command, group, err);
    if (status == CF_OK)
        status = cf_result_add_group(result, "/data", &group, err);
    return status == CF_OK ? write_data(parts, group, err) : status;
}

cf_status cf_provenance_finish(cf_result *result, const char *state, cf_err *err)
{
    char now[32];
    cf_time_stamp(now);
    cf_group *root = cf_result_group(result, "/");
    cf_status status = cf_group_set_text(root, "status", state, err);
    return status == CF_OK ? cf_group_set_text(root, "finished", now, err) : status;
}
