/* effective-rank, E22: eigenvalues by Householder reduction to tridiagonal form, then LAPACK's
 * scalar dsterf. (Its blocked drivers go through threaded BLAS and would not give the same bits on
 * any number of threads.) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "observer_internal.h"

/* LAPACK: eigenvalues of a symmetric tridiagonal matrix, ascending, in `diagonal`. */
void dsterf_(const int *n, double *diagonal, double *off_diagonal, int *info);

/* One step: row k of a [d*d] below the diagonal becomes (off, 0, ...); v, p [d] are scratch. */
static double reflect(double *a, size_t d, size_t k, double *v, double *p)
{
    double tail = 0;
    for (size_t i = k + 1; i < d; i++) {
        v[i] = a[i * d + k];
        tail += i > k + 1 ? v[i] * v[i] : 0;
    }
    if (tail == 0)
        return v[k + 1];
    double off = -copysign(sqrt(tail + v[k + 1] * v[k + 1]), v[k + 1]);
    v[k + 1] -= off;
    double beta = 2 / (tail + v[k + 1] * v[k + 1]), along = 0;
    for (size_t i = k + 1; i < d; i++) {
        p[i] = beta * cf_weighted_dot(NULL, a + i * d + k + 1, v + k + 1, d - k - 1);
        along += p[i] * v[i];
    }
    for (size_t i = k + 1; i < d; i++)
        p[i] -= 0.5 * beta * along * v[i];
    for (size_t i = k + 1; i < d; i++)
        for (size_t j = k + 1; j < d; j++)
            a[i * d + j] -= v[i] * p[j] + p[i] * v[j];
    return off;
}

/* Eigenvalues [d] of the symmetric matrix a [d*d], which is destroyed; scratch [3*d]. */
static int eigenvalues(double *a, size_t d, double *scratch, double *values)
{
    double *off = scratch, *v = scratch + d, *p = scratch + 2 * d;
    for (size_t k = 0; k + 1 < d; k++)
        off[k] = reflect(a, d, k, v, p);
    for (size_t k = 0; k < d; k++)
        values[k] = a[k * d + k];
    int size = (int)d, info = 0;
    dsterf_(&size, values, off, &info);
    return info;
}

/* c [d*d] = sum_i m_i x_i x_i^T, divided by its trace, which is returned. */
static double covariance(const double *m, const double *x, size_t n, size_t d, double *c)
{
#pragma omp parallel for schedule(static, 1) if (n * d > CF_FEW_ENTRIES)
    for (size_t k = 0; k < d; k++)
        for (size_t l = 0; l <= k; l++)
            c[k * d + l] = c[l * d + k] = cf_weighted_dot(m, x + k * n, x + l * n, n);
    double trace = 0;
    for (size_t k = 0; k < d; k++)
        trace += c[k * d + k];
    for (size_t k = 0; k < d * d && trace > 0; k++)
        c[k] /= trace;
    return trace;
}

/* c [n*n] = (sqrt(m_i m_j) x_i.x_j), which has the same spectrum but for zeros, likewise; scales x.
 */
static double gram(const double *m, double *x, size_t n, size_t d, double *c)
{
    for (size_t k = 0; k < n * d; k++)
        x[k] *= sqrt(m[k % n]);
    memset(c, 0, n * n * sizeof *c);
#pragma omp parallel for schedule(static) if (n * d > CF_FEW_ENTRIES)
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += x[k * n + i] * x[k * n + j];
    double trace = 0;
    for (size_t i = 0; i < n; i++)
        trace += c[i * n + i];
    for (size_t k = 0; k < n * n && trace > 0; k++)
        c[k] /= trace;
    return trace;
}

static double exp_entropy(const double *values, size_t d)
{
    double sum = 0, entropy = 0;
    for (size_t k = 0; k < d; k++)
        sum += fmax(values[k], 0);
    for (size_t k = 0; k < d; k++)
        if (values[k] > 0)
            entropy -= values[k] / sum * log(values[k] / sum);
    return exp(entropy);
}

static cf_status observe(const void *options, const cf_measure *measure, double *value, cf_err *err)
{
    (void)options;
    cf_status status = CF_ESYSTEM;
    size_t n = measure->n, d = measure->dimension, size = n < d ? n : d;
    double *x = cf_allocate("latent columns", n * d, sizeof *x, err);
    double *c = cf_allocate("latent covariance", size * (size + 4), sizeof *c, err);
    if (x == NULL || c == NULL)
        goto done;
    status = CF_OK;
    *value = NAN;
    cf_columns_center(measure, x);
    double trace =
        n < d ? gram(measure->weights, x, n, d, c) : covariance(measure->weights, x, n, d, c);
    if (!(trace > 0))
        goto done;
    double *values = c + size * (size + 3);
    int info = eigenvalues(c, size, c + size * size, values);
    if (info != 0)
        status = cf_fail(err, CF_ENUMERIC, "effective-rank: no eigenvalues (LAPACK: %d)", info);
    else
        *value = exp_entropy(values, size);
done:
    free(x);
    free(c);
    return status;
}

const cf_observer cf_observer_effective_rank = {
    .kind = {.name = "effective-rank",
             .doc = "Exponential of the entropy of the covariance spectrum (E22)."},
    .record = "effective_rank",
    .unit = "1",
    .equation = "E22",
    .needs_labels = false,
    .observe = observe};
