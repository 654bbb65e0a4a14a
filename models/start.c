#include "contraflow/models/start.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

void cf_start_near_point(const cf_latent *latent, double spread, uint64_t seed, size_t n, double *h)
{
    cf_random random = {seed, CF_STREAM_START};
    size_t d = latent->dimension;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++) {
            double center = latent->sphere && k == 0 ? 1 : 0;
            h[i * d + k] = center + spread * cf_random_normal(random, i, (uint32_t)k);
        }
}

void cf_start_random(const cf_latent *latent, uint64_t seed, size_t n, double *h)
{
    cf_random random = {seed, CF_STREAM_START};
    size_t d = latent->dimension;
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++) {
            h[i * d + k] = cf_random_normal(random, i, (uint32_t)k);
            square += h[i * d + k] * h[i * d + k];
        }
        for (size_t k = 0; k < d && latent->sphere; k++)
            h[i * d + k] /= sqrt(square);
    }
}

void cf_start_add_linear(const double *matrix, const double *points, size_t n, size_t dimension,
                         size_t d, double *h)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            for (size_t c = 0; c < dimension; c++)
                h[i * d + k] += matrix[k * dimension + c] * points[i * dimension + c];
}

cf_status cf_start_near_point_law(const cf_latent *latent, double spread, size_t order,
                                  cf_rule **out, cf_err *err)
{
    size_t d = latent->dimension;
    cf_status status = cf_rule_normal(d, order, out, err);
    for (size_t i = 0; status == CF_OK && i < (*out)->n * d; i++)
        (*out)->points[i] = (latent->sphere && i % d == 0 ? 1 : 0) + spread * (*out)->points[i];
    return status;
}

cf_status cf_start_random_law(const cf_latent *latent, size_t order, cf_rule **out, cf_err *err)
{
    return latent->sphere ? cf_rule_sphere(latent->dimension, order, out, err)
                          : cf_rule_normal(latent->dimension, order, out, err);
}

/* The distance from e_1 by its distribution function, the direction from there at random. */
void cf_start_perturbed(const cf_start_law *law, size_t d, uint64_t seed, size_t n, double *h)
{
    static const double TURN = 6.28318530717958647693;
    cf_random random = {seed, CF_STREAM_START};
    for (size_t i = 0; i < n; i++) {
        double x = cf_law_perturbed_quantile(law, d, cf_random_uniform(random, i, 0));
        double turn = cf_random_uniform(random, i, 1), radius = sqrt(fmax(1 - x * x, 0));
        h[i * d] = d == 2 ? cos(x) : x;
        h[i * d + 1] = d == 2 ? (turn < 0.5 ? sin(x) : -sin(x)) : radius * cos(TURN * turn);
        if (d == 3)
            h[i * d + 2] = radius * sin(TURN * turn);
    }
}

/* The uniform rule, weighed by the density: a product of polynomials of degrees below the order is
 * integrated exactly. */
cf_status cf_start_perturbed_law(const cf_start_law *law, size_t d, size_t order, cf_rule **out,
                                 cf_err *err)
{
    *out = NULL;
    for (size_t k = 0; k < law->modes; k++)
        if ((size_t)law->degrees[k] >= order)
            return cf_fail(err, CF_EINPUT, "must be above every degree of the start, %ld",
                           law->degrees[k]);
    cf_status status = cf_rule_sphere(d, order, out, err);
    if (status != CF_OK)
        return status;
    cf_rule *rule = *out;
    double *rho = cf_allocate("start", rule->n, sizeof *rho, err), mass = 0;
    if (rho == NULL) {
        cf_rule_free(out);
        return CF_ESYSTEM;
    }
    law->density(law, d, 0, rule->points, rule->n, rho);
    for (size_t i = 0; i < rule->n; i++)
        mass += rule->weights[i] *= rho[i];
    for (size_t i = 0; i < rule->n; i++)
        rule->weights[i] /= mass;
    free(rho);
    return CF_OK;
}

/* h = F xi with K = F F^T and xi standard normal. */
cf_status cf_start_network(double *covariance, uint64_t seed, size_t n, size_t d, double *h,
                           cf_err *err)
{
    size_t rank = 0;
    cf_status status = cf_matrix_factor(covariance, n, 0, NULL, &rank, err);
    if (status != CF_OK)
        return status;
    cf_random random = {seed, CF_STREAM_START};
    double *xi = cf_allocate("start", 2 * n * d, sizeof *xi, err);
    if (xi == NULL)
        return CF_ESYSTEM;
    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k < d; k++)
            xi[j * d + k] = cf_random_normal(random, j, (uint32_t)k);
    cf_matrix_times(covariance, xi, n, d, xi + n * d, h);
    free(xi);
    return CF_OK;
}

/* G [p*r] goes on with F: G F^T = K(more, first) at the pivots, so that G xi is the mean of the
 * rest under h = F xi. */
static void extend_factor(const double *factor, const size_t *pivot, size_t n, size_t rank,
                          double *row)
{
    for (size_t j = 0; j < rank; j++) {
        const double *f = factor + pivot[j] * n;
        double rest = row[pivot[j]];
        for (size_t k = 0; k < j; k++)
            rest -= row[n + k] * f[k];
        row[n + j] = rest / f[j];
    }
}

typedef struct {
    size_t n, p, rank;
    double *factor; /* [n*n] of the first points */
    double *rows;   /* [p*2n] covariance with them, then G */
    double *left;   /* [p*p] covariance of the rest given the first, then its factor */
    size_t *pivot;  /* [max(n, p)] */
    double scale;   /* of the covariance */
} condition;

static cf_status allocate(condition *c, cf_err *err)
{
    size_t most = c->n > c->p ? c->n : c->p;
    c->factor = cf_allocate("start of the probes", c->n * c->n, sizeof(double), err);
    c->rows = cf_allocate("start of the probes", c->p * 2 * c->n, sizeof(double), err);
    c->left = cf_allocate("start of the probes", c->p * c->p, sizeof(double), err);
    c->pivot = cf_allocate("start of the probes", most, sizeof(size_t), err);
    bool ok = c->factor != NULL && c->rows != NULL && c->left != NULL && c->pivot != NULL;
    return ok ? CF_OK : CF_ESYSTEM;
}

static cf_status factor_all(condition *c, const double *joint, cf_err *err)
{
    size_t n = c->n, p = c->p, all = n + p;
    for (size_t i = 0; i < n; i++)
        memcpy(c->factor + i * n, joint + i * all, n * sizeof(double));
    for (size_t i = 0; i < all; i++)
        c->scale = fmax(c->scale, joint[i * all + i]);
    cf_status status = cf_matrix_factor(c->factor, n, 0, c->pivot, &c->rank, err);
    for (size_t i = 0; i < p && status == CF_OK; i++) {
        memcpy(c->rows + i * 2 * n, joint + (n + i) * all, n * sizeof(double));
        extend_factor(c->factor, c->pivot, n, c->rank, c->rows + i * 2 * n);
        for (size_t j = 0; j <= i; j++) {
            double sum = joint[(n + i) * all + n + j];
            for (size_t k = 0; k < c->rank; k++)
                sum -= c->rows[i * 2 * n + n + k] * c->rows[j * 2 * n + n + k];
            c->left[i * p + j] = c->left[j * p + i] = sum;
        }
    }
    size_t rank;
    return status == CF_OK ? cf_matrix_factor(c->left, p, c->scale, NULL, &rank, err) : status;
}

/* h = G xi + S xi' with S S^T the covariance that is left, and xi' the normals after xi. */
cf_status cf_start_network_more(const double *joint, const size_t counts[2], uint64_t seed,
                                size_t d, double *h, cf_err *err)
{
    condition c = {.n = counts[0], .p = counts[1]};
    cf_random random = {seed, CF_STREAM_START};
    cf_status status = allocate(&c, err);
    if (status == CF_OK)
        status = factor_all(&c, joint, err);
    for (size_t i = 0; i < c.p * d && status == CF_OK; i++) {
        const double *g = c.rows + (2 * (i / d) + 1) * c.n, *s = c.left + i / d * c.p;
        h[i] = 0;
        for (size_t j = 0; j < c.rank; j++)
            h[i] += g[j] * cf_random_normal(random, j, (uint32_t)(i % d));
        for (size_t j = 0; j < c.p; j++)
            h[i] += s[j] * cf_random_normal(random, c.n + j, (uint32_t)(i % d));
    }
    free(c.factor);
    free(c.rows);
    free(c.left);
    free(c.pivot);
    return status;
}

cf_status cf_start_check(const cf_latent *latent, const double *h, size_t n, cf_err *err)
{
    size_t d = latent->dimension;
    for (size_t i = 0; i < n * d; i++)
        if (!isfinite(h[i]))
            return cf_fail(err, CF_EINPUT, "start: point %zu has a coordinate that is not finite",
                           i / d + 1);
    size_t index = 0;
    if (latent->sphere && latent->norm_floor == 0 && cf_latent_smallest_norm(h, n, d, &index) == 0)
        return cf_fail(err, CF_EINPUT,
                       "start: point %zu is at the origin, which has no direction on the sphere; "
                       "move it, or set latent.norm-floor (which vanilla flows ignore)",
                       index + 1);
    return CF_OK;
}
