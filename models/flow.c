/* Flows as their users see them; what they do is up to their representation. */
#include "contraflow/models/flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/observer.h"
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
    free((*flow)->coupling);
    free((*flow)->probed);
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
    return root < flow->common_roots ? flow->roots[root] : CF_ROOT_CLUSTER;
}

size_t cf_flow_root_cluster(const cf_flow *flow, size_t root)
{
    return root - flow->common_roots;
}

void cf_flow_set_roots(cf_flow *flow, bool collapse)
{
    const cf_data *data = flow->setup.data;
    bool labelled = data->labels != NULL && data->clusters > 1;
    flow->common_roots = 0;
    if (labelled)
        flow->roots[flow->common_roots++] = CF_ROOT_SEPARATION;
    if (collapse)
        flow->roots[flow->common_roots++] = CF_ROOT_COLLAPSE;
    flow->ode.roots = flow->common_roots + (labelled ? data->clusters : 0);
}

void cf_flow_separation_roots(const cf_flow *flow, const cf_measure *measure, double *scratch,
                              double *g)
{
    double threshold = flow->setup.threshold, *each = g + flow->common_roots;
    g[0] = cf_separation_of_each(measure, scratch, each) - threshold;
    for (size_t q = 0; q < measure->clusters; q++)
        each[q] = isnan(each[q]) ? -threshold : each[q] - threshold;
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
    if (flow->coupling != NULL)
        cf_flow_put(flow, state,
                    &(cf_flow_quantity){"self_coupling",
                                        "1",
                                        "E112",
                                        CF_KEEP_ONCE,
                                        1,
                                        {flow->setup.data->clusters},
                                        flow->coupling});
    if (state->sample.n == 0)
        state->sample = state->measure;
    return status;
}
