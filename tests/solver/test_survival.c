/* Survival curves, quantiles, the log-rank test and the bootstrap (E61 - E64, E67) against
 * lifelines and double sums, and by what must hold of them. */
#include "contraflow/solver/survival.h"

#include <math.h>

#include "check.h"
#include "survival_reference.h"

static const double TOLERANCE = 1e-10;

static void check_curve(FILE *file)
{
    survival_sample sample;
    read_sample(file, &sample);
    int kind = (int)read_number(file);
    double confidence = read_number(file);
    size_t rows = read_count(file);
    cf_survival *curve = NULL;
    cf_err err = {0};
    require(cf_survival_create(&sample.lifetimes, kind, confidence, &curve, &err), &err, "curve");
    check(curve->count == rows, "one row for each of %zu distinct times", rows);
    for (size_t j = 0; j < rows; j++) {
        double expected[6];
        read_numbers(file, expected, 6);
        check_reference(curve->time[j], expected[0], 0, "time");
        check_reference(curve->at_risk[j], expected[1], 0, "number at risk");
        check_reference(curve->absent[j], expected[2], TOLERANCE, "curve (E61, E62)");
        check_reference(curve->low[j], expected[3], TOLERANCE, "lower end of the band");
        check_reference(curve->high[j], expected[4], TOLERANCE, "upper end of the band");
        check_reference(curve->error[j], expected[5], TOLERANCE, "error (Greenwood; E62)");
    }
    cf_survival_free(&curve);
}

static void check_quantile(FILE *file)
{
    survival_sample sample;
    read_sample(file, &sample);
    int kind = (int)read_number(file);
    double numbers[5];
    read_numbers(file, numbers, 5);
    cf_survival *curve = NULL;
    cf_err err = {0};
    require(cf_survival_create(&sample.lifetimes, kind, numbers[0], &curve, &err), &err, "curve");
    cf_interval quantile = cf_survival_quantile(curve, numbers[1]);
    check_reference(quantile.value, numbers[2], TOLERANCE, "quantile (E63)");
    check_reference(quantile.low, numbers[3], TOLERANCE, "lower end of its interval");
    check_reference(quantile.high, numbers[4], TOLERANCE, "upper end of its interval");
    cf_survival_free(&curve);
}

static void check_rank(FILE *file)
{
    survival_sample sample;
    size_t group[CASE_SIZE];
    double expected[3];
    cf_test test;
    cf_err err = {0};
    read_sample(file, &sample);
    size_t groups = read_count(file);
    read_indices(file, group, sample.lifetimes.count);
    read_numbers(file, expected, 3);
    require(cf_log_rank(&sample.lifetimes, 1, group, groups, &test, &err), &err, "log-rank");
    check_reference(test.statistic, expected[0], TOLERANCE, "log-rank statistic (E64)");
    check(test.degrees == groups - 1, "of %zu degrees of freedom", groups - 1);
    check_reference(test.p, expected[2], TOLERANCE, "its p");
}

static void test_reference(void)
{
    static const survival_case cases[] = {
        {"curve", check_curve}, {"quantile", check_quantile}, {"rank", check_rank}};
    check(run_reference(cases, 3) == 24, "24 cases of the reference file");
}

static cf_survival *curve_of(const double *times, const int *ends, size_t count, int kind)
{
    cf_survival *curve = NULL;
    cf_err err = {0};
    const cf_lifetimes sample = {count, times, ends};
    require(cf_survival_create(&sample, kind, 0.95, &curve, &err), &err, "curve");
    return curve;
}

/* Without censoring the curve is the empirical one, and its error binomial. */
static void test_complete(void)
{
    enum { N = 40 };
    double times[N], worst = 0;
    int ends[N];
    for (int i = 0; i < N; i++) {
        times[i] = (7 * i) % N;
        ends[i] = 1;
    }
    cf_survival *curve = curve_of(times, ends, N, 1);
    for (size_t j = 0; j < N; j++) {
        double left = (double)(N - 1 - j) / N;
        worst = worse(worst, fabs(curve->absent[j] - left));
        worst = worse(worst, fabs(curve->error[j] - sqrt(left * (1 - left) / N)));
    }
    check_below(worst, 1e-15, "without censoring: the empirical curve, binomial errors");
    check(curve->absent[N - 1] == 0 && curve->low[N - 1] == 0 &&
              curve->high[N - 1] == curve->high[N - 2],
          "where nobody is left, the band keeps what was known above");
    cf_survival_free(&curve);
}

/* The incidences of all kinds and the part without any event add to 1. */
static void test_competing(void)
{
    enum { N = 60 };
    double times[N], worst = 0;
    int ends[N], any[N];
    for (int i = 0; i < N; i++) {
        times[i] = (11 * i) % 23;
        ends[i] = i % 4;
        any[i] = ends[i] > 0;
    }
    cf_survival *all = curve_of(times, any, N, 1), *kinds[3];
    for (int k = 0; k < 3; k++)
        kinds[k] = curve_of(times, ends, N, k + 1);
    for (size_t j = 0; j < all->count; j++) {
        double sum = 0;
        for (int k = 0; k < 3; k++)
            sum += 1 - kinds[k]->absent[j];
        worst = worse(worst, fabs(sum + all->absent[j] - 1));
    }
    check_below(worst, 1e-14, "incidences and survival add to 1 (E62)");
    for (int k = 0; k < 3; k++)
        cf_survival_free(&kinds[k]);
    cf_survival_free(&all);
}

/* A sample with every member doubled has the same curve. */
static void test_doubled(void)
{
    const double times[] = {3, 1, 4, 1, 5, 9, 2, 6, 3, 1, 4, 1, 5, 9, 2, 6};
    const int ends[] = {1, 0, 2, 1, 1, 0, 2, 1, 1, 0, 2, 1, 1, 0, 2, 1};
    cf_survival *once = curve_of(times, ends, 8, 1), *twice = curve_of(times, ends, 16, 1);
    double worst = 0;
    for (size_t j = 0; j < once->count; j++)
        worst = worse(worst, fabs(once->absent[j] - twice->absent[j]));
    check_below(worst, 1e-15, "doubling a sample leaves its curve");
    cf_survival_free(&once);
    cf_survival_free(&twice);
}

static void test_rank(void)
{
    const double times[] = {1, 2, 3, 4, 1, 2, 3, 4, 9, 9, 0.5};
    const int ends[] = {1, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0};
    const size_t group[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3},
                 names[] = {3, 3, 3, 3, 0, 0, 0, 0, 2, 2, 1};
    cf_test test, renamed;
    cf_err err = {0};
    const cf_lifetimes two = {8, times, ends}, all = {11, times, ends};
    require(cf_log_rank(&two, 1, group, 2, &test, &err), &err, "log-rank");
    check(test.statistic < 1e-28 && test.p > 1 - 1e-10, "equal groups do not differ (E64)");
    require(cf_log_rank(&all, 1, group, 4, &test, &err), &err, "log-rank");
    require(cf_log_rank(&all, 1, names, 4, &renamed, &err), &err, "log-rank");
    check(test.degrees == 2, "a group that left before the first event has no degree of freedom");
    check_near(renamed.statistic, test.statistic, 1e-12, "the names of groups do not matter");
    require(cf_log_rank(&all, 2, group, 4, &test, &err), &err, "log-rank");
    check(test.degrees == 0 && isnan(test.p), "without events there is no test");
}

static double mean_of(void *context, const size_t *drawn, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((const double *)context)[drawn[i]] / (double)count;
    return sum;
}

static double none_of(void *context, const size_t *drawn, size_t count)
{
    (void)context;
    return count > 0 && drawn[0] % 3 == 0 ? 1 : NAN;
}

static void test_bootstrap(void)
{
    enum { N = 400 };
    double values[N], low, high, again, other;
    for (int i = 0; i < N; i++)
        values[i] = i % 2 == 0 ? 1 : -1;
    cf_err err = {0};
    cf_bootstrap bootstrap = {N, 1999, 1, 0.95};
    require(cf_bootstrap_interval(&bootstrap, mean_of, values, &low, &high, &err), &err, "drawn");
    check_near(low, -1.96 / 20, 0.01, "the interval of a mean is that of the normal law (E67)");
    check_near(high, 1.96 / 20, 0.01, "on both sides");
    require(cf_bootstrap_interval(&bootstrap, mean_of, values, &again, &high, &err), &err, "drawn");
    check(again == low, "the same seed gives the same bits");
    bootstrap.seed = 2;
    require(cf_bootstrap_interval(&bootstrap, mean_of, values, &other, &high, &err), &err, "drawn");
    check(other != low, "another seed does not");
    require(cf_bootstrap_interval(&bootstrap, none_of, values, &low, &high, &err), &err, "drawn");
    check(isnan(low) && isnan(high), "a statistic that is mostly undefined has no interval");
}

static void test_refusals(void)
{
    const double times[] = {1, -1, NAN};
    const int ends[] = {1, 1, 1};
    cf_survival *curve = NULL;
    cf_test test;
    for (size_t k = 0; k < 3; k++) {
        cf_err err = {0};
        const cf_lifetimes sample = {k == 0 ? 0 : 1, times + k, ends};
        check(cf_survival_create(&sample, 1, 0.95, &curve, &err) == CF_EINPUT && curve == NULL,
              "refused: %s", err.message);
        check(cf_log_rank(&sample, 1, (size_t[]){0}, 1, &test, &err) == CF_EINPUT, "and again");
    }
}

int main(void)
{
    test_reference();
    test_complete();
    test_competing();
    test_doubled();
    test_rank();
    test_bootstrap();
    test_refusals();
    return check_done();
}
