/* The preconditioner of the vanilla flow on the circle and on S2 (E87): where Psi is linear it is
 * the inverse of Newton's matrix but for its cutoff and single precision, near equilibrium it is
 * close to it for every Psi, and the approach to equilibrium then costs a fraction of the
 * evaluations. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/integrator.h"
#include "shapes.h"

enum { MOST = 1000, MOST_D = 3 };
static const double PI = 3.14159265358979323846;

typedef struct {
    double weights[MOST], start[MOST * MOST_D];
    cf_data data;
} scene;

static scene s;

static cf_flow *create(size_t n, size_t d, double tau, int psi)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    s.data = (cf_data){.n = n, .weights = s.weights};
    const cf_flow_setup setup = {.data = &s.data,
                                 .latent = {.sphere = true, .dimension = d},
                                 .loss = {.psi = cf_psi_rows[psi],
                                          .eta = {cf_eta_rows[0], tau, 0},
                                          .engine = CF_SUMS_AUTO,
                                          .tolerance = 1e-12},
                                 .start = s.start};
    require(cf_flow_kind_find("vanilla", "particles")->create(&setup, &flow, &err), &err, "flow");
    return flow;
}

static void set_weights(size_t n, double unevenness)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += s.weights[i] = 1 + unevenness * sin(5 * (double)i);
    for (size_t i = 0; i < n; i++)
        s.weights[i] /= total;
}

/* Points spread evenly: on S2 on a spiral. */
static void set_even(size_t n, size_t d)
{
    for (size_t i = 0; i < n; i++) {
        double *z = s.start + i * d, angle = 2 * PI * (double)i / (double)n;
        if (d == 3) {
            z[2] = 1 - (2 * (double)i + 1) / (double)n;
            angle = PI * (3 - sqrt(5)) * (double)i;
        }
        double radius = d == 3 ? sqrt(1 - z[2] * z[2]) : 1;
        z[0] = radius * cos(angle);
        z[1] = radius * sin(angle);
    }
}

static void project(const double *z, size_t d, double *v)
{
    double radial = 0;
    for (size_t k = 0; k < d; k++)
        radial += z[k] * v[k];
    for (size_t k = 0; k < d; k++)
        v[k] -= radial * z[k];
}

/* Largest error of P^-1 (I - gamma J) v for a tangential v, relative to v. */
static double defect(size_t n, size_t d, double tau, int psi, double gamma)
{
    static double v[MOST * MOST_D], jv[MOST * MOST_D], back[MOST * MOST_D];
    cf_err err = {0};
    double jq, worst = 0, scale = 0;
    cf_flow *flow = create(n, d, tau, psi);
    const cf_ode *ode = cf_flow_ode(flow);
    shape_random(v, n, d, 4, 0);
    for (size_t i = 0; i < n; i++)
        project(cf_flow_start(flow) + i * d, d, v + i * d);
    require(ode->rhs(ode->system, 0, cf_flow_start(flow), back, &jq, &err), &err, "rhs");
    require(ode->jacobian_times(ode->system, v, jv, &jq, &err), &err, "Jacobian");
    for (size_t i = 0; i < n * d; i++)
        jv[i] = v[i] - gamma * jv[i];
    for (size_t i = 0; i < n; i++)
        project(cf_flow_start(flow) + i * d, d, jv + i * d);
    require(ode->factor(ode->system, gamma, &err), &err, "factor");
    require(ode->precondition(ode->system, gamma, jv, back, &err), &err, "precondition");
    for (size_t i = 0; i < n * d; i++) {
        worst = worse(worst, fabs(back[i] - v[i]));
        scale = fmax(scale, fabs(v[i]));
    }
    cf_flow_free(&flow);
    return worst / scale;
}

static void test_inverse(size_t d)
{
    const cf_latent latent = {.sphere = true, .dimension = d};
    set_weights(200, 0.5);
    cf_start_random(&latent, 6, 200, s.start);
    check_below(defect(200, d, 0.02, 2, 0.01), 1e-4,
                "with linear Psi the inverse of I - gamma J, any points and masses, S^%zu (E87)",
                d - 1);
    set_weights(200, 0);
    set_even(200, d);
    for (int psi = 0; psi < 2; psi++)
        check_below(defect(200, d, 0.02, psi, d == 2 ? 0.3 : 0.03), 0.1,
                    "near it at equilibrium, Psi = %s, S^%zu", cf_psi_names[psi], d - 1);
}

static void test_crowded(void)
{
    const cf_latent latent = {.sphere = true, .dimension = 2};
    set_weights(MOST, 0);
    cf_start_near_point(&latent, 1e-3, 3, MOST, s.start);
    double v[2] = {0};
    cf_err err = {0};
    cf_flow *flow = create(MOST, 2, 0.01, 1);
    const cf_ode *ode = cf_flow_ode(flow);
    static double rate[MOST * 2], out[MOST * 2];
    require(ode->rhs(ode->system, 0, cf_flow_start(flow), rate, v, &err), &err, "rhs");
    require(ode->factor(ode->system, 1, &err), &err, "factor");
    require(ode->precondition(ode->system, 1, rate, out, &err), &err, "precondition");
    check(memcmp(rate, out, sizeof out) == 0, "where points crowd it is the identity");
    cf_flow_free(&flow);
}

static cf_status ignore(void *context, double t, const double *y, const double *q, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)err;
    return CF_OK;
}

/* Right-hand sides and products from four tight clusters on to `end`. */
static double evaluations(size_t n, size_t d, double tau, double end, cf_method method,
                          bool preconditioned)
{
    static const double corner[4][3] = {{1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}};
    cf_err err = {0};
    set_weights(n, 0);
    shape_random(s.start, n, d, 5, 0);
    for (size_t i = 0; i < n * d; i++) {
        size_t cluster = i / d % 4;
        double center = d == 3                 ? corner[cluster][i % 3] / sqrt(3)
                        : cluster % 2 == i % 2 ? (cluster < 2 ? 1 : -1)
                                               : 0;
        s.start[i] = center + 0.01 * s.start[i];
    }
    cf_flow *flow = create(n, d, tau, 1);
    cf_ode ode = *cf_flow_ode(flow);
    if (!preconditioned)
        ode.precondition = NULL;
    const cf_integrator_options options = {method, 1e-6, 1e-9, 20};
    const cf_integration_calls calls = {.output = ignore};
    cf_integration result;
    require(cf_integrate(&ode, &options, (double[]){0, end}, 2, cf_flow_start(flow), &calls,
                         &result, &err),
            &err, "integration");
    if (result.outcome != CF_RUN_COMPLETE)
        check(false, "the run ends: %s", result.failure.message);
    cf_flow_free(&flow);
    return (double)(result.counts.rhs_evaluations + result.counts.linearizations +
                    result.counts.jacobian_products);
}

static void test_tails(void)
{
    for (cf_method method = CF_METHOD_AUTO; method <= CF_METHOD_BDF;
         method += CF_METHOD_BDF - CF_METHOD_AUTO)
        check_below(evaluations(1000, 2, 0.01, 1300, method, true), 1200,
                    "1000 points on the circle, tau = 0.01, relax to t = 1300, where they are "
                    "slower than 1e-6, within 1200 evaluations, %s",
                    method == CF_METHOD_BDF ? "bdf" : "auto");
    double with = evaluations(250, 3, 0.04, 300, CF_METHOD_BDF, true);
    double without = evaluations(250, 3, 0.04, 300, CF_METHOD_BDF, false);
    check_below(with, without / 2, "on S2 with half of the evaluations without it (%.0f of %.0f)",
                with, without);
}

int main(void)
{
    test_inverse(2);
    test_inverse(3);
    test_crowded();
    test_tails();
    return check_done();
}
