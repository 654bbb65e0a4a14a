/* C9: networks of growing width against their infinite width: the kernel at the start, the
 * trajectory, and how far the kernel drifts (E106). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "contraflow/run/compare.h"
#include "contraflow/solver/memory.h"
#include "slope.h"
#include "subject.h"

typedef struct {
    cf_integers activation, trained;
    long first, widths, kernel_seeds, seeds, points;
    double tau, spread, end;
} limit;

static const cf_option OPTIONS[] = {
    {.key = "activation",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(limit, activation),
     .fallback = "[relu, erf]",
     .choices = cf_activation_names,
     .doc = "Activations of networks whose kernel at the start is measured."},
    {.key = "trained",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(limit, trained),
     .fallback = "[relu, erf]",
     .choices = cf_activation_names,
     .doc = "Activations of networks that are trained."},
    {.key = "first",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(limit, first),
     .fallback = "128",
     .min = 64,
     .max = 1024,
     .doc = "Smallest width."},
    {.key = "widths",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(limit, widths),
     .fallback = "3",
     .min = 3,
     .max = 4,
     .doc = "Numbers of widths, each four times the one before."},
    {.key = "kernel-seeds",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(limit, kernel_seeds),
     .fallback = "64",
     .min = 32,
     .max = 1000,
     .doc = "Networks of every width whose kernel at the start is measured."},
    {.key = "seeds",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(limit, seeds),
     .fallback = "24",
     .min = 16,
     .max = 100,
     .doc = "Networks of every width that are trained."},
    {.key = "points",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(limit, points),
     .fallback = "8",
     .min = 4,
     .max = 100,
     .doc = "Data points of each of four discs."},
    {.key = "tau",
     .type = CF_OPTION_REAL,
     .offset = offsetof(limit, tau),
     .fallback = "0.1",
     .min = 0.1,
     .max = 1,
     .doc = "Temperature."},
    {.key = "spread",
     .type = CF_OPTION_REAL,
     .offset = offsetof(limit, spread),
     .fallback = "0.3",
     .min = 0.2,
     .max = 1,
     .doc = "Of the start: where points nearly coincide, the instability that makes clusters "
            "amplifies every error."},
    {.key = "end",
     .type = CF_OPTION_REAL,
     .offset = offsetof(limit, end),
     .fallback = "1",
     .min = 0.2,
     .max = 1,
     .doc = "Last time."}};

enum { DIMENSION = 2, CONTROL_SEEDS = 8 };
static const double SLOPE = -0.5, TOLERANCE = 0.1;
static const double DRIFT_TOLERANCE = 0.15; /* C9 says "about" */
static const double WEIGHT_VARIANCE = 2, BIAS_VARIANCE = 0.1;

static cf_status find(const limit *o, long activation, cf_claim_slope_finding finding,
                      cf_claim_log *log, cf_err *err)
{
    char parameters[112];
    snprintf(parameters, sizeof parameters, "%s, N %g..%g, %zu seeds",
             cf_activation_names[activation], finding.x[0], finding.x[finding.count - 1],
             finding.seeds);
    (void)o;
    finding.parameters = parameters;
    return cf_claim_find_slope(log, &finding, err);
}

/* --- the kernel at the start --- */

/* |Theta_N - Theta I| / |Theta I|, kernel [n*d * n*d], theta [n*n]. */
static double relative_error(const double *kernel, const double *theta, size_t n)
{
    double error = 0, size = 0;
    for (size_t i = 0; i < n * DIMENSION; i++)
        for (size_t j = 0; j < n * DIMENSION; j++) {
            bool same = i % DIMENSION == j % DIMENSION;
            double exact = same ? theta[i / DIMENSION * n + j / DIMENSION] : 0;
            double off = kernel[i * n * DIMENSION + j] - exact;
            error += off * off;
            size += exact * exact;
        }
    return sqrt(error / size);
}

/* Of all seeds of one width, with Theta of the variance and of twice that. */
static cf_status measure_kernels(const limit *o, const cf_assembly *a, int activation,
                                 double *errors, double *others, cf_err *err)
{
    const cf_data *data = a->setup.data;
    size_t n = data->n, nd = n * DIMENSION;
    const cf_mlp exact = {1, activation, 0.2, WEIGHT_VARIANCE, BIAS_VARIANCE};
    const cf_mlp other = {1, activation, 0.2, 2 * WEIGHT_VARIANCE, BIAS_VARIANCE};
    double *work = cf_allocate("kernels", nd * nd + 2 * n * n + cf_network_parameters(a->network),
                               sizeof *work, err);
    if (work == NULL)
        return CF_ESYSTEM;
    double *theta[] = {work + nd * nd, work + nd * nd + n * n}, *parameters = theta[1] + n * n;
    cf_status status = cf_mlp_kernel(&exact, data->points, n, data->dimension, NULL, theta[0], err);
    if (status == CF_OK)
        status = cf_mlp_kernel(&other, data->points, n, data->dimension, NULL, theta[1], err);
    for (long seed = 0; seed < o->kernel_seeds && status == CF_OK; seed++) {
        cf_network_initialize(a->network, (uint64_t)seed + 1, parameters);
        status = cf_network_kernel(a->network, parameters, data->points, n, work, err);
        errors[seed] = relative_error(work, theta[0], n);
        others[seed] = relative_error(work, theta[1], n);
    }
    free(work);
    return status;
}

static cf_status find_kernels(const limit *o, long activation, const double *x,
                              const double *errors, cf_claim_log *log, cf_err *err)
{
    size_t count = (size_t)o->widths, seeds = (size_t)o->kernel_seeds;
    cf_claim_slope_finding finding = {.quantity = "error of the kernel at the start",
                                      .x = x,
                                      .errors = errors,
                                      .count = count,
                                      .seeds = seeds,
                                      .predicted = SLOPE,
                                      .tolerance = TOLERANCE};
    cf_status status = find(o, activation, finding, log, err);
    finding.quantity = "the same with the kernel of twice the variance";
    finding.errors = errors + count * seeds;
    finding.control = true;
    return status == CF_OK ? find(o, activation, finding, log, err) : status;
}

static cf_status check_kernels(const limit *o, long activation, cf_claim_log *log, cf_err *err)
{
    size_t count = (size_t)o->widths, seeds = (size_t)o->kernel_seeds;
    double *x = cf_allocate("errors", count + 2 * count * seeds, sizeof *x, err);
    if (x == NULL)
        return CF_ESYSTEM;
    double *errors = x + count, *others = errors + count * seeds;
    cf_status status = CF_OK;
    long width = o->first;
    for (size_t w = 0; w < count && status == CF_OK; w++, width *= 4) {
        cf_claim_subject subject;
        x[w] = (double)width;
        status = cf_claim_open(
            log, &subject, err,
            "format: 1\ndata: {kind: discs, radius: 0.3, points-per-cluster: %ld}\n"
            "latent: {space: euclidean, dimension: %d}\n"
            "flows: [{kind: network, network: {activation: %s, widths: %ld, weight-variance: %g, "
            "bias-variance: %g}}]\nsums: {engine: direct}\n",
            o->points, (int)DIMENSION, cf_activation_names[activation], width, WEIGHT_VARIANCE,
            BIAS_VARIANCE);
        if (status == CF_OK)
            status = measure_kernels(o, subject.assembly, (int)activation, errors + w * seeds,
                                     others + w * seeds, err);
        cf_claim_close(&subject);
    }
    if (status == CF_OK)
        status = find_kernels(o, activation, x, errors, log, err);
    free(x);
    return status;
}

/* --- trajectories --- */

static cf_status run(const limit *o, long activation, cf_result **result, cf_claim_log *log,
                     cf_err *err)
{
    char widths[96], seeds[1024], few[64];
    const char *name = cf_activation_names[activation];
    cf_claim_write_list(widths, sizeof widths, o->first, o->widths, 4);
    cf_claim_write_list(seeds, sizeof seeds, 1, o->seeds, 1);
    cf_claim_write_list(few, sizeof few, 1, CONTROL_SEEDS, 1);
    return cf_claim_run(
        log, result, err,
        "format: 1\ndata: {kind: discs, radius: 0.3, points-per-cluster: %ld}\n"
        "latent: {space: euclidean, dimension: %d}\nstart: {kind: near-point, spread: %g}\n"
        "loss: {psi: log1p, tau: %g}\nflows:\n"
        "- {name: limit, kind: neural, kernel: {activation: %s, weight-variance: %g, "
        "bias-variance: %g}}\n"
        "- {name: net, kind: network, seeds: %s, kernel-drift: true, network: {activation: %s, "
        "weight-variance: %g, bias-variance: %g, widths: %s}}\n"
        "- {name: features, kind: network, seeds: %s, kernel-drift: true, network: "
        "{parametrization: mean-field, activation: %s, widths: %s}}\n"
        "time: {end: %g, outputs: {spacing: linear, count: 8}}\n"
        "integrator: {rtol: 1e-4}\n"
        "clusters: {threshold: 0.999999}\nsums: {engine: direct}\n", /* no events */
        o->points, (int)DIMENSION, o->spread, o->tau, name, WEIGHT_VARIANCE, BIAS_VARIANCE, seeds,
        name, WEIGHT_VARIANCE, BIAS_VARIANCE, widths, few, name, widths, o->end);
}

/* The errors of a family at the widths where the mean distance is below the limit of E53, or at
 * all. */
static size_t gather(const cf_family_comparison *family, size_t quantity, bool all, double *x,
                     double *errors)
{
    size_t count = 0, seeds = family->widths[0].count;
    for (size_t w = 0; w < family->count; w++) {
        const cf_width_comparison *width = &family->widths[w];
        if (!all && !(width->means[CF_COMPARED_DISTANCE].value < CF_COMPARED_LIMIT))
            continue;
        for (size_t s = 0; s < seeds; s++)
            errors[count * seeds + s] = width->seeds[s]->values[quantity];
        x[count++] = (double)width->width;
    }
    return count;
}

static cf_status find_family(const limit *o, long activation, const cf_family_comparison *family,
                             bool control, cf_claim_log *log, cf_err *err)
{
    bool smooth = cf_activations()[activation]->smooth;
    const struct {
        size_t quantity;
        const char *words, *broken;
        double slope, tolerance;
    } rows[] = {{CF_COMPARED_DISTANCE, "distance from infinite width",
                 "the same, mean-field parametrization", SLOPE, TOLERANCE},
                {CF_COMPARED_DRIFT, "drift of the kernel", "the same, mean-field parametrization",
                 smooth ? -1 : -0.75, DRIFT_TOLERANCE}};
    size_t seeds = family->widths[0].count;
    double *x = cf_allocate("errors", family->count * (seeds + 1), sizeof *x, err);
    cf_status status = x == NULL ? CF_ESYSTEM : CF_OK;
    for (size_t q = 0; q < 2 && status == CF_OK; q++) {
        double *errors = x + family->count;
        cf_claim_slope_finding finding = {.quantity = control ? rows[q].broken : rows[q].words,
                                          .x = x,
                                          .errors = errors,
                                          .count =
                                              gather(family, rows[q].quantity, control, x, errors),
                                          .seeds = seeds,
                                          .predicted = rows[q].slope,
                                          .tolerance = rows[q].tolerance,
                                          .control = control};
        if (finding.count < CF_COMPARED_FEWEST)
            status = cf_fail(err, CF_ENUMERIC,
                             "%s: only %zu widths whose distance from infinite width is below %g",
                             cf_activation_names[activation], finding.count, CF_COMPARED_LIMIT);
        else
            status = find(o, activation, finding, log, err);
    }
    free(x);
    return status;
}

static cf_status check_trajectories(const limit *o, long activation, cf_claim_log *log, cf_err *err)
{
    cf_result *result = NULL;
    cf_comparison *c = NULL;
    cf_status status = run(o, activation, &result, log, err);
    if (status == CF_OK)
        status = cf_compare(result, result, "limit", &c, err);
    if (status == CF_OK && c->family_count != 2)
        status = cf_fail(err, CF_ENUMERIC, "%zu families of networks", c->family_count);
    for (size_t f = 0; f < 2 && status == CF_OK; f++)
        status = find_family(o, activation, &c->families[f], f == 1, log, err);
    cf_comparison_free(&c);
    cf_result_free(&result);
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const limit *o = options;
    cf_status status = CF_OK;
    for (size_t a = 0; a < o->activation.count && status == CF_OK; a++)
        status = check_kernels(o, o->activation.values[a], log, err);
    for (size_t a = 0; a < o->trained.count && status == CF_OK; a++)
        status = check_trajectories(o, o->trained.values[a], log, err);
    return status;
}

const cf_claim cf_claim_width = {
    .kind = {"C9",
             "With one hidden layer of N units in the NTK parametrization, the error of the kernel "
             "at the start and the distance of the trajectory from infinite width fall like "
             "N^-1/2, the drift of the kernel like N^-3/4 (ReLU) or N^-1 (smooth activations); "
             "the quick level trains erf alone.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(limit)},
    .title = "networks approach their infinite width",
    .source = "Theorem 4.2; E50, E53, E106",
    .hypothesis = "NTK parametrization, one start for all widths (centered), points that do not "
                  "nearly coincide, a fixed time",
    .control = "the limit of another variance of the weights; networks in the mean-field "
               "parametrization, whose features move",
    .quick = "{first: 64, trained: erf, seeds: 16, points: 4, end: 0.5}",
    .full = "{activation: [relu, leaky-relu, abs, erf, tanh, gelu, softplus], trained: [relu, "
            "leaky-relu, abs, erf, tanh, gelu, softplus], widths: 4, points: "
            "25, kernel-seeds: 200, seeds: 50}",
    .seconds = {20, 3, 1800},
    .figure = {"width N", "relative error, distance or drift",
               "Means over seeds; lines have the predicted slopes.", true, true},
    .check = check};
