/* What a step of a training sees: the gradient of the loss of its own batch and views (C2), drawn
 * from seed, epoch and step alone; on all points that of E8. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/random.h"
#include "training_scene.h"
#include "shapes.h"

static double largest(const double *a, size_t n)
{
    double most = 0;
    for (size_t k = 0; k < n; k++)
        most = worse(most, fabs(a[k]));
    return most;
}

/* The rows of a step by the definition: x [rows*TRAINING_D], start [rows*TRAINING_OUT]; how many.
 */
static size_t rows_of(const training_scene *s, long step, double *x, double *start)
{
    size_t n = s->samples.n, batch = s->train.batch > 0 ? (size_t)s->train.batch : n, row = 0;
    long batches = (long)(n / batch);
    const cf_random random = {(uint64_t)s->train.seed, CF_STREAM_BATCH};
    size_t order[TRAINING_MOST];
    cf_random_permutation(random, (uint64_t)(step / batches), n, order);
    for (size_t b = 0; b < batch; b++)
        for (size_t v = 0; v < TRAINING_VIEWS; v++, row++) {
            size_t i = s->train.batch > 0 ? order[(size_t)(step % batches) * batch + b] : b;
            memcpy(start + row * TRAINING_OUT, s->start + i * TRAINING_VIEWS * TRAINING_OUT,
                   TRAINING_OUT * sizeof(double));
            if (s->train.fresh_views)
                cf_augmentation_view(s->setup.augmentation, &s->augmentation, &s->samples, i,
                                     TRAINING_VIEWS + (uint64_t)step * TRAINING_VIEWS + v,
                                     x + row * TRAINING_D);
            else
                memcpy(x + row * TRAINING_D,
                       s->rows->points + (i * TRAINING_VIEWS + v) * TRAINING_D,
                       TRAINING_D * sizeof(double));
        }
    return row;
}

/* The loss of the rows of a step, with equal masses. */
static double loss_of(const training_scene *s, long step, const double *theta)
{
    static double x[TRAINING_MOST * TRAINING_VIEWS * TRAINING_D],
        start[TRAINING_MOST * TRAINING_VIEWS * TRAINING_OUT],
        h[TRAINING_MOST * TRAINING_VIEWS * TRAINING_OUT];
    static double zero[TRAINING_MOST * TRAINING_VIEWS * TRAINING_OUT],
        r[TRAINING_MOST * TRAINING_VIEWS], masses[TRAINING_MOST * TRAINING_VIEWS];
    cf_err err = {0};
    size_t rows = rows_of(s, step, x, start);
    cf_network_pass *pass = NULL;
    cf_loss *loss = NULL;
    require(cf_network_pass_create(s->network, rows, false, &pass, &err), &err, "pass");
    cf_network_forward(pass, cf_flow_start(s->observer), x, rows, zero);
    cf_network_forward(pass, theta, x, rows, h);
    for (size_t k = 0; k < rows * TRAINING_OUT && s->options.centered; k++)
        h[k] += start[k] - zero[k];
    for (size_t row = 0; row < rows; row++)
        masses[row] = 1 / (double)rows;
    require(cf_loss_create(&s->flow.loss, masses, rows, TRAINING_OUT, &loss, &err), &err, "loss");
    cf_latent_map(&s->flow.latent, h, rows, zero, r);
    double value = cf_loss_value(loss, zero);
    cf_loss_free(&loss);
    cf_network_pass_free(&pass);
    return value;
}

/* Central differences of 4th order along a direction, away from the start. */
static void test_gradient(training_scene *s, long step, const char *name)
{
    const double weight[] = {1 / 12.0, -8 / 12.0, 0, 8 / 12.0, -1 / 12.0};
    static double theta[TRAINING_PARAMETERS], v[TRAINING_PARAMETERS], g[TRAINING_PARAMETERS];
    static double moved[TRAINING_PARAMETERS];
    size_t size = cf_network_parameters(s->network);
    double slope = 0, exact = 0, h = 1e-3;
    shape_random(theta, size, 1, 31, 0);
    shape_random(v, size, 1, 32, 0);
    for (int side = -2; side <= 2; side++) {
        for (size_t k = 0; k < size; k++)
            moved[k] = theta[k] + side * h * v[k];
        slope += weight[side + 2] / h * loss_of(s, step, moved);
    }
    training_gradient(s, step, theta, g);
    for (size_t k = 0; k < size; k++)
        exact += g[k] * v[k];
    check_near(exact, slope, 1e-9 * fmax(1, fabs(slope)),
               "%s: step %ld sees the gradient of the loss of its samples and views (C2)", name,
               step);
}

static void test_steps(void)
{
    static training_scene s;
    static double again[TRAINING_PARAMETERS], g[TRAINING_PARAMETERS];
    for (int form = 0; form < 8; form++) {
        char name[64];
        training_set(&s, 11);
        s.train.fresh_views = form & 1;
        s.train.batch = form & 2 ? 3 : 0;
        s.options.centered = (form & 4) == 0;
        s.setup.end = 10;
        snprintf(name, sizeof name, "%s views, %s, %s", form & 1 ? "fresh" : "fixed",
                 form & 2 ? "batches of 3" : "all points", form & 4 ? "not centered" : "centered");
        training_open(&s);
        const double *theta = cf_flow_start(s.observer);
        size_t size = cf_network_parameters(s.network);
        training_gradient(&s, 7, theta, g);
        test_gradient(&s, 0, name);
        test_gradient(&s, 4, name);
        test_gradient(&s, 130, name);
        training_gradient(&s, 7, theta, again);
        check(memcmp(g, again, size * sizeof *g) == 0,
              "%s: a step sees the same whatever came before it", name);
        training_gradient(&s, 8, theta, again);
        check((memcmp(g, again, size * sizeof *g) != 0) == (form % 4 != 0),
              "%s: and another step something else, where anything is drawn", name);
        training_close(&s);
    }
}

/* L = mean of eta over the pairs of a batch: over the three ways to split four points into pairs,
 * the gradients add up to 2/3 of that of all, (1 - 1/B)/(1 - 1/n) = 2/3 being the share of pairs of
 * different points. */
static void test_pairings(void)
{
    static training_scene s;
    static double mean[3][TRAINING_PARAMETERS], full[TRAINING_PARAMETERS], g[TRAINING_PARAMETERS];
    training_set(&s, 4);
    s.augmentation.size = 0;
    s.flow.loss.psi = cf_psi_rows[2];
    s.train.batch = 2;
    s.setup.end = 100;
    training_open(&s);
    size_t size = cf_network_parameters(s.network), found = 0;
    const double *theta = cf_flow_start(s.observer);
    for (long epoch = 0; epoch < 40; epoch++) {
        double pairing[TRAINING_PARAMETERS] = {0};
        bool known = false;
        for (long k = 0; k < 2; k++) {
            training_gradient(&s, 2 * epoch + k, theta, g);
            for (size_t p = 0; p < size; p++)
                pairing[p] += g[p] / 2;
        }
        for (size_t w = 0; w < found; w++)
            known = known || fabs(pairing[0] - mean[w][0]) < 1e-12;
        if (!known && found < 3)
            memcpy(mean[found++], pairing, size * sizeof *pairing);
    }
    training_close(&s);
    s.train.batch = 0;
    training_open(&s);
    training_gradient(&s, 0, cf_flow_start(s.observer), full);
    double worst = 0;
    for (size_t p = 0; p < size; p++)
        worst = worse(worst, fabs((mean[0][p] + mean[1][p] + mean[2][p]) / 3 - full[p] * 2 / 3));
    check(found == 3, "batches of two of four points: all three pairings come up");
    check_below(worst / largest(full, size), 1e-13,
                "and their mean is the gradient of all points, as far as it comes from pairs");
    training_close(&s);
}

/* Masses of any size, in the full batch. */
static void test_full_batch(void)
{
    static training_scene s;
    static double g[TRAINING_PARAMETERS], motion[TRAINING_PARAMETERS];
    for (int parametrization = 0; parametrization < 3; parametrization++) {
        training_set(&s, 20);
        double q, worst = 0, total = 0;
        cf_err err = {0};
        s.options.parametrization = parametrization;
        for (size_t i = 0; i < 20; i++)
            total += s.weights[i] = 1 + 0.5 * sin((double)i);
        for (size_t i = 0; i < 20; i++)
            s.weights[i] /= total;
        training_open(&s);
        const cf_ode *ode = cf_flow_ode(s.observer);
        const double *theta = cf_flow_start(s.observer);
        training_gradient(&s, 3, theta, g);
        require(ode->rhs(ode->system, 0, theta, motion, &q, &err), &err, "rhs");
        double gamma = parametrization == CF_PARAMETRIZATION_MEAN_FIELD ? s.width : 1;
        for (size_t k = 0; k < ode->size; k++)
            worst = worse(worst, fabs(motion[k] + gamma * g[k]));
        check_below(worst / largest(motion, ode->size), 1e-13,
                    "parametrization %d: a step on all points goes along E8", parametrization);
        check(cf_training_rule(s.training)->rate == gamma * s.train.learning_rate &&
                  cf_training_rule(s.training)->time_step == s.train.learning_rate,
              "and is the learning rate long, in time");
        training_close(&s);
    }
}

/* How a step counts: theta -= gamma learning-rate grad L for sgd, momentum's slow motion is
 * 1/(1 - m) faster, and Adam does not see gamma. */
static void test_rules(void)
{
    const cf_train_options options = {.learning_rate = 0.01, .momentum = 0.75};
    const cf_descent_options sgd = cf_train_rule(training_method("sgd"), &options, 50, 1.006);
    const cf_descent_options heavy = cf_train_rule(training_method("momentum"), &options, 50, 1);
    const cf_descent_options adam = cf_train_rule(training_method("adam"), &options, 50, 1);
    check(sgd.rate == 0.5 && sgd.time_step == 0.01 && sgd.steps == 101,
          "sgd: gamma learning-rate, for the learning rate in time");
    check(heavy.rate == 0.5 && heavy.time_step == 0.04 && heavy.steps == 25,
          "momentum: the same, for four times as long");
    check(adam.rate == 0.01 && adam.time_step == 0.01 && adam.steps == 100,
          "adam: the learning rate alone");
}

int main(void)
{
    test_steps();
    test_pairings();
    test_full_batch();
    test_rules();
    return check_done();
}
