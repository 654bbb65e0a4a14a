/* E15 on the circle, the line and the plane by finite volumes (solver/lattice.h). The state are the
 * means of every rho_q over the cells, the nodes their centers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/lattice.h"
#include "contraflow/solver/memory.h"
#include "density.h"
#include "density_box.h"

typedef struct {
    cf_density density;
    cf_upwind upwind;
    cf_lattice_sum *sum;
    cf_lattice_diffusion *diffusion; /* with noise */
    double *arrays;                  /* owns everything below */
    double *points, *weights;
    double *start, *rho;                /* [n*functions] at t = 0, at the last evaluation */
    double *total, *phi, *moved, *dphi; /* [n] */
    double least;
} volumes;

/* --- dynamics --- */

static void convolve(void *context, const double *f, double *out)
{
    cf_lattice_sum_apply(((volumes *)context)->sum, f, out);
}

static cf_status rhs(void *system, double t, const double *y, double *ydot, double *dissipation,
                     cf_err *err)
{
    (void)t;
    volumes *v = system;
    cf_density *density = &v->density;
    cf_density_sum(density, y, v->total);
    density->loss = cf_mean_field_evaluate(density->field, v->total, v->phi);
    cf_upwind_rate(&v->upwind, y, v->phi, ydot, dissipation);
    if (!isfinite(*dissipation))
        return cf_fail(err, CF_ENUMERIC, "the density is not finite");
    return CF_OK;
}

static cf_status linearize(void *system, double t, const double *y, cf_err *err)
{
    double dissipation;
    volumes *v = system;
    memcpy(v->rho, y, v->density.flow.ode.size * sizeof *y);
    return rhs(system, t, y, v->density.flow.velocity, &dissipation, err);
}

static cf_status jacobian_times(void *system, const double *along, double *jv, double *jq,
                                cf_err *err)
{
    (void)err;
    volumes *v = system;
    const double *const at[2] = {v->rho, v->phi};
    cf_density_sum(&v->density, along, v->moved);
    cf_mean_field_move(v->density.field, v->moved, v->dphi);
    cf_upwind_change(&v->upwind, at, along, v->dphi, jv, jq);
    return CF_OK;
}

/* (1 - gamma sigma Lap)^-1, all that is stiff in the Jacobian. */
static cf_status precondition(void *system, double gamma, const double *r, double *z, cf_err *err)
{
    (void)err;
    volumes *v = system;
    cf_lattice_diffusion_solve(v->diffusion, gamma * v->upwind.noise, r, z);
    return CF_OK;
}

/* --- observation --- */

static void values(cf_density *density, const double *y, double *rho)
{
    memcpy(rho, y, density->flow.ode.size * sizeof *rho);
}

/* Mass in the cells at the boundary of the box. */
static double mass_at_edge(const volumes *v)
{
    const cf_lattice *lattice = &v->upwind.lattice;
    size_t last = lattice->cells - 1;
    double mass = 0;
    for (size_t i = 0; i < v->density.n && !lattice->periodic; i++) {
        size_t x = i % lattice->cells, y = i / lattice->cells;
        bool edge = x == 0 || x == last || (lattice->rank == 2 && (y == 0 || y == last));
        mass += edge ? v->weights[i] * v->density.total[i] : 0;
    }
    return mass;
}

/* The part of the mass that a halving of the cells would move: second differences, over all axes.
 */
static double roughness(const volumes *v)
{
    const cf_lattice *lattice = &v->upwind.lattice;
    const double *rho = v->density.total;
    double sum = 0, mass = 0;
    for (size_t i = 0; i < v->density.n; i++) {
        size_t x = i % lattice->cells;
        mass += rho[i];
        if (x > 0 && x + 1 < lattice->cells)
            sum += fabs(rho[i + 1] - 2 * rho[i] + rho[i - 1]);
        if (lattice->rank == 2 && i >= lattice->cells && i + lattice->cells < v->density.n)
            sum += fabs(rho[i + lattice->cells] - 2 * rho[i] + rho[i - lattice->cells]);
    }
    return sum / 8 / mass / lattice->rank;
}

static const double MOST_AT_EDGE = 1e-6, ROUGHEST = 1e-2;

static void judge(cf_density *density, double t, const double *y)
{
    (void)y;
    volumes *v = (volumes *)density;
    double edge = mass_at_edge(v), rough = roughness(v);
    if (edge > MOST_AT_EDGE)
        snprintf(
            density->warning, sizeof density->warning,
            "the box: %.2g of the mass is at its boundary at t = %.6g; raise grid.box above %g",
            edge, t, 0.5 * v->upwind.lattice.width * (double)v->upwind.lattice.cells);
    else if (rough > ROUGHEST)
        snprintf(density->warning, sizeof density->warning,
                 "under-resolved: second differences of the density are %.2g of it at t = %.6g; "
                 "raise grid.nodes above %zu",
                 rough, t, v->upwind.lattice.cells);
}

static void put(cf_density *density, const double *y, cf_flow_state *state)
{
    volumes *v = (volumes *)density;
    v->least = INFINITY;
    for (size_t i = 0; i < density->flow.ode.size; i++)
        v->least = fmin(v->least, y[i]);
    cf_flow_put(&density->flow, state,
                &(cf_flow_quantity){
                    "least_density", "latent^-m", "E15", CF_KEEP_OUTPUTS, 0, {0}, &v->least});
}

/* --- creation --- */

static void release(cf_density *density)
{
    volumes *v = (volumes *)density;
    cf_lattice_sum_free(&v->sum);
    cf_lattice_diffusion_free(&v->diffusion);
    free(v->arrays);
}

static cf_status allocate(volumes *v, cf_err *err)
{
    size_t n = v->density.n, d = v->density.d, nb = n * v->density.functions;
    const struct {
        double **array;
        size_t count;
    } arrays[] = {{&v->points, n * d},     {&v->weights, n},
                  {&v->start, nb},         {&v->rho, nb},
                  {&v->upwind.slopes, nb}, {&v->upwind.slope_rates, nb},
                  {&v->total, n},          {&v->phi, n},
                  {&v->moved, n},          {&v->dphi, n}};
    size_t total = 0, count = sizeof arrays / sizeof *arrays;
    for (size_t k = 0; k < count; k++)
        total += arrays[k].count;
    v->arrays = cf_allocate("density", total, sizeof(double), err);
    for (size_t k = 0, used = 0; k < count && v->arrays != NULL; used += arrays[k++].count)
        *arrays[k].array = v->arrays + used;
    return v->arrays == NULL ? CF_ESYSTEM : CF_OK;
}

static void set_nodes(volumes *v)
{
    const cf_lattice *lattice = &v->upwind.lattice;
    double h = lattice->width, middle = 0.5 * ((double)lattice->cells - 1);
    for (size_t i = 0; i < v->density.n; i++) {
        size_t x = i % lattice->cells, y = i / lattice->cells;
        double *point = v->points + i * v->density.d;
        v->weights[i] = pow(h, lattice->rank);
        if (lattice->periodic) {
            point[0] = cos(h * (double)x);
            point[1] = sin(h * (double)x);
        } else {
            point[v->density.d - 1] = h * ((double)x - middle);
            if (lattice->rank == 2)
                point[0] = h * ((double)y - middle);
        }
    }
}

/* eta of half the squared distance: 1 - cos(angle) on the circle. */
static cf_status set_kernel(volumes *v, cf_err *err)
{
    const cf_lattice *lattice = &v->upwind.lattice;
    size_t count = cf_lattice_sum_kernel_size(v->sum), rank = (size_t)lattice->rank;
    double *at = cf_allocate("kernel", count * rank, sizeof *at, err);
    double *kernel = cf_allocate("kernel", count, sizeof *kernel, err);
    if (at != NULL && kernel != NULL) {
        cf_lattice_sum_displacements(v->sum, at);
        for (size_t i = 0; i < count; i++) {
            for (size_t k = i * rank; k < (i + 1) * rank; k++)
                kernel[i] += 0.5 * pow(lattice->width * at[k], 2);
            if (lattice->periodic)
                kernel[i] = 2 * pow(sin(0.5 * lattice->width * at[i]), 2);
        }
        cf_profile_values(&v->density.flow.setup.loss.eta, kernel, count, kernel);
        cf_lattice_sum_set_kernel(v->sum, kernel);
    }
    bool done = at != NULL && kernel != NULL;
    free(at);
    free(kernel);
    return done ? CF_OK : CF_ESYSTEM;
}

static cf_status build(volumes *v, cf_err *err)
{
    cf_density *density = &v->density;
    const cf_flow_setup *setup = &density->flow.setup;
    density->release = release;
    density->n = cf_lattice_size(&v->upwind.lattice);
    v->upwind.batch = density->functions;
    v->upwind.mix = density->mix;
    v->upwind.noise = setup->noise;
    cf_status status = allocate(v, err);
    if (status == CF_OK)
        status = cf_lattice_sum_create(&v->upwind.lattice, &v->sum, err);
    if (status == CF_OK && setup->noise > 0)
        status =
            cf_lattice_diffusion_create(&v->upwind.lattice, density->functions, &v->diffusion, err);
    if (status != CF_OK)
        return status;
    set_nodes(v);
    density->points = v->points;
    density->weights = v->weights;
    status = set_kernel(v, err);
    return status == CF_OK ? cf_density_start(density, v->start, err) : status;
}

static cf_status attach(volumes *v, cf_err *err)
{
    cf_density *density = &v->density;
    const cf_lattice *lattice = &v->upwind.lattice;
    cf_ode *ode = &density->flow.ode;
    const cf_convolution convolution = {v, convolve};
    const size_t layers[2] = {lattice->rank == 1 ? 1 : lattice->cells, lattice->cells};
    density->values = values;
    density->judge = judge;
    density->put = put;
    density->flow.start = v->start;
    ode->size = density->n * density->functions;
    ode->rhs = rhs;
    ode->linearize = linearize;
    ode->jacobian_times = jacobian_times;
    ode->precondition = v->diffusion != NULL ? precondition : NULL;
    if (lattice->periodic)
        snprintf(density->engine, sizeof density->engine, "finite volumes, %zu cells", density->n);
    else
        snprintf(density->engine, sizeof density->engine, "finite volumes, %zu cells of width %.4g",
                 density->n, lattice->width);
    return cf_density_finish(density, &convolution, layers, err);
}

cf_status cf_density_volumes(const cf_flow_setup *setup, cf_flow **out, cf_err *err)
{
    cf_density *density = NULL;
    *out = NULL;
    cf_lattice lattice;
    cf_status status = cf_density_box(setup, &lattice, err);
    if (status == CF_OK)
        status = cf_density_create(setup, sizeof(volumes), &density, err);
    volumes *v = (volumes *)density;
    if (status == CF_OK) {
        v->upwind.lattice = lattice;
        status = build(v, err);
    }
    if (status == CF_OK)
        status = attach(v, err);
    if (status != CF_OK)
        cf_density_free(&density);
    *out = (cf_flow *)density;
    return status;
}

cf_flow_size cf_density_volumes_size(const cf_flow_setup *setup)
{
    cf_lattice lattice;
    if (cf_density_box(setup, &lattice, NULL) != CF_OK)
        return (cf_flow_size){0};
    double n = (double)cf_lattice_size(&lattice), d = (double)setup->latent.dimension;
    double B = cf_density_functions(setup), Q = cf_density_clusters(setup);
    double padding = lattice.periodic ? 1 : pow(2, lattice.rank);
    return (cf_flow_size){.state = (size_t)(B * n),
                          .snapshot = (size_t)(Q * n),
                          .atoms = (size_t)n,
                          .bytes = 8 * n *
                                   (6 * B + 14 + d + 3 * padding + 2 * padding * B + Q * (d + 2))};
}
