/* Latent spaces: how a raw embedding h becomes a latent point z, and the chain rule back (theory 1,
 * 8). sphere: r = sqrt(|h|^2 + delta^2), z = h/r; euclidean: z = h, r = 1. */
#ifndef CONTRAFLOW_MODELS_LATENT_H
#define CONTRAFLOW_MODELS_LATENT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    bool sphere;
    size_t dimension;     /* d */
    double norm_floor;    /* delta >= 0; sphere only */
    double collapse_norm; /* a run with delta = 0 ends where min |h| falls to it; sphere only */
} cf_latent;

/* z [n*d] and r [n] of h [n*d]. False where some r is zero or not finite (z is then undefined). */
bool cf_latent_map(const cf_latent *latent, const double *h, size_t n, double *z, double *r);

/* g_i = (dz_i/dh_i)^T u_i = (I - z z^T) u / r on the sphere, u in R^d. g may be u. */
void cf_latent_pull(const cf_latent *latent, const double *z, const double *r, const double *u,
                    size_t n, double *g);

/* zdot [n*d] and rdot [n] of a motion hdot [n*d]. */
void cf_latent_push(const cf_latent *latent, const double *z, const double *r, const double *hdot,
                    size_t n, double *zdot, double *rdot);

/* dg, the derivative of g = pull(u) when z, r, u move at zdot, rdot, du. dg may be du. */
void cf_latent_pull_rate(const cf_latent *latent, const double *const point[3],
                         const double *const rate[3], size_t n, double *dg);

/* The smallest |h_i| and its index (the first of equals). */
double cf_latent_smallest_norm(const double *h, size_t n, size_t dimension, size_t *index);

#endif
