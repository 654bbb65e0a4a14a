/* Compiled once per instruction set (CF_GAUSSIAN_TABLE names the table): plain loops, which
 * compilers vectorize, and nothing is fused. Every expression is symmetric in both points. */
#include "gaussian_kernels.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* With the angle s in [0, pi/2] whose squared chord is m = 4 sin^2(s/2): s/sqrt(m) and (sin s - s
 * cos s)/sqrt(m)^3 as polynomials in u = m - 1 to 3e-18, by validation/kernels/fit_arc.py. */
static const double ARC[20] = {
    1.0471975511965979,     0.053751493591326881,   0.0077989022389741399,  0.0015196685396007042,
    0.00034086372340552429, 8.3023177874178908e-05, 2.1345552717794378e-05, 5.701783620636151e-06,
    1.5669620220755122e-06, 4.4019653102893062e-07, 1.2584785504473838e-07, 3.6494176861214845e-08,
    1.0696963773353978e-08, 3.1690560120946852e-09, 9.6351058049842514e-10, 2.9127320481504746e-10,
    7.4473943388336014e-11, 2.2131685132038759e-11, 1.3275158542203878e-11, 4.2045857852345142e-12};
static const double CAP[20] = {
    0.34242662818613978,    0.0099588333190892119,  0.00098933174897021569, 0.00014559666603037577,
    2.6162318165571188e-05, 5.3078223595252347e-06, 1.1684572711003652e-06, 2.7276382342600173e-07,
    6.6549885270643587e-08, 1.6806382723834508e-08, 4.3632315729793935e-09, 1.1586996015922933e-09,
    3.1336903825767358e-10, 8.6149474713295731e-11, 2.4296009502975656e-11, 6.8744711396220488e-12,
    1.722561874410785e-12,  4.8552050266330056e-13, 2.5243357206995998e-13, 7.5883219363324615e-14};

/* Four chains of a quarter of the length. */
static inline double polynomial(const double *restrict c, double u)
{
    double square = u * u, fourth = square * square;
    double p0 = c[16], p1 = c[17], p2 = c[18], p3 = c[19];
    for (int k = 12; k >= 0; k -= 4) {
        p0 = p0 * fourth + c[k];
        p1 = p1 * fourth + c[k + 1];
        p2 = p2 * fourth + c[k + 2];
        p3 = p3 * fourth + c[k + 3];
    }
    return (p0 + u * p1) + square * (p2 + u * p3);
}

static inline double least(double a, double b)
{
    return a < b ? a : b;
}

static void add_coordinate(double x, const double *restrict y, size_t count, cf_chords chords)
{
    double *restrict apart = chords.apart, *restrict along = chords.along;
    for (size_t j = 0; j < count; j++) {
        apart[j] += (x - y[j]) * (x - y[j]);
        along[j] += (x + y[j]) * (x + y[j]);
    }
}

/* |(f e, g) -+ (f' e', g')|^2 = (f - f')^2 + f f' |e -+ e'|^2 + (g -+ g')^2: nothing cancels. */
static void add_bias(const cf_feature_pairs *pairs, size_t count, cf_chords chords)
{
    const double fx = pairs->fx, gx = pairs->gx;
    const double *restrict fy = pairs->fy, *restrict gy = pairs->gy;
    double *restrict apart = chords.apart, *restrict along = chords.along;
    for (size_t j = 0; j < count; j++) {
        double ff = fx * fy[j], stretch = (fx - fy[j]) * (fx - fy[j]);
        apart[j] = ff * apart[j] + (stretch + (gx - gy[j]) * (gx - gy[j]));
        along[j] = ff * along[j] + (stretch + (gx + gy[j]) * (gx + gy[j]));
    }
}

static void product(const cf_gaussian_pairs *pairs, double *restrict value)
{
    const double *restrict apart = pairs->apart, *restrict along = pairs->along;
    for (size_t j = 0; j < pairs->count; j++)
        value[j] = pairs->root_x * pairs->root_y[j] * ((along[j] - apart[j]) / 4);
}

/* With the folded angle s = min(t, pi - t), 1 - g(t) = 2 sin^2(s/2) - (2/pi)(sin s - s cos s). C,
 * the cosine of the mapped angle, has (A^2+B^2)(1 - C) = A^2 (1 - cos t) + B^2 (1 - g) and
 * (A^2+B^2)(1 + C) = A^2 (1 + cos t) + B^2 (1 + g): sums of nonnegative terms. */
static void homogeneous(const cf_gaussian_pairs *pairs, double odd, double even,
                        double *restrict value, double *restrict derivative,
                        const cf_chords *mapped)
{
    const double *restrict old_apart = pairs->apart, *restrict old_along = pairs->along;
    double *restrict new_apart = mapped->apart, *restrict new_along = mapped->along;
    const double root_x = pairs->root_x, *restrict root_y = pairs->root_y;
    double scale = 2 / (odd + even);
    for (size_t j = 0; j < pairs->count; j++) {
        double apart = old_apart[j], along = old_along[j];
        double size = root_x * root_y[j], m = least(least(apart, along), 2);
        double chord = sqrt(m), angle = chord * polynomial(ARC, m - 1);
        double deficit = m / 2 - 2 / PI * (m * chord * polynomial(CAP, m - 1));
        double whole = apart <= along ? angle : PI - angle;
        whole = size > 0 ? whole : PI / 2; /* at the kink the mean of both sides */
        value[j] = size * (odd * ((along - apart) / 4) + even * (1 - deficit));
        derivative[j] = odd + even * (1 - 2 / PI * whole);
        new_apart[j] = scale * (odd * (apart / 2) + even * deficit);
        new_along[j] = scale * (odd * (along / 2) + even * (2 - deficit));
    }
}

/* atan(k/w) for w > 0, from their squares: asin of the smaller one's share, and its complement. */
static inline double arctangent(double k, double kk, double ww)
{
    double m = 4 * (least(kk, ww) / (kk + ww)), angle = sqrt(m) * polynomial(ARC, m - 1) / 2;
    angle = kk <= ww ? angle : PI / 2 - angle;
    return k < 0 ? -angle : angle;
}

/* E12: asin(2k / sqrt((1+2qx)(1+2qy))) = atan(2k / sqrt S), S = (1+2qx)(1+2qy) - 4k^2
 *   = 1 + 2(qx + qy) + 4 qx qy sin^2 t, a sum of nonnegative terms; sin^2 t = apart along/4. */
static void error_function(const cf_gaussian_pairs *pairs, double *restrict value,
                           double *restrict derivative)
{
    const double *restrict apart = pairs->apart, *restrict along = pairs->along;
    const double *restrict qy = pairs->qy, *restrict root_y = pairs->root_y;
    const double qx = pairs->qx, root_x = pairs->root_x;
    for (size_t j = 0; j < pairs->count; j++) {
        double size = root_x * root_y[j], twice_k = size * ((along[j] - apart[j]) / 2);
        double rest = 1 + 2 * (qx + qy[j]) + size * size * (apart[j] * along[j]);
        value[j] = 2 / PI * arctangent(twice_k, twice_k * twice_k, rest);
        derivative[j] = 4 / PI / sqrt(rest);
    }
}

/* The forms of models/activation_gelu.c. */
static void gelu(const cf_gaussian_pairs *pairs, double *restrict value,
                 double *restrict derivative)
{
    const double *restrict apart = pairs->apart, *restrict along = pairs->along;
    const double *restrict qy = pairs->qy, *restrict root_y = pairs->root_y;
    const double qx = pairs->qx, root_x = pairs->root_x;
    for (size_t j = 0; j < pairs->count; j++) {
        double size = root_x * root_y[j], cosine = (along[j] - apart[j]) / 4, k = size * cosine;
        double m = 1 + (qx + qy[j]) + size * size * (apart[j] * along[j] / 4), root = sqrt(m);
        double orthant = 0.25 + arctangent(k, k * k, m) / (2 * PI);
        double ratio = qx / (1 + qx) * (qy[j] / (1 + qy[j]));
        double inverses = (1 / (1 + qx) + 1 / (1 + qy[j])) + 1 / m;
        value[j] = k * orthant + ratio * (root + cosine * cosine / root) / (2 * PI);
        derivative[j] = orthant + k / root * inverses / (2 * PI);
    }
}

static void chords_of(const double *restrict value, double ix, const double *restrict iy,
                      size_t count, cf_chords chords)
{
    double *restrict apart = chords.apart, *restrict along = chords.along;
    for (size_t j = 0; j < count; j++) {
        double cosine = value[j] * (ix * iy[j]);
        cosine = cosine < 1 ? cosine : 1;
        cosine = cosine > -1 ? cosine : -1;
        apart[j] = 2 - 2 * cosine;
        along[j] = 2 + 2 * cosine;
    }
}

static void raise(double a, double b, const double *restrict derivative, size_t count,
                  double *restrict value, double *restrict tangent)
{
    for (size_t j = 0; j < count; j++) {
        double covariance = a * value[j] + b;
        tangent[j] = covariance + a * derivative[j] * tangent[j];
        value[j] = covariance;
    }
}

const cf_gaussian_kernels CF_GAUSSIAN_TABLE = {add_coordinate, add_bias, product,   homogeneous,
                                               error_function, gelu,     chords_of, raise};
