/* Self-coupling of clusters (E112), by products of the kernel with their indicators. */
#include "coupling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

enum { MOST_PRODUCTS = 64 };

/* Column a of a product is the indicator of one cluster, times the masses. */
typedef struct {
    const cf_kernel_operator *kernel;
    const cf_data *data;
    double *x, *y;           /* [n*d] */
    double *within, *across; /* [clusters] sums of m_i m_j Theta_ij */
    double *masses;          /* [clusters] */
} work;

static void set_column(const work *w, size_t cluster, size_t a)
{
    const cf_data *data = w->data;
    for (size_t i = 0; i < data->n; i++)
        if ((size_t)data->labels[i] == cluster)
            w->x[i * w->kernel->d + a] = data->weights[i];
}

static void add_column(const work *w, size_t cluster, size_t a)
{
    const cf_data *data = w->data;
    for (size_t i = 0; i < data->n; i++) {
        bool own = (size_t)data->labels[i] == cluster;
        double *sum = own ? w->within : w->across;
        sum[cluster] += data->weights[i] * w->y[i * w->kernel->d + a];
    }
}

/* Clusters first .. first + count - 1 in the columns from `a` on. */
static void multiply(const work *w, size_t first, size_t count, size_t a)
{
    memset(w->x, 0, w->data->n * w->kernel->d * sizeof *w->x);
    for (size_t k = 0; k < count; k++)
        set_column(w, first + k, a + k);
    w->kernel->times(w->kernel->context, w->x, w->y);
    for (size_t k = 0; k < count; k++)
        add_column(w, first + k, a + k);
}

static void multiply_all(const work *w)
{
    size_t K = w->data->clusters, d = w->kernel->d;
    for (size_t q = 0; q < K && w->kernel->shared; q += d)
        multiply(w, q, K - q < d ? K - q : d, 0);
    for (size_t q = 0; q < K && !w->kernel->shared; q++)
        for (size_t a = 0; a < d; a++)
            multiply(w, q, 1, a);
}

static void divide(const work *w, double *coupling)
{
    double mass = 0;
    for (size_t i = 0; i < w->data->n; i++) {
        w->masses[w->data->labels[i]] += w->data->weights[i];
        mass += w->data->weights[i];
    }
    for (size_t q = 0; q < w->data->clusters; q++) {
        double own = w->masses[q], other = mass - own;
        coupling[q] = own > 0 ? w->within[q] * other / (w->across[q] * own) : NAN;
    }
}

cf_status cf_self_coupling(const cf_kernel_operator *kernel, const cf_data *data, double **out,
                           cf_err *err)
{
    size_t K = data->clusters, d = kernel->d, nd = data->n * d;
    *out = NULL;
    if (data->labels == NULL || K < 2 || (kernel->shared ? (K + d - 1) / d : K * d) > MOST_PRODUCTS)
        return CF_OK;
    double *room = cf_allocate("self-coupling", 2 * nd + 3 * K, sizeof *room, err);
    *out = cf_allocate("self-coupling", K, sizeof **out, err);
    if (room != NULL && *out != NULL) {
        const work w = {.kernel = kernel,
                        .data = data,
                        .x = room,
                        .y = room + nd,
                        .within = room + 2 * nd,
                        .across = room + 2 * nd + K,
                        .masses = room + 2 * nd + 2 * K};
        multiply_all(&w);
        divide(&w, *out);
    }
    bool enough = room != NULL && *out != NULL;
    free(room);
    return enough ? CF_OK : CF_ESYSTEM;
}
