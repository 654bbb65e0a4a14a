/* Compiled once per instruction set (CF_TABLE names the table); plain loops that compilers
 * vectorize. Fused multiply-add stays off (-ffp-contract=off), so every instruction set gives the
 * same bits. */
#include "vector_kernels.h"

#include <math.h>
#include <stdbool.h>

#include "exponential.h"

static const double PI = 3.14159265358979323846;

static void exponential(double scale, const double *restrict x, size_t count, double *restrict y)
{
    for (size_t j = 0; j < count; j++) {
        cf_exponential e = cf_exponential_of(scale * x[j]);
        y[j] = (1 + e.tail) * e.low * e.high;
    }
}

static void half_square(double a, const double *restrict x, size_t count, double *restrict s)
{
    for (size_t j = 0; j < count; j++)
        s[j] += 0.5 * ((a - x[j]) * (a - x[j]));
}

static void cross(double a, const double *restrict x, double b, const double *restrict v,
                  size_t count, double *restrict p)
{
    for (size_t j = 0; j < count; j++)
        p[j] += (a - x[j]) * (b - v[j]);
}

static void scale(double alpha, const double *restrict x, size_t count, double *restrict y)
{
    for (size_t j = 0; j < count; j++)
        y[j] = alpha * x[j];
}

static void add_scaled(double alpha, const double *restrict x, size_t count, double *restrict y)
{
    for (size_t j = 0; j < count; j++)
        y[j] += alpha * x[j];
}

static void multiply(const double *restrict x, size_t count, double *restrict y)
{
    for (size_t j = 0; j < count; j++)
        y[j] *= x[j];
}

static double sum_lanes(const double *lane)
{
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
           ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static double dot(const double *restrict x, const double *restrict y, size_t count)
{
    double lane[CF_LANES] = {0};
    for (size_t j = 0; j < count; j += CF_LANES)
        for (size_t l = 0; l < CF_LANES; l++)
            lane[l] += x[j + l] * y[j + l];
    return sum_lanes(lane);
}

static double moment(const double *restrict c, double a, const double *restrict x, size_t count)
{
    double lane[CF_LANES] = {0};
    for (size_t j = 0; j < count; j += CF_LANES)
        for (size_t l = 0; l < CF_LANES; l++)
            lane[l] += c[j + l] * (a - x[j + l]);
    return sum_lanes(lane);
}

/* With t = min/max of |x|, |y|: atan t for t <= tan(pi/8), else pi/4 + atan((t - 1)/(t + 1)), by a
 * polynomial in the square that interpolates atan(t)/t at Chebyshev nodes, error 4e-17; then the
 * octants are unfolded. */
static double angle_of(double x, double y)
{
    double ax = fabs(x), ay = fabs(y);
    double small = ax < ay ? ax : ay, large = ax < ay ? ay : ax;
    bool upper = small > 0.41421356237309503 * large;
    double t = (upper ? small - large : small) / (upper ? small + large : large);
    t = large > 0 ? t : 0;
    double s = t * t;
    double p = 0.021135371536498415;
    p = p * s - 0.043480520833406276;
    p = p * s + 0.056883491809884175;
    p = p * s - 0.06640233921673451;
    p = p * s + 0.07689953495298942;
    p = p * s - 0.0909077307473686;
    p = p * s + 0.11111106180452865;
    p = p * s - 0.14285714180976392;
    p = p * s + 0.19999999998855109;
    p = p * s - 0.3333333333332844;
    t = (t + t * (s * p)) + (upper ? PI / 4 : 0);
    t = ax < ay ? PI / 2 - t : t;
    t = x < 0 ? PI - t : t;
    return y < 0 ? -t : t;
}

static void angle(const double *restrict xy, size_t count, double *restrict out)
{
    for (size_t j = 0; j < count; j++)
        out[j] = angle_of(xy[2 * j], xy[2 * j + 1]);
}

const cf_vector_kernels CF_TABLE = {CF_NAME,    exponential, half_square, cross,  scale,
                                    add_scaled, multiply,    dot,         moment, angle};
