/* The library without problem files: when does an infinitely wide erf network tell two blobs apart?
 *
 *   cc two_blobs.c $(pkg-config --cflags --libs --static contraflow) -o two_blobs && ./two_blobs
 */
#include <stdio.h>

#include <contraflow/contraflow.h>

enum { N = 100, D = 2, ERF = 3 /* in cf_activation_names */ };

static cf_status output(void *flow, double t, const double *y, const double *q, cf_err *err)
{
    cf_flow_state state;
    cf_status status = cf_flow_observe(flow, t, y, &state, err);
    if (status == CF_OK)
        printf("t = %-6g loss = %.6f, of which dissipated %.6f\n", t, state.loss, q[0]);
    return status;
}

static cf_status event(void *flow, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)y, (void)q, (void)stop, (void)err;
    if (cf_flow_root(flow, root) == CF_ROOT_SEPARATION)
        printf("t = %.6f: the clusters %s\n", t, direction > 0 ? "emerge" : "dissolve");
    return CF_OK;
}

int main(void)
{
    static double points[N * D], weights[N], kernel[N * N], start[N * D];
    static int labels[N];
    const cf_random random = {1, CF_STREAM_DATA};
    for (size_t i = 0; i < N; i++) {
        labels[i] = i % 2 == 1;
        weights[i] = 1.0 / N;
        for (size_t k = 0; k < D; k++)
            points[i * D + k] =
                (labels[i] ? 1 : -1) + 0.3 * cf_random_normal(random, i, (uint32_t)k);
    }
    const cf_data data = {N, D, points, weights, labels, 2};
    const cf_latent circle = {.sphere = true, .dimension = D, .collapse_norm = 1e-4};
    const cf_mlp network = {
        .hidden_layers = 1, .activation = ERF, .weight_variance = 2, .bias_variance = 0.1};
    cf_flow_setup setup = {.data = &data,
                           .latent = circle,
                           .loss = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], 0.1, 1}},
                           .start = start,
                           .threshold = 0.9};
    const cf_integrator_options options = {CF_METHOD_AUTO, 1e-6, 1e-9, 20};
    const double times[] = {0, 0.1, 1, 10, 30};
    cf_err err = {0};
    cf_flow *flow = NULL;
    cf_integration run;

    cf_start_near_point(&circle, 0.02, 2, N, start);
    cf_status status = cf_mlp_kernel(&network, points, N, D, NULL, kernel, &err);
    if (status == CF_OK)
        status = cf_kernel_action_matrix(kernel, N, D, &setup.kernel, &err);
    if (status == CF_OK)
        status = cf_flow_kind_find("neural", "particles")->create(&setup, &flow, &err);
    const cf_integration_calls calls = {.context = flow, .output = output, .event = event};
    if (status == CF_OK)
        status = cf_integrate(cf_flow_ode(flow), &options, times, 5, cf_flow_start(flow), &calls,
                              &run, &err);
    if (status == CF_OK)
        printf("%ld steps of %s\n", run.counts.steps, run.method);
    else
        fprintf(stderr, "two_blobs: %s\n", err.message);
    cf_flow_free(&flow);
    cf_kernel_action_free(&setup.kernel);
    return status == CF_OK ? 0 : 1;
}
