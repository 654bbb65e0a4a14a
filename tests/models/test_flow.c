/* Flows: Jacobian products are derivatives of the right-hand side, the dissipation is -dL/dt (C13),
 * and the event functions and couplings of clusters are what they are defined to be. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/observer.h"
#include "contraflow/models/start.h"
#include "flow_scene.h"
#include "shapes.h"

static const char *name_of(cf_latent latent)
{
    return latent.sphere ? (latent.norm_floor > 0 ? "sphere with a norm floor" : "sphere")
                         : "euclidean";
}

/* Event functions of clusters are E110 less s*, and the self-coupling is E112 written out. */
static void test_clusters(cf_latent latent)
{
    enum { N = 30, K = 4 };
    static flow_scene s;
    cf_err err = {0};
    cf_flow_state state;
    double g[K + 2], each[K], scratch[K * (FLOW_MOST_D + 1) + FLOW_MOST_D], worst = 0;
    flow_set_scene(&s, N, latent, cf_psi_rows[0], 0.4);
    flow_set_uneven(&s);
    flow_set_smooth_kernel(&s);
    cf_start_near_point(&latent, 0.5, 3, N, s.start);
    cf_flow *flow = flow_create(&s, "neural");
    const cf_ode *ode = cf_flow_ode(flow);
    require(ode->root(ode->system, 0, cf_flow_start(flow), g, &err), &err, "root");
    require(cf_flow_observe(flow, 0, cf_flow_start(flow), &state, &err), &err, "observe");
    double S = cf_separation_of_each(&state.measure, scratch, each);
    size_t first = ode->roots - K;
    check(cf_flow_root(flow, 0) == CF_ROOT_SEPARATION && g[0] == S - 0.9 &&
              cf_flow_root(flow, first) == CF_ROOT_CLUSTER &&
              cf_flow_root(flow, first - 1) != CF_ROOT_CLUSTER,
          "%s: the last event functions are those of clusters", name_of(latent));
    for (size_t q = 0; q < K; q++)
        worst = worse(worst, cf_flow_root_cluster(flow, first + q) == q
                                 ? fabs(g[first + q] - (each[q] - 0.9))
                                 : NAN);
    check_below(worst, 1e-14, "they are S_q - s* (E110)");
    const cf_flow_quantity *coupling = &state.quantities[state.quantity_count - 1];
    worst = strcmp(coupling->name, "self_coupling") == 0 && coupling->dims[0] == K ? 0 : NAN;
    for (int q = 0; q < K; q++) {
        double within = 0, across = 0, own = 0;
        for (size_t i = 0; i < N; i++) {
            own += s.labels[i] == q ? s.weights[i] : 0;
            for (size_t j = 0; j < N && s.labels[i] == q; j++)
                *(s.labels[j] == q ? &within : &across) +=
                    s.weights[i] * s.weights[j] * s.kernel[i * N + j];
        }
        double kappa = within / (own * own) / (across / (own * (1 - own)));
        worst = worse(worst, fabs(coupling->values[q] / kappa - 1));
    }
    check_below(worst, 1e-13, "the self-coupling of clusters (E112)");
    cf_flow_free(&flow);
}

static void test_jacobian(const char *kind, cf_latent latent, cf_sums engine,
                          cf_symmetric_engine kernel_engine)
{
    enum { N = 12, SIZE = N * FLOW_MOST_D };
    static flow_scene s;
    cf_err err = {0};
    double v[SIZE], jv[SIZE], jq, moved[SIZE], rate[SIZE], q, slope[SIZE] = {0}, slope_q = 0;
    flow_set_scene(&s, N, latent, cf_psi_rows[0], 0.4);
    flow_set_uneven(&s);
    flow_set_smooth_kernel(&s);
    s.kernel_engine = kernel_engine;
    s.setup.loss.engine = engine;
    s.setup.loss.tolerance = 1e-12;
    cf_start_near_point(&latent, 0.5, 3, N, s.start);
    cf_flow *flow = flow_create(&s, kind);
    const cf_ode *ode = cf_flow_ode(flow);
    const double *y = cf_flow_start(flow), c[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280},
                 h = 2e-3;
    size_t size = ode->size;
    shape_random(v, N, latent.dimension, 4, 0);
    for (int k = -4; k <= 4; k++) {
        if (k == 0)
            continue;
        for (size_t i = 0; i < size; i++)
            moved[i] = y[i] + k * h * v[i];
        require(ode->rhs(ode->system, 0, moved, rate, &q, &err), &err, "rhs");
        double factor = (k > 0 ? c[k - 1] : -c[-k - 1]) / h;
        slope_q += factor * q;
        for (size_t i = 0; i < size; i++)
            slope[i] += factor * rate[i];
    }
    require(ode->linearize(ode->system, 0, y, &err), &err, "linearize");
    require(ode->jacobian_times(ode->system, v, jv, &jq, &err), &err, "jacobian");
    double worst = 0, scale = 0;
    for (size_t i = 0; i < size; i++) {
        worst = worse(worst, fabs(jv[i] - slope[i]));
        scale = worse(scale, fabs(jv[i]));
    }
    check_below(worst / scale, 1e-9, "Jacobian products of %s, %s, d = %zu, %s, kernel %s (C2)",
                kind, name_of(latent), latent.dimension, cf_sums_names[engine],
                cf_symmetric_names[kernel_engine - CF_SYMMETRIC_STORED]);
    check_near(jq, slope_q, 1e-9 * (fabs(slope_q) + scale), "and of the dissipation");

    /* dL/dt along the flow is minus the dissipation, by differences of L. */
    cf_flow_state state;
    require(ode->rhs(ode->system, 0, y, v, &q, &err), &err, "rhs");
    double decay = 0;
    for (int k = -4; k <= 4; k++) {
        if (k == 0)
            continue;
        for (size_t i = 0; i < size; i++)
            moved[i] = y[i] + k * h * v[i];
        require(cf_flow_observe(flow, 0, moved, &state, &err), &err, "observe");
        decay += (k > 0 ? c[k - 1] : -c[-k - 1]) / h * state.loss;
    }
    check_near(-decay, q, 1e-9 * q, "the dissipation is -dL/dt (E9)");
    cf_flow_free(&flow);
}

int main(void)
{
    const cf_latent latents[] = {
        {true, 2, 0, 1e-4}, {true, 3, 0, 1e-4}, {false, 1, 0, 0}, {false, 3, 0, 0}};
    for (size_t k = 0; k < 4; k++) {
        test_jacobian("vanilla", latents[k], CF_SUMS_DIRECT, CF_SYMMETRIC_STORED);
        test_jacobian("neural", latents[k], CF_SUMS_DIRECT, CF_SYMMETRIC_STORED);
    }
    for (size_t k = 1; k < 3; k++)
        test_clusters(latents[k]);
    test_jacobian("neural", (cf_latent){true, 3, 0.3, 1e-4}, CF_SUMS_DIRECT, CF_SYMMETRIC_STORED);
    test_jacobian("neural", (cf_latent){true, 3, 0.3, 1e-4}, CF_SUMS_DIRECT, CF_SYMMETRIC_LOW_RANK);
    test_jacobian("neural", latents[0], CF_SUMS_CIRCLE, CF_SYMMETRIC_LOW_RANK);
    test_jacobian("vanilla", latents[0], CF_SUMS_CIRCLE, CF_SYMMETRIC_STORED);
    test_jacobian("neural", latents[0], CF_SUMS_CIRCLE, CF_SYMMETRIC_STORED);
    for (size_t k = 1; k < 4; k++) {
        test_jacobian("vanilla", latents[k], CF_SUMS_GRID, CF_SYMMETRIC_STORED);
        test_jacobian("neural", latents[k], CF_SUMS_GRID, CF_SYMMETRIC_STORED);
    }
    test_jacobian("vanilla", latents[1], CF_SUMS_SPHERE, CF_SYMMETRIC_STORED);
    test_jacobian("neural", latents[1], CF_SUMS_SPHERE, CF_SYMMETRIC_STORED);
    return check_done();
}
