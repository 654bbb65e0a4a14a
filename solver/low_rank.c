/* A = L L^T + E by Cholesky factorization with diagonal pivots, column by column of A (E83): the
 * remainder E is positive semidefinite, and its diagonal, which is known, bounds it, |E|_2 <=
 * trace E. The pivot is the largest diagonal element of E, the first of equal ones. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include "contraflow/solver/memory.h"
#include "symmetric_engine.h"
#include "vector_kernels.h"

enum { BLOCK = 1024, TOGETHER = 16 }; /* points of a block; columns of L that share an allocation */

/* Of a block of points: the sum of its diagonal elements of E, the largest and its place. */
typedef struct {
    double sum, largest;
    size_t place;
} block_state;

struct cf_low_rank {
    const cf_vector_kernels *vector;
    size_t n, stride, blocks, columns, rank;
    double **column; /* [most_rank] columns [stride] of L; every TOGETHER-th owns them */
    double error;
    bool threaded;
    /* Of a product. */
    double *x, *y;   /* [columns*stride] by column */
    double *partial; /* [blocks*columns*rank] L^T x of the blocks */
    double *total;   /* [columns*rank] and of all */
};

/* While factoring. */
typedef struct {
    cf_low_rank *matrix;
    const cf_symmetric_entries *entries;
    double *diagonal;   /* [n] of E */
    double *pivot_row;  /* [most_rank] of L */
    block_state *block; /* [blocks] */
    size_t pivot;
    double scale; /* 1/sqrt of the pivot */
} factoring;

static size_t block_size(const cf_low_rank *m, size_t block)
{
    size_t left = m->n - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

double cf_low_rank_bytes(size_t n, size_t rank, size_t columns)
{
    double blocks = (double)(n / BLOCK + 1), d = (double)columns;
    return 8 *
           (((double)rank + TOGETHER + 2 * d + 1) * (double)n + (blocks + 1) * d * (double)rank);
}

/* --- factorization --- */

static void survey(factoring *f, size_t block)
{
    block_state *b = &f->block[block];
    *b = (block_state){.largest = -1};
    for (size_t i = block * BLOCK, end = i + block_size(f->matrix, block); i < end; i++) {
        b->sum += f->diagonal[i];
        if (f->diagonal[i] > b->largest) {
            b->largest = f->diagonal[i];
            b->place = i;
        }
    }
}

/* The block's elements of the next column, and what it leaves of the diagonal. */
static void extend_block(factoring *f, size_t block)
{
    cf_low_rank *m = f->matrix;
    size_t first = block * BLOCK, count = block_size(m, block);
    double *out = m->column[m->rank] + first;
    f->entries->get(f->entries->context, f->pivot, first, count, out);
    for (size_t s = 0; s < m->rank; s++)
        m->vector->add_scaled(-f->pivot_row[s], m->column[s] + first, count, out);
    for (size_t i = 0; i < count; i++) {
        out[i] *= f->scale;
        double left = f->diagonal[first + i] - out[i] * out[i];
        f->diagonal[first + i] = left > 0 ? left : 0;
    }
    if (f->pivot >= first && f->pivot < first + count)
        f->diagonal[f->pivot] = 0;
    survey(f, block);
}

static cf_status add_column(cf_low_rank *m, cf_err *err)
{
    if (m->rank % TOGETHER != 0)
        return CF_OK;
    double *columns = cf_allocate("low rank", TOGETHER * m->stride, sizeof(double), err);
    if (columns == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < TOGETHER; k++)
        m->column[m->rank + k] = columns + k * m->stride;
    return CF_OK;
}

static void start_diagonal(factoring *f)
{
    cf_low_rank *m = f->matrix;
#pragma omp parallel for schedule(static) if (m->threaded)
    for (size_t block = 0; block < m->blocks; block++) {
        for (size_t i = block * BLOCK, end = i + block_size(m, block); i < end; i++)
            f->entries->get(f->entries->context, i, i, 1, &f->diagonal[i]);
        survey(f, block);
    }
}

/* The whole from its blocks, in their order. */
static block_state whole(const factoring *f)
{
    block_state all = f->block[0];
    for (size_t b = 1; b < f->matrix->blocks; b++) {
        all.sum += f->block[b].sum;
        if (f->block[b].largest > all.largest) {
            all.largest = f->block[b].largest;
            all.place = f->block[b].place;
        }
    }
    return all;
}

static cf_status extend(factoring *f, const block_state *now, cf_err *err)
{
    cf_low_rank *m = f->matrix;
    cf_status status = add_column(m, err);
    if (status != CF_OK)
        return status;
    f->pivot = now->place;
    f->scale = 1 / sqrt(now->largest);
    for (size_t s = 0; s < m->rank; s++)
        f->pivot_row[s] = m->column[s][f->pivot];
#pragma omp parallel for schedule(static) if (m->threaded)
    for (size_t block = 0; block < m->blocks; block++)
        extend_block(f, block);
    m->rank++;
    return CF_OK;
}

/* Rounding in L and in the diagonal of E, relative to the trace (E83). */
double cf_low_rank_rounding(size_t rank)
{
    return 2 * DBL_EPSILON * ((double)rank + 2);
}

static cf_status refuse(const cf_low_rank *m, double tolerance, bool by_rank, cf_err *err)
{
    double reached = 1.01 * m->error;
    return cf_fail(err, CF_EINPUT,
                   "sums.tolerance = %g: low rank leaves %.3g of the trace of the kernel at rank "
                   "%zu, where %s; raise sums.tolerance to %.2g, or set sums.engine to direct",
                   tolerance, m->error, m->rank, by_rank ? "memory ends" : "rounding ends it",
                   reached);
}

static cf_status factor(factoring *f, double tolerance, size_t most_rank, cf_err *err)
{
    cf_low_rank *m = f->matrix;
    start_diagonal(f);
    const block_state first = whole(f);
    block_state now = first;
    while (true) {
        m->error = first.sum > 0 ? now.sum / first.sum + cf_low_rank_rounding(m->rank) : 0;
        if (m->error <= tolerance)
            return CF_OK;
        bool full = m->rank == most_rank;
        if (full || !(now.largest > cf_low_rank_rounding(m->rank) * first.largest))
            return refuse(m, tolerance, full, err);
        cf_status status = extend(f, &now, err);
        if (status != CF_OK)
            return status;
        now = whole(f);
    }
}

/* --- creation --- */

static cf_status allocate_product(cf_low_rank *m, cf_err *err)
{
    size_t columns = m->columns;
    m->x = cf_allocate("matrix product", columns * m->stride, sizeof(double), err);
    m->y = cf_allocate("matrix product", columns * m->stride, sizeof(double), err);
    m->partial = cf_allocate("matrix product", m->blocks * columns * m->rank, sizeof(double), err);
    m->total = cf_allocate("matrix product", columns * m->rank, sizeof(double), err);
    return m->x != NULL && m->y != NULL && m->partial != NULL && m->total != NULL ? CF_OK
                                                                                  : CF_ESYSTEM;
}

static cf_status factor_all(cf_low_rank *m, const cf_symmetric_entries *entries, double tolerance,
                            size_t most_rank, cf_err *err)
{
    factoring f = {.matrix = m, .entries = entries};
    cf_status status = CF_ESYSTEM;
    f.diagonal = cf_allocate("low rank", m->n, sizeof(double), err);
    f.pivot_row = cf_allocate("low rank", most_rank, sizeof(double), err);
    f.block = cf_allocate("low rank", m->blocks, sizeof *f.block, err);
    if (f.diagonal != NULL && f.pivot_row != NULL && f.block != NULL)
        status = factor(&f, tolerance, most_rank, err);
    free(f.diagonal);
    free(f.pivot_row);
    free(f.block);
    return status;
}

cf_status cf_low_rank_create(const cf_symmetric_setup *setup, const cf_symmetric_entries *entries,
                             size_t most_rank, cf_low_rank **out, cf_err *err)
{
    cf_low_rank *m = cf_allocate("low rank", 1, sizeof *m, err);
    *out = m;
    if (m == NULL)
        return CF_ESYSTEM;
    most_rank = most_rank < setup->n ? most_rank : setup->n;
    m->vector = cf_vector_kernels_get(CF_SIMD_BEST);
    m->n = setup->n;
    m->columns = setup->columns;
    m->blocks = (m->n + BLOCK - 1) / BLOCK;
    m->stride = (m->n + CF_LANES - 1) / CF_LANES * CF_LANES;
    m->threaded = m->blocks > 1;
    m->column = cf_allocate("low rank", most_rank + TOGETHER, sizeof *m->column, err);
    cf_status status =
        m->column == NULL ? CF_ESYSTEM : factor_all(m, entries, setup->tolerance, most_rank, err);
    if (status == CF_OK)
        status = allocate_product(m, err);
    if (status != CF_OK)
        cf_low_rank_free(out);
    return status;
}

void cf_low_rank_free(cf_low_rank **matrix)
{
    cf_low_rank *m = *matrix;
    if (m == NULL)
        return;
    for (size_t k = 0; m->column != NULL && k < m->rank + TOGETHER; k += TOGETHER)
        free(m->column[k]);
    free(m->column);
    free(m->x);
    free(m->y);
    free(m->partial);
    free(m->total);
    free(m);
    *matrix = NULL;
}

size_t cf_low_rank_rank(const cf_low_rank *matrix)
{
    return matrix->rank;
}

double cf_low_rank_error(const cf_low_rank *matrix)
{
    return matrix->error;
}

/* --- products --- */

/* L^T x of a block; the end of the last one is padded with zeros. */
static void gather(cf_low_rank *m, size_t block, const double *x)
{
    size_t first = block * BLOCK, count = block_size(m, block);
    size_t whole_lanes = (count + CF_LANES - 1) / CF_LANES * CF_LANES;
    for (size_t k = 0; k < m->columns; k++)
        for (size_t i = 0; i < count; i++)
            m->x[k * m->stride + first + i] = x[(first + i) * m->columns + k];
    double *partial = m->partial + block * m->columns * m->rank;
    for (size_t s = 0; s < m->rank; s++)
        for (size_t k = 0; k < m->columns; k++)
            partial[k * m->rank + s] =
                m->vector->dot(m->column[s] + first, m->x + k * m->stride + first, whole_lanes);
}

/* y = L total in a block. */
static void scatter(cf_low_rank *m, size_t block, double *out)
{
    size_t first = block * BLOCK, count = block_size(m, block);
    for (size_t k = 0; k < m->columns; k++)
        memset(m->y + k * m->stride + first, 0, count * sizeof *m->y);
    for (size_t s = 0; s < m->rank; s++)
        for (size_t k = 0; k < m->columns; k++)
            m->vector->add_scaled(m->total[k * m->rank + s], m->column[s] + first, count,
                                  m->y + k * m->stride + first);
    for (size_t k = 0; k < m->columns; k++)
        for (size_t i = 0; i < count; i++)
            out[(first + i) * m->columns + k] = m->y[k * m->stride + first + i];
}

void cf_low_rank_times(cf_low_rank *m, const double *x, double *out)
{
#pragma omp parallel for schedule(static) if (m->threaded)
    for (size_t block = 0; block < m->blocks; block++)
        gather(m, block, x);
    memset(m->total, 0, m->columns * m->rank * sizeof *m->total);
    for (size_t block = 0; block < m->blocks; block++)
        for (size_t p = 0; p < m->columns * m->rank; p++)
            m->total[p] += m->partial[block * m->columns * m->rank + p];
#pragma omp parallel for schedule(static) if (m->threaded)
    for (size_t block = 0; block < m->blocks; block++)
        scatter(m, block, out);
}
