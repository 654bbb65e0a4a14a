#include "slope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/compare.h"
#include "contraflow/solver/memory.h"

/* The means, and the line of the predicted slope through their middle. */
static cf_status draw(cf_claim_log *log, const cf_claim_slope_finding *f, double *means,
                      cf_err *err)
{
    double x = 0, y = 0, n = (double)f->count;
    for (size_t k = 0; k < f->count; k++) {
        means[k] = cf_mean_of(f->errors + k * f->seeds, f->seeds).value;
        x += log2(f->x[k]) / n;
        y += log2(means[k]) / n;
    }
    double *line = means + f->count, *at = line + f->count;
    for (size_t k = 0; k < f->count; k++) {
        at[k] = f->x[k];
        line[k] = exp2(y + f->predicted * (log2(f->x[k]) - x));
    }
    cf_claim_curve points = {"", false, at, means, f->count}, law = {"", true, at, line, f->count};
    const char *sizes = strstr(f->parameters, ", N ");
    sizes = sizes != NULL ? sizes : strstr(f->parameters, ", n ");
    int length = sizes != NULL ? (int)(sizes - f->parameters) : 20;
    snprintf(points.label, sizeof points.label, "%.*s, %.40s", length, f->parameters, f->quantity);
    snprintf(law.label, sizeof law.label, "%s", points.label);
    cf_status status = cf_claim_draw(log, &points, err);
    return status == CF_OK ? cf_claim_draw(log, &law, err) : status;
}

cf_status cf_claim_find_slope(cf_claim_log *log, const cf_claim_slope_finding *f, cf_err *err)
{
    char quantity[112];
    double *means = cf_allocate("means", 3 * f->count, sizeof *means, err);
    if (means == NULL)
        return CF_ESYSTEM;
    const cf_power_law law =
        cf_power_law_fit(f->x, f->errors, f->count, f->seeds, CF_COMPARED_CONFIDENCE);
    snprintf(quantity, sizeof quantity, "slope of %.60s [%.3f, %.3f]", f->quantity, law.low,
             law.high);
    const cf_finding finding = {quantity,  CF_RULE_EQUAL, f->predicted,
                                law.slope, f->tolerance,  f->control};
    cf_status status = cf_claim_find(log, &finding, err, "%s", f->parameters);
    if (status == CF_OK && !f->control)
        status = draw(log, f, means, err);
    free(means);
    return status;
}

void cf_claim_write_list(char *text, size_t size, long first, long count, long factor)
{
    size_t used = (size_t)snprintf(text, size, "[%ld", first);
    for (long k = 1; k < count && used < size; k++) {
        first = factor > 1 ? first * factor : first + 1;
        used += (size_t)snprintf(text + used, size - used, ", %ld", first);
    }
    if (used < size)
        snprintf(text + used, size - used, "]");
}
