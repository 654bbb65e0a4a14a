/* Runs of flows: the vanilla flow reaches the uniform loss from anywhere (C5) and relaxes at the
 * linear rates (C7), a block kernel conserves differences inside a cluster (C10), all engines lead
 * to the same points, and norm collapse ends a run cleanly. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_sf_bessel.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/integrator.h"
#include "flow_scene.h"

enum { MOST_TIMES = 12 };
static const double PI = 3.14159265358979323846;

typedef struct {
    cf_flow *flow;
    double t[MOST_TIMES], loss[MOST_TIMES], dissipated[MOST_TIMES], norm_error;
    double *latent; /* [MOST_TIMES*n*d] */
    size_t count;
    double collapse_time;
} trace;

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    trace *r = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(r->flow, t, y, &state, err);
    if (status != CF_OK || r->count == MOST_TIMES)
        return status;
    size_t n = state.measure.n, d = state.measure.dimension;
    memcpy(r->latent + r->count * FLOW_MOST * FLOW_MOST_D, state.measure.points,
           n * d * sizeof(double));
    for (size_t i = 0; i < n && isfinite(state.smallest_norm); i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++)
            square += state.measure.points[i * d + k] * state.measure.points[i * d + k];
        r->norm_error = worse(r->norm_error, fabs(sqrt(square) - 1));
    }
    r->t[r->count] = t;
    r->loss[r->count] = state.loss;
    r->dissipated[r->count++] = q[0];
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)y, (void)q, (void)direction, (void)err;
    trace *r = context;
    if (cf_flow_root(r->flow, root) == CF_ROOT_COLLAPSE) {
        *stop = true;
        r->collapse_time = t;
    }
    return CF_OK;
}

static cf_integration integrate(flow_scene *s, const char *kind, cf_method method, double rtol,
                                const double *times, size_t count, trace *r)
{
    static double latent[MOST_TIMES * FLOW_MOST * FLOW_MOST_D];
    cf_err err = {0};
    cf_integration result;
    *r = (trace){.flow = flow_create(s, kind), .latent = latent};
    cf_integrator_options options = {method, rtol, rtol / 1000, 20};
    cf_integration_calls calls = {.context = r, .output = output, .event = event};
    require(cf_integrate(cf_flow_ode(r->flow), &options, times, count, cf_flow_start(r->flow),
                         &calls, &result, &err),
            &err, "integration");
    cf_flow_free(&r->flow);
    return result;
}

static double energy_defect(const trace *r)
{
    double worst = 0;
    for (size_t k = 0; k < r->count; k++)
        worst = worse(worst, fabs(r->loss[0] - r->loss[k] - r->dissipated[k]));
    return worst;
}

/* From four clusters and from a uniform draw to the same loss, log(1 + c_0). */
static void test_uniform_limit(void)
{
    static flow_scene s;
    const double times[] = {0, 1, 10, 100, 200, 300};
    const double loss[2] = {log1p(gsl_sf_bessel_I0_scaled(10)), log1p(0.05 * -expm1(-20))};
    for (size_t d = 2; d <= 3; d++)
        for (int clustered = 0; clustered < 2; clustered++) {
            cf_latent latent = {true, d, 0, 1e-4};
            flow_set_scene(&s, 200, latent, cf_psi_rows[0], 0.1);
            if (clustered)
                cf_start_near_point(&latent, 0.02, 1, 200, s.start);
            else
                cf_start_random(&latent, 1, 200, s.start);
            trace r;
            cf_integration run = integrate(&s, "vanilla", CF_METHOD_AUTO, 1e-7, times, 6, &r);
            printf("# %s, %ld + %ld + %ld evaluations\n", run.method, run.counts.rhs_evaluations,
                   run.counts.linearizations, run.counts.jacobian_products);
            double excess = r.loss[r.count - 1] - loss[d - 2];
            /* 200 points on S^2 cannot be uniform: their lattice leaves an excess of a few 1e-6 */
            check(excess > -1e-10 && excess < (d == 2 ? 1e-7 : 1e-5),
                  "vanilla from a %s start ends at the uniform loss on S^%zu (C5): excess %.2e",
                  clustered ? "clustered" : "random", d - 1, excess);
            check_below(energy_defect(&r), 100 * 1e-7, "its energy identity holds (C13)");
            check_below(r.norm_error, 1e-12, "and its latents have norm 1");
        }
}

/* C7: sigma_k = -k^2 (2 Psi'(c_0) c_k + Psi''(c_0) c_k^2), c_k = e^{-1/tau} I_k(1/tau). */
static double linear_rate(const cf_psi *psi, double tau, int k)
{
    double zero = gsl_sf_bessel_I0_scaled(1 / tau), c = gsl_sf_bessel_In_scaled(k, 1 / tau), value,
           dpsi, d2psi;
    psi->evaluate(&zero, 1, 200, &value, &dpsi, &d2psi);
    return -k * k * (2 * dpsi * c + d2psi * c * c);
}

/* A small mode k on equally spaced points decays like exp(sigma_k t). */
static void test_decay_rates(void)
{
    static flow_scene s;
    const int modes[] = {1, 2, 3, 5};
    const double published[2][4] = {{-0.203476, -0.700985, -1.228986, -1.539782},
                                    {-0.997358, -3.856025, -7.730915, -11.896249}};
    for (int psi = 0; cf_psi_rows[psi] != NULL; psi++)
        for (int m = 0; m < 4; m++) {
            int k = modes[m];
            cf_latent latent = {true, 2, 0, 1e-4};
            flow_set_scene(&s, 200, latent, cf_psi_rows[psi], 0.1);
            for (size_t i = 0; i < 200; i++) {
                double angle = 2 * PI * (double)i / 200,
                       shifted = angle + 1e-4 / k * sin(k * angle);
                s.start[2 * i] = cos(shifted);
                s.start[2 * i + 1] = sin(shifted);
            }
            double expected = linear_rate(cf_psi_rows[psi], 0.1, k), end = 1 / fabs(expected),
                   amplitude[2] = {0};
            const double times[] = {0, end};
            trace r;
            integrate(&s, "vanilla", CF_METHOD_ADAMS, 1e-12, times, 2, &r);
            for (size_t t = 0; t < 2; t++)
                for (size_t i = 0; i < 200; i++) {
                    const double *z = r.latent + t * FLOW_MOST * FLOW_MOST_D + 2 * i;
                    double angle = 2 * PI * (double)i / 200;
                    double shift = atan2(z[1] * cos(angle) - z[0] * sin(angle),
                                         z[0] * cos(angle) + z[1] * sin(angle));
                    amplitude[t] += shift * sin(k * angle) / 100;
                }
            check_near(log(amplitude[1] / amplitude[0]) / end, expected, 1e-6,
                       "mode %d decays at its linear rate, Psi = %s (C7)", k, cf_psi_names[psi]);
            if (psi < 2)
                check_near(expected, published[psi][m], 5e-7, "which is the published one");
        }
}

static void test_block_kernel(void)
{
    static flow_scene s;
    enum { N = 40 };
    cf_latent latent = {true, 2, 0, 1e-4};
    flow_set_scene(&s, N, latent, cf_psi_rows[0], 0.1);
    cf_start_near_point(&latent, 0.1, 5, N, s.start);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            s.kernel[i * N + j] = s.labels[i] == s.labels[j] ? 2 : 0.3;
    cf_flow *flow = flow_create(&s, "neural");
    const cf_ode *ode = cf_flow_ode(flow);
    cf_err err = {0};
    double rate[N * 2], q, worst = 0, size = 0;
    require(ode->rhs(ode->system, 0, s.start, rate, &q, &err), &err, "rhs");
    for (size_t i = 1; i < N; i++)
        for (size_t k = 0; k < 2; k++) {
            size = worse(size, fabs(rate[2 * i + k]));
            if (s.labels[i] == s.labels[i - 1])
                worst = worse(worst, fabs(rate[2 * i + k] - rate[2 * i - 2 + k]));
        }
    check_below(worst / size, 1e-14, "a block-constant kernel moves a cluster rigidly (C10)");
    s.kernel[0] += 0.5; /* control */
    cf_flow_free(&flow);
    flow = flow_create(&s, "neural");
    ode = cf_flow_ode(flow);
    require(ode->rhs(ode->system, 0, s.start, rate, &q, &err), &err, "rhs");
    check(fabs(rate[0] - rate[2]) > 1e-4 * size,
          "a kernel that is not block-constant does not (C10, control)");
    cf_flow_free(&flow);
}

/* Largest |h_i - h_j| minus its start, over pairs of one cluster. */
static double growth_in_clusters(const flow_scene *s, const double *h)
{
    double worst = -INFINITY;
    for (size_t i = 0; i < s->data.n; i++)
        for (size_t j = 0; j < i; j++)
            if (s->labels[i] == s->labels[j])
                worst = worse(worst, hypot(h[2 * i] - h[2 * j], h[2 * i + 1] - h[2 * j + 1]) -
                                         hypot(s->start[2 * i] - s->start[2 * j],
                                               s->start[2 * i + 1] - s->start[2 * j + 1]));
    return worst;
}

/* C10 along runs in the plane: with a block-constant kernel the differences in a cluster are
 * conserved; with one that varies by epsilon inside the blocks they grow by at most epsilon int
 * sum_k |g_k| dt. */
static void test_conservation(void)
{
    static flow_scene s;
    enum { N = 40, STEPS = MOST_TIMES - 1 };
    cf_latent latent = {false, 2, 0, 0};
    double times[STEPS + 1], epsilon = 0;
    flow_set_scene(&s, N, latent, cf_psi_rows[0], 0.1);
    cf_start_near_point(&latent, 0.1, 5, N, s.start);
    for (size_t k = 0; k <= STEPS; k++)
        times[k] = 2.0 * (double)k / STEPS;
    for (int varied = 0; varied < 2; varied++) {
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                s.kernel[i * N + j] = (s.labels[i] == s.labels[j] ? 2 : 0.3) +
                                      0.1 * varied * cos((double)i) * cos((double)j);
        trace r;
        integrate(&s, "neural", CF_METHOD_ADAMS, 1e-9, times, STEPS + 1, &r);
        if (!varied) {
            double change = 0;
            for (size_t t = 0; t < r.count; t++)
                change = worse(
                    change, fabs(growth_in_clusters(&s, r.latent + t * FLOW_MOST * FLOW_MOST_D)));
            check_below(change, 1e-8,
                        "a block-constant kernel conserves the differences in a cluster (C10)");
            continue;
        }
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < i; j++)
                for (size_t k = 0; k < N && s.labels[i] == s.labels[j]; k++)
                    epsilon = worse(epsilon, fabs(s.kernel[i * N + k] - s.kernel[j * N + k]));
        double impulse = 0, previous = 0;
        cf_err err = {0};
        cf_loss *loss = NULL;
        double u[N * 2];
        require(cf_loss_create(&s.setup.loss, s.weights, N, 2, &loss, &err), &err, "loss");
        bool held = true;
        for (size_t t = 0; t < r.count; t++) {
            double total = 0;
            cf_loss_gradient(loss, r.latent + t * FLOW_MOST * FLOW_MOST_D, u);
            for (size_t i = 0; i < N; i++)
                total += s.weights[i] * hypot(u[2 * i], u[2 * i + 1]);
            if (t > 0) /* an upper sum, for a bound */
                impulse += fmax(total, previous) * (times[t] - times[t - 1]);
            previous = total;
            held = held && growth_in_clusters(&s, r.latent + t * FLOW_MOST * FLOW_MOST_D) <=
                               epsilon * impulse + 1e-12;
        }
        double grown = growth_in_clusters(&s, r.latent + (r.count - 1) * FLOW_MOST * FLOW_MOST_D);
        check(held,
              "a kernel that varies by epsilon keeps the bound of C10: grown %.3g, bound %.3g",
              grown, epsilon * impulse);
        check(grown > 1e-3, "and does not conserve them (C10, control)");
        cf_loss_free(&loss);
    }
}

/* Two heavy couplings drag a light point through the origin: with delta = 0 the run stops at the
 * root, and with a norm floor it goes through under BDF. */
static void test_collapse(void)
{
    static flow_scene s;
    enum { N = 3 };
    const double times[] = {0, 0.01, 0.1, 1, 10, 100};
    const double start[N * 2] = {0.3, 0.02, 1, 0.4, 1, -0.5};
    cf_latent latent = {true, 2, 0, 1e-4};
    flow_set_scene(&s, N, latent, cf_psi_rows[0], 0.1);
    memcpy(s.start, start, sizeof start);
    for (size_t i = 0; i < N * N; i++)
        s.kernel[i] = i == 0 || i % (N + 1) != 0 ? 0.9 : 2;
    trace r;
    cf_integration exact = integrate(&s, "neural", CF_METHOD_AUTO, 1e-8, times, 6, &r);
    check(exact.outcome == CF_RUN_STOPPED_BY_EVENT && r.collapse_time > 0 &&
              r.t[r.count - 1] == r.collapse_time && exact.t == r.collapse_time,
          "a collapsing run stops at the root min |h| = collapse-norm, with an output there");
    check_below(energy_defect(&r), 100 * 1e-8, "its energy identity holds up to there (C13)");
    s.setup.latent.norm_floor = 1e-3;
    cf_integration smooth = integrate(&s, "neural", CF_METHOD_BDF, 1e-8, times, 6, &r);
    check(smooth.outcome == CF_RUN_COMPLETE && r.count == 6,
          "with a norm floor of 1e-3 BDF goes through");
    check_below(energy_defect(&r), 100 * 1e-8, "its energy identity holds (C13)");
}

/* What an engine may err by does not show in a flow. */
static void test_engines(cf_latent latent, cf_sums engine)
{
    static flow_scene s;
    static double last[2][FLOW_MOST * FLOW_MOST_D];
    const double times[] = {0, 1, 10};
    trace r;
    flow_set_scene(&s, FLOW_MOST, latent, cf_psi_rows[0], 0.1);
    cf_start_near_point(&latent, 0.02, 3, FLOW_MOST, s.start);
    for (int k = 0; k < 2; k++) {
        s.setup.loss.engine = k == 0 ? CF_SUMS_DIRECT : engine;
        s.setup.loss.tolerance = 1e-12;
        integrate(&s, "vanilla", CF_METHOD_AUTO, 1e-8, times, 3, &r);
        memcpy(last[k], r.latent + 2 * FLOW_MOST * FLOW_MOST_D,
               FLOW_MOST * latent.dimension * sizeof(double));
        check_below(energy_defect(&r), 1e-6, "energy defect with engine %s (C13)",
                    cf_sums_names[s.setup.loss.engine]);
    }
    double worst = 0;
    for (size_t i = 0; i < FLOW_MOST * latent.dimension; i++)
        worst = worse(worst, fabs(last[0][i] - last[1][i]));
    check_below(worst, 1e-6, "direct and %s end at the same points", cf_sums_names[engine]);
}

int main(void)
{
    const cf_latent latents[] = {{true, 2, 0, 1e-4}, {true, 3, 0, 1e-4}, {false, 1, 0, 0}};
    test_engines(latents[0], CF_SUMS_CIRCLE);
    test_engines(latents[1], CF_SUMS_SPHERE);
    test_engines(latents[2], CF_SUMS_GRID);
    test_block_kernel();
    test_conservation();
    test_decay_rates();
    test_uniform_limit();
    test_collapse();
    return check_done();
}
