/* Stationary states: the spectrum is that of second differences and of the linearized flow (E90),
 * minima have the published energies, and Newton's method finds them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/solver/bessel.h"
#include "shapes.h"
#include "stationary_states.h"

/* --- E90 --- */

/* Second differences of L along geodesics against w.Hw, at a stationary point of unequal masses. */
static void test_differences(void)
{
    const cf_loss_parameters loss = stationary_loss(0, 0, 0.4);
    enum { n = 7, d = 4 };
    double z[n * d], masses[n], w[n * (d - 1)], hw[n * (d - 1)], moved[n * d], value[3], total = 0;
    for (size_t i = 0; i < n; i++)
        total += masses[i] = 1 + 0.2 * (double)i;
    for (size_t i = 0; i < n; i++)
        masses[i] /= total;
    shape_random(z, n, d, 3, 1);
    cf_stationary *s = stationary_state(&loss, masses, n, d, &stationary_newton, z);
    check_below(s->residual, 1e-12, "Newton: %ld steps to a stationary state of 7 masses in S^3",
                s->search.steps);
    const cf_stationary_setup setup = {&loss, masses, n, d};
    cf_particle_landscape *landscape;
    cf_err err = {0};
    require(cf_particle_landscape_create(&setup, &landscape, &err), &err, "landscape");
    const cf_landscape *view = cf_particle_landscape_view(landscape);
    double worst = 0, gradient[n * (d - 1)], step[n * (d - 1)], here;
    for (unsigned seed = 0; seed < 5; seed++) {
        const double size = 3e-4;
        double form = 0, square = 0;
        shape_random(w, n * (d - 1), 1, 10 + seed, 0);
        for (int side = 0; side < 3; side++) {
            require(view->evaluate(view->system, z, &here, gradient, &err), &err, "value");
            for (size_t k = 0; k < n * (d - 1); k++)
                step[k] = (side - 1) * size * w[k];
            memcpy(moved, z, sizeof z);
            view->move(view->system, step, moved);
            require(view->evaluate(view->system, moved, &value[side], gradient, &err), &err, "L");
        }
        require(view->evaluate(view->system, z, &here, gradient, &err), &err, "value");
        view->hessian_times(view->system, w, hw);
        for (size_t k = 0; k < n * (d - 1); k++)
            form += w[k] * hw[k], square += w[k] * w[k];
        double second = (value[0] - 2 * value[1] + value[2]) / (size * size);
        printf("# %g %g\n", second, form);
        worst = worse(worst, fabs(second - form) / (square * s->spectrum->largest));
    }
    check_below(worst, 2e-6, "H is the second derivative of L along geodesics (E90)");
    cf_particle_landscape_free(&landscape);
    cf_stationary_free(&s);
}

/* The linearized flow moves every mode at minus its eigenvalue: three particles to a vertex of a
 * simplex, the modes that part them among them. */
static void test_flow(void)
{
    const cf_loss_parameters loss = stationary_loss(0, 0, 0.3);
    cf_configuration *c = stationary_configuration("simplex", 0, NULL, 3);
    cf_stationary *s = stationary_state_at(&loss, c, &stationary_as_it_is);
    const cf_stationary_setup setup = {&loss, c->masses, c->n, c->d};
    cf_data data = {.n = c->n, .dimension = 3, .points = c->z, .weights = c->masses};
    const cf_flow_setup parts = {
        .data = &data, .latent = {.sphere = true, .dimension = 3}, .loss = loss, .start = c->z};
    cf_particle_landscape *landscape;
    cf_flow *flow;
    cf_err err = {0};
    double gradient[24], value, y[36], v[36], jv[36], jq, worst = 0;
    require(cf_particle_landscape_create(&setup, &landscape, &err), &err, "landscape");
    require(cf_flow_kind_find("vanilla", "particles")->create(&parts, &flow, &err), &err, "flow");
    const cf_landscape *view = cf_particle_landscape_view(landscape);
    const cf_ode *ode = cf_flow_ode(flow);
    require(ode->linearize(ode->system, 0, c->z, &err), &err, "linearize");
    for (size_t k = 0; k < s->spectrum->count; k++) {
        double step[24];
        require(view->evaluate(view->system, c->z, &value, gradient, &err), &err, "value");
        for (size_t i = 0; i < 24; i++)
            step[i] = 1e-6 * s->spectrum->vectors[k * 24 + i];
        memcpy(y, c->z, sizeof y); /* the velocity is that of a short geodesic */
        view->move(view->system, step, y);
        for (size_t i = 0; i < 36; i++)
            v[i] = (y[i] - c->z[i]) / 1e-6;
        require(ode->jacobian_times(ode->system, v, jv, &jq, &err), &err, "product");
        for (size_t i = 0; i < 36; i++)
            worst = worse(worst, fabs(jv[i] + s->spectrum->values[k] * v[i]));
    }
    check_below(worst, 2e-5, "modes move at minus their eigenvalues under E6, linearized");
    cf_flow_free(&flow);
    cf_particle_landscape_free(&landscape);
    cf_stationary_free(&s);
    cf_configuration_free(&c);
}

/* --- minima --- */

static void test_minima(void)
{
    static const struct {
        const char *name;
        bool minimum;
    } cases[] = {{"simplex", true},   {"cross-polytope", true},   {"icosahedron", true},
                 {"cube", false},     {"dodecahedron", false},    {"polygon-3", true},
                 {"simplex-5", true}, {"cross-polytope-5", true}, {"polygon-9", true},
                 {"cube-4", false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (size_t eta = 0; eta < 2; eta++) {
            const cf_loss_parameters loss = stationary_loss(2, eta, 0.5);
            cf_configuration *c = stationary_configuration(cases[k].name, 0, NULL, 1);
            cf_stationary *s = stationary_state_at(&loss, c, &stationary_as_it_is);
            check((s->unstable == 0) == cases[k].minimum && s->neutral == 0,
                  "%s, Psi = identity, eta %s: %zu unstable modes", cases[k].name,
                  cf_eta_names[eta], s->unstable);
            cf_stationary_free(&s);
            cf_configuration_free(&c);
        }
}

/* From an icosahedron whose vertices are moved by 0.03: Newton finds it again. */
static void test_newton(void)
{
    const cf_loss_parameters loss = stationary_loss(1, 0, 0.2);
    cf_configuration *c = stationary_configuration("icosahedron", 0, NULL, 1);
    cf_stationary *exact = stationary_state_at(&loss, c, &stationary_as_it_is);
    double noise[36];
    shape_random(noise, 12, 3, 5, 0);
    for (size_t i = 0; i < 12; i++) {
        double square = 0;
        for (size_t k = 0; k < 3; k++) {
            c->z[3 * i + k] += 0.03 * noise[3 * i + k];
            square += c->z[3 * i + k] * c->z[3 * i + k];
        }
        for (size_t k = 0; k < 3; k++)
            c->z[3 * i + k] /= sqrt(square);
    }
    cf_stationary *s = stationary_state_at(&loss, c, &stationary_newton);
    check(s->search.converged && s->search.steps <= 8, "Newton: back at the icosahedron, %ld steps",
          s->search.steps);
    check_near(s->loss, exact->loss, 1e-15, "Newton: the same loss");
    check_below(stationary_difference(s->spectrum, exact->spectrum->values, exact->spectrum->count),
                1e-11, "Newton: the same spectrum");
    check(s->spectrum->symmetries == 3, "three rotations are no modes");
    cf_stationary_free(&exact);
    cf_stationary_free(&s);
    cf_configuration_free(&c);
}

/* The Krylov space sees the same lowest modes. */
static void test_iterative(void)
{
    const cf_loss_parameters loss = stationary_loss(0, 0, 0.1);
    cf_configuration *c = stationary_configuration("polygon-60", 3, NULL, 1);
    const cf_stationary_options krylov = {.spectrum = {.dense = 1, .krylov = 117, .wanted = 6}};
    cf_stationary *whole = stationary_state_at(&loss, c, &stationary_as_it_is),
                  *part = stationary_state_at(&loss, c, &krylov);
    check_near(part->spectrum->values[0], whole->spectrum->values[0], 1e-10,
               "the lowest of %zu modes by Lanczos' method", whole->spectrum->count);
    check(part->unstable > 0 && !part->spectrum->complete, "which says that it knows not all");
    cf_stationary_free(&whole);
    cf_stationary_free(&part);
    cf_configuration_free(&c);
}

/* C5: closed forms in S^1, S^2 and S^3, and of the power in S^2. */
static void test_uniform(void)
{
    double found, worst = 0, I[2];
    cf_err err = {0};
    for (double tau = 1e-4; tau < 200; tau *= 10) {
        cf_loss_parameters loss = stationary_loss(2, 0, tau);
        cf_bessel_scaled(1 / tau, 2, I);
        const double exact[] = {I[0], -tau / 2 * expm1(-2 / tau), 2 * tau * I[1]};
        for (size_t d = 2; d <= 4; d++) {
            require(cf_uniform_loss(&loss, d, &found, &err), &err, "uniform");
            worst = worse(worst, fabs(found / exact[d - 2] - 1));
        }
        loss = stationary_loss(2, 1, tau);
        require(cf_uniform_loss(&loss, 3, &found, &err), &err, "uniform");
        worst = worse(worst, fabs(found / (tau * (1 - pow(1 + 2 / tau, -0.5))) - 1));
    }
    check_below(worst, 1e-13, "the uniform loss is that of C5");
    const cf_loss_parameters loss = stationary_loss(0, 0, 0.1);
    require(cf_uniform_loss(&loss, 3, &found, &err), &err, "uniform");
    check_near(found, 0.0487902, 5e-8, "on S^2 with log1p and tau = 0.1 it is 0.0487902 (C5)");
}

static void test_nt_xent(void)
{
    cf_loss_parameters loss = stationary_loss(0, 0, 0.2);
    loss.psi = &cf_psi_nt_xent;
    cf_configuration *c = stationary_configuration("polygon-5", 0, NULL, 1);
    cf_stationary *s = stationary_state_at(&loss, c, &stationary_as_it_is);
    check(s->splitting == NULL && isnan(s->split) && s->unstable == 0,
          "nt-xent has a spectrum, but points cannot be divided");
    cf_stationary_free(&s);
    cf_configuration_free(&c);
}

int main(void)
{
    test_differences();
    test_flow();
    test_minima();
    test_newton();
    test_iterative();
    test_uniform();
    test_nt_xent();
    return check_done();
}
