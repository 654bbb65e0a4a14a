/* Laws of lifetimes by maximum likelihood (E65, E66), against automatic differentiation and
 * lifelines, closed forms, and what must hold of them. */
#include "contraflow/solver/lifetime.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "survival_reference.h"

static const double TOLERANCE = 1e-8;

enum { MOST_COLUMNS = 4 };

typedef struct {
    survival_sample sample;
    double x[CASE_SIZE * MOST_COLUMNS];
    cf_lifetime_model model;
    cf_lifetime_fit *fit;
} fitted;

static void read_fitted(FILE *file, fitted *f)
{
    char law[16] = "";
    cf_err err = {0};
    check(fscanf(file, "%15s", law) == 1, "the reference file names a law");
    read_sample(file, &f->sample);
    f->model = (cf_lifetime_model){.law = cf_lifetime_law_find(law),
                                   .lifetimes = f->sample.lifetimes,
                                   .kind = 1,
                                   .x = f->x,
                                   .columns = read_count(file)};
    read_numbers(file, f->x, f->sample.lifetimes.count * f->model.columns);
    require(cf_lifetime_fit_create(&f->model, &f->fit, &err), &err, law);
}

static void check_covariance(FILE *file, const cf_lifetime_fit *fit)
{
    size_t size = fit->columns + 2;
    for (size_t k = 0; k < size * size; k++)
        check_reference(fit->covariance[k], read_number(file), TOLERANCE, "covariance");
}

static void check_fit(FILE *file)
{
    fitted f;
    read_fitted(file, &f);
    for (size_t k = 0; k <= f.fit->columns; k++)
        check_reference(f.fit->beta[k], read_number(file), TOLERANCE, "coefficient (E65)");
    check_reference(log(f.fit->sigma), read_number(file), TOLERANCE, "log sigma");
    double likelihood = read_number(file);
    check_reference(f.fit->log_likelihood, likelihood, 1e-10, "log likelihood");
    double parameters = (double)f.fit->columns + (f.fit->law->unit_scale ? 1 : 2);
    check_near(f.fit->aic, 2 * (parameters - likelihood), 1e-8, "AIC counts %g", parameters);
    check_covariance(file, f.fit);
    cf_lifetime_fit_free(&f.fit);
}

static void check_jackknife(FILE *file)
{
    fitted f;
    size_t unit[CASE_SIZE];
    cf_err err = {0};
    read_fitted(file, &f);
    size_t units = read_count(file);
    read_indices(file, unit, f.sample.lifetimes.count);
    require(cf_lifetime_jackknife(&f.model, unit, units, f.fit, &err), &err, "jackknife");
    check(f.fit->degrees == (double)units - 1, "%zu degrees of freedom", units - 1);
    check_covariance(file, f.fit);
    cf_lifetime_fit_free(&f.fit);
}

static void check_lack(FILE *file)
{
    fitted f;
    size_t group[CASE_SIZE];
    cf_err err = {0};
    cf_test test;
    read_fitted(file, &f);
    size_t groups = read_count(file);
    read_indices(file, group, f.sample.lifetimes.count);
    require(cf_lifetime_lack_of_fit(&f.model, f.fit, group, groups, &test, &err), &err, "lack");
    check_reference(test.statistic, read_number(file), TOLERANCE, "lack of fit (E66)");
    check_reference((double)test.degrees, read_number(file), 0, "its degrees of freedom");
    check_reference(test.p, read_number(file), TOLERANCE, "its p");
    cf_lifetime_fit_free(&f.fit);
}

static void test_reference(void)
{
    static const survival_case cases[] = {
        {"fit", check_fit}, {"jackknife", check_jackknife}, {"lack", check_lack}};
    check(run_reference(cases, 3) == 14, "14 cases of the reference file");
}

/* The derivatives of every law against differences, far into both tails. */
static void test_laws(void)
{
    for (const cf_lifetime_law *const *law = cf_lifetime_laws(); *law != NULL; law++) {
        double worst = 0, h = 1e-4;
        for (double u = -8; u < 8; u += 0.37)
            for (int part = 0; part < 2; part++) {
                void (*g)(double, double[3]) = part == 0 ? (*law)->density : (*law)->tail;
                double below[3], here[3], above[3];
                g(u - h, below);
                g(u, here);
                g(u + h, above);
                for (int k = 0; k < 2; k++)
                    worst = worse(worst, fabs((above[k] - below[k]) / (2 * h) - here[k + 1]) /
                                             fmax(1, fabs(here[k + 1])));
            }
        check_below(worst, 2e-8, "%s: derivatives of both logarithms (E65)", (*law)->name);
        double g[3];
        (*law)->tail((*law)->quantile(0.2), g);
        check_near(g[0], log(0.8), 1e-14, "%s: its quantile has that probability", (*law)->name);
    }
    double g[3];
    cf_lifetime_law_find("log-normal")->tail(40, g);
    check_near(g[0], -804.608442013754, 1e-11, "far in the tail of the normal law");
    cf_lifetime_law_find("log-normal")->tail(-40, g);
    check(g[0] == 0 && g[1] == 0 && g[2] == 0, "and far on its other side");
}

/* The constant hazard of E65 is events over time; without censoring the log-normal law is least
 * squares. */
static void test_exact(void)
{
    const double times[] = {1, 2, 3, 5, 8}, x[] = {0, 1, 2, 3, 4};
    const int some[] = {1, 0, 1, 1, 0}, all[] = {1, 1, 1, 1, 1};
    cf_err err = {0};
    cf_lifetime_fit *fit = NULL;
    cf_lifetime_model model = {cf_lifetime_law_find("exponential"), {5, times, some}, 1, x, 0};
    require(cf_lifetime_fit_create(&model, &fit, &err), &err, "exponential");
    check_near(fit->beta[0], log(19.0 / 3), 1e-14, "exponential: time over events (E65)");
    check_near(fit->covariance[0], 1.0 / 3, 1e-14, "with the relative error of the count");
    cf_interval median = cf_lifetime_quantile(fit, NULL, 0.5, 0.95);
    check_near(median.value, 19.0 / 3 * log(2), 1e-13, "and its median");
    check_near(log(median.high / median.value), 1.959963984540054 / sqrt(3), 1e-13,
               "with an interval of the logarithm");
    cf_lifetime_fit_free(&fit);

    model = (cf_lifetime_model){cf_lifetime_law_find("log-normal"), {5, times, all}, 1, x, 1};
    double xy = 0, mean = 0;
    for (int i = 0; i < 5; i++) {
        xy += (x[i] - 2) * log(times[i]);
        mean += log(times[i]) / 5;
    }
    require(cf_lifetime_fit_create(&model, &fit, &err), &err, "log-normal");
    check_near(fit->beta[1], xy / 10, 1e-14, "log-normal without censoring: least squares (E66)");
    check_near(fit->beta[0], mean - xy / 5, 1e-14, "and its constant");
    cf_lifetime_fit_free(&fit);
}

/* Time in other units, and what is censored for good, change what they must. */
static void test_units(void)
{
    double times[] = {0.3, 1.2, 0.7, 2.2, 1.9, 0.4}, scaled[6];
    const int ends[] = {1, 1, 0, 2, 1, 1};
    for (int i = 0; i < 6; i++)
        scaled[i] = 1e5 * times[i];
    cf_err err = {0};
    for (const cf_lifetime_law *const *law = cf_lifetime_laws(); *law != NULL; law++) {
        cf_lifetime_fit *fit = NULL, *other = NULL;
        cf_lifetime_model model = {*law, {6, times, ends}, 1, NULL, 0};
        require(cf_lifetime_fit_create(&model, &fit, &err), &err, (*law)->name);
        model.lifetimes.times = scaled;
        require(cf_lifetime_fit_create(&model, &other, &err), &err, (*law)->name);
        check_near(other->beta[0], fit->beta[0] + log(1e5), 1e-12,
                   "%s: another unit of time shifts the constant", (*law)->name);
        check_near(other->sigma, fit->sigma, 1e-12, "and leaves sigma");
        check(fit->events == 4, "ends of other kinds are no events");
        cf_lifetime_fit_free(&fit);
        cf_lifetime_fit_free(&other);
    }
}

/* A group of which nothing dissolved is no evidence against a law that says so. */
static void test_lack(void)
{
    double times[24], x[24];
    int ends[24];
    size_t group[24];
    for (int i = 0; i < 24; i++) {
        group[i] = (size_t)i / 8;
        x[i] = (double)group[i];
        ends[i] = group[i] < 2;
        times[i] = (1 + 0.1 * (i % 8)) * (group[i] == 0 ? 1 : group[i] == 1 ? 2 : 0.5);
    }
    cf_err err = {0};
    cf_lifetime_fit *fit = NULL;
    cf_test test;
    cf_lifetime_model model = {cf_lifetime_law_find("log-normal"), {24, times, ends}, 1, x, 1};
    require(cf_lifetime_fit_create(&model, &fit, &err), &err, "log-normal");
    require(cf_lifetime_lack_of_fit(&model, fit, group, 3, &test, &err), &err, "lack of fit");
    check(test.degrees == 1, "groups less parameters of the law");
    check_near(test.statistic, 0, 1e-6, "censored groups that the law lets live do not speak");
    cf_lifetime_fit_free(&fit);
}

static void check_refused(const cf_lifetime_model *model, cf_status expected, const char *claim)
{
    cf_err err = {0};
    cf_lifetime_fit *fit = NULL;
    check(cf_lifetime_fit_create(model, &fit, &err) == expected && fit == NULL, "%s: %s", claim,
          err.message);
}

static void test_refusals(void)
{
    const double times[] = {1, 2, 0, 4, 2, 8}, x[] = {1, 2, 1, 2, 1, 2, 1, 2};
    const double lawful[] = {3, 6, 12, 24},
                 radius[] = {0, 0.69314718055994529, 1.3862943611198906, 2.0794415416798357};
    const int none[] = {0, 0, 0, 0}, all[] = {1, 1, 1, 1};
    const cf_lifetime_law *law = cf_lifetime_law_find("weibull");
    cf_lifetime_model model = {law, {3, times, all}, 1, x, 0};
    check_refused(&model, CF_EINPUT, "a time that is not positive");
    model.lifetimes = (cf_lifetimes){0, times, all};
    check_refused(&model, CF_EINPUT, "an empty sample");
    model.lifetimes = (cf_lifetimes){2, times, none};
    check_refused(&model, CF_ENUMERIC, "no event");
    model = (cf_lifetime_model){law, {2, times, all}, 1, x, 2};
    check_refused(&model, CF_EINPUT, "dependent columns");
    model = (cf_lifetime_model){law, {4, lawful, all}, 1, radius, 1};
    check_refused(&model, CF_ENUMERIC, "a law without scatter");
    check(cf_lifetime_law_find("gamma") == NULL, "an unknown law is not found");

    const size_t unit[] = {0, 1, 2, 2};
    const double scattered[] = {3, 7, 11, 25};
    const int one[] = {0, 0, 1, 1};
    cf_err err = {0};
    cf_lifetime_fit *fit = NULL;
    model = (cf_lifetime_model){law, {4, scattered, one}, 1, radius, 0};
    require(cf_lifetime_fit_create(&model, &fit, &err), &err, "weibull");
    double before = fit->covariance[0];
    check(cf_lifetime_jackknife(&model, unit, 3, fit, &err) == CF_ENUMERIC &&
              fit->covariance[0] == before && isinf(fit->degrees),
          "a jackknife that leaves no event out of one unit: %s", err.message);
    err = (cf_err){0};
    check(cf_lifetime_jackknife(&model, unit, 1, fit, &err) == CF_EINPUT, "one unit: %s",
          err.message);
    cf_lifetime_fit_free(&fit);
}

int main(void)
{
    test_reference();
    test_laws();
    test_exact();
    test_units();
    test_lack();
    test_refusals();
    return check_done();
}
