#include "training_scene.h"

#include <string.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "shapes.h"

const cf_kind *training_method(const char *name)
{
    const cf_kind *const *row = cf_train_kinds;
    while (strcmp((*row)->name, name) != 0)
        row++;
    return *row;
}

static cf_flow *create_flow(const cf_flow_setup *setup)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    require(cf_flow_kind_find("network", "parameters")->create(setup, &flow, &err), &err, "flow");
    return flow;
}

void training_set(training_scene *s, size_t n)
{
    *s = (training_scene){.samples = {n, TRAINING_D, s->x, s->weights, s->labels, 2},
                          .augmentation = {.size = 0.2, .views = TRAINING_VIEWS, .seed = 3},
                          .options = {.hidden_layers = 1,
                                      .activation = 4,
                                      .weight_variance = 2,
                                      .bias_variance = 0.1,
                                      .biases = true,
                                      .centered = true},
                          .width = 8,
                          .train = {.learning_rate = 0.05,
                                    .views = TRAINING_VIEWS,
                                    .seed = 4,
                                    .momentum = 0.8,
                                    .beta1 = 0.9,
                                    .beta2 = 0.999,
                                    .epsilon = 1e-8}};
    s->flow = (cf_flow_setup){.latent = {true, TRAINING_OUT, 0.3, 1e-4},
                              .loss = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], 0.4, 1}},
                              .threshold = 0.9,
                              .seed = 5};
    s->setup = (cf_training_setup){.kind = training_method("sgd"), .end = 1};
    shape_random(s->x, n, TRAINING_D, 21, 0);
    for (size_t i = 0; i < n; i++) {
        s->weights[i] = 1 / (double)n;
        s->labels[i] = (int)(i % 2);
        s->x[i * TRAINING_D] += s->labels[i];
    }
}

void training_open(training_scene *s)
{
    cf_err err = {0};
    const cf_augmentation *gaussian = cf_augmentations()[0];
    s->options.widths = (cf_matrix){&s->width, 1, 1};
    require(cf_views_create(gaussian, &s->augmentation, &s->samples, &s->rows, &err), &err,
            "views");
    require(cf_network_create(&s->options, 0, TRAINING_D, TRAINING_OUT, &s->network, &err), &err,
            "network");
    cf_start_near_point(&s->flow.latent, 0.5, 3, s->samples.n, s->start);
    for (size_t row = s->rows->n; row-- > 0;)
        memmove(s->start + row * TRAINING_OUT, s->start + row / TRAINING_VIEWS * TRAINING_OUT,
                TRAINING_OUT * sizeof(double));
    s->flow.data = s->rows;
    s->flow.start = s->start;
    s->flow.network = s->network;
    s->flow.centered = s->options.centered;
    s->flow.loss.views = TRAINING_VIEWS;
    s->observer = create_flow(&s->flow);
    s->setup.options = &s->train;
    s->setup.samples = &s->samples;
    s->setup.augmentation = gaussian;
    s->setup.augmentation_options = &s->augmentation;
    s->setup.views = TRAINING_VIEWS;
    s->setup.flow = &s->flow;
    s->setup.observer = s->observer;
    require(cf_training_create(&s->setup, &s->training, &err), &err, "training");
}

void training_close(training_scene *s)
{
    cf_training_free(&s->training);
    cf_flow_free(&s->observer);
    cf_network_free(&s->network);
    cf_data_free(&s->rows);
}

void training_gradient(const training_scene *s, long step, const double *theta, double *gradient)
{
    const cf_descent_problem *problem = cf_training_problem(s->training);
    cf_err err = {0};
    require(problem->gradient(problem->system, step, theta, gradient, &err), &err, "gradient");
}
