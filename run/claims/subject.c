#include "subject.h"

#include <stdarg.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "log.h"

const char *const cf_claim_space_names[] = {"circle", "sphere", "line", "plane", NULL};
const char *const cf_claim_spaces[] = {
    "{space: sphere, dimension: 2}", "{space: sphere, dimension: 3}",
    "{space: euclidean, dimension: 1}", "{space: euclidean, dimension: 2}"};

const char *const cf_claim_smooth_spaces[] = {"{space: sphere, dimension: 2, norm-floor: 0.3}",
                                              "{space: sphere, dimension: 3, norm-floor: 0.3}",
                                              "{space: euclidean, dimension: 1}",
                                              "{space: euclidean, dimension: 2}"};

cf_status cf_claim_open(const cf_claim_log *log, cf_claim_subject *subject, cf_err *err,
                        const char *format, ...)
{
    va_list arguments;
    *subject = (cf_claim_subject){0};
    va_start(arguments, format);
    cf_status status =
        cf_claim_parts(log, &subject->problem, &subject->parts, err, format, arguments);
    va_end(arguments);
    return status == CF_OK ? cf_assembly_create(subject->parts, 0, &subject->assembly, err)
                           : status;
}

void cf_claim_close(cf_claim_subject *subject)
{
    cf_assembly_free(&subject->assembly);
    cf_parts_free(&subject->parts);
    cf_problem_free(&subject->problem);
}

cf_status cf_claim_slope_create(const cf_flow_setup *setup, cf_claim_slope *out, cf_err *err)
{
    size_t n = setup->data->n, d = setup->latent.dimension;
    *out = (cf_claim_slope){.setup = setup};
    out->z = cf_allocate("gradient", n * d, sizeof(double), err);
    out->r = cf_allocate("gradient", n, sizeof(double), err);
    out->u = cf_allocate("gradient", n * d, sizeof(double), err);
    if (out->z == NULL || out->r == NULL || out->u == NULL)
        return CF_ESYSTEM;
    return cf_loss_create(&setup->loss, setup->data->weights, n, d, &out->loss, err);
}

void cf_claim_slope_release(cf_claim_slope *slope)
{
    cf_loss_free(&slope->loss);
    free(slope->z);
    free(slope->r);
    free(slope->u);
}

cf_status cf_claim_slope_at(const cf_claim_slope *slope, const double *h, double *g, cf_err *err)
{
    const cf_flow_setup *setup = slope->setup;
    size_t n = setup->data->n, d = setup->latent.dimension;
    if (!cf_latent_map(&setup->latent, h, n, slope->z, slope->r))
        return cf_fail(err, CF_ENUMERIC, "a point has no direction");
    cf_loss_gradient(slope->loss, slope->z, slope->u);
    cf_latent_pull(&setup->latent, slope->z, slope->r, slope->u, n, g);
    for (size_t k = 0; k < n * d; k++)
        g[k] *= setup->data->weights[k / d];
    return CF_OK;
}
