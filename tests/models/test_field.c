/* The neural flow on a field (E16): with a start that is no law it is the flow of the particles at
 * its nodes; Jacobian products and dissipation are right for every latent space and law; the two
 * ways to integrate over a normal law agree and converge; nodes may come in any order. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "field_scene.h"
#include "shapes.h"

static double rate(cf_flow *flow, const double *y, double *ydot)
{
    cf_err err = {0};
    double q;
    const cf_ode *ode = cf_flow_ode(flow);
    require(ode->rhs(ode->system, 0, y, ydot, &q, &err), &err, "rhs");
    return q;
}

static double largest_difference(const double *a, const double *b, size_t count)
{
    double worst = 0, scale = 0;
    for (size_t i = 0; i < count; i++) {
        worst = worse(worst, fabs(a[i] - b[i]));
        scale = worse(scale, fabs(a[i]));
    }
    return worst / scale;
}

/* --- against particles at the nodes --- */

static void test_no_law(const cf_latent *latent)
{
    static field_scene s;
    static double a[FIELD_MOST * FIELD_MOST_D], b[FIELD_MOST * FIELD_MOST_D];
    field_set_nodes(&s, 4, *latent, 0, 0);
    for (size_t i = 0; i < s.data.n && latent->sphere; i++)
        s.start[i * latent->dimension] += 1;
    cf_flow *field = field_create(&s, "field"), *particles = field_create(&s, "particles");
    double p = rate(field, s.start, a), q = rate(particles, s.start, b);
    check(memcmp(a, b, s.data.n * latent->dimension * sizeof *a) == 0 && p == q,
          "%s: without a law of the start, the field is the particles at its nodes (E16)",
          field_latent_name(latent));
    cf_flow_free(&field);
    field_set_law(&s, 0, 5, false);
    field_set_start(&s);
    field = field_create(&s, "field");
    rate(field, s.start, a);
    check_below(largest_difference(a, b, s.data.n * latent->dimension), 1e-14,
                "and so it is with a start of spread 0");
    cf_flow_free(&field);
    cf_flow_free(&particles);
}

/* --- derivatives --- */

static void moved(const double *y, const double *v, double step, size_t size, double *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] = y[i] + step * v[i];
}

static void test_derivatives(const cf_latent *latent, int eta, bool blurred)
{
    static field_scene s;
    static double v[FIELD_MOST * FIELD_MOST_D], jv[FIELD_MOST * FIELD_MOST_D],
        y[FIELD_MOST * FIELD_MOST_D], f[FIELD_MOST * FIELD_MOST_D],
        slope[FIELD_MOST * FIELD_MOST_D];
    const double c[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280}, h = 2e-3;
    double slope_q = 0, decay = 0, jq;
    cf_err err = {0};
    field_set_nodes(&s, 2, *latent, 0, eta);
    field_set_law(&s, 0.3, 3, blurred);
    cf_flow *flow = field_create(&s, "field");
    const cf_ode *ode = cf_flow_ode(flow);
    memset(slope, 0, sizeof slope);
    shape_random(v, s.data.n, latent->dimension, 4, 0);
    double q = rate(flow, s.start, f);
    for (int k = -4; k <= 4; k++) {
        if (k == 0)
            continue;
        double factor = (k > 0 ? c[k - 1] : -c[-k - 1]) / h;
        cf_flow_state state;
        double along[FIELD_MOST * FIELD_MOST_D];
        moved(s.start, v, k * h, ode->size, y);
        slope_q += factor * rate(flow, y, along);
        for (size_t i = 0; i < ode->size; i++)
            slope[i] += factor * along[i];
        moved(s.start, f, k * h, ode->size, y);
        require(cf_flow_observe(flow, 0, y, &state, &err), &err, "observe");
        decay += factor * state.loss;
    }
    require(ode->linearize(ode->system, 0, s.start, &err), &err, "linearize");
    require(ode->jacobian_times(ode->system, v, jv, &jq, &err), &err, "jacobian");
    check_below(largest_difference(jv, slope, ode->size), 1e-9,
                "Jacobian products of a field, %s, eta = %s%s (C2)", field_latent_name(latent),
                cf_eta_names[eta], blurred ? ", blurred loss" : "");
    check_near(jq, slope_q, 1e-9 * (fabs(slope_q) + q), "and of the dissipation");
    check_near(-decay, q, 1e-9 * q, "which is -dL/dt (E9)");
    cf_flow_free(&flow);
}

/* --- the normal law --- */

/* Psi = identity: L is a double convolution of normal laws, sum m m (tau/t)^{d/2}
 * exp(-|x-y|^2/2t), t = tau + 2 s^2. */
static void test_closed_form(size_t d)
{
    static field_scene s;
    const double spread = 0.5, t = 0.3 + 2 * spread * spread;
    double exact = 0;
    cf_err err = {0};
    field_set_nodes(&s, 3, (cf_latent){false, d, 0, 0}, 2, 0);
    for (size_t i = 0; i < s.data.n; i++)
        for (size_t j = 0; j < s.data.n; j++) {
            double square = 0;
            for (size_t k = 0; k < d; k++)
                square += pow(s.start[i * d + k] - s.start[j * d + k], 2);
            exact += s.weights[i] * s.weights[j] * pow(0.3 / t, 0.5 * (double)d) *
                     exp(-square / (2 * t));
        }
    for (int blurred = 0; blurred < 2; blurred++) {
        cf_flow_state state;
        field_set_law(&s, spread, blurred ? 14 : 22, blurred);
        cf_flow *flow = field_create(&s, "field");
        require(cf_flow_observe(flow, 0, s.start, &state, &err), &err, "observe");
        check_near(state.loss, exact, 1e-9, "R^%zu: the loss of a normal start, %s (E16)", d,
                   blurred ? "one convolution known" : "both by a rule");
        cf_flow_free(&flow);
        cf_rule_free(&s.law);
    }
}

/* The two ways have the same limit, and get there exponentially. */
static void test_orders(int psi)
{
    static field_scene s;
    static double limit[FIELD_MOST * FIELD_MOST_D], f[FIELD_MOST * FIELD_MOST_D];
    double error[2][3];
    field_set_nodes(&s, 2, (cf_latent){false, 2, 0, 0}, psi, 0);
    for (int blurred = 1; blurred >= 0; blurred--)
        for (size_t k = 0; k < 4; k++) {
            field_set_law(&s, 0.4, k == 0 ? 24 : 3 * k + 1, blurred || k == 0);
            cf_flow *flow = field_create(&s, "field");
            if (k > 0)
                rate(flow, s.start, f);
            else if (blurred)
                rate(flow, s.start, limit);
            if (k > 0)
                error[blurred][k - 1] = largest_difference(limit, f, s.data.n * 2);
            cf_flow_free(&flow);
            cf_rule_free(&s.law);
        }
    check(error[1][0] < 1e-2 && error[1][1] < 0.1 * error[1][0] && error[1][2] < 0.1 * error[1][1],
          "Psi = %s: orders 4, 7, 10 of the start err by %.1e, %.1e, %.1e", cf_psi_names[psi],
          error[1][0], error[1][1], error[1][2]);
    check(error[0][2] < 0.3 * error[0][1] && error[0][2] < 1e-2,
          "a rule for both convolutions tends to the same: %.1e, %.1e, %.1e", error[0][0],
          error[0][1], error[0][2]);
}

/* Where the start does not know the data, the field keeps its symmetry: nothing moves in R^d, and
 * on the sphere nothing moves sideways. */
static void test_symmetry(const cf_latent *latent)
{
    static field_scene s;
    static double f[FIELD_MOST * FIELD_MOST_D];
    size_t d = latent->dimension;
    double sideways = 0, along = 0;
    field_set_nodes(&s, 3, *latent, 0, 0);
    field_set_law(&s, 0.1, 4, !latent->sphere);
    memset(s.start, 0, sizeof s.start);
    cf_flow *flow = field_create(&s, "field");
    rate(flow, s.start, f);
    for (size_t i = 0; i < s.data.n * d; i++) {
        double *part = latent->sphere && i % d == 0 ? &along : &sideways;
        *part = worse(*part, fabs(f[i]));
    }
    check(sideways < 1e-15 && (along > 1e-3) == latent->sphere,
          "%s: a start that does not know the data stays symmetric (E16): %.1e, %.1e",
          field_latent_name(latent), sideways, along);
    cf_flow_free(&flow);
}

static void test_permutation(void)
{
    static field_scene s, t;
    static double f[FIELD_MOST * FIELD_MOST_D], g[FIELD_MOST * FIELD_MOST_D],
        expected[FIELD_MOST * FIELD_MOST_D];
    field_set_nodes(&s, 4, field_latents[0], 0, 0);
    field_set_nodes(&t, 4, field_latents[0], 0, 0);
    size_t n = s.data.n;
    for (size_t i = 0; i < n; i++) {
        size_t j = (11 * i + 5) % n;
        t.weights[i] = s.weights[j];
        t.labels[i] = s.labels[j];
        memcpy(t.points + 2 * i, s.points + 2 * j, 2 * sizeof(double));
    }
    field_set_start(&t);
    field_set_kernel(&t);
    field_set_law(&s, 0.2, 3, false);
    field_set_law(&t, 0.2, 3, false);
    cf_flow *a = field_create(&s, "field"), *b = field_create(&t, "field");
    rate(a, s.start, f);
    rate(b, t.start, g);
    for (size_t i = 0; i < n; i++)
        memcpy(expected + 2 * i, f + 2 * ((11 * i + 5) % n), 2 * sizeof(double));
    check_below(largest_difference(expected, g, 2 * n), 1e-13,
                "the order of the nodes does not matter (C1)");
    cf_flow_free(&a);
    cf_flow_free(&b);
}

int main(void)
{
    for (size_t k = 0; k < FIELD_LATENTS; k++) {
        test_no_law(&field_latents[k]);
        test_derivatives(&field_latents[k], 0, false);
        test_symmetry(&field_latents[k]);
    }
    for (size_t k = 2; k < FIELD_LATENTS; k++) {
        test_derivatives(&field_latents[k], 1, false);
        test_derivatives(&field_latents[k], 0, true);
    }
    for (size_t d = 1; d <= 2; d++)
        test_closed_form(d);
    for (int psi = 0; cf_psi_rows[psi] != NULL; psi++)
        test_orders(psi);
    test_permutation();
    return check_done();
}
