#include "comparison.h"

#include <math.h>
#include <string.h>

/* ---- flows ---- */

/* "+0.02", "> +0.3", "< -0.1": what is known of a difference of times. */
static void write_bounds(cf_bounds bounds, cf_cell cell)
{
    if (cf_bounds_known(bounds))
        snprintf(cell, sizeof(cf_cell), "%+.3g", bounds.low);
    else if (isnan(bounds.low) || isnan(bounds.high))
        snprintf(cell, sizeof(cf_cell), "-");
    else if (isfinite(bounds.low))
        snprintf(cell, sizeof(cf_cell), "> %+.3g", bounds.low);
    else if (isfinite(bounds.high))
        snprintf(cell, sizeof(cf_cell), "< %+.3g", bounds.high);
    else
        snprintf(cell, sizeof(cf_cell), "unknown");
}

static void write_number(double value, cf_cell cell)
{
    cf_cell_write(cell, "%.3g", value);
}

/* What some flows do not have alike, and is told for each. */
typedef struct {
    bool references, shared; /* snapshots */
} differences;

static differences find_differences(const cf_comparison *comparison)
{
    differences found = {comparison->reference == NULL, false};
    for (size_t k = 0; k < comparison->count; k++)
        if (comparison->flows[k].transport.count != comparison->flows[0].transport.count)
            found.shared = true;
    return found;
}

/* In the order of the columns. */
static void write_flow(const cf_flow_comparison *flow, differences told, cf_cell *cell)
{
    const cf_course *distance = &flow->distance;
    bool from_start = distance->count > 0 && distance->time[0] == 0;
    snprintf(*cell++, sizeof *cell, "%s", flow->flow.name);
    snprintf(*cell++, sizeof *cell, "%s", told.references ? flow->reference : "-");
    snprintf(*cell++, sizeof *cell, "%s", flow->status);
    snprintf(*cell++, sizeof *cell, told.shared ? "%zu" : "-", flow->transport.count);
    write_number(distance->sup, *cell++);
    write_number(distance->when, *cell++);
    write_number(from_start ? distance->value[0] : NAN, *cell++);
    write_number(flow->transport.sup, *cell++);
    write_number(flow->discrepancy.sup, *cell++);
    write_number(flow->loss.sup, *cell++);
    write_bounds(flow->emergence, *cell++);
    write_bounds(flow->dissolution, *cell++);
    write_number(flow->values[CF_COMPARED_KERNEL], *cell++);
    write_number(flow->values[CF_COMPARED_DRIFT], *cell++);
    write_number(flow->conserved_drift, *cell);
}

static void add_flow_columns(cf_table *table)
{
    cf_table_add_column(table, "flow", "", false);
    cf_table_add_column(table, "reference", "", false);
    cf_table_add_column(table, "status", "", false);
    cf_table_add_column(table, "shared", "snapshots that flow and reference have in common", true);
    cf_table_add_column(table, "distance", "largest over the shared snapshots (E50)", true);
    cf_table_add_column(table, "at t", "where it is attained", true);
    cf_table_add_column(table, "at t = 0", "distance at the start; 0 where the two begin alike",
                        true);
    cf_table_add_column(table, "transport",
                        "largest W1 of the latent measures on the circle and the line, sliced W2 "
                        "elsewhere (E27-E29)",
                        true);
    cf_table_add_column(table, "discrepancy",
                        "largest maximum mean discrepancy of the latent measures (E30)", true);
    cf_table_add_column(table, "loss gap", "largest over the shared outputs (E51)", true);
    cf_table_add_column(table, "emergence",
                        "its time less that of the reference; > and < where only a bound is known "
                        "(E52)",
                        true);
    cf_table_add_column(table, "dissolution", "likewise", true);
    cf_table_add_column(table, "kernel", "relative error of the tangent kernel at the start (C9)",
                        true);
    cf_table_add_column(table, "drift", "largest relative change of the kernel (C9)", true);
    cf_table_add_column(table, "conserved", "largest relative drift of conserved quantities (E14)",
                        true);
}

cf_status cf_comparison_flow_table(const cf_comparison *comparison, bool brief, cf_table *table,
                                   cf_err *err)
{
    const differences told = find_differences(comparison);
    add_flow_columns(table);
    for (size_t k = 0; k < comparison->count; k++) {
        const cf_flow_comparison *flow = &comparison->flows[k];
        if (brief && (flow->family[0] != '\0' || flow->is_reference))
            continue;
        cf_cell *cells = cf_table_add_row(table, err);
        if (cells == NULL)
            return CF_ESYSTEM;
        write_flow(flow, told, cells);
    }
    cf_table_drop_empty(table);
    return CF_OK;
}

/* ---- families ---- */

static void write_mean(cf_mean mean, cf_cell cell)
{
    if (isnan(mean.value) || isnan(mean.error))
        write_number(mean.value, cell);
    else
        snprintf(cell, sizeof(cf_cell), "%.3g \xc2\xb1 %.2g", mean.value, mean.error);
}

static void write_width(const cf_family_comparison *family, const cf_width_comparison *width,
                        cf_cell *cells)
{
    snprintf(cells[0], sizeof cells[0], "%s", family->name);
    snprintf(cells[1], sizeof cells[1], "%ld", width->width);
    if (width->complete < width->count)
        snprintf(cells[2], sizeof cells[2], "%zu of %zu", width->complete, width->count);
    else
        snprintf(cells[2], sizeof cells[2], "%zu", width->count);
    for (size_t q = 0; q < CF_COMPARED_COUNT; q++)
        write_mean(width->means[q], cells[3 + q]);
}

cf_status cf_comparison_width_table(const cf_comparison *comparison, cf_table *table, cf_err *err)
{
    cf_table_add_column(table, "family", "", false);
    cf_table_add_column(table, "width", "", true);
    cf_table_add_column(table, "seeds", "those that ran to the end; means are over them", true);
    for (size_t q = 0; q < CF_COMPARED_COUNT; q++)
        cf_table_add_column(table, cf_compared_kinds[q].label, cf_compared_kinds[q].title, true);
    for (size_t f = 0; f < comparison->family_count; f++)
        for (size_t w = 0; w < comparison->families[f].count; w++) {
            cf_cell *cells = cf_table_add_row(table, err);
            if (cells == NULL)
                return CF_ESYSTEM;
            write_width(&comparison->families[f], &comparison->families[f].widths[w], cells);
        }
    cf_table_drop_empty(table);
    return CF_OK;
}

bool cf_family_has(const cf_family_comparison *family, cf_compared quantity)
{
    for (size_t w = 0; w < family->count; w++)
        if (!isnan(family->widths[w].means[quantity].value))
            return true;
    return false;
}

void cf_comparison_write_law(const cf_family_comparison *family, cf_compared quantity, char *text,
                             size_t size)
{
    const cf_power_law *law = &family->laws[quantity];
    const char *title = cf_compared_kinds[quantity].title;
    const char *minus = "\xe2\x88\x92";
    if (isnan(law->slope))
        snprintf(text, size, "%s: no slope, %zu of %zu widths can be fitted and %d are needed",
                 title, law->points, family->count, CF_COMPARED_FEWEST);
    else if (isnan(law->low))
        snprintf(text, size, "%s ~ N^%s%.3f (%zu of %zu widths)", title,
                 law->slope < 0 ? minus : "", fabs(law->slope), law->points, family->count);
    else
        snprintf(text, size, "%s ~ N^%s%.3f (95%% interval %s%.3f to %s%.3f; %zu of %zu widths)",
                 title, law->slope < 0 ? minus : "", fabs(law->slope), law->low < 0 ? minus : "",
                 fabs(law->low), law->high < 0 ? minus : "", fabs(law->high), law->points,
                 family->count);
}

bool cf_comparison_write_conserved(const cf_comparison *comparison,
                                   const cf_family_comparison *family, char *text, size_t size)
{
    double drift = NAN, bound = NAN;
    for (size_t k = 0; k < comparison->count; k++) {
        const cf_flow_comparison *flow = &comparison->flows[k];
        if (strcmp(flow->family, family->name) != 0)
            continue;
        drift = fmax(drift, flow->conserved_drift);
        bound = fmin(bound, flow->conserved_bound);
    }
    if (isnan(drift))
        return false;
    int used =
        snprintf(text, size, "conserved quantities (E14): relative drift at most %.1e", drift);
    if (!isnan(bound) && (size_t)used < size)
        snprintf(text + used, size - (size_t)used, ", %s the bound %.1e (C11)",
                 drift <= bound ? "within" : "ABOVE", bound);
    return true;
}
