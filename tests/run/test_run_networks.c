/* Networks from the problem file: families of widths and seeds, the same bits on 1, 2 and 3 threads
 * whether they flow or are trained in steps, outputs and snapshots of a training at its steps, and
 * trainings that end early and keep what was computed. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/threads.h"

#define HEAD                                                                                       \
    "format: 1\n"                                                                                  \
    "data: {kind: discs, points-per-cluster: 12, radius: 0.3}\n"                                   \
    "augmentation: {kind: gaussian, size: 0.1, views: 2}\n"                                        \
    "latent: {space: euclidean, dimension: 2}\n"                                                   \
    "start: {kind: near-point, spread: 0.3}\n"

static cf_run_end run(const char *text, cf_result **result)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_run_end end;
    const cf_run_hooks hooks = {.command = "test"};
    require(cf_problem_parse("p.yaml", text, NULL, 0, &problem, &err), &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, result, &end, &err), &err, "run");
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return end;
}

/* --- threads --- */

/* Wide and many enough for threads to be used. */
static const char *const MANY =
    "format: 1\n"
    "data: {kind: discs, points-per-cluster: 30, radius: 0.3}\n"
    "augmentation: {kind: gaussian, size: 0.1, views: 2}\n"
    "latent: {space: sphere, dimension: 2}\n"
    "flows:\n"
    "  - {name: flow, kind: network, network: {hidden-layers: 2, widths: 200}, kernel-drift: "
    "true}\n"
    "  - {name: smooth, kind: network, network: {widths: [[300]], activation: tanh}}\n"
    "  - {name: sgd, kind: network, network: {hidden-layers: 2, widths: 200}, train: {method: sgd, "
    "learning-rate: 0.01, fresh-views: true, views: 3}}\n"
    "  - {name: adam, kind: network, network: {widths: 300, parametrization: standard}, train: "
    "{method: adam, learning-rate: 0.01, batch: 60}}\n"
    "  - {name: frozen, kind: neural, kernel: {kind: empirical, network: {widths: 300}}}\n"
    "time: {end: 0.1, outputs: [0.05]}\n";

static bool same_bits(const cf_result *a, const cf_result *b)
{
    size_t compared = 0;
    for (size_t g = 0; g < a->count; g++)
        for (size_t k = 0; k < a->groups[g].record_count; k++) {
            const cf_record *x = &a->groups[g].records[k];
            const cf_record *y = cf_group_record(&b->groups[g], x->name);
            if (x->type != CF_VALUE_REAL)
                continue;
            if (y == NULL || cf_record_count(x) != cf_record_count(y) ||
                memcmp(x->real, y->real, cf_record_count(x) * sizeof(double)) != 0)
                return false;
            compared += cf_record_count(x);
        }
    return compared > 100000;
}

static void test_threads(void)
{
    cf_result *one = NULL, *other = NULL;
    int before = cf_threads();
    cf_set_threads(1);
    check(run(MANY, &one) == CF_ENDED_COMPLETE, "networks flow and are trained");
    for (int threads = 2; threads <= 3; threads++) {
        cf_set_threads(threads);
        run(MANY, &other);
        check(same_bits(one, other), "%d threads give the same bits as one", threads);
        cf_result_free(&other);
    }
    cf_set_threads(before);
    cf_result_free(&one);
}

/* --- families and schedules --- */

static void test_families(void)
{
    static const char *const names[] = {"/flows/net.width-8.seed-1", "/flows/net.width-8.seed-5",
                                        "/flows/net.width-16.seed-1", "/flows/net.width-16.seed-5"};
    cf_result *result = NULL;
    run(HEAD "flows:\n- {name: net, kind: network, network: {widths: [8, 16]}, seeds: [1, 5]}\n"
             "- {name: limit, kind: neural}\n"
             "time: {end: 0.1}\n",
        &result);
    const cf_record *limit = cf_group_record(cf_result_group(result, "/flows/limit"), "latent");
    bool there = true, together = true, apart = true;
    for (int k = 0; k < 4; k++) {
        const cf_group *flow = cf_result_group(result, names[k]);
        const cf_record *latent = flow != NULL ? cf_group_record(flow, "latent") : NULL;
        there = there && latent != NULL && cf_group_integer(flow, "width") == (k < 2 ? 8 : 16) &&
                cf_group_integer(flow, "seed") == (k % 2 ? 5 : 1) &&
                strcmp(cf_group_text(flow, "family"), "net") == 0;
        size_t frame = latent != NULL ? cf_record_count(latent) / latent->dims[0] : 0;
        for (size_t i = 0; i < frame; i++)
            together = together && fabs(latent->real[i] - limit->real[i]) < 1e-14;
        apart = apart && latent->real[cf_record_count(latent) - 1] !=
                             limit->real[cf_record_count(limit) - 1];
    }
    check(there, "a flow for every width and seed, which say whose they are");
    check(together, "centered networks begin where E7 does (E10)");
    check(apart, "and do not end there");
    cf_result_free(&result);
}

static bool times_are(const cf_record *record, const double *times, size_t count)
{
    bool equal = record != NULL && cf_record_count(record) == count;
    for (size_t k = 0; k < count && equal; k++)
        equal = fabs(record->real[k] - times[k]) < 1e-12;
    return equal;
}

static void test_schedule(void)
{
    const double times[] = {0, 0.5, 0.65, 1, 1.35, 2}, snapshots[] = {0, 0.65, 2};
    const double short_times[] = {0, 0.5, 0.6};
    cf_result *result = NULL;
    run(HEAD "flows:\n- {name: a, kind: network, network: {widths: 4}, train: {method: sgd, "
             "learning-rate: 0.05}}\n"
             "- {name: b, kind: network, network: {widths: 4}, train: {method: sgd, "
             "learning-rate: 0.05, steps: 12}}\n"
             "time: {end: 2, outputs: [0.49, 1, 1.36]}\nsnapshots: [0.64]\n",
        &result);
    const cf_group *full = cf_result_group(result, "/flows/a.width-4.seed-1");
    const cf_group *brief = cf_result_group(result, "/flows/b.width-4.seed-1");
    check(times_are(cf_group_record(full, "time"), times, 6) &&
              cf_group_integer(full, "steps") == 40,
          "a training goes on to time.end, with outputs at the nearest steps");
    check(times_are(cf_group_record(full, "snapshot_time"), snapshots, 3),
          "and snapshots where they were asked for");
    check(times_are(cf_group_record(brief, "time"), short_times, 3) &&
              cf_group_integer(brief, "steps") == 12 &&
              strcmp(cf_group_text(brief, "status"), "complete") == 0,
          "or for a number of steps of its own");
    check_near(cf_group_real(brief, "observed_until"), 0.6, 1e-15, "and says until when");
    cf_result_free(&result);
}

/* --- kinks --- */

/* Units that slide along their kinks: sharp ones took 450 000 evaluations until t = 38. E114: what
 * rounding changes is within the errors of the integrator, which a lower tolerance shows. */
static void test_sliding(void)
{
#define SLIDING                                                                                    \
    "format: 1\n"                                                                                  \
    "data: {kind: discs}\n"                                                                        \
    "latent: {space: sphere, dimension: 2, norm-floor: 0.01}\n"                                    \
    "flows: [{name: net, kind: network, network: {widths: 16}, seeds: 2}]\n"                       \
    "time: {end: 40, outputs: [5, 20]}\n"
    cf_result *rough = NULL, *fine = NULL;
    check(run(SLIDING "integrator: {rtol: 1e-6}\n", &rough) == CF_ENDED_COMPLETE &&
              run(SLIDING "integrator: {rtol: 1e-7}\n", &fine) == CF_ENDED_COMPLETE,
          "a network whose units slide along kinks arrives");
    const char *const name = "/flows/net.width-16.seed-2";
    const cf_group *flow = cf_result_group(rough, name);
    check_below((double)cf_group_integer(flow, "rhs_evaluations"), 10000, "in few evaluations");
    const cf_record *a = cf_group_record(flow, "embedding");
    const cf_record *b = cf_group_record(cf_result_group(fine, name), "embedding");
    double worst = 0;
    for (size_t k = 0; k < cf_record_count(a); k++)
        worst = worse(worst, fabs(a->real[k] - b->real[k]));
    check_below(worst, 1e-3, "where a tenth of the tolerance, and of the width of kinks, leads");
    check_below(cf_group_real(flow, "energy_defect"), 1e-3, "and loses what it dissipates (C13)");
    cf_result_free(&rough);
    cf_result_free(&fine);
}

/* Steps that stay as short as sliding is stiff take 20 000 to 200 000 evaluations (E114). */
static void test_stiffness(void)
{
#define STIFF                                                                                      \
    "format: 1\n"                                                                                  \
    "data: {kind: discs, points-per-cluster: 3, radius: 0.5}\n"                                    \
    "latent: {space: euclidean, dimension: 2}\n"                                                   \
    "start: {kind: near-point, spread: 0.3}\n"                                                     \
    "loss: {tau: 0.3}\n"                                                                           \
    "flows:\n"                                                                                     \
    "  - {name: deep, kind: network, network: {hidden-layers: 2, widths: 8, activation: "          \
    "leaky-relu, biases: false}}\n"                                                                \
    "  - {name: abs, kind: network, network: {widths: 8, activation: abs, parametrization: "       \
    "standard}, seeds: 3}\n"                                                                       \
    "time: {end: 10, outputs: [2]}\n"
    static const char *const texts[] = {STIFF "integrator: {rtol: 1e-7}\n",
                                        STIFF "integrator: {rtol: 1e-8}\n"};
    static const char *const names[] = {"/flows/deep.width-8.seed-1", "/flows/abs.width-8.seed-3"};
    long most = 0;
    for (size_t k = 0; k < 2; k++) {
        cf_result *result = NULL;
        check(run(texts[k], &result) == CF_ENDED_COMPLETE, "sliding at a tight tolerance");
        for (size_t f = 0; f < 2; f++) {
            long count = cf_group_integer(cf_result_group(result, names[f]), "rhs_evaluations");
            most = count > most ? count : most;
        }
        cf_result_free(&result);
    }
    check_below((double)most, 8000, "takes few evaluations, whatever Newton's iterations leave");
}

/* E114: a coarse tolerance lets steps be coarse, but does not change what the network is, and
 * trainings know of none. */
static void test_coarse(void)
{
#define COARSE                                                                                     \
    "format: 1\n"                                                                                  \
    "data: {kind: discs}\n"                                                                        \
    "latent: {space: euclidean, dimension: 2}\n"                                                   \
    "flows:\n"                                                                                     \
    "  - {name: net, kind: network, network: {widths: 99, activation: abs, centered: false}}\n"    \
    "  - {name: sgd, kind: network, network: {widths: 99, activation: abs, centered: false}, "     \
    "train: {method: sgd}}\n"                                                                      \
    "time: {end: 0.01, outputs: [1e-3]}\n"
    cf_result *coarse = NULL, *fine = NULL;
    check(run(COARSE "integrator: {rtol: 0.1}\n", &coarse) == CF_ENDED_COMPLETE &&
              run(COARSE "integrator: {rtol: 1e-9}\n", &fine) == CF_ENDED_COMPLETE,
          "networks at two tolerances");
    static const char *const names[] = {"/flows/net.width-99.seed-1", "/flows/sgd.width-99.seed-1"};
    double worst[2] = {0};
    for (size_t f = 0; f < 2; f++) {
        const cf_record *a = cf_group_record(cf_result_group(coarse, names[f]), "latent");
        const cf_record *b = cf_group_record(cf_result_group(fine, names[f]), "latent");
        for (size_t k = 0; k < cf_record_count(a) / 3; k++) /* at time 0 */
            worst[f] = worse(worst[f], fabs(a->real[k] - b->real[k]));
    }
    check(worst[0] > 0, "the width of kinks is seen");
    check_below(worst[0], 1e-3, "which is a thousandth of activations at most, E114");
    check(worst[1] == 0, "but not by a training, whose kinks are sharp");
    cf_result_free(&coarse);
    cf_result_free(&fine);
}

/* --- early ends --- */

/* Views attract each other in proportion to their distance, so that steps too long double it. */
static void test_divergence(void)
{
    cf_result *result = NULL;
    cf_run_end end = run(HEAD "flows:\n- {name: a, kind: network, network: {widths: 4}, "
                              "train: {method: sgd, learning-rate: 5, steps: 10000}}\n"
                              "- {name: b, kind: vanilla}\n"
                              "time: {end: 1e5, outputs: [20, 40, 5e4]}\n",
                         &result);
    const cf_group *flow = cf_result_group(result, "/flows/a.width-4.seed-1");
    const cf_record *time = cf_group_record(flow, "time"), *loss = cf_group_record(flow, "loss");
    bool finite = true;
    for (size_t k = 0; k < cf_record_count(loss); k++)
        finite = finite && isfinite(loss->real[k]);
    check(end == CF_ENDED_BY_NUMBERS && strcmp(cf_group_text(flow, "status"), "failed") == 0,
          "a training that diverges has failed");
    check(strncmp(cf_group_text(flow, "message"), "training diverged at step ", 26) == 0 &&
              strstr(cf_group_text(flow, "message"), "lower the learning rate") != NULL,
          "and says: %s", cf_group_text(flow, "message"));
    check(cf_record_count(time) > 0 && finite, "what was computed is there, and finite");
    check(strcmp(cf_group_text(cf_result_group(result, "/flows/b"), "status"), "complete") == 0,
          "the other flow goes on");
    cf_result_free(&result);
}

static bool after_seven(void *context)
{
    return ++*(int *)context > 7;
}

static void test_interruption(void)
{
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    int steps = 0;
    const cf_run_hooks hooks = {.context = &steps, .interrupted = after_seven, .command = "test"};
    require(cf_problem_parse("p.yaml",
                             HEAD "flows:\n- {name: a, kind: network, network: {widths: 4}, "
                                  "train: {method: momentum, learning-rate: 0.01}}\n"
                                  "time: {end: 100, outputs: [0.5, 50]}\n",
                             NULL, 0, &problem, &err),
            &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, "run");
    const double times[] = {0, 0.5, 0.8};
    const cf_group *flow = cf_result_group(result, "/flows/a.width-4.seed-1");
    check(end == CF_ENDED_INTERRUPTED && strcmp(cf_group_text(flow, "status"), "interrupted") == 0,
          "a training can be interrupted");
    check(times_are(cf_group_record(flow, "time"), times, 3),
          "and keeps what was computed, its last step included");
    cf_result_free(&result);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

/* --- memory --- */

/* The estimate for a network of P parameters, in vectors of its size. */
static double vectors(const char *settings[2])
{
    enum { P = 800 * 3 + 800 * 801 + 2 * 801 };
    cf_err err = {0};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    require(cf_problem_parse("p.yaml",
                             HEAD "flows: [{kind: network, network: {hidden-layers: 2, widths: "
                                  "800}}]\nsnapshots: [1]\n",
                             settings, 2, &problem, &err),
            &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    double bytes = cf_parts_memory(parts);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
    return bytes / (8.0 * P);
}

static void test_memory(void)
{
    double adams = vectors((const char *[]){"integrator.method=adams", "integrator.krylov=50"});
    double bdf = vectors((const char *[]){"integrator.method=bdf", "integrator.krylov=50"});
    check(adams > 23 && adams < 33, "by Adams a network needs some thirty vectors: %g", adams);
    check(bdf - adams > 5 && bdf - adams < 12,
          "and by BDF a few more, however many iterations of GMRES it may take: %g", bdf);
}

int main(void)
{
    test_memory();
    test_threads();
    test_families();
    test_schedule();
    test_sliding();
    test_stiffness();
    test_coarse();
    test_divergence();
    test_interruption();
    return check_done();
}
