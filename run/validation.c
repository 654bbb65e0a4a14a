#define _POSIX_C_SOURCE 200809L
#include "contraflow/run/validation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "claims/log.h"
#include "contraflow/solver/memory.h"
#include "contraflow/run/nearest.h"
#include "provenance.h"
#include "section.h"
#include "settings.h"

/* --- verdicts --- */

/* What is compared with what: an error with its bound. */
static void compare(const cf_verdict *v, double *error, double *bound)
{
    *error = fabs(v->measured - v->predicted);
    *bound = v->tolerance;
    if (v->rule == CF_RULE_RELATIVE)
        *bound *= fabs(v->predicted);
    if (v->rule == CF_RULE_AT_MOST || v->rule == CF_RULE_AT_LEAST) {
        *error = v->measured;
        *bound = v->predicted;
    }
}

bool cf_verdict_holds(const cf_verdict *verdict)
{
    double error, bound;
    compare(verdict, &error, &bound);
    return verdict->rule == CF_RULE_AT_LEAST ? error >= bound : error <= bound;
}

bool cf_verdict_good(const cf_verdict *verdict)
{
    bool holds = cf_verdict_holds(verdict);
    return verdict->control ? !holds && !isnan(verdict->measured) : holds;
}

double cf_verdict_share(const cf_verdict *verdict)
{
    double error, bound;
    compare(verdict, &error, &bound);
    return verdict->rule == CF_RULE_AT_LEAST ? bound / error : error / bound;
}

bool cf_claim_report_holds(const cf_claim_report *report)
{
    size_t numbers = 0, controls = 0;
    for (size_t k = 0; k < report->count; k++) {
        if (!cf_verdict_good(&report->verdicts[k]))
            return false;
        numbers += !report->verdicts[k].control;
        controls += report->verdicts[k].control;
    }
    return report->failure[0] == '\0' && numbers > 0 && controls > 0;
}

/* --- parameters --- */

static bool is_asked(const cf_validation_setup *setup, const char *name)
{
    for (size_t k = 0; k < setup->name_count; k++)
        if (strcmp(setup->names[k], name) == 0)
            return true;
    return setup->name_count == 0;
}

static cf_status check_name(const char *name, cf_err *err)
{
    char hint[96];
    cf_nearest nearest = {.word = name};
    for (const cf_claim *const *claim = cf_claims; *claim != NULL; claim++) {
        if (strcmp((*claim)->kind.name, name) == 0)
            return CF_OK;
        cf_nearest_offer(&nearest, (*claim)->kind.name);
    }
    return cf_fail(err, CF_EINPUT, "%s: no such claim%s (claims: %s)", name,
                   cf_nearest_hint(&nearest, hint), nearest.valid);
}

/* The parameters of a level, of every claim that is asked for. */
static cf_status add_levels(const cf_validation_setup *setup, cf_node *root, cf_err *err)
{
    cf_status status = CF_OK;
    for (const cf_claim *const *claim = cf_claims; *claim != NULL && status == CF_OK; claim++) {
        const char *const texts[] = {NULL, (*claim)->quick, (*claim)->full};
        const char *text = texts[setup->level];
        cf_node *node = NULL;
        if (!is_asked(setup, (*claim)->kind.name))
            continue;
        status = cf_node_parse((*claim)->kind.name, NULL, text != NULL ? text : "{}", &node, err);
        if (status != CF_OK)
            return status;
        node->key = cf_duplicate_text((*claim)->kind.name, err);
        if (node->key == NULL) {
            cf_node_free(&node);
            return CF_ESYSTEM;
        }
        status = cf_node_attach(root, node, err);
    }
    return status;
}

/* Settings of claims that do not exist, or are not asked for. */
static cf_status check_settings(const cf_validation_setup *setup, const cf_node *root, cf_err *err)
{
    for (size_t k = 0; k < root->count; k++) {
        const cf_node *node = root->items[k];
        if (node->setting == NULL && is_asked(setup, node->key))
            continue;
        if (check_name(node->key, err) != CF_OK || !is_asked(setup, node->key)) {
            cf_fail(err, CF_EINPUT, "%s is not among the claims to check", node->key);
            return cf_place_prepend(err, "", 0, node->setting);
        }
    }
    return CF_OK;
}

static cf_status create_tree(const cf_validation_setup *setup, cf_node **out, cf_err *err)
{
    *out = cf_allocate("validation", 1, sizeof **out, err);
    if (*out == NULL)
        return CF_ESYSTEM;
    (*out)->type = CF_NODE_SECTION;
    cf_status status = CF_OK;
    for (size_t k = 0; k < setup->name_count && status == CF_OK; k++)
        status = check_name(setup->names[k], err);
    if (status == CF_OK)
        status = add_levels(setup, *out, err);
    for (size_t k = 0; k < setup->setting_count && status == CF_OK; k++)
        status = cf_setting_apply(*out, setup->settings[k], err);
    return status == CF_OK ? check_settings(setup, *out, err) : status;
}

/* The options of one claim, malloc'ed; cf_options_free, then free(). */
static cf_status read_options(cf_node *root, const cf_claim *claim, void **out, cf_err *err)
{
    static const cf_reader reader = {.file = "claims", .directory = "."};
    cf_node *node = cf_node_find(root, claim->kind.name);
    *out = cf_allocate("options", 1, claim->kind.size, err);
    if (*out == NULL)
        return CF_ESYSTEM;
    if (node->type != CF_NODE_SECTION) {
        cf_fail(err, CF_EINPUT, "must name a parameter: %s.%s=...", claim->kind.name,
                claim->kind.options[0].key);
        return cf_place_prepend(err, reader.file, node->line, node->setting);
    }
    return cf_options_read(&reader, node, claim->kind.name, &claim->kind, *out, err);
}

static void free_options(const cf_claim *claim, void **options)
{
    if (*options != NULL)
        cf_options_free(&claim->kind, *options);
    free(*options);
    *options = NULL;
}

cf_status cf_validation_estimate(const cf_validation_setup *setup, double *seconds, cf_err *err)
{
    cf_node *root = NULL;
    cf_status status = create_tree(setup, &root, err);
    *seconds = 0;
    for (const cf_claim *const *claim = cf_claims; *claim != NULL && status == CF_OK; claim++) {
        void *options = NULL;
        if (!is_asked(setup, (*claim)->kind.name))
            continue;
        status = read_options(root, *claim, &options, err);
        free_options(*claim, &options);
        *seconds += (*claim)->seconds[setup->level];
    }
    cf_node_free(&root);
    return status;
}

/* --- checks --- */

static cf_status print_options(const cf_claim *claim, const void *options, char **out, cf_err *err)
{
    size_t size = 0;
    FILE *stream = open_memstream(out, &size);
    if (stream == NULL)
        return cf_fail(err, CF_ESYSTEM, "no memory for the parameters of %s", claim->kind.name);
    cf_options_print(stream, ".", &claim->kind, options);
    return fclose(stream) == 0 ? CF_OK : cf_fail(err, CF_ESYSTEM, "no memory for parameters");
}

/* Numerical failures belong to the report. */
static cf_status check(const cf_validation_setup *setup, const void *options,
                       cf_claim_report *report, bool *interrupted, cf_err *err)
{
    const cf_claim *claim = report->claim;
    cf_err failure = {0};
    double begin = cf_claim_clock();
    cf_claim_log log = {.setup = setup, .report = report, .last = begin};
    if (setup->begun != NULL)
        setup->begun(setup->context, claim);
    cf_status status = print_options(claim, options, &report->options, err);
    if (status != CF_OK)
        return status;
    status = claim->check(options, &log, &failure);
    report->seconds = cf_claim_clock() - begin;
    *interrupted = log.interrupted;
    if (status == CF_EINPUT || status == CF_ESYSTEM)
        return cf_fail(err, status, "%s: %s", claim->kind.name, failure.message);
    if (status != CF_OK)
        snprintf(report->failure, sizeof report->failure, "%.500s", failure.message);
    report->holds = cf_claim_report_holds(report);
    if (setup->ended != NULL)
        setup->ended(setup->context, report);
    return CF_OK;
}

static cf_status check_all(const cf_validation_setup *setup, cf_node *root, cf_validation *out,
                           cf_err *err)
{
    cf_status status = CF_OK;
    for (const cf_claim *const *claim = cf_claims;
         *claim != NULL && status == CF_OK && !out->interrupted; claim++) {
        void *options = NULL;
        if (!is_asked(setup, (*claim)->kind.name))
            continue;
        status = read_options(root, *claim, &options, err);
        if (status == CF_OK) {
            out->reports[out->count].claim = *claim;
            status = check(setup, options, &out->reports[out->count++], &out->interrupted, err);
        }
        free_options(*claim, &options);
    }
    return status;
}

cf_status cf_validate(const cf_validation_setup *setup, cf_validation **out, cf_err *err)
{
    cf_node *root = NULL;
    size_t count = 0;
    while (cf_claims[count] != NULL)
        count++;
    cf_validation *validation = *out = cf_allocate("validation", 1, sizeof **out, err);
    cf_status status = validation == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK)
        validation->reports = cf_allocate("validation", count, sizeof *validation->reports, err);
    if (status == CF_OK && validation->reports == NULL)
        status = CF_ESYSTEM;
    double begin = cf_claim_clock(), estimate;
    if (status == CF_OK)
        status = cf_validation_estimate(setup, &estimate, err);
    if (status == CF_OK) {
        cf_time_stamp(validation->started);
        status = create_tree(setup, &root, err);
    }
    if (status == CF_OK)
        status = check_all(setup, root, validation, err);
    cf_node_free(&root);
    if (status != CF_OK) {
        cf_validation_free(out);
        return status;
    }
    validation->seconds = cf_claim_clock() - begin;
    validation->holds = !validation->interrupted;
    for (size_t k = 0; k < validation->count; k++)
        validation->holds = validation->holds && validation->reports[k].holds;
    return CF_OK;
}

void cf_validation_free(cf_validation **validation)
{
    if (validation == NULL || *validation == NULL)
        return;
    for (size_t k = 0; k < (*validation)->count; k++) {
        cf_claim_report *report = &(*validation)->reports[k];
        for (size_t c = 0; c < report->curve_count; c++) {
            free(report->curves[c].x);
            free(report->curves[c].y);
        }
        free(report->curves);
        free(report->verdicts);
        free(report->options);
    }
    free((*validation)->reports);
    free(*validation);
    *validation = NULL;
}
