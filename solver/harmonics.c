/* Basis on the circle: 1/sqrt(2 pi), cos(k t)/sqrt(pi), sin(k t)/sqrt(pi). On the sphere, with t
 * the cosine of the angle from e_1: p_l^0(t)/sqrt(2 pi), p_l^m(t) cos(m s)/sqrt(pi) and the sine,
 * p_l^m the associated Legendre functions of norm 1 on [-1, 1]. The circle is the sphere with one
 * latitude and one degree to an order. */
#include "contraflow/solver/harmonics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/fourier.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"

static const double PI = 3.14159265358979323846;

struct cf_harmonics {
    cf_harmonics_grid grid;
    size_t orders, batch, latitudes, longitudes;
    double *points, *weights, *legendre;
    double *latitude_weights; /* [latitudes] sum 2; 1 on the circle */
    size_t *degrees;
    cf_fourier *fourier;
    double *values, *modes, *row; /* scratch */
};

/* --- layout --- */

static bool is_sphere(const cf_harmonics *h)
{
    return h->grid.dimension == 3;
}

/* Degrees of an order m, each with one coefficient for m = 0, else two. */
static size_t degrees_of(const cf_harmonics *h, size_t m)
{
    return is_sphere(h) ? h->grid.degree - m + 1 : 1;
}

/* Of the Legendre functions of an order. */
static size_t table_size(const cf_harmonics *h, size_t m)
{
    return is_sphere(h) ? h->latitudes * degrees_of(h, m) : 0;
}

static size_t parts_of(size_t m)
{
    return m == 0 ? 1 : 2;
}

static double scale_of(size_t m)
{
    return m == 0 ? 1 / sqrt(2 * PI) : 1 / sqrt(PI);
}

size_t cf_harmonics_latitudes(size_t degree)
{
    return (3 * degree + 1) / 2 + 1;
}

const cf_harmonics_grid *cf_harmonics_view(const cf_harmonics *harmonics)
{
    return &harmonics->grid;
}

/* --- transforms --- */

/* The Legendre sum of one order: modes [latitudes][batch][parts] of coefficients
 * [degrees][batch][parts], or the other way. */
static void legendre_sum(const cf_harmonics *h, size_t m, const double *table, const double *from,
                         double *to, bool forward)
{
    size_t columns = h->batch * parts_of(m), degrees = degrees_of(h, m);
    if (!is_sphere(h)) {
        memcpy(to, from, columns * sizeof *to);
        return;
    }
    const cf_matrix_product product = {.rows = forward ? degrees : h->latitudes,
                                       .columns = columns,
                                       .inner = forward ? h->latitudes : degrees,
                                       .alpha = 1,
                                       .a = table,
                                       .a_transposed = forward,
                                       .b = from,
                                       .c = to};
    cf_matrix_multiply(&product);
}

void cf_harmonics_synthesize(cf_harmonics *h, const double *coefficients, double *values)
{
    size_t width = h->latitudes * h->batch;
    const double *table = h->legendre;
    legendre_sum(h, 0, table, coefficients, h->row, false);
    memset(h->modes, 0, 2 * cf_fourier_modes(h->fourier) * width * sizeof *h->modes);
    for (size_t i = 0; i < width; i++)
        h->modes[2 * i] = scale_of(0) * h->row[i];
    coefficients += degrees_of(h, 0) * h->batch;
    for (size_t m = 1; m <= h->orders; m++) {
        double *mode = h->modes + 2 * m * width, half = scale_of(m) / 2;
        table += table_size(h, m - 1);
        legendre_sum(h, m, table, coefficients, mode, false);
        for (size_t i = 0; i < width; i++) {
            mode[2 * i] *= half;
            mode[2 * i + 1] *= -half;
        }
        coefficients += 2 * degrees_of(h, m) * h->batch;
    }
    cf_fourier_back(h->fourier, h->modes, h->values);
    memcpy(values, h->values, h->longitudes * width * sizeof *values);
}

void cf_harmonics_analyze(cf_harmonics *h, const double *values, double *coefficients)
{
    size_t width = h->latitudes * h->batch;
    const double *table = h->legendre;
    double step = 2 * PI / (double)h->longitudes;
    memcpy(h->values, values, h->longitudes * width * sizeof *values);
    cf_fourier_forward(h->fourier, h->values, h->modes);
    for (size_t i = 0; i < width; i++)
        h->row[i] = step * scale_of(0) * h->latitude_weights[i / h->batch] * h->modes[2 * i];
    legendre_sum(h, 0, table, h->row, coefficients, true);
    coefficients += degrees_of(h, 0) * h->batch;
    for (size_t m = 1; m <= h->orders; m++) {
        double *mode = h->modes + 2 * m * width;
        for (size_t i = 0; i < width; i++) {
            double factor = step * scale_of(m) * h->latitude_weights[i / h->batch];
            mode[2 * i] *= factor;
            mode[2 * i + 1] *= -factor;
        }
        table += table_size(h, m - 1);
        legendre_sum(h, m, table, mode, coefficients, true);
        coefficients += 2 * degrees_of(h, m) * h->batch;
    }
}

void cf_harmonics_combine(const cf_harmonics *h, const double *factors, const double *coefficients,
                          double *out)
{
    for (size_t m = 0; m <= h->orders; m++)
        for (size_t l = 0; l < degrees_of(h, m); l++) {
            size_t parts = parts_of(m);
            for (size_t p = 0; p < parts; p++) {
                double total = 0;
                for (size_t b = 0; b < h->batch; b++)
                    total += factors[b] * coefficients[b * parts + p];
                *out++ = total;
            }
            coefficients += parts * h->batch;
        }
}

void cf_harmonics_spectrum(const cf_harmonics *h, const double *coefficients, double *out)
{
    memset(out, 0, (h->grid.degree + 1) * sizeof *out);
    for (size_t i = 0; i < h->grid.size; i++)
        out[h->degrees[i]] += coefficients[i] * coefficients[i];
    for (size_t l = 0; l <= h->grid.degree; l++)
        out[l] = sqrt(out[l]);
}

/* k(., e_1) = sum_l a_l Y_l0, and f * k multiplies by a_l / Y_l0(e_1). On the circle Y_k0 is
 * cos(k t)/sqrt(pi); on the sphere sqrt((2l+1)/4 pi) at the pole. */
void cf_harmonics_multipliers(cf_harmonics *h, const double *values, double *scratch, double *out)
{
    cf_harmonics_analyze(h, values, scratch);
    for (size_t l = 0; l <= h->grid.degree; l++) {
        if (is_sphere(h))
            out[l] = scratch[l] / sqrt((2 * (double)l + 1) / (4 * PI));
        else
            out[l] = l == 0 ? scratch[0] / scale_of(0) : scratch[2 * l - 1] / scale_of(1);
    }
}

/* --- creation --- */

/* Gauss-Legendre nodes and weights on [-1, 1], descending: Newton's method in the angle, in which
 * the weight is 2/(dP/dangle)^2, and the recurrence in differences, which keeps its precision at
 * the poles: P_{l+1} - P_l = (l (P_l - P_{l-1}) - (2l+1)(1-t) P_l)/(l+1). */
static void gauss_legendre(size_t n, double *t, double *w)
{
    for (size_t i = 0; i < n; i++) {
        double angle = PI * ((double)i + 0.75) / ((double)n + 0.5), slope = 1, step = 1;
        for (int k = 0; k < 100 && fabs(step) > 1e-15; k++) {
            double p = 1, difference = 0, below = 2 * pow(sin(angle / 2), 2);
            for (size_t l = 0; l < n; l++) {
                double degree = (double)l;
                difference = (degree * difference - (2 * degree + 1) * below * p) / (degree + 1);
                p += difference;
            }
            slope = (double)n * (difference - below * p) / sin(angle);
            step = p / slope;
            angle -= step;
        }
        t[i] = cos(angle);
        w[i] = 2 / (slope * slope);
    }
}

/* One row of the table of order m: p_l^m(t) for l = m .. degree, `first` = p_m^m(t):
 * p_l = a_l (t p_{l-1} - p_{l-2} / a_{l-1}), a_l = sqrt((4 l^2 - 1)/(l^2 - m^2)). */
static void legendre_row(size_t m, size_t degree, double t, double first, double *row)
{
    double before = 0, p = first, reciprocal = 0, order = (double)m;
    row[0] = p;
    for (size_t k = m + 1; k <= degree; k++) {
        double l = (double)k, a = sqrt((4 * l * l - 1) / (l * l - order * order));
        double next = a * (t * p - reciprocal * before);
        before = p;
        p = next;
        reciprocal = 1 / a;
        row[k - m] = p;
    }
}

static void fill_legendre(cf_harmonics *h, const double *t)
{
    double *table = h->legendre, *first = h->row;
    for (size_t i = 0; i < h->latitudes; i++)
        first[i] = sqrt(0.5);
    for (size_t m = 0; m <= h->orders; m++) {
        size_t width = degrees_of(h, m);
        for (size_t i = 0; i < h->latitudes; i++) {
            legendre_row(m, h->grid.degree, t[i], first[i], table + i * width);
            first[i] *= sqrt((2 * (double)m + 3) / (2 * (double)m + 2) * (1 - t[i] * t[i]));
        }
        table += table_size(h, m);
    }
}

static void set_nodes(cf_harmonics *h, const double *t)
{
    size_t d = h->grid.dimension;
    for (size_t j = 0; j < h->longitudes; j++)
        for (size_t i = 0; i < h->latitudes; i++) {
            size_t node = j * h->latitudes + i;
            double angle = 2 * PI * (double)j / (double)h->longitudes;
            double c = cos(angle), s = sin(angle), *z = h->points + node * d;
            double radius = d == 2 ? 1 : sqrt((1 - t[i]) * (1 + t[i]));
            if (d == 3)
                z[0] = t[i];
            z[d - 2] = radius * c;
            z[d - 1] = radius * s;
            h->weights[node] = h->latitude_weights[i] * 2 * PI / (double)h->longitudes;
        }
}

static void set_degrees(cf_harmonics *h)
{
    size_t k = 0;
    for (size_t m = 0; m <= h->orders; m++)
        for (size_t l = 0; l < degrees_of(h, m); l++)
            for (size_t i = 0; i < parts_of(m) * h->batch; i++)
                h->degrees[k++] = m + l;
}

static cf_status allocate(cf_harmonics *h, cf_err *err)
{
    size_t shape = h->longitudes, width = h->latitudes * h->batch, table = 0;
    for (size_t m = 0; m <= h->orders; m++) {
        h->grid.size += degrees_of(h, m) * parts_of(m) * h->batch;
        table += table_size(h, m);
    }
    cf_status status = cf_fourier_create(1, &shape, width, &h->fourier, err);
    if (status != CF_OK)
        return status;
    size_t modes = 2 * cf_fourier_modes(h->fourier) * width;
    const struct {
        double **array;
        size_t count;
    } arrays[] = {{&h->points, h->grid.nodes * h->grid.dimension},
                  {&h->weights, h->grid.nodes},
                  {&h->latitude_weights, h->latitudes},
                  {&h->legendre, table},
                  {&h->values, h->longitudes * width},
                  {&h->modes, modes},
                  {&h->row, width}};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
        *arrays[k].array = cf_allocate("harmonics", arrays[k].count, sizeof(double), err);
        if (*arrays[k].array == NULL)
            return CF_ESYSTEM;
    }
    h->degrees = cf_allocate("harmonics", h->grid.size, sizeof *h->degrees, err);
    return h->degrees == NULL ? CF_ESYSTEM : CF_OK;
}

static cf_status create(const cf_harmonics *shape, cf_harmonics **out, cf_err *err)
{
    cf_harmonics *h = cf_allocate("harmonics", 1, sizeof *h, err);
    *out = h;
    if (h == NULL)
        return CF_ESYSTEM;
    *h = *shape;
    h->grid.nodes = h->latitudes * h->longitudes;
    double *cosines = cf_allocate("nodes", h->latitudes, sizeof *cosines, err);
    cf_status status = cosines == NULL ? CF_ESYSTEM : allocate(h, err);
    if (status == CF_OK) {
        h->latitude_weights[0] = 1;
        if (is_sphere(h)) {
            gauss_legendre(h->latitudes, cosines, h->latitude_weights);
            fill_legendre(h, cosines);
        }
        set_nodes(h, cosines);
        set_degrees(h);
        h->grid.points = h->points;
        h->grid.weights = h->weights;
        h->grid.degrees = h->degrees;
    } else {
        cf_harmonics_free(out);
    }
    free(cosines);
    return status;
}

cf_status cf_harmonics_circle(size_t degree, size_t nodes, size_t batch, cf_harmonics **out,
                              cf_err *err)
{
    const cf_harmonics shape = {.grid = {.dimension = 2, .degree = degree},
                                .orders = degree,
                                .batch = batch,
                                .latitudes = 1,
                                .longitudes = nodes};
    return create(&shape, out, err);
}

enum { FEWEST_LONGITUDES = 8 };

cf_status cf_harmonics_sphere(size_t degree, size_t orders, size_t batch, cf_harmonics **out,
                              cf_err *err)
{
    size_t least = 3 * orders + 1;
    const cf_harmonics shape = {
        .grid = {.dimension = 3, .degree = degree},
        .orders = orders,
        .batch = batch,
        .latitudes = cf_harmonics_latitudes(degree),
        .longitudes = cf_fourier_length(least < FEWEST_LONGITUDES ? FEWEST_LONGITUDES : least)};
    return create(&shape, out, err);
}

void cf_harmonics_free(cf_harmonics **harmonics)
{
    cf_harmonics *h = *harmonics;
    if (h == NULL)
        return;
    cf_fourier_free(&h->fourier);
    free(h->points);
    free(h->weights);
    free(h->legendre);
    free(h->latitude_weights);
    free(h->degrees);
    free(h->values);
    free(h->modes);
    free(h->row);
    free(h);
    *harmonics = NULL;
}
