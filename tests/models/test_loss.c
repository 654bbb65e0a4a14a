/* The loss: E1 and E3 agree (C1), gradient, Hessian products and first variation are derivatives
 * (C2), symmetric configurations are stationary and others are not (C3, C4), the uniform measure
 * has the known loss (C5), for every Psi and eta of the tables. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sf_bessel.h>

#include "check.h"
#include "contraflow/models/latent.h"
#include "contraflow/models/loss.h"
#include "contraflow/solver/memory.h"
#include "shapes.h"

enum { POINTS = 24, MOST_D = 5 }; /* rows: whole groups of 1, 2 and 3 views */

static cf_loss *make_of(const cf_loss_parameters *parameters, const double *weights, size_t n,
                        size_t d)
{
    cf_err err = {0};
    cf_loss *loss = NULL;
    require(cf_loss_create(parameters, weights, n, d, &loss, &err), &err, "loss");
    return loss;
}

static cf_loss *make(const cf_psi *psi, int eta, double tau, const double *weights, size_t n,
                     size_t d)
{
    cf_loss_parameters parameters = {.psi = psi, .eta = {cf_eta_rows[eta], tau, 1.5}, .views = 1};
    return make_of(&parameters, weights, n, d);
}

static void random_weights(double *weights, size_t n)
{
    double z[POINTS], total = 0;
    shape_random(z, n, 1, 99, 0);
    for (size_t i = 0; i < n; i++)
        total += weights[i] = exp(0.5 * z[i]);
    for (size_t i = 0; i < n; i++)
        weights[i] /= total;
}

/* Eighth-order central difference of f along a direction. */
typedef double (*functional)(void *context, double step);

static double difference(functional f, void *context, double h)
{
    const double c[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
    double total = 0;
    for (int k = 0; k < 4; k++)
        total += c[k] * (f(context, (k + 1) * h) - f(context, -(k + 1) * h));
    return total / h;
}

static double dot(const double *a, const double *b, size_t d)
{
    double total = 0;
    for (size_t k = 0; k < d; k++)
        total += a[k] * b[k];
    return total;
}

typedef struct {
    cf_loss *loss;
    size_t n, d;
    bool unit;           /* stay on the sphere */
    const double *z, *v; /* point and direction */
    double moved[POINTS * MOST_D], u[POINTS * MOST_D];
    size_t component;
} line;

static void move(line *l, double step)
{
    for (size_t i = 0; i < l->n * l->d; i++)
        l->moved[i] = l->z[i] + step * l->v[i];
    for (size_t i = 0; i < l->n && l->unit; i++) {
        double *row = l->moved + i * l->d, length = sqrt(dot(row, row, l->d));
        for (size_t k = 0; k < l->d; k++)
            row[k] /= length;
    }
}

static double loss_along(void *context, double step)
{
    line *l = context;
    move(l, step);
    return cf_loss_value(l->loss, l->moved);
}

static double gradient_along(void *context, double step)
{
    line *l = context;
    move(l, step);
    cf_loss_gradient(l->loss, l->moved, l->u);
    return l->u[l->component];
}

/* Tangential where the line stays on the sphere. */
static void random_motion(const line *l, unsigned seed, double *v)
{
    shape_random(v, l->n, l->d, seed, 0);
    for (size_t i = 0; i < l->n && l->unit; i++) {
        const double *z = l->z + i * l->d;
        double *row = v + i * l->d, radial = dot(row, z, l->d);
        for (size_t k = 0; k < l->d; k++)
            row[k] -= radial * z[k];
    }
}

static double largest(const double *x, size_t count)
{
    double size = 0;
    for (size_t i = 0; i < count; i++)
        size = worse(size, fabs(x[i]));
    return size;
}

static void test_derivatives(const cf_loss_parameters *parameters, size_t d)
{
    double z[POINTS * MOST_D], v[POINTS * MOST_D], u[POINTS * MOST_D], du[POINTS * MOST_D],
        m[POINTS];
    const cf_psi *psi = parameters->psi;
    char form[160];
    snprintf(form, sizeof form, "Psi = %s, eta = %s, V = %zu, d = %zu, engine %s", psi->name,
             parameters->eta.row->name, parameters->views, d, cf_sums_names[parameters->engine]);
    shape_random(z, POINTS, d, 1, parameters->unit);
    random_weights(m, POINTS);
    for (size_t i = 0; i < POINTS; i++)
        m[i] = psi == &cf_psi_nt_xent ? 1.0 / POINTS : m[i / parameters->views * parameters->views];
    line l = {make_of(parameters, m, POINTS, d), POINTS, d, parameters->unit, z, v, {0}, {0}, 0};
    random_motion(&l, 2, v);
    double slope = difference(loss_along, &l, 2e-3), exact = 0, size = 0, worst = 0;
    cf_loss_gradient(l.loss, z, u);
    for (size_t i = 0; i < POINTS * d; i++) {
        exact += m[i / d] * u[i] * v[i];
        size += fabs(m[i / d] * u[i] * v[i]);
    }
    check_below(fabs(slope - exact) / size, 1e-9, "u is the gradient of L: %s (C2)", form);
    cf_loss_hessian_times(l.loss, v, du);
    double scale = largest(du, POINTS * d);
    for (l.component = 0; l.component < POINTS * d; l.component += 3)
        worst = worse(worst, fabs(difference(gradient_along, &l, 2e-3) - du[l.component]) / scale);
    check_below(worst, 1e-9, "du is the derivative of u: %s (C2)", form);

    double w[POINTS * MOST_D], dw[POINTS * MOST_D], vhw = 0, whv = 0;
    random_motion(&l, 3, w);
    cf_loss_gradient(l.loss, z, u);
    cf_loss_hessian_times(l.loss, w, dw);
    for (size_t i = 0; i < POINTS * d; i++) {
        vhw += m[i / d] * v[i] * dw[i];
        whv += m[i / d] * w[i] * du[i];
    }
    check_near(vhw, whv, 1e-12 * scale, "the Hessian is symmetric: %s", form);
    cf_loss_free(&l.loss);
}

/* Fast engines, each where it serves. */
static void test_engines(const cf_loss_parameters *parameters)
{
    cf_loss_parameters fast = *parameters;
    fast.views = 1;
    fast.tolerance = 1e-12;
    fast.unit = true;
    fast.engine = CF_SUMS_CIRCLE;
    test_derivatives(&fast, 2);
    if (strcmp(fast.eta.row->name, "exponential") != 0)
        return;
    fast.engine = CF_SUMS_SPHERE;
    test_derivatives(&fast, 3);
    fast.unit = false;
    fast.engine = CF_SUMS_GRID;
    for (size_t d = 1; d <= 3; d++)
        test_derivatives(&fast, d);
}

/* L as a function of mass moved from point 0 to point 1; E4 is its derivative. */
typedef struct {
    const cf_psi *psi;
    int eta;
    double *m, *z;
} transport;

static double loss_of_transport(void *context, double step)
{
    transport *t = context;
    double m[POINTS];
    memcpy(m, t->m, sizeof m);
    m[0] -= step;
    m[1] += step;
    cf_loss *loss = make(t->psi, t->eta, 0.5, m, POINTS, 2);
    double value = cf_loss_value(loss, t->z);
    cf_loss_free(&loss);
    return value;
}

static void test_first_variation(const cf_psi *psi, int eta)
{
    double z[POINTS * 2], m[POINTS], phi[POINTS];
    shape_random(z, POINTS, 2, 1, 0);
    random_weights(m, POINTS);
    transport t = {psi, eta, m, z};
    cf_loss *loss = make(psi, eta, 0.5, m, POINTS, 2);
    check(cf_loss_first_variation(loss, z, phi), "one view has a first variation");
    check_near(difference(loss_of_transport, &t, 1e-3), phi[1] - phi[0],
               1e-9 * largest(phi, POINTS),
               "phi is the derivative of L along mass transport: Psi = %s, eta = %s (C2, E4)",
               psi->name, cf_eta_names[eta]);
    cf_loss_free(&loss);
}

/* E1 over 2n embeddings, as it is written. */
static double nt_xent(const double *z, size_t n, size_t d, double tau)
{
    double total = 0;
    for (size_t a = 0; a < 2 * n; a++) {
        double sum = 0, positive = 0;
        for (size_t b = 0; b < 2 * n; b++) {
            double s = 0;
            for (size_t k = 0; k < d; k++)
                s += z[a % n * d + k] * z[b % n * d + k];
            if (b != a)
                sum += exp((s - 1) / tau);
            if (b != a && b % n == a % n)
                positive = exp((s - 1) / tau);
        }
        total -= log(positive / sum);
    }
    return total / (2 * (double)n);
}

static void test_invariance(void)
{
    double z[POINTS * 3], turned[POINTS * 3], m[POINTS];
    shape_random(z, POINTS, 3, 5, 1);
    for (size_t i = 0; i < POINTS; i++)
        m[i] = 1.0 / POINTS;
    cf_loss *loss = make(&cf_psi_nt_xent, 0, 0.2, m, POINTS, 3);
    double value = cf_loss_value(loss, z), expected = nt_xent(z, POINTS, 3, 0.2);
    check_near(value, expected, 1e-13 * expected, "E1 of 2n embeddings is Psi = log(2nG - 1) (C1)");
    memcpy(turned, z, sizeof z);
    shape_rotate(turned, POINTS, 3);
    check_near(cf_loss_value(loss, turned), value, 1e-13 * value,
               "rotated latents have the same loss (C1)");
    for (size_t i = 0; i < POINTS; i++)
        memcpy(turned + 3 * i, z + 3 * (i * 7 % POINTS), 3 * sizeof *z);
    check_near(cf_loss_value(loss, turned), value, 1e-13 * value,
               "permuted data have the same loss (C1)");
    cf_loss_free(&loss);
}

/* Largest |P grad phi| relative to the largest pair term of the gradient, of which it is a sum. */
static double residual(const shape *s, const cf_psi *psi, int eta, double tau)
{
    static double u[SHAPE_MOST * 3], g[SHAPE_MOST * 3], r[SHAPE_MOST], phi[SHAPE_MOST];
    cf_latent latent = {true, s->d, 0, 0};
    cf_loss *loss = make(psi, eta, tau, s->weights, s->n, s->d);
    for (size_t i = 0; i < s->n; i++)
        r[i] = 1;
    cf_loss_first_variation(loss, s->z, phi);
    cf_loss_gradient(loss, s->z, u);
    cf_latent_pull(&latent, s->z, r, u, s->n, g);
    cf_loss_free(&loss);
    return largest(g, s->n * s->d) * tau;
}

static void test_stationary(shape *s, const cf_psi *psi, int eta)
{
    const double taus[] = {0.02, 0.1, 1};
    double worst = 0;
    for (size_t t = 0; t < 3; t++) {
        for (size_t k = 2; k <= 12; k++) {
            shape_polygon(s, k);
            worst = worse(worst, residual(s, psi, eta, taus[t]));
        }
        for (int which = 0; which < SHAPE_SOLIDS; which++) {
            shape_solid(s, which);
            worst = worse(worst, residual(s, psi, eta, taus[t]));
        }
    }
    check_below(worst, 1e-14,
                "regular polygons and solids are stationary: Psi = %s, eta = %s (C3, C4)",
                psi->name, cf_eta_names[eta]);
    double least = INFINITY;
    for (int which = 0; which < SHAPE_SOLIDS; which++) {
        shape_solid(s, which);
        for (size_t i = 0; i < s->n; i++)
            s->weights[i] *= 1 + 0.3 * cos(1.0 + (double)(i * i));
        least = -worse(-least, -residual(s, psi, eta, 1));
    }
    check(least > 1e-4,
          "with generic unequal masses they are not: Psi = %s, eta = %s (C4, control)", psi->name,
          cf_eta_names[eta]);
}

static void test_more_stationary(shape *s)
{
    shape_polygon(s, 2);
    s->weights[0] = 0.2;
    s->weights[1] = 0.8;
    check_below(residual(s, cf_psi_rows[0], 0, 0.1), 1e-14,
                "two antipodal points with any masses are stationary (C4)");
    shape_polygon(s, 4);
    for (size_t i = 0; i < 4; i++)
        s->weights[i] = i % 2 == 0 ? 0.35 : 0.15;
    check_below(residual(s, cf_psi_rows[0], 0, 0.5), 1e-14,
                "a square with masses a, b, a, b is stationary (C4)");
    shape_polygon(s, 5);
    s->z[0] = cos(0.31);
    s->z[1] = sin(0.31);
    check(residual(s, cf_psi_rows[0], 0, 0.5) > 1e-4, "a perturbed vertex is not (C4, control)");
    shape_sphere_rule(s, 40, 80);
    check_below(residual(s, cf_psi_rows[0], 0, 0.1), 1e-12,
                "the uniform measure on S^2 is stationary (C4)");
    cf_loss *loss = make(cf_psi_rows[0], 0, 0.1, s->weights, s->n, 3);
    check_near(cf_loss_value(loss, s->z), log1p(0.05 * -expm1(-20)), 1e-13,
               "its loss at tau = 0.1 is log(1 + (1 - e^-20)/20) = 0.0487902 (C5)");
    cf_loss_free(&loss);
    shape_polygon(s, 200);
    loss = make(cf_psi_rows[0], 0, 0.1, s->weights, s->n, 2);
    check_near(cf_loss_value(loss, s->z), log1p(gsl_sf_bessel_I0_scaled(10)), 1e-14,
               "the uniform measure on S^1 has log(1 + e^-10 I_0(10)) = 0.1202984 (C5)");
    cf_loss_free(&loss);
}

static void test_extreme_tau(void)
{
    double z[POINTS * 2], u[POINTS * 2], du[POINTS * 2], m[POINTS];
    shape_random(z, POINTS, 2, 5, 1);
    random_weights(m, POINTS);
    const double taus[] = {1e-6, 1e-3, 1e6};
    bool finite = true;
    for (size_t t = 0; t < 3; t++)
        for (int psi = 0; cf_psi_rows[psi] != NULL; psi++) {
            cf_loss *loss = make(cf_psi_rows[psi], 0, taus[t], m, POINTS, 2);
            double value = cf_loss_gradient(loss, z, u);
            cf_loss_hessian_times(loss, z, du);
            for (size_t i = 0; i < POINTS * 2; i++)
                finite = finite && isfinite(u[i]) && isfinite(du[i]);
            finite = finite && isfinite(value);
            cf_loss_free(&loss);
        }
    check(finite, "tau from 1e-6 to 1e6 gives finite values, gradients and Hessian products");
    cf_err err = {0};
    cf_loss *loss = NULL;
    cf_loss_parameters parameters = {.psi = cf_psi_rows[0], .eta = {cf_eta_rows[0], 0, 1}};
    check(cf_loss_create(&parameters, m, POINTS, 2, &loss, &err) == CF_EINPUT &&
              strstr(err.message, "loss.tau = 0"),
          "tau = 0 is refused");
    cf_err unequal = {0};
    parameters = (cf_loss_parameters){.psi = &cf_psi_nt_xent, .eta = {cf_eta_rows[0], 0.1, 1}};
    check(cf_loss_create(&parameters, m, POINTS, 2, &loss, &unequal) == CF_EINPUT,
          "nt-xent with unequal weights is refused");
}

int main(void)
{
    cf_err err = {0};
    shape *s = cf_allocate("shape", 1, sizeof *s, &err);
    require(err.status, &err, "memory");
    for (int eta = 0; cf_eta_rows[eta] != NULL; eta++)
        for (int psi = 0; cf_psi_rows[psi] != NULL; psi++) {
            cf_loss_parameters parameters = {.psi = cf_psi_rows[psi],
                                             .eta = {cf_eta_rows[eta], 0.5, 1.5}};
            for (size_t k = 0; k < 9; k++) {
                parameters.views = 1 + k / 3;
                test_derivatives(&parameters, 1 + 2 * (k % 3));
            }
            test_engines(&parameters);
            test_first_variation(cf_psi_rows[psi], eta);
            test_stationary(s, cf_psi_rows[psi], eta);
        }
    for (size_t views = 1; views <= 3; views++) {
        cf_loss_parameters parameters = {
            .psi = &cf_psi_nt_xent, .eta = {cf_eta_rows[0], 0.5, 0}, .views = views};
        test_derivatives(&parameters, 3);
    }
    test_invariance();
    test_more_stationary(s);
    test_extreme_tau();
    free(s);
    return check_done();
}
