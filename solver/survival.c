/* Estimates from censored times: E61 - E64. */
#include "contraflow/solver/survival.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cholesky.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/statistics.h"

/* Steps of a curve are fractions of counts: a level is reached where rounding alone is missing. */
static const double ROUNDING = 1e-12;

typedef struct {
    double time;
    int end;
    size_t group;
} entry;

static int by_time(const void *a, const void *b)
{
    double s = ((const entry *)a)->time, t = ((const entry *)b)->time;
    return (s > t) - (s < t);
}

static cf_status check(const cf_lifetimes *lifetimes, cf_err *err)
{
    if (lifetimes->count == 0)
        return cf_fail(err, CF_EINPUT, "survival: the sample is empty");
    for (size_t i = 0; i < lifetimes->count; i++)
        if (!(lifetimes->times[i] >= 0) || !isfinite(lifetimes->times[i]))
            return cf_fail(err, CF_EINPUT, "survival: time %zu = %g: must be finite and at least 0",
                           i, lifetimes->times[i]);
    return CF_OK;
}

/* The sample by time, malloc'ed. `group` may be NULL. */
static cf_status sort(const cf_lifetimes *lifetimes, const size_t *group, entry **out, cf_err *err)
{
    *out = NULL;
    cf_status status = check(lifetimes, err);
    if (status != CF_OK)
        return status;
    entry *entries = *out = cf_allocate("survival", lifetimes->count, sizeof *entries, err);
    if (entries == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < lifetimes->count; i++)
        entries[i] = (entry){lifetimes->times[i], lifetimes->ends[i], group == NULL ? 0 : group[i]};
    qsort(entries, lifetimes->count, sizeof *entries, by_time);
    return CF_OK;
}

/* --- E61, E62 --- */

enum { COLUMNS = 9 };

static cf_survival *allocate_curve(size_t count, cf_err *err)
{
    cf_survival *s = cf_allocate("survival", 1, sizeof *s, err);
    double *values =
        s == NULL ? NULL : cf_allocate("survival", COLUMNS * count, sizeof *values, err);
    if (values == NULL) {
        free(s);
        return NULL;
    }
    double **columns[COLUMNS] = {&s->time,   &s->at_risk, &s->events, &s->competing, &s->censored,
                                 &s->absent, &s->error,   &s->low,    &s->high};
    for (size_t k = 0; k < COLUMNS; k++)
        *columns[k] = values + k * count;
    return s;
}

void cf_survival_free(cf_survival **survival)
{
    if (*survival == NULL)
        return;
    free((*survival)->time); /* the first of all columns */
    free(*survival);
    *survival = NULL;
}

static void count_ends(const entry *entries, size_t count, int kind, cf_survival *s)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || entries[i].time > entries[i - 1].time) {
            s->time[s->count] = entries[i].time;
            s->at_risk[s->count++] = (double)(count - i);
        }
        size_t row = s->count - 1;
        s->events[row] += entries[i].end == kind;
        s->competing[row] += entries[i].end != kind && entries[i].end != CF_CENSORED;
        s->censored[row] += entries[i].end == CF_CENSORED;
    }
}

/* The curve, and before [count], the Kaplan-Meier estimate of all kinds just before each time. */
static void estimate(cf_survival *s, double *before)
{
    double all = 1, lost = 0;
    bool alone = true;
    for (size_t j = 0; j < s->count; j++) {
        double n = s->at_risk[j], d = s->events[j];
        before[j] = all;
        lost += all * d / n;
        alone = alone && s->competing[j] == 0;
        all *= (n - d - s->competing[j]) / n;
        s->absent[j] = alone ? all : 1 - lost;
    }
}

/* The variance of E62 at time t, from those of the parts that end by the kind and otherwise at each
 * time before, written as a sum of squares. With one kind of event it is Greenwood's. */
static double variance(const cf_survival *s, const double *before, size_t t)
{
    double sum = 0;
    for (size_t j = 0; j <= t; j++) {
        double n = s->at_risk[j], kind = s->events[j] / n, other = s->competing[j] / n;
        double stay = (n - s->events[j] - s->competing[j]) / n;
        double later = s->absent[j] - s->absent[t], still = before[j] * stay - later;
        sum += kind * other * before[j] * before[j] / n;
        if (stay > 0) /* else there is no later */
            sum += (kind * still * still + other * later * later) / stay / n;
    }
    return sum;
}

/* From log(-log absent); where that is no number, what was known before. */
static void set_band(cf_survival *s, double z)
{
    for (size_t j = 0; j < s->count; j++) {
        double absent = s->absent[j], width = z * s->error[j] / (absent * fabs(log(absent)));
        s->low[j] = pow(absent, exp(width));
        s->high[j] = pow(absent, exp(-width));
        if (absent >= 1)
            s->low[j] = s->high[j] = 1;
        else if (absent <= 0 || !(s->error[j] > 0)) {
            s->low[j] = 0;
            s->high[j] = j == 0 ? 1 : s->high[j - 1];
        }
    }
}

cf_status cf_survival_create(const cf_lifetimes *lifetimes, int kind, double confidence,
                             cf_survival **out, cf_err *err)
{
    *out = NULL;
    entry *entries = NULL;
    cf_status status = sort(lifetimes, NULL, &entries, err);
    if (status != CF_OK)
        return status;
    cf_survival *s = allocate_curve(lifetimes->count, err);
    double *before = cf_allocate("survival", lifetimes->count, sizeof *before, err);
    if (s != NULL && before != NULL) {
        count_ends(entries, lifetimes->count, kind, s);
        estimate(s, before);
        for (size_t j = 0; j < s->count; j++)
            s->error[j] = sqrt(variance(s, before, j));
        set_band(s, cf_normal_quantile((1 + confidence) / 2));
        *out = s;
    } else {
        cf_survival_free(&s);
    }
    free(before);
    free(entries);
    return *out != NULL ? CF_OK : CF_ESYSTEM;
}

/* --- E63 --- */

static double first_below(const double *time, const double *curve, size_t count, double level)
{
    for (size_t j = 0; j < count; j++)
        if (curve[j] <= level + ROUNDING)
            return time[j];
    return INFINITY;
}

cf_interval cf_survival_quantile(const cf_survival *s, double p)
{
    return (cf_interval){first_below(s->time, s->absent, s->count, 1 - p),
                         first_below(s->time, s->low, s->count, 1 - p),
                         first_below(s->time, s->high, s->count, 1 - p)};
}

/* --- E64 --- */

typedef struct {
    size_t groups;
    double *at_risk, *events; /* [groups] at one time */
    double *excess;           /* [groups] sum of observed minus expected */
    double *covariance;       /* [groups^2] */
} comparison;

/* One time at which `all` of `total` have the event. */
static void add_time(comparison *c, double total, double all)
{
    if (all == 0)
        return;
    double spread = total > 1 ? all * (total - all) / (total - 1) : 0;
    for (size_t g = 0; g < c->groups; g++) {
        double part = c->at_risk[g] / total;
        c->excess[g] += c->events[g] - all * part;
        for (size_t k = 0; k < c->groups; k++)
            c->covariance[g * c->groups + k] += spread * part * ((g == k) - c->at_risk[k] / total);
    }
}

static void compare(comparison *c, const entry *entries, size_t count, int kind)
{
    for (size_t i = 0; i < count; i++)
        c->at_risk[entries[i].group]++;
    for (size_t i = 0, end; i < count; i = end) {
        double all = 0;
        memset(c->events, 0, c->groups * sizeof *c->events);
        for (end = i; end < count && entries[end].time == entries[i].time; end++) {
            c->events[entries[end].group] += entries[end].end == kind;
            all += entries[end].end == kind;
        }
        add_time(c, (double)(count - i), all);
        for (size_t k = i; k < end; k++)
            c->at_risk[entries[k].group]--;
    }
}

static bool factor_of(const comparison *c, const size_t *chosen, size_t count, double *factor)
{
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++)
            factor[a * count + b] = c->covariance[chosen[a] * c->groups + chosen[b]];
    return cf_cholesky_factor(factor, count, 1e-10);
}

/* z^T V^- z over the groups whose excesses are independent of those before them. */
static cf_status finish(const comparison *c, cf_test *test, cf_err *err)
{
    size_t *chosen = cf_allocate("log-rank test", c->groups, sizeof *chosen, err);
    double *factor = cf_allocate("log-rank test", (c->groups + 1) * c->groups, sizeof *factor, err);
    if (chosen != NULL && factor != NULL) {
        double *solution = factor + c->groups * c->groups;
        for (size_t g = 0; g < c->groups; g++) {
            chosen[test->degrees] = g;
            test->degrees += factor_of(c, chosen, test->degrees + 1, factor);
        }
        factor_of(c, chosen, test->degrees, factor);
        for (size_t k = 0; k < test->degrees; k++)
            solution[k] = c->excess[chosen[k]];
        cf_cholesky_solve(factor, test->degrees, solution);
        for (size_t k = 0; k < test->degrees; k++)
            test->statistic += c->excess[chosen[k]] * solution[k];
        test->p = cf_chi_square_tail(test->statistic, (double)test->degrees);
    }
    bool done = chosen != NULL && factor != NULL;
    free(chosen);
    free(factor);
    return done ? CF_OK : CF_ESYSTEM;
}

cf_status cf_log_rank(const cf_lifetimes *lifetimes, int kind, const size_t *group, size_t groups,
                      cf_test *test, cf_err *err)
{
    *test = (cf_test){0, 0, NAN};
    entry *entries = NULL;
    cf_status status = sort(lifetimes, group, &entries, err);
    if (status != CF_OK)
        return status;
    comparison c = {.groups = groups,
                    .at_risk =
                        cf_allocate("log-rank test", (3 + groups) * groups, sizeof(double), err)};
    if (c.at_risk == NULL) {
        status = CF_ESYSTEM;
    } else {
        c.events = c.at_risk + groups;
        c.excess = c.events + groups;
        c.covariance = c.excess + groups;
        compare(&c, entries, lifetimes->count, kind);
        status = finish(&c, test, err);
    }
    free(c.at_risk);
    free(entries);
    return status;
}
