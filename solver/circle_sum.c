/* The circle, E80: two periodic kernels p(theta) = eta(1 - cos theta) and r(theta) = s eta'(s), and
 * their derivatives, give all sums:
 *   eta'(s) (x_i - x_j) = r(theta_i - theta_j) x_i + p'(theta_i - theta_j) t_i
 * with the unit vectors x_i and t_i (tangent). For the exponential profile p_k = e^{-1/tau}
 * I_k(1/tau) (E15). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/fourier.h"
#include "contraflow/solver/memory.h"
#include "periodic.h"
#include "sum_engine.h"
#include "vector_kernels.h"

static const double PI = 3.14159265358979323846;

enum { ARRAYS = 7 }; /* of the length n */

typedef struct {
    cf_profile profile;
    cf_periodic *periodic;
    size_t n, modes;
    cf_periodic_size size;
    double error;
    double *p, *r;      /* [K+1] coefficients of the kernels */
    double *spectrum;   /* [2(K+1)] */
    double *arrays;     /* owns the next ones, each [n] */
    double *x, *y;      /* the points */
    double *speed;      /* v_i.t_i */
    double *components; /* [2n] of the force: radial, tangential */
    double *rates;      /* [2n] of these */
} circle;

/* eta and eta' at one s. */
static void profile_at(const cf_profile *profile, double s, double eta[2])
{
    _Alignas(64) double argument[CF_LANES] = {s}, value[CF_LANES], derivative[CF_LANES];
    const cf_vector_kernels *vector = cf_vector_kernels_get(CF_SIMD_PORTABLE);
    profile->row->value(profile, vector, argument, CF_LANES, value);
    profile->row->derivatives(profile, vector, argument, value, CF_LANES, derivative, NULL);
    eta[0] = value[0];
    eta[1] = derivative[0];
}

/* The bound E80 of sum_{|k|>K} k^2 |p_k| by the strip of half-width a, relative to `scale`. */
static double tail(double K, double a, double largest, double scale)
{
    double b = expm1(a);
    return 2 * largest / scale * exp(-K * a) *
           (K * K / b + 2 * K * (1 + b) / (b * b) + (1 + b) * (2 + b) / (b * b * b));
}

/* The fewest modes that some strip proves sufficient. */
static size_t choose_modes(const cf_profile *profile, double tolerance)
{
    const double widest = 40, narrowest = 1e-4, step = 1.1;
    double best = HUGE_VAL, at_zero[2], edge[2];
    profile_at(profile, 0, at_zero);
    for (double a = narrowest; a < widest; a *= step) {
        double c = 2 * sinh(a / 2) * sinh(a / 2);
        if (c > 100 * profile->tau)
            break;
        profile_at(profile, -c, edge);
        if (!(edge[0] > 0 && edge[1] < 0)) /* beyond the pole of a power, also of a whole one */
            break;
        double largest = edge[0] + c * fabs(edge[1]);
        double K = 1;
        while (K < best && tail(K, a, largest, fabs(at_zero[1])) > tolerance)
            K = ceil(1.02 * K + 0.5);
        best = fmin(best, K);
    }
    return (size_t)best;
}

/* k p_k and r_k by the trapezoidal rule for p' = eta'(s) sin(theta) and r: exact but for what
 * aliases with them, the coefficients of k + count and so on. Then p_0 makes up eta(0) = sum p_k.
 */
static cf_status compute_coefficients(circle *sum, cf_err *err)
{
    size_t count = cf_fourier_length(4 * sum->modes + 16);
    double eta[2];
    cf_fourier *fourier = NULL;
    double *values = cf_allocate("kernel values", 2 * count, sizeof(double), err);
    double *spectrum = cf_allocate("kernel spectrum", 2 * count + 4, sizeof(double), err);
    cf_status status = cf_fourier_create(1, &count, 2, &fourier, err);
    if (values == NULL || spectrum == NULL)
        status = CF_ESYSTEM;
    for (size_t m = 0; m < count && status == CF_OK; m++) {
        double half = PI * (double)m / (double)count, s = 2 * sin(half) * sin(half);
        profile_at(&sum->profile, s, eta);
        values[2 * m] = eta[1] * 2 * sin(half) * cos(half) / (double)count;
        values[2 * m + 1] = eta[1] * s / (double)count;
    }
    if (status == CF_OK)
        cf_fourier_forward(fourier, values, spectrum);
    profile_at(&sum->profile, 0, eta);
    for (size_t k = sum->modes + 1; k-- > 0 && status == CF_OK;) {
        sum->p[k] = k > 0 ? spectrum[4 * k + 1] / (double)k : eta[0];
        sum->r[k] = spectrum[4 * k + 2];
        eta[0] -= 2 * sum->p[k];
    }
    cf_fourier_free(&fourier);
    free(values);
    free(spectrum);
    return status;
}

static double weighted_sum(const double *kernel, size_t modes, int derivative)
{
    double total = 0;
    for (size_t k = 0; k <= modes; k++)
        total += (k > 0 ? 2 : 1) * fabs(kernel[k]) * pow((double)k, derivative);
    return total;
}

/* The error of the cells, the largest over potentials, forces and their rates. */
static double cell_error(const circle *sum, cf_periodic_size size)
{
    double worst = 0;
    for (int d = 0; d <= 2; d++) {
        double error = cf_periodic_error(size, sum->p, d);
        if (d > 0)
            error = fmax(error, cf_periodic_error(size, sum->r, d - 1));
        worst = fmax(worst, error / weighted_sum(sum->p, sum->modes, d));
    }
    return worst;
}

/* The cheaper of the orders, each with the fewest cells that the tolerance allows. */
static cf_periodic_size choose_size(const circle *sum, double tolerance)
{
    cf_periodic_size best = {0};
    for (size_t order = 8; order <= 16; order += 8) {
        cf_periodic_size size = {sum->n, sum->modes, cf_fourier_length(2 * sum->modes + 2), order};
        while (cell_error(sum, size) > tolerance)
            size.cells = cf_fourier_length(size.cells + size.cells / 16 + 1);
        if (best.cells == 0 || cf_periodic_cost(size) < cf_periodic_cost(best))
            best = size;
    }
    return best;
}

/* What rounding leaves: of the transforms, and of angles, 5e-16 each, in the second derivative. */
static double rounding(double tau)
{
    return 5e-15 + 2e-15 / sqrt(fmin(tau, 1));
}

/* The kernel's coefficients, and from them the size and the error: what does not depend on points.
 */
static cf_status prepare(circle *sum, const cf_pair_sum_setup *setup, cf_err *err)
{
    sum->profile = setup->profile;
    sum->n = setup->n;
    double tau = sum->profile.tau, part = (setup->tolerance - rounding(tau)) / 2;
    sum->modes = choose_modes(&sum->profile, part);
    sum->p = cf_allocate("kernel coefficients", 2 * (sum->modes + 1), sizeof(double), err);
    if (sum->p == NULL)
        return CF_ESYSTEM;
    sum->r = sum->p + sum->modes + 1;
    cf_status status = compute_coefficients(sum, err);
    if (status != CF_OK)
        return status;
    sum->size = choose_size(sum, part);
    sum->error = part + cell_error(sum, sum->size) + rounding(tau);
    return CF_OK;
}

static cf_status allocate(circle *sum, cf_err *err)
{
    sum->spectrum = cf_allocate("modes", 2 * (sum->modes + 1), sizeof(double), err);
    sum->arrays = cf_allocate("circle arrays", ARRAYS * sum->n, sizeof(double), err);
    if (sum->spectrum == NULL || sum->arrays == NULL)
        return CF_ESYSTEM;
    sum->x = sum->arrays;
    sum->y = sum->x + sum->n;
    sum->speed = sum->y + sum->n;
    sum->components = sum->speed + sum->n;
    sum->rates = sum->components + 2 * sum->n;
    return cf_periodic_create(sum->size, &sum->periodic, err);
}

static void release(cf_sum_state **state)
{
    circle *sum = (circle *)*state;
    if (sum == NULL)
        return;
    cf_periodic_free(&sum->periodic);
    free(sum->p);
    free(sum->spectrum);
    free(sum->arrays);
    free(sum);
    *state = NULL;
}

static cf_status check(const cf_pair_sum_setup *setup, cf_err *err)
{
    cf_status status = cf_sum_engine_needs_plain(setup, "circle", err);
    if (status != CF_OK)
        return status;
    if (setup->d != 2 || !setup->unit)
        return cf_fail(err, CF_EINPUT,
                       "sums.engine = circle: needs latent.space = sphere of dimension 2 without "
                       "norm-floor; use auto");
    double reachable = 2 * rounding(setup->profile.tau);
    if (!(setup->tolerance >= reachable))
        return cf_fail(err, CF_EINPUT, "sums.tolerance = %g: must be at least %.2g on the circle",
                       setup->tolerance, reachable);
    return CF_OK;
}

/* Three columns to modes, five functions back. */
static cf_status plan(const cf_pair_sum_setup *setup, cf_sum_plan *out, cf_err *err)
{
    circle sum = {0};
    cf_status status = check(setup, err);
    if (status == CF_OK)
        status = prepare(&sum, setup, err);
    if (status == CF_OK) {
        double n = (double)sum.n, table = (double)(sum.size.cells * sum.size.order);
        snprintf(out->text, sizeof out->text, "%zu modes, %zu cells of order %zu", sum.modes,
                 sum.size.cells, sum.size.order);
        out->error = sum.error;
        out->seconds = 1e-9 * (8 * cf_periodic_cost(sum.size) + 6 * n);
        out->bytes = 8 * ((ARRAYS + 4) * n + 4 * table); /* points, cells; moments, at most 2 n */
    }
    free(sum.p);
    return status;
}

static cf_status create(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err)
{
    *out = NULL;
    cf_status status = check(setup, err);
    if (status != CF_OK)
        return status;
    circle *sum = cf_allocate("circle sum", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    *out = (cf_sum_state *)sum;
    status = prepare(sum, setup, err);
    if (status == CF_OK)
        status = allocate(sum, err);
    if (status != CF_OK)
        release(out);
    return status;
}

static void set_points(cf_sum_state *state, const double *y, const double *x)
{
    (void)y;
    circle *sum = (circle *)state;
    enum { BLOCK = 1024 };
    const cf_vector_kernels *vector = cf_vector_kernels_get(CF_SIMD_BEST);
    double *angle = sum->components;
#pragma omp parallel for schedule(static) if ((double)sum->n * BLOCK >= CF_WORTH_THREADS)
    for (size_t i = 0; i < sum->n; i += BLOCK)
        vector->angle(x + 2 * i, sum->n - i < BLOCK ? sum->n - i : BLOCK, angle + i);
    for (size_t i = 0; i < sum->n; i++) {
        sum->x[i] = x[2 * i];
        sum->y[i] = x[2 * i + 1];
    }
    cf_periodic_set_points(sum->periodic, angle);
}

static void set_motion(cf_sum_state *state, const double *ydot, const double *v)
{
    (void)ydot;
    circle *sum = (circle *)state;
    for (size_t i = 0; i < sum->n; i++)
        sum->speed[i] = sum->x[i] * v[2 * i + 1] - sum->y[i] * v[2 * i];
}

/* The weights of the sources, times the speeds if these are given. */
static void set_sources(circle *sum, const double *q, const double *speed)
{
    cf_periodic_modes(sum->periodic, q, speed, sum->spectrum);
}

static void clear(double *array, size_t count)
{
    memset(array, 0, count * sizeof *array);
}

/* Potentials. Below, `a` are the weights of the targets. */
static void add_p(circle *sum, int derivative, double factor, const double *const a[2], double *out)
{
    cf_periodic_function f = {factor, sum->p, derivative, sum->spectrum};
    cf_periodic_add(sum->periodic, &f, a[0], a[1], out);
}

/* The force, or its derivative, by components. */
static void add_force(circle *sum, int derivative, double factor, const double *const a[2],
                      double *components)
{
    cf_periodic_function r = {factor, sum->r, derivative, sum->spectrum};
    cf_periodic_add(sum->periodic, &r, a[0], a[1], components);
    add_p(sum, derivative + 1, factor, a, components + sum->n);
}

static void potential(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    circle *sum = (circle *)state;
    clear(out, sum->n);
    cf_sum_column column[2];
    for (int c = 0, count = cf_sum_columns(w, column); c < count; c++) {
        set_sources(sum, column[c].q, NULL);
        add_p(sum, 0, 1, (const double *[]){column[c].a, NULL}, out);
    }
}

/* Along the motion, f(theta_i - theta_j) changes by f' (speed_i - speed_j). */
static void potential_rate(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    circle *sum = (circle *)state;
    clear(out, sum->n);
    cf_sum_column column[2];
    for (int c = 0, count = cf_sum_columns(w, column); c < count; c++) {
        set_sources(sum, column[c].q, NULL);
        add_p(sum, 1, 1, (const double *[]){column[c].a, sum->speed}, out);
        set_sources(sum, column[c].q, sum->speed);
        add_p(sum, 1, -1, (const double *[]){column[c].a, NULL}, out);
    }
}

static void force(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    circle *sum = (circle *)state;
    clear(sum->components, 2 * sum->n);
    cf_sum_column column[2];
    for (int c = 0, count = cf_sum_columns(w, column); c < count; c++) {
        set_sources(sum, column[c].q, NULL);
        add_force(sum, 0, 1, (const double *[]){column[c].a, NULL}, sum->components);
    }
    const double *radial = sum->components, *tangential = radial + sum->n;
    for (size_t i = 0; i < sum->n; i++) {
        out[2 * i] = radial[i] * sum->x[i] - tangential[i] * sum->y[i];
        out[2 * i + 1] = radial[i] * sum->y[i] + tangential[i] * sum->x[i];
    }
}

/* The components change, and the frame turns: x' = speed t, t' = -speed x. */
static void force_rate(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out)
{
    circle *sum = (circle *)state;
    clear(sum->components, 2 * sum->n);
    clear(sum->rates, 2 * sum->n);
    cf_sum_column column[2];
    for (int c = 0, count = cf_sum_columns(w, column); c < count; c++) {
        set_sources(sum, column[c].q, NULL);
        add_force(sum, 0, 1, (const double *[]){column[c].a, NULL}, sum->components);
        add_force(sum, 1, 1, (const double *[]){column[c].a, sum->speed}, sum->rates);
        set_sources(sum, column[c].q, sum->speed);
        add_force(sum, 1, -1, (const double *[]){column[c].a, NULL}, sum->rates);
    }
    for (int c = 0, count = cf_sum_columns(dw, column); c < count; c++) {
        set_sources(sum, column[c].q, NULL);
        add_force(sum, 0, 1, (const double *[]){column[c].a, NULL}, sum->rates);
    }
    for (size_t i = 0; i < sum->n; i++) {
        double speed = sum->speed[i];
        double radial = sum->rates[i] - speed * sum->components[sum->n + i];
        double tangential = sum->rates[sum->n + i] + speed * sum->components[i];
        out[2 * i] = radial * sum->x[i] - tangential * sum->y[i];
        out[2 * i + 1] = radial * sum->y[i] + tangential * sum->x[i];
    }
}

const cf_sum_engine cf_sum_engine_circle = {"circle",       plan,       create,    release,
                                            set_points,     set_motion, potential, force,
                                            potential_rate, force_rate, NULL};
