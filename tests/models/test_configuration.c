/* Configurations: their geometry, and that they are stationary for every loss (C3, C4). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/configuration.h"
#include "contraflow/models/loss.h"

static cf_configuration *make(const cf_configuration_setup *setup)
{
    cf_configuration *c;
    cf_err err = {0};
    require(cf_configuration_create(setup, &c, &err), &err, "configuration");
    return c;
}

static cf_configuration_setup named(const char *name)
{
    cf_configuration_setup setup;
    cf_err err = {0};
    require(cf_configuration_find(name, &setup, &err), &err, name);
    return setup;
}

static double dot(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t k = 0; k < d; k++)
        sum += a[k] * b[k];
    return sum;
}

/* --- geometry --- */

/* The largest |z_i| - 1, |sum m z| and, for a 2-design, |sum m z z^T - I/d|. */
static double moments(const cf_configuration *c)
{
    double worst = 0;
    for (size_t i = 0; i < c->n; i++)
        worst = worse(worst, fabs(dot(c->z + i * c->d, c->z + i * c->d, c->d) - 1));
    for (size_t k = 0; k < c->d; k++)
        for (size_t l = 0; l <= c->d; l++) {
            double sum = 0;
            for (size_t i = 0; i < c->n; i++)
                sum += c->masses[i] * c->z[i * c->d + k] * (l < c->d ? c->z[i * c->d + l] : 1);
            worst = worse(worst, fabs(sum - (k == l ? 1 / (double)c->d : 0)));
        }
    return worst;
}

/* Every vertex sees the others alike: sums of (z_i . z_j)^p over j do not depend on i; and the
 * number of nearest neighbors. */
static double unlikeness(const cf_configuration *c, size_t *neighbors)
{
    double worst = 0, nearest = -2;
    for (size_t j = 1; j < c->n; j++)
        nearest = fmax(nearest, dot(c->z, c->z + j * c->d, c->d));
    *neighbors = 0;
    for (size_t j = 1; j < c->n; j++)
        *neighbors += dot(c->z, c->z + j * c->d, c->d) > nearest - 1e-9;
    for (int p = 1; p <= 7; p++) {
        double first = 0;
        for (size_t i = 0; i < c->n; i++) {
            double sum = 0;
            for (size_t j = 0; j < c->n; j++)
                sum += pow(dot(c->z + i * c->d, c->z + j * c->d, c->d), p) / (double)c->n;
            first = i == 0 ? sum : first;
            worst = worse(worst, fabs(sum - first));
        }
    }
    return worst;
}

static void check_geometry(const char *name, size_t n, size_t d, size_t neighbors)
{
    const cf_configuration_setup setup = named(name);
    cf_configuration *c = make(&setup);
    size_t found = 0;
    check(c->n == n && c->d == d && c->vertices == n, "%s has %zu vertices in R^%zu", name, n, d);
    check_below(moments(c), 1e-14, "%s: unit norms, mean 0, covariance I/d", name);
    check_below(unlikeness(c, &found), 1e-14, "%s: all vertices see the others alike", name);
    check(found == neighbors, "%s: every vertex has %zu nearest neighbors", name, neighbors);
    cf_configuration_free(&c);
}

/* --- C4 --- */

/* The largest |P grad phi| beside the largest |grad phi|. */
static double residual(const cf_configuration *c, const cf_loss_parameters *parameters)
{
    static double u[4096];
    cf_loss *loss;
    cf_err err = {0};
    require(cf_loss_create(parameters, c->masses, c->n, c->d, &loss, &err), &err, "loss");
    cf_loss_gradient(loss, c->z, u);
    cf_loss_free(&loss);
    double worst = 0, size = 1e-300;
    for (size_t i = 0; i < c->n; i++) {
        const double *z = c->z + i * c->d, *row = u + i * c->d;
        double radial = dot(z, row, c->d);
        size = fmax(size, sqrt(dot(row, row, c->d)));
        for (size_t k = 0; k < c->d; k++)
            worst = worse(worst, fabs(row[k] - radial * z[k]));
    }
    return worst / size;
}

/* Over all losses: the largest relative residual, and the smallest. */
static void residuals(const cf_configuration *c, double *largest, double *smallest)
{
    static const double taus[] = {0.01, 0.1, 1, 10};
    *largest = 0;
    *smallest = INFINITY;
    for (size_t psi = 0; cf_psi_rows[psi] != NULL; psi++)
        for (size_t eta = 0; cf_eta_rows[eta] != NULL; eta++)
            for (size_t t = 0; t < sizeof taus / sizeof *taus; t++) {
                const cf_loss_parameters parameters = {
                    .psi = cf_psi_rows[psi],
                    .eta = {.row = cf_eta_rows[eta], .tau = taus[t], .exponent = 1.5},
                    .engine = CF_SUMS_DIRECT,
                    .unit = true};
                double found = residual(c, &parameters);
                *largest = worse(*largest, found);
                *smallest = fmin(*smallest, found);
            }
}

static void check_stationary(const cf_configuration_setup *setup, const char *name)
{
    cf_configuration *c = make(setup);
    double largest, smallest;
    residuals(c, &largest, &smallest);
    /* Forces of neighbors cancel, and are larger than their sum where tau is small. */
    check_below(largest, 1e-12, "%s is stationary for every tau, eta and Psi (C4)", name);
    cf_configuration_free(&c);
}

static void test_stationary(void)
{
    static const char *const names[] = {
        "polygon-2",   "polygon-3",      "polygon-4",   "polygon-7",        "polygon-12",
        "simplex",     "simplex-6",      "cube",        "cross-polytope-5", "cube-4",
        "icosahedron", "cross-polytope", "dodecahedron"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        cf_configuration_setup setup = named(names[k]);
        char text[80];
        setup.particles = k % 3 + 1;
        setup.dimension = k % 2 == 1 ? setup.kind->dimension(setup.size) + 1 : 0;
        snprintf(text, sizeof text, "%s, %zu to a vertex%s", names[k], setup.particles,
                 setup.dimension != 0 ? ", on an equator" : "");
        check_stationary(&setup, text);
    }
}

static void test_unequal_masses(void)
{
    static const double two[] = {1, 5}, alternating[] = {1, 3, 1, 3}, generic[] = {1, 2, 3, 5};
    cf_configuration_setup setup = named("antipodes");
    double largest, smallest;
    setup.masses = two;
    check_stationary(&setup, "antipodes of unequal masses");
    setup = named("polygon-4");
    setup.masses = alternating;
    check_stationary(&setup, "square of masses 1, 3, 1, 3");
    setup.masses = generic;
    cf_configuration *c = make(&setup);
    check_near(c->masses[2], 3. / 11, 1e-15, "masses are scaled to sum 1");
    residuals(c, &largest, &smallest);
    check(largest > 1e-3, "square of masses 1, 2, 3, 5: not stationary, residual %.2g", largest);
    cf_configuration_free(&c);
    setup = named("icosahedron");
    c = make(&setup);
    c->z[0] = sin(0.01);
    c->z[1] *= cos(0.01);
    c->z[2] *= cos(0.01);
    residuals(c, &largest, &smallest);
    check(largest > 1e-3, "icosahedron with a vertex moved: not stationary, residual %.2g",
          largest);
    cf_configuration_free(&c);
}

static void check_refusal(const char *name, const char *part)
{
    cf_configuration_setup setup;
    cf_err err = {0};
    cf_status status = cf_configuration_find(name, &setup, &err);
    check(status == CF_EINPUT && strstr(err.message, part) != NULL, "%s is refused: %s", name,
          err.message);
}

static void test_refusals(void)
{
    static const double masses[] = {1, -1};
    check_refusal("tesseract", "must be one of polygon[-SIZE], simplex[-SIZE]");
    check_refusal("cube-", "must be one of");
    check_refusal("polygon-1", "[2, 100000]");
    check_refusal("icosahedron-4", "has no size");
    cf_configuration_setup setup = named("cube");
    cf_configuration *c;
    cf_err err = {0};
    setup.dimension = 2;
    check(cf_configuration_create(&setup, &c, &err) == CF_EINPUT && c == NULL, "%s", err.message);
    setup = named("antipodes");
    setup.masses = masses;
    err = (cf_err){0};
    check(cf_configuration_create(&setup, &c, &err) == CF_EINPUT && c == NULL, "%s", err.message);
}

int main(void)
{
    check_geometry("polygon-5", 5, 2, 2);
    check_geometry("simplex", 4, 3, 3);
    check_geometry("simplex-7", 8, 7, 7);
    check_geometry("cross-polytope", 6, 3, 4);
    check_geometry("cross-polytope-6", 12, 6, 10);
    check_geometry("cube", 8, 3, 3);
    check_geometry("cube-5", 32, 5, 5);
    check_geometry("icosahedron", 12, 3, 5);
    check_geometry("dodecahedron", 20, 3, 3);
    test_stationary();
    test_unequal_masses();
    test_refusals();
    return check_done();
}
