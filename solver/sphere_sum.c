/* The sphere S^2, E82: with eta(1 - t) = sum_l p_l P_l(t) and s eta'(s) = sum_l r_l P_l, the force
 * eta'(s) (x_i - x_j), summed over sources, is R(x_i) x_i + grad Phi(x_i), where Phi and R are the
 * sums of the two kernels; both, and all that moves with points and sources, are functions of
 * degree L + 1 (sphere_transform.h). For the exponential profile p_l = (2l+1) c_l, c_l = e^{-1/tau}
 * i_l(1/tau) (E15), and r_l = -((2l+1) c_l - l c_{l-1} - (l+1) c_{l+1})/tau. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/bessel.h"
#include "contraflow/solver/fourier.h"
#include "contraflow/solver/memory.h"
#include "sphere_transform.h"
#include "sum_engine.h"

static const double PI = 3.14159265358979323846;

enum { MOST_DEGREE = 1500, MOST_TERMS = 4096 };

typedef struct {
    double tau, error;
    size_t n;
    cf_sphere_setup setup;
    cf_sphere_transform *transform;
    double *p, *r;   /* [L+1] */
    double *changes; /* [L+1] p without p_0, which does not change and would only round */
    double *sources, *potential, *radial; /* functions at nodes */
    double *x;                            /* [n*3] */
    double *velocity;                     /* [n*2] along t and s */
    double *component;                    /* [3][n] of a force: radial, along t, along s */
} sphere;

/* --- creation --- */

/* Transforms, and angles of 5e-16 in the second derivative. */
static double rounding(double tau)
{
    return 1e-14 + 4e-15 / sqrt(fmin(tau, 1));
}

/* The least degree beyond which sum l(l+1)/2 p_l, the second derivative of the kernel at 0, is
 * below the tolerance relative to all of it, 1/tau; 0 where MOST_DEGREE does not do. Coefficients
 * fall faster and faster, by more than half at the end of those looked at. */
static size_t choose_degree(double tau, double tolerance, double *c)
{
    size_t degree = MOST_TERMS - 1;
    double last = (double)degree, rest = 0;
    cf_bessel_spherical_scaled(1 / tau, MOST_TERMS, c);
    if (c[degree] * last * last * last > 1e-3 * tolerance / tau)
        return 0;
    while (degree > 1) {
        double l = (double)degree;
        rest += l * (l + 1) / 2 * (2 * l + 1) * c[degree];
        if (rest > tolerance / tau)
            break;
        degree--;
    }
    return degree <= MOST_DEGREE ? degree : 0;
}

static void set_kernels(sphere *sum, const double *c)
{
    for (size_t k = 0; k <= sum->setup.degree; k++) {
        double l = (double)k, below = k > 0 ? l * c[k - 1] : 0;
        sum->p[k] = (2 * l + 1) * c[k];
        sum->changes[k] = k > 0 ? sum->p[k] : 0;
        sum->r[k] = -((2 * l + 1) * c[k] - below - (l + 1) * c[k + 1]) / sum->tau;
    }
}

static cf_status allocate(sphere *sum, cf_err *err)
{
    size_t nodes = cf_sphere_nodes_size(&sum->setup), degrees = sum->setup.degree + 1;
    const struct {
        double **array;
        size_t count;
    } own[] = {{&sum->p, degrees},     {&sum->changes, degrees},     {&sum->r, degrees},
               {&sum->sources, nodes}, {&sum->potential, nodes},     {&sum->radial, nodes},
               {&sum->x, 3 * sum->n},  {&sum->velocity, 2 * sum->n}, {&sum->component, 3 * sum->n}};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
        *own[k].array = cf_allocate("sphere sum", own[k].count, sizeof(double), err);
        if (*own[k].array == NULL)
            return CF_ESYSTEM;
    }
    return cf_sphere_transform_create(&sum->setup, &sum->transform, err);
}

static cf_status check(const cf_pair_sum_setup *setup, cf_err *err)
{
    cf_status status = cf_sum_engine_needs_plain(setup, "sphere", err);
    if (status != CF_OK)
        return status;
    if (setup->d != 3 || !setup->unit || setup->profile.row != cf_eta_rows[0])
        return cf_fail(err, CF_EINPUT,
                       "sums.engine = sphere: needs latent.space = sphere of dimension 3 without "
                       "norm-floor, and loss.eta = exponential; use auto");
    double reachable = fmax(2e-13, 4 * rounding(setup->profile.tau));
    if (cf_window_choose(setup->tolerance) == NULL || setup->tolerance < reachable)
        return cf_fail(err, CF_EINPUT, "sums.tolerance = %g: must be at least %.2g on the sphere",
                       setup->tolerance, reachable);
    return CF_OK;
}

/* Degree, grid and error, and the kernel c [MOST_TERMS]: what does not depend on points. The grid
 * has what the window needs for a Gaussian of variance tau, and what the degree needs. */
static cf_status prepare(sphere *sum, const cf_pair_sum_setup *setup, double *c, cf_err *err)
{
    const cf_window_row *row = cf_window_choose(setup->tolerance);
    sum->tau = setup->profile.tau;
    sum->n = setup->n;
    size_t degree = choose_degree(sum->tau, setup->tolerance / 4, c);
    if (degree == 0)
        return cf_fail(err, CF_EINPUT,
                       "sums.engine = sphere: loss.tau = %g needs harmonics beyond degree %d; "
                       "use auto",
                       sum->tau, MOST_DEGREE);
    double needed = fmax(row->density * 2 * PI / sqrt(sum->tau), 2 * (double)degree + 6);
    sum->setup =
        (cf_sphere_setup){row, sum->n, degree, cf_fourier_length((size_t)fmax(ceil(needed), 32))};
    sum->error = row->tolerance / 3 + setup->tolerance / 4 + rounding(sum->tau);
    return CF_OK;
}

static void release(cf_sum_state **state)
{
    sphere *sum = (sphere *)*state;
    cf_sphere_transform_free(&sum->transform);
    free(sum->p);
    free(sum->r);
    free(sum->changes);
    free(sum->sources);
    free(sum->potential);
    free(sum->radial);
    free(sum->x);
    free(sum->velocity);
    free(sum->component);
    free(sum);
    *state = NULL;
}

/* Three columns to the grid, and three evaluations of seven functions. */
static cf_status plan(const cf_pair_sum_setup *setup, cf_sum_plan *out, cf_err *err)
{
    sphere sum = {0};
    double c[MOST_TERMS];
    cf_status status = check(setup, err);
    if (status == CF_OK)
        status = prepare(&sum, setup, c, err);
    if (status != CF_OK)
        return status;
    const cf_window_setup window = {sum.setup.row, 2, 3, sum.n, 1, 1};
    cf_window_cost cost = cf_window_predict(&window, 1);
    snprintf(out->text, sizeof out->text, "degree %zu, %zu nodes around", sum.setup.degree,
             sum.setup.length);
    out->error = sum.error;
    out->seconds = 1e-9 * (6 * cost.window + 10 * cost.nodes + cf_sphere_predict(&sum.setup));
    out->bytes = cf_sphere_bytes(&sum.setup) +
                 8 * (8 * (double)sum.n + 3 * (double)cf_sphere_nodes_size(&sum.setup));
    return CF_OK;
}

static cf_status create(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err)
{
    *out = NULL;
    double c[MOST_TERMS];
    cf_status status = check(setup, err);
    if (status != CF_OK)
        return status;
    sphere *sum = cf_allocate("sphere sum", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    *out = (cf_sum_state *)sum;
    status = prepare(sum, setup, c, err);
    if (status == CF_OK)
        status = allocate(sum, err);
    if (status == CF_OK)
        set_kernels(sum, c);
    else
        release(out);
    return status;
}

/* --- points --- */

/* Tangents along t and s at a point, as the angle functions have them at the poles. */
static void tangents(const double *x, double along[3], double around[3])
{
    double radius = sqrt(x[0] * x[0] + x[1] * x[1]);
    double c = radius > 0 ? x[0] / radius : 1, s = radius > 0 ? x[1] / radius : 0;
    along[0] = x[2] * c;
    along[1] = x[2] * s;
    along[2] = -radius;
    around[0] = -s;
    around[1] = c;
    around[2] = 0;
}

static void set_points(cf_sum_state *state, const double *y, const double *x)
{
    (void)y;
    sphere *sum = (sphere *)state;
    memcpy(sum->x, x, 3 * sum->n * sizeof *x);
    cf_sphere_set_points(sum->transform, x);
}

static void set_motion(cf_sum_state *state, const double *ydot, const double *xdot)
{
    (void)ydot;
    sphere *sum = (sphere *)state;
    for (size_t i = 0; i < sum->n; i++) {
        double along[3], around[3];
        tangents(sum->x + 3 * i, along, around);
        sum->velocity[2 * i] = sum->velocity[2 * i + 1] = 0;
        for (size_t k = 0; k < 3; k++) {
            sum->velocity[2 * i] += along[k] * xdot[3 * i + k];
            sum->velocity[2 * i + 1] += around[k] * xdot[3 * i + k];
        }
    }
}

/* --- sums --- */

/* Phi of `sources`, but for a constant, and R where there are two kernels. */
static void convolve(sphere *sum, int kernels)
{
    cf_sphere_convolve(sum->transform, sum->sources, kernels,
                       (const double *[]){sum->changes, sum->r},
                       (double *[]){sum->potential, sum->radial});
}

static void evaluate(sphere *sum, int fields, const cf_window_term *terms)
{
    cf_window_add(cf_sphere_window(sum->transform), fields, terms, (size_t)fields);
}

/* out_i += a_i Phi by the kernel given. */
static void add_potential(sphere *sum, const double *kernel, const double *a, double *out)
{
    const cf_window_term term = {0, 1, a, NULL, 0, out, 1};
    cf_sphere_convolve(sum->transform, sum->sources, 1, &kernel, &sum->potential);
    cf_sphere_show(sum->transform, 0, sum->potential, CF_SPHERE_VALUE);
    evaluate(sum, 1, &term);
}

/* out_i += a_i times the derivative of a function along the motion. */
static void add_along_motion(sphere *sum, const double *nodes, const double *a, double *out,
                             size_t stride)
{
    const cf_window_term terms[] = {{0, 1, a, sum->velocity, 2, out, stride},
                                    {1, 1, a, sum->velocity + 1, 2, out, stride}};
    cf_sphere_show(sum->transform, 0, nodes, CF_SPHERE_ALONG);
    cf_sphere_show(sum->transform, 1, nodes, CF_SPHERE_AROUND);
    evaluate(sum, 2, terms);
}

/* The components of a_i (R x_i + grad Phi) are added. */
static void add_components(sphere *sum, const double *a)
{
    cf_window_term terms[3];
    for (int k = 0; k < 3; k++)
        terms[k] = (cf_window_term){k, 1, a, NULL, 0, sum->component + (size_t)k * sum->n, 1};
    convolve(sum, 2);
    cf_sphere_show(sum->transform, 0, sum->radial, CF_SPHERE_VALUE);
    cf_sphere_show(sum->transform, 1, sum->potential, CF_SPHERE_ALONG);
    cf_sphere_show(sum->transform, 2, sum->potential, CF_SPHERE_AROUND);
    evaluate(sum, 3, terms);
}

static void add_forces(sphere *sum, const cf_pair_weights *w)
{
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    for (int c = 0; c < columns; c++) {
        cf_sphere_spread(sum->transform, column[c].q, sum->sources);
        add_components(sum, column[c].a);
    }
}

static void join_components(const sphere *sum, double *out)
{
    const double *radial = sum->component, *first = radial + sum->n, *second = first + sum->n;
    for (size_t i = 0; i < sum->n; i++) {
        double along[3], around[3];
        tangents(sum->x + 3 * i, along, around);
        for (size_t k = 0; k < 3; k++)
            out[3 * i + k] +=
                radial[i] * sum->x[3 * i + k] + first[i] * along[k] + second[i] * around[k];
    }
}

static void potential(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    sphere *sum = (sphere *)state;
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    memset(out, 0, sum->n * sizeof *out);
    for (int c = 0; c < columns; c++) {
        cf_sphere_spread(sum->transform, column[c].q, sum->sources);
        add_potential(sum, sum->p, column[c].a, out);
    }
}

static void force(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    sphere *sum = (sphere *)state;
    memset(sum->component, 0, 3 * sum->n * sizeof *sum->component);
    memset(out, 0, 3 * sum->n * sizeof *out);
    add_forces(sum, w);
    join_components(sum, out);
}

/* Targets and sources move. */
static void potential_rate(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    sphere *sum = (sphere *)state;
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    memset(out, 0, sum->n * sizeof *out);
    for (int c = 0; c < columns; c++) {
        cf_sphere_spread(sum->transform, column[c].q, sum->sources);
        convolve(sum, 1);
        add_along_motion(sum, sum->potential, column[c].a, out, 1);
        cf_sphere_spread_moving(sum->transform, column[c].q, sum->velocity, sum->sources);
        add_potential(sum, sum->changes, column[c].a, out);
    }
}

/* In the ambient space, whose components are functions on the sphere. */
static void force_rate(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out)
{
    sphere *sum = (sphere *)state;
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    memset(sum->component, 0, 3 * sum->n * sizeof *sum->component);
    memset(out, 0, 3 * sum->n * sizeof *out);
    for (int c = 0; c < columns; c++) {
        cf_sphere_spread(sum->transform, column[c].q, sum->sources);
        convolve(sum, 2);
        cf_sphere_vector(sum->transform, sum->potential, sum->radial);
        for (int k = 0; k < 3; k++) {
            cf_sphere_component(sum->transform, k, sum->sources);
            add_along_motion(sum, sum->sources, column[c].a, out + k, 3);
        }
        cf_sphere_spread_moving(sum->transform, column[c].q, sum->velocity, sum->sources);
        add_components(sum, column[c].a);
    }
    add_forces(sum, dw);
    join_components(sum, out);
}

const cf_sum_engine cf_sum_engine_sphere = {"sphere",       plan,       create,    release,
                                            set_points,     set_motion, potential, force,
                                            potential_rate, force_rate, NULL};
