/* The ways to train a finite network: the gradient flow E8, and the rules of discrete descent. */
#include <stddef.h>

#include "contraflow/models/training.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define FIELD(name) offsetof(cf_train_options, name)

#define DISCRETE                                                                                   \
    {.key = "learning-rate",                                                                       \
     .type = CF_OPTION_REAL,                                                                       \
     .offset = FIELD(learning_rate),                                                               \
     .fallback = "1e-3",                                                                           \
     .min = 1e-15,                                                                                 \
     .max = 1e6,                                                                                   \
     .doc = "Learning rate."},                                                                     \
        {.key = "steps",                                                                           \
         .type = CF_OPTION_INTEGER,                                                                \
         .offset = FIELD(steps),                                                                   \
         .fallback = "auto",                                                                       \
         .zero = "auto",                                                                           \
         .min = 1,                                                                                 \
         .max = 1e9,                                                                               \
         .doc = "Number of steps; auto: up to the step nearest to time.end, which they must not "  \
                "pass."},                                                                          \
        {.key = "batch",                                                                           \
         .type = CF_OPTION_INTEGER,                                                                \
         .offset = FIELD(batch),                                                                   \
         .fallback = "all",                                                                        \
         .zero = "all",                                                                            \
         .min = 2,                                                                                 \
         .max = 1e9,                                                                               \
         .doc = "Data points of a step, or all. Each epoch takes them in a new random order and "  \
                "leaves out what does not fill a batch."},                                         \
        {.key = "fresh-views",                                                                     \
         .type = CF_OPTION_BOOL,                                                                   \
         .offset = FIELD(fresh_views),                                                             \
         .fallback = "false",                                                                      \
         .doc = "Draws new views for every step; the observers keep looking at the fixed ones."},  \
        {.key = "views",                                                                           \
         .type = CF_OPTION_INTEGER,                                                                \
         .offset = FIELD(views),                                                                   \
         .fallback = "2",                                                                          \
         .min = 1,                                                                                 \
         .max = 1000,                                                                              \
         .only = "fresh-views: true",                                                              \
         .doc = "Fresh views of a data point in a step."},                                         \
    {                                                                                              \
        .key = "seed", .type = CF_OPTION_INTEGER, .offset = FIELD(seed), .fallback = "4",          \
        .min = 0, .max = 9007199254740992.0, .doc = "Seed of the order of the data points."        \
    }

static const cf_option sgd_options[] = {DISCRETE};
static const cf_option momentum_options[] = {DISCRETE,
                                             {.key = "momentum",
                                              .type = CF_OPTION_REAL,
                                              .offset = FIELD(momentum),
                                              .fallback = "0.9",
                                              .min = 0,
                                              .max = 0.999999,
                                              .doc = "Factor of the last velocity (heavy ball)."}};
static const cf_option adam_options[] = {DISCRETE,
                                         {.key = "beta1",
                                          .type = CF_OPTION_REAL,
                                          .offset = FIELD(beta1),
                                          .fallback = "0.9",
                                          .min = 0,
                                          .max = 0.999999,
                                          .doc = "Memory of the mean gradient."},
                                         {.key = "beta2",
                                          .type = CF_OPTION_REAL,
                                          .offset = FIELD(beta2),
                                          .fallback = "0.999",
                                          .min = 0,
                                          .max = 0.9999999,
                                          .doc = "Memory of its mean square."},
                                         {.key = "epsilon",
                                          .type = CF_OPTION_REAL,
                                          .offset = FIELD(epsilon),
                                          .fallback = "1e-8",
                                          .min = 0,
                                          .max = 1,
                                          .doc = "Added to the root of the mean square."}};

static const cf_kind flow = {.name = "flow",
                             .doc =
                                 "The gradient flow E8 in continuous time, kinks rounded (E114).",
                             .size = sizeof(cf_train_options)};
static const cf_kind sgd = {"sgd",
                            "theta -= gamma learning-rate grad L; time is learning-rate times "
                            "step.",
                            sgd_options, COUNT(sgd_options), sizeof(cf_train_options)};
static const cf_kind momentum = {
    "momentum", "The heavy ball; time is learning-rate/(1 - momentum) times step.",
    momentum_options, COUNT(momentum_options), sizeof(cf_train_options)};
static const cf_kind adam = {"adam",
                             "Adam with corrected bias; time, a mere label, is learning-rate times "
                             "step.",
                             adam_options, COUNT(adam_options), sizeof(cf_train_options)};

const cf_kind *const cf_train_kinds[] = {&flow, &sgd, &momentum, &adam, NULL};

cf_descent_options cf_train_rule(const cf_kind *kind, const cf_train_options *options, double gamma,
                                 double end)
{
    double rate = options->learning_rate;
    cf_descent_options rule = {.rule = CF_DESCENT_PLAIN,
                               .rate = gamma * rate,
                               .time_step = rate,
                               .momentum = options->momentum,
                               .beta1 = options->beta1,
                               .beta2 = options->beta2,
                               .epsilon = options->epsilon};
    if (kind == &momentum) {
        rule.rule = CF_DESCENT_MOMENTUM;
        rule.time_step = rate / (1 - options->momentum);
    } else if (kind == &adam) {
        rule.rule = CF_DESCENT_ADAM;
        rule.rate = rate; /* its steps do not depend on the scale of the gradient */
    }
    rule.steps = options->steps > 0 ? options->steps : cf_descent_steps(rule.time_step, end);
    return rule;
}
