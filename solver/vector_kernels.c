/* Compiled once per instruction set (CF_TABLE names the table); plain loops that compilers
 * vectorize. Fused multiply-add stays off (-ffp-contract=off), so every instruction set gives the
 * same bits. */
#include "vector_kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const double PI = 3.14159265358979323846;
static const double LOG2_E = 1.4426950408889634074;
/* ln 2 in two parts; the first has 21 trailing zero bits, so k*LN2_HIGH is exact for |k| < 2^20. */
static const double LN2_HIGH = 6.93147180369123816490e-01;
static const double LN2_LOW = 1.90821492927058770002e-10;
/* Adding 3 2^51 rounds to an integer and leaves it in the low bits of the mantissa. */
static const double ROUNDER = 0x1.8p52;
static const double LOWEST = -746; /* exp of anything below rounds to 0 */

static double power_of_two(int64_t k)
{
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* x = k ln2 + r, |r| <= ln2/2; the Taylor polynomial of degree 13 leaves r^14/14! < 5e-18. 2^k is
 * applied in two halves, so that denormal results round once, in the last product. */
static double exponential_of(double x)
{
    x = x > LOWEST ? x : LOWEST;
    double shifted = x * LOG2_E + ROUNDER, k = shifted - ROUNDER;
    int64_t bits, base;
    memcpy(&bits, &shifted, sizeof bits);
    memcpy(&base, &ROUNDER, sizeof base);
    int64_t integer = bits - base, half = (integer + 2048) / 2 - 1024;
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = 1 + (r + r * r * p);
    return p * power_of_two(half) * power_of_two(integer - half);
}

static void exponential(double scale, const double *restrict x, size_t count, double *restrict y)
{
    for (size_t j = 0; j < count; j++)
        y[j] = exponential_of(scale * x[j]);
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
    double t = (upper ? small - large : small) / (upper ? small + large : large), s = t * t;
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
