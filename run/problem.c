#define _POSIX_C_SOURCE 200809L
#include "contraflow/run/problem.h"

#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "contraflow/run/nearest.h"
#include "problem_check.h"
#include "problem_internal.h"
#include "problem_kinds.h"
#include "settings.h"
#include "sha256.h"

struct cf_problem_source {
    cf_problem_tables *tables;
    cf_root root;
    cf_places places;
};

static char *folder_of(const char *file, cf_err *err)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return cf_duplicate_text(".", err);
    size_t length = slash == file ? 1 : (size_t)(slash - file);
    char *folder = cf_allocate("folder", length + 1, 1, err);
    if (folder != NULL)
        memcpy(folder, file, length);
    return folder;
}

static cf_status create(const char *file, const char *text, cf_problem **out, cf_err *err)
{
    cf_problem *problem = cf_allocate("problem", 1, sizeof *problem, err);
    *out = problem;
    if (problem == NULL)
        return CF_ESYSTEM;
    problem->source = cf_allocate("problem", 1, sizeof *problem->source, err);
    problem->file = cf_duplicate_text(file, err);
    problem->text = cf_duplicate_text(text, err);
    problem->directory = folder_of(file, err);
    if (problem->source == NULL || problem->file == NULL || problem->text == NULL ||
        problem->directory == NULL)
        return CF_ESYSTEM;
    return cf_problem_tables_create(&problem->source->tables, err);
}

void cf_problem_free(cf_problem **problem)
{
    if (problem == NULL || *problem == NULL)
        return;
    struct cf_problem_source *source = (*problem)->source;
    if (source != NULL && source->tables != NULL)
        cf_options_free(cf_problem_root(source->tables), &source->root);
    if (source != NULL) {
        cf_problem_tables_free(&source->tables);
        cf_places_free(&source->places);
    }
    free(source);
    free((*problem)->file);
    free((*problem)->text);
    free((*problem)->directory);
    for (size_t f = 0; f < (*problem)->flow_count && (*problem)->flows != NULL; f++)
        free((*problem)->flows[f].name);
    free((*problem)->flows);
    free((*problem)->observer_given);
    free((*problem)->resolved);
    free(*problem);
    *problem = NULL;
}

/* --- what was read, as the fields of cf_problem --- */

static cf_times times_of(const cf_variant *variant)
{
    static const struct {
        const char *kind;
        cf_times_spacing spacing;
    } spacings[] = {{"all", CF_TIMES_ALL},
                    {"list", CF_TIMES_LIST},
                    {"log", CF_TIMES_LOG},
                    {"linear", CF_TIMES_LINEAR}};
    const cf_times_options *options = variant->options;
    cf_times times = {.first = options->first, .count = options->count, .list = options->list};
    for (size_t i = 0; i < sizeof spacings / sizeof *spacings; i++)
        if (strcmp(spacings[i].kind, variant->kind->name) == 0)
            times.spacing = spacings[i].spacing;
    return times;
}

static cf_status show_observers(cf_problem *problem, const cf_variant *section, cf_err *err)
{
    problem->observers = section->options;
    problem->observer_count = section->kind->count;
    problem->observer_given = cf_allocate("observers", problem->observer_count, sizeof(bool), err);
    if (problem->observer_given == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < problem->observer_count; i++)
        problem->observer_given[i] = problem->observers[i].line != 0;
    return CF_OK;
}

static cf_status show(cf_problem *problem, cf_err *err)
{
    const cf_root *root = &problem->source->root;
    const cf_time_section *time = root->time.options;
    const cf_sums_section *sums = root->sums.options;
    const cf_clusters_section *clusters = root->clusters.options;
    problem->title = root->title;
    problem->data = root->data;
    problem->augmentation = root->augmentation;
    problem->latent = root->latent;
    problem->start = root->start;
    problem->loss = root->loss;
    problem->probes = root->probes;
    problem->end = time->end;
    problem->outputs = times_of(&time->outputs);
    problem->snapshots = times_of(&root->snapshots);
    problem->integrator = *(const cf_integrator_section *)root->integrator.options;
    problem->sums_engine = sums->engine;
    problem->sums_tolerance = sums->tolerance;
    problem->instructions = (cf_simd)sums->instructions;
    problem->cluster_observable = clusters->observable;
    problem->cluster_threshold = clusters->threshold;
    problem->until_dissolution = clusters->until == 1;
    problem->clusters_given = root->clusters.line != 0;
    if (root->distances.line != 0)
        problem->distances_from = ((const cf_distances_section *)root->distances.options)->from;
    problem->checkpoint = root->checkpoint.line != 0 ? root->checkpoint.options : NULL;
    problem->sweep = root->sweep.line != 0 ? root->sweep.options : NULL;
    return show_observers(problem, &root->observers, err);
}

/* The name of a flow that runs. */
static cf_status check_distances(const cf_problem *problem, cf_err *err)
{
    char hint[96], shown[64];
    const char *name = problem->distances_from;
    cf_nearest nearest = {.word = name};
    for (size_t f = 0; f < problem->flow_count && name != NULL; f++) {
        if (strcmp(problem->flows[f].name, name) == 0)
            return CF_OK;
        cf_nearest_offer(&nearest, problem->flows[f].name);
    }
    if (name == NULL)
        return CF_OK;
    cf_text_shown(name, shown, sizeof shown);
    cf_fail(err, CF_EINPUT, "distances.from = %s: must be a flow of this file, one of %s%s", shown,
            nearest.valid, cf_nearest_hint(&nearest, hint));
    return cf_problem_blame(problem, "distances.from", err);
}

static cf_status resolve(cf_problem *problem, cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return cf_fail(err, CF_ESYSTEM, "no memory for the resolved problem");
    cf_options_print(stream, problem->directory, cf_problem_root(problem->source->tables),
                     &problem->source->root);
    bool failed = ferror(stream) != 0;
    failed = fclose(stream) != 0 || failed;
    problem->resolved = text;
    if (failed)
        return cf_fail(err, CF_ESYSTEM, "no memory for the resolved problem");
    cf_sha256(text, size, problem->hash);
    return CF_OK;
}

/* --- parsing --- */

static cf_status parse_tree(const cf_problem *problem, const char *const *settings, size_t count,
                            cf_node **root, cf_err *err)
{
    cf_status status = cf_node_parse(problem->file, NULL, problem->text, root, err);
    if (status != CF_OK)
        return status;
    if (*root == NULL || (*root)->type != CF_NODE_SECTION) {
        cf_fail(err, CF_EINPUT, "%s; `contraflow init` writes one to start from",
                *root == NULL ? "an empty problem file"
                              : "a problem file consists of `key: value`");
        return cf_place_prepend(err, problem->file, *root == NULL ? 1 : (*root)->line, NULL);
    }
    (*root)->line = 1;
    for (size_t i = 0; i < count && status == CF_OK; i++)
        status = cf_setting_apply(*root, settings[i], err);
    return status;
}

cf_status cf_problem_parse(const char *file, const char *text, const char *const *settings,
                           size_t count, cf_problem **out, cf_err *err)
{
    cf_node *tree = NULL;
    cf_status status = create(file, text, out, err);
    if (status != CF_OK)
        goto done;
    struct cf_problem_source *source = (*out)->source;
    const cf_reader reader = {
        .file = (*out)->file, .directory = (*out)->directory, .places = &source->places};
    status = parse_tree(*out, settings, count, &tree, err);
    if (status == CF_OK)
        status =
            cf_options_read(&reader, tree, "", cf_problem_root(source->tables), &source->root, err);
    if (status == CF_OK)
        status = cf_problem_check(&reader, &source->root, err);
    if (status == CF_OK)
        status = cf_flows_expand(&reader, &source->root, &(*out)->flows, &(*out)->flow_count, err);
    if (status == CF_OK)
        status = show(*out, err);
    if (status == CF_OK)
        status = check_distances(*out, err);
    if (status == CF_OK)
        status = resolve(*out, err);
done:
    cf_node_free(&tree);
    if (status != CF_OK)
        cf_problem_free(out);
    return status;
}

const char *cf_problem_input(const cf_problem *problem, size_t k)
{
    return cf_options_path(cf_problem_root(problem->source->tables), &problem->source->root, &k);
}

const cf_kind *cf_problem_kind(const cf_problem *problem)
{
    return cf_problem_root(problem->source->tables);
}

const void *cf_problem_options(const cf_problem *problem)
{
    return &problem->source->root;
}

const cf_place *cf_problem_place(const cf_problem *problem, const char *key)
{
    return cf_places_find(&problem->source->places, key);
}

int cf_problem_line(const cf_problem *problem, const char *key)
{
    const cf_place *place = cf_places_nearest(&problem->source->places, key);
    if (place == NULL)
        return 1;
    return place->setting != NULL ? 0 : place->line;
}

cf_status cf_problem_blame(const cf_problem *problem, const char *key, cf_err *err)
{
    const cf_place *place = cf_places_nearest(&problem->source->places, key);
    return cf_place_prepend(err, problem->file, place != NULL ? place->line : 1,
                            place != NULL ? place->setting : NULL);
}
