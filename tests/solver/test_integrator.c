/* The integrator keeps its tolerance, puts out without shortening steps, finds events in both
 * directions, integrates quadratures, stops when asked, and chooses its method by counts. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/integrator.h"

enum { MOST = 64 };

typedef struct {
    double t[MOST], y[MOST][2], q[MOST], w[MOST][2];
    size_t companions; /* to record; 0 to 2 */
    size_t outputs;
    double event_t[MOST];
    int event_direction[MOST];
    size_t events;
    bool stop_at_event;
    long steps_until_interrupt;
} record;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    record *r = context;
    if (r->outputs == MOST)
        return cf_fail(err, CF_ESYSTEM, "too many outputs");
    r->t[r->outputs] = t;
    memcpy(r->y[r->outputs], y, 2 * sizeof *y);
    memcpy(r->w[r->outputs], q + 1, r->companions * sizeof *q);
    r->q[r->outputs++] = q[0];
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)y, (void)q, (void)root;
    record *r = context;
    if (r->events == MOST)
        return cf_fail(err, CF_ESYSTEM, "too many events");
    r->event_t[r->events] = t;
    r->event_direction[r->events++] = direction;
    *stop = r->stop_at_event;
    return CF_OK;
}

static bool advance(void *context, double t, const cf_counts *counts)
{
    (void)t;
    record *r = context;
    return r->steps_until_interrupt == 0 || counts->steps < r->steps_until_interrupt;
}

/* A rotation: y = (cos t, sin t); q = integral of y0^2; events where y0 crosses 1/2. */
static cf_status rotate(void *system, double t, const double *y, double *ydot, double *qdot,
                        cf_err *err)
{
    (void)system, (void)t, (void)err;
    ydot[0] = -y[1];
    ydot[1] = y[0];
    qdot[0] = y[0] * y[0];
    return CF_OK;
}

static cf_status remember(void *system, double t, const double *y, cf_err *err)
{
    (void)t, (void)err;
    memcpy(system, y, 2 * sizeof *y);
    return CF_OK;
}

static cf_status rotate_jacobian(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)err;
    const double *y = system;
    jv[0] = -v[1];
    jv[1] = v[0];
    jq[0] = 2 * y[0] * v[0];
    return CF_OK;
}

static cf_status half(void *system, double t, const double *y, double *g, cf_err *err)
{
    (void)system, (void)t, (void)err;
    g[0] = y[0] - 0.5;
    return CF_OK;
}

/* Stiff relaxation to a slow curve (Prothero and Robinson): y0' = -lambda (y0 - cos t) - sin t. */
static const double LAMBDA = 1e4;

static cf_status relax(void *system, double t, const double *y, double *ydot, double *qdot,
                       cf_err *err)
{
    (void)system, (void)err;
    ydot[0] = -LAMBDA * (y[0] - cos(t)) - sin(t);
    ydot[1] = 0;
    qdot[0] = 0;
    return CF_OK;
}

static cf_status relax_jacobian(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)system, (void)err;
    jv[0] = -LAMBDA * v[0];
    jv[1] = 0;
    jq[0] = 0;
    return CF_OK;
}

/* Finite-time blow-up: y0' = y0^2 from 1 reaches infinity at t = 1. */
static cf_status explode(void *system, double t, const double *y, double *ydot, double *qdot,
                         cf_err *err)
{
    (void)system, (void)t, (void)err;
    ydot[0] = y[0] * y[0];
    ydot[1] = 0;
    qdot[0] = 0;
    return CF_OK;
}

static cf_integration integrate(const cf_ode *ode, cf_method method, double rtol, double end,
                                record *r)
{
    cf_err err = {0};
    cf_integration result;
    cf_integrator_options options = {method, rtol, rtol / 1000, 20};
    const double y0[2] = {1, 0};
    double times[9];
    for (int k = 0; k <= 8; k++)
        times[k] = end * k / 8;
    cf_integration_calls calls = {
        .context = r, .output = output, .event = event, .advance = advance};
    require(cf_integrate(ode, &options, times, 9, y0, &calls, &result, &err), &err, "integration");
    return result;
}

/* w = the integrals of y0 and of y0^2. */
static void accompany(void *system, double t, const double *y, double *wdot)
{
    (void)system, (void)t;
    wdot[0] = y[0];
    wdot[1] = y[0] * y[0];
}

static void test_companions(const cf_ode *ode, cf_method method, const char *name)
{
    cf_ode both = *ode;
    both.companions = 2;
    both.companion = accompany;
    record alone = {0}, r = {.companions = 2};
    cf_integration one = integrate(ode, method, 1e-9, 20, &alone);
    cf_integration two = integrate(&both, method, 1e-9, 20, &r);
    double worst = 0;
    for (int k = 0; k < 9; k++)
        worst = worse(worst, worse(fabs(r.w[k][0] - sin(r.t[k])), fabs(r.w[k][1] - r.q[k])));
    check_below(worst, 1e-6, "%s: companions are integrals along the solution", name);
    r.companions = 0;
    memset(r.w, 0, sizeof r.w);
    check(memcmp(&alone, &r, sizeof r) == 0 &&
              memcmp(&one.counts, &two.counts, sizeof one.counts) == 0,
          "%s: and leave outputs, integrals, events and steps as they are, bit for bit", name);
}

static void test_rotation(const cf_ode *ode, cf_method method, const char *name)
{
    record r = {0};
    cf_integration result = integrate(ode, method, 1e-9, 20, &r);
    check(result.outcome == CF_RUN_COMPLETE && r.outputs == 9 && r.t[8] == 20,
          "%s: every output in order", name);
    double worst = 0, integral = 0;
    for (int k = 0; k < 9; k++) {
        worst = worse(worst, hypot(r.y[k][0] - cos(r.t[k]), r.y[k][1] - sin(r.t[k])));
        integral = worse(integral, fabs(r.q[k] - r.t[k] / 2 - sin(2 * r.t[k]) / 4));
    }
    check_below(worst, 1e-6, "%s: outputs lie on the solution", name);
    check_below(integral, 1e-6, "%s: the integral of y0^2 is t/2 + sin(2t)/4", name);
    bool right = r.events == 7;
    for (size_t k = 0; k < r.events && right; k++) {
        double exact = acos(-1.0) * (k % 2 == 0 ? (double)k + 1.0 / 3 : (double)k + 2.0 / 3);
        right = fabs(r.event_t[k] - exact) < 1e-6 && r.event_direction[k] == (k % 2 == 0 ? -1 : 1);
    }
    check(right, "%s: seven crossings, falling and rising in turn, at their times", name);

    record sparse = {0};
    cf_ode quiet = *ode;
    quiet.roots = 0;
    double ends[2] = {0, 20};
    const double y0[2] = {1, 0};
    cf_integrator_options options = {method, 1e-9, 1e-12, 20};
    cf_integration_calls calls = {
        .context = &sparse, .output = output, .event = event, .advance = advance};
    cf_integration again;
    cf_err err = {0};
    require(cf_integrate(&quiet, &options, ends, 2, y0, &calls, &again, &err), &err, "integration");
    check(again.counts.steps == result.counts.steps && sparse.y[1][0] == r.y[8][0],
          "%s: outputs and events change neither steps nor bits", name);
}

static void test_endings(const cf_ode *ode)
{
    record r = {.stop_at_event = true};
    cf_integration result = integrate(ode, CF_METHOD_ADAMS, 1e-8, 20, &r);
    check(result.outcome == CF_RUN_STOPPED_BY_EVENT && r.outputs == 2 && r.t[1] == r.event_t[0] &&
              fabs(r.y[1][0] - 0.5) < 1e-9,
          "an event that stops the run ends it at the root, with an output there");
    record i = {.steps_until_interrupt = 10};
    result = integrate(ode, CF_METHOD_AUTO, 1e-8, 20, &i);
    check(result.outcome == CF_RUN_INTERRUPTED && result.counts.steps == 10 &&
              i.t[i.outputs - 1] == result.t,
          "an interrupted run keeps its last state");
    cf_ode blowup = *ode;
    blowup.rhs = explode;
    blowup.roots = 0;
    record b = {0};
    result = integrate(&blowup, CF_METHOD_ADAMS, 1e-8, 2, &b);
    check(result.outcome == CF_RUN_FAILED && result.failure.status == CF_ENUMERIC &&
              result.t > 0.9 && result.t <= 1.0001 && b.outputs >= 4,
          "a blow-up at t = 1 is a failure with a message, and what came before is kept");
}

static void test_choice(const cf_ode *ode, const cf_ode *stiff)
{
    record r = {0}, a = {0}, s = {0};
    cf_ode quiet = *ode;
    quiet.roots = 0;
    cf_integration easy = integrate(&quiet, CF_METHOD_AUTO, 1e-6, 2000, &r);
    check(strcmp(easy.method, "adams") == 0 || strstr(easy.method, "then adams") != NULL,
          "auto ends with adams on an oscillation");
    cf_integration choice = integrate(stiff, CF_METHOD_AUTO, 1e-6, 50, &a);
    cf_integration adams = integrate(stiff, CF_METHOD_ADAMS, 1e-6, 50, &s);
    check(strstr(choice.method, "then bdf") != NULL, "auto goes to bdf on a stiff relaxation");
    long cost = choice.counts.rhs_evaluations + choice.counts.linearizations +
                choice.counts.jacobian_products;
    check_below((double)cost, 0.05 * (double)adams.counts.rhs_evaluations,
                "and pays less than a twentieth of the evaluations of adams");
    check_near(a.y[8][0], cos(50), 1e-5, "with the right answer");
}

static void test_refusals(const cf_ode *ode)
{
    record r = {0};
    cf_integration result;
    cf_integration_calls calls = {
        .context = &r, .output = output, .event = event, .advance = advance};
    const double y0[2] = {1, 0}, times[3] = {0, 1, 1};
    cf_integrator_options options = {CF_METHOD_AUTO, 1e-6, 1e-9, 20};
    cf_err err = {0};
    check(cf_integrate(ode, &options, times, 3, y0, &calls, &result, &err) == CF_EINPUT,
          "times that do not increase are refused");
    options.rtol = NAN;
    check(cf_integrate(ode, &options, times, 2, y0, &calls, &result, &err) == CF_EINPUT,
          "a tolerance that is not a number is refused");
}

/* y0 passes through 1/2 at t = 1, so slowly that it is 1/2 to rounding for a while. */
static cf_status creep(void *system, double t, const double *y, double *ydot, double *qdot,
                       cf_err *err)
{
    (void)system, (void)y, (void)err;
    ydot[0] = 1e-9 * cos(0.1 * t);
    ydot[1] = qdot[0] = 0;
    return CF_OK;
}

static void test_plateau(void)
{
    const cf_ode ode = {.size = 2, .quadratures = 1, .roots = 1, .rhs = creep, .root = half};
    const cf_integrator_options options = {CF_METHOD_ADAMS, 1e-8, 1e-14, 5};
    const double times[] = {0, 3}, start[] = {0.5 - 1e-9, 0};
    record r = {.companions = 0};
    const cf_integration_calls calls = {
        .context = &r, .output = output, .event = event, .advance = advance};
    cf_integration run;
    cf_err err = {0};
    require(cf_integrate(&ode, &options, times, 2, start, &calls, &run, &err), &err, "plateau");
    check(run.outcome == CF_RUN_COMPLETE && r.events == 1 && r.event_direction[0] == 1,
          "an event function that is zero for a while has one event, and stops nothing");
    check_near(r.event_t[0], 1, 0.01, "where it rises through zero");
}

enum { MANY = (1 << 18) + 2 };

static cf_status rotate_many(void *system, double t, const double *y, double *ydot, double *qdot,
                             cf_err *err)
{
    (void)system, (void)t, (void)err;
    for (size_t i = 0; i < MANY; i += 2) {
        ydot[i] = -y[i + 1];
        ydot[i + 1] = y[i];
    }
    qdot[0] = y[MANY - 2] * y[MANY - 2];
    return CF_OK;
}

/* States that no cache holds are integrated at low orders: with more steps, as accurately. */
static void test_many(const cf_ode *rotation)
{
    const cf_ode ode = {.size = MANY, .quadratures = 1, .rhs = rotate_many};
    const cf_integrator_options options = {CF_METHOD_ADAMS, 1e-8, 1e-12, 5};
    const double times[] = {0, 2};
    cf_ode few = *rotation;
    few.roots = 0;
    static double start[MANY];
    for (size_t i = 0; i < MANY; i += 2)
        start[i] = 1;
    record r = {0}, s = {0};
    cf_integration_calls calls = {
        .context = &r, .output = output, .event = event, .advance = advance};
    cf_integration many, two;
    cf_err err = {0};
    require(cf_integrate(&ode, &options, times, 2, start, &calls, &many, &err), &err, "many");
    calls.context = &s;
    require(cf_integrate(&few, &options, times, 2, start, &calls, &two, &err), &err, "two");
    check_near(r.y[1][0], cos(2), 1e-6, "many states keep the tolerance");
    check_near(r.q[1], 1 + sin(4) / 4, 1e-6, "and so do their integrals");
    check(many.counts.steps > two.counts.steps,
          "at a lower order than two states, %ld and %ld steps", many.counts.steps,
          two.counts.steps);
}

int main(void)
{
    double memory[2];
    const cf_ode rotation = {.system = memory,
                             .size = 2,
                             .quadratures = 1,
                             .roots = 1,
                             .rhs = rotate,
                             .linearize = remember,
                             .jacobian_times = rotate_jacobian,
                             .root = half};
    const cf_ode stiff = {.system = memory,
                          .size = 2,
                          .quadratures = 1,
                          .rhs = relax,
                          .linearize = remember,
                          .jacobian_times = relax_jacobian};
    test_rotation(&rotation, CF_METHOD_ADAMS, "adams");
    test_rotation(&rotation, CF_METHOD_BDF, "bdf");
    test_rotation(&rotation, CF_METHOD_AUTO, "auto");
    test_companions(&rotation, CF_METHOD_ADAMS, "adams");
    test_companions(&rotation, CF_METHOD_BDF, "bdf");
    test_companions(&rotation, CF_METHOD_AUTO, "auto");
    test_endings(&rotation);
    test_plateau();
    test_many(&rotation);
    test_choice(&rotation, &stiff);
    test_refusals(&rotation);
    return check_done();
}
