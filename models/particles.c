/* Flows on particles: evaluation of the loss gradient along h -> z, observation, events. */
#include "particles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/observer.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/memory.h"

enum { POINT_ARRAYS = 8, NORM_ARRAYS = 2 };

static cf_status separation_and_collapse(void *system, double t, const double *y, double *g,
                                         cf_err *err);

static void set_arrays(cf_particles *p)
{
    double **points[POINT_ARRAYS] = {&p->h0,   &p->z,  &p->u,  &p->g,
                                     &p->zdot, &p->du, &p->dg, &p->flow.velocity};
    size_t nd = p->n * p->d;
    for (size_t k = 0; k < POINT_ARRAYS; k++)
        *points[k] = p->arrays + k * nd;
    p->r = p->arrays + POINT_ARRAYS * nd;
    p->rdot = p->r + p->n;
    p->cluster_scratch = p->rdot + p->n;
    memcpy(p->h0, p->flow.setup.start, nd * sizeof(double));
    p->flow.start = p->h0;
}

static const char *engine(const cf_flow *flow)
{
    return cf_loss_engine(((const cf_particles *)flow)->loss);
}

static void release(cf_flow *flow)
{
    cf_particles *p = (cf_particles *)flow;
    if (p->release != NULL)
        p->release(p->dynamics);
    cf_loss_free(&p->loss);
    cf_thinned_free(&p->thinned);
    free(p->arrays);
}

static bool is_unit(const cf_latent *latent)
{
    return latent->sphere && latent->norm_floor == 0;
}

static cf_status allocate(cf_particles *p, cf_err *err)
{
    const cf_flow_setup *setup = &p->flow.setup;
    size_t clusters = setup->data->clusters * (p->d + 1) + p->d;
    p->arrays = cf_allocate("flow arrays", (POINT_ARRAYS * p->d + NORM_ARRAYS) * p->n + clusters,
                            sizeof(double), err);
    cf_loss_parameters loss = setup->loss;
    loss.unit = is_unit(&setup->latent);
    cf_status status = cf_thinned_create(setup->data, p->d, setup->views, &p->thinned, err);
    if (status != CF_OK)
        return status;
    return p->arrays == NULL
               ? CF_ESYSTEM
               : cf_loss_create(&loss, setup->data->weights, p->n, p->d, &p->loss, err);
}

cf_status cf_particles_create(const cf_flow_setup *setup, bool collapse, cf_particles **out,
                              cf_err *err)
{
    *out = NULL;
    cf_status status = cf_start_check(&setup->latent, setup->start, setup->data->n, err);
    if (status != CF_OK)
        return status;
    cf_particles *p = cf_allocate("flow", 1, sizeof *p, err);
    if (p == NULL)
        return CF_ESYSTEM;
    p->flow.setup = *setup;
    p->flow.release = release;
    p->n = setup->data->n;
    p->d = setup->latent.dimension;
    status = allocate(p, err);
    if (status != CF_OK) {
        cf_particles_free(&p);
        return status;
    }
    set_arrays(p);
    p->flow.ode = (cf_ode){.system = p, .size = p->n * p->d, .quadratures = 1};
    p->flow.defect_factor = 100;
    p->flow.observe = cf_particles_observe;
    p->flow.engine = engine;
    cf_flow_set_roots(&p->flow, collapse && setup->latent.sphere && setup->latent.norm_floor == 0);
    p->flow.ode.root = separation_and_collapse;
    *out = p;
    return CF_OK;
}

void cf_particles_free(cf_particles **particles)
{
    cf_flow *flow = (cf_flow *)*particles;
    cf_flow_free(&flow);
    *particles = NULL;
}

cf_status cf_particles_evaluate(cf_particles *p, const double *h, cf_err *err)
{
    const cf_latent *latent = &p->flow.setup.latent;
    if (!cf_latent_map(latent, h, p->n, p->z, p->r))
        return cf_fail(err, CF_ENUMERIC, "an embedding is zero or not finite");
    p->value = cf_loss_gradient(p->loss, p->z, p->u);
    if (!isfinite(p->value))
        return cf_fail(err, CF_ENUMERIC,
                       "loss = %g: must be finite; psi: identity overflows where views are too far "
                       "apart for tau, log1p and log do not",
                       p->value);
    cf_latent_pull(latent, p->z, p->r, p->u, p->n, p->g);
    return CF_OK;
}

void cf_particles_move(cf_particles *p, const double *hdot)
{
    const cf_latent *latent = &p->flow.setup.latent;
    cf_latent_push(latent, p->z, p->r, hdot, p->n, p->zdot, p->rdot);
    cf_loss_hessian_times(p->loss, p->zdot, p->du);
    const double *const point[3] = {p->z, p->r, p->u};
    const double *const rate[3] = {p->zdot, p->rdot, p->du};
    cf_latent_pull_rate(latent, point, rate, p->n, p->dg);
}

static cf_measure measure_of(const cf_particles *p, const double *z)
{
    const cf_data *data = p->flow.setup.data;
    return (cf_measure){.n = p->n,
                        .dimension = p->d,
                        .clusters = data->clusters,
                        .points = z,
                        .weights = data->weights,
                        .labels = data->labels,
                        .views = p->flow.setup.views};
}

/* h at a state. */
static const double *embedding_of(cf_particles *p, const double *y)
{
    return p->embedding != NULL ? p->embedding(p, y) : y;
}

/* S - s* and S_q - s*, and min |h| relative to collapse-norm, less 1. */
static cf_status separation_and_collapse(void *system, double t, const double *y, double *g,
                                         cf_err *err)
{
    (void)t, (void)err;
    cf_particles *p = system;
    const double *h = embedding_of(p, y);
    const cf_latent *latent = &p->flow.setup.latent;
    for (size_t k = 0; k < p->flow.common_roots; k++) {
        if (p->flow.roots[k] == CF_ROOT_COLLAPSE) {
            size_t index;
            g[k] = cf_latent_smallest_norm(h, p->n, p->d, &index) / latent->collapse_norm - 1;
            continue;
        }
        cf_latent_map(latent, h, p->n, p->zdot, p->rdot);
        cf_measure measure = measure_of(p, p->zdot);
        cf_flow_separation_roots(&p->flow, &measure, p->cluster_scratch, g);
    }
    return CF_OK;
}

/* [n*d] as a record of [n, d], or [samples, views, d]. */
static cf_flow_quantity points_of(const cf_particles *p, const char *name, const double *values)
{
    size_t V = p->flow.setup.views;
    cf_flow_quantity points = {.name = name, .unit = "1", .rank = 2, .dims = {p->n, p->d}};
    points.values = values;
    if (V > 0) {
        points.rank = 3;
        points.dims[0] = p->n / V;
        points.dims[1] = V;
        points.dims[2] = p->d;
    }
    return points;
}

void cf_particles_put(cf_particles *p, const double *y, cf_flow_state *state)
{
    cf_flow *flow = &p->flow;
    state->loss = p->value;
    state->measure = measure_of(p, p->z);
    if (p->thinned != NULL)
        state->sample = cf_thinned_at(p->thinned, p->z);
    state->embedding = embedding_of(p, y);
    state->smallest_norm = NAN;
    cf_flow_quantity latent = points_of(p, "latent", p->z);
    latent.equation = flow->equation;
    latent.keeping = CF_KEEP_EVENTS;
    cf_flow_put(flow, state, &latent);
    if (!flow->setup.latent.sphere)
        return;
    cf_flow_quantity embedding = points_of(p, "embedding", state->embedding);
    embedding.equation = flow->equation;
    embedding.keeping = CF_KEEP_SNAPSHOTS;
    cf_flow_put(flow, state, &embedding);
    p->smallest_norm = cf_latent_smallest_norm(state->embedding, p->n, p->d, &state->smallest);
    state->smallest_norm = p->smallest_norm;
    cf_flow_put(
        flow, state,
        &(cf_flow_quantity){"min_norm", "1", "E25", CF_KEEP_OUTPUTS, 0, {0}, &p->smallest_norm});
}

cf_status cf_particles_observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                               cf_err *err)
{
    cf_status status = flow->ode.rhs(flow, t, y, flow->velocity, &state->dissipation, err);
    if (status == CF_OK)
        cf_particles_put((cf_particles *)flow, y, state);
    return status;
}

cf_status cf_particles_linearize(void *system, double t, const double *h, cf_err *err)
{
    (void)t;
    return cf_particles_evaluate(system, h, err);
}

/* The loss with its kernel sums. */
static double loss_bytes(const cf_flow_setup *setup)
{
    const cf_loss_parameters *loss = &setup->loss;
    size_t n = setup->data->n, d = setup->latent.dimension;
    bool views = loss->views > 1, blurred = loss->blur != NULL;
    const cf_pair_sum_setup sums = {.profile = loss->eta,
                                    .n = n,
                                    .d = d,
                                    .two_sets = blurred,
                                    .references = views,
                                    .unit = is_unit(&setup->latent) && !views,
                                    .engine = loss->engine,
                                    .tolerance = views || blurred ? 0 : loss->tolerance};
    double numbers = views     ? 7 * (double)d + 16
                     : blurred ? 3 * (double)d + 4 + 5 * (double)loss->blur->n
                               : 8;
    return cf_pair_sum_bytes(&sums) + 8 * numbers * (double)n;
}

cf_flow_size cf_particles_size(const cf_flow_setup *setup)
{
    size_t n = setup->data->n, d = setup->latent.dimension;
    double numbers = POINT_ARRAYS * (double)d + NORM_ARRAYS;
    return (cf_flow_size){.state = n * d,
                          .snapshot = (setup->latent.sphere ? 2 : 1) * n * d,
                          .atoms = n,
                          .bytes = 8 * numbers * (double)n + loss_bytes(setup)};
}
