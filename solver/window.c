#include "window.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/bessel.h"
#include "contraflow/solver/fourier.h"
#include "contraflow/solver/memory.h"
#include "vector_kernels.h"
#include "window_kernels.h"

static const double PI = 3.14159265358979323846;

enum {
    MOST_SETS = 16, /* copies of the grid that points are dealt to, by counts alone */
    MOST_SIZES = 40,
    NODES = CF_WINDOW_DEGREE + 1
};
static const double GROWTH = 1.2;            /* of the length from one grid to the next */
static const size_t SMALL = (size_t)1 << 19; /* numbers: 4 MiB for copies of small grids */

/* Found by minimizing the density over the shape; tests hold the errors against direct sums. */
static const cf_window_row rows[] = {
    {1e-3, 8, 1.50, 12.82},   {1e-4, 8, 1.72, 14.58},   {1e-5, 8, 1.98, 16.34},
    {1e-6, 8, 2.42, 18.60},   {1e-7, 8, 3.36, 20.61},   {1e-8, 16, 2.14, 25.13},
    {1e-9, 16, 2.28, 26.64},  {1e-10, 16, 2.42, 29.15}, {1e-11, 16, 2.54, 30.66},
    {1e-12, 16, 2.70, 32.67}, {2e-13, 16, 2.86, 34.18},
};

struct cf_window {
    cf_window_setup setup;
    const cf_window_kernels *kernels;
    cf_window_points points;
    uint32_t *first; /* [n*rank], of `points` */
    double *place;
    uint32_t *order; /* [n] of rank 3: points as they lie on the grid, for the cache */
    uint32_t *count; /* [longest^2 + 1] of them before a line of windows */
    cf_fourier *fourier[MOST_SIZES];
    size_t length[MOST_SIZES];
    int sizes, size;
    bool threaded;
    size_t room;       /* numbers in `grid` */
    double *grid;      /* padded copies to spread on */
    double *values;    /* [length^rank] */
    double *workspace; /* spectrum */
    double *weights;   /* [n] */
    double *inverse;   /* [length] */
    double *field[3];  /* padded */
};

const cf_window_row *cf_window_choose(double tolerance)
{
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        if (rows[k].tolerance <= tolerance)
            return &rows[k];
    return NULL;
}

static size_t power(size_t base, int exponent)
{
    size_t product = 1;
    for (int k = 0; k < exponent; k++)
        product *= base;
    return product;
}

/* Numbers of a row with its margin, and of a padded grid. */
static size_t stride_of(size_t length, int width)
{
    return (length + (size_t)width + CF_LANES - 1) / CF_LANES * CF_LANES;
}

static size_t padded(const cf_window_setup *setup, size_t length)
{
    return power(length, setup->rank - 1) * stride_of(length, setup->row->width);
}

/* --- the window --- */

static double window_at(const cf_window_row *row, double x)
{
    double part = 2 * x / row->width, z = row->shape * sqrt(fmax(0, 1 - part * part)), bessel;
    cf_bessel_scaled(z, 1, &bessel);
    return bessel * exp(z - row->shape);
}

/* Interpolation at Chebyshev nodes between two nodes of the grid, x = m + (u + 1 - w)/2, rewritten
 * in powers of u. */
static void fit_polynomial(const cf_window_row *row, int m, double out[NODES][CF_WINDOW_MOST])
{
    double chebyshev[NODES], before[NODES] = {1}, last[NODES] = {0, 1}, next[NODES];
    for (int k = 0; k < NODES; k++) {
        double sum = 0;
        for (int i = 0; i < NODES; i++) {
            double angle = PI * (i + 0.5) / NODES;
            sum += window_at(row, m + (cos(angle) + 1 - row->width) / 2) * cos(k * angle);
        }
        chebyshev[k] = sum * (k > 0 ? 2 : 1) / NODES;
    }
    for (int i = 0; i < NODES; i++)
        out[i][m] = 0;
    for (int k = 0; k < NODES; k++) { /* T_k in `before`, T_{k+1} in `last` */
        for (int i = 0; i < NODES; i++) {
            out[i][m] += chebyshev[k] * before[i];
            next[i] = (i > 0 ? 2 * last[i - 1] : 0) - before[i];
        }
        memcpy(before, last, sizeof last);
        memcpy(last, next, sizeof next);
    }
}

static double transform_at(const cf_window_row *row, double cycles)
{
    double b = row->shape, s = PI * row->width * cycles, square = b * b - s * s;
    double r = sqrt(fabs(square));
    if (r < 1e-4)
        return row->width * exp(-b);
    return row->width / r * (square > 0 ? (exp(r - b) - exp(-r - b)) / 2 : sin(r) * exp(-b));
}

/* --- creation --- */

static cf_status create_grids(cf_window *w, cf_err *err)
{
    const cf_window_setup *setup = &w->setup;
    size_t length = setup->shortest;
    while (length <= setup->longest && w->sizes < MOST_SIZES) {
        size_t shape[3] = {length, length, length};
        cf_status status = cf_fourier_create(setup->rank, shape, 1, &w->fourier[w->sizes], err);
        if (status != CF_OK)
            return status;
        w->length[w->sizes++] = length;
        length = cf_fourier_length((size_t)(GROWTH * (double)length) + 1);
    }
    return CF_OK;
}

static cf_status allocate(cf_window *w, cf_err *err)
{
    const cf_window_setup *setup = &w->setup;
    size_t longest = w->length[w->sizes - 1], n = setup->points * (size_t)setup->rank;
    size_t grid = padded(setup, longest);
    w->room = grid > SMALL ? grid : SMALL;
    const struct {
        double **array;
        size_t count;
    } own[] = {{&w->place, n},
               {&w->grid, w->room},
               {&w->values, power(longest, setup->rank)},
               {&w->workspace, power(longest, setup->rank - 1) * (longest + 2)},
               {&w->weights, setup->points},
               {&w->inverse, longest},
               {&w->field[0], grid},
               {&w->field[1], setup->fields > 1 ? grid : 0},
               {&w->field[2], setup->fields > 2 ? grid : 0}};
    w->first = cf_allocate("grid positions", n, sizeof *w->first, err);
    w->order = cf_allocate("grid positions", setup->points, sizeof *w->order, err);
    size_t lines = setup->rank < 3 ? 0 : longest * longest + 1;
    w->count = cf_allocate("grid positions", lines, sizeof *w->count, err);
    if (w->first == NULL || w->order == NULL || w->count == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
        *own[k].array = cf_allocate("grid of kernel sums", own[k].count, sizeof(double), err);
        if (*own[k].array == NULL)
            return CF_ESYSTEM;
    }
    return CF_OK;
}

cf_status cf_window_create(const cf_window_setup *setup, cf_window **out, cf_err *err)
{
    *out = NULL;
    cf_window *w = cf_allocate("grid", 1, sizeof *w, err);
    if (w == NULL)
        return CF_ESYSTEM;
    w->setup = *setup;
    w->kernels = cf_window_kernels_get(CF_SIMD_BEST);
    w->threaded = (double)setup->points * (double)power((size_t)setup->row->width, setup->rank) >=
                  CF_WORTH_THREADS;
    for (int m = 0; m < setup->row->width; m++)
        fit_polynomial(setup->row, m, w->points.polynomial);
    cf_status status = create_grids(w, err);
    if (status == CF_OK)
        status = allocate(w, err);
    if (status != CF_OK) {
        cf_window_free(&w);
        return status;
    }
    w->points.rank = setup->rank;
    w->points.width = setup->row->width;
    w->points.first = w->first;
    w->points.place = w->place;
    cf_window_resize(w, 0);
    *out = w;
    return CF_OK;
}

void cf_window_free(cf_window **window)
{
    cf_window *w = *window;
    if (w == NULL)
        return;
    for (int k = 0; k < w->sizes; k++)
        cf_fourier_free(&w->fourier[k]);
    for (int k = 0; k < 3; k++)
        free(w->field[k]);
    free(w->first);
    free(w->place);
    free(w->order);
    free(w->count);
    free(w->grid);
    free(w->values);
    free(w->workspace);
    free(w->weights);
    free(w->inverse);
    free(w);
    *window = NULL;
}

size_t cf_window_resize(cf_window *w, size_t nodes)
{
    int size = 0;
    while (size < w->sizes && w->length[size] < nodes)
        size++;
    if (size == w->sizes)
        return 0;
    size_t length = w->length[size];
    w->size = size;
    w->points.length = length;
    w->points.stride = stride_of(length, w->setup.row->width);
    for (size_t k = 0; k < length; k++) {
        double mode = 2 * k <= length ? (double)k : (double)k - (double)length;
        w->inverse[k] = 1 / transform_at(w->setup.row, mode / (double)length);
    }
    return length;
}

size_t cf_window_modes(const cf_window *w)
{
    return cf_fourier_modes(w->fourier[w->size]);
}

const double *cf_window_inverse(const cf_window *w)
{
    return w->inverse;
}

/* The first node of the window at a position, and the place of the position before it. */
static uint32_t locate(const cf_window *w, double position, double *place)
{
    double length = (double)w->points.length;
    double from = position * length - w->setup.row->width / 2.0, first = ceil(from);
    *place = 2 * (first - from) - 1;
    return (uint32_t)(first < 0 ? first + length : first);
}

/* The line of the grid on which the window of point i begins. */
static size_t line_of(const cf_window *w, const double *position, size_t i)
{
    double place;
    return (size_t)locate(w, position[3 * i], &place) * w->points.length +
           locate(w, position[3 * i + 1], &place);
}

/* Windows in space have thousands of nodes: points are taken in the order of the grid, so that the
 * nodes of one are still in the cache for the next (counting sort). */
static void set_order(cf_window *w, const double *position)
{
    size_t n = w->setup.points, lines = w->points.length * w->points.length;
    for (size_t i = 0; i < n; i++)
        w->order[i] = (uint32_t)i;
    if (w->setup.rank < 3)
        return;
    memset(w->count, 0, (lines + 1) * sizeof *w->count);
    for (size_t i = 0; i < n; i++)
        w->count[line_of(w, position, i) + 1]++;
    for (size_t line = 0; line < lines; line++)
        w->count[line + 1] += w->count[line];
    for (size_t i = 0; i < n; i++)
        w->order[w->count[line_of(w, position, i)]++] = (uint32_t)i;
}

void cf_window_set_points(cf_window *w, const double *position)
{
    size_t rank = (size_t)w->setup.rank;
    set_order(w, position);
#pragma omp parallel for schedule(static) if (w->threaded)
    for (size_t j = 0; j < w->setup.points; j++)
        for (size_t k = 0; k < rank; k++)
            w->first[j * rank + k] =
                locate(w, position[w->order[j] * rank + k], &w->place[j * rank + k]);
}

/* --- points to modes --- */

/* As many copies as have room, and cost less to add up than points to spread. */
static size_t set_count(const cf_window *w)
{
    size_t grid = padded(&w->setup, w->points.length), sets = w->room / grid;
    size_t spread = w->setup.points * power((size_t)w->points.width, w->points.rank);
    sets = sets < spread / (4 * grid) ? sets : spread / (4 * grid);
    return sets < 1 ? 1 : sets > MOST_SETS ? MOST_SETS : sets;
}

/* values = the copies added up, the margin of each row folded back to its beginning. */
static void join(cf_window *w, size_t sets)
{
    size_t length = w->points.length, stride = w->points.stride;
    size_t lines = power(length, w->points.rank - 1), grid = lines * stride;
#pragma omp parallel for schedule(static) if (w->threaded)
    for (size_t line = 0; line < lines; line++) {
        double *out = w->values + line * length;
        memset(out, 0, length * sizeof *out);
        for (size_t set = 0; set < sets; set++) {
            const double *in = w->grid + set * grid + line * stride;
            for (size_t k = 0; k < length; k++)
                out[k] += in[k];
            for (size_t k = length; k < stride; k++)
                out[k - length] += in[k];
        }
    }
}

void cf_window_spread(cf_window *w, const double *q, const double *b, size_t stride,
                      double *spectrum)
{
    size_t n = w->setup.points, sets = set_count(w), grid = padded(&w->setup, w->points.length);
    for (size_t j = 0; j < n; j++)
        w->weights[j] = b == NULL ? q[w->order[j]] : q[w->order[j]] * b[w->order[j] * stride];
#pragma omp parallel for schedule(static) if (w->threaded)
    for (size_t set = 0; set < sets; set++) {
        double *copy = w->grid + set * grid;
        memset(copy, 0, grid * sizeof *copy);
        w->kernels->spread(&w->points, n * set / sets, n * (set + 1) / sets, w->weights, copy);
    }
    join(w, sets);
    cf_fourier_forward(w->fourier[w->size], w->values, spectrum);
}

/* --- modes to points --- */

double *cf_window_workspace(cf_window *w)
{
    return w->workspace;
}

void cf_window_show(cf_window *w, int field)
{
    size_t length = w->points.length, stride = w->points.stride;
    size_t lines = power(length, w->points.rank - 1);
    cf_fourier_back(w->fourier[w->size], w->workspace, w->values);
#pragma omp parallel for schedule(static) if (w->threaded)
    for (size_t line = 0; line < lines; line++) {
        double *out = w->field[field] + line * stride;
        memcpy(out, w->values + line * length, length * sizeof *out);
        memcpy(out + length, out, (stride - length) * sizeof *out);
    }
}

/* `order` and `values` of a block of points. */
static void add_term(const cf_window_term *term, const uint32_t *order, size_t count,
                     const double *values)
{
    for (size_t j = 0; j < count; j++) {
        size_t i = order[j];
        double weight = term->factor;
        weight *= term->a != NULL ? term->a[i] : 1;
        weight *= term->b != NULL ? term->b[i * term->b_stride] : 1;
        term->out[i * term->out_stride] += weight * values[j];
    }
}

void cf_window_add(cf_window *w, int fields, const cf_window_term *terms, size_t count)
{
    size_t n = w->setup.points;
    const double *const field[3] = {w->field[0], w->field[1], w->field[2]};
#pragma omp parallel for schedule(static) if (w->threaded)
    for (size_t from = 0; from < n; from += CF_WINDOW_BLOCK) {
        double values[3 * CF_WINDOW_BLOCK];
        size_t to = n - from < CF_WINDOW_BLOCK ? n : from + CF_WINDOW_BLOCK;
        w->kernels->gather(&w->points, from, to, fields, field, values);
        for (size_t t = 0; t < count; t++)
            add_term(&terms[t], w->order + from, to - from,
                     values + terms[t].field * CF_WINDOW_BLOCK);
    }
}

/* Measured: 8 ns for a point, 4 ns for a window of 16 nodes in a dimension, 0.1 ns for a node under
 * it; 2 ns for each number of the grid. */
cf_window_cost cf_window_predict(const cf_window_setup *setup, size_t length)
{
    double n = (double)setup->points, width = setup->row->width;
    return (cf_window_cost){n * (8 + 0.25 * width * setup->rank), 0.1 * n * pow(width, setup->rank),
                            2 * (double)power(length, setup->rank)};
}
