/* From the table of a sweep to samples, medians and laws (E60 - E66). */
#include "contraflow/run/persistence.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/clusters.h"
#include "contraflow/solver/random.h"

enum { ROWS = 96, REPEAT = 8 };

/* A table in the making. */
typedef struct {
    size_t rows;
    long run[ROWS], point[ROWS], repetition[ROWS], width[ROWS], seed[ROWS];
    double radius[ROWS], end[ROWS], until[ROWS], emergence[ROWS], dissolution[ROWS];
    double mass[ROWS], coupling[ROWS];
    char *cluster[ROWS]; /* NULL in the first row: a table of flows */
    char *start[ROWS], *flow[ROWS], *status[ROWS], *message[ROWS];
} table;

static cf_result *result_of(table *t, double follow_up)
{
    const cf_record records[] = {
        {.name = "run", .type = CF_VALUE_INTEGER, .integer = t->run},
        {.name = "point", .type = CF_VALUE_INTEGER, .integer = t->point},
        {.name = "repetition", .type = CF_VALUE_INTEGER, .integer = t->repetition},
        {.name = "data.radius", .type = CF_VALUE_REAL, .real = t->radius},
        {.name = t->cluster[0] != NULL ? "cluster" : "start",
         .type = CF_VALUE_TEXT,
         .text = t->cluster[0] != NULL ? t->cluster : t->start},
        {.name = "flow", .type = CF_VALUE_TEXT, .text = t->flow},
        {.name = "width", .type = CF_VALUE_INTEGER, .integer = t->width},
        {.name = "seed", .type = CF_VALUE_INTEGER, .integer = t->seed},
        {.name = "status", .type = CF_VALUE_TEXT, .text = t->status},
        {.name = "message", .type = CF_VALUE_TEXT, .text = t->message},
        {.name = "end", .type = CF_VALUE_REAL, .real = t->end},
        {.name = "observed_until", .type = CF_VALUE_REAL, .real = t->until},
        {.name = "emergence", .type = CF_VALUE_REAL, .real = t->emergence},
        {.name = "dissolution", .type = CF_VALUE_REAL, .real = t->dissolution},
        {.name = "mass", .type = CF_VALUE_REAL, .real = t->mass},
        {.name = "self_coupling", .type = CF_VALUE_REAL, .real = t->coupling}};
    cf_result *result = NULL;
    cf_group *group = NULL;
    cf_err err = {0};
    require(cf_result_create(&result, &err), &err, "result");
    cf_group_set_real(cf_result_group(result, "/"), "follow_up", follow_up, &err);
    require(
        cf_result_add_group(result, t->cluster[0] != NULL ? "/clusters" : "/sweep", &group, &err),
        &err, "group");
    for (size_t k = 0; k < sizeof records / sizeof *records; k++) {
        cf_record record = records[k];
        record.rank = 1;
        record.dims[0] = t->rows;
        require(cf_group_add(group, &record, &err), &err, record.name);
    }
    return result;
}

static cf_persistence *analyse(const cf_result *result)
{
    cf_persistence *p = NULL;
    cf_err err = {0};
    require(cf_persistence_create(result, &p, &err), &err, "persistence");
    return p;
}

static void add(table *t, double radius, long repetition, double emergence, double dissolution)
{
    size_t k = t->rows++;
    t->run[k] = (long)k;
    t->repetition[k] = repetition;
    t->width[k] = t->seed[k] = -1;
    t->radius[k] = radius;
    t->end[k] = 50;
    t->emergence[k] = emergence;
    t->dissolution[k] = dissolution;
    t->until[k] = isnan(dissolution) ? 50 : dissolution; /* as clusters.until: dissolution */
    t->start[k] = "random";
    t->flow[k] = "nn";
    t->status[k] = "complete";
    t->message[k] = "";
}

static void test_times(void)
{
    table t = {.rows = 0};
    add(&t, 1, 0, 2, 12);    /* persists for 10 */
    add(&t, 1, 1, 10, 45);   /* for 35 */
    add(&t, 1, 2, 20, NAN);  /* more than 30, the shortest time that is left */
    add(&t, 1, 3, NAN, NAN); /* never emerges */
    add(&t, 1, 4, 1, NAN);   /* collapses at 6 */
    t.status[4] = "norm-collapse";
    t.until[4] = 6;
    add(&t, 1, 5, NAN, NAN); /* collapses at 3, before clusters */
    t.status[5] = "norm-collapse";
    t.until[5] = 3;
    add(&t, 1, 6, NAN, NAN);
    t.status[6] = "failed";
    add(&t, 1, 7, NAN, NAN);
    t.status[7] = "pending";
    t.flow[7] = "";
    cf_result *result = result_of(&t, 0);
    cf_persistence *p = analyse(result);
    check(p->count == 1 && p->series[0].count == 1 && p->pending == 1, "one series of one point");
    const cf_persistence_point *point = &p->series[0].points[0];
    check(point->runs == 7 && point->failed == 1, "failed runs are counted, pending ones not yet");
    const cf_point_times *times = &point->times[CF_TIME_PERSISTENCE];
    check(times->follow_up == 30, "the follow-up is the shortest time that is left (E60)");
    check(times->sample.count == 4 && times->events == 1 && times->censored == 2 &&
              times->collapsed == 1,
          "persistence: what emerged; later events than the follow-up are censored at it");
    double sum = 0;
    for (size_t k = 0; k < 4; k++)
        sum += times->sample.times[k];
    check(sum == 10 + 30 + 30 + 5, "with their times");
    times = &point->times[CF_TIME_DISSOLUTION];
    check(times->sample.count == 4 && times->events == 2 && times->collapsed == 1 &&
              times->censored == 1,
          "dissolution counts from 0, for clusters that emerged");
    times = &point->times[CF_TIME_EMERGENCE];
    check(times->events == 4 && times->collapsed == 1 && times->censored == 1,
          "emergence likewise");
    check(times->median.value == 10, "its median");
    check(times->low <= 10 && times->high >= 10, "within its bootstrap interval (E67)");
    cf_persistence_free(&p);
    cf_result_free(&result);

    result = result_of(&t, 8);
    p = analyse(result);
    times = &p->series[0].points[0].times[CF_TIME_PERSISTENCE];
    check(times->follow_up == 8 && times->events == 0 && times->censored == 3,
          "a follow-up that was asked for is kept");
    check(isinf(times->median.value), "and the median is beyond it");
    cf_persistence_free(&p);
    cf_result_free(&result);
}

/* Persistence 4/r times factors that a seed keeps at all r; another start, half of it. */
static void fill_laws(table *t)
{
    const double radii[] = {0.8, 0.1, 0.2, 0.4}; /* in no order */
    const cf_random random = {4, CF_STREAM_PROBE};
    for (int start = 0; start < 2; start++)
        for (int r = 0; r < 4; r++)
            for (int s = 0; s < REPEAT; s++) {
                double noise = 0.2 * cf_random_normal(random, (uint64_t)s, 0) +
                               0.01 * cf_random_normal(random, (uint64_t)(10 + s), (uint32_t)r);
                double persistence = (start == 0 ? 4 : 2) / radii[r] * exp(noise);
                bool beyond = 1 + persistence > 50;
                add(t, radii[r], s, 1, beyond ? NAN : 1 + persistence);
                t->start[t->rows - 1] = start == 0 ? "random" : "near-point";
            }
}

static void test_laws(void)
{
    static table t;
    fill_laws(&t);
    cf_result *result = result_of(&t, 0);
    cf_persistence *p = analyse(result);
    check(p->count == 2 && p->series[0].count == 4 && p->lawful_count == 1,
          "an axis of numbers is one of laws, an axis of words makes series");
    char label[128];
    cf_persistence_label(p, &p->series[0].points[0], true, label, sizeof label);
    check(strcmp(label, "data.radius = 0.1") == 0, "points are in order: %s", label);
    cf_persistence_label(p, &p->series[1].points[0], false, label, sizeof label);
    check(strcmp(label, "start = near-point") == 0, "series have names: %s", label);
    for (int s = 0; s < 2; s++) {
        const cf_persistence_law *law = &p->series[s].laws[CF_TIME_PERSISTENCE];
        check(law->law != NULL && strcmp(law->law->name, "log-normal") == 0 && law->jackknife,
              "the log-normal law, with intervals over seeds");
        cf_interval exponent = cf_lifetime_parameter(law->fit, 1, 0.95);
        check(fabs(exponent.value + 1) < 0.02 && exponent.high - exponent.low < 0.06,
              "exponent %.3f [%.3f, %.3f]: scatter that seeds share does not widen it (E66)",
              exponent.value, exponent.low, exponent.high);
        check(law->lack.degrees == 2 && law->lack.p > 0.05, "and the law is not refuted");
        check(p->series[s].log_rank[0].p < 1e-6, "points differ (E64)");
    }
    check(p->series[0].points[0].times[0].events < REPEAT, "in spite of censoring at small radii");
    double ratio = exp(p->series[0].laws[0].fit->beta[0] - p->series[1].laws[0].fit->beta[0]);
    check_near(ratio, 2, 0.05, "the factors are those of the series");
    const cf_persistence_law *none = &p->series[0].laws[CF_TIME_EMERGENCE];
    check(none->law == NULL && none->message[0] != '\0', "no law without scatter: %s",
          none->message);
    cf_persistence_free(&p);
    cf_result_free(&result);
}

static void test_width(void)
{
    table t = {.rows = 0};
    for (int w = 0; w < 4; w++)
        for (int s = 0; s < 3; s++) {
            add(&t, 1, 0, 1, 2 + 0.1 * s + w);
            size_t k = t.rows - 1;
            t.width[k] = w == 0 ? -1 : 16 << w;
            t.seed[k] = w == 0 ? -1 : 9007199254740990 + s;
            t.flow[k] = w == 0 ? "limit" : "net";
            if (w == 0)
                break;
        }
    cf_result *result = result_of(&t, 0);
    cf_persistence *p = analyse(result);
    check(p->count == 2 && p->series[0].count == 1 && p->series[1].count == 3,
          "widths of networks are an axis of laws; the limit has none");
    check(p->series[0].lawful_count == 0 && p->series[1].lawful_count == 1 &&
              p->series[1].laws[0].law != NULL && p->series[1].laws[0].jackknife,
          "with seeds of networks for units");
    cf_persistence_free(&p);
    cf_result_free(&result);
}

static void test_refusals(void)
{
    cf_result *result = NULL;
    cf_persistence *p = NULL;
    cf_err err = {0};
    require(cf_result_create(&result, &err), &err, "result");
    check(cf_persistence_create(result, &p, &err) == CF_EINPUT, "refused: %s", err.message);
    cf_result_free(&result);
}

static char *const cluster_names[] = {"1", "2", "3"};

/* Dissolution = 2 mass^-2 coupling^0.5 times scatter, of three clusters in each of eight runs, of
 * which the last collapses before the smallest cluster dissolves. */
static void fill_clusters(table *t)
{
    const cf_random random = {5, CF_STREAM_DATA};
    for (int run = 0; run < REPEAT; run++)
        for (int q = 0; q < 3; q++) {
            size_t k = t->rows;
            t->mass[k] = (q + 1) / 6.;
            t->coupling[k] = exp(cf_random_normal(random, k, 0));
            double time = 2 * pow(t->mass[k], -2) * sqrt(t->coupling[k]) *
                          exp(0.02 * cf_random_normal(random, k, 1));
            bool lost = run == REPEAT - 1 && q == 0;
            add(t, 1, run, 0.1, lost ? NAN : time);
            t->run[k] = run;
            t->cluster[k] = cluster_names[q];
            t->end[k] = 1e4;
            if (lost) {
                t->status[k] = "norm-collapse";
                t->until[k] = time / 2;
            }
        }
}

static cf_clusters_fates *fates_of(const cf_result *result, cf_persistence **p)
{
    cf_clusters_fates *fates = NULL;
    cf_err err = {0};
    require(cf_persistence_create_clusters(result, p, &err), &err, "clusters");
    require(cf_clusters_fates_create(*p, &fates, &err), &err, "fates");
    return fates;
}

static void check_fates(const table *t, const cf_cluster_group *group)
{
    size_t first[3] = {0};
    double mean = 0;
    for (size_t k = 0; k < t->rows; k += 3) {
        size_t best = k + 1;
        for (size_t j = k; j < k + 3; j++)
            best = t->dissolution[j] < t->dissolution[best] ? j : best;
        first[best - k]++;
        mean += t->coupling[k + 2] / REPEAT;
    }
    for (int q = 0; q < 3; q++)
        check(strcmp(group->clusters[q].name, cluster_names[q]) == 0 &&
                  group->clusters[q].first == first[q],
              "cluster %d is the first to dissolve in %zu runs (E113)", q + 1, first[q]);
    check(group->dissolved == REPEAT, "of all");
    check_near(group->clusters[2].causes[1], mean, 1e-14, "mean self-coupling");
    check(group->clusters[0].point->times[CF_TIME_DISSOLUTION].collapsed == 1,
          "a collapse ends the time of a cluster that has not dissolved");
}

static void check_law(const cf_cluster_group *group)
{
    cf_err err = {0};
    require(group->law.law == NULL ? CF_ENUMERIC : CF_OK, &err, group->law.message);
    check_near(group->law.fit->beta[1], -2, 0.05, "the exponent of the mass");
    check_near(group->law.fit->beta[2], 0.5, 0.03, "and of the self-coupling");
    check(group->law.jackknife && group->law.fit->degrees == REPEAT - 1,
          "with intervals over runs");
}

static void test_clusters(void)
{
    table t = {.rows = 0};
    cf_persistence *p = NULL;
    fill_clusters(&t);
    cf_result *result = result_of(&t, 0);
    cf_clusters_fates *fates = fates_of(result, &p);
    check(fates->count == 1 && fates->groups[0].count == 3, "a group of three clusters");
    check_fates(&t, &fates->groups[0]);
    check_law(&fates->groups[0]);
    cf_clusters_fates_free(&fates);
    cf_persistence_free(&p);
    cf_result_free(&result);
    for (size_t k = 0; k < t.rows; k++)
        t.mass[k] = 1. / 3, t.coupling[k] = k % 2 ? -1 : 4;
    result = result_of(&t, 0);
    fates = fates_of(result, &p);
    check(fates->groups[0].law.law == NULL && fates->groups[0].law.message[0] != '\0',
          "equal masses and a self-coupling that changes sign explain nothing: %s",
          fates->groups[0].law.message);
    cf_clusters_fates_free(&fates);
    cf_persistence_free(&p);
    cf_result_free(&result);
}

int main(void)
{
    test_times();
    test_laws();
    test_width();
    test_refusals();
    test_clusters();
    return check_done();
}
