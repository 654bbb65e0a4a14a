#include "field_scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/start.h"

const double field_centers[2][2] = {{-1, 0.2}, {0.8, -0.3}};
const double field_matrix[FIELD_MOST_D * 2] = {0.1, 0.3, 0.5, -0.2, 0.2, 0.4};
const cf_latent field_latents[FIELD_LATENTS] = {
    {true, 2, 0, 1e-4}, {true, 3, 0.3, 0}, {false, 1, 0, 0}, {false, 2, 0, 0}};

const char *field_latent_name(const cf_latent *latent)
{
    static char name[32];
    snprintf(name, sizeof name, "%s, d = %zu", latent->sphere ? "sphere" : "euclidean",
             latent->dimension);
    return name;
}

void field_set_kernel(field_scene *s)
{
    cf_err err = {0};
    size_t n = s->data.n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const double *x = s->points + 2 * i, *y = s->points + 2 * j;
            s->kernel[i * n + j] = 0.5 + exp(-0.5 * (pow(x[0] - y[0], 2) + pow(x[1] - y[1], 2)));
        }
    cf_kernel_action_free(&s->setup.kernel);
    require(
        cf_kernel_action_matrix(s->kernel, n, s->setup.latent.dimension, &s->setup.kernel, &err),
        &err, "kernel");
}

void field_begin(field_scene *s, size_t n, cf_latent latent, int psi, int eta)
{
    s->data = (cf_data){.n = n,
                        .dimension = 2,
                        .points = s->points,
                        .weights = s->weights,
                        .labels = s->labels,
                        .clusters = 2};
    cf_rule_free(&s->law);
    cf_kernel_action_free(&s->setup.kernel);
    s->setup =
        (cf_flow_setup){.data = &s->data,
                        .latent = latent,
                        .loss = {.psi = cf_psi_rows[psi], .eta = {cf_eta_rows[eta], 0.3, 1.5}},
                        .start = s->start,
                        .threshold = 0.9};
}

void field_set_start(field_scene *s)
{
    memset(s->start, 0, sizeof s->start);
    cf_start_add_linear(field_matrix, s->points, s->data.n, 2, s->setup.latent.dimension, s->start);
}

void field_set_nodes(field_scene *s, size_t order, cf_latent latent, int psi, int eta)
{
    cf_err err = {0};
    cf_rule *disc = NULL;
    require(cf_rule_ball(2, order, &disc, &err), &err, "disc");
    field_begin(s, 2 * disc->n, latent, psi, eta);
    for (size_t i = 0; i < s->data.n; i++) {
        size_t q = i / disc->n, j = i % disc->n;
        s->labels[i] = (int)q;
        s->weights[i] = (q == 0 ? 0.4 : 0.6) * disc->weights[j];
        for (size_t k = 0; k < 2; k++)
            s->points[2 * i + k] = field_centers[q][k] + 0.4 * disc->points[2 * j + k];
    }
    cf_rule_free(&disc);
    field_set_start(s);
    field_set_kernel(s);
}

void field_set_law(field_scene *s, double spread, size_t order, bool blurred)
{
    cf_err err = {0};
    require(cf_start_near_point_law(&s->setup.latent, spread, order, &s->law, &err), &err, "law");
    s->setup.start_law = s->law;
    s->setup.loss.blur = blurred ? s->law : NULL;
    s->setup.loss.blur_spread = spread;
}

cf_flow *field_create(const field_scene *s, const char *representation)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    require(cf_flow_kind_find("neural", representation)->create(&s->setup, &flow, &err), &err,
            representation);
    return flow;
}
