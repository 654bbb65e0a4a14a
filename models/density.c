/* Densities: clusters, observation, and the choice of a scheme. */
#include "density.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/observer.h"
#include "contraflow/solver/memory.h"
#include "density_view.h"

static const char *engine(const cf_flow *flow)
{
    return ((const cf_density *)flow)->engine;
}

static void release(cf_flow *flow)
{
    cf_density *density = (cf_density *)flow;
    density->release(density);
    cf_density_view_free(&density->view);
    cf_mean_field_free(&density->field);
    free(density->shares);
    free(density->mix);
    free(density->rho);
    free(density->total);
    free(flow->velocity);
}

void cf_density_free(cf_density **density)
{
    cf_flow *flow = (cf_flow *)*density;
    cf_flow_free(&flow);
    *density = NULL;
}

/* pi_q, the mass of every cluster. */
static void set_shares(cf_density *density)
{
    const cf_data *data = density->flow.setup.data;
    for (size_t i = 0; i < data->n; i++)
        density->shares[data->labels == NULL ? 0 : data->labels[i]] += data->weights[i];
    for (size_t b = 0; b < density->functions; b++)
        density->mix[b] = density->functions == 1 ? 1 : density->shares[b];
}

double cf_density_clusters(const cf_flow_setup *setup)
{
    return setup->data->labels == NULL ? 1 : (double)setup->data->clusters;
}

double cf_density_functions(const cf_flow_setup *setup)
{
    return setup->law->by_cluster ? cf_density_clusters(setup) : 1;
}

static void nothing(cf_density *density)
{
    (void)density;
}

cf_status cf_density_create(const cf_flow_setup *setup, size_t size, cf_density **out, cf_err *err)
{
    cf_density *density = cf_allocate("density", 1, size, err);
    *out = density;
    if (density == NULL)
        return CF_ESYSTEM;
    cf_flow *flow = &density->flow;
    flow->setup = *setup;
    flow->release = release;
    flow->engine = engine;
    flow->equation = "E15";
    flow->defect_factor = 100;
    flow->ode = (cf_ode){.system = density, .quadratures = 1};
    density->release = nothing;
    density->d = setup->latent.dimension;
    density->clusters = (size_t)cf_density_clusters(setup);
    density->functions = (size_t)cf_density_functions(setup);
    density->shares = cf_allocate("density", density->clusters, sizeof(double), err);
    density->mix = cf_allocate("density", density->functions, sizeof(double), err);
    if (density->shares == NULL || density->mix == NULL)
        return CF_ESYSTEM;
    set_shares(density);
    return CF_OK;
}

/* S - s* and S_q - s*. */
static cf_status separation(void *system, double t, const double *y, double *g, cf_err *err)
{
    (void)t, (void)err;
    cf_density *density = system;
    density->values(density, y, density->rho);
    cf_measure measure = cf_density_view_measure(density->view, density->rho);
    cf_flow_separation_roots(&density->flow, &measure, cf_density_view_scratch(density->view), g);
    return CF_OK;
}

/* L + sigma int rho log rho. */
static double free_energy(const cf_density *density)
{
    double total = 0;
    for (size_t i = 0; i < density->n; i++)
        if (density->total[i] > 0)
            total += density->weights[i] * density->total[i] * log(density->total[i]);
    return density->loss + density->flow.setup.noise * total;
}

static void put_quantities(cf_density *density, cf_flow_state *state)
{
    const cf_flow_quantity quantities[] = {
        {"grid", "latent", "E70", CF_KEEP_ONCE, 2, {density->n, density->d}, density->points},
        {"grid_weight", "latent^m", "E70", CF_KEEP_ONCE, 1, {density->n}, density->weights},
        {"cluster_mass", "1", "E15", CF_KEEP_ONCE, 1, {density->clusters}, density->shares},
        {"density",
         "latent^-m",
         "E15",
         CF_KEEP_EVENTS,
         2,
         {density->clusters, density->n},
         cf_density_view_by_cluster(density->view, density->rho)}};
    for (size_t k = 0; k < sizeof quantities / sizeof *quantities; k++)
        cf_flow_put(&density->flow, state, &quantities[k]);
    density->free_energy = free_energy(density);
    if (density->flow.setup.noise > 0)
        cf_flow_put(&density->flow, state,
                    &(cf_flow_quantity){
                        "free_energy", "1", "E72", CF_KEEP_OUTPUTS, 0, {0}, &density->free_energy});
}

static cf_status observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                         cf_err *err)
{
    cf_density *density = (cf_density *)flow;
    cf_status status = flow->ode.rhs(flow, t, y, flow->velocity, &state->dissipation, err);
    if (status != CF_OK)
        return status;
    density->values(density, y, density->rho);
    cf_density_sum(density, density->rho, density->total);
    state->loss = density->loss;
    state->measure = cf_density_view_measure(density->view, density->rho);
    state->sample = cf_density_view_sample(density->view);
    state->smallest_norm = NAN;
    put_quantities(density, state);
    density->put(density, y, state);
    density->warning[0] = '\0';
    density->judge(density, t, y);
    state->warning = density->warning[0] != '\0' ? density->warning : NULL;
    return CF_OK;
}

cf_status cf_density_finish(cf_density *density, const cf_convolution *convolution,
                            const size_t *layers, cf_err *err)
{
    cf_flow *flow = &density->flow;
    const cf_flow_setup *setup = &flow->setup;
    size_t n = density->n;
    density->rho = cf_allocate("density", n * density->functions, sizeof(double), err);
    density->total = cf_allocate("density", n, sizeof(double), err);
    flow->velocity = cf_allocate("density", flow->ode.size, sizeof(double), err);
    if (density->rho == NULL || density->total == NULL || flow->velocity == NULL)
        return CF_ESYSTEM;
    cf_status status = cf_mean_field_create(setup->loss.psi, n, density->weights, convolution,
                                            &density->field, err);
    if (status == CF_OK)
        status = cf_density_view_create(density, layers, &density->view, err);
    flow->observe = observe;
    cf_flow_set_roots(flow, false);
    flow->ode.root = separation;
    return status;
}

void cf_density_sum(const cf_density *density, const double *rho, double *total)
{
    size_t B = density->functions;
    for (size_t i = 0; i < density->n; i++) {
        total[i] = 0;
        for (size_t b = 0; b < B; b++)
            total[i] += density->mix[b] * rho[i * B + b];
    }
}

void cf_density_kernel(const cf_density *density, const double *from, double *values)
{
    size_t d = density->d;
    for (size_t i = 0; i < density->n; i++) {
        values[i] = 0;
        for (size_t k = 0; k < d; k++) {
            double difference = density->points[i * d + k] - from[k];
            values[i] += 0.5 * difference * difference;
        }
    }
    cf_profile_values(&density->flow.setup.loss.eta, values, density->n, values);
}

static cf_status check_rows(const cf_density *density, cf_err *err)
{
    size_t rows = density->flow.setup.law->rows;
    if (rows == 0 || rows == density->n)
        return CF_OK;
    return cf_fail(err, CF_EINPUT,
                   "start.path: has %zu rows, but the grid has %zu nodes; it must have one to a "
                   "node, in the order of `grid` in a result",
                   rows, density->n);
}

static cf_status check_mass(const cf_density *density, size_t q, double mass, cf_err *err)
{
    if (fabs(mass - 1) <= 1e-6)
        return CF_OK;
    if (density->flow.setup.law->rows > 0)
        return cf_fail(err, CF_EINPUT,
                       "start.path: column rho%zu has the mass %.9g, but must have 1", q, mass);
    return cf_fail(err, CF_EINPUT,
                   "grid.nodes: %zu nodes see %.9g of the mass of the start and not 1; its finest "
                   "length is %.3g, so use more nodes",
                   density->n, mass, density->flow.setup.law->width);
}

cf_status cf_density_start(const cf_density *density, double *rho, cf_err *err)
{
    const cf_start_law *law = density->flow.setup.law;
    size_t n = density->n, B = density->functions;
    double *values = cf_allocate("density", n, sizeof *values, err);
    cf_status status = values == NULL ? CF_ESYSTEM : check_rows(density, err);
    for (size_t b = 0; b < B && status == CF_OK; b++) {
        double mass = 0;
        law->density(law, density->d, b, density->points, n, values);
        for (size_t i = 0; i < n; i++)
            mass += density->weights[i] * values[i];
        status = check_mass(density, b, mass, err);
        for (size_t i = 0; i < n; i++)
            rho[i * B + b] = values[i] / mass;
    }
    free(values);
    return status;
}

/* --- the kind --- */

const char *const cf_grid_schemes[] = {"auto", "spectral", "finite-volumes", NULL};

/* What serves each space; the first row of a space is `auto`. */
typedef struct {
    bool sphere;
    size_t dimension;
    const char *scheme;
    cf_status (*create)(const cf_flow_setup *setup, cf_flow **out, cf_err *err);
    cf_flow_size (*size)(const cf_flow_setup *setup);
} scheme;

static const scheme rows[] = {
    {true, 2, "spectral", cf_density_spectral, cf_density_spectral_size},
    {true, 2, "finite-volumes", cf_density_volumes, cf_density_volumes_size},
    {true, 3, "spectral", cf_density_spectral, cf_density_spectral_size},
    {false, 1, "finite-volumes", cf_density_volumes, cf_density_volumes_size},
    {false, 2, "finite-volumes", cf_density_volumes, cf_density_volumes_size}};

/* NULL where none serves; *other is then a scheme that would, or NULL. */
static const scheme *find_scheme(const cf_flow_setup *setup, const scheme **other)
{
    const char *wanted = cf_grid_schemes[setup->grid.scheme];
    *other = NULL;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        if (rows[k].sphere != setup->latent.sphere || rows[k].dimension != setup->latent.dimension)
            continue;
        *other = &rows[k];
        if (setup->grid.scheme == 0 || strcmp(wanted, rows[k].scheme) == 0)
            return &rows[k];
    }
    return NULL;
}

static cf_status create(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    const scheme *other, *row = find_scheme(setup, &other);
    *out = NULL;
    if (setup->law == NULL)
        return cf_fail(err, CF_EINPUT, "flow on a density: needs the law of its start");
    if (row != NULL)
        return row->create(setup, out, err);
    if (other != NULL)
        return cf_fail(err, CF_EINPUT, "grid.scheme = %s: in this latent space only %s serves",
                       cf_grid_schemes[setup->grid.scheme], other->scheme);
    return cf_fail(err, CF_EINPUT,
                   "representation = density: needs a latent space of dimension 1 or 2, which is a "
                   "sphere of latent.dimension 2 or 3, or R^1 or R^2; use particles");
}

static cf_flow_size size(const cf_flow_setup *setup)
{
    const scheme *other, *row = find_scheme(setup, &other);
    return row == NULL ? (cf_flow_size){0} : row->size(setup);
}

const cf_flow_kind cf_flow_vanilla_density = {"vanilla", "density", create, size};
