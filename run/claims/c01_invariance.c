/* C1: E1 of coincident views is a sum over the latent measure alone, which neither the order of the
 * data nor a rotation changes. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "contraflow/models/start.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

typedef struct {
    cf_reals tau;
    cf_integers dimension;
    long points, seed;
} invariance;

static const cf_option OPTIONS[] = {{.key = "tau",
                                     .type = CF_OPTION_REALS,
                                     .offset = offsetof(invariance, tau),
                                     .fallback = "[0.02, 0.05, 0.1, 0.5, 2]",
                                     .min = 0.01,
                                     .max = 100,
                                     .doc = "Temperatures."},
                                    {.key = "dimension",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(invariance, dimension),
                                     .fallback = "[2, 3, 5, 16]",
                                     .min = 2,
                                     .max = 64,
                                     .doc = "Of the space in which the sphere lies."},
                                    {.key = "points",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(invariance, points),
                                     .fallback = "200",
                                     .min = 2,
                                     .max = 5000,
                                     .doc = "Data points n, with two views each."},
                                    {.key = "seed",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(invariance, seed),
                                     .fallback = "1",
                                     .min = 0,
                                     .max = 1e9,
                                     .doc = "Of the points and of the rotation."}};

static const double TOLERANCE = 1e-13; /* relative */

/* Below this, log(2nG - 1) is the rounding error of 2nG. */
static const double FLOOR = 16 * DBL_EPSILON;

/* One case. */
typedef struct {
    double tau;
    size_t n, d;
    uint64_t seed;
    double *z;       /* [2n*d] both views of every point, one after the other */
    double *changed; /* [n*d] or [2n*d] */
    double *masses;  /* [2n] */
} sample;

static double dot(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t k = 0; k < d; k++)
        sum += a[k] * b[k];
    return sum;
}

static void normalize(double *row, size_t d)
{
    double norm = sqrt(dot(row, row, d));
    for (size_t k = 0; k < d; k++)
        row[k] /= norm;
}

/* Points so near to each other that s_ij/tau is of size 1: all pairs count. */
static cf_status create(sample *s, cf_err *err)
{
    size_t n = s->n, d = s->d;
    const cf_latent latent = {.sphere = true, .dimension = d};
    s->z = cf_allocate("points", 2 * n * d, sizeof(double), err);
    s->changed = cf_allocate("points", 2 * n * d, sizeof(double), err);
    s->masses = cf_allocate("masses", 2 * n, sizeof(double), err);
    if (s->z == NULL || s->changed == NULL || s->masses == NULL)
        return CF_ESYSTEM;
    cf_start_near_point(&latent, fmin(sqrt(s->tau / (double)d), 1), s->seed, n, s->changed);
    for (size_t a = 0; a < 2 * n; a++) {
        memcpy(s->z + a * d, s->changed + a / 2 * d, d * sizeof(double));
        normalize(s->z + a * d, d);
        s->masses[a] = 0.5 / (double)n;
    }
    return CF_OK;
}

static void release(sample *s)
{
    free(s->z);
    free(s->changed);
    free(s->masses);
}

/* changed [n*d]: the first view of point order_i. */
static void gather(const sample *s, const size_t *order)
{
    for (size_t i = 0; i < s->n; i++)
        memcpy(s->changed + i * s->d, s->z + 2 * (order == NULL ? i : order[i]) * s->d,
               s->d * sizeof(double));
}

/* The sum of C1, written out: mean over i of log(1 + 2 sum_{j != i} e^{(s_ij - 1)/tau}). */
static double formula(const sample *s)
{
    double total = 0;
    for (size_t i = 0; i < s->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < s->n; j++)
            if (j != i)
                sum += exp((dot(s->z + 2 * i * s->d, s->z + 2 * j * s->d, s->d) - 1) / s->tau);
        total += log1p(2 * sum);
    }
    return total / (double)s->n;
}

static cf_status find(const sample *s, const char *quantity, double expected, double value,
                      bool control, cf_claim_log *log, cf_err *err)
{
    const cf_finding finding = {
        quantity, CF_RULE_EQUAL, expected, value, fmax(TOLERANCE * fabs(expected), FLOOR), control};
    return cf_claim_find(log, &finding, err, "tau %g, d %zu, n %zu", s->tau, s->d, s->n);
}

/* E1 over the 2n embeddings `z`. */
static cf_status two_views(const sample *s, const double *z, double *value, cf_err *err)
{
    cf_loss_parameters loss = cf_claim_loss_of(0, s->tau, true);
    loss.psi = &cf_psi_nt_xent;
    loss.views = 2;
    return cf_claim_loss(&loss, z, s->masses, 2 * s->n, s->d, value, err);
}

/* E3 with Psi of the row, NULL for that of nt-xent, at `z` [n*d]. */
static cf_status one_view(const sample *s, const cf_psi *psi, const double *z, double *value,
                          cf_err *err)
{
    cf_loss_parameters loss = cf_claim_loss_of(0, s->tau, true);
    loss.psi = psi;
    return cf_claim_loss(&loss, z, NULL, s->n, s->d, value, err);
}

/* The hypothesis broken: second views are turned by a tenth of a radian, towards the next point. */
static void part_views(const sample *s)
{
    memcpy(s->changed, s->z, 2 * s->n * s->d * sizeof(double));
    for (size_t i = 0; i < s->n; i++) {
        const double *z = s->z + 2 * i * s->d, *other = s->z + 2 * ((i + 1) % s->n) * s->d;
        double *row = s->changed + (2 * i + 1) * s->d, along = dot(z, other, s->d);
        for (size_t k = 0; k < s->d; k++)
            row[k] = other[k] - along * z[k];
        normalize(row, s->d);
        for (size_t k = 0; k < s->d; k++)
            row[k] = cos(0.1) * z[k] + sin(0.1) * row[k];
    }
}

static cf_status check_formula(const sample *s, cf_claim_log *log, cf_err *err)
{
    double expected = formula(s), value = NAN;
    cf_status status = two_views(s, s->z, &value, err);
    if (status == CF_OK)
        status = find(s, "E1 of 2n embeddings", expected, value, false, log, err);
    gather(s, NULL);
    if (status == CF_OK)
        status = one_view(s, &cf_psi_nt_xent, s->changed, &value, err);
    if (status == CF_OK)
        status = find(s, "E3 with Psi = log(2nG - 1)", expected, value, false, log, err);
    part_views(s);
    if (status == CF_OK)
        status = two_views(s, s->changed, &value, err);
    return status == CF_OK ? find(s, "E1 of views that differ", expected, value, true, log, err)
                           : status;
}

/* Reflections along d random vectors: any rotation or reflection is such a product. With `stretch`
 * they are none, and lengths change. */
static void rotate(const sample *s, double stretch)
{
    double v[64];
    const cf_random random = {s->seed, CF_STREAM_PROBE};
    for (uint32_t r = 0; r < s->d; r++) {
        for (size_t k = 0; k < s->d; k++)
            v[k] = cf_random_normal(random, k, r);
        normalize(v, s->d);
        for (size_t i = 0; i < s->n; i++) {
            double *row = s->changed + i * s->d, along = dot(row, v, s->d);
            for (size_t k = 0; k < s->d; k++)
                row[k] -= (2 + stretch) * along * v[k];
            if (stretch != 0)
                normalize(row, s->d);
        }
    }
}

/* The larger of two relative errors, in units of what is tolerated. */
static void add_change(double before, double after, double *worst)
{
    double error = fabs(after - before) / fmax(fabs(before), FLOOR / TOLERANCE);
    *worst = error <= *worst ? *worst : error;
}

/* The largest change of the losses of all Psi when `changed` takes the place of the points. */
static cf_status largest_change(const sample *s, const double *before, double *worst, cf_err *err)
{
    cf_status status = CF_OK;
    double after = NAN;
    *worst = 0;
    for (size_t k = 0; cf_psi_rows[k] != NULL && status == CF_OK; k++) {
        status = one_view(s, cf_psi_rows[k], s->changed, &after, err);
        add_change(before[k], after, worst);
    }
    return status;
}

static cf_status find_change(const sample *s, const char *quantity, double worst, bool control,
                             cf_claim_log *log, cf_err *err)
{
    const cf_finding finding = {quantity, CF_RULE_EQUAL, 0, worst, TOLERANCE, control};
    return cf_claim_find(log, &finding, err, "tau %g, d %zu, n %zu, every Psi", s->tau, s->d, s->n);
}

static cf_status check_symmetries(const sample *s, cf_claim_log *log, cf_err *err)
{
    double before[8], worst = NAN;
    cf_status status = CF_OK;
    size_t *order = cf_allocate("order", s->n, sizeof *order, err);
    if (order == NULL)
        return CF_ESYSTEM;
    gather(s, NULL);
    for (size_t k = 0; cf_psi_rows[k] != NULL && status == CF_OK; k++)
        status = one_view(s, cf_psi_rows[k], s->changed, &before[k], err);
    cf_random_permutation((cf_random){s->seed, CF_STREAM_PROBE}, 0, s->n, order);
    gather(s, order);
    if (status == CF_OK)
        status = largest_change(s, before, &worst, err);
    if (status == CF_OK)
        status = find_change(s, "relative change of L, data permuted", worst, false, log, err);
    for (int control = 0; control < 2 && status == CF_OK; control++) {
        gather(s, NULL);
        rotate(s, control ? 0.2 : 0);
        status = largest_change(s, before, &worst, err);
        if (status == CF_OK)
            status = find_change(s,
                                 control ? "relative change of L, latents distorted"
                                         : "relative change of L, latents rotated",
                                 worst, control, log, err);
    }
    free(order);
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const invariance *o = options;
    cf_status status = CF_OK;
    for (size_t d = 0; d < o->dimension.count; d++)
        for (size_t t = 0; t < o->tau.count && status == CF_OK; t++) {
            sample s = {.tau = o->tau.values[t],
                        .n = (size_t)o->points,
                        .d = (size_t)o->dimension.values[d],
                        .seed = (uint64_t)o->seed};
            status = create(&s, err);
            if (status == CF_OK)
                status = check_formula(&s, log, err);
            if (status == CF_OK)
                status = check_symmetries(&s, log, err);
            release(&s);
        }
    return status;
}

const cf_claim cf_claim_invariance = {
    .kind =
        {"C1",
         "For an invariant map, NT-Xent over its 2n embeddings is mean_i log(1 + 2 sum_{j != i} "
         "e^{(s_ij - 1)/tau}), a sum over the latent measure alone: permuting the data or "
         "rotating the latents changes no loss.",
         OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(invariance)},
    .title = "an invariant loss sees the latent measure alone",
    .source = "Proposition 2.1",
    .hypothesis = "both views of a point have the same latent; maps of the latents are rotations",
    .control = "second views are turned by 0.1; the map of the latents stretches them",
    .quick = "{tau: [0.1, 2], dimension: [2, 5]}",
    .full = "{tau: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 2, 10, 100], dimension: [2, 3, 5, 16, 64], "
            "points: 500}",
    .seconds = {1, 1, 20},
    .check = check};
