/* exp(x) in one lane, for loops that compilers vectorize; private to the files that are compiled
 * once per instruction set. */
#ifndef CONTRAFLOW_SOLVER_EXPONENTIAL_H
#define CONTRAFLOW_SOLVER_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

static inline double cf_power_of_two(int64_t k)
{
    uint64_t bits = (uint64_t)(k + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* exp(x) = (1 + tail) low high, for x <= 709. low and high are powers of two, applied one after the
 * other, so that denormal results round once, in the last product. */
typedef struct {
    double tail, low, high;
} cf_exponential;

/* x = k ln2 + r, |r| <= ln2/2; the Taylor polynomial of degree 13 leaves r^14/14! < 5e-18. */
static inline cf_exponential cf_exponential_of(double x)
{
    const double log2_e = 1.4426950408889634074;
    /* ln 2 in two parts; the first has 21 trailing zero bits: k ln2_high is exact for |k| < 2^20 */
    const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    /* adding 3 2^51 rounds to an integer and leaves it in the low bits of the mantissa */
    const double rounder = 0x1.8p52;
    const double lowest = -746; /* exp of anything below rounds to 0 */
    x = x > lowest ? x : lowest;
    double shifted = x * log2_e + rounder, k = shifted - rounder;
    int64_t bits, base;
    memcpy(&bits, &shifted, sizeof bits);
    memcpy(&base, &rounder, sizeof base);
    int64_t integer = bits - base, half = (integer + 2048) / 2 - 1024;
    double r = (x - k * ln2_high) - k * ln2_low;
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
    return (cf_exponential){r + r * r * p, cf_power_of_two(half), cf_power_of_two(integer - half)};
}

#endif
