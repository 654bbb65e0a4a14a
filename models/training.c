/* The gradient of one step of training: a batch of samples, their views of this step, h = offset +
 * f_theta, the loss of these alone, and its pull-back to theta. */
#include "contraflow/models/training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

struct cf_training {
    cf_training_setup setup;
    cf_descent_options rule;
    cf_descent_problem problem;
    size_t batch, views, rows; /* B samples, V' views each, B V' rows of a step */
    size_t d;
    size_t *order; /* [n] the samples in the order of the present epoch */
    long epoch;
    cf_network_pass *pass;
    cf_loss *loss;
    double *arrays;                 /* owns everything below */
    double *x;                      /* [rows*D] */
    double *offset, *h, *z, *u, *g; /* [rows*d] */
    double *r, *weights;            /* [rows] */
    double *fixed_offset;           /* [n*V*d] start - f(0) at the fixed views; or NULL */
};

enum { EMBEDDING_ARRAYS = 5, ROW_ARRAYS = 2 };

/* --- what can be trained --- */

static const double MOST_STEPS = 1e9, MOST_VIEWS = 4294967296.0;

static size_t batch_of(const cf_training_setup *setup)
{
    return setup->options->batch > 0 ? (size_t)setup->options->batch : setup->samples->n;
}

static size_t views_of(const cf_training_setup *setup)
{
    return setup->options->fresh_views ? (size_t)setup->options->views : setup->views;
}

static cf_status check_steps(const cf_training_setup *setup, cf_err *err)
{
    const cf_train_options *options = setup->options;
    const cf_descent_options rule = cf_train_rule(setup->kind, options, 1, setup->end);
    double end = setup->end, steps = end / rule.time_step, rate = options->learning_rate;
    if (steps < 0.5)
        return cf_fail(err, CF_EINPUT,
                       "learning-rate = %g: a step counts as %g in time, so that there is none up "
                       "to time.end = %g",
                       rate, rule.time_step, end);
    if (options->steps == 0 && steps > MOST_STEPS)
        return cf_fail(err, CF_EINPUT,
                       "learning-rate = %g: makes %.3g steps up to time.end = %g; at most %g", rate,
                       steps, end, MOST_STEPS);
    if (rule.steps > cf_descent_steps(rule.time_step, end))
        return cf_fail(err, CF_EINPUT, "steps = %ld: last to t = %g, but time.end = %g", rule.steps,
                       (double)rule.steps * rule.time_step, end);
    double views = (double)setup->views + (double)rule.steps * (double)options->views;
    if (options->fresh_views && views > MOST_VIEWS)
        return cf_fail(err, CF_EINPUT,
                       "views = %ld: %ld steps see %.3g views of every point; at most %g",
                       options->views, rule.steps, views, MOST_VIEWS);
    return CF_OK;
}

static cf_status check_batch(const cf_training_setup *setup, cf_err *err)
{
    long batch = setup->options->batch;
    const cf_data *samples = setup->samples;
    if ((size_t)batch > samples->n)
        return cf_fail(err, CF_EINPUT, "batch = %ld: must be at most %zu, the number of points",
                       batch, samples->n);
    for (size_t i = 0; i < samples->n && batch > 0 && samples->weights != NULL; i++)
        if (fabs(samples->weights[i] * (double)samples->n - 1) > 1e-12)
            return cf_fail(err, CF_EINPUT,
                           "batch = %ld: needs points of equal weights; point %zu has %g, not "
                           "1/%zu",
                           batch, i + 1, samples->weights[i], samples->n);
    return CF_OK;
}

cf_status cf_training_check(const cf_training_setup *setup, cf_err *err)
{
    if (setup->options->fresh_views && setup->augmentation == NULL)
        return cf_fail(err, CF_EINPUT,
                       "fresh-views = true: needs an augmentation to draw views from");
    cf_status status = check_batch(setup, err);
    return status == CF_OK ? check_steps(setup, err) : status;
}

/* --- one step --- */

/* Without batches the order is that of the data. */
static void shuffle(cf_training *t, long epoch)
{
    const cf_random random = {(uint64_t)t->setup.options->seed, CF_STREAM_BATCH};
    size_t n = t->setup.samples->n;
    if (t->setup.options->batch > 0)
        cf_random_permutation(random, (uint64_t)epoch, n, t->order);
    for (size_t i = 0; i < n && t->setup.options->batch == 0; i++)
        t->order[i] = i;
    t->epoch = epoch;
}

/* Of an epoch; the last incomplete one is left out. */
static long batches_of(const cf_training *t)
{
    long batch = t->setup.options->batch;
    return batch > 0 ? (long)t->setup.samples->n / batch : 1;
}

static const size_t *samples_of(cf_training *t, long step)
{
    long batches = batches_of(t);
    if (step / batches != t->epoch)
        shuffle(t, step / batches);
    return t->order + (size_t)(step % batches) * t->batch;
}

static void draw_views(cf_training *t, const size_t *samples, long step)
{
    const cf_training_setup *setup = &t->setup;
    size_t dimension = setup->samples->dimension;
#pragma omp parallel for schedule(static) if (t->rows * dimension >= 4096)
    for (size_t row = 0; row < t->rows; row++) {
        uint64_t view = setup->views + (uint64_t)step * t->views + row % t->views;
        cf_augmentation_view(setup->augmentation, setup->augmentation_options, setup->samples,
                             samples[row / t->views], view, t->x + row * dimension);
    }
}

/* start - f_theta(0) at the points x; the views of a sample share its start. */
static void set_offset(cf_training *t, const size_t *samples)
{
    const cf_flow_setup *flow = t->setup.flow;
    size_t d = t->d;
    if (!flow->centered)
        return;
    cf_network_values(t->pass, cf_flow_start(t->setup.observer), t->x, t->rows, t->offset);
    for (size_t row = 0; row < t->rows; row++)
        for (size_t k = 0; k < d; k++)
            t->offset[row * d + k] = flow->start[samples[row / t->views] * t->setup.views * d + k] -
                                     t->offset[row * d + k];
}

static void take_views(cf_training *t, const size_t *samples)
{
    size_t dimension = t->setup.samples->dimension, views = t->views, d = t->d;
    for (size_t b = 0; b < t->batch; b++) {
        memcpy(t->x + b * views * dimension,
               t->setup.flow->data->points + samples[b] * views * dimension,
               views * dimension * sizeof(double));
        memcpy(t->offset + b * views * d, t->fixed_offset + samples[b] * views * d,
               views * d * sizeof(double));
    }
}

static cf_status gradient(void *system, long step, const double *theta, double *g, cf_err *err)
{
    cf_training *t = system;
    const cf_latent *latent = &t->setup.flow->latent;
    const size_t *samples = samples_of(t, step);
    if (t->setup.options->fresh_views) {
        draw_views(t, samples, step);
        set_offset(t, samples);
    } else {
        take_views(t, samples);
    }
    cf_network_forward(t->pass, theta, t->x, t->rows, t->h);
    for (size_t k = 0; k < t->rows * t->d; k++)
        t->h[k] += t->offset[k];
    if (!cf_latent_map(latent, t->h, t->rows, t->z, t->r))
        return cf_fail(err, CF_ENUMERIC, "an embedding is zero or not finite");
    double loss = cf_loss_gradient(t->loss, t->z, t->u);
    if (!isfinite(loss))
        return cf_fail(err, CF_ENUMERIC, "loss = %g: must be finite", loss);
    cf_latent_pull(latent, t->z, t->r, t->u, t->rows, t->g);
    for (size_t k = 0; k < t->rows * t->d; k++)
        t->g[k] *= t->weights[k / t->d];
    cf_network_pull(t->pass, theta, t->g, g);
    return CF_OK;
}

/* The events of the training are those of the flow that observes it. */
static cf_status root(void *system, double t, const double *theta, double *g, cf_err *err)
{
    const cf_ode *ode = cf_flow_ode(((const cf_training *)system)->setup.observer);
    return ode->root(ode->system, t, theta, g, err);
}

/* --- creation --- */

static size_t array_count(const cf_training_setup *setup, size_t d)
{
    size_t views = views_of(setup), rows = batch_of(setup) * views;
    size_t fixed = setup->options->fresh_views ? 0 : setup->samples->n * views * d;
    return rows * (setup->samples->dimension + EMBEDDING_ARRAYS * d + ROW_ARRAYS) + fixed;
}

double cf_training_bytes(const cf_training_setup *setup, const cf_network *network)
{
    const cf_descent_options rule = cf_train_rule(setup->kind, setup->options, 1, setup->end);
    size_t n = setup->samples->n, d = cf_network_outputs(network);
    return 8 * (double)(n + array_count(setup, d)) +
           cf_network_pass_bytes(network, batch_of(setup) * views_of(setup), false) +
           cf_descent_bytes(&rule, cf_network_parameters(network));
}

static cf_status allocate(cf_training *t, cf_err *err)
{
    size_t dimension = t->setup.samples->dimension, rows = t->rows, n = t->setup.samples->n;
    t->order = cf_allocate("order of samples", n, sizeof *t->order, err);
    t->arrays = cf_allocate("training", array_count(&t->setup, t->d), sizeof(double), err);
    if (t->order == NULL || t->arrays == NULL)
        return CF_ESYSTEM;
    double **embeddings[] = {&t->offset, &t->h, &t->z, &t->u, &t->g};
    t->x = t->arrays;
    for (size_t k = 0; k < EMBEDDING_ARRAYS; k++)
        *embeddings[k] = t->x + rows * dimension + k * rows * t->d;
    t->r = t->x + rows * (dimension + EMBEDDING_ARRAYS * t->d);
    t->weights = t->r + rows;
    t->fixed_offset = t->weights + rows;
    return cf_network_pass_create(t->setup.flow->network, rows, false, &t->pass, err);
}

/* Offsets at all fixed views, in pieces of the rows of a step. */
static void set_fixed_offset(cf_training *t)
{
    size_t n = t->setup.samples->n, views = t->views, d = t->d;
    size_t dimension = t->setup.samples->dimension;
    const cf_flow_setup *flow = t->setup.flow;
    for (size_t first = 0; first < n && flow->centered; first += t->batch) {
        size_t count = n - first < t->batch ? n - first : t->batch, begin = first * views * d;
        cf_network_values(t->pass, cf_flow_start(t->setup.observer),
                          flow->data->points + first * views * dimension, count * views,
                          t->fixed_offset + begin);
        for (size_t k = begin; k < begin + count * views * d; k++)
            t->fixed_offset[k] = flow->start[k] - t->fixed_offset[k];
    }
}

static cf_status begin(cf_training *t, cf_err *err)
{
    const cf_flow_setup *flow = t->setup.flow;
    const cf_data *samples = t->setup.samples;
    cf_loss_parameters loss = flow->loss;
    loss.views = t->views > 1 ? t->views : 0;
    for (size_t row = 0; row < t->rows; row++)
        t->weights[row] = t->setup.options->batch > 0
                              ? 1 / (double)t->rows
                              : samples->weights[row / t->views] / (double)t->views;
    shuffle(t, 0);
    if (!t->setup.options->fresh_views)
        set_fixed_offset(t);
    return cf_loss_create(&loss, t->weights, t->rows, t->d, &t->loss, err);
}

cf_status cf_training_create(const cf_training_setup *setup, cf_training **out, cf_err *err)
{
    *out = NULL;
    cf_status status = cf_training_check(setup, err);
    if (status != CF_OK)
        return status;
    cf_training *t = cf_allocate("training", 1, sizeof *t, err);
    if (t == NULL)
        return CF_ESYSTEM;
    const cf_ode *ode = cf_flow_ode(setup->observer);
    double gamma = cf_network_rate(setup->flow->network);
    t->setup = *setup;
    t->rule = cf_train_rule(setup->kind, setup->options, gamma, setup->end);
    t->d = setup->flow->latent.dimension;
    t->batch = batch_of(setup);
    t->views = views_of(setup);
    t->rows = t->batch * t->views;
    t->problem = (cf_descent_problem){.system = t,
                                      .size = ode->size,
                                      .gradient = gradient,
                                      .roots = ode->roots,
                                      .root = root,
                                      .stride = batches_of(t)};
    status = allocate(t, err);
    if (status == CF_OK)
        status = begin(t, err);
    if (status != CF_OK)
        cf_training_free(&t);
    *out = t;
    return status;
}

void cf_training_free(cf_training **training)
{
    cf_training *t = *training;
    if (t == NULL)
        return;
    cf_network_pass_free(&t->pass);
    cf_loss_free(&t->loss);
    free(t->order);
    free(t->arrays);
    free(t);
    *training = NULL;
}

const cf_descent_problem *cf_training_problem(const cf_training *training)
{
    return &training->problem;
}

const cf_descent_options *cf_training_rule(const cf_training *training)
{
    return &training->rule;
}
