/* Losses of several views: against an independent implementation, coincident views against the
 * invariant loss (C1), the order of views, temperatures at which every similarity underflows, and
 * the number of threads. Their derivatives are tested with the others in test_loss.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "check.h"
#include "contraflow/models/flow.h"
#include "contraflow/models/latent.h"
#include "contraflow/models/loss.h"
#include "shapes.h"

enum { MOST = 4096 };

typedef struct {
    cf_loss_parameters parameters;
    size_t n, d; /* rows */
    double weights[MOST], z[MOST], u[MOST], v[MOST], du[MOST];
    double value;
} problem;

static cf_loss *make(const problem *p)
{
    cf_err err = {0};
    cf_loss *loss = NULL;
    require(cf_loss_create(&p->parameters, p->weights, p->n, p->d, &loss, &err), &err, "loss");
    return loss;
}

static void solve(problem *p)
{
    cf_loss *loss = make(p);
    p->value = cf_loss_gradient(loss, p->z, p->u);
    cf_loss_hessian_times(loss, p->v, p->du);
    cf_loss_free(&loss);
}

/* `points` random points of unequal masses, in `views` views that coincide or not. */
static void fill(problem *p, const cf_psi *psi, size_t views, size_t points, size_t d,
                 bool coincident)
{
    double mass = 0;
    bool equal = psi == &cf_psi_nt_xent;
    p->parameters =
        (cf_loss_parameters){.psi = psi, .eta = {cf_eta_rows[0], 0.3, 1.5}, .views = views};
    p->n = views * points;
    p->d = d;
    shape_random(p->z, p->n, d, 7, equal);
    shape_random(p->v, p->n, d, 8, false);
    for (size_t i = 0; i < p->n; i++) {
        size_t first = i / views * views;
        p->weights[i] = equal ? 1 : 1.5 + sin((double)(i / views));
        mass += p->weights[i];
        if (coincident) {
            memcpy(p->z + i * d, p->z + first * d, d * sizeof(double));
            memcpy(p->v + i * d, p->v + first * d, d * sizeof(double));
        }
    }
    for (size_t i = 0; i < p->n; i++)
        p->weights[i] /= mass;
}

static double largest(const double *x, size_t count)
{
    double size = 0;
    for (size_t k = 0; k < count; k++)
        size = worse(size, fabs(x[k]));
    return size;
}

static double distance(const double *x, const double *y, size_t count)
{
    double size = 0;
    for (size_t k = 0; k < count; k++)
        size = worse(size, fabs(x[k] - y[k]));
    return size;
}

static int row_of(const char *const *names, const char *name)
{
    int row = 0;
    while (names[row] != NULL && strcmp(names[row], name) != 0)
        row++;
    return row;
}

static bool read_numbers(FILE *file, double *x, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (fscanf(file, "%lf", &x[k]) != 1)
            return false;
    return true;
}

/* A case of tests/data/losses.txt; gradient [n*d] is dL/dz. False at the end. */
static bool read_case(FILE *file, problem *p, char *name, double *gradient)
{
    char kind[16], psi[16], eta[16];
    double tau, exponent;
    size_t views, points;
    if (fscanf(file, "%15s %15s %15s %lf %lf %zu %zu %zu", kind, psi, eta, &tau, &exponent, &views,
               &points, &p->d) != 8)
        return false;
    bool general = strcmp(kind, "generalized") == 0;
    p->parameters = (cf_loss_parameters){
        .psi = general ? cf_psi_rows[row_of(cf_psi_names, psi)] : &cf_psi_nt_xent,
        .eta = {cf_eta_rows[row_of(cf_eta_names, eta)], tau, exponent},
        .views = views};
    p->n = points * views;
    snprintf(name, 160, "%s, Psi = %s, eta = %s, tau = %g, V = %zu", kind, psi, eta, tau, views);
    double mass[64];
    require(read_numbers(file, mass, points) && read_numbers(file, p->z, p->n * p->d) &&
                    read_numbers(file, &p->value, 1) && read_numbers(file, gradient, p->n * p->d)
                ? CF_OK
                : CF_EINPUT,
            &(cf_err){.message = "tests/data/losses.txt"}, "reference");
    for (size_t i = 0; i < p->n; i++)
        p->weights[i] = mass[i / views] / (double)views;
    return true;
}

static void test_reference(problem *p)
{
    char name[160];
    double gradient[256], expected, radius[64];
    size_t cases = 0;
    FILE *file = fopen("tests/data/losses.txt", "r");
    for (; file != NULL && read_case(file, p, name, gradient); cases++) {
        expected = p->value;
        solve(p);
        check_near(p->value, expected, 1e-12 * fabs(expected),
                   "the loss of an independent implementation: %s", name);
        cf_latent sphere = {true, p->d, 0, 0};
        for (size_t i = 0; i < p->n; i++)
            radius[i] = 1;
        if (p->parameters.psi == &cf_psi_nt_xent)
            cf_latent_pull(&sphere, p->z, radius, p->u, p->n, p->u);
        for (size_t k = 0; k < p->n * p->d; k++)
            p->u[k] *= p->weights[k / p->d];
        check_below(distance(p->u, gradient, p->n * p->d) / largest(gradient, p->n * p->d), 1e-12,
                    "and its gradient");
    }
    if (file != NULL)
        fclose(file);
    check(cases == 17, "all reference cases are there");
}

/* Views that coincide give the invariant loss of one view, E1 for two views. */
static void test_coincident(problem *p, problem *q)
{
    const cf_psi *rows[] = {cf_psi_rows[0], cf_psi_rows[1], cf_psi_rows[2], &cf_psi_nt_xent};
    for (size_t row = 0; row < 4; row++)
        for (size_t views = 2; views <= (row == 3 ? 2 : 4); views++) {
            fill(p, rows[row], views, 20, 3, true);
            fill(q, rows[row], 1, 20, 3, true);
            for (size_t k = 0; k < q->n * q->d; k++) {
                q->z[k] = p->z[(k / 3 * views) * 3 + k % 3];
                q->v[k] = p->v[(k / 3 * views) * 3 + k % 3];
            }
            solve(p);
            solve(q);
            double u = 0, du = 0;
            for (size_t k = 0; k < p->n * p->d; k++) {
                size_t one = k / 3 / views * 3 + k % 3;
                u = worse(u, fabs(p->u[k] - q->u[one]));
                du = worse(du, fabs(p->du[k] - q->du[one]));
            }
            check_near(p->value, q->value, 1e-14 * fabs(q->value),
                       "%zu coincident views have the invariant loss, Psi = %s (C1)", views,
                       rows[row]->name);
            check_below(u / largest(q->u, q->n * 3), 1e-14, "and its gradient");
            check_below(du / largest(q->du, q->n * 3), 1e-14, "and its Hessian products");
        }
}

static void test_order(problem *p, problem *q)
{
    const cf_psi *rows[] = {cf_psi_rows[0], &cf_psi_nt_xent};
    for (size_t row = 0; row < 2; row++) {
        fill(p, rows[row], 3, 20, 2, false);
        fill(q, rows[row], 3, 20, 2, false);
        for (size_t k = 0; k < p->n * p->d; k++) {
            size_t i = k / 6, v = k / 2 % 3;
            q->z[k] = p->z[i * 6 + (v * 2 + 1) % 3 * 2 + k % 2]; /* views 1, 0, 2 */
        }
        solve(p);
        solve(q);
        check_near(p->value, q->value, 1e-14 * fabs(p->value),
                   "the order of views does not matter, Psi = %s", rows[row]->name);
        double u = 0;
        for (size_t k = 0; k < p->n * p->d; k++)
            u = worse(u, fabs(q->u[k] - p->u[k / 6 * 6 + (k / 2 % 3 * 2 + 1) % 3 * 2 + k % 2]));
        check_below(u / largest(p->u, p->n * p->d), 1e-14, "and gradients move with their views");
    }
}

/* R/A of E2 in logarithms, in long double. */
static long double log_quotient(const problem *p, size_t i, size_t v, size_t w)
{
    const cf_profile *eta = &p->parameters.eta;
    size_t V = p->parameters.views, d = p->d;
    long double sum = 0, top = -INFINITY, own = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < p->n / V; j++) {
            long double s = 0;
            for (size_t k = 0; k < d; k++) {
                long double x = (long double)p->z[(i * V + v) * d + k] - p->z[(j * V + w) * d + k];
                s += x * x / 2;
            }
            long double l =
                eta->row == cf_eta_rows[0] ? -s / eta->tau : -eta->exponent * log1pl(s / eta->tau);
            own = j == i ? l : own;
            top = pass == 0 ? fmaxl(top, l) : top;
            sum += pass == 0 ? 0 : p->weights[j * V] * (long double)V * expl(l - top);
        }
    return top + logl(sum) - own;
}

static long double exact(const problem *p)
{
    size_t V = p->parameters.views;
    long double total = 0;
    for (size_t i = 0; i < p->n / V; i++)
        for (size_t v = 0; v < V; v++)
            for (size_t w = 0; w < V; w++) {
                long double l = v == w ? 0 : log_quotient(p, i, v, w);
                long double value =
                    p->parameters.psi == cf_psi_rows[0] ? fmaxl(l, 0) + log1pl(expl(-fabsl(l))) : l;
                total += v == w ? 0 : p->weights[i * V] / (long double)(V - 1) * value;
            }
    return total;
}

static bool finite(const problem *p)
{
    bool all = isfinite(p->value);
    for (size_t k = 0; k < p->n * p->d; k++)
        all = all && isfinite(p->u[k]) && isfinite(p->du[k]);
    return all;
}

/* A flow says so, instead of following an infinite gradient. */
static void test_overflow(problem *p)
{
    cf_err err = {0};
    cf_flow *flow = NULL;
    const cf_data data = {.n = p->n, .dimension = p->d, .points = p->z, .weights = p->weights};
    const cf_flow_setup setup = {
        .data = &data, .latent = {.dimension = p->d}, .loss = p->parameters, .start = p->z};
    require(cf_flow_kinds()[0]->create(&setup, &flow, &err), &err, "flow");
    const cf_ode *ode = cf_flow_ode(flow);
    double dissipation;
    check(ode->rhs(ode->system, 0, p->z, p->u, &dissipation, &err) == CF_ENUMERIC &&
              strstr(err.message, "loss = inf"),
          "and a flow refuses to go on with it");
    cf_flow_free(&flow);
}

static void test_extreme(problem *p)
{
    const double tau[] = {1e-6, 1e-3, 1e6};
    for (int eta = 0; eta < 2; eta++)
        for (int psi = 0; psi < 2; psi++)
            for (size_t t = 0; t < 3; t++) {
                fill(p, cf_psi_rows[psi], 2, 20, 2, false);
                p->parameters.eta = (cf_profile){cf_eta_rows[eta], tau[t], 500};
                solve(p);
                double expected = (double)exact(p);
                check_near(p->value, expected, 1e-14 * fmax(1, fabs(expected)),
                           "similarities that underflow: Psi = %s, eta = %s, tau = %g",
                           cf_psi_names[psi], cf_eta_names[eta], tau[t]);
                check(finite(p), "and gradients and Hessian products are finite");
            }
    fill(p, &cf_psi_nt_xent, 2, 20, 3, false);
    p->parameters.eta.tau = 1e-6;
    solve(p);
    check(finite(p) && p->value > 0, "nt-xent is finite at tau = 1e-6");
    fill(p, cf_psi_rows[2], 2, 20, 3, false);
    p->parameters.eta.tau = 1e-6;
    solve(p);
    check(isinf(p->value), "Psi = identity overflows to infinity at tau = 1e-6");
    test_overflow(p);
}

static void test_threads(problem *p, problem *q)
{
#ifdef _OPENMP
    const cf_psi *rows[] = {cf_psi_rows[0], &cf_psi_nt_xent};
    for (size_t row = 0; row < 2; row++) {
        fill(p, rows[row], 2, 600, 2, false); /* enough to wake threads */
        fill(q, rows[row], 2, 600, 2, false);
        omp_set_num_threads(1);
        solve(p);
        for (int threads = 2; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            solve(q);
            check(memcmp(p, q, sizeof *p) == 0, "%d threads give the same bits, Psi = %s", threads,
                  rows[row]->name);
        }
    }
#else
    (void)p, (void)q;
#endif
}

static void test_refusals(problem *p)
{
    cf_err err = {0};
    cf_loss *loss = NULL;
    fill(p, cf_psi_rows[0], 2, 20, 2, false);
    p->weights[3] *= 2;
    check(cf_loss_create(&p->parameters, p->weights, p->n, 2, &loss, &err) == CF_EINPUT &&
              strstr(err.message, "row 4"),
          "views of unequal masses are refused");
    err = (cf_err){0};
    check(cf_loss_create(&p->parameters, p->weights, 39, 2, &loss, &err) == CF_EINPUT,
          "rows that are no whole number of views are refused");
    fill(p, cf_psi_rows[0], 2, 20, 2, false);
    loss = make(p);
    check(!cf_loss_first_variation(loss, p->z, p->u), "several views have no first variation (E4)");
    cf_loss_free(&loss);
}

int main(void)
{
    static problem p, q;
    test_reference(&p);
    test_coincident(&p, &q);
    test_order(&p, &q);
    test_extreme(&p);
    test_threads(&p, &q);
    test_refusals(&p);
    return check_done();
}
