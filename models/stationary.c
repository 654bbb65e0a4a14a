#include "contraflow/models/stationary.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"

static const double CUTOFF = 1e-9; /* softer modes are not moved by Newton's method */

/* --- splitting --- */

/* Every point as two of half its mass, one after the other. */
static void divide(const cf_stationary_setup *setup, const double *z, double *masses, double *pairs)
{
    size_t d = setup->d;
    for (size_t i = 0; i < 2 * setup->n; i++) {
        masses[i] = setup->masses[i / 2] / 2;
        memcpy(pairs + i * d, z + i / 2 * d, d * sizeof *z);
    }
}

/* When all halves part along direction k of their frames, the density does not change to first
 * order, and what acts on each is the Hessian of phi at its point: column k of every block. */
static void part(const cf_landscape *landscape, size_t n, size_t m, size_t k, double *v, double *hv,
                 double *blocks)
{
    memset(v, 0, 2 * n * m * sizeof *v);
    for (size_t i = 0; i < n; i++) {
        v[2 * i * m + k] = sqrt(0.5);
        v[(2 * i + 1) * m + k] = -sqrt(0.5);
    }
    landscape->hessian_times(landscape->system, v, hv);
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < m; l++)
            blocks[i * m * m + l * m + k] =
                sqrt(0.5) * (hv[2 * i * m + l] - hv[(2 * i + 1) * m + l]);
}

/* The largest |H q| of a rotation q, which would be 0 without rounding. */
static double rounding(const cf_landscape *landscape, double *v, double *hv)
{
    double worst = 0;
    for (size_t k = 0; k < landscape->symmetries; k++) {
        double length = 0, image = 0;
        landscape->symmetry(landscape->system, k, v);
        landscape->hessian_times(landscape->system, v, hv);
        for (size_t i = 0; i < landscape->dimension; i++) {
            length += v[i] * v[i];
            image += hv[i] * hv[i];
        }
        worst = fmax(worst, length > 0 ? sqrt(image / length) : 0);
    }
    return worst;
}

static cf_status block_values(double *block, size_t m, double *values, cf_err *err)
{
    for (size_t k = 0; k < m; k++)
        for (size_t l = 0; l < k; l++)
            block[k * m + l] = block[l * m + k] = (block[k * m + l] + block[l * m + k]) / 2;
    return cf_matrix_eigen(block, m, values, err);
}

cf_status cf_splitting_values(const cf_stationary_setup *setup, const double *z, double *values,
                              double *bound, cf_err *err)
{
    size_t n = setup->n, d = setup->d, m = d - 1;
    if (setup->loss->psi == &cf_psi_nt_xent)
        return cf_fail(err, CF_EINPUT, "nt-xent: has no limit of many particles to a point");
    cf_particle_landscape *landscape = NULL;
    double *memory =
        cf_allocate("splitting", 2 * n + 2 * n * d + 4 * n * m + n * m * m, sizeof *memory, err);
    if (memory == NULL)
        return CF_ESYSTEM;
    double *masses = memory, *pairs = masses + 2 * n, *v = pairs + 2 * n * d;
    double *hv = v + 2 * n * m, *blocks = hv + 2 * n * m, value;
    divide(setup, z, masses, pairs);
    const cf_stationary_setup halves = {setup->loss, masses, 2 * n, d};
    cf_status status = cf_particle_landscape_create(&halves, &landscape, err);
    const cf_landscape *view = status == CF_OK ? cf_particle_landscape_view(landscape) : NULL;
    if (status == CF_OK)
        status = view->evaluate(view->system, pairs, &value, hv, err);
    *bound = status == CF_OK ? 4 * rounding(view, v, hv) : NAN;
    for (size_t k = 0; k < m && status == CF_OK; k++)
        part(view, n, m, k, v, hv, blocks);
    for (size_t i = 0; i < n && status == CF_OK; i++)
        status = block_values(blocks + i * m * m, m, values + i * m, err);
    for (size_t k = 0; k < n * m && status == CF_OK; k++)
        *bound = fmax(*bound, 8 * DBL_EPSILON * fabs(values[k]));
    cf_particle_landscape_free(&landscape);
    free(memory);
    return status;
}

/* --- the state --- */

static void classify(const cf_stationary_setup *setup, cf_stationary *s)
{
    s->slowest = s->split = NAN;
    for (size_t k = 0; k < s->spectrum->count; k++) {
        double value = s->spectrum->values[k], bound = s->spectrum->bounds[k];
        s->unstable += value < -bound;
        s->neutral += fabs(value) <= bound;
        if (value > bound && !(s->slowest <= value))
            s->slowest = value;
    }
    for (size_t i = 0; i < setup->n && s->splitting != NULL; i++)
        if (!(s->split <= s->splitting[i * (setup->d - 1)])) {
            s->split = s->splitting[i * (setup->d - 1)];
            s->split_point = i;
        }
}

static double largest_force(const cf_stationary_setup *setup, const double *gradient)
{
    size_t m = setup->d - 1;
    double worst = 0;
    for (size_t i = 0; i < setup->n; i++) {
        double square = 0;
        for (size_t k = 0; k < m; k++)
            square += gradient[i * m + k] * gradient[i * m + k];
        worst = fmax(worst, sqrt(square / setup->masses[i]));
    }
    return worst;
}

static cf_status find(const cf_stationary_setup *setup, const cf_stationary_options *options,
                      double *z, cf_stationary *s, cf_err *err)
{
    cf_particle_landscape *landscape = NULL;
    const cf_critical_options search = {.tolerance = options->tolerance,
                                        .steps = options->steps,
                                        .cutoff = CUTOFF,
                                        .spectrum = options->spectrum};
    cf_status status = cf_particle_landscape_create(setup, &landscape, err);
    if (status != CF_OK)
        return status;
    const cf_landscape *view = cf_particle_landscape_view(landscape);
    double *gradient = cf_allocate("gradient", view->dimension, sizeof *gradient, err);
    status = gradient == NULL ? CF_ESYSTEM : CF_OK;
    if (status == CF_OK && options->steps > 0)
        status = cf_critical_find(view, &search, z, &s->search, err);
    if (status == CF_OK)
        status = view->evaluate(view->system, z, &s->loss, gradient, err);
    if (status == CF_OK) {
        s->residual = largest_force(setup, gradient);
        status = cf_spectrum_create(view, &options->spectrum, &s->spectrum, err);
    }
    free(gradient);
    cf_particle_landscape_free(&landscape);
    return status;
}

void cf_stationary_free(cf_stationary **state)
{
    if (*state != NULL) {
        cf_spectrum_free(&(*state)->spectrum);
        free((*state)->splitting);
        free(*state);
    }
    *state = NULL;
}

cf_status cf_stationary_create(const cf_stationary_setup *setup,
                               const cf_stationary_options *options, double *z, cf_stationary **out,
                               cf_err *err)
{
    cf_stationary *s = cf_allocate("stationary state", 1, sizeof *s, err);
    *out = s;
    if (s == NULL)
        return CF_ESYSTEM;
    cf_status status = find(setup, options, z, s, err);
    if (status == CF_OK && setup->loss->psi != &cf_psi_nt_xent) {
        s->splitting =
            cf_allocate("splitting", setup->n * (setup->d - 1), sizeof *s->splitting, err);
        status = s->splitting == NULL
                     ? CF_ESYSTEM
                     : cf_splitting_values(setup, z, s->splitting, &s->split_bound, err);
    }
    if (status == CF_OK)
        classify(setup, s);
    else
        cf_stationary_free(out);
    return status;
}
