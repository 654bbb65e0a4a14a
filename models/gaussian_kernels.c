/* Compiled once per instruction set (CF_GAUSSIAN_TABLE names the table): plain loops, which
 * compilers vectorize, and nothing is fused. Every expression is symmetric in both points. */
#include "gaussian_kernels.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* With the angle s in [0, pi/2] whose squared chord is m = 4 sin^2(s/2): s/sqrt(m) and (sin s - s
 * cos s)/sqrt(m)^3 as polynomials in u = m - 1 to 1e-19, by validation/kernels/fit_arc.py. */
static const double ARC[22] = {
    1.0471975511965979,     0.053751493591326895,   0.0077989022389736299,  0.0015196685396000776,
    0.00034086372342235658, 8.3023177887717829e-05, 2.1345552502340797e-05, 5.7017834865364224e-06,
    1.5669634225237788e-06, 4.4019726112745623e-07, 1.2584262670454288e-07, 3.6491787447858409e-08,
    1.0708846364707377e-08, 3.173957372825834e-09,  9.4679660584748888e-10, 2.8492477567755978e-10,
    8.8680821841631871e-11, 2.7173084741220189e-11, 6.5895686818293564e-12, 1.9639637367094352e-12,
    1.3371179720749041e-12, 4.267851521000151e-13};
static const double CAP[22] = {
    0.34242662818613978,    0.0099588333190892119,  0.00098933174897020701, 0.00014559666603036552,
    2.616231816586026e-05,  5.3078223597469998e-06, 1.1684572674002786e-06, 2.7276382122947129e-07,
    6.6549909321207279e-08, 1.6806394682722493e-08, 4.3631417842082557e-09, 1.1586604634134311e-09,
    3.1357310364662189e-10, 8.6229758157115821e-11, 2.4008972472367041e-11, 6.7704849647693608e-12,
    1.9665433504281093e-12, 5.6809775916396463e-13, 1.3761875982651327e-13, 3.9182216474140589e-14,
    2.2962962448689341e-14, 6.9906672169874334e-15};

/* Two chains of half the length. */
static inline double polynomial(const double *restrict c, double u)
{
    double square = u * u, even = 0, odd = 0;
    for (int k = 20; k >= 0; k -= 2) {
        even = even * square + c[k];
        odd = odd * square + c[k + 1];
    }
    return even + u * odd;
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
