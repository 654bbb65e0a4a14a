/* C4: equal masses on regular polytopes, and the uniform measure, are stationary for every loss,
 * whichever data were sent there. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "contraflow/models/configuration.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

typedef struct {
    cf_reals tau;
    cf_integers psi, eta;
    double exponent;
    cf_texts configuration;
    long particles, seed;
} polytopes;

static const cf_option OPTIONS[] = {
    {.key = "tau",
     .type = CF_OPTION_REALS,
     .offset = offsetof(polytopes, tau),
     .fallback = "[0.02, 0.1, 0.5, 2]",
     .min = 0.01,
     .max = 100,
     .doc = "Temperatures."},
    {.key = "psi",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(polytopes, psi),
     .fallback = "[log1p, log, identity]",
     .choices = cf_psi_names,
     .doc = "Psi of the loss."},
    {.key = "eta",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(polytopes, eta),
     .fallback = "[exponential, power]",
     .choices = cf_eta_names,
     .doc = "Profiles."},
    {.key = "exponent",
     .type = CF_OPTION_REAL,
     .offset = offsetof(polytopes, exponent),
     .fallback = "1.5",
     .min = 0.25,
     .max = 8,
     .doc = "Of the power profile."},
    {.key = "configuration",
     .type = CF_OPTION_TEXTS,
     .offset = offsetof(polytopes, configuration),
     .fallback = "[polygon-2, polygon-3, polygon-4, polygon-5, polygon-6, polygon-7, polygon-12, "
                 "polygon-31, simplex, cross-polytope, cube, icosahedron, dodecahedron, simplex-5]",
     .doc = "Names of regular polytopes, as contraflow stationary takes them."},
    {.key = "particles",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(polytopes, particles),
     .fallback = "3",
     .min = 1,
     .max = 50,
     .doc = "At every vertex, with random shares of its mass and random labels."},
    {.key = "seed",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(polytopes, seed),
     .fallback = "1",
     .min = 0,
     .max = 1e9,
     .doc = "Of shares and labels."}};

enum { CLUSTERS = 4 };

/* Rounding: coordinates are known to 1e-16, s/tau to 1e-16/tau, and forces with them. */
static double tolerance_of(double tau)
{
    return 2e-14 * (1 + 0.1 / tau);
}

/* One measure and what is done to it. */
typedef struct {
    cf_configuration *c;
    int *labels; /* [n] */
} subject;

typedef enum { REGULAR, DISPLACED, UNEQUAL, SYMMETRIC } treatment;

static const struct {
    const char *quantity;
    bool control;
} CASE[] = {{"speed by its forces and 2e-14 (1 + 0.1/tau), largest", false},
            {"the least with one vertex displaced", true},
            {"the least with generic unequal masses", true},
            {"the largest with symmetric unequal masses", false}};

/* Equal, or 1 + 0.3 cos(1 + v^2), or two values in turn. */
static double mass_of(treatment how, size_t vertex)
{
    if (how == SYMMETRIC)
        return vertex % 2 == 0 ? 0.7 : 0.3;
    return how == UNEQUAL ? 1 + 0.3 * cos(1.0 + (double)(vertex * vertex)) : 1;
}

static cf_status open_subject(const polytopes *o, const char *name, treatment how, subject *s,
                              cf_err *err)
{
    cf_configuration_setup setup;
    cf_status status = cf_configuration_find(name, &setup, err);
    if (status != CF_OK)
        return cf_err_prepend(err, "configuration: ");
    size_t vertices = setup.kind->vertices(setup.size == 0 ? setup.kind->usual : setup.size);
    double *masses = cf_allocate("masses", vertices, sizeof *masses, err);
    if (masses == NULL)
        return CF_ESYSTEM;
    for (size_t v = 0; v < vertices; v++)
        masses[v] = mass_of(how, v);
    setup.particles = (size_t)o->particles;
    setup.masses = masses;
    status = cf_configuration_create(&setup, &s->c, err);
    free(masses);
    if (status != CF_OK)
        return status;
    s->labels = cf_allocate("labels", s->c->n, sizeof *s->labels, err);
    return s->labels == NULL ? CF_ESYSTEM : CF_OK;
}

static void close_subject(subject *s)
{
    cf_configuration_free(&s->c);
    free(s->labels);
}

/* Random labels, and random shares of the particles in what is at their vertex. */
static void mix(const subject *s, uint64_t seed)
{
    const cf_random random = {seed, CF_STREAM_PROBE};
    size_t count = s->c->n / s->c->vertices;
    for (size_t i = 0; i < s->c->n; i++)
        s->labels[i] = (int)(CLUSTERS * cf_random_uniform(random, i, 0));
    for (size_t v = 0; v < s->c->n; v += count) {
        double total = 0, sum = 0;
        for (size_t i = v; i < v + count; i++) {
            total += s->c->masses[i];
            sum += s->c->masses[i] = 0.2 + cf_random_uniform(random, i, 1);
        }
        for (size_t i = v; i < v + count; i++)
            s->c->masses[i] *= total / sum;
    }
}

/* The particles of vertex 0 go a tenth of the way to the nearest other vertex. */
static void displace(const subject *s)
{
    size_t d = s->c->d, count = s->c->n / s->c->vertices, nearest = count;
    double best = INFINITY, norm = 0;
    for (size_t i = count; i < s->c->n; i += count) {
        double square = 0;
        for (size_t k = 0; k < d; k++)
            square += pow(s->c->z[i * d + k] - s->c->z[k], 2);
        nearest = square < best - 1e-9 ? i : nearest;
        best = square < best - 1e-9 ? square : best;
    }
    for (size_t k = 0; k < d; k++) { /* and aside, where that is the antipode */
        s->c->z[k] = 0.9 * s->c->z[k] + 0.1 * s->c->z[nearest * d + k] + (k == 1 ? 0.05 : 0);
        norm += s->c->z[k] * s->c->z[k];
    }
    for (size_t k = 0; k < d; k++)
        s->c->z[k] /= sqrt(norm);
    for (size_t i = d; i < count * d; i++)
        s->c->z[i] = s->c->z[i % d];
}

/* In units of the tolerance, over all temperatures and losses: the largest, of a control the
 * least. */
static cf_status measure(const polytopes *o, const subject *s, bool least, double *out, cf_err *err)
{
    const cf_claim_points points = {s->c->n, s->c->d, s->c->z, s->c->masses, s->labels, CLUSTERS};
    cf_status status = CF_OK;
    *out = least ? INFINITY : 0;
    for (size_t t = 0; t < o->tau.count; t++)
        for (size_t p = 0; p < o->psi.count; p++)
            for (size_t e = 0; e < o->eta.count && status == CF_OK; e++) {
                cf_loss_parameters loss =
                    cf_claim_loss_of(o->psi.values[p], o->tau.values[t], true);
                double speed = NAN;
                loss.eta.row = cf_eta_rows[o->eta.values[e]];
                loss.eta.exponent = o->exponent;
                status = cf_claim_speed(&loss, &points, &speed, err);
                speed /= tolerance_of(o->tau.values[t]);
                if (least ? !(speed >= *out) : !(speed <= *out))
                    *out = speed;
            }
    return status;
}

static cf_status find(const char *name, treatment how, double measured, cf_claim_log *log,
                      cf_err *err)
{
    const cf_finding finding = {CASE[how].quantity, CF_RULE_AT_MOST, 1, measured, 0,
                                CASE[how].control};
    return cf_claim_find(log, &finding, err, "%s, all tau, Psi, eta", name);
}

static cf_status check_case(const polytopes *o, const char *name, treatment how, cf_claim_log *log,
                            cf_err *err)
{
    double measured = NAN;
    subject s = {0};
    cf_status status = open_subject(o, name, how, &s, err);
    /* Two points are symmetric whatever their masses. */
    bool skipped = status == CF_OK && how == UNEQUAL && s.c->vertices < 3;
    if (status == CF_OK && !skipped) {
        mix(&s, (uint64_t)o->seed);
        if (how == DISPLACED)
            displace(&s);
        status = measure(o, &s, CASE[how].control, &measured, err);
    }
    if (status == CF_OK && !skipped)
        status = find(name, how, measured, log, err);
    close_subject(&s);
    return status;
}

/* Weighted nodes that are uniform for all that the kernel sees: exponential profiles have harmonics
 * up to cf_claim_kernel_degree, and those of power profiles fall like exp(-l sqrt(2 tau)). */
static cf_status check_uniform(const polytopes *o, size_t d, cf_claim_log *log, cf_err *err)
{
    double largest = 0;
    cf_status status = CF_OK;
    for (size_t t = 0; t < o->tau.count; t++)
        for (size_t k = 0; k < o->psi.count * o->eta.count && status == CF_OK; k++) {
            double tau = o->tau.values[t], speed = NAN;
            long eta = o->eta.values[k / o->psi.count];
            double degree = eta == 0 ? (double)cf_claim_kernel_degree(tau) : 40 / sqrt(2 * tau);
            cf_loss_parameters loss = cf_claim_loss_of(o->psi.values[k % o->psi.count], tau, true);
            cf_rule *rule = NULL;
            loss.eta.row = cf_eta_rows[eta];
            loss.eta.exponent = o->exponent;
            status = cf_rule_sphere(d, 8 + (size_t)(0.55 * degree), &rule, err);
            if (status == CF_OK) {
                const cf_claim_points points = {rule->n, d, rule->points, rule->weights, NULL, 0};
                status = cf_claim_speed(&loss, &points, &speed, err);
            }
            cf_rule_free(&rule);
            speed /= tolerance_of(tau);
            largest = speed <= largest ? largest : speed;
        }
    return status == CF_OK
               ? find(d == 2 ? "uniform on S^1" : "uniform on S^2", REGULAR, largest, log, err)
               : status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const polytopes *o = options;
    cf_status status = CF_OK;
    for (size_t k = 0; k < o->configuration.count; k++)
        for (int how = 0; how < SYMMETRIC && status == CF_OK; how++)
            status = check_case(o, o->configuration.values[k], (treatment)how, log, err);
    if (status == CF_OK)
        status = check_case(o, "antipodes", SYMMETRIC, log, err);
    if (status == CF_OK)
        status = check_case(o, "polygon-4", SYMMETRIC, log, err);
    for (size_t d = 2; d <= 3 && status == CF_OK; d++)
        status = check_uniform(o, d, log, err);
    return status;
}

const cf_claim cf_claim_polytopes = {
    .kind = {"C4",
             "Equal masses on a regular polygon, simplex, cross-polytope, cube, icosahedron or "
             "dodecahedron, and the uniform measure, are stationary for every tau, eta and Psi, "
             "whatever data were sent there with whatever labels; a displaced vertex or generic "
             "unequal masses on three points or more are not.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(polytopes)},
    .title = "regular configurations are stationary",
    .source = "Theorem 3.2",
    .hypothesis = "equal masses on the vertices of a regular polytope; or unequal ones on two "
                  "antipodes, or a, b, a, b on a square",
    .control = "one vertex is displaced; the masses are unequal and not symmetric",
    .quick = "{tau: [0.1, 0.5], configuration: [polygon-2, polygon-3, polygon-7, simplex, cube, "
             "icosahedron]}",
    .full = "{tau: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 10, 100], particles: 5}",
    .seconds = {20, 4, 200},
    .check = check};
