#include "field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "field_sample.h"

struct cf_dynamics {
    const cf_data *nodes;
    const cf_rule *law;       /* of b; NULL: b = 0 */
    size_t draws;             /* m */
    bool blurred;             /* the loss knows the law, and takes Delta itself */
    bool quadrature;          /* the atoms are nodes of some rule */
    cf_data atoms;            /* masses and labels alone */
    double *arrays;           /* owns everything below, and the masses */
    double *start, *velocity; /* [n*d] of Delta */
    double *mean, *rate;      /* [n*d] of g and of its derivative */
    double *h, *labels;       /* [n*m*d], and [n*m] for results */
    cf_field_sample *sample;  /* NULL where there is no law */
    bool blind;               /* the start is the same at all nodes */
};

enum { NODE_ARRAYS = 4 };

/* h or its motion at all atoms: y of the node, and b or nothing. */
static const double *spread(cf_particles *p, const double *y, const cf_rule *law)
{
    cf_dynamics *field = p->dynamics;
    size_t m = field->draws, d = p->d;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < d; k++)
            field->h[i * d + k] = y[i / m * d + k] + (law != NULL ? law->points[i % m * d + k] : 0);
    return field->h;
}

static const double *embedding(cf_particles *p, const double *y)
{
    return spread(p, y, p->dynamics->law);
}

/* out [n*d] = sum_k v_k g of atom k of every node. */
static void average(const cf_particles *p, const double *g, double *out)
{
    const cf_dynamics *field = p->dynamics;
    size_t m = field->draws, d = p->d;
    memset(out, 0, field->nodes->n * d * sizeof *out);
    for (size_t i = 0; i < p->n; i++) {
        double weight = field->law != NULL ? field->law->weights[i % m] : 1;
        for (size_t k = 0; k < d; k++)
            out[i / m * d + k] += weight * g[i * d + k];
    }
}

cf_status cf_field_evaluate(cf_particles *p, const double *y, const double **mean, cf_err *err)
{
    cf_dynamics *field = p->dynamics;
    *mean = field->mean;
    if (field->blurred) {
        p->value = cf_loss_gradient(p->loss, y, field->mean);
        return isfinite(p->value)
                   ? CF_OK
                   : cf_fail(err, CF_ENUMERIC, "loss = %g: must be finite", p->value);
    }
    cf_status status = cf_particles_evaluate(p, embedding(p, y), err);
    average(p, p->g, field->mean);
    return status;
}

void cf_field_move(cf_particles *p, const double *v, const double **mean, const double **rate)
{
    cf_dynamics *field = p->dynamics;
    *mean = field->mean;
    *rate = field->rate;
    if (field->blurred) {
        cf_loss_hessian_times(p->loss, v, field->rate);
        return;
    }
    cf_particles_move(p, spread(p, v, NULL));
    average(p, p->dg, field->rate);
}

const cf_data *cf_field_nodes(const cf_particles *p)
{
    return p->dynamics->nodes;
}

/* --- observation --- */

static void put_atoms(cf_particles *p, cf_flow_state *state)
{
    const cf_dynamics *field = p->dynamics;
    const cf_flow_quantity atoms[] = {
        {"weights", "1", "E16", CF_KEEP_ONCE, 1, {p->n}, field->atoms.weights},
        {"labels", "1", "E17", CF_KEEP_WHOLE, 1, {p->n}, field->labels}};
    cf_flow_put(&p->flow, state, &atoms[0]);
    if (field->atoms.labels != NULL)
        cf_flow_put(&p->flow, state, &atoms[1]);
}

static void put_sample(cf_particles *p, const double *y, cf_flow_state *state)
{
    cf_dynamics *field = p->dynamics;
    state->measure.nodes = field->quadrature;
    if (field->sample != NULL)
        state->sample = cf_field_sample_at(field->sample, y);
    if (field->blind)
        state->warning =
            "the start does not know the data: infinitely many of them stay symmetric, where the "
            "clusters of particles come from the noise of their sample (docs/theory.md, E16)";
}

static cf_status observe(cf_flow *flow, double t, const double *y, cf_flow_state *state,
                         cf_err *err)
{
    cf_particles *p = (cf_particles *)flow;
    const cf_data *nodes = p->dynamics->nodes;
    cf_status status = flow->ode.rhs(flow, t, y, flow->velocity, &state->dissipation, err);
    if (status != CF_OK)
        return status;
    if (p->dynamics->blurred)
        memcpy(p->z, embedding(p, y), p->n * p->d * sizeof *p->z);
    cf_particles_put(p, y, state);
    const cf_flow_quantity own[] = {
        {"shift", "1", "E16", CF_KEEP_SNAPSHOTS, 2, {nodes->n, p->d}, y},
        {"nodes", "1", "E31", CF_KEEP_ONCE, 2, {nodes->n, nodes->dimension}, nodes->points}};
    for (size_t k = 0; k < 2; k++)
        cf_flow_put(flow, state, &own[k]);
    put_atoms(p, state);
    put_sample(p, y, state);
    return CF_OK;
}

/* --- creation --- */

static void release(cf_dynamics *field)
{
    cf_field_sample_free(&field->sample);
    free(field->atoms.labels);
    free(field->arrays);
    free(field);
}

static cf_status allocate(cf_dynamics *field, size_t d, cf_err *err)
{
    size_t n = field->nodes->n, atoms = n * field->draws;
    field->arrays =
        cf_allocate("field", NODE_ARRAYS * n * d + atoms * (d + 2), sizeof(double), err);
    field->atoms.labels = cf_allocate("field", atoms, sizeof(int), err);
    if (field->arrays == NULL || field->atoms.labels == NULL)
        return CF_ESYSTEM;
    double **arrays[] = {&field->start, &field->velocity, &field->mean, &field->rate, &field->h};
    for (size_t k = 0; k <= NODE_ARRAYS; k++)
        *arrays[k] = field->arrays + k * n * d;
    field->labels = field->h + atoms * d;
    field->atoms.weights = field->labels + atoms;
    return CF_OK;
}

/* The measure of the atoms, with the labels of their nodes. */
static void set_atoms(cf_dynamics *field)
{
    const cf_data *nodes = field->nodes;
    size_t m = field->draws;
    field->atoms.n = nodes->n * m;
    field->atoms.clusters = nodes->clusters;
    for (size_t i = 0; i < field->atoms.n; i++) {
        size_t node = i / m;
        double weight = field->law != NULL ? field->law->weights[i % m] : 1;
        field->atoms.weights[i] = nodes->weights[node] * weight;
        if (nodes->labels != NULL)
            field->labels[i] = field->atoms.labels[i] = nodes->labels[node];
    }
    if (nodes->labels == NULL) {
        free(field->atoms.labels);
        field->atoms.labels = NULL;
    }
}

static bool is_constant(const cf_dynamics *field, size_t d)
{
    for (size_t i = d; i < field->nodes->n * d; i++)
        if (field->start[i] != field->start[i % d])
            return false;
    return true;
}

static cf_status create_dynamics(const cf_flow_setup *setup, cf_dynamics **out, cf_err *err)
{
    size_t d = setup->latent.dimension;
    cf_dynamics *field = cf_allocate("field", 1, sizeof *field, err);
    *out = field;
    if (field == NULL)
        return CF_ESYSTEM;
    field->nodes = setup->data;
    field->law = setup->start_law;
    field->draws = field->law != NULL ? field->law->n : 1;
    field->blurred = setup->loss.blur != NULL;
    if (allocate(field, d, err) != CF_OK)
        return CF_ESYSTEM;
    memcpy(field->start, setup->start, field->nodes->n * d * sizeof(double));
    set_atoms(field);
    field->quadrature = setup->quadrature || field->law != NULL;
    field->blind = field->law != NULL && field->nodes->n > 1 && is_constant(field, d);
    return setup->draw_count > 0 ? cf_field_sample_create(setup, &field->sample, err) : CF_OK;
}

/* Particles on the atoms; where the loss knows the law, it is one of the nodes. */
static cf_status create_particles(const cf_flow_setup *setup, cf_dynamics *field,
                                  cf_particles **out, cf_err *err)
{
    size_t d = setup->latent.dimension;
    cf_particles shape = {.n = field->atoms.n, .d = d, .dynamics = field};
    cf_flow_setup atoms = *setup;
    atoms.data = &field->atoms;
    atoms.start = embedding(&shape, setup->start);
    atoms.loss.blur = NULL;
    cf_status status = cf_particles_create(&atoms, true, out, err);
    if (status != CF_OK || !field->blurred)
        return status;
    cf_loss_free(&(*out)->loss);
    return cf_loss_create(&setup->loss, setup->data->weights, setup->data->n, d, &(*out)->loss,
                          err);
}

cf_status cf_field_create(const cf_flow_setup *setup, cf_particles **out, cf_err *err)
{
    cf_dynamics *field = NULL;
    cf_particles *p = NULL;
    *out = NULL;
    cf_status status = create_dynamics(setup, &field, err);
    if (status == CF_OK)
        status = create_particles(setup, field, &p, err);
    if (p == NULL) {
        if (field != NULL)
            release(field);
        return status;
    }
    p->dynamics = field;
    p->release = release;
    if (status != CF_OK) {
        cf_particles_free(&p);
        return status;
    }
    cf_flow *flow = &p->flow;
    p->embedding = embedding;
    flow->start = field->start;
    flow->velocity = field->velocity;
    flow->observe = observe;
    flow->ode.size = field->nodes->n * setup->latent.dimension;
    *out = p;
    return CF_OK;
}

cf_flow_size cf_field_size(const cf_flow_setup *setup)
{
    size_t n = setup->data->n, d = setup->latent.dimension;
    size_t draws = setup->start_law != NULL ? setup->start_law->n : 1;
    const cf_data atoms = {.n = n * draws};
    cf_flow_setup product = *setup;
    product.data = &atoms;
    cf_flow_size size = cf_particles_size(&product);
    double own = NODE_ARRAYS * (double)(n * d) + (double)(n * draws) * ((double)d + 3);
    if (setup->loss.blur != NULL)
        own += (double)n * (5 * (double)draws + 3 * (double)d + 5);
    own += (double)(setup->draw_count * (2 * d + 4));
    size.state = n * d;
    size.snapshot += n * d;
    size.bytes += 8 * own;
    return size;
}
