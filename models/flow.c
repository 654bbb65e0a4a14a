/* Flows as their users see them; what they do is up to their representation. */
#include "contraflow/models/flow.h"

#include <stdlib.h>
#include <string.h>

#include "flow_internal.h"

const cf_flow_kind *const *cf_flow_kinds(void)
{
    static const cf_flow_kind *const kinds[] = {&cf_flow_vanilla,         &cf_flow_neural,
                                                &cf_flow_neural_field,    &cf_flow_network,
                                                &cf_flow_vanilla_density, NULL};
    return kinds;
}

const cf_flow_kind *cf_flow_kind_find(const char *name, const char *representation)
{
    for (const cf_flow_kind *const *row = cf_flow_kinds(); *row != NULL; row++)
        if (strcmp((*row)->name, name) == 0 && strcmp((*row)->representation, representation) == 0)
            return *row;
    return NULL;
}

void cf_flow_free(cf_flow **flow)
{
    if (*flow == NULL)
        return;
    (*flow)->release(*flow);
    free(*flow);
    *flow = NULL;
}

const cf_ode *cf_flow_ode(const cf_flow *flow)
{
    return &flow->ode;
}

const double *cf_flow_start(const cf_flow *flow)
{
    return flow->start;
}

cf_root_kind cf_flow_root(const cf_flow *flow, size_t root)
{
    return flow->roots[root];
}

double cf_flow_defect_factor(const cf_flow *flow)
{
    return flow->defect_factor;
}

const char *cf_flow_equation(const cf_flow *flow)
{
    return flow->equation;
}

const char *cf_flow_engine(const cf_flow *flow)
{
    return flow->engine(flow);
}

void cf_flow_put(cf_flow *flow, cf_flow_state *state, const cf_flow_quantity *quantity)
{
    flow->quantities[state->quantity_count++] = *quantity;
}

cf_status cf_flow_observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                          cf_err *err)
{
    memset(state, 0, sizeof *state);
    state->quantities = flow->quantities;
    cf_status status = flow->observe(flow, t, y, state, err);
    if (state->sample.n == 0)
        state->sample = state->measure;
    return status;
}
