/* E90. A motion v of the points has the coordinates w_i = sqrt(m_i) F_i v_i, where the rows of F_i
 * are an orthonormal basis of the tangent space at z_i. With u_i = grad phi(z_i) the gradient is
 * sqrt(m_i) F_i u_i, and H w = sqrt(m_i) F_i du_i - (z_i . u_i) w_i, where du is the derivative of
 * u along v and the last term is the curvature of the sphere. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/models/stationary.h"
#include "contraflow/solver/memory.h"

struct cf_particle_landscape {
    cf_landscape view;
    cf_loss *loss;
    size_t n, d;
    double *arrays;      /* owns everything below */
    double *root;        /* [n] sqrt(m_i) */
    double *radial;      /* [n] z_i . u_i */
    double *z, *u;       /* [n*d] */
    double *motion, *du; /* [n*d] */
    double *frames;      /* [n*(d-1)*d] */
};

static double dot(const double *a, const double *b, size_t d)
{
    double sum = 0;
    for (size_t k = 0; k < d; k++)
        sum += a[k] * b[k];
    return sum;
}

/* --- frames --- */

/* The reflection that sends e_1 to z, or to -z where that is farther, sends e_2 .. e_d to a basis
 * of the tangent space: row k is e_k - 2 (h . e_k) h/|h|^2 with h = z - (+-e_1). */
static void set_frame(const double *z, size_t d, double *frame)
{
    double sign = z[0] > 0 ? -1 : 1;
    double scale = 1 / (1 + fabs(z[0])); /* 2/|h|^2 */
    for (size_t k = 1; k < d; k++)
        for (size_t l = 0; l < d; l++) {
            double h = l == 0 ? z[0] - sign : z[l];
            frame[(k - 1) * d + l] = (l == k ? 1 : 0) - scale * z[k] * h;
        }
}

/* w [d-1] = F v, and v [d] = F^T w. */
static void to_frame(const double *frame, const double *v, size_t d, double factor, double *w)
{
    for (size_t k = 0; k + 1 < d; k++)
        w[k] = factor * dot(frame + k * d, v, d);
}

static void from_frame(const double *frame, const double *w, size_t d, double factor, double *v)
{
    memset(v, 0, d * sizeof *v);
    for (size_t k = 0; k + 1 < d; k++)
        for (size_t l = 0; l < d; l++)
            v[l] += factor * w[k] * frame[k * d + l];
}

/* --- landscape --- */

static cf_status evaluate(void *system, const double *y, double *value, double *gradient,
                          cf_err *err)
{
    cf_particle_landscape *p = system;
    size_t d = p->d;
    memcpy(p->z, y, p->n * d * sizeof *y);
    *value = cf_loss_gradient(p->loss, p->z, p->u);
    if (!isfinite(*value))
        return cf_fail(err, CF_ENUMERIC, "loss = %g: must be finite", *value);
    for (size_t i = 0; i < p->n; i++) {
        double *frame = p->frames + i * (d - 1) * d;
        set_frame(p->z + i * d, d, frame);
        p->radial[i] = dot(p->z + i * d, p->u + i * d, d);
        to_frame(frame, p->u + i * d, d, p->root[i], gradient + i * (d - 1));
    }
    return CF_OK;
}

static void hessian_times(void *system, const double *v, double *hv)
{
    cf_particle_landscape *p = system;
    size_t d = p->d;
    for (size_t i = 0; i < p->n; i++)
        from_frame(p->frames + i * (d - 1) * d, v + i * (d - 1), d, 1 / p->root[i],
                   p->motion + i * d);
    cf_loss_hessian_times(p->loss, p->motion, p->du);
    for (size_t i = 0; i < p->n; i++) {
        double *row = hv + i * (d - 1);
        to_frame(p->frames + i * (d - 1) * d, p->du + i * d, d, p->root[i], row);
        for (size_t k = 0; k + 1 < d; k++)
            row[k] -= p->radial[i] * v[i * (d - 1) + k];
    }
}

/* Rotation k in the plane of coordinates a < b. */
static void symmetry(void *system, size_t k, double *v)
{
    cf_particle_landscape *p = system;
    size_t d = p->d, a = 0;
    while (k >= d - 1 - a)
        k -= d - 1 - a++;
    size_t b = a + 1 + k;
    for (size_t i = 0; i < p->n; i++) {
        double *motion = p->motion + i * d;
        memset(motion, 0, d * sizeof *motion);
        motion[a] = -p->z[i * d + b];
        motion[b] = p->z[i * d + a];
        to_frame(p->frames + i * (d - 1) * d, motion, d, p->root[i], v + i * (d - 1));
    }
}

static void move(void *system, const double *v, double *y)
{
    cf_particle_landscape *p = system;
    size_t d = p->d;
    for (size_t i = 0; i < p->n; i++) {
        double *motion = p->motion + i * d, *z = y + i * d;
        from_frame(p->frames + i * (d - 1) * d, v + i * (d - 1), d, 1 / p->root[i], motion);
        double length = sqrt(dot(motion, motion, d)), square = 0;
        double along = length > 0 ? sin(length) / length : 1;
        for (size_t l = 0; l < d; l++) {
            z[l] = cos(length) * p->z[i * d + l] + along * motion[l];
            square += z[l] * z[l];
        }
        for (size_t l = 0; l < d; l++)
            z[l] /= sqrt(square);
    }
}

/* --- creation --- */

void cf_particle_landscape_free(cf_particle_landscape **landscape)
{
    if (*landscape != NULL) {
        cf_loss_free(&(*landscape)->loss);
        free((*landscape)->arrays);
        free(*landscape);
    }
    *landscape = NULL;
}

static void set_arrays(cf_particle_landscape *p, const double *masses)
{
    size_t nd = p->n * p->d;
    p->root = p->arrays;
    p->radial = p->root + p->n;
    p->z = p->radial + p->n;
    p->u = p->z + nd;
    p->motion = p->u + nd;
    p->du = p->motion + nd;
    p->frames = p->du + nd;
    for (size_t i = 0; i < p->n; i++)
        p->root[i] = sqrt(masses[i]);
}

cf_status cf_particle_landscape_create(const cf_stationary_setup *setup,
                                       cf_particle_landscape **out, cf_err *err)
{
    size_t n = setup->n, d = setup->d;
    cf_loss_parameters loss = *setup->loss;
    loss.unit = true;
    loss.engine = CF_SUMS_DIRECT;
    loss.tolerance = 0;
    *out = NULL;
    if (d < 2 || loss.views > 1 || loss.blur != NULL)
        return cf_fail(err, CF_EINPUT,
                       "stationary states: are of points on a sphere, each of one view");
    cf_particle_landscape *p = cf_allocate("landscape", 1, sizeof *p, err);
    if (p == NULL)
        return CF_ESYSTEM;
    p->n = n;
    p->d = d;
    p->view = (cf_landscape){.system = p,
                             .size = n * d,
                             .dimension = n * (d - 1),
                             .symmetries = d * (d - 1) / 2,
                             .evaluate = evaluate,
                             .hessian_times = hessian_times,
                             .symmetry = symmetry,
                             .move = move};
    p->arrays = cf_allocate("landscape", n * (2 + 4 * d + d * (d - 1)), sizeof *p->arrays, err);
    cf_status status =
        p->arrays == NULL ? CF_ESYSTEM : cf_loss_create(&loss, setup->masses, n, d, &p->loss, err);
    if (status == CF_OK)
        set_arrays(p, setup->masses);
    else
        cf_particle_landscape_free(&p);
    *out = p;
    return status;
}

const cf_landscape *cf_particle_landscape_view(const cf_particle_landscape *landscape)
{
    return &landscape->view;
}
