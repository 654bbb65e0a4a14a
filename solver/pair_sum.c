/* The direct engine of the kernel sums. */
#include "contraflow/solver/pair_sum.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "vector_kernels.h"

static const size_t MOST_VALUES = (size_t)1 << 20; /* eta kept between sums: 8 MiB */

enum { BLOCK = 256 }; /* sources per block: a handful of arrays of 2 KiB stay in the first cache */

enum { TARGETS, SOURCES };

/* Coordinates of targets and sources; the same array where they are the same points. */
typedef struct {
    double *own[2]; /* [d*stride] each, by coordinate */
    const double *target, *source;
} positions;

struct cf_pair_sum {
    cf_pair_sum_setup setup;
    const cf_vector_kernels *vector;
    size_t n, d;
    size_t stride; /* n padded to whole lanes; padding is infinitely far away */
    positions point, motion;
    double *q[2][2];   /* [stride] padded source columns of w and dw */
    double *reference; /* [stride] padded */
    double *values;    /* [n*stride] eta of all pairs, or NULL where that is too much */
    bool have_values;  /* they are those of the present points */
    bool threaded;
    char engine[32];
};

/* Work of one target on one block. */
typedef struct {
    double s[BLOCK], k0[BLOCK], k1[BLOCK], k2[BLOCK], w[BLOCK], p[BLOCK];
} block;

static bool allocate(cf_pair_sum *sum, cf_err *err)
{
    size_t points = sum->d * sum->stride;
    double **array[] = {&sum->point.own[TARGETS],
                        &sum->point.own[SOURCES],
                        &sum->motion.own[TARGETS],
                        &sum->motion.own[SOURCES],
                        &sum->q[0][0],
                        &sum->q[0][1],
                        &sum->q[1][0],
                        &sum->q[1][1],
                        &sum->reference,
                        &sum->values};
    size_t all = sum->n * sum->stride <= MOST_VALUES ? 10 : 9;
    for (size_t k = 0; k < all; k++) {
        size_t count = k < 4 ? points : k < 9 ? sum->stride : sum->n * sum->stride;
        *array[k] = cf_allocate("pair sum", count, sizeof(double), err);
        if (*array[k] == NULL)
            return false;
    }
    return true;
}

cf_status cf_pair_sum_create(const cf_pair_sum_setup *setup, cf_pair_sum **out, cf_err *err)
{
    *out = NULL;
    if (!cf_simd_available(setup->simd))
        return cf_fail(err, CF_EINPUT, "simd: this processor lacks the instruction set asked for");
    cf_pair_sum *sum = cf_allocate("pair sum", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    sum->setup = *setup;
    sum->vector = cf_vector_kernels_get(setup->simd);
    sum->n = setup->n;
    sum->d = setup->d;
    sum->threaded = (double)sum->n * (double)sum->n * (double)sum->d >= CF_WORTH_THREADS;
    sum->stride = (sum->n + CF_LANES - 1) / CF_LANES * CF_LANES;
    snprintf(sum->engine, sizeof sum->engine, "direct, %s", sum->vector->name);
    if (!allocate(sum, err)) {
        cf_pair_sum_free(&sum);
        return CF_ESYSTEM;
    }
    *out = sum;
    return CF_OK;
}

void cf_pair_sum_free(cf_pair_sum **sum)
{
    if (*sum == NULL)
        return;
    for (int k = 0; k < 4; k++)
        free((*sum)->q[k / 2][k % 2]);
    for (int k = 0; k < 2; k++) {
        free((*sum)->point.own[k]);
        free((*sum)->motion.own[k]);
    }
    free((*sum)->reference);
    free((*sum)->values);
    free(*sum);
    *sum = NULL;
}

const char *cf_pair_sum_engine(const cf_pair_sum *sum)
{
    return sum->engine;
}

static void split(const cf_pair_sum *sum, const double *rows, double *columns)
{
    for (size_t k = 0; k < sum->d; k++)
        for (size_t i = 0; i < sum->n; i++)
            columns[k * sum->stride + i] = rows[i * sum->d + k];
}

static void set_positions(const cf_pair_sum *sum, positions *p, const double *target,
                          const double *source)
{
    split(sum, source, p->own[SOURCES]);
    p->source = p->target = p->own[SOURCES];
    if (target == source)
        return;
    split(sum, target, p->own[TARGETS]);
    p->target = p->own[TARGETS];
}

void cf_pair_sum_set_points(cf_pair_sum *sum, const double *y, const double *x)
{
    set_positions(sum, &sum->point, y, x);
    sum->have_values = false;
}

void cf_pair_sum_set_motion(cf_pair_sum *sum, const double *ydot, const double *xdot)
{
    set_positions(sum, &sum->motion, ydot, xdot);
}

static void load(cf_pair_sum *sum, int which, const cf_pair_weights *w)
{
    for (int c = 0; c < w->columns; c++)
        memcpy(sum->q[which][c], w->q[c], sum->n * sizeof(double));
    if (w->source_reference != NULL)
        memcpy(sum->reference, w->source_reference, sum->n * sizeof(double));
}

static size_t block_size(const cf_pair_sum *sum, size_t j)
{
    return sum->stride - j < BLOCK ? sum->stride - j : BLOCK;
}

/* b->s = s_ij on the block of sources from j; infinite where there is no source. */
static void distances_of_block(const cf_pair_sum *sum, size_t i, size_t j, block *b)
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
static void values_of_block(const cf_pair_sum *sum, const cf_pair_weights *w, size_t i, size_t j,
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
static void profile_of_block(const cf_pair_sum *sum, const cf_pair_weights *w, size_t i, size_t j,
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
static void weights_of_block(const cf_pair_sum *sum, int which, const cf_pair_weights *w, size_t i,
                             size_t j, block *b)
{
    size_t count = block_size(sum, j);
    sum->vector->scale(w->a[0][i], sum->q[which][0] + j, count, b->w);
    for (int c = 1; c < w->columns; c++)
        sum->vector->add_scaled(w->a[c][i], sum->q[which][c] + j, count, b->w);
}

/* b->p = (y_i - x_j).(y_i - x_j)'. */
static void motion_of_block(const cf_pair_sum *sum, size_t i, size_t j, block *b)
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
static void add_moments(const cf_pair_sum *sum, const positions *p, const double *c, size_t i,
                        size_t j, double *out)
{
    for (size_t k = 0; k < sum->d; k++) {
        size_t at = k * sum->stride;
        out[k] += sum->vector->moment(c, p->target[at + i], p->source + at + j, block_size(sum, j));
    }
}

void cf_pair_sum_smallest(cf_pair_sum *sum, double *out)
{
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

void cf_pair_sum_potential(cf_pair_sum *sum, const cf_pair_weights *w, double *out)
{
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

void cf_pair_sum_force(cf_pair_sum *sum, const cf_pair_weights *w, double *out)
{
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

void cf_pair_sum_potential_rate(cf_pair_sum *sum, const cf_pair_weights *w, double *out)
{
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
void cf_pair_sum_force_rate(cf_pair_sum *sum, const cf_pair_weights *w, const cf_pair_weights *dw,
                            double *out)
{
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
