#include "contraflow/solver/statistics.h"

#include <math.h>
#include <stdbool.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

/* Over the values but for one (`left_out` = count: over all). */
static cf_mean mean_without(const double *values, size_t count, size_t left_out)
{
    cf_mean mean = {NAN, NAN, 0};
    double sum = 0, square = 0;
    for (size_t k = 0; k < count; k++)
        if (k != left_out && !isnan(values[k])) {
            sum += values[k];
            mean.count++;
        }
    double n = (double)mean.count;
    if (mean.count > 0)
        mean.value = sum / n;
    for (size_t k = 0; k < count; k++)
        if (k != left_out && !isnan(values[k]))
            square += (values[k] - mean.value) * (values[k] - mean.value);
    if (mean.count > 1)
        mean.error = sqrt(square / (n - 1) / n);
    return mean;
}

cf_mean cf_mean_of(const double *values, size_t count)
{
    return mean_without(values, count, count);
}

/* log y = log(factor) + slope log x of the means, one repetition being left out. */
typedef struct {
    double slope, factor;
    size_t points;
} line;

static line fit_line(const double *x, const double *values, size_t points, size_t repetitions,
                     size_t left_out)
{
    line fit = {NAN, NAN, 0};
    double x_mean = 0, y_mean = 0, xx = 0, xy = 0;
    for (size_t p = 0; p < points; p++) {
        cf_mean mean = mean_without(values + p * repetitions, repetitions, left_out);
        if (!(mean.value > 0))
            continue;
        fit.points++;
        double dx = log(x[p]) - x_mean, dy = log(mean.value) - y_mean;
        double n = (double)fit.points;
        x_mean += dx / n;
        y_mean += dy / n;
        xx += dx * (log(x[p]) - x_mean);
        xy += dx * (log(mean.value) - y_mean);
    }
    if (fit.points < 2 || !(xx > 0))
        return fit;
    fit.slope = xy / xx;
    fit.factor = exp(y_mean - fit.slope * x_mean);
    return fit;
}

static bool is_missing(const double *values, size_t points, size_t repetitions, size_t s)
{
    for (size_t p = 0; p < points; p++)
        if (!isnan(values[p * repetitions + s]))
            return false;
    return true;
}

cf_power_law cf_power_law_fit(const double *x, const double *values, size_t points,
                              size_t repetitions, double confidence)
{
    line all = fit_line(x, values, points, repetitions, repetitions);
    cf_power_law law = {all.slope, all.factor, NAN, NAN, all.points};
    double count = 0, mean = 0, square = 0;
    for (size_t s = 0; s < repetitions; s++) {
        if (is_missing(values, points, repetitions, s))
            continue;
        line without = fit_line(x, values, points, repetitions, s);
        if (without.points < all.points)
            return law; /* a mean of one value has no error */
        count++;
        double change = without.slope - mean;
        mean += change / count;
        square += change * (without.slope - mean);
    }
    if (count < 2)
        return law;
    double error = sqrt((count - 1) / count * square);
    double width = error * cf_student_quantile((1 + confidence) / 2, count - 1);
    law.low = all.slope - width;
    law.high = all.slope + width;
    return law;
}

/* GSL's answer, with a step of Newton's method to make it exact. */
double cf_student_quantile(double p, double degrees)
{
    double t = gsl_cdf_tdist_Pinv(p, degrees);
    return t - (gsl_cdf_tdist_P(t, degrees) - p) / gsl_ran_tdist_pdf(t, degrees);
}

double cf_normal_quantile(double p)
{
    return gsl_cdf_ugaussian_Pinv(p);
}

double cf_chi_square_tail(double x, double degrees)
{
    return degrees > 0 ? gsl_cdf_chisq_Q(x, degrees) : NAN;
}
