/* Compiled once per instruction set (CF_PRODUCTS names the table). A few targets meet a panel of
 * sources: as many independent sums as keep the multipliers busy. */
#include "product_kernels.h"

#include "vector.h"
#include "vector_kernels.h"

enum {
    VECTORS = CF_PANEL / VEC,      /* of a panel */
    ROWS = VEC == 8 ? 8 : VEC / 2, /* targets at once */
    EXPS = VEC == 8 ? 2 : 1,       /* and of these, at once through the exponential */
    RESULTS = VEC == 8 ? 8 : 4     /* rows at once of a product */
};

/* The least eta is 2^-1021. */
static const double FARTHEST = 1021;

typedef vec panel[VECTORS];

/* Sums of one kernel over a panel: of each target, and of each source. */
typedef struct {
    vec target[ROWS];
    panel source;
} totals;

static const double *at(const cf_product_points *points, const double *panels, size_t i)
{
    return panels + i / CF_PANEL * points->d * CF_PANEL + i % CF_PANEL;
}

/* sum += x.y of a few targets and a panel of sources, one coordinate after the other. */
CF_INLINE void add_products(const double *x, const double *y, size_t d, panel sum[ROWS])
{
    for (size_t k = 0; k < d; k++) {
        panel source;
        VEC_EACH (l, VECTORS)
            source[l] = vec_load(y + k * CF_PANEL + l * VEC);
        VEC_EACH (a, ROWS) {
            vec target = vec_set(x[k * CF_PANEL + a]);
            VEC_EACH (l, VECTORS)
                sum[a][l] = vec_fma(target, source[l], sum[a][l]);
        }
    }
}

CF_INLINE void clear(panel sum[ROWS])
{
    VEC_EACH (a, ROWS)
        VEC_EACH (l, VECTORS)
            sum[a][l] = vec_set(0);
}

/* sum += (x_0 + y_1)(x_1 + y_0) + x_2 y_2 of three coordinates. With h(x) half of that for y = x,
 * |x - y|^2 / 2 = h(x) + h(y) - sum; a pair of coordinates takes one multiplication and two
 * additions in place of two multiplications, and adders are idle otherwise. */
CF_INLINE void add_three(const double *x, const double *y, panel sum[ROWS])
{
    panel source[3];
    VEC_EACH (c, 3)
        VEC_EACH (l, VECTORS)
            source[c][l] = vec_load(y + c * CF_PANEL + l * VEC);
    VEC_EACH (a, ROWS)
        VEC_EACH (l, VECTORS) {
            vec first = vec_add_one(x + a, source[1][l]);
            vec second = vec_add_one(x + CF_PANEL + a, source[0][l]);
            sum[a][l] = vec_fma(first, second, sum[a][l]);
            sum[a][l] = vec_fma_one(x + 2 * CF_PANEL + a, source[2][l], sum[a][l]);
        }
}

/* sum += the rate at which that changes along motions v of x and w of y. */
CF_INLINE void add_three_rates(const double *x, const double *v, const double *y, const double *w,
                               panel sum[ROWS])
{
    panel source[3], motion[3];
    VEC_EACH (c, 3)
        VEC_EACH (l, VECTORS) {
            source[c][l] = vec_load(y + c * CF_PANEL + l * VEC);
            motion[c][l] = vec_load(w + c * CF_PANEL + l * VEC);
        }
    VEC_EACH (a, ROWS)
        VEC_EACH (l, VECTORS) {
            const size_t second = CF_PANEL + a, third = 2 * CF_PANEL + a;
            sum[a][l] = vec_fma(vec_add_one(v + a, motion[1][l]),
                                vec_add_one(x + second, source[0][l]), sum[a][l]);
            sum[a][l] = vec_fma_one(v + third, source[2][l], sum[a][l]);
            sum[a][l] = vec_fma(vec_add_one(x + a, source[1][l]),
                                vec_add_one(v + second, motion[0][l]), sum[a][l]);
            sum[a][l] = vec_fma_one(x + third, motion[2][l], sum[a][l]);
        }
}

/* The coordinates that are taken by threes. */
static size_t threes(size_t d)
{
    return VEC == 8 ? d / 3 * 3 : 0;
}

/* factor times the sum of (x_0 + x_1)(y_0 + y_1) and x_2 y_2 of each point, in the order of
 * `load_products`, so that no point has a distance from itself. */
CF_INLINE void own_products(const cf_product_points *points, const double *y, double factor,
                            size_t count, double *out)
{
    size_t paired = threes(points->d);
    for (size_t i = 0; i < count; i += VEC) {
        const double *xi = at(points, points->x, i), *yi = at(points, y, i);
        vec sum = vec_set(0);
        for (size_t k = 0; k < points->d; k++) {
            vec first = vec_load(xi + k * CF_PANEL), second = vec_load(yi + k * CF_PANEL);
            if (k < paired && k % 3 == 0) {
                k++;
                first += vec_load(xi + k * CF_PANEL);
                second += vec_load(yi + k * CF_PANEL);
            }
            sum = vec_fma(first, second, sum);
        }
        vec_store(out + i, vec_set(factor) * sum);
    }
}

static void norms(const cf_product_points *points, size_t count)
{
    own_products(points, points->x, 0.5, count, points->xx);
}

static void scalars(const cf_product_points *points, size_t count)
{
    own_products(points, points->v, 1, count, points->xv);
}

/* Targets from i on with a panel of sources from j on, which is `source` in its tile; the tiles of
 * K and K' begin `place` there. */
typedef struct {
    const cf_product_points *points;
    const cf_product_sums *sums;
    size_t i, j, source, place;
    bool weighted, moving; /* what is computed besides eta */
} meeting;

/* own_i - product + own_j, in place of the product */
CF_INLINE void complete(const meeting *m, const double *own, size_t a, panel product[EXPS])
{
    VEC_EACH (b, EXPS)
        VEC_EACH (l, VECTORS) {
            vec rest = vec_load(own + m->j + l * VEC) - product[b][l];
            product[b][l] = vec_add_one(own + m->i + a + b, rest);
        }
}

CF_INLINE void remove_self(const meeting *m, size_t a, panel s[EXPS])
{
    VEC_EACH (b, EXPS)
        VEC_EACH (l, VECTORS)
            s[b][l] += vec_far_at(m->i + a + b - m->j - l * VEC);
}

/* eta in place of scalar products. */
CF_INLINE void load_eta(const meeting *m, size_t a, panel k[EXPS])
{
    const vec rounder = vec_set(VEC_ROUNDER);
    vec rest[EXPS * VECTORS], *power = k[0];
    complete(m, m->points->xx, a, k);
    if (m->points->without_self && m->i / CF_PANEL == m->j / CF_PANEL)
        remove_self(m, a, k);
    VEC_EACH (e, EXPS * VECTORS) {
        vec s = vec_min(power[e], vec_set(FARTHEST));
        power[e] = rounder - s;
        rest[e] = (rounder - power[e]) - s;
    }
    vec_exp2(EXPS * VECTORS, rest, power);
}

/* p_i + p_j */
CF_INLINE vec both(const meeting *m, const double *p, size_t a, size_t l)
{
    return vec_add_one(p + m->i + a, vec_load(p + m->j + l * VEC));
}

/* K' = (dp_i + dp_j) eta - (p_i + p_j) m eta, or - m eta, in place of the products in m. */
CF_INLINE void load_rate(const meeting *m, size_t a, panel eta[EXPS], panel rate[EXPS])
{
    complete(m, m->points->xv, a, rate);
    VEC_EACH (b, EXPS)
        VEC_EACH (l, VECTORS) {
            rate[b][l] = -rate[b][l];
            if (m->weighted)
                rate[b][l] = vec_fma(rate[b][l], both(m, m->sums->p, a + b, l),
                                     both(m, m->sums->dp, a + b, l));
            rate[b][l] *= eta[b][l];
        }
}

CF_INLINE void weigh(const meeting *m, size_t a, panel k[EXPS])
{
    VEC_EACH (b, EXPS)
        VEC_EACH (l, VECTORS)
            k[b][l] *= both(m, m->sums->p, a + b, l);
}

/* K q_j for the targets, K q_i for the sources. */
CF_INLINE void add_sums(const meeting *m, size_t a, panel k[EXPS], totals *sum)
{
    const double *q = m->sums->q;
    VEC_EACH (b, EXPS) {
        vec target = vec_set(q[m->i + a + b]);
        VEC_EACH (l, VECTORS) {
            sum->target[a + b] = vec_fma(k[b][l], vec_load(q + m->j + l * VEC), sum->target[a + b]);
            sum->source[l] = vec_fma(k[b][l], target, sum->source[l]);
        }
    }
}

CF_INLINE void store(const meeting *m, size_t a, panel k[EXPS], double *out)
{
    VEC_EACH (b, EXPS)
        VEC_EACH (l, VECTORS)
            vec_store(out + m->place + (a + b) * CF_PRODUCT_STRIDE + l * VEC, k[b][l]);
}

CF_INLINE void load_sources(const meeting *m, const double *side, totals *sum)
{
    VEC_EACH (l, VECTORS)
        sum->source[l] = side != NULL ? vec_load(side + m->source + l * VEC) : vec_set(0);
}

CF_INLINE void store_sources(const meeting *m, double *side, const totals *sum)
{
    if (side != NULL)
        VEC_EACH (l, VECTORS)
            vec_store(side + m->source + l * VEC, sum->source[l]);
}

CF_INLINE void load_products(const meeting *m, panel k[ROWS], panel rate[ROWS])
{
    const cf_product_points *points = m->points;
    const double *xi = at(points, points->x, m->i), *xj = at(points, points->x, m->j);
    const double *vi = at(points, points->v, m->i), *vj = at(points, points->v, m->j);
    size_t paired = threes(points->d), from = paired * CF_PANEL, left = points->d - paired;
    clear(k);
    for (size_t c = 0; c < from; c += 3 * CF_PANEL)
        add_three(xi + c, xj + c, k);
    add_products(xi + from, xj + from, left, k);
    if (!m->moving)
        return;
    clear(rate);
    for (size_t c = 0; c < from; c += 3 * CF_PANEL)
        add_three_rates(xi + c, vi + c, xj + c, vj + c, rate);
    add_products(xi + from, vj + from, left, rate);
    add_products(vi + from, xj + from, left, rate);
}

CF_INLINE void meet(const meeting *m, totals *sum, totals *dsum)
{
    const cf_product_sums *sums = m->sums;
    panel k[ROWS], rate[ROWS];
    load_products(m, k, rate);
    load_sources(m, sums->side, sum);
    if (m->moving)
        load_sources(m, sums->dside, dsum);
    VEC_EACH (group, ROWS / EXPS) {
        size_t a = EXPS * group;
        load_eta(m, a, k + a);
        if (m->moving) {
            load_rate(m, a, k + a, rate + a);
            add_sums(m, a, rate + a, dsum);
        }
        if (m->weighted) {
            weigh(m, a, k + a);
            store(m, a, k + a, sums->k);
            if (m->moving)
                store(m, a, rate + a, sums->dk);
        }
        if (m->weighted || !m->moving)
            add_sums(m, a, k + a, sum);
    }
    store_sources(m, sums->side, sum);
    if (m->moving)
        store_sources(m, sums->dside, dsum);
}

CF_INLINE void meet_all(meeting m, const cf_tile_range *range)
{
    for (m.i = range->target; m.i < range->target_end; m.i += ROWS) {
        totals sum, dsum;
        VEC_EACH (a, ROWS)
            sum.target[a] = dsum.target[a] = vec_set(0);
        for (m.j = range->source; m.j < range->source_end; m.j += CF_PANEL) {
            m.source = m.j - range->source;
            m.place = (m.i - range->target) * CF_PRODUCT_STRIDE + m.source;
            meet(&m, &sum, &dsum);
        }
        VEC_EACH (a, ROWS) {
            m.sums->sum[m.i + a] += vec_sum(sum.target[a]);
            if (m.moving)
                m.sums->dsum[m.i + a] += vec_sum(dsum.target[a]);
        }
    }
}

#define FUNCTION(name, weighted, moving)                                                           \
    static void name(const cf_product_points *points, const cf_product_sums *sums,                 \
                     const cf_tile_range *range)                                                   \
    {                                                                                              \
        const cf_product_points p = *points;                                                       \
        const cf_product_sums s = *sums;                                                           \
        meet_all((meeting){&p, &s, 0, 0, 0, 0, weighted, moving}, range);                          \
    }
FUNCTION(potential, false, false)
FUNCTION(force, true, false)
FUNCTION(potential_rate, false, true)
FUNCTION(force_rate, true, true)

/* A few rows of results, `count` vectors of each, which begin at `first` and `second`. */
CF_INLINE void add_rows(const cf_product *p, const double *k, size_t result, size_t first,
                        size_t second, int count)
{
    vec sum[RESULTS][2];
    const double *values[2] = {p->values + first, p->values + second};
    double *results[2] = {p->results + first + result * CF_LANES,
                          p->results + second + result * CF_LANES};
    VEC_EACH (a, RESULTS)
        VEC_EACH (l, count)
            sum[a][l] = vec_set(0);
    for (size_t t = 0; t < p->terms; t++) {
        vec value[2];
        VEC_EACH (l, count)
            value[l] = vec_load(values[l] + t * CF_LANES);
        VEC_EACH (a, RESULTS) {
            vec factor = vec_set(k[a * p->row + t * p->column]);
            VEC_EACH (l, count)
                sum[a][l] = vec_fma(factor, value[l], sum[a][l]);
        }
    }
    VEC_EACH (a, RESULTS)
        VEC_EACH (l, count)
            vec_store(results[l] + a * CF_LANES, vec_load(results[l] + a * CF_LANES) + sum[a][l]);
}

/* Where vector v of all coordinates begins. */
static size_t vector_place(const cf_product *p, size_t v)
{
    return v * VEC / CF_LANES * p->stride + v * VEC % CF_LANES;
}

static void multiply(const cf_product *product)
{
    const cf_product p = *product;
    const size_t vectors = p.groups * CF_LANES / VEC;
    for (size_t v = 0; v < vectors; v += 2)
        for (size_t r = 0; r < p.rows; r += RESULTS) {
            size_t first = vector_place(&p, v), second = vector_place(&p, v + 1);
            if (v + 1 < vectors)
                add_rows(&p, p.k + r * p.row, r, first, second, 2);
            else
                add_rows(&p, p.k + r * p.row, r, first, first, 1);
        }
}

extern const cf_product_kernels CF_PRODUCTS;
const cf_product_kernels CF_PRODUCTS = {norms, scalars,    potential, potential_rate,
                                        force, force_rate, multiply};
