#include "distances.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/compare.h"
#include "contraflow/solver/memory.h"

/* Of the same result: times are copies of each other. */
static cf_status add(cf_group *group, const char *name, const char *equation,
                     const cf_course *course, cf_err *err)
{
    const cf_record *times = cf_group_record(group, "time");
    size_t count = times == NULL ? 0 : cf_record_count(times), next = 0;
    double *values = cf_allocate("distances", count, sizeof *values, err);
    if (values == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < count; k++) {
        while (next < course->count && course->time[next] < times->real[k])
            next++;
        bool found = next < course->count && course->time[next] == times->real[k];
        values[k] = found ? course->value[next] : NAN;
    }
    const cf_record record = {.name = (char *)name,
                              .unit = "latent",
                              .equation = (char *)equation,
                              .type = CF_VALUE_REAL,
                              .rank = 1,
                              .dims = {count},
                              .real = values};
    cf_status status = cf_group_add(group, &record, err);
    free(values);
    return status;
}

/* Which of the transport distances serves a space. */
static const char *transport_equation(const cf_result *result, const cf_flow_comparison *flow)
{
    bool sphere =
        strcmp(cf_group_text(cf_result_group(result, "/"), "latent_space"), "sphere") == 0;
    if (sphere && flow->d == 2)
        return "E28";
    return !sphere && flow->d == 1 ? "E27" : "E29";
}

static cf_status write_flow(cf_result *result, const cf_flow_comparison *flow, cf_err *err)
{
    char path[512];
    snprintf(path, sizeof path, "/flows/%s", flow->flow.name);
    cf_group *group = cf_result_group(result, path);
    cf_status status = CF_OK;
    if (flow->transport.count > 0)
        status = add(group, "transport", transport_equation(result, flow), &flow->transport, err);
    if (status == CF_OK && flow->discrepancy.count > 0)
        status = add(group, "discrepancy", "E30", &flow->discrepancy, err);
    return status;
}

cf_status cf_distances_write(cf_result *result, const char *reference, cf_err *err)
{
    char path[512];
    cf_comparison *comparison = NULL;
    snprintf(path, sizeof path, "/flows/%s", reference);
    if (cf_result_group(result, path) == NULL)
        return CF_OK;
    cf_status status = cf_compare(result, result, reference, &comparison, err);
    for (size_t k = 0; status == CF_OK && k < comparison->count; k++)
        if (!comparison->flows[k].is_reference)
            status = write_flow(result, &comparison->flows[k], err);
    cf_comparison_free(&comparison);
    if (status == CF_OK)
        status = cf_group_set_text(cf_result_group(result, "/"), "distances_from", reference, err);
    return status;
}
