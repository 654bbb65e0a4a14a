/* Quadrature nodes of data laws (E31): for every generator the moments of its nodes are those of a
 * large sample, up to the sampling error, and do not change with the order where it suffices. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/data.h"
#include "contraflow/run/problem.h"

enum { SAMPLE = 40000, MOST_D = 4, MOST_CLUSTERS = 4, DEGREE = 4 };

typedef struct {
    const cf_data_kind *row;
    cf_problem *problem;
    char text[512];
} source;

static void open_source(source *s, const char *name, const char *options)
{
    cf_err err = {0};
    for (const cf_data_kind *const *row = cf_data_kinds(); *row != NULL; row++)
        if (strcmp((*row)->kind.name, name) == 0)
            s->row = *row;
    snprintf(s->text, sizeof s->text,
             "format: 1\ndata: {kind: %s%s}\nflows: [{kind: vanilla}]\ntime: {end: 1}\n", name,
             options);
    require(cf_problem_parse("problem.yaml", s->text, NULL, 0, &s->problem, &err), &err, s->text);
}

static cf_data *nodes_of(const source *s, size_t order)
{
    cf_err err = {0};
    cf_data *data = NULL;
    require(cf_data_quadrature(s->row, s->problem->data.options, order, &data, &err), &err,
            s->text);
    return data;
}

static cf_data *sample_of(const source *s)
{
    cf_err err = {0};
    cf_data *data = NULL;
    require(cf_data_generate(s->row, s->problem->data.options, &data, &err), &err, s->text);
    return data;
}

/* Mean and mean square of prod x_k^power_k over a cluster. */
static void moment(const cf_data *data, int cluster, const int *power, double out[2])
{
    double mass = out[0] = out[1] = 0;
    for (size_t i = 0; i < data->n; i++) {
        double value = 1;
        for (size_t k = 0; k < data->dimension; k++)
            value *= pow(data->points[i * data->dimension + k], power[k]);
        if (data->labels[i] != cluster)
            continue;
        out[0] += data->weights[i] * value;
        out[1] += data->weights[i] * value * value;
        mass += data->weights[i];
    }
    out[0] /= mass;
    out[1] /= mass;
}

/* The largest difference of moments up to DEGREE, in units of the sampling error of b, or relative
 * to the root mean square. */
static double compare(const cf_data *a, const cf_data *b, bool sampled)
{
    double worst = 0;
    for (int code = 1; code < 625; code++) {
        const int power[MOST_D] = {code % 5, code / 5 % 5, code / 25 % 5, code / 125};
        int degree = power[0] + power[1] + power[2] + power[3];
        bool fits = degree <= DEGREE;
        for (size_t k = a->dimension; k < MOST_D; k++)
            fits = fits && power[k] == 0;
        for (size_t q = 0; q < a->clusters && fits; q++) {
            double x[2], y[2];
            moment(a, (int)q, power, x);
            moment(b, (int)q, power, y);
            double variance = fmax(y[1] - y[0] * y[0], 1e-20);
            double scale = sampled ? sqrt(variance / SAMPLE) : sqrt(y[1]);
            worst = worse(worst, fabs(x[0] - y[0]) / scale);
        }
    }
    return worst;
}

static void test_law(const char *name, const char *options)
{
    source law = {0}, cloud = {0};
    char points[512];
    open_source(&law, name, options);
    snprintf(points, sizeof points, "%s, points-per-cluster: %d", options, SAMPLE);
    open_source(&cloud, name, points);
    size_t order = strcmp(name, "moons") == 0 ? 6 : 4; /* exact in the limit only */
    cf_data *few = nodes_of(&law, order), *many = nodes_of(&law, 9), *sample = sample_of(&cloud);
    check(few->dimension == sample->dimension && few->clusters == sample->clusters,
          "%s%s: %zu nodes of order %zu, %zu of order 9", name, options, few->n, order, many->n);
    check_below(compare(few, sample, true), 4.5,
                "the moments of a sample, in standard errors (E31)");
    check_below(compare(few, many, false), order > 4 ? 1e-10 : 1e-13,
                "and the same at any order that suffices");
    cf_data_free(&few);
    cf_data_free(&many);
    cf_data_free(&sample);
    cf_problem_free(&law.problem);
    cf_problem_free(&cloud.problem);
}

static void test_masses(void)
{
    source s = {0};
    open_source(&s, "discs", ", radius: [0.3, 0, 1, 2], points-per-cluster: [10, 20, 30, 40]");
    cf_data *nodes = nodes_of(&s, 5);
    double mass[MOST_CLUSTERS] = {0};
    size_t count[MOST_CLUSTERS] = {0};
    for (size_t i = 0; i < nodes->n; i++) {
        mass[nodes->labels[i]] += nodes->weights[i];
        count[nodes->labels[i]]++;
    }
    check(fabs(mass[0] - 0.1) < 1e-14 && fabs(mass[3] - 0.4) < 1e-14,
          "clusters weigh their share of the points");
    check(count[0] == 30 && count[1] == 1, "a disc of radius 0 is one node");
    cf_data_free(&nodes);
    cf_problem_free(&s.problem);
    s = (source){0};
    open_source(&s, "gaussians", ", spread: 1");
    nodes = nodes_of(&s, 40);
    double farthest = 0;
    for (size_t i = 0; i < nodes->n; i++)
        farthest = worse(farthest, fabs(nodes->points[2 * i]));
    check(nodes->n < 4 * 1600 && farthest < 11, "nodes without mass are left out: %zu of 6400",
          nodes->n);
    cf_data_free(&nodes);
    cf_problem_free(&s.problem);
}

static void test_too_many(void)
{
    source s = {0};
    cf_err err = {0};
    cf_data *nodes = NULL;
    open_source(&s, "gaussians", ", centers: [[0, 0, 0, 0, 0, 0, 0, 0]]");
    check(cf_data_quadrature(s.row, s.problem->data.options, 20, &nodes, &err) == CF_EINPUT &&
              nodes == NULL && strstr(err.message, "at most a million") != NULL,
          "%s", err.message);
    cf_problem_free(&s.problem);
}

int main(void)
{
    for (const cf_data_kind *const *row = cf_data_kinds(); *row != NULL; row++)
        test_law((*row)->kind.name, "");
    test_law("discs", ", centers: [[1, 2, 3], [0, 0, 1]], radius: [0.5, 2]");
    test_law("discs", ", centers: [[1], [4]], radius: 1");
    test_law("gaussians", ", centers: [[1, 2, 3], [0, 0, 1]], spread: [0.5, 2]");
    test_law("polygon", ", clusters: 3, distance: 2, radius: [0.4, 0.1, 1]");
    test_law("sphere-caps", ", centers: [[-2, 3], [0, 1]], angle: [0.4, 3.141592653589793]");
    test_law("sphere-caps", ", centers: [[-2, 3, 0, 1], [0, 1, 0, 0]], angle: [0.4, 2.5]");
    test_law("rings", ", radius: [0.5, 3], noise: 0.4");
    test_masses();
    test_too_many();
    return check_done();
}
