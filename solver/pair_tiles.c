/* Compiled once per instruction set (CF_TILES names the table). A few targets, each in all lanes of
 * a vector, meet a vector of sources; a function is written once for every d and mode, which are
 * constants where it is inlined. Rows interleave, because one chain of dependent operations would
 * leave the processor waiting.
 *
 * eta = 2^(-log2(e) s/tau) with s limited so that 2^-1021 takes the place of anything less. */
#include "pair_tiles.h"

#include "vector.h"

enum { ROWS = CF_TILE_ROWS, MOST_D = CF_TILE_DIMENSIONS };

static const double LOG2_E = 1.4426950408889634074;

/* The weights of a few targets in all lanes. */
typedef struct {
    vec a[ROWS], q[ROWS], b[ROWS];
} target_weights;

typedef struct {
    vec y[ROWS][MOST_D], ydot[ROWS][MOST_D], c[ROWS];
    target_weights w, dw;
} targets;

/* X = y - x, V = X', X.V and eta of some targets and one vector of sources. */
typedef struct {
    vec x[ROWS][MOST_D], v[ROWS][MOST_D], xv[ROWS], eta[ROWS];
} pairs;

CF_INLINE void load_weights(const cf_tile_weights *w, size_t i, target_weights *r)
{
    VEC_EACH (a, ROWS) {
        r->a[a] = vec_set(w->a[i + a]);
        r->q[a] = vec_set(w->q[i + a]);
        r->b[a] = vec_set(w->b[i + a]);
    }
}

CF_INLINE void load_targets(const cf_pair_tile *t, size_t i, size_t d, bool motion, targets *r)
{
    VEC_EACH (a, ROWS) {
        r->c[a] = vec_set(t->c_target[i + a]);
        VEC_EACH (k, d) {
            r->y[a][k] = vec_set(t->y[k * t->stride + i + a]);
            if (motion)
                r->ydot[a][k] = vec_set(t->ydot[k * t->stride + i + a]);
        }
    }
    load_weights(&t->w, i, &r->w);
    if (motion)
        load_weights(&t->dw, i, &r->dw);
}

/* p->x, and the squares |y - x|^2 in p->eta; with references, less these. */
CF_INLINE void load_squares(const cf_pair_tile *t, const targets *r, size_t i, size_t j, size_t d,
                            int mode, pairs *p)
{
    vec x[MOST_D];
    VEC_EACH (k, d)
        x[k] = vec_load(t->x + k * t->stride + j);
    VEC_EACH (a, ROWS)
        VEC_EACH (k, d) {
            vec X = p->x[a][k] = r->y[a][k] - x[k];
            p->eta[a] = k == 0 ? X * X : vec_fma(X, X, p->eta[a]);
        }
    if (mode != CF_TILE_ALL)
        return;
    vec c = vec_load(t->c_source + j);
    VEC_EACH (a, ROWS) {
        p->eta[a] = p->eta[a] - r->c[a] - c;
        if (t->without_self)
            p->eta[a] += vec_far_at(i + a - j);
    }
}

CF_INLINE void load_pairs(const cf_pair_tile *t, const targets *r, size_t i, size_t j, size_t d,
                          int mode, pairs *p)
{
    const double scale = -LOG2_E / (2 * t->tau);
    const vec c = vec_set(scale), least = vec_set(-1021 / scale), rounder = vec_set(VEC_ROUNDER);
    vec rest[ROWS];
    load_squares(t, r, i, j, d, mode, p);
    VEC_EACH (a, ROWS)
        rest[a] = vec_min(p->eta[a], least);
    VEC_EACH (a, ROWS)
        p->eta[a] = vec_fma(rest[a], c, rounder);
    VEC_EACH (a, ROWS)
        rest[a] = vec_fma(rest[a], c, rounder - p->eta[a]);
    vec_exp2(ROWS, rest, p->eta);
}

CF_INLINE void load_motion(const cf_pair_tile *t, const targets *r, size_t j, size_t d, pairs *p)
{
    VEC_EACH (k, d) {
        vec xdot = vec_load(t->xdot + k * t->stride + j);
        VEC_EACH (a, ROWS) {
            p->v[a][k] = r->ydot[a][k] - xdot;
            p->xv[a] = k == 0 ? p->x[a][0] * p->v[a][0] : vec_fma(p->x[a][k], p->v[a][k], p->xv[a]);
        }
    }
}

/* w_ij and, of the same pair with its sides exchanged, w_ji. */
CF_INLINE vec weight(const target_weights *r, const cf_tile_weights *w, size_t a, size_t j)
{
    return vec_fma(r->a[a], vec_load(w->q + j), vec_load(w->b + j));
}

CF_INLINE vec exchanged(const target_weights *r, const cf_tile_weights *w, size_t a, size_t j)
{
    return vec_fma(vec_load(w->a + j), r->q[a], r->b[a]);
}

/* Adds q_j p to the targets' totals and, where pairs count once, q_i p to the side of the sources.
 */
CF_INLINE void add_scalars(const cf_pair_tile *t, const targets *r, size_t j, double *side,
                           const vec p[ROWS], vec total[ROWS])
{
    vec q = vec_load(t->w.q + j);
    VEC_EACH (a, ROWS)
        total[a] = vec_fma(q, p[a], total[a]);
    if (side == NULL)
        return;
    vec sum = vec_load(side);
    VEC_EACH (a, ROWS)
        sum = vec_fma(r->w.q[a], p[a], sum);
    vec_store(side, sum);
}

/* Where the vector of sources has its sums. */
CF_INLINE double *side_of(const cf_pair_tile *t, const cf_tile_range *range, size_t j, int mode)
{
    return mode == CF_TILE_ALL ? NULL : t->side + (j - range->source);
}

CF_INLINE void potential(const cf_pair_tile *t, const cf_tile_range *range, size_t d, int mode)
{
    for (size_t i = range->target; i < range->target_end; i += ROWS) {
        targets r;
        pairs p;
        vec total[ROWS] = {{0}};
        load_targets(t, i, d, false, &r);
        for (size_t j = range->source; j < range->source_end; j += VEC) {
            load_pairs(t, &r, i, j, d, mode, &p);
            add_scalars(t, &r, j, side_of(t, range, j, mode), p.eta, total);
        }
        VEC_EACH (a, ROWS)
            t->out[i + a] += vec_sum(total[a]);
    }
}

CF_INLINE void potential_rate(const cf_pair_tile *t, const cf_tile_range *range, size_t d, int mode)
{
    for (size_t i = range->target; i < range->target_end; i += ROWS) {
        targets r;
        pairs p;
        vec total[ROWS] = {{0}};
        load_targets(t, i, d, true, &r);
        for (size_t j = range->source; j < range->source_end; j += VEC) {
            load_pairs(t, &r, i, j, d, mode, &p);
            load_motion(t, &r, j, d, &p);
            VEC_EACH (a, ROWS)
                p.eta[a] *= p.xv[a];
            add_scalars(t, &r, j, side_of(t, range, j, mode), p.eta, total);
        }
        VEC_EACH (a, ROWS)
            t->out[i + a] += vec_sum(total[a]);
    }
}

/* total[a][k] += the sum over lanes, into the targets' rows of out. */
CF_INLINE void store_totals(const cf_pair_tile *t, size_t i, size_t d, vec total[ROWS][MOST_D])
{
    VEC_EACH (k, d)
        VEC_EACH (a, ROWS)
            t->out[k * t->stride + i + a] += vec_sum(total[a][k]);
}

CF_INLINE void force(const cf_pair_tile *t, const cf_tile_range *range, size_t d, int mode)
{
    for (size_t i = range->target; i < range->target_end; i += ROWS) {
        targets r;
        pairs p;
        vec total[ROWS][MOST_D] = {{{0}}}, w[ROWS];
        load_targets(t, i, d, false, &r);
        for (size_t j = range->source; j < range->source_end; j += VEC) {
            load_pairs(t, &r, i, j, d, mode, &p);
            VEC_EACH (a, ROWS) {
                w[a] = weight(&r.w, &t->w, a, j) * p.eta[a];
                VEC_EACH (k, d)
                    total[a][k] = vec_fma(w[a], p.x[a][k], total[a][k]);
            }
            if (mode == CF_TILE_ALL)
                continue;
            VEC_EACH (a, ROWS)
                w[a] = exchanged(&r.w, &t->w, a, j) * p.eta[a];
            VEC_EACH (k, d) {
                double *side = side_of(t, range, j, mode) + k * t->side_stride;
                vec sum = vec_load(side);
                VEC_EACH (a, ROWS)
                    sum = vec_fma(w[a], p.x[a][k], sum);
                vec_store(side, sum);
            }
        }
        store_totals(t, i, d, total);
    }
}

/* Where all q are 1 and b = a, so that weights are the same from both ends, and points are scaled
 * so that eta = 2^(-|x|^2): a few targets meet two vectors of sources, and every step is taken for
 * all of them before the next one, since the processor looks ahead of waiting operations only so
 * far. */
enum { TWO = 2, MET = TWO * ROWS };

/* X = x_j - y_i, coordinate k of target a and vector l of sources. */
CF_INLINE vec difference(const cf_pair_tile *t, size_t i, size_t j, size_t k, size_t e)
{
    const double *x = t->scaled + k * t->stride;
    return vec_subtract_one(vec_load(x + j + e % TWO * VEC), x + i + e / TWO);
}

CF_INLINE void load_even(const cf_pair_tile *t, size_t i, size_t j, size_t d, vec eta[MET])
{
    const vec rounder = vec_set(VEC_ROUNDER);
    vec s[MET];
    VEC_EACH (k, d)
        VEC_EACH (e, MET) {
            vec x = difference(t, i, j, k, e);
            s[e] = k == 0 ? x * x : vec_fma(x, x, s[e]);
        }
    VEC_EACH (e, MET)
        eta[e] = rounder - s[e];
    VEC_EACH (e, MET)
        s[e] = (rounder - eta[e]) - s[e];
    vec_exp2(MET, s, eta);
}

/* Both ends of k: total += q_j k, sum += q_i k; or without q. */
CF_INLINE void add_ends(const cf_pair_tile *t, size_t i, size_t j, bool equal, vec k, vec *total,
                        vec *sum)
{
    *total = equal ? *total + k : vec_fma(vec_load(t->w.q + j), k, *total);
    *sum = equal ? *sum + k : vec_fma_one(t->w.q + i, k, *sum);
}

CF_INLINE void even_potential(const cf_pair_tile *t, const cf_tile_range *range, size_t d,
                              bool equal)
{
    for (size_t i = range->target; i < range->target_end; i += ROWS) {
        vec total[ROWS] = {{0}};
        for (size_t j = range->source; j < range->source_end; j += TWO * VEC) {
            double *side = side_of(t, range, j, CF_TILE_ONCE);
            vec eta[MET];
            load_even(t, i, j, d, eta);
            VEC_EACH (l, TWO) {
                vec sum = vec_load(side + l * VEC);
                VEC_EACH (a, ROWS)
                    add_ends(t, i + a, j + l * VEC, equal, eta[TWO * a + l], &total[a], &sum);
                vec_store(side + l * VEC, sum);
            }
        }
        VEC_EACH (a, ROWS)
            t->out[i + a] += vec_sum(total[a]);
    }
}

/* (a_i + a_j) eta q_j X for the targets and (a_i + a_j) eta q_i X for the sources. */
CF_INLINE void even_force(const cf_pair_tile *t, const cf_tile_range *range, size_t d, bool equal)
{
    for (size_t i = range->target; i < range->target_end; i += ROWS) {
        vec total[ROWS][MOST_D] = {{{0}}};
        for (size_t j = range->source; j < range->source_end; j += TWO * VEC) {
            double *side = side_of(t, range, j, CF_TILE_ONCE);
            vec own[MET], other[MET];
            load_even(t, i, j, d, own);
            VEC_EACH (e, MET) {
                size_t a = i + e / TWO, source = j + e % TWO * VEC;
                own[e] *= vec_add_one(t->w.a + a, vec_load(t->w.a + source));
                other[e] = equal ? own[e] : vec_set(t->w.q[a]) * own[e];
                own[e] = equal ? own[e] : vec_load(t->w.q + source) * own[e];
            }
            VEC_EACH (k, d)
                VEC_EACH (l, TWO) {
                    double *out = side + k * t->side_stride + l * VEC;
                    vec sum = vec_load(out);
                    VEC_EACH (a, ROWS) {
                        vec x = difference(t, i, j, k, TWO * a + l);
                        total[a][k] = vec_fma(own[TWO * a + l], x, total[a][k]);
                        sum = vec_fma(other[TWO * a + l], x, sum);
                    }
                    vec_store(out, sum);
                }
        }
        VEC_EACH (k, d)
            VEC_EACH (a, ROWS)
                t->out[k * t->stride + i + a] -= vec_sum(total[a][k]) / t->scale;
    }
}

/* The factors eta (w' - w (X.V)/tau) of X and eta w of V, in x and v, from the two weights. */
CF_INLINE void rate_factors(const cf_pair_tile *t, const pairs *p, vec x[ROWS], vec v[ROWS])
{
    const vec rate = vec_set(-1 / t->tau);
    VEC_EACH (a, ROWS) {
        x[a] = vec_fma(v[a], rate * p->xv[a], x[a]) * p->eta[a];
        v[a] *= p->eta[a];
    }
}

CF_INLINE void add_rate_sides(const cf_pair_tile *t, double *side, size_t d, const pairs *p,
                              const vec x[ROWS], const vec v[ROWS])
{
    VEC_EACH (k, d) {
        vec sum = vec_load(side + k * t->side_stride);
        VEC_EACH (a, ROWS)
            sum = vec_fma(x[a], p->x[a][k], vec_fma(v[a], p->v[a][k], sum));
        vec_store(side + k * t->side_stride, sum);
    }
}

CF_INLINE void force_rate(const cf_pair_tile *t, const cf_tile_range *range, size_t d, int mode)
{
    for (size_t i = range->target; i < range->target_end; i += ROWS) {
        targets r;
        pairs p;
        vec total[ROWS][MOST_D] = {{{0}}}, x[ROWS], v[ROWS];
        load_targets(t, i, d, true, &r);
        for (size_t j = range->source; j < range->source_end; j += VEC) {
            load_pairs(t, &r, i, j, d, mode, &p);
            load_motion(t, &r, j, d, &p);
            VEC_EACH (a, ROWS) {
                x[a] = weight(&r.dw, &t->dw, a, j);
                v[a] = weight(&r.w, &t->w, a, j);
            }
            rate_factors(t, &p, x, v);
            VEC_EACH (a, ROWS)
                VEC_EACH (k, d)
                    total[a][k] = vec_fma(x[a], p.x[a][k], vec_fma(v[a], p.v[a][k], total[a][k]));
            if (mode == CF_TILE_ALL)
                continue;
            VEC_EACH (a, ROWS) {
                x[a] = exchanged(&r.dw, &t->dw, a, j);
                v[a] = exchanged(&r.w, &t->w, a, j);
            }
            rate_factors(t, &p, x, v);
            add_rate_sides(t, side_of(t, range, j, mode), d, &p, x, v);
        }
        store_totals(t, i, d, total);
    }
}

CF_INLINE void smallest(const cf_pair_tile *t, const cf_tile_range *range, size_t d)
{
    for (size_t i = range->target; i < range->target_end; i += ROWS) {
        targets r;
        pairs p;
        vec least[ROWS];
        load_targets(t, i, d, false, &r);
        VEC_EACH (a, ROWS)
            least[a] = vec_set(2 * t->out[i + a]);
        for (size_t j = range->source; j < range->source_end; j += VEC) {
            load_squares(t, &r, i, j, d, CF_TILE_ALL, &p);
            VEC_EACH (a, ROWS)
                least[a] = vec_min(least[a], p.eta[a]);
        }
        VEC_EACH (a, ROWS)
            t->out[i + a] = vec_smallest(least[a]) / 2;
    }
}

#define FUNCTION(sum, mode, d)                                                                     \
    static void sum##_##mode##_##d(const cf_pair_tile *tile, const cf_tile_range *range)           \
    {                                                                                              \
        const cf_pair_tile t = *tile;                                                              \
        sum(&t, range, d, CF_TILE_##mode);                                                         \
    }
#define DIMENSIONS(sum, mode)                                                                      \
    FUNCTION(sum, mode, 1) FUNCTION(sum, mode, 2) FUNCTION(sum, mode, 3) FUNCTION(sum, mode, 4)
#define FUNCTIONS(sum) DIMENSIONS(sum, ALL) DIMENSIONS(sum, ONCE)
FUNCTIONS(potential)
FUNCTIONS(force)
FUNCTIONS(potential_rate)
FUNCTIONS(force_rate)

#define EVEN(sum, equal, d)                                                                        \
    static void sum##_##equal##_##d(const cf_pair_tile *tile, const cf_tile_range *range)          \
    {                                                                                              \
        const cf_pair_tile t = *tile;                                                              \
        sum(&t, range, d, equal);                                                                  \
    }
#define EVENS(sum, equal)                                                                          \
    EVEN(sum, equal, 1) EVEN(sum, equal, 2) EVEN(sum, equal, 3) EVEN(sum, equal, 4)
EVENS(even_potential, 0)
EVENS(even_potential, 1)
EVENS(even_force, 0)
EVENS(even_force, 1)

#define SMALLEST(d)                                                                                \
    static void smallest_##d(const cf_pair_tile *tile, const cf_tile_range *range)                 \
    {                                                                                              \
        const cf_pair_tile t = *tile;                                                              \
        smallest(&t, range, d);                                                                    \
    }
SMALLEST(1)
SMALLEST(2)
SMALLEST(3)
SMALLEST(4)

#define ROW(sum, mode)                                                                             \
    {                                                                                              \
        sum##_##mode##_1, sum##_##mode##_2, sum##_##mode##_3, sum##_##mode##_4                     \
    }
#define TABLE(sum)                                                                                 \
    {                                                                                              \
        ROW(sum, ALL), ROW(sum, ONCE)                                                              \
    }

extern const cf_pair_tiles CF_TILES;
const cf_pair_tiles CF_TILES = {
    {TABLE(potential), TABLE(force), TABLE(potential_rate), TABLE(force_rate)},
    {{ROW(even_potential, 0), ROW(even_potential, 1)}, {ROW(even_force, 0), ROW(even_force, 1)}},
    {smallest_1, smallest_2, smallest_3, smallest_4}};
