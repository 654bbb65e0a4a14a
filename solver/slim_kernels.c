/* Compiled once per instruction set, as vector_kernels.c is. */
#include "slim_kernels.h"

#include "vector_kernels.h"

/* --- combine --- */

/* `count` is a constant where it is called, so that the sums stay in registers. */
static inline void combine_row(const double *restrict c, const double *restrict slim, double beta,
                               size_t width, double *restrict wide, size_t count)
{
    for (size_t j = 0; j < width; j++) {
        double sum = c[0] * slim[j];
        for (size_t k = 1; k < count; k++)
            sum += c[k] * slim[k * CF_SLIM_STRIDE + j];
        wide[j] = beta == 0 ? sum : beta * wide[j] + sum;
    }
}

static void combine(const cf_slim_shape *s, const double *slim, double beta, double *wide)
{
    for (size_t i = 0; i < s->rows; i++) {
        double c[CF_SLIM], *row = wide + i * s->stride;
        for (size_t k = 0; k < s->slim; k++)
            c[k] = s->coefficients[i * s->across + k * s->along];
        if (s->slim == 1)
            combine_row(c, slim, beta, s->width, row, 1);
        else if (s->slim == 2)
            combine_row(c, slim, beta, s->width, row, 2);
        else if (s->slim == 3)
            combine_row(c, slim, beta, s->width, row, 3);
        else if (s->slim == 4)
            combine_row(c, slim, beta, s->width, row, 4);
    }
}

/* --- gather --- */

/* Four wide rows at a time, so that slim rows are read and written once for them. */
static void gather_four(const double *restrict c, size_t across, const double *restrict wide,
                        size_t stride, size_t width, double *restrict slim)
{
    const double *second = wide + stride, *third = second + stride, *fourth = third + stride;
    for (size_t j = 0; j < width; j++)
        slim[j] =
            (((slim[j] + c[0] * wide[j]) + c[across] * second[j]) + c[2 * across] * third[j]) +
            c[3 * across] * fourth[j];
}

static void gather_one(double c, const double *restrict wide, size_t width, double *restrict slim)
{
    for (size_t j = 0; j < width; j++)
        slim[j] += c * wide[j];
}

static void gather(const cf_slim_shape *s, const double *wide, double *slim)
{
    size_t whole = s->rows / 4 * 4;
    for (size_t i = 0; i < whole; i += 4)
        for (size_t k = 0; k < s->slim; k++)
            gather_four(s->coefficients + i * s->across + k * s->along, s->across,
                        wide + i * s->stride, s->stride, s->width, slim + k * CF_SLIM_STRIDE);
    for (size_t i = whole; i < s->rows; i++)
        for (size_t k = 0; k < s->slim; k++)
            gather_one(s->coefficients[i * s->across + k * s->along], wide + i * s->stride,
                       s->width, slim + k * CF_SLIM_STRIDE);
}

/* --- project --- */

/* In CF_LANES partial sums, and what is left over one by one. */
static double dot(const double *restrict x, const double *restrict y, size_t count)
{
    double lane[CF_LANES] = {0};
    size_t whole = count / CF_LANES * CF_LANES;
    for (size_t j = 0; j < whole; j += CF_LANES)
        for (size_t l = 0; l < CF_LANES; l++)
            lane[l] += x[j + l] * y[j + l];
    double total =
        ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
    for (size_t j = whole; j < count; j++)
        total += x[j] * y[j];
    return total;
}

static void project(const cf_slim_shape *s, const double *wide, const double *slim, double *out)
{
    for (size_t i = 0; i < s->rows; i++)
        for (size_t k = 0; k < s->slim; k++)
            out[i * s->slim + k] = dot(wide + i * s->stride, slim + k * s->width, s->width);
}

const cf_slim_kernels CF_SLIM_TABLE = {combine, gather, project};
