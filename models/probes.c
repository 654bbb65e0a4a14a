/* Probes beside a flow: what they show of themselves (E54). */
#include "contraflow/models/probes.h"

#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "flow_internal.h"

enum { PROBE_ARRAYS = 3 };

cf_status cf_flow_add_probes(cf_flow *flow, cf_flow_follow *follow, cf_err *err)
{
    const cf_flow_setup *setup = &flow->setup;
    size_t p = setup->probes == NULL ? 0 : setup->probes->n, d = setup->latent.dimension;
    if (p == 0)
        return CF_OK;
    flow->probed = cf_allocate("probes", p * (PROBE_ARRAYS * d + 1), sizeof(double), err);
    flow->follow = follow;
    return flow->probed == NULL ? CF_ESYSTEM : CF_OK;
}

double *cf_flow_probe_offset(const cf_flow *flow)
{
    return flow->probed == NULL
               ? NULL
               : flow->probed + 2 * flow->setup.probes->n * flow->setup.latent.dimension;
}

/* A probe may pass the origin of the sphere, where it has no direction: it is then NaN. */
void cf_flow_probe(cf_flow *flow, const double *y, const double *q, cf_flow_state *state)
{
    if (flow->probed == NULL)
        return;
    size_t p = flow->setup.probes->n, d = flow->setup.latent.dimension;
    double *h = flow->probed, *z = h + p * d, *r = h + PROBE_ARRAYS * p * d;
    flow->follow(flow, y, q + flow->ode.quadratures, h);
    cf_latent_map(&flow->setup.latent, h, p, z, r);
    cf_flow_put(flow, state,
                &(cf_flow_quantity){"probe_latent", "1", "E54", CF_KEEP_EVENTS, 2, {p, d}, z});
}

void cf_flow_count_probes(const cf_flow_setup *setup, cf_flow_size *size)
{
    size_t p = setup->probes == NULL ? 0 : setup->probes->n, d = setup->latent.dimension;
    size->snapshot += p * d;
    size->bytes += 8 * (double)p * (double)(PROBE_ARRAYS * d + 1);
}
