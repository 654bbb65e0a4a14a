#include "hermite_series.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"

enum {
    LANES = 8,        /* points that share one pass, and partial sums of a series */
    MOST_TERMS = 4096 /* tanh up to a variance of 30, softplus up to 120 */
};
#define TAIL 1e-12    /* certified bound of what is left out, relative to E[phi^2] */
#define NEGLIGIBLE 42 /* e^-42 = 6e-19 */
#define RANGE 13.0    /* the integrand falls at least like exp(-x^2/4) = 4e-19 */
#define ACCURACY 34   /* e^-34 = 2e-15: aliasing error of the trapezoidal rule */

/* Nodes x_m = m h, m = 0 .. nodes-1, and their mirror images. */
typedef struct {
    size_t terms, nodes;
    double step;
} grid;

enum { MOST_NODES = 400 };

/* phi(sqrt(q) x) is analytic for |Im x| < y = strip/sqrt(q), hence a_k ~ exp(-y sqrt(k)): 330/y^2
 * terms bring the tail of phi' below 1e-12 for tanh and for softplus, with a margin.
 *   The trapezoidal rule errs by the integrand's Fourier transform at 2pi/h. On the line Im x = y,
 * |He_k(x) exp(-x^2/2)| grows at most like exp(y sqrt(k) + y^2/2), so the error is about
 * exp(y sqrt(k) + y^2/2 - 2pi y/h); beyond y = 8 a wider strip gains nothing. */
static grid choose_grid(double strip, double q)
{
    double width = strip / sqrt(q), y = fmin(width, 8);
    double terms = 24 + 330 / (width * width);
    grid chosen = {0};
    if (!(terms <= MOST_TERMS))
        return chosen;
    chosen.terms = ((size_t)terms + LANES - 1) / LANES * LANES;
    chosen.step = 2 * CF_PI / (sqrt((double)chosen.terms) + y / 2 + ACCURACY / y);
    chosen.nodes = (size_t)(RANGE / chosen.step) + 1;
    return chosen;
}

typedef struct {
    const cf_activation *activation;
    double slope;
    const double *q; /* [n] */
    grid grid;
} expansion;

/* Of LANES points: weighted values at x_m and -x_m folded, their sum belonging to the even He_k and
 * their difference to the odd ones, and E[phi^2], from which the squares of the coefficients are
 * taken away in turn. */
typedef struct {
    double folded[2][MOST_NODES][LANES];
    double energy[LANES], rest[LANES];
} samples;

static void fold(const grid *g, const double *plus, const double *minus, size_t lane, samples *out)
{
    out->energy[lane] = 0;
    for (size_t m = 0; m < g->nodes; m++) {
        double x = g->step * (double)m;
        double weight = g->step * exp(-x * x / 2) / sqrt(2 * CF_PI) * (m == 0 ? 0.5 : 1);
        out->folded[0][m][lane] = weight * (plus[m] + minus[m]);
        out->folded[1][m][lane] = weight * (plus[m] - minus[m]);
        out->energy[lane] += weight * (plus[m] * plus[m] + minus[m] * minus[m]);
    }
    out->rest[lane] = out->energy[lane];
}

/* Both sides of phi and phi' at point i, into `lane`. */
static void sample(const expansion *e, size_t i, size_t lane, samples out[2])
{
    double u[MOST_NODES], value[2][MOST_NODES], derivative[2][MOST_NODES];
    for (int side = 0; side < 2; side++) {
        double scale = (side == 0 ? 1 : -1) * sqrt(e->q[i]) * e->grid.step;
        for (size_t m = 0; m < e->grid.nodes; m++)
            u[m] = scale * (double)m;
        e->activation->evaluate(u, e->grid.nodes, (cf_activation_shape){.slope = e->slope},
                                value[side], derivative[side], NULL);
    }
    fold(&e->grid, value[0], value[1], lane, &out[0]);
    fold(&e->grid, derivative[0], derivative[1], lane, &out[1]);
}

/* a_k of the first `count` lanes, into columns k of coefficients [count*terms]. */
static void project(const grid *g, size_t k, const double *he, samples *s, size_t count,
                    double *coefficients)
{
    double sum[LANES] = {0};
    for (size_t m = 0; m < g->nodes; m++)
        for (size_t l = 0; l < LANES; l++)
            sum[l] += he[m] * s->folded[k % 2][m][l];
    for (size_t l = 0; l < count; l++) {
        coefficients[l * g->terms + k] = sum[l];
        s->rest[l] -= sum[l] * sum[l];
    }
}

/* he = He_k, before = He_{k-1} at the nodes, to He_{k+1} and He_k. */
static void raise_order(const grid *g, size_t k, double *he, double *before)
{
    double root = sqrt((double)k), inverse = 1 / sqrt((double)k + 1);
    for (size_t m = 0; m < g->nodes; m++) {
        double next = (g->step * (double)m * he[m] - root * before[m]) * inverse;
        before[m] = he[m];
        he[m] = next;
    }
}

/* Coefficients of up to LANES points from `first` on; defect [n] = the largest tail of phi and
 * phi', relative to its energy. */
static void expand(const expansion *e, size_t first, cf_hermite_series *series, double *defect)
{
    const grid *g = &e->grid;
    samples s[2] = {0};
    size_t count = series->n - first < LANES ? series->n - first : LANES;
    for (size_t l = 0; l < count; l++)
        sample(e, first + l, l, s);
    double he[MOST_NODES], before[MOST_NODES] = {0};
    for (size_t m = 0; m < g->nodes; m++)
        he[m] = 1;
    for (size_t k = 0; k < g->terms; k++) {
        project(g, k, he, &s[0], count, series->value + first * g->terms);
        project(g, k, he, &s[1], count, series->derivative + first * g->terms);
        raise_order(g, k, he, before);
    }
    for (size_t l = 0; l < count; l++)
        for (int f = 0; f < 2; f++)
            if (s[f].energy[l] > 0)
                defect[first + l] = fmax(defect[first + l], s[f].rest[l] / s[f].energy[l]);
}

static cf_status refuse(const cf_activation *activation, const double *q, size_t i, cf_err *err)
{
    double limit = activation->strip * activation->strip * (MOST_TERMS - 24) / 330;
    return cf_fail(err, CF_EINPUT,
                   "diag K = %.6g of point %zu: %s is computed to 1e-10 up to diag K = %.3g only; "
                   "scale the data down, or lower the weight and bias variances",
                   q[i], i + 1, activation->name, limit);
}

static size_t largest(const double *q, size_t n)
{
    size_t index = 0;
    for (size_t i = 1; i < n; i++)
        if (q[i] > q[index])
            index = i;
    return index;
}

cf_status cf_hermite_series_create(const cf_activation *activation, double slope, const double *q,
                                   size_t n, cf_hermite_series **out, cf_err *err)
{
    cf_status status = CF_ESYSTEM;
    *out = NULL;
    expansion e = {activation, slope, q, choose_grid(activation->strip, q[largest(q, n)])};
    size_t terms = e.grid.terms;
    if (terms == 0 || e.grid.nodes > MOST_NODES)
        return refuse(activation, q, largest(q, n), err);
    double *defect = cf_allocate("Hermite series", n, sizeof *defect, err);
    cf_hermite_series *series = cf_allocate("Hermite series", 1, sizeof *series, err);
    if (defect == NULL || series == NULL)
        goto done;
    series->n = n;
    series->terms = terms;
    series->value = cf_allocate("Hermite series", n * terms, sizeof(double), err);
    series->derivative = cf_allocate("Hermite series", n * terms, sizeof(double), err);
    if (series->value == NULL || series->derivative == NULL)
        goto done;
#pragma omp parallel for schedule(static)
    for (size_t first = 0; first < n; first += LANES)
        expand(&e, first, series, defect);
    size_t worst = largest(defect, n);
    if (!(defect[worst] <= TAIL)) {
        status = refuse(activation, q, worst, err);
        goto done;
    }
    status = CF_OK;
    *out = series;
    series = NULL;
done:
    free(defect);
    cf_hermite_series_free(&series);
    return status;
}

void cf_hermite_series_free(cf_hermite_series **series)
{
    if (*series == NULL)
        return;
    free((*series)->value);
    free((*series)->derivative);
    free(*series);
    *series = NULL;
}

/* sum_k a_k b_k c^k by Horner's rule in c^LANES on LANES partial sums. `terms` is a multiple of
 * LANES. */
static double sum_series(const double *a, const double *b, double c, size_t terms)
{
    double lane[LANES] = {0}, c2 = c * c, c4 = c2 * c2, c8 = c4 * c4;
    for (size_t k = terms; k > 0; k -= LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] = lane[l] * c8 + a[k - LANES + l] * b[k - LANES + l];
    double total = lane[LANES - 1];
    for (size_t l = LANES - 1; l > 0; l--)
        total = total * c + lane[l - 1];
    return total;
}

/* Terms until |c|^k is negligible. */
static size_t needed_terms(double c, size_t terms)
{
    double decay = -log(fabs(c));
    if (!(decay * (double)terms > NEGLIGIBLE))
        return terms;
    size_t needed = ((size_t)(NEGLIGIBLE / decay) / LANES + 1) * LANES;
    return needed < terms ? needed : terms;
}

void cf_hermite_series_expectation(const cf_hermite_series *series, cf_pair_row tile,
                                   cf_chords chords, double *value, double *derivative)
{
    size_t terms = series->terms, x = tile.i * terms;
    for (size_t p = 0; p < tile.count; p++) {
        double c = (chords.along[p] - chords.apart[p]) / 4;
        size_t used = needed_terms(c, terms), y = (tile.first + p) * terms;
        value[p] = sum_series(series->value + x, series->value + y, c, used);
        derivative[p] = sum_series(series->derivative + x, series->derivative + y, c, used);
    }
}
