/* Convolution on a lattice, padded to twice its sides where there are no periods, so that nothing
 * wraps; and (1 - a Lap)^-1, by the even continuation of the function there. */
#include "contraflow/solver/lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/fourier.h"
#include "contraflow/solver/memory.h"

static const double PI = 3.14159265358979323846;

size_t cf_lattice_size(const cf_lattice *lattice)
{
    return lattice->rank == 1 ? lattice->cells : lattice->cells * lattice->cells;
}

/* Rows of the lattice, which are contiguous. */
static size_t rows_of(const cf_lattice *lattice)
{
    return lattice->rank == 1 ? 1 : lattice->cells;
}

/* --- convolution --- */

struct cf_lattice_sum {
    cf_lattice lattice;
    size_t side; /* of the transform */
    cf_fourier *fourier;
    double *values, *modes, *multipliers;
};

cf_status cf_lattice_sum_create(const cf_lattice *lattice, cf_lattice_sum **out, cf_err *err)
{
    cf_lattice_sum *sum = cf_allocate("convolution", 1, sizeof *sum, err);
    *out = sum;
    if (sum == NULL)
        return CF_ESYSTEM;
    sum->lattice = *lattice;
    sum->side = lattice->periodic ? lattice->cells : cf_fourier_length(2 * lattice->cells - 1);
    const size_t shape[2] = {sum->side, sum->side};
    cf_status status = cf_fourier_create(lattice->rank, shape, 1, &sum->fourier, err);
    if (status == CF_OK) {
        size_t modes = cf_fourier_modes(sum->fourier);
        sum->values =
            cf_allocate("convolution", cf_fourier_values(sum->fourier), sizeof(double), err);
        sum->modes = cf_allocate("convolution", 2 * modes, sizeof(double), err);
        sum->multipliers = cf_allocate("convolution", modes, sizeof(double), err);
    }
    if (sum->values == NULL || sum->modes == NULL || sum->multipliers == NULL) {
        cf_lattice_sum_free(out);
        return CF_ESYSTEM;
    }
    return CF_OK;
}

void cf_lattice_sum_free(cf_lattice_sum **sum)
{
    if (*sum == NULL)
        return;
    cf_fourier_free(&(*sum)->fourier);
    free((*sum)->values);
    free((*sum)->modes);
    free((*sum)->multipliers);
    free(*sum);
    *sum = NULL;
}

size_t cf_lattice_sum_kernel_size(const cf_lattice_sum *sum)
{
    return cf_fourier_values(sum->fourier);
}

static double shortest(size_t index, size_t side)
{
    return index <= side / 2 ? (double)index : (double)index - (double)side;
}

void cf_lattice_sum_displacements(const cf_lattice_sum *sum, double *displacements)
{
    for (size_t i = 0; i < cf_fourier_values(sum->fourier); i++) {
        if (sum->lattice.rank == 2)
            *displacements++ = shortest(i / sum->side, sum->side);
        *displacements++ = shortest(i % sum->side, sum->side);
    }
}

/* The kernel is even, so its modes are real. */
void cf_lattice_sum_set_kernel(cf_lattice_sum *sum, const double *kernel)
{
    size_t count = cf_fourier_values(sum->fourier);
    double scale = pow(sum->lattice.width, sum->lattice.rank) / (double)count;
    memcpy(sum->values, kernel, count * sizeof *kernel);
    cf_fourier_forward(sum->fourier, sum->values, sum->modes);
    for (size_t k = 0; k < cf_fourier_modes(sum->fourier); k++)
        sum->multipliers[k] = scale * sum->modes[2 * k];
}

void cf_lattice_sum_apply(cf_lattice_sum *sum, const double *f, double *out)
{
    size_t cells = sum->lattice.cells, rows = rows_of(&sum->lattice);
    memset(sum->values, 0, cf_fourier_values(sum->fourier) * sizeof(double));
    for (size_t i = 0; i < rows; i++)
        memcpy(sum->values + i * sum->side, f + i * cells, cells * sizeof *f);
    cf_fourier_forward(sum->fourier, sum->values, sum->modes);
    for (size_t k = 0; k < cf_fourier_modes(sum->fourier); k++) {
        sum->modes[2 * k] *= sum->multipliers[k];
        sum->modes[2 * k + 1] *= sum->multipliers[k];
    }
    cf_fourier_back(sum->fourier, sum->modes, sum->values);
    for (size_t i = 0; i < rows; i++)
        memcpy(out + i * cells, sum->values + i * sum->side, cells * sizeof *f);
}

/* --- diffusion --- */

struct cf_lattice_diffusion {
    cf_lattice lattice;
    size_t batch, side;
    cf_fourier *fourier;
    double *values, *modes;
    double *symbol; /* [side] (2 sin(pi k / side) / width)^2 */
};

cf_status cf_lattice_diffusion_create(const cf_lattice *lattice, size_t batch,
                                      cf_lattice_diffusion **out, cf_err *err)
{
    cf_lattice_diffusion *d = cf_allocate("diffusion", 1, sizeof *d, err);
    *out = d;
    if (d == NULL)
        return CF_ESYSTEM;
    d->lattice = *lattice;
    d->batch = batch;
    d->side = lattice->periodic ? lattice->cells : 2 * lattice->cells;
    const size_t shape[2] = {d->side, d->side};
    cf_status status = cf_fourier_create(lattice->rank, shape, batch, &d->fourier, err);
    if (status == CF_OK) {
        size_t values = cf_fourier_values(d->fourier), modes = cf_fourier_modes(d->fourier);
        d->values = cf_allocate("diffusion", values * batch, sizeof(double), err);
        d->modes = cf_allocate("diffusion", 2 * modes * batch, sizeof(double), err);
        d->symbol = cf_allocate("diffusion", d->side, sizeof(double), err);
    }
    if (d->values == NULL || d->modes == NULL || d->symbol == NULL) {
        cf_lattice_diffusion_free(out);
        return CF_ESYSTEM;
    }
    for (size_t k = 0; k < d->side; k++)
        d->symbol[k] = pow(2 * sin(PI * (double)k / (double)d->side) / lattice->width, 2);
    return CF_OK;
}

void cf_lattice_diffusion_free(cf_lattice_diffusion **diffusion)
{
    if (*diffusion == NULL)
        return;
    cf_fourier_free(&(*diffusion)->fourier);
    free((*diffusion)->values);
    free((*diffusion)->modes);
    free((*diffusion)->symbol);
    free(*diffusion);
    *diffusion = NULL;
}

/* The cell that an index of the continuation shows. */
static size_t mirrored(const cf_lattice_diffusion *d, size_t index)
{
    return index < d->lattice.cells ? index : d->side - 1 - index;
}

static void divide(cf_lattice_diffusion *d, double a)
{
    size_t half = d->side / 2 + 1, rows = d->lattice.rank == 1 ? 1 : d->side;
    double scale = 1 / (double)cf_fourier_values(d->fourier);
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < half; k++) {
            double along = d->lattice.rank == 1 ? 0 : d->symbol[i];
            double factor = scale / (1 + a * (along + d->symbol[k]));
            double *mode = d->modes + 2 * (i * half + k) * d->batch;
            for (size_t b = 0; b < 2 * d->batch; b++)
                mode[b] *= factor;
        }
}

void cf_lattice_diffusion_solve(cf_lattice_diffusion *d, double a, const double *f, double *x)
{
    size_t cells = d->lattice.cells, batch = d->batch;
    size_t rows = d->lattice.rank == 1 ? 1 : d->side;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < d->side; j++)
            memcpy(d->values + (i * d->side + j) * batch,
                   f + (mirrored(d, i) * cells + mirrored(d, j)) * batch, batch * sizeof *f);
    cf_fourier_forward(d->fourier, d->values, d->modes);
    divide(d, a);
    cf_fourier_back(d->fourier, d->modes, d->values);
    for (size_t i = 0; i < rows_of(&d->lattice); i++)
        memcpy(x + i * cells * batch, d->values + i * d->side * batch, cells * batch * sizeof *x);
}
