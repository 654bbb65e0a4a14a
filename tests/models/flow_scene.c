#include "flow_scene.h"

#include <math.h>

#include "check.h"
#include "shapes.h"

void flow_set_scene(flow_scene *s, size_t n, cf_latent latent, const cf_psi *psi, double tau)
{
    s->data = (cf_data){.n = n, .weights = s->weights, .labels = s->labels, .clusters = 4};
    for (size_t i = 0; i < n; i++) {
        s->weights[i] = 1 / (double)n;
        s->labels[i] = (int)(i * 4 / n);
    }
    cf_kernel_action_free(&s->setup.kernel);
    s->kernel_engine = CF_SYMMETRIC_STORED;
    s->setup = (cf_flow_setup){.data = &s->data,
                               .latent = latent,
                               .loss = {.psi = psi, .eta = {cf_eta_rows[0], tau, 1}},
                               .start = s->start,
                               .threshold = 0.9};
}

void flow_set_uneven(flow_scene *s)
{
    double total = 0;
    for (size_t i = 0; i < s->data.n; i++)
        total += s->weights[i] = 1 + 0.5 * sin((double)i);
    for (size_t i = 0; i < s->data.n; i++)
        s->weights[i] /= total;
}

void flow_set_smooth_kernel(flow_scene *s)
{
    static double x[FLOW_MOST * 2];
    size_t n = s->data.n;
    shape_random(x, n, 2, 17, 0);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            s->kernel[i * n + j] =
                1 + exp(-0.5 * (pow(x[2 * i] - x[2 * j], 2) + pow(x[2 * i + 1] - x[2 * j + 1], 2)));
}

cf_flow *flow_create(flow_scene *s, const char *kind)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    cf_kernel_action_free(&s->setup.kernel);
    const cf_kernel_source source = {.data = &s->data, .matrix = s->kernel};
    const cf_kernel_demand demand = {s->kernel_engine, 1e-3, 1e9, 1e9};
    require(cf_kernel_action_create(&source, s->setup.latent.dimension, &demand, &s->setup.kernel,
                                    &err),
            &err, "kernel");
    require(cf_flow_kind_find(kind, "particles")->create(&s->setup, &flow, &err), &err, "flow");
    return flow;
}
