/* Densities on the circle and the sphere (E15): Jacobian products are derivatives, mass stays, the
 * uniform density relaxes at the linear rates (C7), E9 holds (C13), symmetries survive. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/integrator.h"
#include "contraflow/solver/random.h"

enum { MOST_TIMES = 12, MOST = 20000 };

/* Two clusters of shares 1/4 and 3/4, whose points no density needs. */
static double DATA_POINTS[2], DATA_WEIGHTS[2] = {0.25, 0.75};
static int DATA_LABELS[2] = {0, 1};
static const cf_data DATA = {2, 1, DATA_POINTS, DATA_WEIGHTS, DATA_LABELS, 2};

static cf_flow_setup setup_of(size_t d, const cf_psi *psi, double tau, const cf_start_law *law)
{
    return (cf_flow_setup){.data = &DATA,
                           .latent = {.sphere = true, .dimension = d},
                           .loss = {.psi = psi, .eta = {cf_eta_rows[0], tau, 1}},
                           .threshold = 0.9,
                           .law = law,
                           .grid = {.nodes = d == 2 ? 96 : 48}};
}

static cf_flow *open(const cf_flow_setup *setup)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    require(cf_flow_kind_find("vanilla", "density")->create(setup, &flow, &err), &err, "flow");
    return flow;
}

typedef struct {
    cf_flow *flow;
    size_t count, size;
    double t[MOST_TIMES], loss[MOST_TIMES], dissipated[MOST_TIMES], mass[MOST_TIMES];
    double energy[MOST_TIMES]; /* free energy, or loss */
    double *y;                 /* [MOST_TIMES*size] */
    cf_integration run;
} trace;

static const double *quantity(const cf_flow_state *state, const char *name)
{
    for (size_t k = 0; k < state->quantity_count; k++)
        if (strcmp(state->quantities[k].name, name) == 0)
            return state->quantities[k].values;
    return NULL;
}

static cf_status output(void *context, double t, const double *y, const double *q, cf_err *err)
{
    trace *r = context;
    cf_flow_state state;
    cf_status status = cf_flow_observe(r->flow, t, y, &state, err);
    if (status != CF_OK || r->count == MOST_TIMES)
        return status;
    r->t[r->count] = t;
    r->loss[r->count] = state.loss;
    r->dissipated[r->count] = q[0];
    r->mass[r->count] = 0;
    const double *weights = quantity(&state, "grid_weight"), *rho = quantity(&state, "density");
    const double *shares = quantity(&state, "cluster_mass");
    size_t nodes = state.measure.n / 2;
    for (size_t i = 0; i < 2 * nodes; i++)
        r->mass[r->count] += shares[i / nodes] * weights[i % nodes] * rho[i];
    r->energy[r->count] = state.loss;
    if (quantity(&state, "free_energy") != NULL)
        r->energy[r->count] = *quantity(&state, "free_energy");
    memcpy(r->y + r->count++ * r->size, y, r->size * sizeof *y);
    return CF_OK;
}

static cf_status event(void *context, double t, const double *y, const double *q, size_t root,
                       int direction, bool *stop, cf_err *err)
{
    (void)context, (void)t, (void)y, (void)q, (void)root, (void)direction, (void)stop, (void)err;
    return CF_OK;
}

static void integrate(trace *r, cf_flow *flow, const cf_integrator_options *options, double end,
                      size_t count)
{
    cf_err err = {0};
    double times[MOST_TIMES];
    const cf_integration_calls calls = {.context = r, .output = output, .event = event};
    r->flow = flow;
    r->count = 0;
    r->size = cf_flow_ode(flow)->size;
    r->y = realloc(r->y, MOST_TIMES * r->size * sizeof *r->y);
    for (size_t k = 0; k < count; k++)
        times[k] = end * (double)k / (double)(count - 1);
    require(cf_integrate(cf_flow_ode(flow), options, times, count, cf_flow_start(flow), &calls,
                         &r->run, &err),
            &err, "integration");
    check(r->run.outcome == CF_RUN_COMPLETE, "the run is complete");
}

static double rate_of(const cf_psi *psi, size_t d, double tau, long l)
{
    double c[8], value, dpsi, d2psi;
    if (d == 2)
        cf_bessel_scaled(1 / tau, 8, c);
    else
        cf_bessel_spherical_scaled(1 / tau, 8, c);
    psi->evaluate(c, 1, 0, &value, &dpsi, &d2psi);
    return -(double)(l * (l + (long)d - 2)) * (2 * dpsi * c[l] + d2psi * c[l] * c[l]);
}

/* The amplitude of degree l at an output. */
static double amplitude(trace *r, size_t k, long l)
{
    cf_err err = {0};
    cf_flow_state state;
    require(cf_flow_observe(r->flow, r->t[k], r->y + k * r->size, &state, &err), &err, "observe");
    return quantity(&state, "spectrum")[l];
}

/* The rate of decay of degree l in a run from the uniform density, perturbed by +size and by -size:
 * in the mean of both, the first nonlinear correction cancels. */
static double measured_rate(size_t d, const cf_psi *psi, double tau, long l, double end)
{
    static trace r;
    const cf_integrator_options options = {CF_METHOD_ADAMS, 1e-13, 1e-16, 20};
    const cf_latent latent = {.sphere = true, .dimension = d};
    double mean = 0;
    for (double size = -2e-5; size < 3e-5; size += 4e-5) {
        cf_err err = {0};
        cf_start_law law;
        require(cf_law_perturbed(&latent, &l, &size, 1, &law, &err), &err, "law");
        const cf_flow_setup setup = setup_of(d, psi, tau, &law);
        cf_flow *flow = open(&setup);
        integrate(&r, flow, &options, end, 2);
        mean += 0.5 * log(amplitude(&r, 1, l) / amplitude(&r, 0, l)) / r.t[1];
        cf_flow_free(&flow);
    }
    return mean;
}

static void test_rates(size_t d, const cf_psi *psi, double tau)
{
    static const long modes[2][4] = {{1, 2, 3, 5}, {1, 2, 3, 4}};
    double worst = 0;
    for (int k = 0; k < 4; k++) {
        double exact = rate_of(psi, d, tau, modes[d - 2][k]);
        double rate = measured_rate(d, psi, tau, modes[d - 2][k], fmin(1 / -exact, 20));
        worst = worse(worst, fabs(rate / exact - 1));
    }
    check_below(worst, 1e-8, "d = %zu, tau = %g, Psi = %s: harmonics decay at the rates of C7", d,
                tau, psi->name);
}

/* --- every scheme --- */

/* Five points, which a kernel estimate makes a density of each cluster. */
static double POINT_WEIGHTS[5] = {0.1, 0.15, 0.2, 0.25, 0.3}, POINTS[15];
static int POINT_LABELS[5] = {0, 0, 1, 1, 1};
static const cf_data POINT_DATA = {5, 1, POINTS, POINT_WEIGHTS, POINT_LABELS, 2};

typedef struct {
    const char *name;
    cf_latent latent;
    cf_grid_options grid;
    double width; /* of the kernel estimate; 0: a near-point start */
    double noise;
} scene;

enum { SPECTRAL = 1, VOLUMES = 2 };
static const scene SCENES[] = {
    {"circle, spectral", {.sphere = true, .dimension = 2}, {SPECTRAL, 192, 0}, 0.4, 0},
    {"circle, spectral, noise", {.sphere = true, .dimension = 2}, {SPECTRAL, 192, 0}, 0.4, 0.05},
    {"circle, volumes", {.sphere = true, .dimension = 2}, {VOLUMES, 200, 0}, 0.4, 0},
    {"circle, volumes, noise", {.sphere = true, .dimension = 2}, {VOLUMES, 200, 0}, 0.4, 0.05},
    {"sphere, axial", {.sphere = true, .dimension = 3}, {SPECTRAL, 64, 0}, 0, 0},
    {"sphere", {.sphere = true, .dimension = 3}, {SPECTRAL, 32, 0}, 0.5, 0.05},
    {"line", {.sphere = false, .dimension = 1}, {VOLUMES, 300, 6}, 0.4, 0},
    {"line, noise", {.sphere = false, .dimension = 1}, {VOLUMES, 300, 6}, 0.4, 0.05},
    {"plane", {.sphere = false, .dimension = 2}, {VOLUMES, 64, 7}, 0.6, 0.05},
    {"plane, no noise", {.sphere = false, .dimension = 2}, {VOLUMES, 64, 7}, 0.6, 0}};
enum { COUNT = sizeof SCENES / sizeof *SCENES };

static cf_flow *open_scene(const scene *s, const cf_psi *psi, int eta, double tau)
{
    static cf_start_law law;
    static double z[15];
    cf_err err = {0};
    size_t d = s->latent.dimension;
    const cf_random random = {5, CF_STREAM_START};
    for (size_t i = 0; i < 5; i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++) {
            z[i * d + k] = cf_random_normal(random, i, (uint32_t)k);
            square += z[i * d + k] * z[i * d + k];
        }
        for (size_t k = 0; k < d && s->latent.sphere; k++)
            z[i * d + k] /= sqrt(square);
    }
    if (s->width > 0)
        law = cf_law_points(&s->latent, &POINT_DATA, z, s->width);
    else
        require(cf_law_near_point(&s->latent, 0.4, &law, &err), &err, "law");
    const cf_flow_setup setup = {.data = &POINT_DATA,
                                 .latent = s->latent,
                                 .loss = {.psi = psi, .eta = {cf_eta_rows[eta], tau, 1.5}},
                                 .threshold = 0.9,
                                 .law = &law,
                                 .grid = s->grid,
                                 .noise = s->noise};
    return open(&setup);
}

/* A smooth change of the state: what the flow itself will make of it, in another proportion. */
static void set_direction(const cf_ode *ode, const double *y, double *v)
{
    static double later[MOST], rate[MOST];
    double q;
    cf_err err = {0};
    require(ode->rhs(ode->system, 0, y, v, &q, &err), &err, "rhs");
    for (size_t i = 0; i < ode->size; i++)
        later[i] = y[i] + 1e-2 * v[i];
    require(ode->rhs(ode->system, 0, later, rate, &q, &err), &err, "rhs");
    for (size_t i = 0; i < ode->size; i++)
        v[i] = rate[i] - 0.5 * v[i] + 0.1 * y[i];
}

/* Central differences of order 8 along v, of the rates and of the dissipation, or of the loss. */
static double differences(cf_flow *flow, const double *v, double h, double *slope, double *slope_q)
{
    static double moved[MOST], rate[MOST];
    static const double c[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
    const cf_ode *ode = cf_flow_ode(flow);
    const double *y = cf_flow_start(flow);
    double q, slope_loss = 0;
    cf_err err = {0};
    cf_flow_state state;
    memset(slope, 0, ode->size * sizeof *slope);
    *slope_q = 0;
    for (int k = -4; k <= 4; k++) {
        if (k == 0)
            continue;
        for (size_t i = 0; i < ode->size; i++)
            moved[i] = y[i] + k * h * v[i];
        double factor = (k > 0 ? c[k - 1] : -c[-k - 1]) / h;
        require(ode->rhs(ode->system, 0, moved, rate, &q, &err), &err, "rhs");
        for (size_t i = 0; i < ode->size; i++)
            slope[i] += factor * rate[i];
        *slope_q += factor * q;
        require(cf_flow_observe(flow, 0, moved, &state, &err), &err, "observe");
        slope_loss += factor * state.loss;
    }
    return slope_loss;
}

static void test_contract(const scene *s, const cf_psi *psi, int eta)
{
    static double v[MOST], jv[MOST], slope[MOST];
    cf_err err = {0};
    cf_flow *flow = open_scene(s, psi, eta, 0.3);
    const cf_ode *ode = cf_flow_ode(flow);
    double jq, q, slope_q, h = s->grid.scheme == VOLUMES ? 1e-5 : 1e-3, worst = 0, scale = 0;
    double tolerance = s->grid.scheme == VOLUMES ? 1e-7 : 1e-9;
    set_direction(ode, cf_flow_start(flow), v);
    differences(flow, v, h, slope, &slope_q);
    require(ode->linearize(ode->system, 0, cf_flow_start(flow), &err), &err, "linearize");
    require(ode->jacobian_times(ode->system, v, jv, &jq, &err), &err, "product");
    for (size_t i = 0; i < ode->size; i++) {
        worst = worse(worst, fabs(jv[i] - slope[i]));
        scale = worse(scale, fabs(jv[i]));
    }
    check_below(worst / scale, tolerance, "%s, %s, %s: Jacobian products are derivatives (C2)",
                s->name, psi->name, cf_eta_names[eta]);
    check_near(jq, slope_q, tolerance * (fabs(slope_q) + scale), "and of the dissipation");
    require(ode->rhs(ode->system, 0, cf_flow_start(flow), v, &q, &err), &err, "rhs");
    double loss_slope = differences(flow, v, h, slope, &slope_q);
    check_near(-loss_slope, q, tolerance * (1 + fabs(q)), "the dissipation is -dL/dt (E9)");
    if (ode->precondition != NULL) {
        /* P - (1 - gamma J) is what remains without the noise: bounded as the noise grows. */
        require(ode->precondition(ode->system, 0, v, jv, &err), &err, "preconditioner");
        worst = 0;
        for (size_t i = 0; i < ode->size; i++)
            worst = worse(worst, fabs(jv[i] - v[i]));
        check_below(worst, 1e-12, "with gamma = 0 the preconditioner is the identity");
    }
    cf_flow_free(&flow);
}

/* C13, mass, positivity and the free energy along a run. */
static void test_run(const scene *s, const cf_psi *psi)
{
    static trace r;
    const cf_integrator_options options = {CF_METHOD_AUTO, 1e-7, 1e-10, 20};
    cf_flow *flow = open_scene(s, psi, 0, 0.2);
    integrate(&r, flow, &options, 2, 10);
    double defect = 0, mass = 0, rise = 0, least = 0;
    for (size_t k = 0; k < r.count; k++) {
        defect = worse(defect, fabs(r.loss[0] - r.loss[k] - r.dissipated[k]));
        mass = worse(mass, fabs(r.mass[k] - 1));
        if (k > 0)
            rise = worse(rise, r.energy[k] - r.energy[k - 1]);
        for (size_t i = 0; i < r.size && s->grid.scheme == VOLUMES; i++)
            least = -worse(-least, -r.y[k * r.size + i]);
    }
    check_below(defect, 1e-5, "%s, %s: the energy identity holds (C13)", s->name, psi->name);
    check_below(mass, 1e-12, "and mass stays");
    check_below(rise, 1e-7, "and the %s never rises (E15)", s->noise > 0 ? "free energy" : "loss");
    check_below(-least, 10 * options.atol, "and no density falls below 0");
    cf_flow_free(&flow);
}

/* A cell of density 0 is never drained, whatever the rest of the density is. */
static void test_positivity(const scene *s)
{
    static double y[MOST], rate[MOST];
    cf_err err = {0};
    cf_flow *flow = open_scene(s, cf_psi_rows[1], 0, 0.2);
    const cf_ode *ode = cf_flow_ode(flow);
    const cf_random random = {9, CF_STREAM_PROBE};
    double least = 0, q;
    for (int k = 0; k < 20; k++) {
        for (size_t i = 0; i < ode->size; i++)
            y[i] = fmax(cf_random_normal(random, i, (uint32_t)k), 0);
        require(ode->rhs(ode->system, 0, y, rate, &q, &err), &err, "rhs");
        for (size_t i = 0; i < ode->size; i++)
            if (y[i] == 0)
                least = -worse(-least, -rate[i]);
    }
    check_below(-least, 0, "%s: no empty cell is drained", s->name);
    cf_flow_free(&flow);
}

int main(void)
{
    for (size_t d = 2; d <= 3; d++)
        for (int psi = 0; psi < 3; psi++) {
            test_rates(d, cf_psi_rows[psi], 0.05);
            test_rates(d, cf_psi_rows[psi], 0.1);
            test_rates(d, cf_psi_rows[psi], 0.5);
        }
    for (int k = 0; k < COUNT; k++) {
        for (int psi = 0; psi < 3; psi++)
            test_contract(&SCENES[k], cf_psi_rows[psi], psi == 1);
        test_run(&SCENES[k], cf_psi_rows[0]);
        test_run(&SCENES[k], cf_psi_rows[1]);
        if (SCENES[k].grid.scheme == VOLUMES)
            test_positivity(&SCENES[k]);
    }
    return check_done();
}
