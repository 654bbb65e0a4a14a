/* E87: H_ij = -m_j T_i (zeta'' y y^T + zeta' I) T_j^T between points closer than a cutoff, y = z_i
 * - z_j, with frames T_i of the tangent spaces, in the symmetric form of coordinates sqrt(m_i) T_i
 * h_i. Sorted by their first coordinate, neighbors are not far from each other in a list: the
 * matrix is a band, factored by Cholesky. */
#include "near_field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/band.h"
#include "contraflow/solver/memory.h"

enum { MOST_D = 3, MOST_B = MOST_D - 1 };

static const double PI = 3.14159265358979323846;
static const double CUTOFF = 14;      /* largest s/tau of a near pair: eta = 8e-7 there */
static const double MOST_WORK = 1e10; /* of a factorization: size width^2 */
static const double CROWDING = 1.3;   /* how much wider a band may be than that of even points */

typedef struct {
    double first; /* coordinate */
    size_t point;
} place;

struct cf_near_field {
    size_t n, d, b; /* b = d - 1 coordinates of a tangent */
    double tau;
    const double *weights;
    size_t capacity; /* of the band, in subdiagonals */
    bool factored;
    cf_band band;
    place *order;          /* [n] points by their first coordinate; below all in this order */
    size_t *behind;        /* [n] how far in the list the last neighbor is */
    double *arrays;        /* owns everything below */
    double *z;             /* [n*d] */
    double *frame;         /* [n*b*d] T, rows are orthonormal tangents */
    double *diagonal;      /* [n*b*b] blocks of H */
    double *mass, *root;   /* [n] m and sqrt(m) */
    double *narrow, *wide; /* [n] Psi' and Psi'' G 2^(-b/2) / 2 */
    double *s, *eta;       /* [n] of one point with those behind it */
    float *x;              /* [n*b] */
};

/* Subdiagonals for points spread evenly: those within the cutoff are in a strip of that width. */
static double even_width(double tau, size_t n, size_t d)
{
    double radius = sqrt(2 * CUTOFF * tau), share = d == 2 ? radius / PI : radius / 2;
    double all = (double)(n * (d - 1));
    return fmin(CROWDING * share, 1) * all + 4;
}

static bool pays(const cf_loss_parameters *loss, size_t n, size_t d)
{
    if (loss->eta.row != cf_eta_rows[0] || loss->views > 1 || loss->blur != NULL)
        return false;
    double width = even_width(loss->eta.tau, n, d);
    return (d == 2 || d == 3) && (double)(n * (d - 1)) * width * width <= MOST_WORK;
}

static size_t numbers(size_t n, size_t d)
{
    size_t b = d - 1;
    return n * (d + b * d + b * b + 6);
}

double cf_near_field_bytes(const cf_loss_parameters *loss, size_t n, size_t d)
{
    if (!pays(loss, n, d))
        return 0;
    double band = (double)(n * (d - 1)) * (even_width(loss->eta.tau, n, d) + 2);
    return 4 * band + 8 * (double)numbers(n, d) + (double)(n * (sizeof(place) + sizeof(size_t)));
}

static void set_arrays(cf_near_field *near)
{
    size_t n = near->n, d = near->d, b = near->b;
    near->z = near->arrays;
    near->frame = near->z + n * d;
    near->diagonal = near->frame + n * b * d;
    double **single[] = {&near->mass, &near->root, &near->narrow,
                         &near->wide, &near->s,    &near->eta};
    for (size_t k = 0; k < 6; k++)
        *single[k] = near->diagonal + n * b * b + k * n;
}

cf_status cf_near_field_create(const cf_loss_parameters *loss, const double *weights, size_t n,
                               size_t d, cf_near_field **out, cf_err *err)
{
    *out = NULL;
    bool weighty = pays(loss, n, d);
    for (size_t i = 0; i < n && weighty; i++)
        weighty = weights[i] > 0;
    if (!weighty)
        return CF_OK;
    cf_near_field *near = cf_allocate("preconditioner", 1, sizeof *near, err);
    if (near == NULL)
        return CF_ESYSTEM;
    near->n = n;
    near->d = d;
    near->b = d - 1;
    near->tau = loss->eta.tau;
    near->weights = weights;
    near->band.size = n * near->b;
    near->capacity = (size_t)even_width(near->tau, n, d);
    near->band.elements =
        cf_allocate("preconditioner", near->band.size * (near->capacity + 1), sizeof(float), err);
    near->x = cf_allocate("preconditioner", near->band.size, sizeof(float), err);
    near->order = cf_allocate("preconditioner", n, sizeof(place), err);
    near->behind = cf_allocate("preconditioner", n, sizeof *near->behind, err);
    near->arrays = cf_allocate("preconditioner", numbers(n, d), sizeof(double), err);
    if (!near->band.elements || !near->x || !near->order || !near->behind || !near->arrays) {
        cf_near_field_free(&near);
        return CF_ESYSTEM;
    }
    set_arrays(near);
    *out = near;
    return CF_OK;
}

void cf_near_field_free(cf_near_field **near)
{
    if (*near == NULL)
        return;
    free((*near)->band.elements);
    free((*near)->x);
    free((*near)->order);
    free((*near)->behind);
    free((*near)->arrays);
    free(*near);
    *near = NULL;
}

static double dot(const double *a, const double *b, size_t d)
{
    double total = 0;
    for (size_t k = 0; k < d; k++)
        total += a[k] * b[k];
    return total;
}

static int compare(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->point < b->point ? -1 : 1;
}

/* On the circle the tangent; on S2 the axis farthest from z, made orthogonal, and the product. */
static void set_frame(const double *z, size_t d, double *T)
{
    if (d == 2) {
        T[0] = -z[1];
        T[1] = z[0];
        return;
    }
    size_t far = fabs(z[1]) < fabs(z[0]) ? 1 : 0;
    far = fabs(z[2]) < fabs(z[far]) ? 2 : far;
    double length = sqrt(1 - z[far] * z[far]);
    for (size_t k = 0; k < 3; k++)
        T[k] = ((k == far ? 1 : 0) - z[far] * z[k]) / length;
    for (size_t k = 0; k < 3; k++)
        T[3 + k] = z[(k + 1) % 3] * T[(k + 2) % 3] - z[(k + 2) % 3] * T[(k + 1) % 3];
}

static void arrange(cf_near_field *near, const double *z, const cf_loss_shape *shape)
{
    size_t d = near->d;
    for (size_t i = 0; i < near->n; i++)
        near->order[i] = (place){z[i * d], i};
    qsort(near->order, near->n, sizeof *near->order, compare);
    double half = 0.5 * pow(2, -0.5 * (double)near->b);
    for (size_t i = 0; i < near->n; i++) {
        size_t point = near->order[i].point;
        memcpy(near->z + i * d, z + point * d, d * sizeof *z);
        set_frame(near->z + i * d, d, near->frame + i * near->b * d);
        near->mass[i] = near->weights[point];
        near->root[i] = sqrt(near->mass[i]);
        near->narrow[i] = shape->dpsi[point];
        near->wide[i] = half * shape->d2psi[point] * shape->G[point];
    }
}

static double half_square(const cf_near_field *near, size_t i, size_t j)
{
    double total = 0;
    for (size_t k = 0; k < near->d; k++) {
        double y = near->z[i * near->d + k] - near->z[j * near->d + k];
        total += y * y;
    }
    return total / 2;
}

/* s and eta of point i with the `count` behind it. */
static void look_behind(cf_near_field *near, size_t i, size_t count)
{
    const cf_profile profile = {cf_eta_rows[0], near->tau, 0};
    for (size_t k = 0; k < count; k++)
        near->s[k] = half_square(near, i, i + 1 + k);
    cf_profile_values(&profile, near->s, count, near->eta);
}

/* Sets how far behind each point its last neighbor is; returns the subdiagonals that this needs. */
static size_t find_neighbors(cf_near_field *near)
{
    size_t farthest = 0, d = near->d, end = 0;
    double radius = sqrt(2 * CUTOFF * near->tau);
    for (size_t i = 0; i < near->n; i++) {
        while (end < near->n && near->z[end * d] - near->z[i * d] <= radius)
            end++;
        size_t last = end - 1;
        while (half_square(near, i, last) > CUTOFF * near->tau)
            last--;
        near->behind[i] = last - i;
        farthest = last - i > farthest ? last - i : farthest;
    }
    return (farthest + 1) * near->b - 1;
}

/* The pair of i and j behind it. With tangents p = T_i y and q = T_j y: the block between them is
 * -(zeta'' p q^T + zeta' T_i T_j^T), and that of i with itself gains m_j (zeta'' p p^T + zeta' (1 -
 * s) I), where y.z_i = s. */
static void add_pair(cf_near_field *near, size_t i, size_t j, double gamma)
{
    size_t d = near->d, b = near->b, column = near->band.width + 1;
    double tau = near->tau, s = near->s[j - i - 1], eta = near->eta[j - i - 1];
    double narrow = (near->narrow[i] + near->narrow[j]) * eta / tau;
    double wide = (near->wide[i] + near->wide[j]) * sqrt(eta) / (2 * tau);
    double first = -narrow - wide, second = narrow / tau + wide / (2 * tau);
    const double *zi = near->z + i * d, *zj = near->z + j * d;
    const double *Ti = near->frame + i * b * d, *Tj = near->frame + j * b * d;
    double scale = -gamma * near->root[i] * near->root[j];
    for (size_t k = 0; k < b; k++) {
        double p = -dot(Ti + k * d, zj, d), q = dot(Tj + k * d, zi, d);
        for (size_t l = 0; l < b; l++) {
            double pl = -dot(Ti + l * d, zj, d), ql = dot(Tj + l * d, zi, d);
            double along = k == l ? first * (1 - s) : 0;
            double block = second * p * ql + first * dot(Ti + k * d, Tj + l * d, d);
            size_t row = j * b + l, start = i * b + k;
            near->band.elements[start * column + row - start] = (float)(scale * block);
            near->diagonal[i * b * b + k * b + l] += near->mass[j] * (second * p * pl + along);
            near->diagonal[j * b * b + k * b + l] += near->mass[i] * (second * q * ql + along);
        }
    }
}

/* The band of I + gamma H. */
static void assemble(cf_near_field *near, double gamma)
{
    size_t n = near->n, b = near->b, column = near->band.width + 1;
    memset(near->band.elements, 0, near->band.size * column * sizeof(float));
    memset(near->diagonal, 0, n * b * b * sizeof(double));
    for (size_t i = 0; i < n; i++) {
        look_behind(near, i, near->behind[i]);
        for (size_t j = i + 1; j <= i + near->behind[i]; j++)
            if (near->s[j - i - 1] <= CUTOFF * near->tau)
                add_pair(near, i, j, gamma);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < b; k++)
            for (size_t l = k; l < b; l++)
                near->band.elements[(i * b + k) * column + l - k] =
                    (float)((k == l ? 1 : 0) + gamma * near->diagonal[i * b * b + k * b + l]);
}

void cf_near_field_factor(cf_near_field *near, const double *z, const cf_loss_shape *shape,
                          double gamma)
{
    arrange(near, z, shape);
    near->band.width = find_neighbors(near);
    near->factored = near->band.width <= near->capacity;
    if (!near->factored)
        return;
    assemble(near, gamma);
    near->factored = cf_band_factor(&near->band);
}

void cf_near_field_solve(cf_near_field *near, const double *r, double *out)
{
    size_t d = near->d, b = near->b;
    memcpy(out, r, near->n * d * sizeof *out);
    if (!near->factored)
        return;
    for (size_t k = 0; k < near->n * b; k++)
        near->x[k] = (float)(near->root[k / b] *
                             dot(near->frame + k * d, r + near->order[k / b].point * d, d));
    for (size_t k = 0; k < near->n * b; k++)
        for (size_t c = 0; c < d; c++)
            out[near->order[k / b].point * d + c] -=
                near->x[k] / near->root[k / b] * near->frame[k * d + c];
    cf_band_solve(&near->band, near->x);
    for (size_t k = 0; k < near->n * b; k++)
        for (size_t c = 0; c < d; c++)
            out[near->order[k / b].point * d + c] +=
                near->x[k] / near->root[k / b] * near->frame[k * d + c];
}
