/* The direct engine where a pair fits into registers: the exponential profile in up to four
 * dimensions. Among n points of one set each pair is computed once; between two sets, and with
 * references, every target has its own loop over the sources. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_pairs.h"
#include "contraflow/solver/memory.h"
#include "pair_tiles.h"
#include "sum_engine.h"
#include "vector_kernels.h"

typedef struct {
    cf_pair_sum_setup setup;
    const cf_pair_tiles *tiles;
    cf_block_layout layout;
    size_t n, d, stride;
    cf_pair_tile tile;
    bool referred, near;               /* near: no two points have s above CF_TILE_NEAR tau */
    double *arrays;                    /* owns everything below */
    double *y, *x, *ydot, *xdot, *out; /* [d*stride] by coordinate; y is x without two sets */
    double *scaled; /* [d*stride] sqrt(log2 e / 2 tau) x, of near points of one set */
    double *a, *q, *b, *da, *dq, *db; /* [stride] the weights */
    double *c, *zero;                 /* [stride] twice a reference, and none */
} direct;

enum { PART = CF_TILE_SOURCES }; /* points of a part of a block */

static const double LOG2_E = 1.4426950408889634074;
static const double FAR_AWAY = 1e150; /* where the padding is */

/* Predicted cost of a pair that is computed once, and of each of its coordinates. */
static const double NS_PAIR = 0.34, NS_COORDINATE = 0.09;

static void release(cf_sum_state **state)
{
    direct *sum = (direct *)*state;
    free(sum->arrays);
    free(sum);
    *state = NULL;
}

static void set_arrays(direct *sum)
{
    bool two = sum->setup.two_sets;
    size_t all = sum->d * sum->stride;
    double **weights[] = {&sum->a,  &sum->q,  &sum->b, &sum->da,
                          &sum->dq, &sum->db, &sum->c, &sum->zero};
    sum->x = sum->arrays;
    sum->xdot = sum->x + all;
    sum->out = sum->xdot + all;
    sum->y = two ? sum->out + all : sum->x;
    sum->ydot = two ? sum->y + all : sum->xdot;
    sum->scaled = two ? NULL : sum->out + all;
    double *rest = sum->out + (two ? 3 : 2) * all;
    for (size_t k = 0; k < 8; k++)
        *weights[k] = rest + k * sum->stride;
    for (size_t i = 0; i < sum->d * sum->stride; i++)
        sum->x[i] = sum->y[i] = FAR_AWAY; /* and there the padding stays */
    sum->tile = (cf_pair_tile){.stride = sum->stride,
                               .y = sum->y,
                               .x = sum->x,
                               .scaled = sum->scaled,
                               .ydot = sum->ydot,
                               .xdot = sum->xdot,
                               .c_target = sum->zero,
                               .c_source = sum->zero,
                               .w = {sum->a, sum->q, sum->b},
                               .dw = {sum->da, sum->dq, sum->db},
                               .tau = sum->setup.profile.tau,
                               .scale = sqrt(LOG2_E / (2 * sum->setup.profile.tau)),
                               .without_self = sum->setup.pairs == CF_PAIRS_OTHERS,
                               .out = sum->out};
}

/* Of a point. */
static size_t numbers(const cf_pair_sum_setup *setup)
{
    return (setup->two_sets ? 5 : 4) * setup->d + 8;
}

static cf_status create(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err)
{
    *out = NULL;
    direct *sum = cf_allocate("kernel sums", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    *out = (cf_sum_state *)sum;
    sum->setup = *setup;
    sum->tiles = cf_vector_kernels_get(setup->simd)->tiles;
    sum->n = setup->n;
    sum->d = setup->d;
    sum->layout = cf_block_layout_of(setup, CF_TILE_SOURCES);
    sum->stride = sum->layout.stride;
    sum->arrays = cf_allocate("kernel sums", numbers(setup) * sum->stride, sizeof(double), err);
    if (sum->arrays == NULL) {
        release(out);
        return CF_ESYSTEM;
    }
    set_arrays(sum);
    return CF_OK;
}

/* Rounding of eta, which feels that of s/tau by s |eta'(s)| < 1, and of sums in blocks. Scaled
 * points have norms up to sqrt(CF_TILE_NEAR log2 e / 4) = 16 and are rounded by 16 u, which eta
 * feels by 0.71 and eta X, relative to its largest value, by two. */
static cf_status plan(const cf_pair_sum_setup *setup, cf_sum_plan *out, cf_err *err)
{
    if (setup->d > CF_TILE_DIMENSIONS || setup->profile.row != cf_eta_rows[0])
        return cf_fail(err, CF_EINPUT, "direct sums in registers: only eta = exponential, d <= 4");
    const cf_block_layout layout = cf_block_layout_of(setup, CF_TILE_SOURCES);
    double n = (double)setup->n, block = (double)layout.block, d = (double)setup->d;
    double pairs = cf_block_pairs_count(&layout, setup->two_sets, PART);
    snprintf(out->text, sizeof out->text, "%s", cf_simd_name(setup->simd));
    out->error = (block + ceil(n / block) + 2 * d + 80) * DBL_EPSILON / 2;
    out->seconds = 1e-9 * pairs * (NS_PAIR + NS_COORDINATE * d);
    out->bytes = 8 * (double)numbers(setup) * (double)layout.stride;
    return CF_OK;
}

static void split(const direct *sum, const double *rows, double scale, double *columns)
{
    for (size_t i = 0; i < sum->n; i++) {
        size_t place = cf_block_place(&sum->layout, i);
        for (size_t k = 0; k < sum->d; k++)
            columns[k * sum->stride + place] = scale * rows[i * sum->d + k];
    }
}

/* |x - y| <= |x| + |y|. */
static bool are_near(const direct *sum, const double *x)
{
    double largest = 0;
    for (size_t i = 0; i < sum->n; i++) {
        double square = 0;
        for (size_t k = 0; k < sum->d; k++)
            square += x[i * sum->d + k] * x[i * sum->d + k];
        largest = fmax(largest, square);
    }
    return 2 * largest <= CF_TILE_NEAR * sum->tile.tau;
}

static void set_points(cf_sum_state *state, const double *y, const double *x)
{
    direct *sum = (direct *)state;
    split(sum, x, 1, sum->x);
    if (sum->setup.two_sets)
        split(sum, y, 1, sum->y);
    sum->near = !sum->setup.two_sets && are_near(sum, x);
    if (sum->near)
        split(sum, x, sum->tile.scale, sum->scaled);
}

static void set_motion(cf_sum_state *state, const double *ydot, const double *xdot)
{
    const direct *sum = (direct *)state;
    split(sum, xdot, 1, sum->xdot);
    if (sum->setup.two_sets)
        split(sum, ydot, 1, sum->ydot);
}

static cf_tile_range range_of(const direct *sum, size_t host, size_t guest)
{
    cf_tile_range r;
    cf_block_bounds(&sum->layout, host, &r.target, &r.target_end);
    cf_block_bounds(&sum->layout, guest, &r.source, &r.source_end);
    return r;
}

/* A sum of one kind, or the smallest s, between two blocks. */
typedef struct {
    const direct *sum;
    cf_tile_function all, once, full; /* full: of pairs that count once, without padding */
    size_t width;                     /* of a row of the sum */
    double sign;                      /* of X seen from the other end, over its unit */
} task;

static void meet_all(const void *context, size_t host, size_t guest)
{
    const task *t = context;
    cf_tile_range range = range_of(t->sum, host, guest);
    t->all(&t->sum->tile, &range);
}

/* Whether a block that ends there has no padding. */
static bool is_full(const direct *sum, size_t end)
{
    return (end - 1) % sum->layout.padded < sum->layout.part;
}

/* The rows of targets are written directly, those of sources by way of `side`. */
static void meet_others(const task *t, const cf_tile_range *range)
{
    const direct *sum = t->sum;
    _Alignas(64) double side[CF_TILE_DIMENSIONS * CF_TILE_MOST];
    size_t sources = range->source_end - range->source;
    cf_pair_tile tile = sum->tile;
    tile.side = side;
    tile.side_stride = sources;
    memset(side, 0, t->width * sources * sizeof *side);
    bool full = is_full(sum, range->target_end) && is_full(sum, range->source_end);
    (full ? t->full : t->once)(&tile, range);
    for (size_t k = 0; k < t->width; k++)
        for (size_t j = range->source; j < range->source_end; j++)
            sum->out[k * sum->stride + j] += t->sign * side[k * sources + j - range->source];
}

/* A block by itself in parts: pairs of these count once, and all within a part. */
static void meet_itself(const task *t, size_t first, size_t end)
{
    for (size_t i = first; i < end; i += PART) {
        size_t next = i + PART < end ? i + PART : end;
        const cf_tile_range inside = {i, next, i, next}, beyond = {i, next, next, end};
        t->all(&t->sum->tile, &inside);
        if (next < end)
            meet_others(t, &beyond);
    }
}

static void meet_once(const void *context, size_t host, size_t guest)
{
    const task *t = context;
    cf_tile_range range = range_of(t->sum, host, guest);
    if (host == guest)
        meet_itself(t, range.target, range.target_end);
    else
        meet_others(t, &range);
}

/* Of sums that have tiles for it: w_ij = (a_i + a_j) q_j, or eta alone, and q = 1 too. */
typedef enum { ANY, SYMMETRIC, EQUAL } weights_kind;

static task task_of(const direct *sum, int kind, weights_kind weights)
{
    const size_t d = sum->d - 1;
    const cf_tile_function(*tiles)[CF_TILE_DIMENSIONS] = sum->tiles->sum[kind];
    bool force = kind == CF_TILE_FORCE || kind == CF_TILE_FORCE_RATE;
    task t = {.sum = sum,
              .all = tiles[CF_TILE_ALL][d],
              .once = tiles[CF_TILE_ONCE][d],
              .full = tiles[CF_TILE_ONCE][d],
              .width = force ? sum->d : 1,
              .sign = force ? -1 : 1};
    if (weights != ANY && sum->near) {
        t.once = sum->tiles->even[kind][0][d];
        t.full = sum->tiles->even[kind][weights == EQUAL][d];
        t.sign = force ? 1 / sum->tile.scale : 1;
    }
    return t;
}

/* Sums over all pairs, into out by coordinate. */
static void run(const direct *sum, int kind, weights_kind weights)
{
    const task t = task_of(sum, kind, weights);
    memset(sum->out, 0, sum->d * sum->stride * sizeof(double));
    if (sum->setup.two_sets || sum->referred)
        cf_block_pairs_all(&sum->layout, meet_all, &t);
    else
        cf_block_pairs_once(&sum->layout, meet_once, &t);
}

static void load_reference(direct *sum, const cf_pair_weights *w)
{
    const double *c = w->target_reference != NULL ? w->target_reference : w->source_reference;
    sum->referred = c != NULL;
    cf_block_column(&sum->layout, c, sum->c);
    for (size_t i = 0; i < sum->stride; i++)
        sum->c[i] *= 2;
    sum->tile.c_target = w->target_reference != NULL ? sum->c : sum->zero;
    sum->tile.c_source = w->source_reference != NULL ? sum->c : sum->zero;
}

/* The number that all q are, or 0. */
static double same(const double *q, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (q[i] != q[0])
            return 0;
    return q[0];
}

/* q = 1 at every point, and its place in the padding is 0. */
static void set_ones(const direct *sum, double *column)
{
    for (size_t i = 0; i < sum->n; i++)
        column[cf_block_place(&sum->layout, i)] = 1;
}

/* out [n] = factor (sum_j b_j ... + a_i sum_j q_j ...): usually one of the two. */
static void scalars(direct *sum, int kind, double factor, const cf_pair_weights *w, double *out)
{
    load_reference(sum, w);
    memset(out, 0, sum->n * sizeof *out);
    for (int part = 0; part < 2; part++) {
        const double *q = part == 0 ? w->b : w->q;
        if (q == NULL)
            continue;
        double each = kind == CF_TILE_POTENTIAL ? same(q, sum->n) : 0;
        if (each != 0)
            set_ones(sum, sum->q);
        else
            cf_block_column(&sum->layout, q, sum->q);
        run(sum, kind, kind != CF_TILE_POTENTIAL ? ANY : each != 0 ? EQUAL : SYMMETRIC);
        double unit = factor * (each != 0 ? each : 1);
        for (size_t i = 0; i < sum->n; i++)
            out[i] += unit * (part == 0 ? 1 : w->a[i]) * sum->out[cf_block_place(&sum->layout, i)];
    }
}

/* out [n*d] = -1/tau times the sums in units of eta. */
static void vectors(direct *sum, int kind, const cf_pair_weights *w, double *out)
{
    bool symmetric = kind == CF_TILE_FORCE && cf_sum_is_symmetric(w, sum->n);
    double each = symmetric ? same(w->q, sum->n) : 0;
    load_reference(sum, w);
    cf_block_column(&sum->layout, w->a, sum->a);
    cf_block_column(&sum->layout, w->q, sum->q);
    cf_block_column(&sum->layout, each != 0 ? w->a : w->b, sum->b);
    if (each != 0)
        set_ones(sum, sum->q);
    run(sum, kind, !symmetric ? ANY : each != 0 ? EQUAL : SYMMETRIC);
    double unit = -(each != 0 ? each : 1) / sum->tile.tau;
    for (size_t i = 0; i < sum->n; i++) {
        size_t place = cf_block_place(&sum->layout, i);
        for (size_t k = 0; k < sum->d; k++)
            out[i * sum->d + k] = unit * sum->out[k * sum->stride + place];
    }
}

static void potential(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    scalars((direct *)state, CF_TILE_POTENTIAL, 1, w, out);
}

static void potential_rate(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    direct *sum = (direct *)state;
    scalars(sum, CF_TILE_POTENTIAL_RATE, -1 / sum->tile.tau, w, out);
}

static void force(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    vectors((direct *)state, CF_TILE_FORCE, w, out);
}

static void force_rate(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out)
{
    direct *sum = (direct *)state;
    cf_block_column(&sum->layout, dw->a, sum->da);
    cf_block_column(&sum->layout, dw->q, sum->dq);
    cf_block_column(&sum->layout, dw->b, sum->db);
    vectors(sum, CF_TILE_FORCE_RATE, w, out);
}

static void smallest(cf_sum_state *state, double *out)
{
    direct *sum = (direct *)state;
    load_reference(sum, &(cf_pair_weights){0});
    for (size_t i = 0; i < sum->stride; i++)
        sum->out[i] = INFINITY;
    const task t = {.sum = sum, .all = sum->tiles->smallest[sum->d - 1]};
    cf_block_pairs_all(&sum->layout, meet_all, &t);
    for (size_t i = 0; i < sum->n; i++)
        out[i] = sum->out[cf_block_place(&sum->layout, i)];
}

const cf_sum_engine cf_sum_engine_direct = {"direct",       plan,       create,    release,
                                            set_points,     set_motion, potential, force,
                                            potential_rate, force_rate, smallest};
