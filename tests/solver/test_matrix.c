/* Products and factors of dense matrices: against plain sums, for all shapes and on any number of
 * threads; for full and deficient rank, refusing what is indefinite. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/threads.h"
#include "slim_kernels.h"

enum { N = 60, D = 3 };

static void fill(double *x, size_t count, uint32_t component)
{
    const cf_random random = {5, CF_STREAM_PROBE};
    for (size_t i = 0; i < count; i++)
        x[i] = cf_random_normal(random, i, component);
}

static void gram(const double *x, size_t columns, double *matrix)
{
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            matrix[i * N + j] = 0;
            for (size_t k = 0; k < columns; k++)
                matrix[i * N + j] += x[i * columns + k] * x[j * columns + k];
        }
}

static void test_times(void)
{
    static double matrix[N * N], x[N * D], y[N * D], scratch[N * D];
    fill(matrix, N * N, 1);
    fill(x, N * D, 2);
    cf_matrix_times(matrix, x, N, D, scratch, y);
    double worst = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < D; k++) {
            long double sum = 0;
            for (size_t j = 0; j < N; j++)
                sum += (long double)matrix[i * N + j] * x[j * D + k];
            worst = worse(worst, (double)fabsl(sum - y[i * D + k]));
        }
    check_below(worst, 1e-13, "a product agrees with long double");
}

static void test_factor(size_t columns)
{
    static double x[N * N], matrix[N * N], factor[N * N];
    size_t rank = 0;
    cf_err err = {0};
    fill(x, N * columns, 3);
    gram(x, columns, matrix);
    memcpy(factor, matrix, sizeof matrix);
    require(cf_matrix_factor(factor, N, 0, NULL, &rank, &err), &err, "factor");
    check(rank == columns, "a Gram matrix of %zu columns has that rank", columns);
    double worst = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < rank; k++)
                sum += factor[i * N + k] * factor[j * N + k];
            worst = worse(worst, fabs(sum - matrix[i * N + j]));
        }
    check_below(worst, 1e-11, "and its factor gives it back");
}

static void test_indefinite(void)
{
    double swap[4] = {0, 1, 1, 0}, saddle[4] = {1, 2, 2, 1};
    size_t rank;
    cf_err first = {0}, second = {0};
    check(cf_matrix_factor(swap, 2, 0, NULL, &rank, &first) == CF_EINPUT,
          "a zero diagonal with other entries is indefinite");
    check(cf_matrix_factor(saddle, 2, 0, NULL, &rank, &second) == CF_EINPUT, "so is a saddle");
}

/* C = alpha op(A) op(B) + beta C against the sums in long double. */
enum { MOST = 330 };
static double a[MOST * MOST], b[MOST * MOST], c[MOST * MOST], before[MOST * MOST];

static double error_of(const cf_matrix_product *p)
{
    double worst = 0;
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < p->columns; j++) {
            long double sum = 0;
            for (size_t k = 0; k < p->inner; k++)
                sum += (long double)(p->a_transposed ? a[k * p->rows + i] : a[i * p->inner + k]) *
                       (p->b_transposed ? b[j * p->inner + k] : b[k * p->columns + j]);
            sum *= p->alpha;
            if (p->beta != 0)
                sum += p->beta * before[i * p->columns + j];
            worst = worse(worst, fabs((double)(sum - c[i * p->columns + j])));
        }
    return worst;
}

/* Every way round. With beta = 0 C may hold anything before. */
static double worst_of_shape(size_t rows, size_t columns, size_t inner)
{
    double worst = 0;
    for (int form = 0; form < 8; form++) {
        double beta = form & 4 ? 0.5 : 0;
        for (size_t k = 0; k < rows * columns; k++)
            c[k] = before[k] = beta == 0 ? NAN : cos((double)(7 * k));
        const cf_matrix_product product = {rows,     columns, inner,    2,    a,
                                           form & 1, b,       form & 2, beta, c};
        cf_matrix_multiply(&product);
        worst = worse(worst, error_of(&product));
    }
    return worst;
}

static void test_multiply(void)
{
    static const size_t few[] = {1, 2, 3, 4, 5, 13}, many[][2] = {{37, 300}, {300, 131}};
    fill(a, MOST * MOST, 4);
    fill(b, MOST * MOST, 5);
    for (size_t k = 0; k < sizeof few / sizeof *few; k++)
        for (size_t m = 0; m < 2; m++) {
            size_t x = many[m][0], y = many[m][1], slim = few[k];
            check_below(worst_of_shape(slim, x, y), 1e-12, "%zu x %zu x %zu, every way round", slim,
                        x, y);
            check_below(worst_of_shape(x, slim, y), 1e-12, "%zu x %zu x %zu", x, slim, y);
            check_below(worst_of_shape(x, y, slim), 1e-12, "%zu x %zu x %zu", x, y, slim);
        }
    check_below(worst_of_shape(3, 2, 300), 1e-12, "3 x 2 x 300: two small extents");
    check_below(worst_of_shape(1, 1, 1), 1e-12, "numbers");
    check_below(worst_of_shape(170, 330, 90), 1e-12, "several tiles");
}

static void test_threads(void)
{
    static const size_t shapes[][3] = {
        {330, 330, 330}, {330, 320, 4}, {3, 330, 330}, {330, 2, 330}, {330, 1, 330}};
    static double one[MOST * MOST];
    int threads = cf_threads();
    for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
        size_t count = shapes[k][0] * shapes[k][1];
        bool same = true;
        for (int form = 0; form < 4; form++)
            for (int n = 1; n <= 3; n++) {
                const cf_matrix_product product = {
                    shapes[k][0], shapes[k][1], shapes[k][2], 1, a, form & 1, b, form & 2, 0, c};
                cf_set_threads(n);
                cf_matrix_multiply(&product);
                if (n == 1)
                    memcpy(one, c, count * sizeof *c);
                same = same && memcmp(one, c, count * sizeof *c) == 0;
            }
        check(same, "%zu x %zu x %zu: 2 and 3 threads give the bits of one", shapes[k][0],
              shapes[k][1], shapes[k][2]);
    }
    cf_set_threads(threads);
}

/* All loops of slim products, on numbers of rows and columns that fill no vector. */
static void test_sets(void)
{
    static double slim[2][CF_SLIM * CF_SLIM_STRIDE], wide[2][37 * 61], out[2][37 * CF_SLIM];
    for (cf_simd simd = CF_SIMD_AVX2; simd <= CF_SIMD_AVX512; simd++)
        for (size_t count = 1; count <= CF_SLIM; count++) {
            for (int side = 0; side < 2; side++) {
                const cf_slim_kernels *kernels =
                    cf_slim_kernels_get(side == 0 ? CF_SIMD_PORTABLE : simd);
                const cf_slim_shape shape = {37, 61, 61, count, a, count, 1};
                memcpy(slim[side], b, sizeof slim[side]);
                memcpy(wide[side], c, sizeof wide[side]);
                kernels->gather(&shape, wide[side], slim[side]);
                kernels->combine(&shape, slim[side], 0.5, wide[side]);
                kernels->project(&shape, wide[side], slim[side], out[side]);
            }
            check(memcmp(slim[0], slim[1], sizeof slim[0]) == 0 &&
                      memcmp(wide[0], wide[1], sizeof wide[0]) == 0 &&
                      memcmp(out[0], out[1], sizeof out[0]) == 0,
                  "%s gives the bits of portable, %zu slim rows", cf_simd_name(simd), count);
        }
}

/* Rank one with an eigenvalue of -1e-9 beside it: semidefinite at the tolerance 1e-8, not at 1e-10.
 */
static void test_semidefinite(void)
{
    double matrix[N * N], zero[N * N] = {0};
    cf_err err = {0};
    bool yes = false, no = true, none = false;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            matrix[i * N + j] = 1 - (i == j ? 1e-9 : 0);
    require(cf_matrix_semidefinite(matrix, N, 1e-8, &yes, &err), &err, "semidefinite");
    require(cf_matrix_semidefinite(matrix, N, 1e-10, &no, &err), &err, "semidefinite");
    require(cf_matrix_semidefinite(zero, N, 1e-10, &none, &err), &err, "semidefinite");
    check(yes && !no, "eigenvalues below -tolerance times the diagonal make a matrix indefinite");
    check(none, "zero is semidefinite");
}

int main(void)
{
    test_multiply();
    test_threads();
    test_sets();
    test_times();
    test_factor(N);
    test_factor(7);
    test_indefinite();
    test_semidefinite();
    return check_done();
}
