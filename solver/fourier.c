/* FFTW. Plans are estimated, not measured, so that one build gives the same bits everywhere. */
#include "contraflow/solver/fourier.h"

#include <stdbool.h>
#include <stdlib.h>

#include <fftw3.h>

#include "contraflow/solver/memory.h"

enum { MOST_RANK = 3 };

struct cf_fourier {
    size_t values, modes;
    fftw_plan forward, back;
};

static bool fast(size_t length)
{
    for (size_t factor = 2; factor <= 5; factor++)
        while (length % factor == 0)
            length /= factor;
    return length == 1;
}

size_t cf_fourier_length(size_t least)
{
    size_t length = least < 2 ? 2 : least + least % 2;
    while (!fast(length))
        length += 2;
    return length;
}

size_t cf_fourier_values(const cf_fourier *fourier)
{
    return fourier->values;
}

size_t cf_fourier_modes(const cf_fourier *fourier)
{
    return fourier->modes;
}

/* Estimating a plan touches no array, but the planner asks for the alignment of the final ones. */
static void plan(cf_fourier *fourier, int rank, const int *shape, int batch, double *values,
                 fftw_complex *modes)
{
    const unsigned flags = FFTW_ESTIMATE | FFTW_DESTROY_INPUT;
    fourier->forward = fftw_plan_many_dft_r2c(rank, shape, batch, values, NULL, batch, 1, modes,
                                              NULL, batch, 1, flags);
    fourier->back = fftw_plan_many_dft_c2r(rank, shape, batch, modes, NULL, batch, 1, values, NULL,
                                           batch, 1, flags);
}

cf_status cf_fourier_create(int rank, const size_t *shape, size_t batch, cf_fourier **out,
                            cf_err *err)
{
    *out = NULL;
    int lengths[MOST_RANK];
    cf_fourier *fourier = cf_allocate("Fourier transform", 1, sizeof *fourier, err);
    if (fourier == NULL)
        return CF_ESYSTEM;
    fourier->values = fourier->modes = 1;
    for (int k = 0; k < rank; k++) {
        lengths[k] = (int)shape[k];
        fourier->values *= shape[k];
        fourier->modes *= k + 1 < rank ? shape[k] : shape[k] / 2 + 1;
    }
    double *values = cf_allocate("Fourier values", fourier->values * batch, sizeof(double), err);
    double *modes = cf_allocate("Fourier modes", 2 * fourier->modes * batch, sizeof(double), err);
    if (values != NULL && modes != NULL) {
#pragma omp critical(cf_fourier_planner)
        plan(fourier, rank, lengths, (int)batch, values, (fftw_complex *)modes);
        if (fourier->forward == NULL || fourier->back == NULL)
            cf_fail(err, CF_ESYSTEM, "FFTW has no plan for a transform of %zu values", *shape);
    }
    free(values);
    free(modes);
    if (fourier->forward == NULL || fourier->back == NULL) {
        cf_fourier_free(&fourier);
        return CF_ESYSTEM;
    }
    *out = fourier;
    return CF_OK;
}

void cf_fourier_free(cf_fourier **fourier)
{
    if (*fourier == NULL)
        return;
#pragma omp critical(cf_fourier_planner)
    {
        if ((*fourier)->forward != NULL)
            fftw_destroy_plan((*fourier)->forward);
        if ((*fourier)->back != NULL)
            fftw_destroy_plan((*fourier)->back);
    }
    free(*fourier);
    *fourier = NULL;
}

void cf_fourier_forward(const cf_fourier *fourier, double *values, double *modes)
{
    fftw_execute_dft_r2c(fourier->forward, values, (fftw_complex *)modes);
}

void cf_fourier_back(const cf_fourier *fourier, double *modes, double *values)
{
    fftw_execute_dft_c2r(fourier->back, (fftw_complex *)modes, values);
}
