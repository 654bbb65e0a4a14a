/* Families of networks: means over seeds and power laws of the width, E53. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"
#include "contraflow/solver/memory.h"

const cf_compared_kind cf_compared_kinds[CF_COMPARED_COUNT] = {
    [CF_COMPARED_DISTANCE] = {"distance", "distance", "largest distance", "E50", true},
    [CF_COMPARED_TRANSPORT] = {"transport", "transport", "largest transport distance", "E27", true},
    [CF_COMPARED_DISCREPANCY] = {"discrepancy", "discrepancy", "largest discrepancy", "E30", true},
    [CF_COMPARED_LOSS] = {"loss_gap", "loss gap", "largest loss gap", "E51", true},
    [CF_COMPARED_EMERGENCE] = {"emergence", "emergence", "difference of emergence", "E52", false},
    [CF_COMPARED_DISSOLUTION] = {"dissolution", "dissolution", "difference of dissolution", "E52",
                                 false},
    [CF_COMPARED_KERNEL] = {"kernel_error", "kernel", "kernel error at the start", "C9", false},
    [CF_COMPARED_DRIFT] = {"kernel_drift", "drift", "largest kernel drift", "C9", true}};

static bool is_event(size_t quantity)
{
    return quantity == CF_COMPARED_EMERGENCE || quantity == CF_COMPARED_DISSOLUTION;
}

static bool is_complete(const cf_flow_comparison *flow)
{
    return strcmp(flow->status, "complete") == 0;
}

/* --- grouping --- */

static cf_family_comparison *find_family(cf_comparison *comparison, const char *name)
{
    for (size_t f = 0; f < comparison->family_count; f++)
        if (strcmp(comparison->families[f].name, name) == 0)
            return &comparison->families[f];
    return NULL;
}

/* As many widths as there are flows of the family at most. */
static cf_status add_family(cf_comparison *comparison, const cf_flow_comparison *flow,
                            cf_family_comparison **out, cf_err *err)
{
    cf_family_comparison *family = &comparison->families[comparison->family_count];
    size_t most = 0;
    for (size_t k = 0; k < comparison->count; k++)
        most += strcmp(comparison->flows[k].family, flow->family) == 0;
    *family = (cf_family_comparison){.name = flow->family, .reference = flow->reference};
    family->widths = cf_allocate("comparison", most, sizeof *family->widths, err);
    if (family->widths == NULL)
        return CF_ESYSTEM;
    comparison->family_count++;
    *out = family;
    return CF_OK;
}

static cf_width_comparison *find_width(cf_family_comparison *family, const cf_flow_view *flow)
{
    for (size_t w = 0; w < family->count; w++)
        if (cf_flow_same_width(&family->widths[w].seeds[0]->flow, flow))
            return &family->widths[w];
    return NULL;
}

/* In its place among the widths. */
static cf_status add_width(const cf_comparison *comparison, cf_family_comparison *family,
                           const cf_flow_comparison *flow, cf_width_comparison **out, cf_err *err)
{
    cf_width_comparison width = {.width = flow->width};
    width.seeds = cf_allocate("comparison", comparison->count, sizeof(void *), err);
    if (width.seeds == NULL)
        return CF_ESYSTEM;
    size_t place = family->count++;
    for (; place > 0 && family->widths[place - 1].width > width.width; place--)
        family->widths[place] = family->widths[place - 1];
    family->widths[place] = width;
    *out = &family->widths[place];
    return CF_OK;
}

static cf_status add_flow(cf_comparison *comparison, const cf_flow_comparison *flow, cf_err *err)
{
    cf_family_comparison *family = find_family(comparison, flow->family);
    cf_status status = family != NULL ? CF_OK : add_family(comparison, flow, &family, err);
    cf_width_comparison *width = status == CF_OK ? find_width(family, &flow->flow) : NULL;
    if (status == CF_OK && width == NULL)
        status = add_width(comparison, family, flow, &width, err);
    if (status != CF_OK)
        return status;
    width->seeds[width->count++] = flow;
    width->complete += is_complete(flow);
    return CF_OK;
}

/* --- statistics --- */

/* The values of a quantity over the seeds of one width, at the places of `order`. */
static void gather(const cf_width_comparison *width, size_t quantity, const long *order,
                   size_t seeds, double *values)
{
    for (size_t s = 0; s < seeds; s++)
        values[s] = NAN;
    for (size_t k = 0; k < width->count; k++)
        for (size_t s = 0; s < seeds; s++)
            if (width->seeds[k]->seed == order[s] && is_complete(width->seeds[k]))
                values[s] = width->seeds[k]->values[quantity];
}

/* A mean of the known differences of event times alone would be biased. */
static cf_mean mean_of(const cf_width_comparison *width, size_t quantity, const double *values,
                       size_t seeds)
{
    cf_mean mean = cf_mean_of(values, seeds);
    if (is_event(quantity) && mean.count < width->complete)
        mean.value = mean.error = NAN;
    return mean;
}

static bool is_fitted(const cf_width_comparison *width, size_t quantity)
{
    double distance = width->means[CF_COMPARED_DISTANCE].value;
    return width->means[quantity].value > 0 &&
           !(cf_compared_kinds[quantity].moving && distance >= CF_COMPARED_LIMIT);
}

/* What the widths of one family are evaluated with. */
typedef struct {
    long *order;   /* [seeds] the seeds that occur */
    double *x;     /* [widths] */
    double *table; /* [widths*seeds] */
    size_t seeds;
} workspace;

static void fit(cf_family_comparison *family, size_t quantity, workspace *work)
{
    size_t points = 0;
    for (size_t w = 0; w < family->count; w++) {
        cf_width_comparison *width = &family->widths[w];
        double *row = work->table + points * work->seeds;
        gather(width, quantity, work->order, work->seeds, row);
        width->means[quantity] = mean_of(width, quantity, row, work->seeds);
        if (!is_fitted(width, quantity))
            continue;
        work->x[points++] = (double)width->width;
    }
    cf_power_law *law = &family->laws[quantity];
    *law = (cf_power_law){NAN, NAN, NAN, NAN, points};
    if (points >= CF_COMPARED_FEWEST)
        *law = cf_power_law_fit(work->x, work->table, points, work->seeds, CF_COMPARED_CONFIDENCE);
}

static void find_seeds(const cf_family_comparison *family, workspace *work)
{
    for (size_t w = 0; w < family->count; w++)
        for (size_t k = 0; k < family->widths[w].count; k++) {
            long seed = family->widths[w].seeds[k]->seed;
            size_t s = 0;
            while (s < work->seeds && work->order[s] != seed)
                s++;
            work->order[s] = seed;
            work->seeds += s == work->seeds;
        }
}

static cf_status evaluate(cf_family_comparison *family, size_t flows, cf_err *err)
{
    workspace work = {0};
    cf_status status = CF_ESYSTEM;
    work.order = cf_allocate("comparison", flows, sizeof *work.order, err);
    work.x = cf_allocate("comparison", family->count, sizeof *work.x, err);
    if (work.order == NULL || work.x == NULL)
        goto done;
    find_seeds(family, &work);
    work.table = cf_allocate("comparison", family->count * work.seeds, sizeof *work.table, err);
    if (work.table == NULL)
        goto done;
    for (size_t q = 0; q < CF_COMPARED_COUNT; q++) /* the distance first: others look at it */
        fit(family, q, &work);
    status = CF_OK;
done:
    free(work.order);
    free(work.x);
    free(work.table);
    return status;
}

cf_status cf_compare_families(cf_comparison *comparison, cf_err *err)
{
    cf_status status = CF_OK;
    comparison->families =
        cf_allocate("comparison", comparison->count, sizeof *comparison->families, err);
    if (comparison->families == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < comparison->count && status == CF_OK; k++)
        if (comparison->flows[k].family[0] != '\0' && !comparison->flows[k].is_reference)
            status = add_flow(comparison, &comparison->flows[k], err);
    for (size_t f = 0; f < comparison->family_count && status == CF_OK; f++)
        status = evaluate(&comparison->families[f], comparison->count, err);
    return status;
}

void cf_family_comparison_release(cf_family_comparison *family)
{
    for (size_t w = 0; w < family->count; w++)
        free(family->widths[w].seeds);
    free(family->widths);
}
