#include "contraflow/solver/band.h"

#include "contraflow/solver/matrix.h"

/* LAPACK: Cholesky factorization of a definite band matrix, and solution by the factor. */
void spbtrf_(const char *uplo, const int *n, const int *width, float *a, const int *rows, int *info,
             size_t uplo_length);
void spbtrs_(const char *uplo, const int *n, const int *width, const int *columns, const float *a,
             const int *rows, float *x, const int *x_rows, int *info, size_t uplo_length);

bool cf_band_factor(cf_band *band)
{
    int size = (int)band->size, width = (int)band->width, rows = width + 1, info = 0;
    int threads = cf_matrix_begin();
    spbtrf_("L", &size, &width, band->elements, &rows, &info, 1);
    cf_matrix_end(threads);
    return info == 0;
}

void cf_band_solve(const cf_band *factor, float *x)
{
    int size = (int)factor->size, width = (int)factor->width, rows = width + 1, one = 1, info = 0;
    int threads = cf_matrix_begin();
    spbtrs_("L", &size, &width, &one, factor->elements, &rows, x, &size, &info, 1);
    cf_matrix_end(threads);
}
