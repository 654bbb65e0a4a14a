/* C2: gradients of every loss against eighth-order differences of the loss along a line, and the
 * first variation against its derivative along the transport of mass. Those of networks are in
 * c02_networks.c. */
#include "c02_gradients.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/start.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

/* The rows of Psi, and behind them E1. */
const char *const cf_claim_gradient_losses[] = {"log1p", "log", "identity", "nt-xent", NULL};
const char *const cf_claim_gradient_spaces[] = {"sphere", "euclidean", NULL};
enum { NT_XENT = 3, SPHERE = 0 };
static const double TOLERANCE = 1e-9; /* relative */

/* Those with a second derivative: differences of high order need several. */
const char *const cf_claim_smooth_activations[] = {"erf", "tanh", "gelu", "softplus", NULL};

static const cf_option OPTIONS[] = {{.key = "tau",
                                     .type = CF_OPTION_REALS,
                                     .offset = offsetof(cf_claim_gradient_options, tau),
                                     .fallback = "[0.02, 0.1, 1]",
                                     .min = 0.01,
                                     .max = 10,
                                     .doc = "Temperatures."},
                                    {.key = "loss",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(cf_claim_gradient_options, loss),
                                     .fallback = "[log1p, log, identity, nt-xent]",
                                     .choices = cf_claim_gradient_losses,
                                     .doc = "Psi of E2 and E3, or E1."},
                                    {.key = "eta",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(cf_claim_gradient_options, eta),
                                     .fallback = "[exponential, power]",
                                     .choices = cf_eta_names,
                                     .doc = "Profiles; E1 has the exponential one."},
                                    {.key = "exponent",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(cf_claim_gradient_options, exponent),
                                     .fallback = "1.5",
                                     .min = 0.25,
                                     .max = 8,
                                     .doc = "Of the power profile."},
                                    {.key = "space",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(cf_claim_gradient_options, space),
                                     .fallback = "[sphere, euclidean]",
                                     .choices = cf_claim_gradient_spaces,
                                     .doc = "Latent spaces; E1 has the sphere."},
                                    {.key = "dimension",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(cf_claim_gradient_options, dimension),
                                     .fallback = "[2, 3]",
                                     .min = 2,
                                     .max = 16,
                                     .doc = "Dimensions d."},
                                    {.key = "views",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(cf_claim_gradient_options, views),
                                     .fallback = "[1, 2, 3]",
                                     .min = 1,
                                     .max = 6,
                                     .doc = "Views V of every point."},
                                    {.key = "points",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(cf_claim_gradient_options, points),
                                     .fallback = "12",
                                     .min = 2,
                                     .max = 1000,
                                     .doc = "Data points n."},
                                    {.key = "floor",
                                     .type = CF_OPTION_REAL,
                                     .offset = offsetof(cf_claim_gradient_options, floor),
                                     .fallback = "0.3",
                                     .min = 0,
                                     .max = 1,
                                     .doc = "Norm floor of a second run over the sphere; 0: none."},
                                    {.key = "activation",
                                     .type = CF_OPTION_CHOICES,
                                     .offset = offsetof(cf_claim_gradient_options, activation),
                                     .fallback = "[erf, tanh, gelu, softplus]",
                                     .choices = cf_claim_smooth_activations,
                                     .doc = "Of the networks."},
                                    {.key = "hidden-layers",
                                     .type = CF_OPTION_INTEGERS,
                                     .offset = offsetof(cf_claim_gradient_options, hidden_layers),
                                     .fallback = "[1, 2]",
                                     .min = 1,
                                     .max = 5,
                                     .doc = "Of the networks."},
                                    {.key = "width",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(cf_claim_gradient_options, width),
                                     .fallback = "32",
                                     .min = 1,
                                     .max = 512,
                                     .doc = "Of the networks."},
                                    {.key = "seed",
                                     .type = CF_OPTION_INTEGER,
                                     .offset = offsetof(cf_claim_gradient_options, seed),
                                     .fallback = "1",
                                     .min = 0,
                                     .max = 1e9,
                                     .doc = "Of points, directions and networks."}};

/* A loss of raw embeddings at one point and along one direction. */
typedef struct {
    cf_loss_parameters parameters;
    cf_latent latent;
    size_t rows, d; /* n V */
    double scale;   /* over which the loss changes */
    cf_loss *loss;
    double *arrays;                /* owns the others */
    double *m, *r, *phi;           /* [rows] */
    double *h, *v, *moved, *z, *u; /* [rows*d] */
} line;

/* s/tau is of size 1 or less, and no embedding comes near 0. */
double cf_claim_gradient_scale(double tau, size_t d)
{
    return fmin(sqrt(tau / (double)d), 0.2);
}

static cf_status open_line(const cf_claim_gradient_options *o, line *l, cf_err *err)
{
    size_t n = l->rows, size = n * l->d, V = l->parameters.views;
    l->arrays = cf_allocate("points", 3 * n + 5 * size, sizeof(double), err);
    if (l->arrays == NULL)
        return CF_ESYSTEM;
    double **rows[] = {&l->m, &l->r, &l->phi}, **points[] = {&l->h, &l->v, &l->moved, &l->z, &l->u};
    for (size_t k = 0; k < 3; k++)
        *rows[k] = l->arrays + k * n;
    for (size_t k = 0; k < 5; k++)
        *points[k] = l->arrays + 3 * n + k * size;
    double total = 0;
    const cf_random random = {(uint64_t)o->seed, CF_STREAM_PROBE};
    bool equal = l->parameters.psi == &cf_psi_nt_xent;
    for (size_t i = 0; i < n; i++)
        total += l->m[i] = equal ? 1 : 0.5 + cf_random_uniform(random, i / V, 0);
    for (size_t i = 0; i < n; i++)
        l->m[i] /= total;
    for (size_t k = 0; k < size; k++)
        l->v[k] = cf_random_normal(random, k, 1);
    l->scale = cf_claim_gradient_scale(l->parameters.eta.tau, l->d);
    cf_start_near_point(&l->latent, l->scale, (uint64_t)o->seed, n, l->h);
    return cf_loss_create(&l->parameters, l->m, n, l->d, &l->loss, err);
}

static void close_line(line *l)
{
    cf_loss_free(&l->loss);
    free(l->arrays);
}

static double loss_along(void *context, double step)
{
    line *l = context;
    for (size_t k = 0; k < l->rows * l->d; k++)
        l->moved[k] = l->h[k] + step * l->v[k];
    cf_latent_map(&l->latent, l->moved, l->rows, l->z, l->r);
    return cf_loss_value(l->loss, l->z);
}

/* Steps over which the eighth derivative is harmless: two hundredths of the scale. */
static double step_of(const line *l)
{
    return 0.005 * l->scale;
}

/* The error of dL/dh . v, by the gradient of `loss`, relative to the sum of its terms' sizes. */
static double gradient_error(line *l, cf_loss *loss)
{
    double slope = cf_claim_difference(loss_along, l, step_of(l)), exact = 0, size = 0;
    loss_along(l, 0);
    cf_loss_gradient(loss, l->z, l->u);
    cf_latent_pull(&l->latent, l->z, l->r, l->u, l->rows, l->u);
    for (size_t k = 0; k < l->rows * l->d; k++) {
        double term = l->m[k / l->d] * l->u[k] * l->v[k];
        exact += term;
        size += fabs(term);
    }
    return fabs(slope - exact) / size;
}

/* The hypothesis broken: it is the gradient of a temperature one hundredth higher. */
static cf_status other_gradient_error(line *l, double *error, cf_err *err)
{
    cf_loss *other = NULL;
    cf_loss_parameters parameters = l->parameters;
    parameters.eta.tau *= 1.01;
    cf_status status = cf_loss_create(&parameters, l->m, l->rows, l->d, &other, err);
    if (status == CF_OK)
        *error = gradient_error(l, other);
    cf_loss_free(&other);
    return status;
}

/* --- transport --- */

/* L where mass has gone from point 0 to point 1; the hypothesis broken: has come from nowhere. */
typedef struct {
    const line *l;
    double *m; /* [rows] */
    bool control;
    cf_status status;
    cf_err *err;
} transport;

static double loss_of_transport(void *context, double step)
{
    transport *t = context;
    const line *l = t->l;
    double value = NAN;
    if (t->status != CF_OK)
        return NAN;
    memcpy(t->m, l->m, l->rows * sizeof *t->m);
    t->m[0] -= t->control ? 0 : step;
    t->m[1] += step;
    t->status = cf_claim_loss(&l->parameters, l->z, t->m, l->rows, l->d, &value, t->err);
    return value;
}

static cf_status transport_error(line *l, bool control, double *error, cf_err *err)
{
    transport t = {l, cf_allocate("masses", l->rows, sizeof(double), err), control, CF_OK, err};
    if (t.m == NULL)
        return CF_ESYSTEM;
    loss_along(l, 0);
    double step = 0.01 * fmin(l->m[0], l->m[1]);
    double slope = cf_claim_difference(loss_of_transport, &t, step), size = 0;
    cf_loss_first_variation(l->loss, l->z, l->phi);
    for (size_t i = 0; i < l->rows; i++)
        size = fmax(size, fabs(l->phi[i]));
    *error = fabs(slope - (l->phi[1] - l->phi[0])) / size;
    free(t.m);
    return t.status;
}

/* --- all cases --- */

typedef enum { GRADIENT, OTHER_GRADIENT, TRANSPORT, CREATION, QUESTIONS } question;

static const struct {
    const char *quantity;
    bool control;
} ASKED[] = {{"gradient, relative error", false},
             {"gradient of 1.01 tau, relative error", true},
             {"E4 under transport of mass, relative error", false},
             {"E4 under creation of mass, relative error", true}};

static cf_status ask(line *l, question asked, double *error, cf_err *err)
{
    if (asked == OTHER_GRADIENT)
        return other_gradient_error(l, error, err);
    if (asked != GRADIENT)
        return transport_error(l, asked == CREATION, error, err);
    *error = gradient_error(l, l->loss);
    return CF_OK;
}

typedef struct {
    long loss, eta, space;
    size_t views;
    double floor;
} form;

/* E1 has the exponential profile on the sphere; a norm floor belongs to the sphere. */
static bool makes_sense(const form *f)
{
    return (f->loss != NT_XENT || (f->eta == 0 && f->space == SPHERE)) &&
           (f->space == SPHERE || f->floor == 0);
}

static line line_of(const cf_claim_gradient_options *o, const form *f, double tau, size_t d)
{
    line l = {.parameters = cf_claim_loss_of(f->loss == NT_XENT ? 0 : f->loss, tau, false),
              .latent = {.sphere = f->space == SPHERE, .dimension = d, .norm_floor = f->floor},
              .rows = (size_t)o->points * f->views,
              .d = d};
    if (f->loss == NT_XENT)
        l.parameters.psi = &cf_psi_nt_xent;
    l.parameters.eta = (cf_profile){cf_eta_rows[f->eta], tau, o->exponent};
    l.parameters.views = f->views;
    return l;
}

/* The worst of all temperatures and dimensions; of a control, the best. */
static cf_status worst_error(const cf_claim_gradient_options *o, const form *f, question asked,
                             double *worst, cf_err *err)
{
    bool least = ASKED[asked].control;
    cf_status status = CF_OK;
    *worst = least ? INFINITY : 0;
    for (size_t k = 0; k < o->tau.count * o->dimension.count && status == CF_OK; k++) {
        double tau = o->tau.values[k % o->tau.count], error = NAN;
        line l = line_of(o, f, tau, (size_t)o->dimension.values[k / o->tau.count]);
        status = open_line(o, &l, err);
        if (status == CF_OK)
            status = ask(&l, asked, &error, err);
        close_line(&l);
        if (least ? !(error >= *worst) : !(error <= *worst))
            *worst = error;
    }
    return status;
}

static cf_status check_form(const cf_claim_gradient_options *o, const form *f, cf_claim_log *log,
                            cf_err *err)
{
    cf_status status = CF_OK;
    /* E4 is of one view, and E1 needs equal masses, which do not allow transport. */
    bool variation = f->views == 1 && f->loss != NT_XENT && f->floor == 0;
    for (int asked = 0; asked < (variation ? QUESTIONS : TRANSPORT) && status == CF_OK; asked++) {
        cf_finding finding = {ASKED[asked].quantity, CF_RULE_EQUAL, 0, NAN, TOLERANCE,
                              ASKED[asked].control};
        status = worst_error(o, f, (question)asked, &finding.measured, err);
        if (status == CF_OK)
            status = cf_claim_find(log, &finding, err, "%s, %s, %s, V %zu%s, all tau and d",
                                   cf_claim_gradient_losses[f->loss], cf_eta_names[f->eta],
                                   cf_claim_gradient_spaces[f->space], f->views,
                                   f->floor > 0 ? ", norm floor" : "");
    }
    return status;
}

static cf_status check_space(const cf_claim_gradient_options *o, form f, cf_claim_log *log,
                             cf_err *err)
{
    cf_status status = CF_OK;
    for (size_t v = 0; v < o->views.count && status == CF_OK; v++)
        for (int floor = 0; floor < 2 && status == CF_OK; floor++) {
            f.views = (size_t)o->views.values[v];
            f.floor = floor ? o->floor : 0;
            if (makes_sense(&f) && (!floor || o->floor > 0))
                status = check_form(o, &f, log, err);
        }
    return status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const cf_claim_gradient_options *o = options;
    cf_status status = CF_OK;
    for (size_t k = 0; k < o->loss.count; k++)
        for (size_t e = 0; e < o->eta.count; e++)
            for (size_t s = 0; s < o->space.count && status == CF_OK; s++) {
                const form f = {o->loss.values[k], o->eta.values[e], o->space.values[s], 1, 0};
                status = check_space(o, f, log, err);
            }
    return status == CF_OK ? cf_claim_network_gradients(o, log, err) : status;
}

const cf_claim cf_claim_gradients = {
    .kind = {"C2",
             "Every gradient is the derivative of its loss, and the first variation is the "
             "derivative under transport of mass.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(cf_claim_gradient_options)},
    .title = "gradients against differences of high order",
    .source = "E1 to E5 and E8, derived",
    .hypothesis = "one loss, differentiated; mass is moved, not made; smooth activations",
    .control = "the gradient belongs to a temperature 1 % higher; mass is made",
    .quick = "{tau: [0.1], dimension: [2], views: [1, 2], activation: [erf]}",
    .full = "{tau: [0.01, 0.02, 0.05, 0.1, 0.3, 1, 10], dimension: [2, 3, 5, 8], views: [1, 2, 3, "
            "4], points: 40}",
    .seconds = {2, 1, 60},
    .check = check};
