/* Products and factors of dense matrices: against plain sums, for full and deficient rank, refusing
 * what is indefinite. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/random.h"

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
            worst = fmax(worst, (double)fabsl(sum - y[i * D + k]));
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
    require(cf_matrix_factor(factor, N, &rank, &err), &err, "factor");
    check(rank == columns, "a Gram matrix of %zu columns has that rank", columns);
    double worst = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < rank; k++)
                sum += factor[i * N + k] * factor[j * N + k];
            worst = fmax(worst, fabs(sum - matrix[i * N + j]));
        }
    check_below(worst, 1e-11, "and its factor gives it back");
}

static void test_indefinite(void)
{
    double swap[4] = {0, 1, 1, 0}, saddle[4] = {1, 2, 2, 1};
    size_t rank;
    cf_err first = {0}, second = {0};
    check(cf_matrix_factor(swap, 2, &rank, &first) == CF_EINPUT,
          "a zero diagonal with other entries is indefinite");
    check(cf_matrix_factor(saddle, 2, &rank, &second) == CF_EINPUT, "so is a saddle");
}

/* Shapes of one tile and of several, both factors either way round, against the sums. */
static void test_multiply(void)
{
    enum { ROWS = 70, COLUMNS = 300, INNER = 5 };
    static double a[ROWS * INNER], b[INNER * COLUMNS], c[ROWS * COLUMNS];
    for (size_t k = 0; k < ROWS * INNER; k++)
        a[k] = sin((double)k);
    for (size_t k = 0; k < INNER * COLUMNS; k++)
        b[k] = cos((double)(3 * k));
    for (int form = 0; form < 4; form++) {
        bool across = form & 1, along = form & 2;
        double worst = 0;
        for (size_t k = 0; k < ROWS * COLUMNS; k++)
            c[k] = (double)k;
        const cf_matrix_product product = {ROWS, COLUMNS, INNER, 2, a, across, b, along, 0.5, c};
        cf_matrix_multiply(&product);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < COLUMNS; j++) {
                double sum = 0.5 * (double)(i * COLUMNS + j);
                for (size_t k = 0; k < INNER; k++)
                    sum += 2 * (across ? a[k * ROWS + i] : a[i * INNER + k]) *
                           (along ? b[j * INNER + k] : b[k * COLUMNS + j]);
                worst = fmax(worst, fabs(sum - c[i * COLUMNS + j]));
            }
        check_below(worst, 1e-11, "a product of matrices, transposed %d %d", across, along);
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
    test_times();
    test_factor(N);
    test_factor(7);
    test_indefinite();
    test_semidefinite();
    return check_done();
}
