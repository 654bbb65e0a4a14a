#include "cholesky.h"

#include <math.h>
#include <string.h>

bool cf_cholesky_factor(double *matrix, size_t n, double smallest)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = matrix[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= matrix[i * n + k] * matrix[j * n + k];
            if (i > j)
                matrix[i * n + j] = sum / matrix[j * n + j];
            else if (!(sum > smallest * matrix[i * n + i]) || !isfinite(sum))
                return false;
            else
                matrix[i * n + i] = sqrt(sum);
        }
    return true;
}

void cf_cholesky_solve(const double *factor, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            x[i] -= factor[i * n + k] * x[k];
        x[i] /= factor[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            x[i] -= factor[k * n + i] * x[k];
        x[i] /= factor[i * n + i];
    }
}

/* Row by row: the inverse is symmetric. */
void cf_cholesky_invert(const double *factor, size_t n, double *inverse)
{
    memset(inverse, 0, n * n * sizeof *inverse);
    for (size_t i = 0; i < n; i++) {
        inverse[i * n + i] = 1;
        cf_cholesky_solve(factor, n, inverse + i * n);
    }
}
