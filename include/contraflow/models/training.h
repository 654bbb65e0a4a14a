/* Discrete training of a finite network: the gradients that a step of stochastic descent sees, on
 * batches of samples and, if asked for, fresh views of them. */
#ifndef CONTRAFLOW_MODELS_TRAINING_H
#define CONTRAFLOW_MODELS_TRAINING_H

#include <stdbool.h>

#include "contraflow/models/augmentation.h"
#include "contraflow/models/flow.h"
#include "contraflow/solver/descent.h"
#include "contraflow/solver/option.h"

/* Options of `train` in a problem file. */
typedef struct {
    double learning_rate;
    long steps;       /* 0: up to the end of the problem's time */
    long batch;       /* samples; 0: all */
    bool fresh_views; /* drawn anew for every step */
    long views;       /* of a sample and step, where they are fresh */
    long seed;        /* of the order of the samples */
    double momentum;
    double beta1, beta2, epsilon;
} cf_train_options;

/* The kinds, NULL-terminated: flow (continuous time, no options), sgd, momentum, adam. */
extern const cf_kind *const cf_train_kinds[];

/* The update rule of a kind other than `flow`, for a network of rate gamma and up to the time
 * `end`. A step counts as the learning rate in time; with momentum, whose slow motion is that much
 * faster, as the learning rate divided by 1 - momentum. Adam's steps have no size in time: there it
 * is a mere label. */
cf_descent_options cf_train_rule(const cf_kind *kind, const cf_train_options *options, double gamma,
                                 double end);

/* What is trained and how; borrowed, and kept for the life of the training. */
typedef struct {
    const cf_kind *kind; /* not `flow` */
    const cf_train_options *options;
    double end;                          /* last time of the problem */
    const cf_data *samples;              /* without views */
    const cf_augmentation *augmentation; /* NULL: none */
    const cf_augmentation_options *augmentation_options;
    size_t views;              /* V, fixed views of a sample in the flow's data */
    const cf_flow_setup *flow; /* of the network flow that observes the training */
    cf_flow *observer;         /* that flow; its start and its events are those of the training */
} cf_training_setup;

typedef struct cf_training cf_training;

/* CF_EINPUT for steps beyond the end or without end, a batch larger than the samples, batches of
 * samples of unequal weights, and fresh views without augmentation. The message begins with the key
 * of `train`. It needs neither flow nor observer, and of the samples no points; weights are looked
 * at where there are any. */
cf_status cf_training_check(const cf_training_setup *setup, cf_err *err);

cf_status cf_training_create(const cf_training_setup *setup, cf_training **out, cf_err *err);
void cf_training_free(cf_training **training);

const cf_descent_problem *cf_training_problem(const cf_training *training);
const cf_descent_options *cf_training_rule(const cf_training *training);

/* Memory that a training of the network allocates beside its flow, in bytes. */
double cf_training_bytes(const cf_training_setup *setup, const cf_network *network);

#endif
