/* The library without problem files: two moons, the infinitely wide erf network, its emergence
 * time.
 *
 *   cc two_moons.c $(pkg-config --cflags --libs --static contraflow) -o two_moons && ./two_moons
 */
#include <stdio.h>
#include <stdlib.h>

#include <contraflow/contraflow.h>

enum { N = 100, D = 2 };

static cf_status print_loss(void *context, double t, const double *y, const double *q, cf_err *err)
{
    cf_flow_state state;
    cf_status status = cf_flow_observe(context, t, y, &state, err);
    if (status == CF_OK)
        printf("t = %-8.3g loss = %.6f dissipated = %.6f\n", t, state.loss, q[0]);
    return status;
}

static cf_status print_event(void *context, double t, const double *y, const double *q, size_t root,
                             int direction, bool *stop, cf_err *err)
{
    (void)y, (void)q, (void)stop, (void)err;
    if (cf_flow_root(context, root) == CF_ROOT_SEPARATION)
        printf("t = %.6f: separation crosses 0.9 %s\n", t, direction > 0 ? "upward" : "downward");
    return CF_OK;
}

/* Two noisy half circles, labelled 0 and 1. */
static void fill_moons(cf_data *data)
{
    cf_random random = {1, CF_STREAM_DATA};
    for (size_t i = 0; i < N; i++) {
        int label = i % 2 == 1;
        double u = cf_random_uniform(random, i, 0) * 2 - 1, height = 1 - u * u;
        data->points[2 * i] = u + (label ? 1 : 0) + 0.05 * cf_random_normal(random, i, 1);
        data->points[2 * i + 1] =
            (label ? 0.5 - height : height) + 0.05 * cf_random_normal(random, i, 2);
        data->labels[i] = label;
    }
}

int main(void)
{
    cf_err err = {0};
    cf_data *data = NULL;
    cf_flow *flow = NULL;
    static double kernel[N * N], start[N * 2];
    const double times[] = {0, 0.1, 1, 10, 100};
    const cf_latent circle = {.sphere = true, .dimension = 2, .collapse_norm = 1e-4};
    const cf_mlp erf_network = {.hidden_layers = 1,
                                .activation = 3 /* erf in cf_activation_names */,
                                .weight_variance = 2,
                                .bias_variance = 0.1};
    const cf_integrator_options options = {CF_METHOD_AUTO, 1e-6, 1e-9, 20};
    cf_integration run;

    cf_status status = cf_data_create(N, D, 1, &data, &err);
    if (status == CF_OK) {
        fill_moons(data);
        status = cf_data_finish(data, &err);
    }
    if (status == CF_OK)
        status = cf_mlp_kernel(&erf_network, data->points, N, D, NULL, kernel, &err);
    if (status == CF_OK) {
        cf_start_near_point(&circle, 0.02, 2, N, start);
        const cf_flow_setup setup = {data,  circle, {cf_psi_rows[0], {cf_eta_rows[0], 0.1, 1}},
                                     start, kernel, 0.9};
        status = cf_flow_kinds()[1]->create(&setup, &flow, &err); /* neural */
    }
    if (status == CF_OK) {
        const cf_integration_calls calls = {flow, print_loss, print_event, NULL};
        status = cf_integrate(cf_flow_ode(flow), &options, times, 5, cf_flow_start(flow), &calls,
                              &run, &err);
    }
    if (status == CF_OK)
        printf("%ld steps (%s)\n", run.counts.steps, run.method);
    else
        fprintf(stderr, "two_moons: %s\n", err.message);
    cf_flow_free(&flow);
    cf_data_free(&data);
    return status == CF_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
