#include "contraflow/solver/matrix.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/threads.h"
#include "slim_product.h"
#include "vector_kernels.h"

/* LAPACK: pivoted Cholesky factorization of a semidefinite matrix. */
void dpstrf_(const char *uplo, const int *n, double *a, const int *lda, int *pivot, int *rank,
             const double *tolerance, double *work, int *info, size_t uplo_length);

/* LAPACK: eigenvalues and eigenvectors of a symmetric tridiagonal matrix. */
void dsteqr_(const char *vectors, const int *n, double *diagonal, double *off, double *z,
             const int *ldz, double *work, int *info, size_t vectors_length);

/* LAPACK: all eigenvalues and eigenvectors of a symmetric matrix. */
void dsyevd_(const char *vectors, const char *uplo, const int *n, double *a, const int *lda,
             double *values, double *work, const int *lwork, int *iwork, const int *liwork,
             int *info, size_t vectors_length, size_t uplo_length);

/* LAPACK: Cholesky factorization of a definite matrix. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info,
             size_t uplo_length);

static double row_times(const cf_vector_kernels *vector, const double *row, const double *x,
                        size_t n)
{
    size_t whole = n / CF_LANES * CF_LANES;
    double total = vector->dot(row, x, whole);
    for (size_t j = whole; j < n; j++)
        total += row[j] * x[j];
    return total;
}

void cf_matrix_times(const double *matrix, const double *x, size_t n, size_t d, double *scratch,
                     double *y)
{
    const cf_vector_kernels *vector = cf_vector_kernels_get(CF_SIMD_BEST);
    for (size_t k = 0; k < d; k++)
        for (size_t j = 0; j < n; j++)
            scratch[k * n + j] = x[j * d + k];
#pragma omp parallel for schedule(static) if ((double)n * (double)n * (double)d >= CF_WORTH_THREADS)
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            y[i * d + k] = row_times(vector, matrix + i * n, scratch + k * n, n);
}

/* Tiles of C: large enough for the cache blocking of BLAS, and if possible 16 of them. */
static void set_tile(const cf_matrix_product *p, size_t *height, size_t *width)
{
    enum { SMALLEST = 64, LARGEST = 512, ENOUGH = 16 };
    *height = p->rows < LARGEST ? p->rows : LARGEST;
    *width = p->columns < LARGEST ? p->columns : LARGEST;
    for (;;) {
        size_t *longer = *height > *width ? height : width;
        size_t count = ((p->rows - 1) / *height + 1) * ((p->columns - 1) / *width + 1);
        if (count >= ENOUGH || *longer < 2 * SMALLEST)
            return;
        *longer = (*longer / 2 + 7) / 8 * 8;
    }
}

typedef struct {
    const cf_matrix_product *product;
    size_t height, width, across; /* of a tile, tiles across */
} tiling;

static void multiply_tile(void *context, size_t tile)
{
    const tiling *t = context;
    const cf_matrix_product *p = t->product;
    size_t row = tile / t->across * t->height, column = tile % t->across * t->width;
    size_t rows = p->rows - row < t->height ? p->rows - row : t->height;
    size_t columns = p->columns - column < t->width ? p->columns - column : t->width;
    const double *a = p->a + (p->a_transposed ? row : row * p->inner);
    const double *b = p->b + (p->b_transposed ? column * p->inner : column);
    cblas_dgemm(CblasRowMajor, p->a_transposed ? CblasTrans : CblasNoTrans,
                p->b_transposed ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, (int)p->inner,
                p->alpha, a, (int)(p->a_transposed ? p->rows : p->inner), b,
                (int)(p->b_transposed ? p->inner : p->columns), p->beta,
                p->c + row * p->columns + column, (int)p->columns);
}

const char *cf_matrix_kernels(void)
{
    return openblas_get_corename();
}

int cf_matrix_begin(void)
{
    int threads = openblas_get_num_threads();
    if (threads != 1)
        openblas_set_num_threads(1);
    return threads;
}

void cf_matrix_end(int threads)
{
    if (threads != 1)
        openblas_set_num_threads(threads);
}

void cf_matrix_multiply(const cf_matrix_product *p)
{
    if (p->rows == 0 || p->columns == 0 || cf_slim_multiply(p))
        return;
    double terms = (double)p->rows * (double)p->columns * (double)p->inner;
    bool tiled = terms >= 16 * CF_WORTH_THREADS; /* a term costs BLAS a tenth of a nanosecond */
    tiling t = {p, p->rows, p->columns, 1};
    if (tiled)
        set_tile(p, &t.height, &t.width);
    t.across = (p->columns - 1) / t.width + 1;
    int threads = cf_matrix_begin();
    cf_parallel(t.across * ((p->rows - 1) / t.height + 1), tiled, multiply_tile, &t);
    cf_matrix_end(threads);
}

/* F = P L: LAPACK leaves L below the diagonal (column-major) of the permuted matrix. */
static void unpack_factor(const double *lower, const int *row, size_t n, size_t rank,
                          double *factor)
{
    memset(factor, 0, n * n * sizeof *factor);
    for (size_t j = 0; j < rank; j++)
        for (size_t i = j; i < n; i++)
            factor[(size_t)(row[i] - 1) * n + j] = lower[j * n + i];
}

/* A semidefinite matrix leaves a remainder A - F F^T of rounding size where the factorization ends;
 * an indefinite one does not. One random vector x tells: |(A - F F^T) x| at n^2 cost. */
static cf_status check_remainder(const double *matrix, const double *factor, size_t n, double scale,
                                 cf_err *err)
{
    const cf_random random = {0, CF_STREAM_PROBE};
    double *x = cf_allocate("factor", 2 * n, sizeof *x, err), *y = x + n, worst = 0;
    if (x == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < n; i++)
        x[i] = cf_random_normal(random, i, 1);
    memset(y, 0, n * sizeof *y);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            y[j] += factor[i * n + j] * x[i];
    for (size_t i = 0; i < n; i++) {
        double remainder = 0;
        for (size_t j = 0; j < n; j++)
            remainder += matrix[i * n + j] * x[j] - factor[i * n + j] * y[j];
        worst = fmax(worst, fabs(remainder));
    }
    free(x);
    if (worst <= 1e-11 * scale * (double)n)
        return CF_OK;
    return cf_fail(err, CF_EINPUT,
                   "covariance: not positive semidefinite (remainder %.3g beside %.3g)", worst,
                   scale);
}

static double largest_of_diagonal(const double *matrix, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(matrix[i * n + i]));
    return largest;
}

cf_status cf_matrix_factor(double *matrix, size_t n, double scale, size_t *pivot, size_t *rank,
                           cf_err *err)
{
    cf_status status = CF_ESYSTEM;
    double *lower = cf_duplicate("factor", matrix, n * n, sizeof *lower, err);
    double *factor = cf_allocate("factor", n * n, sizeof *factor, err);
    double *work = cf_allocate("factor", 2 * n, sizeof *work, err);
    int *row = cf_allocate("pivots", n, sizeof *row, err);
    if (lower == NULL || factor == NULL || work == NULL || row == NULL)
        goto done;
    int size = (int)n, found = 0, info = 0;
    double tolerance =
        scale > 0 ? 10 * (double)n * DBL_EPSILON * scale : -1; /* LAPACK's own: n u max diag A */
    int threads = cf_matrix_begin();
    dpstrf_("L", &size, lower, &size, row, &found, &tolerance, work, &info, 1);
    cf_matrix_end(threads);
    if (info < 0) {
        status = cf_fail(err, CF_EINPUT, "covariance: argument %d refused by LAPACK", -info);
        goto done;
    }
    *rank = (size_t)found;
    for (size_t j = 0; j < n && pivot != NULL; j++)
        pivot[j] = (size_t)(row[j] - 1);
    unpack_factor(lower, row, n, *rank, factor);
    status =
        check_remainder(matrix, factor, n, scale > 0 ? scale : largest_of_diagonal(matrix, n), err);
    memcpy(matrix, factor, n * n * sizeof *matrix);
done:
    free(lower);
    free(factor);
    free(work);
    free(row);
    return status;
}

cf_status cf_matrix_eigen_tridiagonal(double *diagonal, double *off, size_t n, double *vectors,
                                      cf_err *err)
{
    int size = (int)n, info = 0;
    double *work = cf_allocate("eigenvalues", 2 * n, sizeof *work, err);
    if (work == NULL)
        return CF_ESYSTEM;
    dsteqr_("I", &size, diagonal, off, vectors, &size, work, &info, 1);
    free(work);
    if (info != 0)
        return cf_fail(err, CF_ENUMERIC, "eigenvalues: LAPACK did not find all %zu of them", n);
    return CF_OK;
}

cf_status cf_matrix_eigen(double *matrix, size_t n, double *values, cf_err *err)
{
    int size = (int)n, info = 0, reals = (int)(1 + 6 * n + 2 * n * n), integers = (int)(3 + 5 * n);
    if (n > 10000)
        return cf_fail(err, CF_EINPUT, "eigenvalues: a matrix of order %zu is too large", n);
    double *work = cf_allocate("eigenvalues", (size_t)reals, sizeof *work, err);
    int *iwork = cf_allocate("eigenvalues", (size_t)integers, sizeof *iwork, err);
    if (work != NULL && iwork != NULL) {
        int threads = cf_matrix_begin();
        dsyevd_("V", "U", &size, matrix, &size, values, work, &reals, iwork, &integers, &info, 1,
                1);
        cf_matrix_end(threads);
    }
    cf_status status = work == NULL || iwork == NULL ? CF_ESYSTEM : CF_OK;
    free(work);
    free(iwork);
    if (status == CF_OK && info != 0)
        return cf_fail(err, CF_ENUMERIC, "eigenvalues: LAPACK did not find all %zu of them", n);
    return status;
}

/* A + shift I has a Cholesky factor where the smallest eigenvalue of A is above -shift. */
cf_status cf_matrix_semidefinite(const double *matrix, size_t n, double tolerance,
                                 bool *semidefinite, cf_err *err)
{
    double *lower = cf_duplicate("factor", matrix, n * n, sizeof *lower, err), largest = 0;
    if (lower == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, matrix[i * n + i]);
    for (size_t i = 0; i < n; i++)
        lower[i * n + i] += fmax(tolerance * largest, DBL_MIN);
    int size = (int)n, info = 0, threads = openblas_get_num_threads();
    openblas_set_num_threads(1);
    dpotrf_("L", &size, lower, &size, &info, 1);
    openblas_set_num_threads(threads);
    free(lower);
    *semidefinite = info == 0;
    return CF_OK;
}
