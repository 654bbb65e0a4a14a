/* Flows on particles: evaluation of the loss gradient along h -> z, observation, events. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/observer.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/memory.h"
#include "flow_internal.h"

enum { POINT_ARRAYS = 9, NORM_ARRAYS = 2 };

static cf_status separation_and_collapse(void *system, double t, const double *y, double *g,
                                         cf_err *err);

static void set_arrays(cf_flow *flow)
{
    double **points[POINT_ARRAYS] = {&flow->start, &flow->z,        &flow->u,
                                     &flow->g,     &flow->zdot,     &flow->du,
                                     &flow->dg,    &flow->velocity, &flow->scratch};
    size_t nd = flow->n * flow->d;
    for (size_t k = 0; k < POINT_ARRAYS; k++)
        *points[k] = flow->arrays + k * nd;
    flow->r = flow->arrays + POINT_ARRAYS * nd;
    flow->rdot = flow->r + flow->n;
    flow->cluster_scratch = flow->rdot + flow->n;
    memcpy(flow->start, flow->setup.start, nd * sizeof(double));
}

static void set_roots(cf_flow *flow, bool collapse)
{
    size_t count = 0;
    if (flow->setup.data->labels != NULL && flow->setup.data->clusters > 1)
        flow->roots[count++] = CF_ROOT_SEPARATION;
    if (collapse && flow->setup.latent.sphere && flow->setup.latent.norm_floor == 0)
        flow->roots[count++] = CF_ROOT_COLLAPSE;
    flow->ode.roots = count;
    flow->ode.root = separation_and_collapse;
}

cf_status cf_particles_create(const cf_flow_setup *setup, bool collapse, cf_flow **out, cf_err *err)
{
    *out = NULL;
    cf_status status = cf_start_check(&setup->latent, setup->start, setup->data->n, err);
    if (status != CF_OK)
        return status;
    cf_flow *flow = cf_allocate("flow", 1, sizeof *flow, err);
    if (flow == NULL)
        return CF_ESYSTEM;
    flow->setup = *setup;
    flow->n = setup->data->n;
    flow->d = setup->latent.dimension;
    size_t clusters = setup->data->clusters * (flow->d + 1) + flow->d;
    flow->arrays =
        cf_allocate("flow arrays", (POINT_ARRAYS * flow->d + NORM_ARRAYS) * flow->n + clusters,
                    sizeof(double), err);
    status = flow->arrays == NULL ? CF_ESYSTEM
                                  : cf_loss_create(&setup->loss, setup->data->weights, flow->n,
                                                   flow->d, &flow->loss, err);
    if (status != CF_OK) {
        cf_flow_free(&flow);
        return status;
    }
    set_arrays(flow);
    flow->ode = (cf_ode){.system = flow, .size = flow->n * flow->d, .quadratures = 1};
    flow->defect_factor = 100;
    set_roots(flow, collapse);
    *out = flow;
    return CF_OK;
}

void cf_flow_free(cf_flow **flow)
{
    if (*flow == NULL)
        return;
    if ((*flow)->release != NULL)
        (*flow)->release((*flow)->dynamics);
    cf_loss_free(&(*flow)->loss);
    free((*flow)->arrays);
    free(*flow);
    *flow = NULL;
}

cf_status cf_particles_evaluate(cf_flow *flow, const double *h, double *loss, cf_err *err)
{
    const cf_latent *latent = &flow->setup.latent;
    if (!cf_latent_map(latent, h, flow->n, flow->z, flow->r))
        return cf_fail(err, CF_ENUMERIC, "an embedding is zero or not finite");
    double value = cf_loss_gradient(flow->loss, flow->z, flow->u);
    cf_latent_pull(latent, flow->z, flow->r, flow->u, flow->n, flow->g);
    if (loss != NULL)
        *loss = value;
    return CF_OK;
}

void cf_particles_move(cf_flow *flow, const double *hdot)
{
    const cf_latent *latent = &flow->setup.latent;
    cf_latent_push(latent, flow->z, flow->r, hdot, flow->n, flow->zdot, flow->rdot);
    cf_loss_hessian_times(flow->loss, flow->zdot, flow->du);
    const double *const point[3] = {flow->z, flow->r, flow->u};
    const double *const rate[3] = {flow->zdot, flow->rdot, flow->du};
    cf_latent_pull_rate(latent, point, rate, flow->n, flow->dg);
}

static cf_measure measure_of(const cf_flow *flow, const double *z)
{
    const cf_data *data = flow->setup.data;
    return (cf_measure){.n = flow->n,
                        .dimension = flow->d,
                        .clusters = data->clusters,
                        .points = z,
                        .weights = data->weights,
                        .labels = data->labels};
}

/* h at a state. */
static const double *embedding_of(cf_flow *flow, const double *y)
{
    return flow->embedding != NULL ? flow->embedding(flow, y) : y;
}

/* S - s*, and min |h| relative to collapse-norm, less 1. */
static cf_status separation_and_collapse(void *system, double t, const double *y, double *g,
                                         cf_err *err)
{
    (void)t, (void)err;
    cf_flow *flow = system;
    const double *h = embedding_of(flow, y);
    const cf_latent *latent = &flow->setup.latent;
    for (size_t k = 0; k < flow->ode.roots; k++) {
        if (flow->roots[k] == CF_ROOT_COLLAPSE) {
            size_t index;
            g[k] = cf_latent_smallest_norm(h, flow->n, flow->d, &index) / latent->collapse_norm - 1;
            continue;
        }
        cf_latent_map(latent, h, flow->n, flow->zdot, flow->rdot);
        cf_measure measure = measure_of(flow, flow->zdot);
        g[k] = cf_separation(&measure, flow->cluster_scratch) - flow->setup.threshold;
    }
    return CF_OK;
}

cf_status cf_flow_observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                          cf_err *err)
{
    cf_status status = flow->ode.rhs(flow, t, y, flow->velocity, &state->dissipation, err);
    if (status != CF_OK)
        return status;
    state->loss = cf_loss_value(flow->loss, flow->z);
    state->measure = measure_of(flow, flow->z);
    state->embedding = embedding_of(flow, y);
    state->smallest_norm =
        cf_latent_smallest_norm(state->embedding, flow->n, flow->d, &state->smallest);
    if (!flow->setup.latent.sphere)
        state->smallest_norm = NAN;
    return CF_OK;
}

cf_status cf_particles_linearize(void *system, double t, const double *h, cf_err *err)
{
    (void)t;
    return cf_particles_evaluate(system, h, NULL, err);
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

const char *cf_flow_engine(const cf_flow *flow)
{
    return cf_loss_engine(flow->loss);
}

/* Arrays here, nine of the loss, and the structure-of-arrays copies of the kernel sums. */
double cf_flow_bytes(size_t n, size_t d)
{
    return 8.0 * (double)n * ((POINT_ARRAYS + 2) * (double)d + NORM_ARRAYS + 9 + 4);
}

const cf_flow_kind *const *cf_flow_kinds(void)
{
    static const cf_flow_kind *const kinds[] = {&cf_flow_vanilla, &cf_flow_neural, &cf_flow_network,
                                                NULL};
    return kinds;
}
