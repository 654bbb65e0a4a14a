/* Assembles the parts of a problem in the order in which they depend on each other. */
#include "contraflow/run/parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/observer.h"
#include "contraflow/models/thinned.h"
#include "contraflow/solver/memory.h"
#include "data_source.h"
#include "parts_internal.h"

cf_status cf_located(const cf_problem *problem, const char *key, cf_status status, cf_err *err)
{
    return status == CF_OK ? CF_OK : cf_problem_blame(problem, key, err);
}

static bool is_kind(const cf_variant *variant, const char *name)
{
    return strcmp(variant->kind->name, name) == 0;
}

/* The row of the section `data`; NULL for what is read from files. */
static const cf_data_kind *generator(const cf_parts *parts)
{
    const cf_data_kind *const *row = cf_data_kinds();
    while (*row != NULL && &(*row)->kind != parts->problem->data.kind)
        row++;
    return *row;
}

/* Data of so many points without any, for the questions that need counts alone. */
static cf_status create_shell(size_t n, size_t dimension, cf_data **out, cf_err *err)
{
    *out = cf_allocate("data", 1, sizeof **out, err);
    if (*out == NULL)
        return CF_ESYSTEM;
    (*out)->n = n;
    (*out)->dimension = dimension;
    return CF_OK;
}

/* By the key that the message begins with, or the section. */
static cf_status locate_data(const cf_problem *problem, cf_status status, cf_err *err)
{
    char key[64] = "data";
    if (status != CF_OK && strncmp(err->message, "data.", 5) == 0)
        snprintf(key, sizeof key, "%.*s", (int)strcspn(err->message, " :"), err->message);
    return cf_located(problem, key, status, err);
}

/* Reads a file; otherwise counts the points, and in any case their views. */
static cf_status plan_data(cf_parts *parts, cf_err *err)
{
    const cf_variant *data = &parts->problem->data, *views = &parts->problem->augmentation;
    const cf_data_kind *row = generator(parts);
    size_t n = 0, dimension = 0;
    cf_status status =
        row == NULL
            ? locate_data(parts->problem,
                          cf_data_source_find(data->kind)->read(data->options, &parts->data, err),
                          err)
            : cf_located(parts->problem, "data",
                         cf_data_count(row, data->options, &n, &dimension, err), err);
    if (status == CF_OK && row != NULL)
        status = create_shell(n, dimension, &parts->data, err);
    for (const cf_augmentation *const *a = cf_augmentations(); *a != NULL; a++)
        if (&(*a)->kind == views->kind)
            parts->augmentation = *a;
    const cf_augmentation_options *options = views->options;
    parts->views = parts->augmentation == NULL ? 1 : (size_t)options->views;
    return status == CF_OK ? create_shell(parts->data->n * parts->views, parts->data->dimension,
                                          &parts->rows, err)
                           : status;
}

static cf_status create_data(cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    const cf_data_kind *row = generator(parts);
    cf_status status = CF_OK;
    if (row != NULL) {
        cf_data_free(&parts->data);
        status = cf_located(problem, "data",
                            cf_data_generate(row, problem->data.options, &parts->data, err), err);
    }
    cf_data_free(&parts->rows);
    if (status != CF_OK)
        return status;
    status = cf_views_create(parts->augmentation, problem->augmentation.options, parts->data,
                             &parts->rows, err);
    return cf_located(problem, "augmentation", status, err);
}

static void set_latent(cf_parts *parts)
{
    const cf_latent_options *options = parts->problem->latent.options;
    parts->latent = (cf_latent){.sphere = is_kind(&parts->problem->latent, "sphere"),
                                .dimension = (size_t)options->dimension,
                                .norm_floor = options->norm_floor,
                                .collapse_norm = options->collapse_norm};
}

/* The section of which the loss complains. */
static const char *blamed_key(const cf_err *err)
{
    static const char *const keys[] = {"sums.engine", "sums.tolerance", "loss"};
    size_t k = 0;
    while (k < 2 && strncmp(err->message, keys[k], strlen(keys[k])) != 0)
        k++;
    return keys[k];
}

/* Of the whole process, as the number of threads is. */
static cf_status use_instructions(const cf_problem *problem, cf_err *err)
{
    cf_simd simd = problem->instructions;
    if (!cf_simd_available(simd))
        return cf_located(problem, "sums.instructions",
                          cf_fail(err, CF_EINPUT,
                                  "sums.instructions = %s: this processor or build lacks them; "
                                  "use %s or auto",
                                  simd == CF_SIMD_AVX512 ? "avx512" : "avx2",
                                  cf_simd_name(simd == CF_SIMD_AVX512 ? CF_SIMD_AVX2 : simd)),
                          err);
    cf_simd_use(simd);
    return CF_OK;
}

static void set_loss(cf_parts *parts)
{
    const cf_problem *problem = parts->problem;
    const cf_loss_options *options = problem->loss.options;
    bool general = is_kind(&problem->loss, "generalized");
    parts->loss.psi = general ? cf_psi_rows[options->psi] : &cf_psi_nt_xent;
    parts->loss.eta =
        (cf_profile){cf_eta_rows[general ? options->eta : 0], options->tau, options->exponent};
    parts->loss.views = parts->views > 1 ? parts->views : 0;
    parts->loss.engine =
        problem->sums_engine == CF_ENGINE_LOW_RANK ? CF_SUMS_AUTO : (cf_sums)problem->sums_engine;
    parts->loss.tolerance = problem->sums_tolerance;
    parts->loss.unit = parts->latent.sphere && parts->latent.norm_floor == 0;
}

/* Its own checks, before anything is computed. */
static cf_status check_loss(cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    if (parts->loss.psi == &cf_psi_nt_xent && !parts->latent.sphere)
        return cf_located(
            problem, "loss.kind",
            cf_fail(err, CF_EINPUT, "loss.kind = nt-xent: needs latent.space = sphere"), err);
    cf_loss *probe = NULL;
    cf_status status = cf_loss_create(&parts->loss, parts->rows->weights, parts->rows->n,
                                      parts->latent.dimension, &probe, err);
    if (status == CF_OK)
        snprintf(parts->sums, sizeof parts->sums, "%s", cf_loss_engine(probe));
    cf_loss_free(&probe);
    return cf_located(problem, blamed_key(err), status, err);
}

/* Labels are needed by what the file asks for by name; defaults that need them are left out. */
static cf_status check_observer(cf_parts *parts, size_t k, const cf_measure *measure, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    const cf_observer *row = cf_observers()[k];
    char key[64];
    cf_err reason = {0};
    double value;
    bool labelled = parts->data->labels != NULL;
    bool labels_serve = labelled || (row->views_serve && parts->views > 1);
    snprintf(key, sizeof key, "observers.%s", row->kind.name);
    cf_status status =
        row->needs_labels && !labels_serve
            ? cf_fail(&reason, CF_EINPUT, "%s: needs labels, but the data have none", key)
            : row->observe(problem->observers[k].options, measure, &value, &reason);
    parts->observes[k] = status == CF_OK;
    if (status == CF_OK || (status == CF_EINPUT && !problem->observer_given[k]))
        return CF_OK;
    cf_fail(err, status, "%s", reason.message);
    return cf_located(problem, key, status, err);
}

/* On the start, of which observers see what they will see of a flow. */
static cf_status check_observers(cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    const cf_measure whole = {.n = parts->rows->n,
                              .dimension = parts->latent.dimension,
                              .clusters = parts->rows->clusters,
                              .points = parts->start,
                              .weights = parts->rows->weights,
                              .labels = parts->rows->labels,
                              .views = parts->views};
    if (parts->data->labels == NULL && problem->clusters_given)
        return cf_located(
            problem, "clusters",
            cf_fail(err, CF_EINPUT,
                    "clusters.observable = separation: needs labels, but the data have "
                    "none; add a label column or leave out `clusters`"),
            err);
    cf_thinned *thinned = NULL;
    cf_status status = cf_thinned_create(parts->rows, whole.dimension, parts->views, &thinned, err);
    const cf_measure part = thinned != NULL ? cf_thinned_at(thinned, parts->start) : whole;
    for (size_t k = 0; k < problem->observer_count && status == CF_OK; k++)
        status = check_observer(parts, k, cf_observers()[k]->on_sample ? &part : &whole, err);
    cf_thinned_free(&thinned);
    return status;
}

cf_status cf_parts_create(const cf_problem *problem, cf_parts **out, cf_err *err)
{
    *out = NULL;
    cf_parts *parts = cf_allocate("parts", 1, sizeof *parts, err);
    if (parts == NULL)
        return CF_ESYSTEM;
    parts->problem = problem;
    set_latent(parts);
    cf_law_guess(parts);
    cf_status status = CF_OK;
    parts->observes = cf_allocate("observers", problem->observer_count, sizeof(bool), err);
    if (parts->observes == NULL)
        status = CF_ESYSTEM;
    if (status == CF_OK)
        status = use_instructions(problem, err);
    if (status == CF_OK)
        status = plan_data(parts, err);
    if (status == CF_OK)
        status = cf_probes_create(parts, err);
    if (status == CF_OK)
        status = cf_schedule_create(parts, err);
    if (status == CF_OK)
        set_loss(parts);
    if (status == CF_OK)
        status = cf_fields_create(parts, err);
    if (status == CF_OK)
        status = cf_networks_check(parts, err);
    if (status == CF_OK)
        status = cf_kernel_engines_check(parts, err);
    if (status == CF_OK)
        status = cf_memory_check(parts, err);
    if (status == CF_OK)
        status = create_data(parts, err);
    if (status == CF_OK)
        status = check_loss(parts, err);
    if (status == CF_OK)
        status = cf_start_create(parts, err);
    if (status == CF_OK)
        status = cf_fields_start(parts, err);
    if (status == CF_OK)
        status = check_observers(parts, err);
    if (status == CF_OK)
        status = cf_kernels_check(parts, err);
    if (status == CF_OK)
        status = cf_probes_check(parts, err);
    if (status == CF_OK)
        status = cf_networks_check(parts, err);
    if (status == CF_OK)
        status = cf_densities_check(parts, err);
    if (status != CF_OK)
        cf_parts_free(&parts);
    *out = parts;
    return status;
}

void cf_parts_free(cf_parts **parts)
{
    cf_parts *p = *parts;
    if (p == NULL)
        return;
    cf_data_free(&p->data);
    cf_data_free(&p->rows);
    cf_fields_free(p);
    cf_probes_free(p);
    free(p->start);
    free(p->directions);
    free(p->given);
    free(p->times);
    free(p->keeps);
    free(p->observes);
    free(p);
    *parts = NULL;
}
