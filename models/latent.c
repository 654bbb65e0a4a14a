#include "contraflow/models/latent.h"

#include <math.h>
#include <string.h>

static double dot(const double *a, const double *b, size_t d)
{
    double total = 0;
    for (size_t k = 0; k < d; k++)
        total += a[k] * b[k];
    return total;
}

/* Scaled, so that |h| neither overflows nor underflows. */
static double norm(const double *a, size_t d, double extra)
{
    double largest = extra;
    for (size_t k = 0; k < d; k++)
        largest = fmax(largest, fabs(a[k]));
    if (largest == 0 || !isfinite(largest))
        return largest;
    double total = (extra / largest) * (extra / largest);
    for (size_t k = 0; k < d; k++)
        total += (a[k] / largest) * (a[k] / largest);
    return largest * sqrt(total);
}

bool cf_latent_map(const cf_latent *latent, const double *h, size_t n, double *z, double *r)
{
    size_t d = latent->dimension;
    bool valid = true;
    if (!latent->sphere) {
        memcpy(z, h, n * d * sizeof *z);
        for (size_t i = 0; i < n; i++)
            r[i] = 1;
        for (size_t i = 0; i < n * d; i++)
            valid = valid && isfinite(h[i]);
        return valid;
    }
    for (size_t i = 0; i < n; i++) {
        r[i] = norm(h + i * d, d, latent->norm_floor);
        valid = valid && r[i] > 0 && isfinite(r[i]);
        for (size_t k = 0; k < d; k++)
            z[i * d + k] = h[i * d + k] / r[i];
    }
    return valid;
}

void cf_latent_pull(const cf_latent *latent, const double *z, const double *r, const double *u,
                    size_t n, double *g)
{
    size_t d = latent->dimension;
    if (!latent->sphere) {
        memmove(g, u, n * d * sizeof *g);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const double *zi = z + i * d, *ui = u + i * d;
        double radial = dot(zi, ui, d);
        for (size_t k = 0; k < d; k++)
            g[i * d + k] = (ui[k] - radial * zi[k]) / r[i];
    }
}

void cf_latent_push(const cf_latent *latent, const double *z, const double *r, const double *hdot,
                    size_t n, double *zdot, double *rdot)
{
    size_t d = latent->dimension;
    if (!latent->sphere) {
        memcpy(zdot, hdot, n * d * sizeof *zdot);
        memset(rdot, 0, n * sizeof *rdot);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        rdot[i] = dot(z + i * d, hdot + i * d, d);
        for (size_t k = 0; k < d; k++)
            zdot[i * d + k] = (hdot[i * d + k] - rdot[i] * z[i * d + k]) / r[i];
    }
}

/* g = (u - (z.u) z)/r, so dg = (du - (z.u)' z - (z.u) zdot - rdot g)/r. */
void cf_latent_pull_rate(const cf_latent *latent, const double *const point[3],
                         const double *const rate[3], size_t n, double *dg)
{
    size_t d = latent->dimension;
    if (!latent->sphere) {
        memmove(dg, rate[2], n * d * sizeof *dg);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const double *z = point[0] + i * d, *u = point[2] + i * d;
        const double *zdot = rate[0] + i * d, *du = rate[2] + i * d;
        double r = point[1][i], rdot = rate[1][i];
        double radial = dot(z, u, d), radial_rate = dot(zdot, u, d) + dot(z, du, d);
        for (size_t k = 0; k < d; k++) {
            double g = (u[k] - radial * z[k]) / r;
            dg[i * d + k] = (du[k] - radial_rate * z[k] - radial * zdot[k] - rdot * g) / r;
        }
    }
}

double cf_latent_smallest_norm(const double *h, size_t n, size_t dimension, size_t *index)
{
    double smallest = INFINITY;
    *index = 0;
    for (size_t i = 0; i < n; i++) {
        double size = norm(h + i * dimension, dimension, 0);
        if (size < smallest) {
            smallest = size;
            *index = i;
        }
    }
    return smallest;
}
