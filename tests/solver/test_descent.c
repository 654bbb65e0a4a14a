/* Descent in steps against what is known on paper: the closed forms of the rules on quadratic
 * functions and for given gradients, outputs at the steps nearest to their times, events, and ends
 * that come early and keep what was computed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/descent.h"

enum { SIZE = 3, MOST = 64 };

/* f(y) = sum_k a_k (y_k - c_k)^2 / 2, or the gradients sin(step + k), whatever y is. */
static const double CURVATURE[SIZE] = {0.5, 2, 7}, CENTER[SIZE] = {1, -2, 0.25};
static const double START[SIZE] = {3, 1, -1};

typedef struct {
    bool given;
    double scale;                     /* of the gradient */
    long bad_step;                    /* whose gradient cannot be had; or -1 */
    double crossing;                  /* the event: y_0 = crossing */
    cf_status output_status;          /* from the second output on */
    long stop_step;                   /* after which `advance` interrupts */
    bool stop_event;                  /* the event ends the run */
    double time[MOST], y[MOST][SIZE]; /* what came out */
    double q[MOST];
    size_t outputs, events, looks;
    double event_time, event_y;
    int direction;
} scene;

static cf_status gradient(void *system, long step, const double *y, double *g, cf_err *err)
{
    const scene *s = system;
    if (step == s->bad_step)
        return cf_fail(err, CF_ENUMERIC, "no gradient here");
    for (int k = 0; k < SIZE; k++)
        g[k] = s->scale * (s->given ? sin((double)(step + k)) : CURVATURE[k] * (y[k] - CENTER[k]));
    return CF_OK;
}

static cf_status root(void *system, double t, const double *y, double *g, cf_err *err)
{
    (void)t, (void)err;
    scene *s = system;
    s->looks++;
    g[0] = y[0] - s->crossing;
    return CF_OK;
}

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    scene *s = context;
    if (s->outputs > 0 && s->output_status != CF_OK)
        return cf_fail(err, s->output_status, "no output here");
    s->time[s->outputs] = t;
    s->q[s->outputs] = q[0];
    memcpy(s->y[s->outputs++], y, sizeof s->y[0]);
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t component,
                       int direction, bool *stop, cf_err *err)
{
    (void)q, (void)component, (void)err;
    scene *s = context;
    s->events++;
    s->event_time = t;
    s->event_y = y[0];
    s->direction = direction;
    *stop = s->stop_event;
    return CF_OK;
}

static bool advance(void *context, double t, const cf_counts *counts)
{
    (void)t;
    return counts->steps != ((const scene *)context)->stop_step;
}

static scene quadratic(void)
{
    return (scene){.scale = 1, .bad_step = -1, .stop_step = -1, .crossing = -100};
}

static const cf_descent_options PLAIN = {.rate = 0.05, .time_step = 0.05, .steps = 40};
static const cf_descent_options HEAVY = {
    .rule = CF_DESCENT_MOMENTUM, .rate = 0.05, .time_step = 0.5, .steps = 40, .momentum = 0.9};
static const cf_descent_options ADAM = {.rule = CF_DESCENT_ADAM,
                                        .rate = 0.05,
                                        .time_step = 0.05,
                                        .steps = 40,
                                        .beta1 = 0.8,
                                        .beta2 = 0.95,
                                        .epsilon = 1e-3};

static cf_status descend(scene *s, const cf_descent_options *options, const double *times,
                         size_t count, cf_integration *run, cf_err *err)
{
    const cf_descent_problem problem = {
        .system = s, .size = SIZE, .gradient = gradient, .roots = 1, .stride = 1, .root = root};
    const cf_integration_calls calls = {
        .context = s, .output = output, .event = event, .advance = advance};
    return cf_descend(&problem, options, times, count, START, &calls, run, err);
}

/* Every step is an output. */
static cf_integration every_step(scene *s, const cf_descent_options *options)
{
    double times[MOST];
    cf_err err = {0};
    cf_integration run;
    for (long k = 0; k <= options->steps; k++)
        times[k] = (double)k * options->time_step;
    require(descend(s, options, times, (size_t)options->steps + 1, &run, &err), &err, "descent");
    return run;
}

/* --- the rules --- */

static void test_plain(void)
{
    scene s = quadratic();
    cf_integration run = every_step(&s, &PLAIN);
    double worst = 0, worst_q = 0, q = 0;
    for (int step = 0; step <= PLAIN.steps; step++) {
        for (int k = 0; k < SIZE; k++) {
            double shrunk = pow(1 - PLAIN.rate * CURVATURE[k], step) * (START[k] - CENTER[k]);
            worst = worse(worst, fabs(s.y[step][k] - CENTER[k] - shrunk));
        }
        worst_q = worse(worst_q, fabs(s.q[step] - q));
        for (int k = 0; k < SIZE; k++) {
            double shrunk = pow(1 - PLAIN.rate * CURVATURE[k], step) * (START[k] - CENTER[k]);
            q += PLAIN.rate * pow(CURVATURE[k] * shrunk, 2);
        }
    }
    check_below(worst, 1e-14, "sgd on a quadratic is (1 - rate a)^step");
    check_below(worst_q, 1e-13, "and q sums rate |g|^2");
    check(run.outcome == CF_RUN_COMPLETE && run.counts.steps == 40 &&
              run.counts.rhs_evaluations == 40 && strcmp(run.method, "sgd") == 0,
          "it counts steps and gradients");
}

/* y_{k+1} = (1 + m - r a) y_k - m y_{k-1}: powers of the roots of its characteristic polynomial. */
static double heavy_ball(double curvature, double start, int step)
{
    double m = HEAVY.momentum, trace = 1 + m - HEAVY.rate * curvature, first = trace - m;
    double inside = trace * trace / 4 - m;
    if (inside > 0) {
        double upper = trace / 2 + sqrt(inside), lower = trace / 2 - sqrt(inside);
        double share = (first - lower) / (upper - lower);
        return start * (share * pow(upper, step) + (1 - share) * pow(lower, step));
    }
    double angle = atan2(sqrt(-inside), trace / 2), size = sqrt(m);
    double sine = (first / size - cos(angle)) / sin(angle);
    return start * pow(size, step) * (cos(step * angle) + sine * sin(step * angle));
}

static void test_momentum(void)
{
    scene s = quadratic();
    double worst = 0;
    every_step(&s, &HEAVY);
    for (int step = 0; step <= HEAVY.steps; step++)
        for (int k = 0; k < SIZE; k++)
            worst = worse(worst, fabs(s.y[step][k] - CENTER[k] -
                                      heavy_ball(CURVATURE[k], START[k] - CENTER[k], step)));
    check_below(worst, 1e-13, "momentum on a quadratic is the closed form of its recursion");
    check(isnan(s.q[1]), "what it dissipates is not said");
}

/* Kingma and Ba's averages as weighted sums of all gradients so far. */
static void test_adam(void)
{
    scene s = quadratic();
    double worst = 0, y[SIZE];
    s.given = true;
    every_step(&s, &ADAM);
    memcpy(y, START, sizeof y);
    for (int step = 0; step < ADAM.steps; step++)
        for (int k = 0; k < SIZE; k++) {
            double mean = 0, square = 0, weight = 0, weight2 = 0;
            for (int j = 0; j <= step; j++) {
                double g = sin((double)(j + k));
                double w = pow(ADAM.beta1, step - j), w2 = pow(ADAM.beta2, step - j);
                mean += w * g;
                square += w2 * g * g;
                weight += w;
                weight2 += w2;
            }
            y[k] -= ADAM.rate * (mean / weight) / (sqrt(square / weight2) + ADAM.epsilon);
            worst = worse(worst, fabs(s.y[step + 1][k] - y[k]));
        }
    check_below(worst, 1e-14, "adam follows weighted means of the gradients and their squares");
}

static void test_adam_scale(void)
{
    scene a = quadratic(), b = quadratic();
    cf_descent_options options = ADAM;
    double worst = 0;
    options.epsilon = 0;
    b.scale = 1000;
    every_step(&a, &options);
    every_step(&b, &options);
    for (int k = 0; k < SIZE; k++)
        worst = worse(worst, fabs(a.y[40][k] - b.y[40][k]));
    check_below(worst, 1e-13, "adam does not see the scale of the function");
}

/* --- outputs and events --- */

static void test_outputs(void)
{
    scene s = quadratic();
    const double times[] = {0, 0.024, 0.13, 0.14, 0.5, 1.7};
    const cf_descent_options options = {.rate = 0.05, .time_step = 0.05, .steps = 12};
    const double expected[] = {0, 0.15, 0.5, 0.6};
    cf_err err = {0};
    cf_integration run;
    require(descend(&s, &options, times, 6, &run, &err), &err, "descent");
    bool equal = s.outputs == 4;
    for (size_t k = 0; k < 4 && equal; k++)
        equal = fabs(s.time[k] - expected[k]) < 1e-15;
    check(equal, "outputs are the steps nearest to the times, each once, and the last");
    check_near(s.y[2][1] - CENTER[1], pow(0.9, 10) * 3, 1e-14, "with the state of that step");
    check(cf_descent_steps(0.05, 0.524) == 10 && cf_descent_steps(0.05, 0.526) == 11,
          "the step nearest to a time");
}

/* y_0 falls from 3 through 2.5. */
static void test_events(void)
{
    scene s = quadratic();
    const double times[] = {0, 2};
    cf_err err = {0};
    cf_integration run;
    s.crossing = 2.5;
    require(descend(&s, &PLAIN, times, 2, &run, &err), &err, "descent");
    double a = START[0] - CENTER[0], shrink = 1 - PLAIN.rate * CURVATURE[0];
    int after = (int)ceil(log(1.5 / a) / log(shrink));
    double before = a * pow(shrink, after - 1), now = a * pow(shrink, after);
    double expected = PLAIN.rate * (after - 1 + (before - 1.5) / (before - now));
    check_near(s.event_time, expected, 1e-14, "an event is where the straight line crosses");
    check(s.events == 1 && s.direction == -1, "once, with its direction");
    check_near(s.event_y, CENTER[0] + now, 1e-14, "and the state of the later step");
    check(s.looks == 41, "every step is looked at");
    s = quadratic();
    s.crossing = START[0];
    require(descend(&s, &PLAIN, times, 2, &run, &err), &err, "descent");
    check(s.events == 0, "a start on the threshold is no event");
}

static void test_stop(void)
{
    scene s = quadratic();
    const double times[] = {0, 2};
    cf_err err = {0};
    cf_integration run;
    s.crossing = 2.5;
    s.stop_event = true;
    require(descend(&s, &PLAIN, times, 2, &run, &err), &err, "descent");
    check(run.outcome == CF_RUN_STOPPED_BY_EVENT && run.counts.steps == 12 && s.outputs == 2,
          "an event may end the run, which puts out where it ends");
    check_near(s.time[1], 0.6, 1e-15, "at the step that passed the event");
}

static void test_stride(void)
{
    scene s = quadratic();
    const double times[] = {0, 2};
    const cf_descent_problem problem = {
        .system = &s, .size = SIZE, .gradient = gradient, .roots = 1, .stride = 7, .root = root};
    const cf_integration_calls calls = {.context = &s, .output = output, .event = event};
    cf_err err = {0};
    cf_integration run;
    s.crossing = 2.5;
    require(cf_descend(&problem, &PLAIN, times, 2, START, &calls, &run, &err), &err, "descent");
    check(s.looks == 6 && s.events == 1 && s.event_time > 0.35 && s.event_time < 0.7,
          "events are looked for every stride steps");
}

/* --- early ends --- */

static void test_interruption(void)
{
    scene s = quadratic();
    const double times[] = {0, 0.2, 2};
    cf_err err = {0};
    cf_integration run;
    s.stop_step = 9;
    require(descend(&s, &PLAIN, times, 3, &run, &err), &err, "descent");
    check(run.outcome == CF_RUN_INTERRUPTED && s.outputs == 3 && s.time[2] == run.t,
          "an interrupted descent puts out its last step");
    check_near(s.y[2][0] - CENTER[0], 2 * pow(0.975, 9), 1e-14, "with its state");
}

static void check_diverged(const scene *s, const cf_integration *run, const char *message,
                           const char *what)
{
    bool finite = true;
    for (size_t i = 0; i < s->outputs; i++)
        for (int k = 0; k < SIZE; k++)
            finite = finite && isfinite(s->y[i][k]);
    check(run->outcome == CF_RUN_FAILED && strcmp(run->failure.message, message) == 0 && finite,
          "%s: %s", what, run->failure.message);
}

/* |1 - rate a| = 2 for the stiffest component: its square exceeds the largest double after 509
 * steps, 2^509 7 (1 + 1/4) = 2^512.1. */
static void test_divergence(void)
{
    scene s = quadratic();
    const double times[] = {0, 1, 2, 3, 4, 5, 1000};
    cf_descent_options options = {.rate = 3 / 7.0, .time_step = 0.5, .steps = 2000};
    cf_err err = {0};
    cf_integration run;
    require(descend(&s, &options, times, 7, &run, &err), &err, "descent");
    check_diverged(&s, &run,
                   "training diverged at step 509 (t = 254.5): the gradient is not finite; lower "
                   "the learning rate",
                   "too large a rate");
    check(s.outputs == 6 && fabs(s.y[5][2] - CENTER[2] + 1.25 * 1024) < 1e-9,
          "what was put out before stays");
}

static void test_breakdowns(void)
{
    const double times[] = {0, 0.25, 2};
    cf_err err = {0};
    cf_integration run;
    scene s = quadratic();
    s.bad_step = 7;
    require(descend(&s, &PLAIN, times, 3, &run, &err), &err, "descent");
    check_diverged(
        &s, &run,
        "training diverged at step 7 (t = 0.35): no gradient here; lower the learning rate",
        "a gradient that cannot be had");
    check(s.outputs == 2, "with the outputs before it");
    s = quadratic();
    s.output_status = CF_ENUMERIC;
    require(descend(&s, &PLAIN, times, 3, &run, &err), &err, "descent");
    check_diverged(
        &s, &run, "training diverged at step 5 (t = 0.25): no output here; lower the learning rate",
        "a state that cannot be observed");
    s = quadratic();
    s.output_status = CF_ESYSTEM;
    check(descend(&s, &PLAIN, times, 3, &run, &err) == CF_ESYSTEM &&
              strcmp(err.message, "no output here") == 0,
          "other failures of a callback are passed on");
}

int main(void)
{
    test_plain();
    test_momentum();
    test_adam();
    test_adam_scale();
    test_outputs();
    test_events();
    test_stop();
    test_stride();
    test_interruption();
    test_divergence();
    test_breakdowns();
    return check_done();
}
