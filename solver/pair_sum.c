/* The direct engine of the kernel sums. */
#include "contraflow/solver/pair_sum.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "vector_kernels.h"

static const size_t MOST_VALUES = (size_t)1 << 20; /* eta kept between sums: 8 MiB */

enum { BLOCK = 256 }; /* sources per block: a handful of arrays of 2 KiB stay in the first cache */

struct cf_pair_sum {
    cf_profile profile;
    const cf_vector_kernels *vector;
    size_t n, d;
    size_t stride;    /* n padded to whole lanes; padding has weight zero */
    double *x, *v;    /* [d*stride] by coordinate */
    double *q[2][2];  /* [stride] padded source columns of w and dw */
    double *values;   /* [n*stride] eta of all pairs, or NULL where that is too much */
    bool have_values; /* they are those of the present points */
    bool threaded;
    char engine[32];
};

/* Work of one target on one block. */
typedef struct {
    double s[BLOCK], k0[BLOCK], k1[BLOCK], k2[BLOCK], w[BLOCK], p[BLOCK];
} block;

cf_status cf_pair_sum_create(cf_profile profile, size_t n, size_t d, cf_simd simd,
                             cf_pair_sum **out, cf_err *err)
{
    *out = NULL;
    if (!cf_simd_available(simd))
        return cf_fail(err, CF_EINPUT, "simd: this processor lacks the instruction set asked for");
    cf_pair_sum *sum = cf_allocate("pair sum", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    sum->profile = profile;
    sum->vector = cf_vector_kernels_get(simd);
    sum->n = n;
    sum->d = d;
    sum->threaded = (double)n * (double)n * (double)d >= CF_WORTH_THREADS;
    sum->stride = (n + CF_LANES - 1) / CF_LANES * CF_LANES;
    sum->x = cf_allocate("pair sum points", d * sum->stride, sizeof(double), err);
    sum->v = cf_allocate("pair sum motion", d * sum->stride, sizeof(double), err);
    bool ok = sum->x != NULL && sum->v != NULL;
    if (n * sum->stride <= MOST_VALUES) {
        sum->values = cf_allocate("pair sum values", n * sum->stride, sizeof(double), err);
        ok = ok && sum->values != NULL;
    }
    for (int k = 0; k < 4; k++) {
        sum->q[k / 2][k % 2] = cf_allocate("pair sum weights", sum->stride, sizeof(double), err);
        ok = ok && sum->q[k / 2][k % 2] != NULL;
    }
    snprintf(sum->engine, sizeof sum->engine, "direct, %s", sum->vector->name);
    if (!ok) {
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
    free((*sum)->values);
    free((*sum)->x);
    free((*sum)->v);
    for (int k = 0; k < 4; k++)
        free((*sum)->q[k / 2][k % 2]);
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

void cf_pair_sum_set_points(cf_pair_sum *sum, const double *x)
{
    split(sum, x, sum->x);
    sum->have_values = false;
}

void cf_pair_sum_set_motion(cf_pair_sum *sum, const double *v)
{
    split(sum, v, sum->v);
}

static void load(cf_pair_sum *sum, int which, const cf_pair_weights *w)
{
    for (int c = 0; c < w->columns; c++)
        memcpy(sum->q[which][c], w->q[c], sum->n * sizeof(double));
}

static size_t block_size(const cf_pair_sum *sum, size_t j)
{
    return sum->stride - j < BLOCK ? sum->stride - j : BLOCK;
}

/* The profile and as many derivatives on the block of sources from j. */
static void profile_of_block(const cf_pair_sum *sum, size_t i, size_t j, int derivatives, block *b)
{
    size_t count = block_size(sum, j);
    memset(b->s, 0, count * sizeof(double));
    for (size_t k = 0; k < sum->d; k++) {
        const double *x = sum->x + k * sum->stride;
        sum->vector->half_square(x[i], x + j, count, b->s);
    }
    double *kept = sum->values == NULL ? NULL : sum->values + i * sum->stride + j;
    if (kept != NULL && sum->have_values)
        memcpy(b->k0, kept, count * sizeof(double));
    else
        sum->profile.row->value(&sum->profile, sum->vector, b->s, count, b->k0);
    if (kept != NULL && !sum->have_values)
        memcpy(kept, b->k0, count * sizeof(double));
    if (derivatives > 0)
        sum->profile.row->derivatives(&sum->profile, sum->vector, b->s, b->k0, count, b->k1,
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

/* b->p = (x_i - x_j).(v_i - v_j). */
static void motion_of_block(const cf_pair_sum *sum, size_t i, size_t j, block *b)
{
    size_t count = block_size(sum, j);
    memset(b->p, 0, count * sizeof(double));
    for (size_t k = 0; k < sum->d; k++) {
        const double *x = sum->x + k * sum->stride, *v = sum->v + k * sum->stride;
        sum->vector->cross(x[i], x + j, v[i], v + j, count, b->p);
    }
}

/* out [d] += sum_j c_j (y_i - y_j) over the block, y = points or motion by coordinate. */
static void add_moments(const cf_pair_sum *sum, const double *c, const double *y, size_t i,
                        size_t j, double *out)
{
    for (size_t k = 0; k < sum->d; k++)
        out[k] += sum->vector->moment(c, y[k * sum->stride + i], y + k * sum->stride + j,
                                      block_size(sum, j));
}

void cf_pair_sum_potential(cf_pair_sum *sum, const cf_pair_weights *w, double *out)
{
    load(sum, 0, w);
#pragma omp parallel for schedule(static) if (sum->threaded)
    for (size_t i = 0; i < sum->n; i++) {
        _Alignas(64) block b;
        double total = 0;
        for (size_t j = 0; j < sum->stride; j += BLOCK) {
            profile_of_block(sum, i, j, 0, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            total += sum->vector->dot(b.w, b.k0, block_size(sum, j));
        }
        out[i] = total;
    }
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
            profile_of_block(sum, i, j, 1, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            sum->vector->multiply(b.k1, block_size(sum, j), b.w);
            add_moments(sum, b.w, sum->x, i, j, out + i * sum->d);
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
            profile_of_block(sum, i, j, 1, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            motion_of_block(sum, i, j, &b);
            sum->vector->multiply(b.k1, block_size(sum, j), b.w);
            total += sum->vector->dot(b.w, b.p, block_size(sum, j));
        }
        out[i] = total;
    }
}

/* d/dt [w eta' X] = (w eta'' (X.V) + w' eta') X + w eta' V with X = x_i - x_j, V = v_i - v_j. */
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
            profile_of_block(sum, i, j, 2, &b);
            motion_of_block(sum, i, j, &b);
            weights_of_block(sum, 0, w, i, j, &b);
            sum->vector->multiply(b.k2, count, b.p);
            sum->vector->multiply(b.w, count, b.p);
            sum->vector->multiply(b.k1, count, b.w);
            add_moments(sum, b.w, sum->v, i, j, row);
            weights_of_block(sum, 1, dw, i, j, &b);
            sum->vector->multiply(b.k1, count, b.w);
            sum->vector->add_scaled(1, b.w, count, b.p);
            add_moments(sum, b.p, sum->x, i, j, row);
        }
    }
}
