/* Gaussian sums in R^1, R^2, R^3, E81: on a periodic box that contains the points with a margin to
 * their images, eta(s) = exp(-|x|^2/2tau) is the product over dimensions of sum_k c_k e^{i kappa_k
 * x}, kappa = 2 pi k/B, c_k = sqrt(2 pi tau)/B e^{-tau kappa^2/2}, and derivatives are factors
 * i kappa: with F[q] the transform of points to modes, forces are sums with i kappa_k c F[q], and
 * what moving sources add is -c sum_l i kappa_l F[q v_l]. The grid has the nodes that its window
 * needs per sqrt(tau), so that it grows with the points; where it would exceed its memory they are
 * far apart, and their sums are taken directly. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "sum_engine.h"
#include "window.h"

static const double PI = 3.14159265358979323846;

enum { MOST_ORDER = 2, SHORTEST = 32 };

typedef struct {
    double tau, tolerance;
    size_t n, d;
    cf_window_setup setup;
    cf_window *window;
    double margin; /* between the points and their images */
    double error;
    cf_sum_state *direct; /* where points are far apart */
    bool far;
    size_t length;                  /* of the grid in a dimension */
    double *tables;                 /* owns the next ones, each [length] */
    double *kernel[MOST_ORDER + 1]; /* kappa^order c_k and the window's inverse twice */
    double *kappa;
    double *spectrum, *dipole; /* of the sources, and of moving ones */
    double *position;          /* [n*d] */
    double *motion;            /* [n*d] */
} grid;

/* --- creation --- */

/* A force and its rate feel an image at distance r by (r^2/tau) e^{-r^2/2tau} relative to their own
 * size; there are 3^d - 1 next images. */
static double margin_of(double tau, double tolerance)
{
    double square = 2 * log(1 / tolerance);
    for (int k = 0; k < 10; k++)
        square = 2 * log(104 * square / tolerance);
    return sqrt(tau * square);
}

/* Transforms and spreading, relative to the total of the weights. */
static double rounding(const grid *sum)
{
    return 2e-15 * log2((double)sum->setup.longest) * (double)sum->d;
}

/* Memory of a few hundred numbers a point, and of small grids in any case. */
static size_t longest_of(size_t n, size_t d)
{
    double numbers = (d == 1 ? 16 : 64) * (double)n + 65536;
    return (size_t)pow(numbers, 1 / (double)d);
}

static cf_status check(const cf_pair_sum_setup *setup, cf_err *err)
{
    cf_status status = cf_sum_engine_needs_plain(setup, "grid", err);
    if (status != CF_OK)
        return status;
    if (setup->profile.row != cf_eta_rows[0])
        return cf_fail(err, CF_EINPUT,
                       "sums.engine = grid: needs loss.eta = exponential; use auto");
    if (setup->d > 3)
        return cf_fail(err, CF_EINPUT,
                       "sums.engine = grid: needs latent.dimension 1, 2 or 3, not %zu; use auto",
                       setup->d);
    return CF_OK;
}

static cf_status allocate(grid *sum, cf_err *err)
{
    size_t longest = sum->setup.longest, modes = 2;
    for (size_t k = 1; k < sum->d; k++)
        modes *= longest;
    modes *= longest / 2 + 1;
    sum->tables = cf_allocate("grid tables", (MOST_ORDER + 2) * longest, sizeof(double), err);
    sum->spectrum = cf_allocate("grid spectrum", modes, sizeof(double), err);
    sum->dipole = cf_allocate("grid spectrum", modes, sizeof(double), err);
    sum->position = cf_allocate("grid points", sum->n * sum->d, sizeof(double), err);
    sum->motion = cf_allocate("grid motion", sum->n * sum->d, sizeof(double), err);
    if (sum->tables == NULL || sum->spectrum == NULL || sum->dipole == NULL ||
        sum->position == NULL || sum->motion == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k <= MOST_ORDER; k++)
        sum->kernel[k] = sum->tables + k * longest;
    sum->kappa = sum->tables + (MOST_ORDER + 1) * longest;
    return CF_OK;
}

/* The window, the margin and the error: what does not depend on points. */
static cf_status prepare(grid *sum, const cf_pair_sum_setup *setup, cf_err *err)
{
    const cf_window_row *row = cf_window_choose(setup->tolerance);
    sum->tau = setup->profile.tau;
    sum->n = setup->n;
    sum->d = setup->d;
    sum->setup = (cf_window_setup){.row = row,
                                   .rank = (int)sum->d,
                                   .fields = (int)sum->d,
                                   .points = sum->n,
                                   .shortest = SHORTEST,
                                   .longest = longest_of(sum->n, sum->d)};
    if (row == NULL || setup->tolerance < 4 * rounding(sum))
        return cf_fail(err, CF_EINPUT, "sums.tolerance = %g: must be at least %.2g on the grid",
                       setup->tolerance, fmax(2e-13, 4 * rounding(sum)));
    sum->margin = margin_of(sum->tau, setup->tolerance / 4);
    sum->error = row->tolerance / 2 + setup->tolerance / 4 + rounding(sum);
    return CF_OK;
}

static cf_status create_parts(grid *sum, const cf_pair_sum_setup *setup, cf_err *err)
{
    cf_pair_sum_setup exact = *setup;
    exact.engine = CF_SUMS_DIRECT;
    cf_status status = cf_sum_engine_direct.create(&exact, &sum->direct, err);
    if (status == CF_OK)
        status = cf_window_create(&sum->setup, &sum->window, err);
    return status == CF_OK ? allocate(sum, err) : status;
}

static void release(cf_sum_state **state)
{
    grid *sum = (grid *)*state;
    if (sum->direct != NULL)
        cf_sum_engine_direct.free(&sum->direct);
    cf_window_free(&sum->window);
    free(sum->tables);
    free(sum->spectrum);
    free(sum->dipole);
    free(sum->position);
    free(sum->motion);
    free(sum);
    *state = NULL;
}

static cf_status create(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err)
{
    *out = NULL;
    cf_status status = check(setup, err);
    if (status != CF_OK)
        return status;
    grid *sum = cf_allocate("grid sum", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    *out = (cf_sum_state *)sum;
    status = prepare(sum, setup, err);
    if (status == CF_OK)
        status = create_parts(sum, setup, err);
    if (status != CF_OK)
        release(out);
    return status;
}

/* Where it is not known how far the points spread: n^{1/d} sqrt(tau). Potential: a spread, a show;
 * force: two spreads, 2d shows. Grids: values, modes, two spectra, the padded one and d fields, and
 * those of FFTW. */
static cf_status plan(const cf_pair_sum_setup *setup, cf_sum_plan *out, cf_err *err)
{
    grid sum = {0};
    cf_sum_plan direct;
    cf_status status = check(setup, err);
    if (status == CF_OK)
        status = prepare(&sum, setup, err);
    if (status == CF_OK)
        status = cf_sum_engine_direct.plan(setup, &direct, err);
    if (status != CF_OK)
        return status;
    double n = (double)sum.n, d = (double)sum.d;
    double extent = pow(n, 1 / d) + sum.margin / sqrt(sum.tau);
    cf_window_cost cost = cf_window_predict(&sum.setup, (size_t)(extent * sum.setup.row->density));
    snprintf(out->text, sizeof out->text, "up to %zu nodes a dimension", sum.setup.longest);
    out->error = sum.error;
    out->seconds = 1e-9 * (6 * cost.window + (4 + 2 * d) * (cost.nodes + cost.grid));
    out->bytes =
        direct.bytes + 8 * (n * (4 * d + 2) + (7 + d) * 1.3 * pow((double)sum.setup.longest, d));
    return CF_OK;
}

/* --- points --- */

static void set_tables(grid *sum, double period)
{
    const double *inverse = cf_window_inverse(sum->window);
    for (size_t k = 0; k < sum->length; k++) {
        double mode = 2 * k < sum->length ? (double)k : (double)k - (double)sum->length;
        double kappa = 2 * PI * mode / period;
        double c = sqrt(2 * PI * sum->tau) / period * exp(-sum->tau * kappa * kappa / 2);
        c = 2 * k == sum->length ? 0 : c * inverse[k] * inverse[k]; /* no half of a mode */
        sum->kappa[k] = kappa;
        sum->kernel[0][k] = c;
        sum->kernel[1][k] = c * kappa;
        sum->kernel[2][k] = c * kappa * kappa;
    }
}

/* The largest extent of the points, and the center of each dimension. */
static double bounds(const grid *sum, const double *x, double center[3])
{
    double extent = 0;
    for (size_t k = 0; k < sum->d; k++) {
        double low = x[k], high = x[k];
        for (size_t i = 1; i < sum->n; i++) {
            low = fmin(low, x[i * sum->d + k]);
            high = fmax(high, x[i * sum->d + k]);
        }
        center[k] = low + (high - low) / 2;
        extent = fmax(extent, high - low);
    }
    return extent;
}

static void set_points(cf_sum_state *state, const double *y, const double *x)
{
    grid *sum = (grid *)state;
    double center[3], nodes_per_length = sum->setup.row->density / sqrt(sum->tau);
    double nodes = ceil((bounds(sum, x, center) + sum->margin) * nodes_per_length);
    sum->far = !(nodes <= (double)sum->setup.longest);
    sum->length = sum->far ? 0 : cf_window_resize(sum->window, (size_t)nodes);
    sum->far = sum->length == 0;
    if (sum->far) {
        cf_sum_engine_direct.set_points(sum->direct, y, x);
        return;
    }
    double period = (double)sum->length / nodes_per_length;
    for (size_t i = 0; i < sum->n * sum->d; i++)
        sum->position[i] = 0.5 + (x[i] - center[i % sum->d]) / period;
    cf_window_set_points(sum->window, sum->position);
    set_tables(sum, period);
}

static void set_motion(cf_sum_state *state, const double *ydot, const double *xdot)
{
    grid *sum = (grid *)state;
    if (sum->far)
        cf_sum_engine_direct.set_motion(sum->direct, ydot, xdot);
    else
        memcpy(sum->motion, xdot, sum->n * sum->d * sizeof *xdot);
}

/* --- spectra --- */

/* out (+)= i^power factor table_0(k_0) table_1(k_1) .. in, over the modes k of d dimensions. */
typedef struct {
    const double *table[3]; /* by dimension; NULL: 1 */
    int power;
    double factor;
    bool add;
} multiplier;

static double table_at(const double *table, size_t k)
{
    return table != NULL ? table[k] : 1;
}

/* One line of the last dimension. */
static void multiply_line(const multiplier *m, const double *last, double factor, size_t modes,
                          const double *in, double *out)
{
    bool turn = m->power % 2 != 0;
    double sign = m->power % 4 >= 2 ? -factor : factor;
    for (size_t k = 0; k < modes; k++) {
        double scale = sign * table_at(last, k);
        double re = turn ? -scale * in[2 * k + 1] : scale * in[2 * k];
        double im = turn ? scale * in[2 * k] : scale * in[2 * k + 1];
        out[2 * k] = m->add ? out[2 * k] + re : re;
        out[2 * k + 1] = m->add ? out[2 * k + 1] + im : im;
    }
}

static void multiply(const grid *sum, const multiplier *m, const double *in, double *out)
{
    size_t modes = sum->length / 2 + 1, lines = cf_window_modes(sum->window) / modes;
    size_t d = sum->d;
#pragma omp parallel for schedule(static) if (lines * modes > 65536)
    for (size_t line = 0; line < lines; line++) {
        double factor = m->factor;
        if (d > 1)
            factor *= table_at(m->table[d - 2], line % sum->length);
        if (d > 2)
            factor *= table_at(m->table[0], line / sum->length);
        multiply_line(m, m->table[d - 1], factor, modes, in + 2 * line * modes,
                      out + 2 * line * modes);
    }
}

/* Field `field` becomes the function of `spectrum`, differentiated along the given dimensions; -1:
 * not. */
static void show(grid *sum, int field, const double *spectrum, int along, int also)
{
    multiplier m = {.factor = 1};
    for (int k = 0; k < (int)sum->d; k++)
        m.table[k] = sum->kernel[(along == k) + (also == k)];
    m.power = (along >= 0) + (also >= 0);
    multiply(sum, &m, spectrum, cf_window_workspace(sum->window));
    cf_window_show(sum->window, field);
}

static void spread(grid *sum, const double *q)
{
    cf_window_spread(sum->window, q, NULL, 0, sum->spectrum);
}

/* dipole = - sum_l i kappa_l F[q v_l]; the spectrum of q is lost. */
static void spread_moving(grid *sum, const double *q)
{
    for (size_t l = 0; l < sum->d; l++) {
        multiplier m = {.power = 1, .factor = -1, .add = l > 0};
        m.table[l] = sum->kappa;
        cf_window_spread(sum->window, q, sum->motion + l, sum->d, sum->spectrum);
        multiply(sum, &m, sum->spectrum, sum->dipole);
    }
}

/* --- sums --- */

/* out_i += a_i times the function. */
static void add_potential(grid *sum, const double *spectrum, const double *a, double *out)
{
    cf_window_term term = {0, 1, a, NULL, 0, out, 1};
    show(sum, 0, spectrum, -1, -1);
    cf_window_add(sum->window, 1, &term, 1);
}

/* out_i += a_i times its gradient. */
static void add_gradient(grid *sum, const double *spectrum, const double *a, double *out)
{
    cf_window_term term[3];
    for (int k = 0; k < (int)sum->d; k++) {
        show(sum, k, spectrum, k, -1);
        term[k] = (cf_window_term){k, 1, a, NULL, 0, out + k, sum->d};
    }
    cf_window_add(sum->window, (int)sum->d, term, sum->d);
}

/* out_i += a_i times its derivative along the motion, or, for `along` >= 0, that of its derivative
 * along a dimension. */
static void add_moving(grid *sum, int along, const double *a, double *out, size_t stride)
{
    cf_window_term term[3];
    for (int k = 0; k < (int)sum->d; k++) {
        show(sum, k, sum->spectrum, k, along);
        term[k] = (cf_window_term){k, 1, a, sum->motion + k, sum->d, out, stride};
    }
    cf_window_add(sum->window, (int)sum->d, term, sum->d);
}

static void potential(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    grid *sum = (grid *)state;
    if (sum->far) {
        cf_sum_engine_direct.potential(sum->direct, w, out);
        return;
    }
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    memset(out, 0, sum->n * sizeof *out);
    for (int c = 0; c < columns; c++) {
        spread(sum, column[c].q);
        add_potential(sum, sum->spectrum, column[c].a, out);
    }
}

static void add_forces(grid *sum, const cf_pair_weights *w, double *out)
{
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    for (int c = 0; c < columns; c++) {
        spread(sum, column[c].q);
        add_gradient(sum, sum->spectrum, column[c].a, out);
    }
}

static void force(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    grid *sum = (grid *)state;
    if (sum->far) {
        cf_sum_engine_direct.force(sum->direct, w, out);
        return;
    }
    memset(out, 0, sum->n * sum->d * sizeof *out);
    add_forces(sum, w, out);
}

static void potential_rate(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    grid *sum = (grid *)state;
    if (sum->far) {
        cf_sum_engine_direct.potential_rate(sum->direct, w, out);
        return;
    }
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    memset(out, 0, sum->n * sizeof *out);
    for (int c = 0; c < columns; c++) {
        spread(sum, column[c].q);
        add_moving(sum, -1, column[c].a, out, 1);
        spread_moving(sum, column[c].q);
        add_potential(sum, sum->dipole, column[c].a, out);
    }
}

static void force_rate(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out)
{
    grid *sum = (grid *)state;
    if (sum->far) {
        cf_sum_engine_direct.force_rate(sum->direct, w, dw, out);
        return;
    }
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    memset(out, 0, sum->n * sum->d * sizeof *out);
    for (int c = 0; c < columns; c++) {
        spread(sum, column[c].q);
        for (int k = 0; k < (int)sum->d; k++)
            add_moving(sum, k, column[c].a, out + k, sum->d);
        spread_moving(sum, column[c].q);
        add_gradient(sum, sum->dipole, column[c].a, out);
    }
    add_forces(sum, dw, out);
}

const cf_sum_engine cf_sum_engine_grid = {"grid",         plan,       create,    release,
                                          set_points,     set_motion, potential, force,
                                          potential_rate, force_rate, NULL};
