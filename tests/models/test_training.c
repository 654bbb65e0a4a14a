/* Training in steps: each step sees the gradient of the loss of its own batch and views (C2), drawn
 * from seed, epoch and step alone; on all points it descends E8, to which it converges with order 1
 * as the learning rate falls, in all parametrizations and with momentum. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "contraflow/models/training.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/threads.h"
#include "shapes.h"

enum { MOST = 400, D = 2, OUT = 2, VIEWS = 2, MOST_PARAMETERS = 2000 };

typedef struct {
    double x[MOST * D], weights[MOST], start[MOST * VIEWS * OUT], width;
    int labels[MOST];
    cf_data samples, *rows;
    cf_augmentation_options augmentation;
    cf_network_options options;
    cf_network *network;
    cf_train_options train;
    cf_flow_setup flow;
    cf_training_setup setup;
    cf_flow *observer;
    cf_training *training;
} scene;

static const cf_kind *method(const char *name)
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

/* n points of the plane in two clusters, two Gaussian views of each, one hidden layer. */
static void set_scene(scene *s, size_t n)
{
    *s = (scene){.samples = {n, D, s->x, s->weights, s->labels, 2},
                 .augmentation = {.size = 0.2, .views = VIEWS, .seed = 3},
                 .options = {.hidden_layers = 1,
                             .activation = 4,
                             .weight_variance = 2,
                             .bias_variance = 0.1,
                             .biases = true,
                             .centered = true},
                 .width = 8,
                 .train = {.learning_rate = 0.05,
                           .views = VIEWS,
                           .seed = 4,
                           .momentum = 0.8,
                           .beta1 = 0.9,
                           .beta2 = 0.999,
                           .epsilon = 1e-8}};
    s->flow = (cf_flow_setup){.latent = {true, OUT, 0.3, 1e-4},
                              .loss = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], 0.4, 1}},
                              .threshold = 0.9,
                              .seed = 5};
    s->setup = (cf_training_setup){.kind = method("sgd"), .end = 1};
    shape_random(s->x, n, D, 21, 0);
    for (size_t i = 0; i < n; i++) {
        s->weights[i] = 1 / (double)n;
        s->labels[i] = (int)(i % 2);
        s->x[i * D] += s->labels[i];
    }
}

static void open_scene(scene *s)
{
    cf_err err = {0};
    const cf_augmentation *gaussian = cf_augmentations()[0];
    s->options.widths = (cf_matrix){&s->width, 1, 1};
    require(cf_views_create(gaussian, &s->augmentation, &s->samples, &s->rows, &err), &err,
            "views");
    require(cf_network_create(&s->options, 0, D, OUT, &s->network, &err), &err, "network");
    cf_start_near_point(&s->flow.latent, 0.5, 3, s->samples.n, s->start);
    for (size_t row = s->rows->n; row-- > 0;)
        memmove(s->start + row * OUT, s->start + row / VIEWS * OUT, OUT * sizeof(double));
    s->flow.data = s->rows;
    s->flow.start = s->start;
    s->flow.network = s->network;
    s->flow.centered = s->options.centered;
    s->flow.loss.views = VIEWS;
    s->observer = create_flow(&s->flow);
    s->setup.options = &s->train;
    s->setup.samples = &s->samples;
    s->setup.augmentation = gaussian;
    s->setup.augmentation_options = &s->augmentation;
    s->setup.views = VIEWS;
    s->setup.flow = &s->flow;
    s->setup.observer = s->observer;
    require(cf_training_create(&s->setup, &s->training, &err), &err, "training");
}

static void close_scene(scene *s)
{
    cf_training_free(&s->training);
    cf_flow_free(&s->observer);
    cf_network_free(&s->network);
    cf_data_free(&s->rows);
}

static void gradient_at(const scene *s, long step, const double *theta, double *gradient)
{
    const cf_descent_problem *problem = cf_training_problem(s->training);
    cf_err err = {0};
    require(problem->gradient(problem->system, step, theta, gradient, &err), &err, "gradient");
}

static double largest(const double *a, size_t n)
{
    double most = 0;
    for (size_t k = 0; k < n; k++)
        most = worse(most, fabs(a[k]));
    return most;
}

/* --- what a step sees --- */

/* The rows of a step by the definition: x [rows*D], start [rows*OUT]; how many. */
static size_t rows_of(const scene *s, long step, double *x, double *start)
{
    size_t n = s->samples.n, batch = s->train.batch > 0 ? (size_t)s->train.batch : n, row = 0;
    long batches = (long)(n / batch);
    const cf_random random = {(uint64_t)s->train.seed, CF_STREAM_BATCH};
    size_t order[MOST];
    cf_random_permutation(random, (uint64_t)(step / batches), n, order);
    for (size_t b = 0; b < batch; b++)
        for (size_t v = 0; v < VIEWS; v++, row++) {
            size_t i = s->train.batch > 0 ? order[(size_t)(step % batches) * batch + b] : b;
            memcpy(start + row * OUT, s->start + i * VIEWS * OUT, OUT * sizeof(double));
            if (s->train.fresh_views)
                cf_augmentation_view(s->setup.augmentation, &s->augmentation, &s->samples, i,
                                     VIEWS + (uint64_t)step * VIEWS + v, x + row * D);
            else
                memcpy(x + row * D, s->rows->points + (i * VIEWS + v) * D, D * sizeof(double));
        }
    return row;
}

/* The loss of the rows of a step, with equal masses. */
static double loss_of(const scene *s, long step, const double *theta)
{
    static double x[MOST * VIEWS * D], start[MOST * VIEWS * OUT], h[MOST * VIEWS * OUT];
    static double zero[MOST * VIEWS * OUT], r[MOST * VIEWS], masses[MOST * VIEWS];
    cf_err err = {0};
    size_t rows = rows_of(s, step, x, start);
    cf_network_pass *pass = NULL;
    cf_loss *loss = NULL;
    require(cf_network_pass_create(s->network, rows, false, &pass, &err), &err, "pass");
    cf_network_forward(pass, cf_flow_start(s->observer), x, rows, zero);
    cf_network_forward(pass, theta, x, rows, h);
    for (size_t k = 0; k < rows * OUT && s->options.centered; k++)
        h[k] += start[k] - zero[k];
    for (size_t row = 0; row < rows; row++)
        masses[row] = 1 / (double)rows;
    require(cf_loss_create(&s->flow.loss, masses, rows, OUT, &loss, &err), &err, "loss");
    cf_latent_map(&s->flow.latent, h, rows, zero, r);
    double value = cf_loss_value(loss, zero);
    cf_loss_free(&loss);
    cf_network_pass_free(&pass);
    return value;
}

/* Central differences of 4th order along a direction, away from the start. */
static void test_gradient(scene *s, long step, const char *name)
{
    const double weight[] = {1 / 12.0, -8 / 12.0, 0, 8 / 12.0, -1 / 12.0};
    static double theta[MOST_PARAMETERS], v[MOST_PARAMETERS], g[MOST_PARAMETERS];
    static double moved[MOST_PARAMETERS];
    size_t size = cf_network_parameters(s->network);
    double slope = 0, exact = 0, h = 1e-3;
    shape_random(theta, size, 1, 31, 0);
    shape_random(v, size, 1, 32, 0);
    for (int side = -2; side <= 2; side++) {
        for (size_t k = 0; k < size; k++)
            moved[k] = theta[k] + side * h * v[k];
        slope += weight[side + 2] / h * loss_of(s, step, moved);
    }
    gradient_at(s, step, theta, g);
    for (size_t k = 0; k < size; k++)
        exact += g[k] * v[k];
    check_near(exact, slope, 1e-9 * fmax(1, fabs(slope)),
               "%s: step %ld sees the gradient of the loss of its samples and views (C2)", name,
               step);
}

static void test_steps(void)
{
    static scene s;
    static double again[MOST_PARAMETERS], g[MOST_PARAMETERS];
    for (int form = 0; form < 8; form++) {
        char name[64];
        set_scene(&s, 11);
        s.train.fresh_views = form & 1;
        s.train.batch = form & 2 ? 3 : 0;
        s.options.centered = (form & 4) == 0;
        s.setup.end = 10;
        snprintf(name, sizeof name, "%s views, %s, %s", form & 1 ? "fresh" : "fixed",
                 form & 2 ? "batches of 3" : "all points", form & 4 ? "not centered" : "centered");
        open_scene(&s);
        const double *theta = cf_flow_start(s.observer);
        size_t size = cf_network_parameters(s.network);
        gradient_at(&s, 7, theta, g);
        test_gradient(&s, 0, name);
        test_gradient(&s, 4, name);
        test_gradient(&s, 130, name);
        gradient_at(&s, 7, theta, again);
        check(memcmp(g, again, size * sizeof *g) == 0,
              "%s: a step sees the same whatever came before it", name);
        gradient_at(&s, 8, theta, again);
        check((memcmp(g, again, size * sizeof *g) != 0) == (form % 4 != 0),
              "%s: and another step something else, where anything is drawn", name);
        close_scene(&s);
    }
}

/* L = mean of eta over the pairs of a batch: over the three ways to split four points into pairs,
 * the gradients add up to 2/3 of that of all, (1 - 1/B)/(1 - 1/n) = 2/3 being the share of pairs of
 * different points. */
static void test_pairings(void)
{
    static scene s;
    static double mean[3][MOST_PARAMETERS], full[MOST_PARAMETERS], g[MOST_PARAMETERS];
    set_scene(&s, 4);
    s.augmentation.size = 0;
    s.flow.loss.psi = cf_psi_rows[2];
    s.train.batch = 2;
    s.setup.end = 100;
    open_scene(&s);
    size_t size = cf_network_parameters(s.network), found = 0;
    const double *theta = cf_flow_start(s.observer);
    for (long epoch = 0; epoch < 40; epoch++) {
        double pairing[MOST_PARAMETERS] = {0};
        bool known = false;
        for (long k = 0; k < 2; k++) {
            gradient_at(&s, 2 * epoch + k, theta, g);
            for (size_t p = 0; p < size; p++)
                pairing[p] += g[p] / 2;
        }
        for (size_t w = 0; w < found; w++)
            known = known || fabs(pairing[0] - mean[w][0]) < 1e-12;
        if (!known && found < 3)
            memcpy(mean[found++], pairing, size * sizeof *pairing);
    }
    close_scene(&s);
    s.train.batch = 0;
    open_scene(&s);
    gradient_at(&s, 0, cf_flow_start(s.observer), full);
    double worst = 0;
    for (size_t p = 0; p < size; p++)
        worst = worse(worst, fabs((mean[0][p] + mean[1][p] + mean[2][p]) / 3 - full[p] * 2 / 3));
    check(found == 3, "batches of two of four points: all three pairings come up");
    check_below(worst / largest(full, size), 1e-13,
                "and their mean is the gradient of all points, as far as it comes from pairs");
    close_scene(&s);
}

/* Masses of any size, in the full batch. */
static void test_full_batch(void)
{
    static scene s;
    static double g[MOST_PARAMETERS], motion[MOST_PARAMETERS];
    for (int parametrization = 0; parametrization < 3; parametrization++) {
        set_scene(&s, 20);
        double q, worst = 0, total = 0;
        cf_err err = {0};
        s.options.parametrization = parametrization;
        for (size_t i = 0; i < 20; i++)
            total += s.weights[i] = 1 + 0.5 * sin((double)i);
        for (size_t i = 0; i < 20; i++)
            s.weights[i] /= total;
        open_scene(&s);
        const cf_ode *ode = cf_flow_ode(s.observer);
        const double *theta = cf_flow_start(s.observer);
        gradient_at(&s, 3, theta, g);
        require(ode->rhs(ode->system, 0, theta, motion, &q, &err), &err, "rhs");
        double gamma = parametrization == CF_PARAMETRIZATION_MEAN_FIELD ? s.width : 1;
        for (size_t k = 0; k < ode->size; k++)
            worst = worse(worst, fabs(motion[k] + gamma * g[k]));
        check_below(worst / largest(motion, ode->size), 1e-13,
                    "parametrization %d: a step on all points goes along E8", parametrization);
        check(cf_training_rule(s.training)->rate == gamma * s.train.learning_rate &&
                  cf_training_rule(s.training)->time_step == s.train.learning_rate,
              "and is the learning rate long, in time");
        close_scene(&s);
    }
}

/* How a step counts: theta -= gamma learning-rate grad L for sgd, momentum's slow motion is
 * 1/(1 - m) faster, and Adam does not see gamma. */
static void test_rules(void)
{
    const cf_train_options options = {.learning_rate = 0.01, .momentum = 0.75};
    const cf_descent_options sgd = cf_train_rule(method("sgd"), &options, 50, 1.006);
    const cf_descent_options heavy = cf_train_rule(method("momentum"), &options, 50, 1);
    const cf_descent_options adam = cf_train_rule(method("adam"), &options, 50, 1);
    check(sgd.rate == 0.5 && sgd.time_step == 0.01 && sgd.steps == 101,
          "sgd: gamma learning-rate, for the learning rate in time");
    check(heavy.rate == 0.5 && heavy.time_step == 0.04 && heavy.steps == 25,
          "momentum: the same, for four times as long");
    check(adam.rate == 0.01 && adam.time_step == 0.01 && adam.steps == 100,
          "adam: the learning rate alone");
}

/* --- runs --- */

enum { MOST_ROOTS = 16 };

typedef struct {
    cf_flow *flow;
    double h[MOST * VIEWS * OUT], loss[2], separation[2], dissipated, emergence;
    size_t outputs;
} trace;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    trace *r = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(r->flow, t, y, &state, err);
    if (status != CF_OK)
        return status;
    memcpy(r->h, state.embedding, state.measure.n * OUT * sizeof *r->h);
    r->loss[r->outputs > 0] = state.loss;
    r->dissipated = q[0];
    const cf_ode *ode = cf_flow_ode(r->flow);
    double g[MOST_ROOTS];
    status = ode->root(ode->system, t, y, g, err);
    r->separation[r->outputs++ > 0] = g[0];
    return status;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t component,
                       int direction, bool *stop, cf_err *err)
{
    (void)y, (void)q, (void)direction, (void)stop, (void)err;
    trace *r = context;
    if (cf_flow_root(r->flow, component) == CF_ROOT_SEPARATION)
        r->emergence = t;
    return CF_OK;
}

static const double ENDS[2] = {0, 1};

static void follow_flow(const scene *s, trace *r)
{
    const cf_integrator_options options = {CF_METHOD_ADAMS, 1e-10, 1e-13, 20};
    const cf_integration_calls calls = {.context = r, .output = output, .event = event};
    cf_integration run;
    cf_err err = {0};
    *r = (trace){.flow = s->observer};
    require(cf_integrate(cf_flow_ode(s->observer), &options, ENDS, 2, cf_flow_start(s->observer),
                         &calls, &run, &err),
            &err, "integration");
}

static cf_integration train(const scene *s, trace *r)
{
    const cf_integration_calls calls = {.context = r, .output = output, .event = event};
    cf_integration run;
    cf_err err = {0};
    *r = (trace){.flow = s->observer};
    require(cf_descend(cf_training_problem(s->training), cf_training_rule(s->training), ENDS, 2,
                       cf_flow_start(s->observer), &calls, &run, &err),
            &err, "training");
    return run;
}

static double apart(const scene *s, const trace *a, const trace *b)
{
    double total = 0;
    for (size_t k = 0; k < s->rows->n * OUT; k++)
        total += pow(a->h[k] - b->h[k], 2) / (double)s->rows->n;
    return sqrt(total);
}

/* Halving the learning rate halves the distance from E8, in the embedding, in the time of emergence
 * and in the energy identity. */
static void test_order(const char *kind, int parametrization)
{
    static scene s;
    static trace flow, r;
    double error[2], time_error[2], defect[2];
    set_scene(&s, 20);
    s.setup.kind = method(kind);
    s.options.parametrization = parametrization;
    s.flow.threshold = 0;
    open_scene(&s);
    follow_flow(&s, &flow);
    close_scene(&s);
    s.flow.threshold = (flow.separation[0] + flow.separation[1]) / 2;
    for (int half = 0; half < 2; half++) {
        double momentum = strcmp(kind, "momentum") == 0 ? s.train.momentum : 0;
        s.train.learning_rate = (half ? 0.5e-3 : 1e-3) * (1 - momentum);
        open_scene(&s);
        if (half == 0)
            follow_flow(&s, &flow);
        cf_integration run = train(&s, &r);
        error[half] = apart(&s, &flow, &r);
        time_error[half] = r.emergence - flow.emergence;
        defect[half] = r.loss[0] - r.loss[1] - r.dissipated;
        check(run.outcome == CF_RUN_COMPLETE && run.counts.steps == (half ? 2000 : 1000),
              "%s, parametrization %d: steps reach time.end", kind, parametrization);
        close_scene(&s);
    }
    printf("# error %.3g, threshold %.3g passed at %.6g\n", error[0], s.flow.threshold,
           flow.emergence);
    check_near(error[0] / error[1], 2, 0.05, "%s, parametrization %d: the order is 1", kind,
               parametrization);
    check_near(time_error[0] / time_error[1], 2, 0.1, "also of the time of emergence");
    if (strcmp(kind, "sgd") == 0)
        check_near(defect[0] / defect[1], 2, 0.05, "and of the energy identity (E9)");
}

/* h ~ theta^4 overflows in a deep network after a step of 1e200. */
static void test_divergence(void)
{
    static scene s;
    static trace r;
    set_scene(&s, 8);
    s.options.hidden_layers = 3;
    s.options.activation = 0;
    s.train.learning_rate = 1e200;
    s.train.steps = 10;
    s.setup.end = 1e201;
    open_scene(&s);
    cf_integration run = train(&s, &r);
    check(run.outcome == CF_RUN_FAILED && r.outputs == 1 &&
              strstr(run.failure.message, "training diverged at step 1 (t = 1e+200): ") != NULL &&
              strstr(run.failure.message, "lower the learning rate") != NULL,
          "a learning rate too large: %s", run.failure.message);
    close_scene(&s);
}

/* --- refusals --- */

static void refuse(const scene *s, const char *expected)
{
    cf_err err = {0};
    cf_training *training = NULL;
    bool refused = cf_training_create(&s->setup, &training, &err) == CF_EINPUT;
    check(refused && training == NULL && strcmp(err.message, expected) == 0, "%s", expected);
    if (!refused || strcmp(err.message, expected) != 0)
        printf("# %s\n", err.message);
}

static void test_refusals(void)
{
    static scene s;
    set_scene(&s, 8);
    open_scene(&s);
    s.train.batch = 9;
    refuse(&s, "batch = 9: must be at most 8, the number of points");
    s.train.batch = 4;
    s.weights[2] = 0.25;
    refuse(&s, "batch = 4: needs points of equal weights; point 3 has 0.25, not 1/8");
    s.train.batch = 0;
    s.train.fresh_views = true;
    s.setup.augmentation = NULL;
    refuse(&s, "fresh-views = true: needs an augmentation to draw views from");
    s.setup.augmentation = cf_augmentations()[0];
    s.train.steps = 21;
    refuse(&s, "steps = 21: last to t = 1.05, but time.end = 1");
    s.train.steps = 1000000000;
    s.train.views = 5;
    s.setup.end = 1e9;
    refuse(&s, "views = 5: 1000000000 steps see 5e+09 views of every point; at most 4.29497e+09");
    s.train.steps = 0;
    refuse(&s, "learning-rate = 0.05: makes 2e+10 steps up to time.end = 1e+09; at most 1e+09");
    s.setup.end = 0.01;
    refuse(&s, "learning-rate = 0.05: a step counts as 0.05 in time, so that there is none up to "
               "time.end = 0.01");
    close_scene(&s);
}

/* --- threads --- */

static void test_threads(void)
{
    static scene s;
    static double one[MOST_PARAMETERS], many[MOST_PARAMETERS];
    set_scene(&s, MOST);
    s.options.hidden_layers = 2;
    s.width = 40;
    s.train.fresh_views = true;
    s.train.batch = MOST / 2;
    int threads = cf_threads();
    open_scene(&s);
    size_t size = cf_network_parameters(s.network);
    for (int count = 1; count <= 3; count++) {
        cf_set_threads(count);
        gradient_at(&s, 5, cf_flow_start(s.observer), count == 1 ? one : many);
        if (count > 1)
            check(memcmp(one, many, size * sizeof *one) == 0,
                  "%d threads give the same bits as one", count);
    }
    cf_set_threads(threads);
    close_scene(&s);
}

int main(void)
{
    test_steps();
    test_pairings();
    test_full_batch();
    test_rules();
    for (int parametrization = 0; parametrization < 3; parametrization++)
        test_order("sgd", parametrization);
    test_order("momentum", 0);
    test_divergence();
    test_refusals();
    test_threads();
    return check_done();
}
