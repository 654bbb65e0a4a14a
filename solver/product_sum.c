/* The direct engine for unit vectors of more than four dimensions under the exponential profile:
 * tiles of the kernel by products of matrices (E88), as fast as these. What it costs is accuracy
 * where tau is small: distances from scalar products are rounded to d u, and eta feels that of
 * s/tau. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_pairs.h"
#include "contraflow/solver/memory.h"
#include "product_kernels.h"
#include "sum_engine.h"
#include "vector_kernels.h"

static const double LOG2_E = 1.4426950408889634074;

/* Predicted cost of a pair that is computed once, and of each of its coordinates. */
static const double NS_PAIR = 0.4, NS_COORDINATE = 0.067;

typedef struct {
    cf_pair_sum_setup setup;
    const cf_product_kernels *kernels;
    cf_block_layout layout;
    size_t n, d, stride, groups;
    cf_product_points points;
    double *arrays;                            /* owns everything below */
    double *x_panels, *v_panels;               /* [stride*d] */
    double *x, *v;                             /* [n*d], as they came */
    double *qx, *qv, *out;                     /* [groups][stride][CF_LANES] */
    double *xx, *xv, *p, *dp, *q, *sum, *dsum; /* [stride] */
} direct;

/* K, K' of a few targets and sources. */
typedef struct {
    double k[CF_PRODUCT_SIDE * CF_PRODUCT_STRIDE], dk[CF_PRODUCT_SIDE * CF_PRODUCT_STRIDE];
    double side[CF_PRODUCT_SIDE], dside[CF_PRODUCT_SIDE]; /* their sums over targets */
} tile;

static void release(cf_sum_state **state)
{
    direct *sum = (direct *)*state;
    free(sum->arrays);
    free(sum);
    *state = NULL;
}

static size_t groups_of(const cf_pair_sum_setup *setup)
{
    return (setup->d + CF_LANES - 1) / CF_LANES;
}

/* Of a point. */
static size_t numbers(const cf_pair_sum_setup *setup)
{
    return 4 * setup->d + 3 * groups_of(setup) * CF_LANES + 7;
}

static void set_arrays(direct *sum)
{
    size_t panels = sum->stride * sum->d, groups = sum->groups * sum->stride * CF_LANES;
    const struct {
        double **array;
        size_t count;
    } parts[] = {{&sum->x_panels, panels}, {&sum->v_panels, panels}, {&sum->qx, groups},
                 {&sum->qv, groups},       {&sum->out, groups},      {&sum->xx, sum->stride},
                 {&sum->xv, sum->stride},  {&sum->p, sum->stride},   {&sum->dp, sum->stride},
                 {&sum->q, sum->stride},   {&sum->sum, sum->stride}, {&sum->dsum, sum->stride},
                 {&sum->x, panels},        {&sum->v, panels}};
    double *next = sum->arrays;
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        *parts[k].array = next;
        next += parts[k].count;
    }
    sum->points = (cf_product_points){
        .d = sum->d, .x = sum->x_panels, .v = sum->v_panels, .xx = sum->xx, .xv = sum->xv};
}

static cf_status create(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err)
{
    *out = NULL;
    direct *sum = cf_allocate("kernel sums", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    *out = (cf_sum_state *)sum;
    sum->setup = *setup;
    sum->kernels = cf_vector_kernels_get(setup->simd)->products;
    sum->n = setup->n;
    sum->d = setup->d;
    sum->layout = cf_block_layout_of(setup, CF_PANEL);
    sum->stride = sum->layout.stride;
    sum->groups = groups_of(setup);
    sum->arrays = cf_allocate("kernel sums", numbers(setup) * sum->stride, sizeof(double), err);
    if (sum->arrays == NULL) {
        release(out);
        return CF_ESYSTEM;
    }
    set_arrays(sum);
    return CF_OK;
}

/* E88. */
static cf_status plan(const cf_pair_sum_setup *setup, cf_sum_plan *out, cf_err *err)
{
    double n = (double)setup->n, d = (double)setup->d, tau = setup->profile.tau;
    double terms = CF_PRODUCT_SIDE + ceil(n / CF_PRODUCT_SIDE) + 10;
    double rounding = (3 * d + 16) / tau + terms * fmax(1, 2 * sqrt(exp(1) / tau));
    bool serves = setup->unit && !setup->two_sets && !setup->references &&
                  setup->profile.row == cf_eta_rows[0] && setup->d > CF_TILE_DIMENSIONS;
    out->error = rounding * DBL_EPSILON / 2;
    if (!serves || out->error > setup->tolerance)
        return cf_fail(err, CF_EINPUT,
                       "direct sums by products: only unit vectors of more than %d dimensions, one "
                       "view, eta = exponential, tolerance >= %.1g",
                       CF_TILE_DIMENSIONS, out->error);
    const cf_block_layout layout = cf_block_layout_of(setup, CF_PANEL);
    double pairs = cf_block_pairs_count(&layout, false, CF_PRODUCT_SIDE);
    snprintf(out->text, sizeof out->text, "%s, by products", cf_simd_name(setup->simd));
    out->seconds = 1e-9 * pairs * (NS_PAIR + NS_COORDINATE * d);
    out->bytes = 8 * (double)numbers(setup) * (double)layout.stride;
    return CF_OK;
}

static void fill_panels(const direct *sum, const double *rows, double scale, double *panels)
{
#pragma omp parallel for schedule(static) if (sum->layout.threaded)
    for (size_t i = 0; i < sum->n; i++) {
        size_t place = cf_block_place(&sum->layout, i);
        double *panel = panels + place / CF_PANEL * CF_PANEL * sum->d + place % CF_PANEL;
        for (size_t k = 0; k < sum->d; k++)
            panel[k * CF_PANEL] = scale * rows[i * sum->d + k];
    }
}

/* groups = q rows */
static void fill_groups(const direct *sum, const double *q, const double *rows, double *groups)
{
#pragma omp parallel for schedule(static) if (sum->layout.threaded)
    for (size_t i = 0; i < sum->n; i++) {
        size_t place = cf_block_place(&sum->layout, i);
        for (size_t k = 0; k < sum->d; k++)
            groups[(k / CF_LANES * sum->stride + place) * CF_LANES + k % CF_LANES] =
                q[i] * rows[i * sum->d + k];
    }
}

static void set_points(cf_sum_state *state, const double *y, const double *x)
{
    direct *sum = (direct *)state;
    (void)y;
    memcpy(sum->x, x, sum->n * sum->d * sizeof *x);
    fill_panels(sum, x, sqrt(LOG2_E / sum->setup.profile.tau), sum->x_panels);
    sum->kernels->norms(&sum->points, sum->stride);
}

static void set_motion(cf_sum_state *state, const double *ydot, const double *xdot)
{
    direct *sum = (direct *)state;
    (void)ydot;
    memcpy(sum->v, xdot, sum->n * sum->d * sizeof *xdot);
    fill_panels(sum, xdot, 1 / sqrt(LOG2_E * sum->setup.profile.tau), sum->v_panels);
    sum->kernels->scalars(&sum->points, sum->stride);
}

/* A sum over all pairs: what fills tiles, and whether K and K' meet points. */
typedef struct {
    const direct *sum;
    cf_product_function load;
    bool points, rate;
} task;

static void multiply(const task *t, const cf_tile_range *r, bool from_sources, const double *k,
                     const double *values)
{
    const direct *sum = t->sum;
    size_t targets = r->target_end - r->target, sources = r->source_end - r->source;
    cf_product p = {.rows = targets,
                    .terms = sources,
                    .row = CF_PRODUCT_STRIDE,
                    .column = 1,
                    .groups = sum->groups,
                    .stride = sum->stride * CF_LANES,
                    .k = k,
                    .values = values + r->source * CF_LANES,
                    .results = sum->out + r->target * CF_LANES};
    if (!from_sources) {
        p.rows = sources;
        p.terms = targets;
        p.row = 1;
        p.column = CF_PRODUCT_STRIDE;
        p.values = values + r->target * CF_LANES;
        p.results = sum->out + r->source * CF_LANES;
    }
    sum->kernels->multiply(&p);
}

/* The sums of the sources: of a tile first, so that no sum has many terms in a row. */
static void load_tile(const task *t, const cf_tile_range *range, bool both, tile *ws)
{
    const direct *sum = t->sum;
    cf_product_points points = sum->points;
    points.without_self = !both && sum->setup.pairs == CF_PAIRS_OTHERS;
    const cf_product_sums sums = {sum->p,
                                  sum->dp,
                                  sum->q,
                                  sum->sum,
                                  sum->dsum,
                                  ws->k,
                                  ws->dk,
                                  both ? ws->side : NULL,
                                  both ? ws->dside : NULL};
    memset(ws->side, 0, sizeof ws->side);
    memset(ws->dside, 0, sizeof ws->dside);
    t->load(&points, &sums, range);
    for (size_t j = range->source; j < range->source_end; j++) {
        sum->sum[j] += ws->side[j - range->source];
        sum->dsum[j] += ws->dside[j - range->source];
    }
}

/* Targets with other points as sources, for `both`, or with themselves. */
static void meet_tile(const task *t, const cf_tile_range *range, bool both)
{
    const direct *sum = t->sum;
    _Alignas(64) tile ws;
    load_tile(t, range, both, &ws);
    for (int end = 0; end < (both ? 2 : 1) && t->points; end++) {
        multiply(t, range, end == 0, t->rate ? ws.dk : ws.k, sum->qx);
        if (t->rate)
            multiply(t, range, end == 0, ws.k, sum->qv);
    }
}

/* The part of a block that begins at `first`. */
static size_t end_of(size_t first, size_t end)
{
    return first + CF_PRODUCT_SIDE < end ? first + CF_PRODUCT_SIDE : end;
}

/* Of a block by itself, the tiles on the diagonal and above it. */
static void meet(const void *context, size_t host, size_t guest)
{
    const task *t = context;
    size_t i, targets, j, sources;
    cf_block_bounds(&t->sum->layout, host, &i, &targets);
    cf_block_bounds(&t->sum->layout, guest, &j, &sources);
    for (; j < sources; j += CF_PRODUCT_SIDE)
        for (size_t k = i; k < targets && (host != guest || k <= j); k += CF_PRODUCT_SIDE) {
            const cf_tile_range range = {k, end_of(k, targets), j, end_of(j, sources)};
            meet_tile(t, &range, k != j);
        }
}

static void run(const direct *sum, cf_product_function load, bool points, bool rate)
{
    const task t = {sum, load, points, rate};
    memset(sum->sum, 0, sum->stride * sizeof(double));
    memset(sum->dsum, 0, sum->stride * sizeof(double));
    if (points)
        memset(sum->out, 0, sum->groups * sum->stride * CF_LANES * sizeof(double));
    cf_block_pairs_once(&sum->layout, meet, &t);
}

/* out [n] = sum_j b_j ... + a_i sum_j q_j ..., which `load` adds to `total`. */
static void scalars(direct *sum, const cf_pair_weights *w, cf_product_function load,
                    const double *total, double *out)
{
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    memset(out, 0, sum->n * sizeof *out);
    for (int c = 0; c < columns; c++) {
        cf_block_column(&sum->layout, column[c].q, sum->q);
        run(sum, load, false, false);
        for (size_t i = 0; i < sum->n; i++)
            out[i] +=
                (column[c].a == NULL ? 1 : column[c].a[i]) * total[cf_block_place(&sum->layout, i)];
    }
}

static void potential(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    direct *sum = (direct *)state;
    scalars(sum, w, sum->kernels->potential, sum->sum, out);
}

static void potential_rate(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    direct *sum = (direct *)state;
    scalars(sum, w, sum->kernels->potential_rate, sum->dsum, out);
}

/* out_i += factor_i sum_j K_ij q_j (x_i - x_j) eta' / eta, or its rate at fixed q, for K of p, K'
 * of dp; p and dp NULL: K = eta. */
static void add_vectors(direct *sum, const double *q, const double *p, const double *dp,
                        const double *factor, bool rate, double *out)
{
    cf_block_column(&sum->layout, q, sum->q);
    cf_block_column(&sum->layout, p, sum->p);
    cf_block_column(&sum->layout, dp, sum->dp);
    if (p == NULL)
        for (size_t i = 0; i < sum->n; i++)
            sum->p[cf_block_place(&sum->layout, i)] = 0.5;
    fill_groups(sum, q, sum->x, sum->qx);
    if (rate)
        fill_groups(sum, q, sum->v, sum->qv);
    run(sum, rate ? sum->kernels->force_rate : sum->kernels->force, true, rate);
    const double *of_x = rate ? sum->dsum : sum->sum;
#pragma omp parallel for schedule(static) if (sum->layout.threaded)
    for (size_t i = 0; i < sum->n; i++) {
        size_t place = cf_block_place(&sum->layout, i);
        double unit = -(factor == NULL ? 1 : factor[i]) / sum->setup.profile.tau;
        for (size_t k = 0; k < sum->d; k++) {
            double others =
                sum->out[(k / CF_LANES * sum->stride + place) * CF_LANES + k % CF_LANES];
            double own = of_x[place] * sum->x[i * sum->d + k] +
                         (rate ? sum->sum[place] * sum->v[i * sum->d + k] : 0);
            out[i * sum->d + k] += unit * (own - others);
        }
    }
}

static void add_columns(direct *sum, const cf_pair_weights *w, bool rate, double *out)
{
    cf_sum_column column[2];
    int columns = cf_sum_columns(w, column);
    for (int c = 0; c < columns; c++)
        add_vectors(sum, column[c].q, NULL, NULL, column[c].a, rate, out);
}

static void force(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    direct *sum = (direct *)state;
    memset(out, 0, sum->n * sum->d * sizeof *out);
    if (cf_sum_is_symmetric(w, sum->n))
        add_vectors(sum, w->q, w->a, NULL, NULL, false, out);
    else
        add_columns(sum, w, false, out);
}

static void force_rate(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out)
{
    direct *sum = (direct *)state;
    memset(out, 0, sum->n * sum->d * sizeof *out);
    bool same = cf_sum_is_symmetric(w, sum->n) && cf_sum_is_symmetric(dw, sum->n) &&
                memcmp(w->q, dw->q, sum->n * sizeof *w->q) == 0;
    if (same) {
        add_vectors(sum, w->q, w->a, dw->a, NULL, true, out);
        return;
    }
    add_columns(sum, w, true, out);
    add_columns(sum, dw, false, out);
}

const cf_sum_engine cf_sum_engine_products = {"direct",       plan,       create,    release,
                                              set_points,     set_motion, potential, force,
                                              potential_rate, force_rate, NULL};
