#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "comparison.h"
#include "contraflow/run/file.h"
#include "reference.h"

static void print_reference(const cf_reference *reference)
{
    const cf_comparison *c = reference->comparison;
    size_t snapshots = 0, outputs = 0;
    double until = 0;
    for (size_t k = 0; k < c->count; k++) {
        const cf_course *transport = &c->flows[k].transport, *loss = &c->flows[k].loss;
        snapshots = transport->count > snapshots ? transport->count : snapshots;
        outputs = loss->count > outputs ? loss->count : outputs;
        if (loss->count > 0)
            until = fmax(until, loss->time[loss->count - 1]);
    }
    if (c->reference == NULL)
        printf("reference: of networks their limit, of the others the first neural flow");
    else
        printf("reference: %s%s%s", reference->file == NULL ? "" : reference->file,
               reference->file == NULL ? "" : ":", c->reference);
    printf("; up to t = %.6g, at most %zu shared snapshots and %zu shared outputs\n", until,
           snapshots, outputs);
}

/* What is compared, and what cannot be. */
static void print_head(const cf_reference *reference)
{
    const cf_comparison *c = reference->comparison;
    print_reference(reference);
    if (!c->events)
        printf("event times are not compared: the labels or the thresholds are not the same\n");
    for (size_t k = 0; k < c->count; k++)
        if (!c->flows[k].paired && c->flows[k].transport.sup != 0)
            printf(
                "%s: its %zu points or nodes are not those of the reference, %zu, so no distance "
                "point by point; measures, losses and event times are compared\n",
                c->flows[k].flow.name, c->flows[k].points, c->flows[k].reference_points);
}

static cf_status print_tables(const cf_comparison *comparison, cf_err *err)
{
    cf_table flows = {.columns = 0}, widths = {.columns = 0};
    cf_status status = cf_comparison_flow_table(comparison, false, &flows, err);
    if (status == CF_OK)
        status = cf_comparison_width_table(comparison, &widths, err);
    if (status == CF_OK)
        cf_table_print(&flows, stdout);
    if (status == CF_OK && widths.rows > 0) {
        fputc('\n', stdout);
        cf_table_print(&widths, stdout);
    }
    cf_table_release(&flows);
    cf_table_release(&widths);
    return status;
}

static void print_laws(const cf_comparison *comparison)
{
    char text[256];
    for (size_t f = 0; f < comparison->family_count; f++) {
        const cf_family_comparison *family = &comparison->families[f];
        printf("\n%s against %s:\n", family->name, family->reference);
        for (size_t q = 0; q < CF_COMPARED_COUNT; q++) {
            if (!cf_family_has(family, (cf_compared)q))
                continue;
            cf_comparison_write_law(family, (cf_compared)q, text, sizeof text);
            printf("  %s\n", text);
        }
        if (cf_comparison_write_conserved(comparison, family, text, sizeof text))
            printf("  %s\n", text);
    }
}

static cf_status write_csv(const cf_comparison *comparison, const char *path, cf_err *err)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL)
        return cf_fail(err, CF_ESYSTEM, "%s: memory is short", path);
    cf_comparison_write_csv(comparison, stream);
    bool failed = ferror(stream) != 0;
    cf_status status = fclose(stream) != 0 || failed
                           ? cf_fail(err, CF_ESYSTEM, "%s: memory is short", path)
                           : cf_file_replace(path, text, size, err);
    free(text);
    return status;
}

static int execute(const cf_arguments *arguments, const char *command_line, cf_err *err)
{
    (void)command_line;
    cf_result *result = NULL;
    cf_reference reference = {0};
    cf_status status = cf_result_read(arguments->file, &result, err);
    if (status == CF_OK)
        status = cf_reference_open(result, arguments->file, arguments->reference, &reference, err);
    if (status == CF_OK && arguments->output != NULL)
        status = write_csv(reference.comparison, arguments->output, err);
    if (status == CF_OK) {
        print_head(&reference);
        status = print_tables(reference.comparison, err);
    }
    if (status == CF_OK)
        print_laws(reference.comparison);
    if (status == CF_OK && arguments->output != NULL)
        printf("\ntable: %s\n", arguments->output);
    cf_reference_close(&reference);
    cf_result_free(&result);
    return cf_exit_code(status);
}

const cf_command cf_command_compare = {
    "compare",
    "compare OUT.h5 [--reference [FILE:]FLOW] [-o OUT.csv]",
    "compare every flow with a reference: unless one is named, networks with the neural flow that "
    "is "
    "their limit, and all else with the first neural flow (docs/compare.md)",
    {.file = true, .output = true, .reference = true},
    execute};
