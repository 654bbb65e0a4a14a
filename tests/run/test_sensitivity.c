/* Sensitivities of event times (E68): against differences of whole runs, and against a system
 * solved on paper. */
#include "contraflow/run/sensitivity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/run.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/sensitivity.h"

/* --- y' = -p y, y(0) = p: the event y = 1 is at t = log(p)/p --- */

static cf_status decay(void *p, double t, const double *y, double *ydot, double *qdot, cf_err *err)
{
    (void)t, (void)qdot, (void)err;
    ydot[0] = -*(double *)p * y[0];
    return CF_OK;
}

static cf_status nothing(void *p, double t, const double *y, cf_err *err)
{
    (void)p, (void)t, (void)y, (void)err;
    return CF_OK;
}

static cf_status decay_times(void *p, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)jq, (void)err;
    jv[0] = -*(double *)p * v[0];
    return CF_OK;
}

static cf_status level(void *p, double t, const double *y, double *g, cf_err *err)
{
    (void)p, (void)t, (void)err;
    g[0] = y[0] - 1;
    return CF_OK;
}

typedef struct {
    cf_sensitivity *sensitivity;
    double time, derivative;
} crossing;

static cf_status ignore(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)err;
    return CF_OK;
}

static cf_status cross(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)q, (void)direction;
    crossing *c = context;
    c->time = t;
    *stop = true;
    return cf_sensitivity_event(c->sensitivity, t, y, root, &c->derivative, err);
}

static void test_decay(void)
{
    double p[] = {3, 3 + 1e-4, 3 - 1e-4};
    cf_ode odes[3];
    for (int k = 0; k < 3; k++)
        odes[k] = (cf_ode){.system = &p[k],
                           .size = 1,
                           .roots = 1,
                           .rhs = decay,
                           .linearize = nothing,
                           .jacobian_times = decay_times,
                           .root = level};
    const cf_parameter parameter = {&odes[1], &odes[2], 1e-4};
    const double times[] = {0, 2}, start[] = {3, 1};
    crossing c = {.time = NAN};
    cf_err err = {0};
    cf_integration run;
    require(cf_sensitivity_create(&odes[0], &parameter, 1, &c.sensitivity, &err), &err, "create");
    for (int method = CF_METHOD_ADAMS; method <= CF_METHOD_BDF; method++) {
        const cf_integrator_options options = {(cf_method)method, 1e-10, 1e-13, 5};
        const cf_integration_calls calls = {.context = &c, .output = ignore, .event = cross};
        require(cf_integrate(cf_sensitivity_ode(c.sensitivity), &options, times, 2, start, &calls,
                             &run, &err),
                &err, "integrate");
        check_near(c.time, log(3) / 3, 1e-8, "the event is where it was solved for");
        check_near(c.derivative, (1 - log(3)) / 9, 1e-7,
                   "and its derivative by the parameter (E68)");
    }
    cf_sensitivity_free(&c.sensitivity);
}

/* --- flows --- */

static const char PROBLEM[] =
    "format: 1\n"
    "data: {kind: discs, points-per-cluster: 5, radius: 0.7}\n"
    "start: {kind: near-point, spread: 0.05}\n"
    "flows:\n"
    "  - {name: nn, kind: neural, kernel: {hidden-layers: 1, activation: erf}}\n"
    "  - {name: net, kind: network, network: {widths: 12, activation: erf}}\n"
    "  - {name: free, kind: vanilla}\n"
    "time: {end: 40, outputs: [1]}\n"
    "clusters: {until: dissolution}\n";

static const char *const KEYS[] = {"loss.tau",
                                   "flows.nn.kernel.weight-variance",
                                   "flows.nn.kernel.bias-variance",
                                   "start.spread",
                                   "data.radius",
                                   "clusters.threshold"};
enum { COUNT = sizeof KEYS / sizeof *KEYS };

/* Emergence and dissolution of a flow at one value of one key, with four more settings. */
static void times_with(const char *flow, const char *key, double value, const char *const *more,
                       double times[2])
{
    char setting[128];
    const char *const settings[] = {more[0], more[1], more[2],
                                    more[3], setting, "integrator.rtol=1e-11"};
    cf_problem *problem = NULL;
    cf_parts *parts = NULL;
    cf_result *result = NULL;
    cf_run_end end;
    cf_err err = {0};
    const cf_run_hooks hooks = {.command = "test"};
    snprintf(setting, sizeof setting, "%s=%.17g", key, value);
    require(cf_problem_parse("p.yaml", PROBLEM, settings, 6, &problem, &err), &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_run(parts, NULL, &hooks, &result, &end, &err), &err, "run");
    char path[64];
    snprintf(path, sizeof path, "/flows/%s", flow);
    times[0] = cf_group_real(cf_result_group(result, path), "emergence");
    times[1] = cf_group_real(cf_result_group(result, path), "dissolution");
    cf_result_free(&result);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

static void times_at(const char *flow, const char *key, double value, double times[2])
{
    static const char *const none[] = {"loss.tau=0.1", "loss.tau=0.1", "loss.tau=0.1",
                                       "loss.tau=0.1"};
    times_with(flow, key, value, none, times);
}

static void check_flow(const cf_sensitivities *s, size_t f, const char *name)
{
    static const char *const events[] = {"emergence", "dissolution"};
    for (size_t k = 0; k < COUNT; k++) {
        double above[2], below[2], step = 1e-4 * s->values[k];
        if (f > 0 && strncmp(KEYS[k], "flows.nn", 8) == 0)
            continue;
        times_at(name, KEYS[k], s->values[k] + step, above);
        times_at(name, KEYS[k], s->values[k] - step, below);
        for (int e = 0; e < 2; e++) {
            double difference = (above[e] - below[e]) / (2 * step);
            check_near(s->flows[f].derivatives[e][k], difference,
                       1e-4 * fmax(fabs(difference), 1e-3 * s->flows[f].times[e] / s->values[k]),
                       "%s: d(%s)/d(%s) = %.5g (E68, 1e-4)", name, events[e], KEYS[k], difference);
        }
    }
}

static void test_flows(void)
{
    cf_problem *problem = NULL;
    cf_sensitivities *s = NULL;
    cf_err err = {0};
    const char *const settings[] = {"integrator.rtol=1e-9"};
    require(cf_problem_parse("p.yaml", PROBLEM, settings, 1, &problem, &err), &err, "problem");
    require(cf_sensitivities_create(problem, settings, 1, KEYS, COUNT, &s, &err), &err, "run");
    check(s->count == 3 && s->values[0] == 0.1 && s->values[4] == 0.7, "values of the keys");
    check_flow(s, 0, "nn");
    check_flow(s, 1, "net.width-12.seed-1");
    check(isnan(s->flows[2].times[0]) && isnan(s->flows[2].derivatives[0][0]),
          "what does not happen has no derivative");
    cf_sensitivities_free(&s);
    cf_problem_free(&problem);
}

/* Clusters that are there at the start emerged at 0, whatever the parameter; and points of a start
 * as narrow as 1e-6 have their emergence differentiated on their own scale. */
static void test_starts(void)
{
    static const char *const key = "loss.tau";
    const struct {
        const char *const settings[4];
        size_t flow;
        const char *name, *claim;
    } cases[] = {
        {{"integrator.rtol=1e-9", "start={kind: linear, matrix: [[0, 0], [3, 5]], spread: 0.001}",
          "data.radius=0.2", "clusters.threshold=0.85"},
         2,
         "free",
         "emerged at the start"},
        {{"integrator.rtol=1e-9", "start.spread=1e-6", "data.radius=0.2",
          "flows.nn.kernel.activation=relu"},
         0,
         "nn",
         "a very narrow start"}};
    for (size_t c = 0; c < 2; c++) {
        cf_problem *problem = NULL;
        cf_sensitivities *s = NULL;
        cf_err err = {0};
        double above[2], below[2], step = 1e-5;
        require(cf_problem_parse("p.yaml", PROBLEM, cases[c].settings, 4, &problem, &err), &err,
                "problem");
        require(cf_sensitivities_create(problem, cases[c].settings, 4, &key, 1, &s, &err), &err,
                "run");
        times_with(cases[c].name, key, 0.1 + step, cases[c].settings, above);
        times_with(cases[c].name, key, 0.1 - step, cases[c].settings, below);
        const cf_flow_sensitivity *flow = &s->flows[cases[c].flow];
        if (c == 0)
            check(flow->times[0] == 0 && flow->derivatives[0][0] == 0,
                  "%s: emergence at 0, which nothing changes (E26)", cases[c].claim);
        for (int e = 0; e < 2; e++) {
            double difference = (above[e] - below[e]) / (2 * step);
            check_near(flow->derivatives[e][0], difference, 1e-4 * fabs(difference),
                       "%s: event %d (E68)", cases[c].claim, e);
        }
        cf_sensitivities_free(&s);
        cf_problem_free(&problem);
    }
}

static void check_refused(const char *key, const char *setting)
{
    cf_problem *problem = NULL;
    cf_sensitivities *s = NULL;
    cf_err err = {0};
    require(cf_problem_parse("p.yaml", PROBLEM, &setting, 1, &problem, &err), &err, "problem");
    check(cf_sensitivities_create(problem, &setting, 1, &key, 1, &s, &err) == CF_EINPUT &&
              s == NULL,
          "refused: %s", err.message);
    cf_problem_free(&problem);
}

int main(void)
{
    test_decay();
    test_flows();
    test_starts();
    check_refused("loss.tua", "loss.tau=0.1");
    check_refused("data.seed", "loss.tau=0.1");
    check_refused("loss.tau", "flows.net.train=sgd");
    return check_done();
}
