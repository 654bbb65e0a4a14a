/* Miller's backward recurrence I_{v-1} = I_{v+1} + (2v/x) I_v in the ratios r_v = I_v/I_{v-1}:
 *   r_v = x / (2v + x r_{v+1}),
 * a continued fraction with positive terms, which neither overflows nor cancels. */
#include "contraflow/solver/bessel.h"

#include <math.h>

/* The order at which the recurrence may start with r = 0. By Amos (Math. Comp. 28, 1974)
 * log I_{v-1}/I_v > asinh((v - 1/2)/x), so that here I_v < e^-40 I_last: orders above are lost to
 * the normalization, and orders up to `last` see the wrong start by the square of it. */
static size_t first_order(double x, double shift, size_t last)
{
    size_t k = last;
    for (double decay = 0; decay < 40;)
        decay += asinh(((double)++k + shift - 0.5) / x);
    return k;
}

/* out[k] = I_{k+shift}/I_{k+shift-1} for 0 < k < count. Returns sum_{k>0} I_{k+shift}/I_shift. */
static double ratios(double x, double shift, size_t count, double *out)
{
    double r = 0, sum = 0;
    for (size_t k = first_order(x, shift, count - 1); k > 0; k--) {
        r = x / (2 * ((double)k + shift) + x * r);
        sum = r * (1 + sum);
        if (k < count)
            out[k] = r;
    }
    return sum;
}

static void multiply_up(size_t count, double *out)
{
    for (size_t k = 1; k < count; k++)
        out[k] *= out[k - 1];
}

void cf_bessel_scaled(double x, size_t count, double *out)
{
    if (count == 0)
        return;
    out[0] = 1 / (1 + 2 * ratios(x, 0, count, out)); /* e^x = I_0 + 2 sum_{k>0} I_k */
    multiply_up(count, out);
}

void cf_bessel_spherical_scaled(double x, size_t count, double *out)
{
    if (count == 0)
        return;
    ratios(x, 0.5, count, out);
    out[0] = x > 0 ? -expm1(-2 * x) / (2 * x) : 1; /* e^-x sinh(x)/x */
    multiply_up(count, out);
}
