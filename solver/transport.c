/* Optimal transport of atoms where sorting solves it (theory E27-E29). */
#include "transport_internal.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

static const double TWO_PI = 6.283185307179586476925286766559;

static cf_status check_one(const cf_atoms *a, size_t d, bool positive, double *mass, cf_err *err)
{
    *mass = 0;
    for (size_t i = 0; i < a->n * d; i++)
        if (!isfinite(a->points[i]))
            return cf_fail(err, CF_EINPUT, "distance: atom %zu has coordinate %g: must be finite",
                           i / d + 1, a->points[i]);
    for (size_t i = 0; i < a->n; i++) {
        if (!isfinite(a->weights[i]) || (positive && a->weights[i] < 0))
            return cf_fail(err, CF_EINPUT, "distance: atom %zu has weight %g: must be finite%s",
                           i + 1, a->weights[i], positive ? " and at least 0" : "");
        *mass += a->weights[i];
    }
    if (!(*mass > 0))
        return cf_fail(err, CF_EINPUT, "distance: a measure has the mass %g: must be positive",
                       *mass);
    return CF_OK;
}

cf_status cf_atoms_check(const cf_atoms *a, const cf_atoms *b, size_t d, bool positive,
                         double mass[2], cf_err *err)
{
    cf_status status = check_one(a, d, positive, &mass[0], err);
    if (status == CF_OK)
        status = check_one(b, d, positive, &mass[1], err);
    if (status == CF_OK && !(fabs(mass[0] - mass[1]) <= 1e-9 * mass[0]))
        return cf_fail(err, CF_EINPUT, "distance: masses %.12g and %.12g: must be equal", mass[0],
                       mass[1]);
    return status;
}

/* Sorted, and scaled to mass 1 as summed in that order: equal measures become the same bits. */
static void prepare(cf_atom *atoms, size_t n, cf_atom *scratch)
{
    double mass = 0;
    cf_atoms_sort(atoms, n, scratch);
    for (size_t i = 0; i < n; i++)
        mass += atoms[i].weight;
    for (size_t i = 0; i < n; i++)
        atoms[i].weight /= mass;
}

/* Positions are reduced to [0, period) where that is not 0. */
static void load(const cf_atoms *a, double period, cf_atom *out, cf_atom *scratch)
{
    for (size_t i = 0; i < a->n; i++) {
        double x = a->points[i];
        if (period > 0)
            x -= period * floor(x / period);
        out[i] = (cf_atom){x == period ? 0 : x, a->weights[i]};
    }
    prepare(out, a->n, scratch);
}

/* The levels of F - G, the distribution functions, between successive positions of x [n] and y [m],
 * with the lengths of these intervals as weights, in level [n+m]; the last one reaches to the first
 * position + period, or has length 0 where period is 0. */
static void difference_levels(const cf_atom *x, size_t n, const cf_atom *y, size_t m, double period,
                              cf_atom *level)
{
    double F = 0, G = 0, first = fmin(x[0].position, y[0].position);
    for (size_t i = 0, j = 0; i + j < n + m;) {
        bool from_x = j == m || (i < n && x[i].position <= y[j].position);
        double here = from_x ? x[i].position : y[j].position;
        if (from_x)
            F += x[i++].weight;
        else
            G += y[j++].weight;
        double next = period > 0 ? first + period : here;
        if (i < n || j < m)
            next = fmin(i < n ? x[i].position : INFINITY, j < m ? y[j].position : INFINITY);
        level[i + j - 1] = (cf_atom){F - G, next - here};
    }
}

/* sum of weight |level - center| */
static double absolute_moment(const cf_atom *level, size_t count, double center)
{
    double total = 0;
    for (size_t k = 0; k < count; k++)
        total += level[k].weight * fabs(level[k].position - center);
    return total;
}

/* A weighted median of the levels, which are sorted. */
static double median(cf_atom *level, size_t count, double total, cf_atom *scratch)
{
    double below = 0;
    cf_atoms_sort(level, count, scratch);
    for (size_t k = 0; k < count; k++) {
        below += level[k].weight;
        if (below >= total / 2)
            return level[k].position;
    }
    return level[count - 1].position;
}

static cf_status wasserstein1(const cf_atoms *a, const cf_atoms *b, double period, double *distance,
                              cf_err *err)
{
    double mass[2];
    cf_status status = cf_atoms_check(a, b, 1, false, mass, err);
    if (status != CF_OK)
        return status;
    size_t count = a->n + b->n;
    cf_atom *sorted = cf_allocate("distance", 2 * count, sizeof *sorted, err);
    if (sorted == NULL)
        return CF_ESYSTEM;
    cf_atom *level = sorted + count;
    load(a, period, sorted, level);
    load(b, period, sorted + a->n, level);
    difference_levels(sorted, a->n, sorted + a->n, b->n, period, level);
    double center = period > 0 ? median(level, count, period, sorted) : 0;
    *distance = absolute_moment(level, count, center);
    free(sorted);
    return CF_OK;
}

cf_status cf_wasserstein1_line(const cf_atoms *a, const cf_atoms *b, double *distance, cf_err *err)
{
    return wasserstein1(a, b, 0, distance, err);
}

cf_status cf_wasserstein1_circle(const cf_atoms *a, const cf_atoms *b, double *distance,
                                 cf_err *err)
{
    return wasserstein1(a, b, TWO_PI, distance, err);
}

/* int_0^1 (F^-1 - G^-1)^2 by following both quantile functions; the mass that rounding leaves over
 * at the end is dropped. */
static double square_of_quantiles(const cf_atom *x, size_t n, const cf_atom *y, size_t m)
{
    double total = 0, left = x[0].weight, right = y[0].weight;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        double step = fmin(left, right), gap = x[i].position - y[j].position;
        total += step * gap * gap;
        left -= step;
        right -= step;
        if (left == 0 && ++i < n)
            left = x[i].weight;
        if (right == 0 && ++j < m)
            right = y[j].weight;
    }
    return total;
}

cf_status cf_wasserstein2_line(const cf_atoms *a, const cf_atoms *b, double *distance, cf_err *err)
{
    cf_sliced result;
    cf_status status = cf_wasserstein2_sliced(a, b, 1, 1, &result, err);
    *distance = result.distance;
    return status;
}

/* The atoms along direction k: a uniform direction is that of a normal vector; in R^1 there is one.
 */
static void project(const cf_atoms *a, size_t d, size_t k, cf_atom *out, cf_atom *scratch)
{
    cf_random random = {0, CF_STREAM_DIRECTION};
    double square = 0;
    for (size_t i = 0; i < a->n; i++)
        out[i] = (cf_atom){d == 1 ? a->points[i] : 0, a->weights[i]};
    for (size_t c = 0; c < d && d > 1; c++) {
        double component = cf_random_normal(random, k, (uint32_t)c);
        square += component * component;
        for (size_t i = 0; i < a->n; i++)
            out[i].position += component * a->points[i * d + c];
    }
    for (size_t i = 0; i < a->n && d > 1; i++)
        out[i].position /= sqrt(square);
    prepare(out, a->n, scratch);
}

/* SW^2 is the mean of the squares over directions, so that its standard error is s / sqrt(count),
 * and that of SW by the derivative of the root. */
static cf_sliced mean_of_squares(const double *square, size_t count)
{
    double mean = 0, variance = 0;
    for (size_t k = 0; k < count; k++)
        mean += square[k] / (double)count;
    for (size_t k = 0; k < count; k++)
        variance += (square[k] - mean) * (square[k] - mean) / ((double)count - 1);
    cf_sliced result = {sqrt(mean), sqrt(variance / (double)count) / (2 * sqrt(mean))};
    if (mean == 0)
        result.error = 0;
    return result;
}

enum { DIRECTION_BLOCKS = 16 }; /* each has scratch of its own */

static size_t block_count(size_t directions)
{
    return directions < DIRECTION_BLOCKS ? directions : DIRECTION_BLOCKS;
}

double cf_wasserstein2_sliced_bytes(size_t atoms, size_t directions)
{
    return 2 * (double)block_count(directions) * (double)atoms * sizeof(cf_atom);
}

cf_status cf_wasserstein2_sliced(const cf_atoms *a, const cf_atoms *b, size_t d, size_t directions,
                                 cf_sliced *result, cf_err *err)
{
    double mass[2];
    *result = (cf_sliced){NAN, NAN};
    cf_status status = cf_atoms_check(a, b, d, true, mass, err);
    if (status != CF_OK)
        return status;
    if (directions == 0)
        return cf_fail(err, CF_EINPUT, "distance: directions = 0: must be at least 1");
    size_t count = d == 1 ? 1 : directions, size = a->n + b->n;
    size_t blocks = block_count(count);
    double *square = cf_allocate("distance", count, sizeof *square, err);
    cf_atom *sorted = cf_allocate("distance", 2 * blocks * size, sizeof *sorted, err);
    status = square == NULL || sorted == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK) {
#pragma omp parallel for schedule(static)
        for (size_t block = 0; block < blocks; block++) {
            cf_atom *x = sorted + 2 * block * size, *y = x + a->n, *scratch = x + size;
            for (size_t k = block; k < count; k += blocks) {
                project(a, d, k, x, scratch);
                project(b, d, k, y, scratch);
                square[k] = square_of_quantiles(x, a->n, y, b->n);
            }
        }
        *result = mean_of_squares(square, count);
        if (d == 1)
            result->error = 0;
    }
    free(square);
    free(sorted);
    return status;
}
