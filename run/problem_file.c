/* The root table of a problem file. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/augmentation.h"
#include "contraflow/models/data.h"
#include "contraflow/models/observer.h"
#include "contraflow/solver/memory.h"
#include "data_source.h"
#include "problem_kinds.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const cf_option file_options[] = {
    {.key = "format",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_root, format),
     .min = 1,
     .max = 1,
     .doc = "Version of the format of problem files."},
    {.key = "title",
     .type = CF_OPTION_TEXT,
     .offset = offsetof(cf_root, title),
     .fallback = "",
     .doc = "What a report says above its figures."},
    {.key = "data",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_root, data),
     .doc = "The data points x_i with masses m_i and labels."},
    {.key = "augmentation",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_root, augmentation),
     .fallback = "none",
     .doc = "The views of a data point."},
    {.key = "latent",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_root, latent),
     .fallback = "sphere",
     .variants = cf_latent_kinds,
     .selector = "space",
     .doc = "Where the points are embedded, by z of the raw embedding h."},
    {.key = "start",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_root, start),
     .fallback = "near-point",
     .variants = cf_start_kinds,
     .doc = "The embedding at time 0, shared by all flows."},
    {.key = "loss",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_root, loss),
     .fallback = "generalized",
     .variants = cf_loss_kinds,
     .doc = "The loss that the flows descend."},
    {.key = "flows",
     .type = CF_OPTION_VARIANTS,
     .offset = offsetof(cf_root, flows),
     .variants = cf_flow_section_kinds,
     .doc = "What to compare: a list of flows on the same data from the same start."},
    {.key = "time",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, time),
     .fallback = "{}",
     .variants = cf_time_kinds,
     .doc = "How long the flows run and when they are looked at."},
    {.key = "snapshots",
     .type = CF_OPTION_VARIANT,
     .offset = offsetof(cf_root, snapshots),
     .fallback = "all",
     .variants = cf_snapshot_kinds,
     .selector = "spacing",
     .doc = "Which outputs keep the embedding."},
    {.key = "integrator",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, integrator),
     .fallback = "{}",
     .variants = cf_integrator_kinds,
     .doc = "How the flows are integrated."},
    {.key = "sums",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, sums),
     .fallback = "{}",
     .variants = cf_sums_kinds,
     .doc = "How sums over all pairs of points are computed."},
    {.key = "clusters",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, clusters),
     .fallback = "~",
     .variants = cf_clusters_kinds,
     .doc = "When clusters emerge and dissolve; to give the section demands labelled data."},
    {.key = "observers",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, observers),
     .fallback = "{}",
     .doc = "What is measured at every output; an observer that is named here must be defined for "
            "the data."},
    {.key = "probes",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, probes),
     .fallback = "~",
     .variants = cf_probe_kinds,
     .doc =
         "Unseen points without mass that follow neural and network flows and leave them as they "
         "are, E54; vanilla flows move none."},
    {.key = "distances",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, distances),
     .fallback = "~",
     .variants = cf_distances_kinds,
     .doc = "Distances of the latent measures from those of one flow, as series (E76): `transport` "
            "and `discrepancy`, at the outputs that are snapshots of both."},
    {.key = "checkpoint",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, checkpoint),
     .fallback = "~",
     .variants = cf_checkpoint_kinds,
     .doc =
         "Files from which a run that was killed goes on, by `--resume`; to give the section makes "
         "them."},
    {.key = "sweep",
     .type = CF_OPTION_SECTION,
     .offset = offsetof(cf_root, sweep),
     .fallback = "~",
     .variants = cf_sweep_kinds,
     .doc = "Many runs of the problem, by `contraflow sweep`; `run` takes the file as it stands."},
};

/* The root table with what models/ lists at run time. */
struct cf_problem_tables {
    cf_option options[COUNT(file_options)];
    cf_kind root;
    const cf_kind **data_kinds;     /* NULL-terminated */
    const cf_kind **augmentations;  /* likewise */
    cf_option *observers;           /* one row per observer */
    const cf_kind **observer_kinds; /* kind, NULL, kind, NULL, ... */
    cf_kind observers_kind;
    const cf_kind *observers_variants[2];
};

static cf_status list_data_kinds(cf_problem_tables *tables, cf_err *err)
{
    const cf_data_kind *const *rows = cf_data_kinds();
    size_t count = 0, sources = 0;
    while (rows[count] != NULL)
        count++;
    while (cf_data_sources[sources] != NULL)
        sources++;
    tables->data_kinds = cf_allocate("tables", count + sources + 1, sizeof(cf_kind *), err);
    if (tables->data_kinds == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < count; i++)
        tables->data_kinds[i] = &rows[i]->kind;
    for (size_t i = 0; i < sources; i++)
        tables->data_kinds[count + i] = cf_data_sources[i]->kind;
    return CF_OK;
}

static cf_status list_augmentations(cf_problem_tables *tables, cf_err *err)
{
    const cf_augmentation *const *rows = cf_augmentations();
    size_t count = 0;
    while (rows[count] != NULL)
        count++;
    tables->augmentations = cf_allocate("tables", count + 2, sizeof(cf_kind *), err);
    if (tables->augmentations == NULL)
        return CF_ESYSTEM;
    tables->augmentations[0] = &cf_augmentation_none;
    for (size_t i = 0; i < count; i++)
        tables->augmentations[i + 1] = &rows[i]->kind;
    return CF_OK;
}

static cf_status list_observers(cf_problem_tables *tables, cf_err *err)
{
    const cf_observer *const *rows = cf_observers();
    size_t count = 0;
    while (rows[count] != NULL)
        count++;
    tables->observers = cf_allocate("tables", count, sizeof(cf_option), err);
    tables->observer_kinds = cf_allocate("tables", 2 * count, sizeof(cf_kind *), err);
    if (tables->observers == NULL || tables->observer_kinds == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        tables->observer_kinds[2 * i] = &rows[i]->kind;
        tables->observers[i] = (cf_option){.key = rows[i]->kind.name,
                                           .type = CF_OPTION_SECTION,
                                           .offset = i * sizeof(cf_variant),
                                           .fallback = "~",
                                           .variants = tables->observer_kinds + 2 * i,
                                           .doc = rows[i]->kind.doc};
    }
    tables->observers_kind =
        (cf_kind){"observers", "Observers.", tables->observers, count, count * sizeof(cf_variant)};
    tables->observers_variants[0] = &tables->observers_kind;
    return CF_OK;
}

cf_status cf_problem_tables_create(cf_problem_tables **out, cf_err *err)
{
    cf_problem_tables *tables = cf_allocate("tables", 1, sizeof *tables, err);
    *out = tables;
    if (tables == NULL)
        return CF_ESYSTEM;
    cf_status status = list_data_kinds(tables, err);
    if (status == CF_OK)
        status = list_augmentations(tables, err);
    if (status == CF_OK)
        status = list_observers(tables, err);
    if (status != CF_OK) {
        cf_problem_tables_free(out);
        return status;
    }
    memcpy(tables->options, file_options, sizeof file_options);
    for (size_t i = 0; i < COUNT(file_options); i++) {
        if (file_options[i].offset == offsetof(cf_root, data))
            tables->options[i].variants = tables->data_kinds;
        if (file_options[i].offset == offsetof(cf_root, augmentation))
            tables->options[i].variants = tables->augmentations;
        if (file_options[i].offset == offsetof(cf_root, observers))
            tables->options[i].variants = tables->observers_variants;
    }
    tables->root = (cf_kind){"problem", "The problem file.", tables->options, COUNT(file_options),
                             sizeof(cf_root)};
    return CF_OK;
}

void cf_problem_tables_free(cf_problem_tables **tables)
{
    if (*tables == NULL)
        return;
    free((*tables)->data_kinds);
    free((*tables)->augmentations);
    free((*tables)->observers);
    free((*tables)->observer_kinds);
    free(*tables);
    *tables = NULL;
}

const cf_kind *cf_problem_root(const cf_problem_tables *tables)
{
    return &tables->root;
}
