/* A small network and its training on two clusters in the plane. */
#ifndef CONTRAFLOW_TESTS_TRAINING_SCENE_H
#define CONTRAFLOW_TESTS_TRAINING_SCENE_H

#include "contraflow/models/training.h"

enum {
    TRAINING_MOST = 400,
    TRAINING_D = 2,
    TRAINING_OUT = 2,
    TRAINING_VIEWS = 2,
    TRAINING_PARAMETERS = 2000
};

typedef struct {
    double x[TRAINING_MOST * TRAINING_D], weights[TRAINING_MOST],
        start[TRAINING_MOST * TRAINING_VIEWS * TRAINING_OUT], width;
    int labels[TRAINING_MOST];
    cf_data samples, *rows;
    cf_augmentation_options augmentation;
    cf_network_options options;
    cf_network *network;
    cf_train_options train;
    cf_flow_setup flow;
    cf_training_setup setup;
    cf_flow *observer;
    cf_training *training;
} training_scene;

/* A row of the table of methods. */
const cf_kind *training_method(const char *name);

/* n points of the plane in two clusters, two Gaussian views of each, one hidden layer. */
void training_set(training_scene *s, size_t n);

/* Builds what the scene says; closed, it can be changed and opened again. */
void training_open(training_scene *s);
void training_close(training_scene *s);

/* What a step follows. */
void training_gradient(const training_scene *s, long step, const double *theta, double *gradient);

#endif
