/* The direct engine of the kernel sums. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "sum_engine.h"
#include "vector_kernels.h"

static const size_t MOST_VALUES = (size_t)1 << 20; /* eta kept between sums: 8 MiB */

/* Predicted cost of a pair, and of each of its coordinates. */
static const double NS_PAIR = 1.4, NS_COORDINATE = 0.25;

enum { BLOCK = 256 }; /* sources per block: a handful of arrays of 2 KiB stay in the first cache */

enum { TARGETS, SOURCES };

/* Coordinates of targets and sources; the same array where they are the same points. */
typedef struct {
    double *own[2]; /* [d*stride] each, by coordinate */
    const double *target, *source;
} positions;

typedef struct {
    cf_pair_sum_setup setup;
    const cf_vector_kernels *vector;
    size_t n, d;
    size_t stride; /* n padded to whole lanes; padding is infinitely far away */
    positions point, motion;
    double *q[2], *b[2]; /* [stride] padded sources' parts of w and dw */
    double *reference;   /* [stride] padded */
    double *values;      /* [n*stride] eta of all pairs, or NULL where that is too much */
    bool have_values;    /* they are those of the present points */
    bool threaded;
} direct;

/* Work of one target on one block. */
typedef struct {
    double s[BLOCK], k0[BLOCK], k1[BLOCK], k2[BLOCK], w[BLOCK], p[BLOCK];
} block;

static void release(cf_sum_state **state)
{
    direct *sum = (direct *)*state;
    for (int k = 0; k < 2; k++) {
        free(sum->q[k]);
        free(sum->b[k]);
        free(sum->point.own[k]);
        free(sum->motion.own[k]);
    }
    free(sum->reference);
    free(sum->values);
    free(sum);
    *state = NULL;
}

static bool allocate(direct *sum, cf_err *err)
{
    size_t points = sum->d * sum->stride, all = sum->n * sum->stride;
    size_t targets = sum->setup.two_sets ? points : 0;
    bool keep = all <= MOST_VALUES && !sum->setup.references;
    const struct {
        double **array;
        size_t count;
    } own[] = {{&sum->point.own[TARGETS], targets},
               {&sum->point.own[SOURCES], points},
               {&sum->motion.own[TARGETS], targets},
               {&sum->motion.own[SOURCES], points},
               {&sum->q[0], sum->stride},
               {&sum->q[1], sum->stride},
               {&sum->b[0], sum->stride},
               {&sum->b[1], sum->stride},
               {&sum->reference, sum->stride},
               {&sum->values, keep ? all : 0}};
    for (size_t k = 0; k < sizeof own / sizeof *own; k++)
        if (own[k].count > 0) {
            *own[k].array = cf_allocate("kernel sums", own[k].count, sizeof(double), err);
            if (*own[k].array == NULL)
                return false;
        }
    return true;
}

static cf_status create(const cf_pair_sum_setup *setup, cf_sum_state **out, cf_err *err)
{
    *out = NULL;
    if (!cf_simd_available(setup->simd))
        return cf_fail(err, CF_EINPUT, "simd: this processor lacks the instruction set asked for");
    direct *sum = cf_allocate("kernel sums", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    sum->setup = *setup;
    sum->vector = cf_vector_kernels_get(setup->simd);
    sum->n = setup->n;
    sum->d = setup->d;
    sum->threaded = (double)sum->n * (double)sum->n * (double)sum->d >= CF_WORTH_THREADS;
    sum->stride = (sum->n + CF_LANES - 1) / CF_LANES * CF_LANES;
    *out = (cf_sum_state *)sum;
    if (!allocate(sum, err)) {
        release(out);
        return CF_ESYSTEM;
    }
    return CF_OK;
}

/* Rounding of eta and of sums in blocks; eta feels the rounding of s/tau by s eta'(s) <= 1. */
static cf_sum_estimate estimate(const cf_sum_state *state)
{
    const direct *sum = (const direct *)state;
    double n = (double)sum->n, blocks = ceil(n / BLOCK);
    cf_sum_estimate e = {.seconds = 1e-9 * n * n * (NS_PAIR + NS_COORDINATE * (double)sum->d)};
    snprintf(e.text, sizeof e.text, "%s", sum->vector->name);
    e.error = (BLOCK / CF_LANES + blocks + 2 * (double)sum->d + 10) * DBL_EPSILON / 2;
    return e;
}

static void split(const direct *sum, const double *rows, double *columns)
{
    for (size_t k = 0; k < sum->d; k++)
        for (size_t i = 0; i < sum->n; i++)
            columns[k * sum->stride + i] = rows[i * sum->d + k];
}

static void set_positions(const direct *sum, positions *p, const double *target,
                          const double *source)
{
    split(sum, source, p->own[SOURCES]);
    p->source = p->target = p->own[SOURCES];
    if (target == source)
        return;
    split(sum, target, p->own[TARGETS]);
    p->target = p->own[TARGETS];
}

static void set_points(cf_sum_state *state, const double *y, const double *x)
{
    direct *sum = (direct *)state;
    set_positions(sum, &sum->point, y, x);
    sum->have_values = false;
}

static void set_motion(cf_sum_state *state, const double *ydot, const double *xdot)
{
    direct *sum = (direct *)state;
    set_positions(sum, &sum->motion, ydot, xdot);
}

static void load(direct *sum, int which, const cf_pair_weights *w)
{
    if (w->q != NULL)
        memcpy(sum->q[which], w->q, sum->n * sizeof(double));
    if (w->b != NULL)
        memcpy(sum->b[which], w->b, sum->n * sizeof(double));
    if (w->source_reference != NULL)
        memcpy(sum->reference, w->source_reference, sum->n * sizeof(double));
}

static size_t block_size(const direct *sum, size_t j)
{
    return sum->stride - j < BLOCK ? sum->stride - j : BLOCK;
}

/* b->s = s_ij on the block of sources from j; infinite where there is no source. */
static void distances_of_block(const direct *sum, size_t i, size_t j, block *b)
{
    size_t count = block_size(sum, j);
    memset(b->s, 0, count * sizeof(double));
    for (size_t k = 0; k < sum->d; k++) {
        const double *y = sum->point.target + k * sum->stride;
        sum->vector->half_square(y[i], sum->point.source + k * sum->stride + j, count, b->s);
    }
    for (size_t l = sum->n; l < j + count; l++)
        b->s[l - j] = INFINITY;
    if (sum->setup.without_self && i >= j && i < j + count)
        b->s[i - j] = INFINITY;
}

/* b->k0 = eta(s_ij), divided by eta at the reference if there is one. */
static void values_of_block(const direct *sum, const cf_pair_weights *w, size_t i, size_t j,
                            block *b)
{
    const cf_profile *profile = &sum->setup.profile;
    size_t count = block_size(sum, j), bytes = count * sizeof(double);
    double *kept = sum->values == NULL ? NULL : sum->values + i * sum->stride + j;
    if (w->target_reference != NULL || w->source_reference != NULL) {
        for (size_t l = 0; l < count; l++)
            b->p[l] = w->target_reference != NULL ? w->target_reference[i] : sum->reference[j + l];
        profile->row->ratio(profile, sum->vector, b->s, b->p, count, b->k0);
    } else if (kept != NULL && sum->have_values) {
        memcpy(b->k0, kept, bytes);
    } else {
        profile->row->value(profile, sum->vector, b->s, count, b->k0);
        if (kept != NULL)
            memcpy(kept, b->k0, bytes);
    }
}

/* The profile and as many derivatives on the block of sources from j. */
static void profile_of_block(const direct *sum, const cf_pair_weights *w, size_t i, size_t j,
                             int derivatives, block *b)
{
    const cf_profile *profile = &sum->setup.profile;
    distances_of_block(sum, i, j, b);
    values_of_block(sum, w, i, j, b);
    if (derivatives > 0)
        profile->row->derivatives(profile, sum->vector, b->s, b->k0, block_size(sum, j), b->k1,
                                  derivatives > 1 ? b->k2 : NULL);
}

/* b->w = w_ij on the block of sources from j. */
static void weights_of_block(const direct *sum, int which, const cf_pair_weights *w, size_t i,
                             size_t j, block *b)
{
    size_t count = block_size(sum, j);
    if (w->a != NULL)
        sum->vector->scale(w->a[i], sum->q[which] + j, count, b->w);
    else
        memset(b->w, 0, count * sizeof(double));
    if (w->b != NULL)
        sum->vector->add_scaled(1, sum->b[which] + j, count, b->w);
}

/* b->p = (y_i - x_j).(y_i - x_j)'. */
static void motion_of_block(const direct *sum, size_t i, size_t j, block *b)
{
    const positions *point = &sum->point, *motion = &sum->motion;
    size_t count = block_size(sum, j);
    memset(b->p, 0, count * sizeof(double));
    for (size_t k = 0; k < sum->d; k++) {
        size_t at = k * sum->stride;
        sum->vector->cross(point->target[at + i], point->source + at + j, motion->target[at + i],
                           motion->source + at + j, count, b->p);
    }
}

/* out [d] += sum_j c_j (y_i - x_j) over the block, of the points or of their motion. */
static void add_moments(const direct *sum, const positions *p, const double *c, size_t i, size_t j,
                        double *out)
{
    for (size_t k = 0; k < sum->d; k++) {
        size_t at = k * sum->stride;
        out[k] += sum->vector->moment(c, p->target[at + i], p->source + at + j, block_size(sum, j));
    }
}

static void smallest(cf_sum_state *state, double *out)
{
    direct *sum = (direct *)state;
#pragma omp parallel for schedule(static) if (sum->threaded)
    for (size_t i = 0; i < sum->n; i++) {
        _Alignas(64) block b;
        double smallest = INFINITY;
        for (size_t j = 0; j < sum->stride; j += BLOCK) {
            distances_of_block(sum, i, j, &b);
            for (size_t l = 0; l < block_size(sum, j); l++)
                smallest = b.s[l] < smallest ? b.s[l] : smallest;
        }
        out[i] = smallest;
    }
}

static void potential(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    direct *sum = (direct *)state;
    load(sum, 0, w);
#pragma omp parallel for schedule(static) if (sum->threaded)
    for (size_t i = 0; i < sum->n; i++) {
        _Alignas(64) block b;
        double total = 0;
        for (size_t j = 0; j < sum->stride; j += BLOCK) {
            profile_of_block(sum, w, i, j, 0, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            total += sum->vector->dot(b.w, b.k0, block_size(sum, j));
        }
        out[i] = total;
    }
    if (w->target_reference == NULL && w->source_reference == NULL)
        sum->have_values = sum->values != NULL;
}

static void force(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    direct *sum = (direct *)state;
    load(sum, 0, w);
#pragma omp parallel for schedule(static) if (sum->threaded)
    for (size_t i = 0; i < sum->n; i++) {
        _Alignas(64) block b;
        memset(out + i * sum->d, 0, sum->d * sizeof(double));
        for (size_t j = 0; j < sum->stride; j += BLOCK) {
            profile_of_block(sum, w, i, j, 1, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            sum->vector->multiply(b.k1, block_size(sum, j), b.w);
            add_moments(sum, &sum->point, b.w, i, j, out + i * sum->d);
        }
    }
}

static void potential_rate(cf_sum_state *state, const cf_pair_weights *w, double *out)
{
    direct *sum = (direct *)state;
    load(sum, 0, w);
#pragma omp parallel for schedule(static) if (sum->threaded)
    for (size_t i = 0; i < sum->n; i++) {
        _Alignas(64) block b;
        double total = 0;
        for (size_t j = 0; j < sum->stride; j += BLOCK) {
            profile_of_block(sum, w, i, j, 1, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            motion_of_block(sum, i, j, &b);
            sum->vector->multiply(b.k1, block_size(sum, j), b.w);
            total += sum->vector->dot(b.w, b.p, block_size(sum, j));
        }
        out[i] = total;
    }
}

/* d/dt [w eta' X] = (w eta'' (X.V) + w' eta') X + w eta' V with X = y_i - x_j, V = X'. */
static void force_rate(cf_sum_state *state, const cf_pair_weights *w, const cf_pair_weights *dw,
                       double *out)
{
    direct *sum = (direct *)state;
    load(sum, 0, w);
    load(sum, 1, dw);
#pragma omp parallel for schedule(static) if (sum->threaded)
    for (size_t i = 0; i < sum->n; i++) {
        _Alignas(64) block b;
        double *row = out + i * sum->d;
        memset(row, 0, sum->d * sizeof(double));
        for (size_t j = 0; j < sum->stride; j += BLOCK) {
            size_t count = block_size(sum, j);
            profile_of_block(sum, w, i, j, 2, &b);
            motion_of_block(sum, i, j, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            sum->vector->multiply(b.k2, count, b.p);
            sum->vector->multiply(b.w, count, b.p);
            sum->vector->multiply(b.k1, count, b.w);
            add_moments(sum, &sum->motion, b.w, i, j, row);
            weights_of_block(sum, 1, dw, i, j, &b);
            sum->vector->multiply(b.k1, count, b.w);
            sum->vector->add_scaled(1, b.w, count, b.p);
            add_moments(sum, &sum->point, b.p, i, j, row);
        }
    }
}

const cf_sum_engine cf_sum_engine_direct = {"direct",       create,     release,   estimate,
                                            set_points,     set_motion, potential, force,
                                            potential_rate, force_rate, smallest};
