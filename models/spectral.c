/* E15 on the circle and on S^2 by harmonics, without aliasing. The state are the coefficients of
 * every rho_q. The flux is written with Laplacians alone,
 *   div(rho grad phi) = (Lap(rho phi) + rho Lap phi - phi Lap rho)/2,
 * whose products are projected exactly, phi being projected first. Then mass is conserved, and with
 * the discrete loss of mean_field.h, -dL/dt = -sum of the coefficients of phi times those of
 * d rho/dt is its exact derivative along the semi-discrete flow (E9). */
#include "spectral.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef cf_spectral spectral;

void cf_spectral_convolve(void *context, const double *f, double *out)
{
    spectral *s = context;
    const size_t *degrees = cf_harmonics_view(s->one)->degrees;
    cf_harmonics_analyze(s->one, f, s->scratch);
    for (size_t i = 0; i < s->single; i++)
        s->scratch[i] *= s->multipliers[degrees[i]];
    cf_harmonics_synthesize(s->one, s->scratch, out);
}

static void multiply(const double *a, const double *b, size_t count, double *out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] * b[i];
}

static double dot(const double *a, const double *b, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += a[i] * b[i];
    return total;
}

/* Values and Laplacian at the nodes of coefficients of B functions. */
static void look(spectral *s, const double *coefficients, double *values, double *laplacian)
{
    cf_harmonics_synthesize(s->many, coefficients, values);
    multiply(coefficients, s->many_lambda, s->size, s->first);
    cf_harmonics_synthesize(s->many, s->first, laplacian);
}

/* Projects phi [n] without its mean, which does not act, and which rounding would not leave alone;
 * values, Laplacian and coefficients. */
static void project(spectral *s, double *phi, double *laplacian, double *hat)
{
    double mean = 0, surface = 0;
    for (size_t i = 0; i < s->density.n; i++) {
        mean += s->density.weights[i] * phi[i];
        surface += s->density.weights[i];
    }
    for (size_t i = 0; i < s->density.n; i++)
        phi[i] -= mean / surface;
    cf_harmonics_analyze(s->one, phi, hat);
    hat[0] = 0;
    cf_harmonics_synthesize(s->one, hat, phi);
    multiply(hat, s->one_lambda, s->single, s->scratch);
    cf_harmonics_synthesize(s->one, s->scratch, laplacian);
}

/* Adds rho phi to `product` and rho Lap phi - phi Lap rho to `other`. */
static void add_flux(spectral *s, const double *rho, const double *lap, const double *phi,
                     const double *phi_lap)
{
    size_t B = s->density.functions;
    for (size_t i = 0; i < s->density.n; i++)
        for (size_t k = i * B; k < (i + 1) * B; k++) {
            s->product[k] += rho[k] * phi[i];
            s->other[k] += rho[k] * phi_lap[i] - phi[i] * lap[k];
        }
}

static void clear_flux(spectral *s)
{
    size_t bytes = s->density.n * s->density.functions * sizeof(double);
    memset(s->product, 0, bytes);
    memset(s->other, 0, bytes);
}

/* out [size] = the projection of (Lap product + other)/2, plus sigma Lap y. The mean cannot change.
 */
static void diverge(spectral *s, const double *y, double *out)
{
    double noise = s->density.flow.setup.noise;
    cf_harmonics_analyze(s->many, s->product, s->first);
    cf_harmonics_analyze(s->many, s->other, s->second);
    for (size_t i = 0; i < s->size; i++)
        out[i] = 0.5 * (s->many_lambda[i] * s->first[i] + s->second[i]) +
                 noise * s->many_lambda[i] * y[i];
    memset(out, 0, s->density.functions * sizeof *out);
}

static void evaluate(spectral *s, const double *y)
{
    look(s, y, s->rho, s->lap);
    cf_density_sum(&s->density, s->rho, s->total);
    s->density.loss = cf_mean_field_evaluate(s->density.field, s->total, s->phi);
    project(s, s->phi, s->phi_lap, s->phi_hat);
    clear_flux(s);
    add_flux(s, s->rho, s->lap, s->phi, s->phi_lap);
    diverge(s, y, s->rate);
    cf_harmonics_combine(s->many, s->density.mix, s->rate, s->rate_hat);
}

static cf_status rhs(void *system, double t, const double *y, double *ydot, double *dissipation,
                     cf_err *err)
{
    (void)t;
    spectral *s = system;
    evaluate(s, y);
    memcpy(ydot, s->rate, s->size * sizeof *ydot);
    *dissipation = -dot(s->phi_hat, s->rate_hat, s->single);
    if (!isfinite(*dissipation))
        return cf_fail(err, CF_ENUMERIC, "the density is not finite");
    return CF_OK;
}

static cf_status linearize(void *system, double t, const double *y, cf_err *err)
{
    double dissipation;
    spectral *s = system;
    return rhs(system, t, y, s->density.flow.velocity, &dissipation, err);
}

static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    (void)err;
    spectral *s = system;
    look(s, v, s->moved, s->moved_lap);
    cf_density_sum(&s->density, s->moved, s->total);
    cf_mean_field_move(s->density.field, s->total, s->dphi);
    project(s, s->dphi, s->dphi_lap, s->dphi_hat);
    clear_flux(s);
    add_flux(s, s->moved, s->moved_lap, s->phi, s->phi_lap);
    add_flux(s, s->rho, s->lap, s->dphi, s->dphi_lap);
    diverge(s, v, jv);
    *jq = -dot(s->dphi_hat, s->rate_hat, s->single);
    cf_harmonics_combine(s->many, s->density.mix, jv, s->scratch);
    *jq -= dot(s->phi_hat, s->scratch, s->single);
    return CF_OK;
}

/* (1 - gamma sigma Lap)^-1, all that is stiff in the Jacobian. */
static cf_status precondition(void *system, double gamma, const double *r, double *z, cf_err *err)
{
    (void)err;
    spectral *s = system;
    double noise = s->density.flow.setup.noise;
    for (size_t i = 0; i < s->size; i++)
        z[i] = r[i] / (1 - gamma * noise * s->many_lambda[i]);
    return CF_OK;
}

/* --- observation --- */

static void values(cf_density *density, const double *y, double *rho)
{
    cf_harmonics_synthesize(((spectral *)density)->many, y, rho);
}

double cf_spectral_tail(const double *spectrum, size_t degree)
{
    double last = 0, all = 0;
    for (size_t l = 0; l <= degree; l++) {
        all += spectrum[l] * spectrum[l];
        if (10 * l >= 9 * degree)
            last += spectrum[l] * spectrum[l];
    }
    return sqrt(last / all);
}

/* The error of the integration fills the last harmonics, too. */
static double resolved(const cf_flow_setup *setup)
{
    return fmax(1e-6, 10 * setup->tolerance);
}

static void judge(cf_density *density, double t, const double *y)
{
    (void)y;
    spectral *s = (spectral *)density;
    if (s->unresolved > resolved(&density->flow.setup))
        snprintf(density->warning, sizeof density->warning,
                 "under-resolved: the last tenth of the harmonics holds %.2g of the density at t = "
                 "%.6g; raise grid.nodes",
                 s->unresolved, t);
}

static void put(cf_density *density, const double *y, cf_flow_state *state)
{
    spectral *s = (spectral *)density;
    size_t degree = cf_harmonics_view(s->one)->degree;
    cf_harmonics_combine(s->many, density->mix, y, s->scratch);
    cf_harmonics_spectrum(s->one, s->scratch, s->spectrum);
    s->unresolved = cf_spectral_tail(s->spectrum, degree);
    cf_flow_put(&density->flow, state,
                &(cf_flow_quantity){
                    "spectrum", "1", "E74", CF_KEEP_SNAPSHOTS, 1, {degree + 1}, s->spectrum});
    cf_flow_put(
        &density->flow, state,
        &(cf_flow_quantity){"unresolved", "1", "E74", CF_KEEP_OUTPUTS, 0, {0}, &s->unresolved});
}

void cf_spectral_attach(spectral *s)
{
    cf_density *density = &s->density;
    cf_ode *ode = &density->flow.ode;
    density->values = values;
    density->judge = judge;
    density->put = put;
    density->flow.start = s->start;
    ode->size = s->size;
    ode->rhs = rhs;
    ode->linearize = linearize;
    ode->jacobian_times = jacobian_times;
    ode->precondition = density->flow.setup.noise > 0 ? precondition : NULL;
    snprintf(density->engine, sizeof density->engine, "spectral, degree %zu, %zu nodes",
             cf_harmonics_view(s->one)->degree, density->n);
}
