/* Means, power laws and Student's quantiles against SciPy and NumPy (tests/data/statistics.txt, by
 * validation/statistics/make_reference.py), and what they do with missing values. */
#include "contraflow/solver/statistics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { MOST = 256 };

static void read_numbers(FILE *file, double *numbers, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (fscanf(file, "%lf", &numbers[k]) != 1) {
            check(false, "the reference file is whole");
            numbers[k] = NAN;
        }
}

static void check_relative(double value, double expected, const char *claim)
{
    if (isnan(expected))
        check(isnan(value), "%s is not a number", claim);
    else
        check_near(value, expected, 1e-12 * fmax(1, fabs(expected)), "%s (1e-12)", claim);
}

static void check_student(FILE *file)
{
    double row[3];
    read_numbers(file, row, 3);
    check_relative(cf_student_quantile(row[0], row[1]), row[2], "Student's quantile");
}

static void check_mean(FILE *file)
{
    double numbers[MOST + 3];
    size_t count = 0;
    read_numbers(file, numbers, 1);
    count = (size_t)numbers[0];
    read_numbers(file, numbers, count + 2);
    cf_mean mean = cf_mean_of(numbers, count);
    check(mean.count == count, "%zu values count as %zu", count, mean.count);
    check_relative(mean.value, numbers[count], "mean (E53)");
    check_relative(mean.error, numbers[count + 1], "standard error of the mean (E53)");
}

static void check_power(FILE *file)
{
    double shape[3], x[MOST], values[MOST], expected[4];
    read_numbers(file, shape, 3);
    size_t points = (size_t)shape[0], repetitions = (size_t)shape[1];
    read_numbers(file, x, points);
    read_numbers(file, values, points * repetitions);
    read_numbers(file, expected, 4);
    cf_power_law law = cf_power_law_fit(x, values, points, repetitions, shape[2]);
    check(law.points == points, "all %zu points are fitted", points);
    check_relative(law.slope, expected[0], "slope (E53)");
    check_relative(law.factor, expected[1], "factor (E53)");
    check_relative(law.low, expected[2], "lower end of the jackknife interval (E53)");
    check_relative(law.high, expected[3], "upper end of the jackknife interval (E53)");
}

static void test_reference(void)
{
    static const struct {
        const char *name;
        void (*check)(FILE *file);
    } kinds[] = {{"student", check_student}, {"mean", check_mean}, {"power", check_power}};
    char name[16];
    int cases = 0;
    FILE *file = fopen("tests/data/statistics.txt", "r");
    if (!check(file != NULL, "the reference file is there"))
        return;
    for (; fscanf(file, "%15s", name) == 1; cases++)
        for (size_t k = 0; k < 3; k++)
            if (strcmp(name, kinds[k].name) == 0)
                kinds[k].check(file);
    fclose(file);
    check(cases >= 17, "%d cases", cases);
}

static void test_exact(void)
{
    double x[4], values[12];
    for (int p = 0; p < 4; p++) {
        x[p] = pow(3, p + 1);
        for (int s = 0; s < 3; s++)
            values[3 * p + s] = (s + 1) * 5 * pow(x[p], -0.75);
    }
    cf_power_law law = cf_power_law_fit(x, values, 4, 3, 0.95);
    check_near(law.slope, -0.75, 1e-14, "an exact power law has its slope (E53)");
    check_near(law.factor, 10, 1e-12, "and its factor");
    check_below(worse(fabs(law.low + 0.75), fabs(law.high + 0.75)), 1e-13,
                "and, seeds differing by a factor only, an interval of no length");
}

static void test_missing(void)
{
    const double x[] = {1, 2, 4, 8};
    const double values[] = {NAN, 8, NAN, NAN, 4, NAN, NAN, NAN, NAN, NAN, 1, NAN};
    cf_power_law law = cf_power_law_fit(x, values, 4, 3, 0.95);
    check(law.points == 3, "a point without values is left out");
    check_near(law.slope, -1, 1e-14, "the others give the slope");
    check(isnan(law.low) && isnan(law.high), "one repetition gives no interval");

    const double two[] = {NAN, 8, 7, NAN, 4, 4.5, NAN, NAN, 2, NAN, 1, 1.5};
    law = cf_power_law_fit(x, two, 4, 3, 0.95);
    check(isnan(law.low), "nor do means of which one has a single value");

    const double full[] = {8, 7, 4, 4.5, 2, 2.2, 1, 1.5};
    const double padded[] = {8, NAN, 7, 4, NAN, 4.5, 2, NAN, 2.2, 1, NAN, 1.5};
    cf_power_law a = cf_power_law_fit(x, full, 4, 2, 0.95);
    cf_power_law b = cf_power_law_fit(x, padded, 4, 3, 0.95);
    check(a.low == b.low && a.high == b.high, "a repetition that is missing everywhere is none");

    law = cf_power_law_fit(x, (double[]){0, 3}, 2, 1, 0.95);
    check(law.points == 1 && isnan(law.slope), "a mean of zero has no logarithm and is left out");
    cf_mean none = cf_mean_of(values, 1);
    check(none.count == 0 && isnan(none.value) && isnan(none.error), "no value has no mean");
    cf_mean one = cf_mean_of(values, 3);
    check(one.count == 1 && one.value == 8 && isnan(one.error), "one value has no error");
}

int main(void)
{
    test_reference();
    test_exact();
    test_missing();
    return check_done();
}
