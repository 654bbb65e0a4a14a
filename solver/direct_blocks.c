/* The direct engine for every profile and dimension: a few targets against a block of sources, step
 * by step over arrays that stay in the cache. Among the points of one set each pair is computed
 * once; between two sets, and with references, once for each of its ends. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_pairs.h"
#include "contraflow/solver/memory.h"
#include "pair_panels.h"
#include "sum_engine.h"
#include "vector_kernels.h"

enum { ROWS = CF_PANEL_ROWS, MOST = CF_PANEL_MOST };

static const double FAR_AWAY = 1e150; /* where the padding is */

/* Predicted cost of a pair that is computed once, and of each of its coordinates. */
static const double NS_PAIR = 0.5, NS_COORDINATE = 0.05, NS_POWER = 2;

/* Points by rows, as wide as whole vectors, and by panels. */
typedef struct {
    double *rows;   /* [stride*width] */
    double *panels; /* [stride*d]; of sources only */
} arrangement;

typedef struct {
    cf_pair_sum_setup setup;
    const cf_vector_kernels *vector;
    cf_block_layout layout;
    size_t n, d, stride, width;
    double *arrays;               /* owns everything below */
    arrangement y, x, ydot, xdot; /* y is x without two sets */
    double *out;                  /* [stride*width] */
    double *weights[6], *c[2];    /* [stride] of w and dw; references of targets and sources */
    cf_tile_weights w, dw;
    bool referred;
} direct;

/* Of a few targets with a block of sources. */
typedef struct {
    double s[ROWS * MOST], k0[ROWS * MOST], k1[ROWS * MOST], k2[ROWS * MOST];
    double p[ROWS * MOST];                       /* (y - x).(y - x)' */
    double u[2][ROWS * MOST], v[2][ROWS * MOST]; /* weights of the pairs, and from the other end */
} workspace;

static void release(cf_sum_state **state)
{
    direct *sum = (direct *)*state;
    free(sum->arrays);
    free(sum);
    *state = NULL;
}

static void set_arrays(direct *sum)
{
    size_t rows = sum->stride * sum->width, panels = sum->stride * sum->d;
    double **array[] = {&sum->out,         &sum->x.rows, &sum->xdot.rows, &sum->x.panels,
                        &sum->xdot.panels, &sum->y.rows, &sum->ydot.rows};
    double *next = sum->arrays;
    for (size_t k = 0; k < (sum->setup.two_sets ? 7 : 5); k++) {
        *array[k] = next;
        next += k == 3 || k == 4 ? panels : rows;
    }
    if (!sum->setup.two_sets) {
        sum->y = sum->x;
        sum->ydot = sum->xdot;
    }
    for (size_t k = 0; k < 8; k++)
        *(k < 6 ? &sum->weights[k] : &sum->c[k - 6]) = next + k * sum->stride;
    sum->w = (cf_tile_weights){sum->weights[0], sum->weights[1], sum->weights[2]};
    sum->dw = (cf_tile_weights){sum->weights[3], sum->weights[4], sum->weights[5]};
    for (size_t i = 0; i < sum->stride; i++) { /* and there the padding stays */
        sum->x.rows[i * sum->width] = sum->y.rows[i * sum->width] = FAR_AWAY;
        sum->x.panels[i / CF_PANEL * CF_PANEL * sum->d + i % CF_PANEL] = FAR_AWAY;
    }
}

static size_t width_of(const cf_pair_sum_setup *setup)
{
    return (setup->d + CF_LANES - 1) / CF_LANES * CF_LANES;
}

/* Of a point. */
static size_t numbers(const cf_pair_sum_setup *setup)
{
    return (setup->two_sets ? 5 : 3) * width_of(setup) + 2 * setup->d + 8;
}

static cf_status create(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err)
{
    *out = NULL;
    direct *sum = cf_allocate("kernel sums", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    *out = (cf_sum_state *)sum;
    sum->setup = *setup;
    sum->vector = cf_vector_kernels_get(setup->simd);
    sum->n = setup->n;
    sum->d = setup->d;
    sum->layout = cf_block_layout_of(setup, CF_PANEL);
    sum->stride = sum->layout.stride;
    sum->width = width_of(setup);
    sum->arrays = cf_allocate("kernel sums", numbers(setup) * sum->stride, sizeof(double), err);
    if (sum->arrays == NULL) {
        release(out);
        return CF_ESYSTEM;
    }
    set_arrays(sum);
    return CF_OK;
}

/* Rounding of eta, which feels that of s/tau by s |eta'(s)| of order 1, or by its exponent p; and
 * of sums of n terms. */
static cf_status plan(const cf_pair_sum_setup *setup, cf_sum_plan *out, cf_err *err)
{
    (void)err;
    const cf_block_layout layout = cf_block_layout_of(setup, CF_PANEL);
    bool power = setup->profile.row != cf_eta_rows[0];
    double n = (double)setup->n, d = (double)setup->d;
    double pairs = cf_block_pairs_count(&layout, setup->two_sets, layout.block);
    snprintf(out->text, sizeof out->text, "%s", cf_simd_name(setup->simd));
    out->error = (n + (2 + (power ? setup->profile.exponent : 1)) * d + 10) * DBL_EPSILON / 2;
    out->seconds = 1e-9 * pairs * (NS_PAIR + NS_COORDINATE * d + (power ? NS_POWER : 0));
    out->bytes = 8 * (double)numbers(setup) * (double)layout.stride;
    return CF_OK;
}

static void arrange(const direct *sum, const double *rows, const arrangement *out)
{
    for (size_t i = 0; i < sum->n; i++) {
        size_t place = cf_block_place(&sum->layout, i), panel = place / CF_PANEL * sum->d;
        memcpy(out->rows + place * sum->width, rows + i * sum->d, sum->d * sizeof *rows);
        for (size_t k = 0; k < sum->d && out->panels != NULL; k++)
            out->panels[(panel + k) * CF_PANEL + place % CF_PANEL] = rows[i * sum->d + k];
    }
}

static void set_points(cf_sum_state *state, const double *y, const double *x)
{
    const direct *sum = (direct *)state;
    arrange(sum, x, &sum->x);
    if (sum->setup.two_sets)
        arrange(sum, y, &sum->y);
}

static void set_motion(cf_sum_state *state, const double *ydot, const double *xdot)
{
    const direct *sum = (direct *)state;
    arrange(sum, xdot, &sum->xdot);
    if (sum->setup.two_sets)
        arrange(sum, ydot, &sum->ydot);
}

/* Targets i, i + 1, ... with `count` sources from j on; `both` adds to the sums of the sources. */
typedef struct {
    size_t i, j, count;
    bool both;
    cf_panel_block points, motions;
} meeting;

static meeting meeting_at(const direct *sum, size_t i, size_t guest, bool both)
{
    size_t j, end;
    cf_block_bounds(&sum->layout, guest, &j, &end);
    const double *ydot = sum->ydot.rows + i * sum->width;
    const cf_panel_block points = {sum->d,
                                   sum->width,
                                   end - j,
                                   sum->y.rows + i * sum->width,
                                   ydot,
                                   sum->x.panels + j * sum->d,
                                   sum->xdot.panels + j * sum->d};
    const cf_panel_block motions = {
        .d = sum->d, .width = sum->width, .sources = end - j, .y = ydot};
    return (meeting){i, j, end - j, both, points, motions};
}

/* eta, divided by eta at the reference, and as many derivatives. */
static void load_eta(const direct *sum, const meeting *m, int derivatives, workspace *ws)
{
    const cf_profile *profile = &sum->setup.profile;
    sum->vector->panels->distances(&m->points, ws->s);
    for (size_t a = 0; a < ROWS; a++) {
        _Alignas(64) double c[MOST];
        double *s = ws->s + a * MOST, *k0 = ws->k0 + a * MOST;
        if (sum->setup.pairs == CF_PAIRS_OTHERS && m->i + a - m->j < m->count)
            s[m->i + a - m->j] = INFINITY;
        for (size_t l = 0; l < m->count && sum->referred; l++)
            c[l] = sum->c[0][m->i + a] + sum->c[1][m->j + l];
        if (sum->referred)
            profile->row->ratio(profile, sum->vector, s, c, m->count, k0);
        else
            profile->row->value(profile, sum->vector, s, m->count, k0);
        if (derivatives > 0)
            profile->row->derivatives(profile, sum->vector, s, k0, m->count, ws->k1 + a * MOST,
                                      derivatives > 1 ? ws->k2 + a * MOST : NULL);
    }
}

static void add_scalars(const direct *sum, const meeting *m, const double *k)
{
    for (size_t a = 0; a < ROWS; a++) {
        const double *row = k + a * MOST;
        sum->out[m->i + a] += sum->vector->dot(sum->w.q + m->j, row, m->count);
        if (m->both)
            sum->vector->add_scaled(sum->w.q[m->i + a], row, m->count, sum->out + m->j);
    }
}

/* u and v of one weight with one factor k, for all pairs. */
static void weigh(const direct *sum, const meeting *m, const cf_tile_weights *w, const double *k,
                  int which, workspace *ws)
{
    for (size_t a = 0; a < ROWS; a++)
        sum->vector->panels->weigh(w, m->i + a, m->j, m->count, k + a * MOST,
                                   ws->u[which] + a * MOST,
                                   m->both ? ws->v[which] + a * MOST : NULL);
}

static void add_moments(const direct *sum, const meeting *m, const cf_panel_block *block,
                        const arrangement *x, int which, const workspace *ws)
{
    size_t first = m->j * sum->width;
    sum->vector->panels->moments(block, x->rows + first, ws->u[which],
                                 m->both ? ws->v[which] : NULL, sum->out + m->i * sum->width,
                                 sum->out + first);
}

static void multiply(const direct *sum, const meeting *m, const double *x, double *y)
{
    for (size_t a = 0; a < ROWS; a++)
        sum->vector->multiply(x + a * MOST, m->count, y + a * MOST);
}

static void add_potential(const direct *sum, const meeting *m, workspace *ws)
{
    load_eta(sum, m, 0, ws);
    add_scalars(sum, m, ws->k0);
}

static void add_force(const direct *sum, const meeting *m, workspace *ws)
{
    load_eta(sum, m, 1, ws);
    weigh(sum, m, &sum->w, ws->k1, 0, ws);
    add_moments(sum, m, &m->points, &sum->x, 0, ws);
}

static void add_potential_rate(const direct *sum, const meeting *m, workspace *ws)
{
    load_eta(sum, m, 1, ws);
    sum->vector->panels->motions(&m->points, ws->p);
    multiply(sum, m, ws->k1, ws->p);
    add_scalars(sum, m, ws->p);
}

static void join(const direct *sum, const meeting *m, workspace *ws)
{
    for (size_t a = 0; a < ROWS; a++) {
        sum->vector->add_scaled(1, ws->u[1] + a * MOST, m->count, ws->u[0] + a * MOST);
        if (m->both)
            sum->vector->add_scaled(1, ws->v[1] + a * MOST, m->count, ws->v[0] + a * MOST);
    }
}

/* d/dt [w eta' X] = (w eta'' (X.V) + w' eta') X + w eta' V with X = y_i - x_j, V = X'. */
static void add_force_rate(const direct *sum, const meeting *m, workspace *ws)
{
    load_eta(sum, m, 2, ws);
    sum->vector->panels->motions(&m->points, ws->p);
    multiply(sum, m, ws->k2, ws->p);
    weigh(sum, m, &sum->w, ws->p, 0, ws);
    weigh(sum, m, &sum->dw, ws->k1, 1, ws);
    join(sum, m, ws);
    add_moments(sum, m, &m->points, &sum->x, 0, ws);
    weigh(sum, m, &sum->w, ws->k1, 1, ws);
    add_moments(sum, m, &m->motions, &sum->xdot, 1, ws);
}

static void lower_smallest(const direct *sum, const meeting *m, workspace *ws)
{
    sum->vector->panels->distances(&m->points, ws->s);
    for (size_t a = 0; a < ROWS; a++)
        for (size_t l = 0; l < m->count; l++)
            if (sum->setup.pairs != CF_PAIRS_OTHERS || m->i + a != m->j + l)
                sum->out[m->i + a] = fmin(sum->out[m->i + a], ws->s[a * MOST + l]);
}

typedef struct {
    const direct *sum;
    void (*add)(const direct *sum, const meeting *m, workspace *ws);
    bool once;
} task;

static void meet(const void *context, size_t host, size_t guest)
{
    const task *t = context;
    _Alignas(64) workspace ws;
    size_t first, end;
    cf_block_bounds(&t->sum->layout, host, &first, &end);
    for (size_t i = first; i < end; i += ROWS) {
        meeting m = meeting_at(t->sum, i, guest, t->once && host != guest);
        t->add(t->sum, &m, &ws);
    }
}

static void run(const direct *sum, void (*add)(const direct *, const meeting *, workspace *))
{
    bool once = !sum->setup.two_sets && !sum->referred && add != lower_smallest;
    const task t = {sum, add, once};
    (once ? cf_block_pairs_once : cf_block_pairs_all)(&sum->layout, meet, &t);
}

static void load_references(direct *sum, const cf_pair_weights *w)
{
    cf_block_column(&sum->layout, w->target_reference, sum->c[0]);
    cf_block_column(&sum->layout, w->source_reference, sum->c[1]);
    sum->referred = w->target_reference != NULL || w->source_reference != NULL;
}

/* out [n]: the sums with b, and a_i times those with q; usually one of the two. */
static void scalars(direct *sum, const cf_pair_weights *w, double *out,
                    void (*add)(const direct *, const meeting *, workspace *))
{
    load_references(sum, w);
    memset(out, 0, sum->n * sizeof *out);
    for (int part = 0; part < 2; part++) {
        const double *q = part == 0 ? w->b : w->q;
        if (q == NULL)
            continue;
        cf_block_column(&sum->layout, q, sum->weights[1]);
        memset(sum->out, 0, sum->stride * sizeof(double));
        run(sum, add);
        for (size_t i = 0; i < sum->n; i++)
            out[i] += (part == 0 ? 1 : w->a[i]) * sum->out[cf_block_place(&sum->layout, i)];
    }
}

static void vectors(direct *sum, const cf_pair_weights *w, const cf_pair_weights *dw, double *out)
{
    const double *values[] = {w->a,
                              w->q,
                              w->b,
                              dw == NULL ? NULL : dw->a,
                              dw == NULL ? NULL : dw->q,
                              dw == NULL ? NULL : dw->b};
    load_references(sum, w);
    for (int k = 0; k < 6; k++)
        cf_block_column(&sum->layout, values[k], sum->weights[k]);
    memset(sum->out, 0, sum->stride * sum->width * sizeof(double));
    run(sum, dw == NULL ? add_force : add_force_rate);
    for (size_t i = 0; i < sum->n; i++)
        memcpy(out + i * sum->d, sum->out + cf_block_place(&sum->layout, i) * sum->width,
               sum->d * sizeof *out);
}

static void potential(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    scalars((direct *)state, w, out, add_potential);
}

static void potential_rate(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    scalars((direct *)state, w, out, add_potential_rate);
}

static void force(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    vectors((direct *)state, w, NULL, out);
}

static void force_rate(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out)
{
    vectors((direct *)state, w, dw, out);
}

static void smallest(cf_sum_state *state, double *out)
{
    direct *sum = (direct *)state;
    for (size_t i = 0; i < sum->stride; i++)
        sum->out[i] = INFINITY;
    run(sum, lower_smallest);
    for (size_t i = 0; i < sum->n; i++)
        out[i] = sum->out[cf_block_place(&sum->layout, i)];
}

const cf_sum_engine cf_sum_engine_blocks = {"direct",       plan,       create,    release,
                                            set_points,     set_motion, potential, force,
                                            potential_rate, force_rate, smallest};
