/* Creation of densities by harmonics, in a band that resolves kernel and start. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/fourier.h"
#include "contraflow/solver/memory.h"
#include "spectral.h"

typedef cf_spectral spectral;

static void release(cf_density *density)
{
    spectral *s = (spectral *)density;
    cf_harmonics_free(&s->many);
    cf_harmonics_free(&s->one);
    free(s->arrays);
}

static void discard(spectral **s)
{
    cf_density *density = (cf_density *)*s;
    cf_density_free(&density);
    *s = NULL;
}

/* 0: as many as it takes. A start that is given on the circle gives them. */
static size_t wanted_nodes(const cf_flow_setup *setup)
{
    bool given = setup->grid.nodes == 0 && setup->latent.dimension == 2;
    return given ? setup->law->rows : (size_t)setup->grid.nodes;
}

static cf_status open_harmonics(const cf_flow_setup *setup, size_t degree, size_t batch,
                                cf_harmonics **out, cf_err *err)
{
    size_t nodes = wanted_nodes(setup);
    if (setup->latent.dimension == 2)
        return cf_harmonics_circle(degree, nodes > 0 ? nodes : cf_fourier_length(3 * degree + 1),
                                   batch, out, err);
    return cf_harmonics_sphere(degree, setup->law->axial ? 0 : degree, batch, out, err);
}

static cf_status allocate(spectral *s, cf_err *err)
{
    size_t n = s->density.n, nq = n * s->density.functions;
    size_t degrees = cf_harmonics_view(s->one)->degree + 1;
    const struct {
        double **array;
        size_t count;
    } arrays[] = {{&s->multipliers, degrees},
                  {&s->many_lambda, s->size},
                  {&s->one_lambda, s->single},
                  {&s->start, s->size},
                  {&s->rho, nq},
                  {&s->lap, nq},
                  {&s->moved, nq},
                  {&s->moved_lap, nq},
                  {&s->product, nq},
                  {&s->other, nq},
                  {&s->phi, n},
                  {&s->phi_lap, n},
                  {&s->dphi, n},
                  {&s->dphi_lap, n},
                  {&s->total, n},
                  {&s->phi_hat, s->single},
                  {&s->dphi_hat, s->single},
                  {&s->rate_hat, s->single},
                  {&s->scratch, s->single},
                  {&s->first, s->size},
                  {&s->second, s->size},
                  {&s->rate, s->size},
                  {&s->spectrum, degrees}};
    size_t total = 0, used = 0, count = sizeof arrays / sizeof *arrays;
    for (size_t k = 0; k < count; k++)
        total += arrays[k].count;
    s->arrays = cf_allocate("density", total, sizeof(double), err);
    for (size_t k = 0; k < count && s->arrays != NULL; k++) {
        *arrays[k].array = s->arrays + used;
        used += arrays[k].count;
    }
    return s->arrays == NULL ? CF_ESYSTEM : CF_OK;
}

static void set_lambda(const cf_harmonics *harmonics, double *lambda)
{
    const cf_harmonics_grid *grid = cf_harmonics_view(harmonics);
    for (size_t i = 0; i < grid->size; i++) {
        double l = (double)grid->degrees[i];
        lambda[i] = -l * (l + (double)grid->dimension - 2);
    }
}

/* Multipliers, and the coefficients of the start with mean exactly one. */
static cf_status begin(spectral *s, cf_err *err)
{
    const double pole[3] = {1, 0, 0};
    cf_density *density = &s->density;
    cf_density_kernel(density, pole, s->phi);
    cf_harmonics_multipliers(s->one, s->phi, s->scratch, s->multipliers);
    set_lambda(s->one, s->one_lambda);
    set_lambda(s->many, s->many_lambda);
    cf_status status = cf_density_start(density, s->rho, err);
    if (status == CF_OK)
        cf_harmonics_analyze(s->many, s->rho, s->start);
    return status;
}

/* Whether kernel and start fade at the end of the band. */
static double worst_tail(spectral *s)
{
    size_t degree = cf_harmonics_view(s->one)->degree, B = s->density.functions;
    double worst = fabs(s->multipliers[degree]) / s->multipliers[0];
    double *factors = s->product;
    for (size_t q = 0; q < B; q++) {
        for (size_t k = 0; k < B; k++)
            factors[k] = k == q;
        cf_harmonics_combine(s->many, factors, s->start, s->scratch);
        cf_harmonics_spectrum(s->one, s->scratch, s->spectrum);
        worst = fmax(worst, cf_spectral_tail(s->spectrum, degree));
    }
    return worst;
}

static cf_status build(const cf_flow_setup *setup, size_t degree, spectral **out, cf_err *err)
{
    cf_density *density = NULL;
    cf_status status = cf_density_create(setup, sizeof(spectral), &density, err);
    spectral *s = (spectral *)density;
    *out = s;
    if (s == NULL)
        return CF_ESYSTEM;
    density->release = release;
    if (status == CF_OK)
        status = open_harmonics(setup, degree, density->functions, &s->many, err);
    if (status == CF_OK)
        status = open_harmonics(setup, degree, 1, &s->one, err);
    if (status != CF_OK)
        return status;
    const cf_harmonics_grid *grid = cf_harmonics_view(s->one);
    s->single = grid->size;
    s->size = cf_harmonics_view(s->many)->size;
    density->n = grid->nodes;
    density->points = grid->points;
    density->weights = grid->weights;
    status = allocate(s, err);
    return status == CF_OK ? begin(s, err) : status;
}

static const double WANTED = 1e-10;

/* The degree that `nodes` serve; for 0, doubled until kernel and start are resolved. A whole sphere
 * costs the third power of it. */
static cf_status choose(const cf_flow_setup *setup, spectral **out, cf_err *err)
{
    bool circle = setup->latent.dimension == 2, whole = !circle && !setup->law->axial;
    size_t nodes = wanted_nodes(setup);
    size_t given = circle ? (nodes - 1) / 3 : (2 * nodes - 3) / 3;
    size_t first = circle ? 511 : whole ? 63 : 127, most = circle ? 16383 : whole ? 127 : 1023;
    for (size_t degree = nodes > 0 ? given : first;; degree = 2 * degree + 1) {
        cf_err failure = {0};
        cf_status status = build(setup, degree, out, &failure);
        bool last = nodes > 0 || 2 * degree + 1 > most || status == CF_ESYSTEM;
        if (last && status != CF_OK)
            return cf_fail(err, status, "%s", failure.message);
        if (last || (status == CF_OK && worst_tail(*out) < WANTED))
            return CF_OK;
        discard(out);
    }
}

/* From the degree alone: as many of the arrays of `allocate`, transforms and tables as matter. */
cf_flow_size cf_density_spectral_size(const cf_flow_setup *setup)
{
    bool circle = setup->latent.dimension == 2, whole = !circle && !setup->law->axial;
    double finest = fmin(setup->law->width, sqrt(setup->loss.eta.tau));
    double degree = setup->grid.nodes > 0 ? (double)setup->grid.nodes * (circle ? 1 : 2) / 3
                                          : fmax(circle  ? 511
                                                 : whole ? 63
                                                         : 127,
                                                 7 / finest);
    double latitudes = circle ? 1 : 1.5 * degree;
    double nodes = latitudes * (circle || whole ? 3 * degree : 8);
    double size = whole ? degree * degree : (circle ? 2 : 1) * degree;
    double table = circle ? 0 : latitudes * (whole ? degree * degree / 2 : degree);
    double B = cf_density_functions(setup), Q = cf_density_clusters(setup);
    return (cf_flow_size){.state = (size_t)(B * size),
                          .snapshot = (size_t)(Q * nodes + degree),
                          .atoms = (size_t)nodes,
                          .bytes = 8 * ((10 * B + 12) * nodes + (6 * B + 4) * size + 2 * table +
                                        Q * nodes * (double)(setup->latent.dimension + 2))};
}

static cf_status check_kernel(const spectral *s, cf_err *err)
{
    size_t degree = cf_harmonics_view(s->one)->degree;
    double rest = fabs(s->multipliers[degree]) / s->multipliers[0];
    if (rest < 1e-3)
        return CF_OK;
    return cf_fail(err, CF_EINPUT,
                   "grid.nodes: %zu nodes serve harmonics up to degree %zu, where the kernel of "
                   "loss.tau = %g still has %.2g of its size; use more nodes",
                   s->density.n, degree, s->density.flow.setup.loss.eta.tau, rest);
}

cf_status cf_density_spectral(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    spectral *s = NULL;
    cf_status status = choose(setup, &s, err);
    if (status == CF_OK)
        status = check_kernel(s, err);
    if (status == CF_OK) {
        const cf_convolution convolution = {s, cf_spectral_convolve};
        const size_t circle[2] = {1, s->density.n};
        size_t latitudes = cf_harmonics_latitudes(cf_harmonics_view(s->one)->degree);
        const size_t sphere[2] = {s->density.n / latitudes, latitudes};
        cf_spectral_attach(s);
        status = cf_density_finish(&s->density, &convolution,
                                   setup->latent.dimension == 2 ? circle : sphere, err);
    }
    if (status != CF_OK)
        discard(&s);
    *out = (cf_flow *)s;
    return status;
}
