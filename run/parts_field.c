/* Flows on fields: nodes of the data law, the start's law, and the start at the nodes (E16). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/start.h"
#include "contraflow/solver/memory.h"
#include "data_source.h"
#include "parts_internal.h"
#include "problem_kinds.h"

static bool start_is(const cf_parts *parts, const char *kind)
{
    return strcmp(parts->problem->start.kind->name, kind) == 0;
}

static bool at_points(const cf_parts *parts)
{
    return cf_data_source_find(parts->problem->data.kind) != NULL;
}

const cf_data *cf_parts_rows(const cf_parts *parts, size_t flow)
{
    return parts->fields[flow].nodes != NULL ? parts->fields[flow].nodes : parts->rows;
}

/* What has no meaning for infinitely many data, and what serves instead. */
static cf_status check(const cf_parts *parts, const cf_problem_flow *flow, cf_err *err)
{
    const char *reason = NULL;
    char key[64];
    if (parts->augmentation != NULL)
        reason = "needs augmentation.kind = none; views are served by particles";
    else if (strcmp(parts->problem->loss.kind->name, "nt-xent") == 0)
        reason = "nt-xent counts the points, of which a field has infinitely many; its limit is "
                 "loss: {kind: generalized, psi: log}";
    else if (!at_points(parts) && (start_is(parts, "network") || start_is(parts, "file")))
        reason = "this start is given at the data points and not at the nodes of their law; use "
                 "start.kind = linear, near-point or random, or data.kind = file";
    else if (!at_points(parts) && flow->options->kernel.kind == &cf_kernel_file_kind)
        reason = "this kernel is given at the data points and not at the nodes of their law; use "
                 "kernel.kind = mlp, block or empirical, or data.kind = file";
    if (reason == NULL)
        return CF_OK;
    snprintf(key, sizeof key, "flows.%zu.representation", flow->section);
    return cf_located(parts->problem, key, cf_fail(err, CF_EINPUT, "%s = field: %s", key, reason),
                      err);
}

/* Says which order asks for too much. */
static cf_status blame(const cf_parts *parts, const cf_problem_flow *flow, const char *name,
                       long order, cf_err *err)
{
    char key[64];
    snprintf(key, sizeof key, "flows.%zu.%s", flow->section, name);
    cf_err_prepend(err, "%s = %ld: ", key, order);
    return cf_problem_blame(parts->problem, key, err);
}

static cf_status create_nodes(const cf_parts *parts, const cf_problem_flow *flow,
                              cf_parts_field *field, cf_err *err)
{
    long order = flow->options->nodes;
    cf_status status = CF_OK;
    for (const cf_data_kind *const *row = cf_data_kinds(); *row != NULL; row++)
        if (&(*row)->kind == parts->problem->data.kind)
            status = cf_data_quadrature(*row, parts->problem->data.options, (size_t)order,
                                        &field->owned, err);
    field->nodes = field->owned != NULL ? field->owned : parts->data;
    return status == CF_OK ? CF_OK : blame(parts, flow, "nodes", order, err);
}

/* The rule and the draws of a start that has a law. */
typedef struct {
    const cf_parts *parts;
    size_t order;
    uint64_t seed;
    cf_parts_field *field;
} law_maker;

static cf_status make_random(const law_maker *m, cf_err *err)
{
    const cf_latent *latent = &m->parts->latent;
    cf_start_random(latent, m->seed, CF_FIELD_DRAWS, m->field->draws);
    return cf_start_random_law(latent, m->order, &m->field->law, err);
}

static cf_status make_normal(const law_maker *m, cf_err *err)
{
    const cf_latent *latent = &m->parts->latent;
    double spread = m->field->spread;
    cf_start_near_point(latent, spread, m->seed, CF_FIELD_DRAWS, m->field->draws);
    return cf_start_near_point_law(latent, spread, m->order, &m->field->law, err);
}

static cf_status make_perturbed(const law_maker *m, cf_err *err)
{
    cf_start_law law;
    size_t d = m->parts->latent.dimension;
    cf_status status = cf_perturbed_law(m->parts, &law, err);
    if (status != CF_OK)
        return status;
    cf_start_perturbed(&law, d, m->seed, CF_FIELD_DRAWS, m->field->draws);
    return cf_start_perturbed_law(&law, d, m->order, &m->field->law, err);
}

/* A start without random part has no law; nor do those that are functions of the point, of a
 * network or from a file. */
static cf_status create_law(const cf_parts *parts, const cf_problem_flow *flow,
                            cf_parts_field *field, cf_err *err)
{
    const cf_start_options *start = parts->problem->start.options;
    const cf_loss_options *loss = parts->problem->loss.options;
    long order = flow->options->start_nodes;
    bool random = start_is(parts, "random"), perturbed = start_is(parts, "perturbed");
    field->spread = random ? 1 : start->spread;
    if (!random && !perturbed && field->spread == 0)
        return CF_OK;
    field->draws =
        cf_allocate("start", CF_FIELD_DRAWS * parts->latent.dimension, sizeof *field->draws, err);
    if (field->draws == NULL)
        return CF_ESYSTEM;
    const law_maker maker = {parts, (size_t)order, (uint64_t)start->seed, field};
    cf_status status = random      ? make_random(&maker, err)
                       : perturbed ? make_perturbed(&maker, err)
                                   : make_normal(&maker, err);
    if (!parts->latent.sphere && loss->eta == 0)
        field->blur = field->law;
    return status == CF_OK ? CF_OK : blame(parts, flow, "start-nodes", order, err);
}

cf_status cf_fields_create(cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    parts->fields = cf_allocate("fields", problem->flow_count, sizeof *parts->fields, err);
    cf_status status = parts->fields == NULL ? CF_ESYSTEM : CF_OK;
    for (size_t f = 0; f < problem->flow_count && status == CF_OK; f++) {
        const cf_problem_flow *flow = &problem->flows[f];
        if (strcmp(flow->model->representation, "field") != 0)
            continue;
        status = check(parts, flow, err);
        if (status == CF_OK)
            status = create_nodes(parts, flow, &parts->fields[f], err);
        if (status == CF_OK)
            status = create_law(parts, flow, &parts->fields[f], err);
    }
    return status;
}

static void set_start(const cf_parts *parts, cf_parts_field *field)
{
    const cf_start_options *options = parts->problem->start.options;
    const cf_data *nodes = field->nodes;
    size_t d = parts->latent.dimension;
    if (start_is(parts, "network") || start_is(parts, "file"))
        memcpy(field->start, parts->start, nodes->n * d * sizeof(double));
    else if (field->law == NULL)
        cf_start_near_point(&parts->latent, 0, 0, nodes->n, field->start);
    if (start_is(parts, "linear"))
        cf_start_add_linear(options->matrix.values, nodes->points, nodes->n, nodes->dimension, d,
                            field->start);
}

cf_status cf_fields_start(cf_parts *parts, cf_err *err)
{
    for (size_t f = 0; f < parts->problem->flow_count; f++) {
        cf_parts_field *field = &parts->fields[f];
        if (field->nodes == NULL)
            continue;
        field->start =
            cf_allocate("start", field->nodes->n * parts->latent.dimension, sizeof(double), err);
        if (field->start == NULL)
            return CF_ESYSTEM;
        set_start(parts, field);
    }
    return CF_OK;
}

void cf_fields_free(cf_parts *parts)
{
    for (size_t f = 0; parts->fields != NULL && f < parts->problem->flow_count; f++) {
        cf_data_free(&parts->fields[f].owned);
        cf_rule_free(&parts->fields[f].law);
        free(parts->fields[f].draws);
        free(parts->fields[f].start);
    }
    free(parts->fields);
}
