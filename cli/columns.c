#include "columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_real(double value, char *text, size_t size)
{
    snprintf(text, size, isnan(value) ? "-" : "%.4g", value);
}

static void write_integer(const cf_flow_view *flow, const char *name, char *text, size_t size)
{
    long value = cf_group_integer(flow->group, name);
    snprintf(text, size, value < 0 ? "-" : "%ld", value);
}

static void write_name(const cf_flow_view *flow, char *text, size_t size)
{
    snprintf(text, size, "%s", flow->name);
}

static void write_kind(const cf_flow_view *flow, char *text, size_t size)
{
    snprintf(text, size, "%s", cf_group_text(flow->group, "kind"));
}

static void write_status(const cf_flow_view *flow, char *text, size_t size)
{
    snprintf(text, size, "%s", cf_group_text(flow->group, "status"));
}

static void write_end(const cf_flow_view *flow, char *text, size_t size)
{
    write_real(cf_group_real(flow->group, "observed_until"), text, size);
}

static void write_loss(const cf_flow_view *flow, char *text, size_t size)
{
    size_t count;
    const double *loss = cf_flow_series(flow, "loss", &count);
    double last = loss == NULL ? 0 : loss[count - 1];
    snprintf(text, size, loss == NULL ? "-" : fabs(last) < 1e6 ? "%.6f" : "%.6g", last);
}

/* A value that was only bounded from below reads "> value". */
static void write_censored(double value, bool censored, char *text, size_t size)
{
    char number[32];
    write_real(value, number, sizeof number);
    snprintf(text, size, "%s%s", censored && !isnan(value) ? "> " : "", number);
}

static void write_emergence(const cf_flow_view *flow, char *text, size_t size)
{
    bool censored = cf_group_integer(flow->group, "emergence_censored") == 1;
    double value = cf_group_real(flow->group, censored ? "observed_until" : "emergence");
    write_censored(value, censored, text, size);
}

static void write_dissolution(const cf_flow_view *flow, char *text, size_t size)
{
    bool censored = cf_group_integer(flow->group, "persistence_censored") == 1;
    double value = cf_group_real(flow->group, censored ? "observed_until" : "dissolution");
    write_censored(value, censored, text, size);
}

static void write_persistence(const cf_flow_view *flow, char *text, size_t size)
{
    bool censored = cf_group_integer(flow->group, "persistence_censored") == 1;
    write_censored(cf_group_real(flow->group, "persistence"), censored, text, size);
}

static void write_steps(const cf_flow_view *flow, char *text, size_t size)
{
    write_integer(flow, "steps", text, size);
}

static void write_evaluations(const cf_flow_view *flow, char *text, size_t size)
{
    write_integer(flow, "rhs_evaluations", text, size);
}

static void write_products(const cf_flow_view *flow, char *text, size_t size)
{
    write_integer(flow, "jacobian_products", text, size);
}

static void write_seconds(const cf_flow_view *flow, char *text, size_t size)
{
    double value = cf_group_real(flow->group, "wall_seconds");
    snprintf(text, size, isnan(value) ? "-" : "%.2f", value);
}

static void write_method(const cf_flow_view *flow, char *text, size_t size)
{
    snprintf(text, size, "%s", cf_group_text(flow->group, "method"));
}

static void write_engine(const cf_flow_view *flow, char *text, size_t size)
{
    const char *engine = cf_group_text(flow->group, "engine");
    snprintf(text, size, "%.*s", (int)strcspn(engine, ","), engine);
}

static void write_tolerances(const cf_flow_view *flow, char *text, size_t size)
{
    double rtol = cf_group_real(flow->group, "rtol");
    snprintf(text, size, isnan(rtol) ? "-" : "%.3g, %.3g", rtol,
             cf_group_real(flow->group, "atol"));
}

static void write_defect(const cf_flow_view *flow, char *text, size_t size)
{
    double value = cf_group_real(flow->group, "energy_defect");
    snprintf(text, size, isnan(value) ? "-" : "%.1e", value);
}

static void write_bound(const cf_flow_view *flow, char *text, size_t size)
{
    double value = cf_flow_energy_bound(flow);
    snprintf(text, size, isnan(value) ? "-" : "%.1e", value);
}

const cf_column cf_summary_columns[] = {{"flow", "", false, write_name},
                                        {"status", "", false, write_status},
                                        {"until", "", true, write_end},
                                        {"loss", "", true, write_loss},
                                        {"emergence", "", true, write_emergence},
                                        {"dissolution", "", true, write_dissolution},
                                        {"persistence", "", true, write_persistence},
                                        {"steps", "", true, write_steps},
                                        {"rhs", "", true, write_evaluations},
                                        {"seconds", "", true, write_seconds},
                                        {NULL, NULL, false, NULL}};

const cf_column cf_outcome_columns[] = {
    {"flow", "", false, write_name},
    {"status", "", false, write_status},
    {"until", "the last time reached", true, write_end},
    {"loss", "at that time", true, write_loss},
    {"emergence", "first time the separation rises through the threshold", true, write_emergence},
    {"dissolution", "next time it falls through it", true, write_dissolution},
    {"persistence", "the time between; > where the run ended first", true, write_persistence},
    {NULL, NULL, false, NULL}};

const cf_column cf_solver_columns[] = {
    {"flow", "", false, write_name},
    {"kind", "of dynamics", false, write_kind},
    {"method", "of integration, and where it changed", false, write_method},
    {"sums", "engine of the kernel sums", false, write_engine},
    {"rtol, atol", "tolerances of a step", true, write_tolerances},
    {"steps", "of the integrator", true, write_steps},
    {"rhs", "evaluations of the right-hand side", true, write_evaluations},
    {"Jacobian", "products with a vector", true, write_products},
    {"seconds", "of wall-clock time", true, write_seconds},
    {"energy defect", "largest |L(0) \xe2\x88\x92 L(t) \xe2\x88\x92 dissipated|", true,
     write_defect},
    {"bound", "of the defect (C13)", true, write_bound},
    {NULL, NULL, false, NULL}};

/* ---- rows of several flows ---- */

typedef struct {
    cf_cell text;
    double number;
    size_t count;
} value;

enum { MOST_VALUES = 3 };

/* What the seeds of a width say, different ones once. Of numbers the smallest and the largest are
 * kept, in this order; of more than MOST_VALUES texts that there are more. */
typedef struct {
    value values[MOST_VALUES + 1];
    size_t count;
} collection;

static double number_of(const char *text)
{
    return strcmp(text, "-") == 0 ? NAN : strtod(text + strspn(text, "> "), NULL);
}

static void collect_text(collection *all, const char *text)
{
    size_t k = 0;
    while (k < all->count && k < MOST_VALUES && strcmp(all->values[k].text, text) != 0)
        k++;
    if (k == all->count)
        all->count++;
    snprintf(all->values[k].text, sizeof(cf_cell), "%s", text);
    all->values[k].count++;
}

static void collect_number(collection *all, const char *text)
{
    double number = number_of(text);
    if (isnan(number))
        return;
    bool first = all->count == 0;
    for (size_t k = 0; k < 2; k++)
        if (first || (k == 0 ? number < all->values[0].number : number > all->values[1].number)) {
            snprintf(all->values[k].text, sizeof(cf_cell), "%s", text);
            all->values[k].number = number;
        }
    all->count = 2;
}

static void write_range(const value values[2], bool any, cf_cell cell)
{
    bool alike = strcmp(values[0].text, values[1].text) == 0;
    if (!any || alike)
        snprintf(cell, sizeof(cf_cell), "%s", any ? values[0].text : "-");
    else
        snprintf(cell, sizeof(cf_cell), "%.60s \xe2\x80\x93 %.60s", values[0].text, values[1].text);
}

/* "complete", or "7 complete, 1 failed" where they are to be counted. */
static void write_texts(const collection *all, bool counted, cf_cell cell)
{
    const value *v = all->values;
    size_t used = 0;
    if (all->count > MOST_VALUES || (all->count > 1 && !counted))
        snprintf(cell, sizeof(cf_cell), "various");
    else if (!counted)
        snprintf(cell, sizeof(cf_cell), "%s", v[0].text);
    for (size_t k = 0; counted && k < all->count && k < MOST_VALUES && used < sizeof(cf_cell); k++)
        used += (size_t)snprintf(cell + used, sizeof(cf_cell) - used, "%s%zu %.40s",
                                 k > 0 ? ", " : "", v[k].count, v[k].text);
}

static void write_width(const cf_result *result, const cf_flow_view *leader,
                        const cf_column *column, cf_cell cell)
{
    collection all = {.count = 0};
    size_t cursor = 0;
    cf_flow_view flow;
    if (column->write == write_name) {
        snprintf(cell, sizeof(cf_cell), "%.80s, N = %ld", cf_group_text(leader->group, "family"),
                 cf_group_integer(leader->group, "width"));
        return;
    }
    while (cf_flow_next(result, &cursor, &flow)) {
        cf_cell text;
        if (!cf_flow_same_width(&flow, leader))
            continue;
        column->write(&flow, text, sizeof text);
        (column->number ? collect_number : collect_text)(&all, text);
    }
    if (column->number)
        write_range(all.values, all.count > 0, cell);
    else
        write_texts(&all, column->write == write_status, cell);
}

cf_status cf_flow_table(const cf_result *result, const cf_column *columns, bool grouped,
                        cf_table *table, cf_err *err)
{
    size_t cursor = 0;
    cf_flow_view flow;
    for (const cf_column *column = columns; column->title != NULL; column++)
        cf_table_add_column(table, column->title, column->doc, column->number);
    while (cf_flow_next(result, &cursor, &flow)) {
        bool several = grouped && cf_flow_family(result, &flow)[0] != '\0';
        if (several && !cf_flow_leads(result, &flow))
            continue;
        cf_cell *cells = cf_table_add_row(table, err);
        if (cells == NULL)
            return CF_ESYSTEM;
        for (size_t c = 0; c < table->columns; c++)
            if (several)
                write_width(result, &flow, &columns[c], cells[c]);
            else
                columns[c].write(&flow, cells[c], sizeof cells[c]);
    }
    return CF_OK;
}
