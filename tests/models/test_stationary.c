/* Stationary states: spectra against closed forms (E91 to E94), differences and automatic
 * differentiation (E90), published energies, and Newton's method. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/configuration.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/stationary.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/matrix.h"
#include "shapes.h"

enum { MOST = 64 };
static const double PI = 3.14159265358979323846;
static const cf_stationary_options as_it_is = {.steps = 0};
static const cf_stationary_options newton = {.steps = 50, .tolerance = 1e-12};

static cf_loss_parameters loss_of(size_t psi, size_t eta, double tau)
{
    return (cf_loss_parameters){.psi = cf_psi_rows[psi],
                                .eta = {.row = cf_eta_rows[eta], .tau = tau, .exponent = 1.5},
                                .unit = true};
}

static cf_configuration *make(const char *name, size_t dimension, const double *masses,
                              size_t particles)
{
    cf_configuration_setup setup;
    cf_configuration *c;
    cf_err err = {0};
    require(cf_configuration_find(name, &setup, &err), &err, name);
    setup.dimension = dimension;
    setup.masses = masses;
    setup.particles = particles;
    require(cf_configuration_create(&setup, &c, &err), &err, name);
    return c;
}

static cf_stationary *state_of(const cf_loss_parameters *loss, const double *masses, size_t n,
                               size_t d, const cf_stationary_options *options, double *z)
{
    const cf_stationary_setup setup = {loss, masses, n, d};
    cf_stationary *s;
    cf_err err = {0};
    require(cf_stationary_create(&setup, options, z, &s, &err), &err, "stationary state");
    return s;
}

static cf_stationary *state_at(const cf_loss_parameters *loss, cf_configuration *c,
                               const cf_stationary_options *options)
{
    return state_of(loss, c->masses, c->n, c->d, options, c->z);
}

/* --- closed forms --- */

/* eta, eta', eta'' at s, by themselves. */
static void profile(const cf_loss_parameters *loss, double s, double eta[3])
{
    double tau = loss->eta.tau, p = loss->eta.exponent;
    if (loss->eta.row == cf_eta_rows[0]) {
        eta[0] = exp(-s / tau);
        eta[1] = -eta[0] / tau;
        eta[2] = eta[0] / (tau * tau);
    } else {
        eta[0] = pow(1 + s / tau, -p);
        eta[1] = -p / tau * pow(1 + s / tau, -p - 1);
        eta[2] = p * (p + 1) / (tau * tau) * pow(1 + s / tau, -p - 2);
    }
}

static void psi_at(const cf_loss_parameters *loss, double G, double dpsi[2])
{
    double value;
    loss->psi->evaluate(&G, 1, 1, &value, &dpsi[0], &dpsi[1]);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* E91 (out of plane: E93 too) without the rotations, and 2 Psi' F_0. Returns how many there are.
 * F_0 - F_k and C_k - C_1 are summed as differences: they may be far smaller than their parts. */
static size_t polygon_values(const cf_loss_parameters *loss, size_t K, bool across, double *values,
                             double *F0)
{
    size_t count = 0;
    double G = 0, F[MOST] = {0}, D[MOST] = {0}, C[MOST] = {0}, eta[3], dpsi[2],
           share = 1 / (double)K;
    *F0 = 0;
    for (size_t j = 0; j < K; j++) {
        double angle = 2 * PI * (double)j / (double)K, sine = sin(angle), half = sin(angle / 2);
        profile(loss, 2 * half * half, eta);
        double second = eta[2] * sine * sine + eta[1] * (1 - 2 * half * half);
        G += share * eta[0];
        *F0 += share * second;
        for (size_t k = 0; k < K; k++) {
            double phase = (double)(j * k % K) * PI / (double)K, wave = sin(phase);
            F[k] += share * second * 2 * wave * wave;
            D[k] += share * eta[1] * sine * sin(2 * phase);
            C[k] -= share * eta[1] * 2 * (half * half - wave * wave);
        }
    }
    psi_at(loss, G, dpsi);
    for (size_t k = 1; k < K; k++)
        values[count++] = 2 * dpsi[0] * F[k] + dpsi[1] * D[k] * D[k];
    for (size_t k = 0; k < K && across; k++)
        if (k != 1 && k != K - 1)
            values[count++] = 2 * dpsi[0] * C[k];
    qsort(values, count, sizeof *values, ascending);
    *F0 *= 2 * dpsi[0];
    return count;
}

static double difference(const cf_spectrum *s, const double *values, size_t count)
{
    double worst = s->count == count ? 0 : NAN;
    for (size_t k = 0; k < s->count; k++)
        worst = worse(worst, fabs(s->values[k] - values[k]));
    return worst;
}

/* Over all losses: relative to the largest eigenvalue; splitting relative to its own scale. */
static void test_polygons(void)
{
    static const double taus[] = {0.01, 0.1, 1, 10};
    double flat = 0, across = 0, split = 0, values[2 * MOST], F0;
    size_t wrong_index = 0;
    for (size_t K = 2; K <= 12; K++)
        for (size_t k = 0; k < 24; k++) {
            const cf_loss_parameters loss = loss_of(k % 3, k / 3 % 2, taus[k / 6]);
            char name[32];
            snprintf(name, sizeof name, "polygon-%zu", K);
            cf_configuration *c = make(name, 2, NULL, 1), *wide = make(name, 3, NULL, 1);
            cf_stationary *s = state_at(&loss, c, &as_it_is);
            size_t count = polygon_values(&loss, K, false, values, &F0);
            flat = worse(flat, difference(s->spectrum, values, count) / s->spectrum->largest);
            split = worse(split, fabs(s->split - F0) / fmax(1 / loss.eta.tau, fabs(F0)));
            cf_stationary_free(&s);
            s = state_at(&loss, wide, &as_it_is);
            if (K > 2) {
                count = polygon_values(&loss, K, true, values, &F0);
                across =
                    worse(across, difference(s->spectrum, values, count) / s->spectrum->largest);
                wrong_index += k / 3 % 2 == 0 && taus[k / 6] < 5 && s->unstable != K - 3;
            }
            cf_stationary_free(&s);
            cf_configuration_free(&c);
            cf_configuration_free(&wide);
        }
    check_below(flat, 1e-10, "spectra of K-gons, K = 2 .. 12, all losses, are E91");
    check_below(across, 1e-10, "and on an equator E91 with E93");
    check_below(split, 1e-10, "clusters at vertices part at the rate of E92");
    check(wrong_index == 0, "equatorial K-gons are saddles of index K - 3 (E93)");
}

/* p particles at every vertex: the spectrum of the vertices and p - 1 times that of phi (E92). */
static void test_particles(void)
{
    const cf_loss_parameters loss = loss_of(0, 0, 0.3);
    const size_t p = 3;
    cf_configuration *many = make("cube", 0, NULL, p), *one = make("cube", 0, NULL, 1);
    cf_stationary *m = state_at(&loss, many, &as_it_is), *s = state_at(&loss, one, &as_it_is);
    double values[MOST];
    size_t count = 0;
    for (size_t k = 0; k < s->spectrum->count; k++)
        values[count++] = s->spectrum->values[k];
    for (size_t k = 0; k < one->n * 2; k++)
        for (size_t copy = 1; copy < p; copy++)
            values[count++] = s->splitting[k];
    qsort(values, count, sizeof *values, ascending);
    check_below(difference(m->spectrum, values, count), 1e-13,
                "three particles at every vertex of a cube: rigid and splitting modes (E92)");
    check_near(m->split, s->split, 1e-13, "which do not depend on the number of particles");
    cf_stationary_free(&m);
    cf_stationary_free(&s);
    cf_configuration_free(&many);
    cf_configuration_free(&one);
}

static void test_antipodes(void)
{
    static const double masses[] = {5, 1};
    double worst = 0, eta0[3], eta2[3], a = 5. / 6, b = 1. / 6;
    for (size_t k = 0; k < 18; k++) {
        const cf_loss_parameters loss = loss_of(k % 3, k / 3 % 2, k < 6 ? 0.3 : k < 12 ? 1 : 3);
        cf_configuration *c = make("antipodes", 3, masses, 1);
        cf_stationary *s = state_at(&loss, c, &as_it_is);
        double pa[2], pb[2];
        profile(&loss, 0, eta0);
        profile(&loss, 2, eta2);
        psi_at(&loss, a * eta0[0] + b * eta2[0], pa);
        psi_at(&loss, b * eta0[0] + a * eta2[0], pb);
        double rigid = -(pa[0] + pb[0]) * eta2[1];
        double light = -(pa[0] + pb[0]) * a * eta2[1] + 2 * pb[0] * b * eta0[1];
        double heavy = -(pa[0] + pb[0]) * b * eta2[1] + 2 * pa[0] * a * eta0[1];
        const double values[] = {rigid, rigid}, found[] = {heavy, heavy, light, light};
        worst = worse(worst, difference(s->spectrum, values, 2));
        for (size_t i = 0; i < 4; i++)
            worst = worse(worst, fabs(s->splitting[i] - found[i]));
        cf_stationary_free(&s);
        cf_configuration_free(&c);
    }
    check_below(worst, 1e-13, "antipodes of masses 5 and 1: both spectra are E94");
}

/* E94: the light cluster holds above tau = 2/log(a/b) for Psi = identity. */
static void test_threshold(void)
{
    static const double masses[] = {20, 1};
    double signs[2];
    for (int side = 0; side < 2; side++) {
        const cf_loss_parameters loss = loss_of(2, 0, (side == 0 ? 0.999 : 1.001) * 2 / log(20));
        cf_configuration *c = make("antipodes-2", 0, masses, 1);
        cf_stationary *s = state_at(&loss, c, &as_it_is);
        signs[side] = s->splitting[1];
        cf_stationary_free(&s);
        cf_configuration_free(&c);
    }
    check(signs[0] < 0 && signs[1] > 0, "a light cluster opposite to a heavy one holds above E94");
}

/* --- E90 --- */

/* Second differences of L along geodesics against w.Hw, at a stationary point of unequal masses. */
static void test_differences(void)
{
    const cf_loss_parameters loss = loss_of(0, 0, 0.4);
    enum { n = 7, d = 4 };
    double z[n * d], masses[n], w[n * (d - 1)], hw[n * (d - 1)], moved[n * d], value[3], total = 0;
    for (size_t i = 0; i < n; i++)
        total += masses[i] = 1 + 0.2 * (double)i;
    for (size_t i = 0; i < n; i++)
        masses[i] /= total;
    shape_random(z, n, d, 3, 1);
    cf_stationary *s = state_of(&loss, masses, n, d, &newton, z);
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
    const cf_loss_parameters loss = loss_of(0, 0, 0.3);
    cf_configuration *c = make("simplex", 0, NULL, 3);
    cf_stationary *s = state_at(&loss, c, &as_it_is);
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

/* --- automatic differentiation --- */

static size_t place_of(const char *name, const char *const *names)
{
    size_t k = 0;
    while (names[k] != NULL && strcmp(names[k], name) != 0)
        k++;
    return k;
}

typedef struct {
    cf_loss_parameters loss;
    int n, d;
    double masses[8], z[32], parting[32], values[32];
} reference_case;

static bool read_case(FILE *file, reference_case *c)
{
    char psi[16], eta[16];
    double exponent, tau;
    int read =
        fscanf(file, " case %15s %15s %lf %lf %d %d", psi, eta, &exponent, &tau, &c->n, &c->d);
    if (read != 6 || c->n > 8 || c->d > 5 || c->n * c->d > 32)
        return false;
    c->loss = loss_of(place_of(psi, cf_psi_names), place_of(eta, cf_eta_names), tau);
    c->loss.eta.exponent = exponent;
    for (int i = 0; i < c->n; i++) {
        read = fscanf(file, "%lf", &c->masses[i]);
        for (int k = 0; k < c->d && read == 1; k++)
            read = fscanf(file, "%lf", &c->z[i * c->d + k]);
        for (int k = 0; k < c->d - 1 && read == 1; k++)
            read = fscanf(file, "%lf", &c->parting[i * (c->d - 1) + k]);
    }
    for (int k = 0; k < c->n * (c->d - 1) && read == 1; k++)
        read = fscanf(file, "%lf", &c->values[k]);
    return read == 1;
}

/* The whole Hessian at points that are not stationary, rotations included. */
static double hessian_error(const reference_case *c)
{
    const cf_stationary_setup setup = {&c->loss, c->masses, (size_t)c->n, (size_t)c->d};
    cf_particle_landscape *landscape;
    cf_err err = {0};
    double matrix[32 * 32], values[32], e[32], value, worst = 0;
    size_t size = (size_t)(c->n * (c->d - 1));
    require(cf_particle_landscape_create(&setup, &landscape, &err), &err, "landscape");
    const cf_landscape *view = cf_particle_landscape_view(landscape);
    require(view->evaluate(view->system, c->z, &value, e, &err), &err, "value");
    for (size_t j = 0; j < size; j++) {
        memset(e, 0, sizeof e);
        e[j] = 1;
        view->hessian_times(view->system, e, matrix + j * size);
    }
    require(cf_matrix_eigen(matrix, size, values, &err), &err, "eigenvalues");
    for (size_t k = 0; k < size; k++)
        worst = worse(worst, fabs(values[k] - c->values[k]));
    cf_particle_landscape_free(&landscape);
    return worst / fmax(fabs(c->values[0]), fabs(c->values[size - 1]));
}

static double splitting_error(const reference_case *c)
{
    const cf_stationary_setup setup = {&c->loss, c->masses, (size_t)c->n, (size_t)c->d};
    cf_err err = {0};
    double values[32], bound, worst = 0, size = 0;
    require(cf_splitting_values(&setup, c->z, values, &bound, &err), &err, "splitting");
    for (int k = 0; k < c->n * (c->d - 1); k++) {
        worst = worse(worst, fabs(values[k] - c->parting[k]));
        size = fmax(size, fabs(c->parting[k]));
    }
    return worst / size;
}

static void test_reference(void)
{
    FILE *file = fopen("tests/data/spectra.txt", "r");
    reference_case c;
    double whole = 0, parting = 0;
    int cases = 0;
    require(file == NULL ? CF_ESYSTEM : CF_OK, &(cf_err){.message = "tests/data/spectra.txt"},
            "reference");
    for (; read_case(file, &c); cases++) {
        whole = worse(whole, hessian_error(&c));
        parting = worse(parting, splitting_error(&c));
    }
    fclose(file);
    check(cases == 5, "%d cases of automatic differentiation", cases);
    check_below(whole, 1e-12, "Hessians agree with them, at points that are not stationary (E90)");
    check_below(parting, 1e-12, "and so do those of phi (E92)");
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
            const cf_loss_parameters loss = loss_of(2, eta, 0.5);
            cf_configuration *c = make(cases[k].name, 0, NULL, 1);
            cf_stationary *s = state_at(&loss, c, &as_it_is);
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
    const cf_loss_parameters loss = loss_of(1, 0, 0.2);
    cf_configuration *c = make("icosahedron", 0, NULL, 1);
    cf_stationary *exact = state_at(&loss, c, &as_it_is);
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
    cf_stationary *s = state_at(&loss, c, &newton);
    check(s->search.converged && s->search.steps <= 8, "Newton: back at the icosahedron, %ld steps",
          s->search.steps);
    check_near(s->loss, exact->loss, 1e-15, "Newton: the same loss");
    check_below(difference(s->spectrum, exact->spectrum->values, exact->spectrum->count), 1e-11,
                "Newton: the same spectrum");
    check(s->spectrum->symmetries == 3, "three rotations are no modes");
    cf_stationary_free(&exact);
    cf_stationary_free(&s);
    cf_configuration_free(&c);
}

/* The Krylov space sees the same lowest modes. */
static void test_iterative(void)
{
    const cf_loss_parameters loss = loss_of(0, 0, 0.1);
    cf_configuration *c = make("polygon-60", 3, NULL, 1);
    const cf_stationary_options krylov = {.spectrum = {.dense = 1, .krylov = 117, .wanted = 6}};
    cf_stationary *whole = state_at(&loss, c, &as_it_is), *part = state_at(&loss, c, &krylov);
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
        cf_loss_parameters loss = loss_of(2, 0, tau);
        cf_bessel_scaled(1 / tau, 2, I);
        const double exact[] = {I[0], -tau / 2 * expm1(-2 / tau), 2 * tau * I[1]};
        for (size_t d = 2; d <= 4; d++) {
            require(cf_uniform_loss(&loss, d, &found, &err), &err, "uniform");
            worst = worse(worst, fabs(found / exact[d - 2] - 1));
        }
        loss = loss_of(2, 1, tau);
        require(cf_uniform_loss(&loss, 3, &found, &err), &err, "uniform");
        worst = worse(worst, fabs(found / (tau * (1 - pow(1 + 2 / tau, -0.5))) - 1));
    }
    check_below(worst, 1e-13, "the uniform loss is that of C5");
    const cf_loss_parameters loss = loss_of(0, 0, 0.1);
    require(cf_uniform_loss(&loss, 3, &found, &err), &err, "uniform");
    check_near(found, 0.0487902, 5e-8, "on S^2 with log1p and tau = 0.1 it is 0.0487902 (C5)");
}

static void test_nt_xent(void)
{
    cf_loss_parameters loss = loss_of(0, 0, 0.2);
    loss.psi = &cf_psi_nt_xent;
    cf_configuration *c = make("polygon-5", 0, NULL, 1);
    cf_stationary *s = state_at(&loss, c, &as_it_is);
    check(s->splitting == NULL && isnan(s->split) && s->unstable == 0,
          "nt-xent has a spectrum, but points cannot be divided");
    cf_stationary_free(&s);
    cf_configuration_free(&c);
}

int main(void)
{
    test_polygons();
    test_particles();
    test_antipodes();
    test_threshold();
    test_differences();
    test_flow();
    test_reference();
    test_minima();
    test_newton();
    test_iterative();
    test_uniform();
    test_nt_xent();
    return check_done();
}
