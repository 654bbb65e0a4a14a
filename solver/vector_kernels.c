/* Compiled once per instruction set (CF_TABLE names the table). The plain loops, which compilers
 * vectorize, have the same bits on all of them: nothing is fused behind our back
 * (-ffp-contract=off). The exponential has not. */
#include "vector_kernels.h"

#include <math.h>
#include <stdbool.h>

#include "vector.h"

static const double PI = 3.14159265358979323846;
static const double LOG2_E = 1.4426950408889634074;
/* ln 2 in two parts; the first has 21 trailing zero bits, so k*LN2_HIGH is exact for |k| < 2^20. */
static const double LN2_HIGH = 6.93147180369123816490e-01;
static const double LN2_LOW = 1.90821492927058770002e-10;
static const double LOWEST = -746; /* exp of anything below rounds to 0 */

CF_INLINE vec select(vec_bits mask, vec a, vec b)
{
    return (vec)((mask & (vec_bits)a) | (~mask & (vec_bits)b));
}

/* 2^(k + r) in place of k + VEC_ROUNDER for all k, denormal results rounded once. */
#if defined(__AVX512F__)
/* There is an instruction for v 2^floor(k); 2^(k - floor k) comes from the table. */
CF_INLINE void exp2_deep(size_t rows, const vec r[], vec power[])
{
    const vec_bits index = {0, 1, 2, 3, 4, 5, 6, 7};
    const vec_bits low = (vec_bits)vec_load((const double *)VEC_POWERS) + (index << 48);
    const vec_bits high =
        (vec_bits)vec_load((const double *)(VEC_POWERS + 8)) + ((index + 8) << 48);
    vec p[8];
    vec_tail(rows, r, p);
    VEC_EACH (a, rows) {
        vec root = _mm512_permutex2var_pd((vec)low, (__m512i)power[a], (vec)high);
        power[a] =
            _mm512_scalef_pd(vec_fma(root, p[a] * r[a], root), power[a] - vec_set(VEC_ROUNDER));
    }
}
#else
/* Deep down, k is raised by 128 and the result lowered again. */
CF_INLINE void exp2_deep(size_t rows, const vec r[], vec power[])
{
    vec factor[8];
    VEC_EACH (a, rows) {
        vec_bits deep = power[a] - vec_set(VEC_ROUNDER) < vec_set(-960);
        power[a] += select(deep, vec_set(128), vec_set(0));
        factor[a] = select(deep, vec_set(0x1p-128), vec_set(1));
    }
    vec_exp2(rows, r, power);
    VEC_EACH (a, rows)
        power[a] *= factor[a];
}
#endif

/* x = k ln 2 + r ln 2. */
CF_INLINE void exponentials(size_t rows, double scale, const double *x, double *y)
{
    const vec rounder = vec_set(VEC_ROUNDER);
    vec r[8], power[8];
    VEC_EACH (a, rows) {
        vec argument = -vec_min(vec_set(-scale) * vec_load(x + a * VEC), vec_set(-LOWEST));
        power[a] = vec_fma(argument, vec_set(LOG2_E), rounder);
        vec k = power[a] - rounder;
        r[a] = vec_fma(k, vec_set(-LN2_LOW), vec_fma(k, vec_set(-LN2_HIGH), argument));
        r[a] *= vec_set(LOG2_E);
    }
    exp2_deep(rows, r, power);
    VEC_EACH (a, rows)
        vec_store(y + a * VEC, power[a]);
}

static void exponential(double scale, const double *x, size_t count, double *y)
{
    size_t j = 0;
    for (; j + 8 * VEC <= count; j += 8 * VEC)
        exponentials(8, scale, x + j, y + j);
    for (; j < count; j += VEC)
        exponentials(1, scale, x + j, y + j);
}

/* log2 x = k + log2 m with 1/sqrt 2 <= m < sqrt 2, and log m = 2 atanh t, t = (m - 1)/(m + 1); the
 * series in t^2 < 0.0295 leaves t^22/23 < 3e-18. */
CF_INLINE vec log2_of(vec x)
{
    const int64_t one = 0x3ff0000000000000, root_half = 0x3fe6a09e667f3bcd;
    vec_count biased = ((vec_count)x + (uint64_t)(one - root_half)) >> 52;
    vec k = (vec)((vec_bits)biased | (vec_bits)vec_set(0x1p52)) - vec_set(0x1p52 + 1023);
    vec m = (vec)((vec_count)x - ((biased - 1023) << 52));
    vec t = (m - vec_set(1)) / (m + vec_set(1)), q = t * t, p = vec_set(1.0 / 21);
    VEC_EACH (n, 10)
        p = vec_fma(p, q, vec_set(1.0 / (19 - 2 * (double)n)));
    return vec_fma(t * vec_set(2 * LOG2_E), p, k);
}

CF_INLINE void powers(size_t rows, double exponent, const double *x, double *y)
{
    const vec rounder = vec_set(VEC_ROUNDER);
    vec r[4], result[4], down[4];
    VEC_EACH (a, rows) {
        down[a] = vec_set(-exponent) * log2_of(vec_load(x + a * VEC));
        vec limited = vec_min(down[a], vec_set(1080));
        result[a] = rounder - limited;
        r[a] = (rounder - result[a]) - limited;
    }
    exp2_deep(rows, r, result);
    VEC_EACH (a, rows) {
        vec base = vec_load(x + a * VEC);
        result[a] = select(down[a] > vec_set(-1023), result[a], vec_set(INFINITY));
        result[a] = select(base < vec_set(0x1p1000), result[a], vec_set(0));
        vec_store(y + a * VEC, select(base >= vec_set(0x1p-1000), result[a], vec_set(NAN)));
    }
}

static void power(double exponent, const double *x, size_t count, double *y)
{
    size_t j = 0;
    for (; j + 4 * VEC <= count; j += 4 * VEC)
        powers(4, exponent, x + j, y + j);
    for (; j < count; j += VEC)
        powers(1, exponent, x + j, y + j);
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

extern const cf_pair_tiles CF_TILES;
extern const cf_pair_panels CF_PANELS;
extern const cf_product_kernels CF_PRODUCTS;
const cf_vector_kernels CF_TABLE = {CF_NAME,     &CF_TILES, &CF_PANELS, &CF_PRODUCTS,
                                    exponential, power,     scale,      add_scaled,
                                    multiply,    dot,       angle};
