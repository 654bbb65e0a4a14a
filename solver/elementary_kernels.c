/* Compiled once per instruction set, as vector_kernels.c is: no branches, all cases computed and
 * one of them selected. */
#include "elementary_kernels.h"

#include <math.h>

#include "exponential.h"

static double keep_nan(double x, double value)
{
    return x == x ? value : x;
}

/* exp(x) - 1 = tail 2^k + (2^k - 1), where nothing cancels. */
static void exponential(const double *restrict x, size_t count, double *restrict power,
                        double *restrict less_one)
{
    for (size_t j = 0; j < count; j++) {
        cf_exponential e = cf_exponential_of(x[j]);
        power[j] = keep_nan(x[j], (1 + e.tail) * e.low * e.high);
        less_one[j] = keep_nan(x[j], e.tail * e.low * e.high + (e.low * e.high - 1));
    }
}

/* log(1 + x) = 2 atanh(s), s = x/(2 + x) <= 1/3; the series in s^2 leaves 3^-36/37 < 2e-19. */
static void log1p_of(const double *restrict x, size_t count, double *restrict y)
{
    for (size_t j = 0; j < count; j++) {
        double s = x[j] / (2 + x[j]), q = s * s;
        double p = 1.0 / 35;
        p = p * q + 1.0 / 33;
        p = p * q + 1.0 / 31;
        p = p * q + 1.0 / 29;
        p = p * q + 1.0 / 27;
        p = p * q + 1.0 / 25;
        p = p * q + 1.0 / 23;
        p = p * q + 1.0 / 21;
        p = p * q + 1.0 / 19;
        p = p * q + 1.0 / 17;
        p = p * q + 1.0 / 15;
        p = p * q + 1.0 / 13;
        p = p * q + 1.0 / 11;
        p = p * q + 1.0 / 9;
        p = p * q + 1.0 / 7;
        p = p * q + 1.0 / 5;
        p = p * q + 1.0 / 3;
        y[j] = 2 * (s + s * q * p);
    }
}

/* The even and the odd part of a polynomial by Horner's rule: two chains of half the length. */
static double polynomial(const double *restrict c, int count, double t)
{
    double even = 0, odd = 0, square = t * t;
    for (int k = count - 2; k >= 0; k -= 2) {
        even = even * square + c[k];
        odd = odd * square + c[k + 1];
    }
    return even + t * odd;
}

/* erf(x)/x in x^2 for |x| <= 1: Chebyshev's expansion to 7e-18, as a polynomial; both by
 * validation/elementary/fit_erf.py. */
static const double ERF_RATIO[14] = {1.1283791670955126,     -0.37612638903183748,
                                     0.11283791670954882,    -0.026866170645077334,
                                     0.005223977624823223,   -0.00085483269811296655,
                                     0.00012055331122299266, -1.4925595519506043e-05,
                                     1.6461004480962034e-06, -1.6350354461959655e-07,
                                     1.4660051998394848e-08, -1.1373902296430911e-09,
                                     5.9589307431349414e-11, 0};

/* (1 + 2x) exp(x^2) erfc(x) in (x - 3)/(x + 3) for x >= 0 (Shepherd and Laframboise, Math. Comp.
 * 36, 1981), likewise to 6e-18. */
static const double ERFC_FACTOR[26] = {
    1.2530080582697296,      -0.1356211061245812,     -0.047562294353449198,
    0.12964515870276475,     -0.11927366341538638,    0.068308027343845154,
    -0.023770514917171338,   0.0025293918180474668,   0.0018886903449991718,
    -0.00077983228848230841, -0.00010515971958448065, 0.00012509943557128121,
    4.949196649968345e-06,   -2.0100843094844725e-05, -7.308281468783614e-07,
    3.4730241678415329e-06,  3.5576086684080595e-07,  -6.1756176789923234e-07,
    -1.4047654315428462e-07, 1.0277997488271058e-07,  4.1064013667940355e-08,
    -1.3906145791730994e-08, -8.2175950587114546e-09, 1.2019719440135793e-09,
    8.3937348586908774e-10,  -3.4514974876643281e-11};

/* exp(-x^2) = exp(-s)(1 - e) with s + e = x^2 exactly: x is split into halves of 26 bits (Dekker),
 * whose products are exact. */
static double gauss_of(double x)
{
    double large = 134217729.0 * x, upper = large - (large - x), lower = x - upper, s = x * x;
    double e = ((upper * upper - s) + 2 * upper * lower) + lower * lower;
    cf_exponential power = cf_exponential_of(-s);
    return (1 + (power.tail - e * (1 + power.tail))) * power.low * power.high;
}

static void error_function(const double *restrict x, size_t count, double *restrict erf,
                           double *restrict erfc, double *restrict gauss)
{
    for (size_t j = 0; j < count; j++) {
        double size = fabs(x[j]) < 28 ? fabs(x[j]) : 28; /* all is 0 or 1 to the last bit beyond */
        double g = gauss_of(size),
               tail = g * polynomial(ERFC_FACTOR, 26, (size - 3) / (size + 3)) / (1 + 2 * size);
        double small = x[j] * polynomial(ERF_RATIO, 14, size < 1 ? size * size : 1);
        double inner = x[j] < 0 ? tail - 1 : 1 - tail;
        erf[j] = keep_nan(x[j], size < 1 ? small : inner);
        erfc[j] = keep_nan(x[j], size < 0.5 ? 1 - small : x[j] < 0 ? 2 - tail : tail);
        gauss[j] = keep_nan(x[j], g);
    }
}

static void ramp(double *x, size_t count, cf_ramp shape)
{
    double width = shape.rounding, part = width > 0 ? (1 - shape.below) / (4 * width) : 0;
    for (size_t j = 0; j < count; j++) {
        double within = fabs(x[j]) < width ? width - fabs(x[j]) : 0;
        x[j] = (x[j] > 0 ? x[j] : shape.below * x[j]) + part * within * within;
    }
}

static void ramp_slope(const double *restrict x, size_t count, cf_ramp shape,
                       double *restrict slope)
{
    double width = shape.rounding, middle = (1 + shape.below) / 2;
    double bend = width > 0 ? (1 - shape.below) / (2 * width) : 0;
    for (size_t j = 0; j < count; j++)
        slope[j] = x[j] > width ? 1 : x[j] < -width ? shape.below : middle + bend * x[j];
}

static void ramp_bend(const double *restrict x, size_t count, cf_ramp shape, double *restrict bend)
{
    double width = shape.rounding, within = width > 0 ? (1 - shape.below) / (2 * width) : 0;
    for (size_t j = 0; j < count; j++)
        bend[j] = fabs(x[j]) < width ? within : 0;
}

const cf_elementary_kernels CF_ELEMENTARY_TABLE = {exponential, log1p_of,   error_function,
                                                   ramp,        ramp_slope, ramp_bend};
