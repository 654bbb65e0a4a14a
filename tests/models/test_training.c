/* Training in steps converges to the flow E8 with order 1 as the learning rate falls, in all
 * parametrizations and with momentum; it tells when it diverges, and refuses what it cannot do. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/threads.h"
#include "training_scene.h"

enum { MOST_ROOTS = 16 };

typedef struct {
    cf_flow *flow;
    double h[TRAINING_MOST * TRAINING_VIEWS * TRAINING_OUT], loss[2], separation[2], dissipated,
        emergence;
    size_t outputs;
} trace;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    trace *r = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(r->flow, t, y, &state, err);
    if (status != CF_OK)
        return status;
    memcpy(r->h, state.embedding, state.measure.n * TRAINING_OUT * sizeof *r->h);
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

static void follow_flow(const training_scene *s, trace *r)
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

static cf_integration train(const training_scene *s, trace *r)
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

static double apart(const training_scene *s, const trace *a, const trace *b)
{
    double total = 0;
    for (size_t k = 0; k < s->rows->n * TRAINING_OUT; k++)
        total += pow(a->h[k] - b->h[k], 2) / (double)s->rows->n;
    return sqrt(total);
}

/* Halving the learning rate halves the distance from E8, in the embedding, in the time of emergence
 * and in the energy identity. */
static void test_order(const char *kind, int parametrization)
{
    static training_scene s;
    static trace flow, r;
    double error[2], time_error[2], defect[2];
    training_set(&s, 20);
    s.setup.kind = training_method(kind);
    s.options.parametrization = parametrization;
    s.flow.threshold = 0;
    training_open(&s);
    follow_flow(&s, &flow);
    training_close(&s);
    s.flow.threshold = (flow.separation[0] + flow.separation[1]) / 2;
    for (int half = 0; half < 2; half++) {
        double momentum = strcmp(kind, "momentum") == 0 ? s.train.momentum : 0;
        s.train.learning_rate = (half ? 0.5e-3 : 1e-3) * (1 - momentum);
        training_open(&s);
        if (half == 0)
            follow_flow(&s, &flow);
        cf_integration run = train(&s, &r);
        error[half] = apart(&s, &flow, &r);
        time_error[half] = r.emergence - flow.emergence;
        defect[half] = r.loss[0] - r.loss[1] - r.dissipated;
        check(run.outcome == CF_RUN_COMPLETE && run.counts.steps == (half ? 2000 : 1000),
              "%s, parametrization %d: steps reach time.end", kind, parametrization);
        training_close(&s);
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
    static training_scene s;
    static trace r;
    training_set(&s, 8);
    s.options.hidden_layers = 3;
    s.options.activation = 0;
    s.train.learning_rate = 1e200;
    s.train.steps = 10;
    s.setup.end = 1e201;
    training_open(&s);
    cf_integration run = train(&s, &r);
    check(run.outcome == CF_RUN_FAILED && r.outputs == 1 &&
              strstr(run.failure.message, "training diverged at step 1 (t = 1e+200): ") != NULL &&
              strstr(run.failure.message, "lower the learning rate") != NULL,
          "a learning rate too large: %s", run.failure.message);
    training_close(&s);
}

/* --- refusals --- */

static void refuse(const training_scene *s, const char *expected)
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
    static training_scene s;
    training_set(&s, 8);
    training_open(&s);
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
    training_close(&s);
}

/* --- threads --- */

static void test_threads(void)
{
    static training_scene s;
    static double one[TRAINING_PARAMETERS], many[TRAINING_PARAMETERS];
    training_set(&s, TRAINING_MOST);
    s.options.hidden_layers = 2;
    s.width = 40;
    s.train.fresh_views = true;
    s.train.batch = TRAINING_MOST / 2;
    int threads = cf_threads();
    training_open(&s);
    size_t size = cf_network_parameters(s.network);
    for (int count = 1; count <= 3; count++) {
        cf_set_threads(count);
        training_gradient(&s, 5, cf_flow_start(s.observer), count == 1 ? one : many);
        if (count > 1)
            check(memcmp(one, many, size * sizeof *one) == 0,
                  "%d threads give the same bits as one", count);
    }
    cf_set_threads(threads);
    training_close(&s);
}

int main(void)
{
    for (int parametrization = 0; parametrization < 3; parametrization++)
        test_order("sgd", parametrization);
    test_order("momentum", 0);
    test_divergence();
    test_refusals();
    test_threads();
    return check_done();
}
