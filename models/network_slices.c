/* Memory of passes, and how their work is shared out. */
#include "network_slices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/elementary.h"
#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/threads.h"
#include "observer_internal.h"

enum { MANY = 65536 }; /* entries of an array below which waking threads costs more than it saves */
enum { PART = 16 };    /* points of a piece of work in a layer */

/* --- creation --- */

static size_t array_count(bool rates)
{
    return rates ? 7 : 3;
}

/* Points whose units of one layer take a quarter MiB, 16 to 128; 0: no slices, because their
 * gradients would have more numbers than the units of the hidden layers. */
static size_t slice_size(const cf_network *network, size_t n)
{
    enum { MOST = 128, UNITS = 32768 };
    size_t widest = 1;
    for (size_t l = 0; l < network->hidden; l++)
        if (network->layers[l].out > widest)
            widest = network->layers[l].out;
    size_t size = UNITS / widest / PART * PART;
    size = size < PART ? PART : size > MOST ? MOST : size;
    return network->parameters <= size * cf_network_units(network) && n > size ? size : 0;
}

static size_t partial_count(const cf_network *network, size_t n)
{
    size_t size = slice_size(network, n);
    return size > 0 ? (n + size - 1) / size * network->parameters : 0;
}

double cf_network_pass_bytes(const cf_network *network, size_t n, bool rates)
{
    return 8.0 * ((double)array_count(rates) * (double)n * (double)cf_network_units(network) +
                  (double)partial_count(network, n));
}

static void set_arrays(cf_network_pass *pass, size_t each)
{
    const cf_network *network = pass->network;
    double *at = pass->arrays;
    for (size_t l = 0; l < network->hidden; l++) {
        cf_hidden_arrays *h = &pass->hidden[l];
        double **own[] = {&h->value,      &h->slope,  &h->delta, &h->value_rate,
                          &h->delta_rate, &h->second, &h->bend};
        for (size_t k = 0; k < each; k++, at += pass->room * network->layers[l].out)
            *own[k] = at;
    }
    if (pass->slice > 0)
        pass->partial = at;
}

cf_status cf_network_pass_create(const cf_network *network, size_t n, bool rates,
                                 cf_network_pass **out, cf_err *err)
{
    *out = NULL;
    size_t each = array_count(rates);
    size_t count = each * n * cf_network_units(network) + partial_count(network, n);
    cf_network_pass *pass = cf_allocate("network pass", 1, sizeof *pass, err);
    if (pass == NULL)
        return CF_ESYSTEM;
    pass->network = network;
    pass->room = n;
    pass->slice = slice_size(network, n);
    pass->bends = rates && network->activation->smooth;
    pass->hidden = cf_allocate("network pass", network->hidden, sizeof *pass->hidden, err);
    pass->arrays = cf_allocate("activations", count, sizeof(double), err);
    if (pass->hidden == NULL || pass->arrays == NULL) {
        cf_network_pass_free(&pass);
        return CF_ESYSTEM;
    }
    set_arrays(pass, each);
    *out = pass;
    return CF_OK;
}

void cf_network_round(cf_network_pass *pass, double width)
{
    const cf_network *network = pass->network;
    if (network->activation->smooth)
        return;
    for (size_t l = 0; l < network->hidden; l++) {
        cf_hidden_arrays *h = &pass->hidden[l];
        size_t count = pass->n * network->layers[l].out;
        double square = cf_weighted_dot(NULL, h->value, h->value, count);
        h->rounding = width * sqrt(square / (double)count);
    }
    pass->bends = width > 0 && pass->hidden[0].second != NULL;
}

void cf_network_pass_free(cf_network_pass **pass)
{
    if (*pass == NULL)
        return;
    free((*pass)->hidden);
    free((*pass)->arrays);
    free(*pass);
    *pass = NULL;
}

/* --- slices --- */

static size_t slice_count(const cf_network_pass *pass)
{
    return pass->slice == 0 ? 1 : (pass->n + pass->slice - 1) / pass->slice;
}

static cf_slice slice_at(const cf_network_pass *pass, size_t k)
{
    if (pass->slice == 0)
        return (cf_slice){0, 0, pass->n};
    size_t first = k * pass->slice, left = pass->n - first;
    return (cf_slice){k, first, left < pass->slice ? left : pass->slice};
}

double *cf_slice_rows(double *array, cf_slice s, const cf_layer *layer)
{
    return array + s.first * layer->out;
}

const double *cf_slice_input(const cf_network_pass *pass, cf_slice s, size_t l)
{
    const cf_layer *layer = &pass->network->layers[l];
    return (l == 0 ? pass->x : pass->hidden[l - 1].value) + s.first * layer->in;
}

typedef struct {
    cf_network_pass *pass;
    const cf_pass_job *j;
    cf_slice_work *work;
} assignment;

static void work_on_slice(void *context, size_t k)
{
    const assignment *a = context;
    a->work(a->pass, a->j, slice_at(a->pass, k));
}

void cf_in_slices(cf_network_pass *pass, const cf_pass_job *j, cf_slice_work *work)
{
    assignment a = {pass, j, work};
    bool threaded = pass->n * cf_network_units(pass->network) >= MANY / 2;
    int threads = cf_matrix_begin();
    cf_parallel(slice_count(pass), threaded, work_on_slice, &a);
    cf_matrix_end(threads);
}

typedef struct {
    cf_network_pass *pass;
    const cf_pass_job *j;
    cf_slice s;
    size_t l;
    cf_layer_work *work;
} layer_assignment;

static void work_on_part(void *context, size_t k)
{
    const layer_assignment *a = context;
    size_t first = k * PART, left = a->s.n - first;
    cf_slice part = {a->s.index, a->s.first + first, left < PART ? left : PART};
    a->work(a->pass, a->j, part, a->l);
}

void cf_in_parts(cf_network_pass *pass, const cf_pass_job *j, cf_slice s, size_t l,
                 cf_layer_work *work)
{
    layer_assignment a = {pass, j, s, l, work};
    bool threaded = s.n * pass->network->layers[l].out >= MANY;
    cf_parallel((s.n + PART - 1) / PART, threaded, work_on_part, &a);
}

double *cf_slice_gradient(const cf_network_pass *pass, cf_slice s, double *gradient)
{
    return pass->partial == NULL ? gradient : pass->partial + s.index * pass->network->parameters;
}

void cf_add_slices(const cf_network_pass *pass, double *gradient)
{
    size_t P = pass->network->parameters, slices = slice_count(pass);
    if (pass->partial == NULL)
        return;
    memcpy(gradient, pass->partial, P * sizeof *gradient);
    for (size_t s = 1; s < slices; s++)
        cf_elementary_add(1, pass->partial + s * P, P, gradient);
}
