/* C14: mean-field networks against four times larger ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/run/flow_view.h"
#include "contraflow/solver/memory.h"
#include "slope.h"
#include "subject.h"

typedef struct {
    cf_integers activation, space;
    long first, widths, seeds, points;
    double tau, end;
} ensembles;

enum { CIRCLE, SPHERE, LINE, PLANE };
static const double SLOPE = -0.5, TOLERANCE = 0.1;

static const cf_option OPTIONS[] = {{.key = "activation",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(ensembles, activation),
                                     .fallback = "[erf, gelu]",
                                     .choices = cf_activation_names,
                                     .doc = "Activations."},
                                    {.key = "space",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(ensembles, space),
                                     .fallback = "plane",
                                     .choices = cf_claim_space_names,
                                     .doc = "Latent spaces."},
                                    {.key = "first",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(ensembles, first),
                                     .fallback = "128",
                                     .min = 64,
                                     .max = 1024,
                                     .doc = "Neurons of the smallest networks."},
                                    {.key = "widths",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(ensembles, widths),
                                     .fallback = "3",
                                     .min = 3,
                                     .max = 5,
                                     .doc = "Numbers of neurons, each four times the one before."},
                                    {.key = "seeds",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(ensembles, seeds),
                                     .fallback = "16",
                                     .min = 16,
                                     .max = 100,
                                     .doc = "Pairs of networks of every width."},
                                    {.key = "points",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(ensembles, points),
                                     .fallback = "5",
                                     .min = 2,
                                     .max = 100,
                                     .doc = "Data points of each of four discs."},
                                    {.key = "tau",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(ensembles, tau),
                                     .fallback = "0.1",
                                     .min = 0.1,
                                     .max = 2,
                                     .doc = "Temperature."},
                                    {.key = "end",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(ensembles, end),
                                     .fallback = "1",
                                     .min = 0.1,
                                     .max = 1,
                                     .doc = "Last time."}};

/* Networks of independent seeds: the larger ones begin after these. */
enum { OTHERS = 1000 };

enum { CONTROL_SEEDS = 4 };

/* What is compared: a parametrization of `network`, in YAML. */
typedef struct {
    const char *parametrization;
    const char *quantity;
    bool control;
} scaling;

static const scaling scalings[] = {
    {"parametrization: mean-field", "distance from 4 N neurons", false},
    {"parametrization: ntk, centered: false", "distance, outputs scaled by N^-1/2", true}};

static bool find_latent(const cf_result *result, const char *family, long width, long seed,
                        cf_latent_view *latent)
{
    char name[64];
    size_t cursor = 0;
    cf_flow_view flow;
    snprintf(name, sizeof name, "%s.width-%ld.seed-%ld", family, width, seed);
    while (cf_flow_next(result, &cursor, &flow))
        if (strcmp(flow.name, name) == 0)
            return cf_flow_latent(&flow, latent);
    return false;
}

/* sup over the outputs of E50. */
static double distance(const cf_latent_view *a, const cf_latent_view *b)
{
    double worst = 0;
    size_t size = cf_latent_size(a);
    for (size_t t = 0; t < a->count; t++) {
        double sum = 0;
        for (size_t k = t * size; k < (t + 1) * size; k++)
            sum += (a->points[k] - b->points[k]) * (a->points[k] - b->points[k]);
        worst = cf_claim_worst(worst, sqrt(sum / (double)(a->samples * a->views)));
    }
    return worst;
}

static cf_status measure(const ensembles *o, const cf_result *result, double *x, double *errors,
                         cf_err *err)
{
    long width = o->first;
    for (long w = 0; w < o->widths; w++, width *= 4) {
        x[w] = (double)width;
        for (long seed = 1; seed <= o->seeds; seed++) {
            cf_latent_view one, other;
            if (!find_latent(result, "small", width, seed, &one) ||
                !find_latent(result, "large", 4 * width, OTHERS + seed, &other))
                return cf_fail(err, CF_ENUMERIC, "a network of %ld neurons is missing", width);
            errors[w * o->seeds + seed - 1] = distance(&one, &other);
        }
    }
    return CF_OK;
}

static cf_status run(const ensembles *o, long activation, long space, const scaling *s,
                     cf_result **result, cf_claim_log *log, cf_err *err)
{
    char narrow[96], wide[96], seeds[1024], others[1024];
    cf_claim_write_list(narrow, sizeof narrow, o->first, o->widths, 4);
    cf_claim_write_list(wide, sizeof wide, 4 * o->first, o->widths, 4);
    cf_claim_write_list(seeds, sizeof seeds, 1, o->seeds, 1);
    cf_claim_write_list(others, sizeof others, OTHERS + 1, o->seeds, 1);
    const char *name = cf_activation_names[activation];
    return cf_claim_run(
        log, result, err,
        "format: 1\ndata: {kind: discs, radius: 0.3, points-per-cluster: %ld}\nlatent: %s\n"
        "start: {kind: near-point, spread: 0.3}\nloss: {psi: log1p, tau: %g}\n"
        "flows:\n"
        "- {name: small, kind: network, seeds: %s, network: {%s, activation: %s, widths: %s}}\n"
        "- {name: large, kind: network, seeds: %s, network: {%s, activation: %s, widths: %s}}\n"
        "time: {end: %g, outputs: {spacing: linear, count: 5}}\n"
        "integrator: {rtol: 1e-4}\nsums: {engine: direct}\n"
        "clusters: {threshold: 0.999999}\n", /* no events */
        o->points, cf_claim_smooth_spaces[space], o->tau, seeds, s->parametrization, name, narrow,
        others, s->parametrization, name, wide, o->end);
}

static cf_status check_scaling(const ensembles *all, long activation, long space, const scaling *s,
                               cf_claim_log *log, cf_err *err)
{
    ensembles own = *all, *o = &own; /* few seeds show that a control does not fall */
    own.seeds = s->control ? CONTROL_SEEDS : all->seeds;
    char parameters[112];
    cf_result *result = NULL;
    size_t count = (size_t)o->widths, seeds = (size_t)o->seeds;
    double *x = cf_allocate("errors", count * (seeds + 1), sizeof *x, err);
    if (x == NULL)
        return CF_ESYSTEM;
    cf_status status = run(o, activation, space, s, &result, log, err);
    if (status == CF_OK)
        status = measure(o, result, x, x + count, err);
    snprintf(parameters, sizeof parameters, "%s, %s, N %ld..%g", cf_activation_names[activation],
             cf_claim_space_names[space], o->first, x[count - 1]);
    const cf_claim_slope_finding finding = {s->quantity, parameters, x,         x + count, count,
                                            seeds,       SLOPE,      TOLERANCE, s->control};
    if (status == CF_OK)
        status = cf_claim_find_slope(log, &finding, err);
    cf_result_free(&result);
    free(x);
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const ensembles *o = options;
    cf_status status = CF_OK;
    for (size_t a = 0; a < o->activation.count; a++)
        for (size_t s = 0; s < o->space.count; s++)
            for (size_t k = 0; k < sizeof scalings / sizeof *scalings && status == CF_OK; k++)
                status = check_scaling(o, o->activation.values[a], o->space.values[s], &scalings[k],
                                       log, err);
    return status;
}

const cf_claim cf_claim_mean_field = {
    .kind = {"C14",
             "The outputs of N neurons in the mean-field parametrization differ from those of an "
             "independent ensemble four times as large by an error that falls like N^-1/2 along "
             "the training.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(ensembles)},
    .title = "mean-field ensembles",
    .source = "mean-field limit of one hidden layer; theory C14, E50, E53",
    .hypothesis = "outputs are means over N independent neurons",
    .control = "outputs scaled by N^-1/2 (NTK parametrization, not centered), which stay random",
    .quick = "{activation: erf, first: 64, seeds: 16, points: 2, end: 0.5}",
    .full = "{activation: [relu, leaky-relu, erf, tanh, gelu, softplus], space: [circle, sphere, "
            "line, plane], widths: 4, points: 25}",
    .seconds = {60, 3, 3600},
    .figure = {"neurons N", "error",
               "Means over pairs of networks; lines have the predicted slope.", true, true},
    .check = check};
