#include "solve.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/integrator.h"

const cf_latent CIRCLE = {.sphere = true, .dimension = 2};
const cf_latent SPHERE = {.sphere = true, .dimension = 3};
const cf_latent LINE = {.sphere = false, .dimension = 1};
const cf_latent PLANE = {.sphere = false, .dimension = 2};

static const double *quantity(const cf_flow_state *state, const char *name)
{
    for (size_t k = 0; k < state->quantity_count; k++)
        if (strcmp(state->quantities[k].name, name) == 0)
            return state->quantities[k].values;
    return NULL;
}

typedef struct {
    cf_flow *flow;
    solution *next;
} keeper;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)q;
    keeper *k = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(k->flow, t, y, &state, err);
    if (t == 0 || status != CF_OK)
        return status;
    solution *s = k->next++;
    const double *rho = quantity(&state, "density");
    size_t copies = rho != NULL ? state.measure.clusters : 1;
    s->n = state.measure.n / copies;
    s->d = state.measure.dimension;
    s->loss = state.loss;
    memcpy(s->points, state.measure.points, s->n * s->d * sizeof(double));
    memcpy(s->measure, state.measure.weights, state.measure.n * sizeof(double));
    if (rho != NULL) {
        memcpy(s->rho, rho, copies * s->n * sizeof(double));
        memcpy(s->weights, quantity(&state, "grid_weight"), s->n * sizeof(double));
    }
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

void solve_at(const cf_flow_setup *setup, const char *representation, const double *times,
              size_t count, double rtol, solution *out)
{
    cf_err err = {0};
    cf_integration run;
    keeper k = {NULL, out};
    double all[MOST_STATES + 1] = {0};
    memcpy(all + 1, times, count * sizeof *times);
    require(cf_flow_kind_find("vanilla", representation)->create(setup, &k.flow, &err), &err,
            "flow");
    const cf_integrator_options options = {CF_METHOD_AUTO, rtol, rtol / 1000, 20};
    const cf_integration_calls calls = {.context = &k, .output = output, .event = event};
    require(cf_integrate(cf_flow_ode(k.flow), &options, all, count + 1, cf_flow_start(k.flow),
                         &calls, &run, &err),
            &err, "integration");
    if (run.outcome != CF_RUN_COMPLETE)
        check(false, "a run is complete: %s", run.failure.message);
    cf_flow_free(&k.flow);
}

void solve(const cf_flow_setup *setup, const char *representation, double end, double rtol,
           solution *out)
{
    solve_at(setup, representation, &end, 1, rtol, out);
}

static double X[MOST], WEIGHTS[MOST];
static int LABELS[MOST];

cf_data data_of(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        LABELS[i] = i >= n / 4;
        WEIGHTS[i] = 1 / (double)n;
    }
    return (cf_data){n, 1, X, WEIGHTS, LABELS, CLUSTERS};
}

cf_flow_setup setup_of(const cf_data *data, cf_latent latent, const cf_start_law *law, int scheme,
                       long nodes)
{
    return (cf_flow_setup){.data = data,
                           .latent = latent,
                           .loss = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], 0.1, 1}},
                           .threshold = 0.9,
                           .law = law,
                           .grid = {scheme, nodes, latent.sphere ? 0 : 6}};
}

cf_start_law near_point(cf_latent latent, double spread)
{
    cf_err err = {0};
    cf_start_law law;
    require(cf_law_near_point(&latent, spread, &law, &err), &err, "law");
    return law;
}
