#include "sphere_transform.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/fourier.h"
#include "contraflow/solver/memory.h"
#include "vector_kernels.h"

static const double PI = 3.14159265358979323846;

/* Where p_mm is smaller, p_lm vanishes for every degree below 1500: it is largest there where m is
 * L sin t, at least e^{-L/e}. */
static const double TINY = 1e-290;

enum { CHUNKS = 16 }; /* orders go to threads in this many parts, each with its own scratch */

struct cf_sphere_transform {
    cf_sphere_setup setup;
    size_t half; /* M/2 */
    cf_window *window;
    cf_fourier *around;    /* of s, for all t */
    cf_fourier *torus;     /* of s and t */
    double *arrays;        /* owns the next ones */
    double *sine, *cosine; /* [M/2] of t_a */
    double *position;      /* [2n] */
    double *values;        /* [M*M] by s, then t */
    double *part[3];       /* likewise: radial part and derivatives by t and s of a vector field */
    double *modes;         /* [2 (M/2+1) M] by m, then t */
    double *spectrum;      /* [2 M (M/2+1)] by mode of s, then mode of t */
    double *scratch;       /* [CHUNKS] of scratch_size */
};

/* Two Legendre functions at the nodes, and the coefficients of an order. */
static size_t scratch_size(const cf_sphere_setup *setup)
{
    return setup->length + 2 * (setup->degree + 1) + CF_LANES;
}

size_t cf_sphere_nodes_size(const cf_sphere_setup *setup)
{
    return (setup->degree + 2) * setup->length;
}

/* --- creation --- */

static cf_status allocate(cf_sphere_transform *t, cf_err *err)
{
    size_t M = t->setup.length, total = 0, offset = 0;
    const struct {
        double **array;
        size_t count;
    } own[] = {{&t->sine, t->half},
               {&t->cosine, t->half},
               {&t->position, 2 * t->setup.points},
               {&t->values, M * M},
               {&t->part[0], M * M},
               {&t->part[1], M * M},
               {&t->part[2], M * M},
               {&t->modes, M * (M + 2)},
               {&t->spectrum, M * (M + 2)},
               {&t->scratch, CHUNKS * scratch_size(&t->setup)}};
    enum { OWN = sizeof own / sizeof *own };
    for (size_t k = 0; k < OWN; k++)
        total += own[k].count + CF_LANES;
    t->arrays = cf_allocate("sphere transform", total, sizeof(double), err);
    if (t->arrays == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < OWN; k++) { /* each aligned like the whole */
        *own[k].array = t->arrays + offset;
        offset += (own[k].count + CF_LANES - 1) / CF_LANES * CF_LANES;
    }
    for (size_t a = 0; a < t->half; a++) {
        double angle = 2 * PI * ((double)a + 0.5) / (double)M;
        t->sine[a] = sin(angle);
        t->cosine[a] = cos(angle);
    }
    return CF_OK;
}

cf_status cf_sphere_transform_create(const cf_sphere_setup *setup, cf_sphere_transform **out,
                                     cf_err *err)
{
    *out = NULL;
    cf_sphere_transform *t = cf_allocate("sphere transform", 1, sizeof *t, err);
    if (t == NULL)
        return CF_ESYSTEM;
    t->setup = *setup;
    t->half = setup->length / 2;
    const size_t shape[2] = {setup->length, setup->length};
    const cf_window_setup window = {setup->row, 2, 3, setup->points, setup->length, setup->length};
    cf_status status = cf_window_create(&window, &t->window, err);
    if (status == CF_OK)
        status = cf_fourier_create(1, shape, setup->length, &t->around, err);
    if (status == CF_OK)
        status = cf_fourier_create(2, shape, 1, &t->torus, err);
    if (status == CF_OK)
        status = allocate(t, err);
    if (status != CF_OK)
        cf_sphere_transform_free(&t);
    *out = t;
    return status;
}

void cf_sphere_transform_free(cf_sphere_transform **transform)
{
    cf_sphere_transform *t = *transform;
    if (t == NULL)
        return;
    cf_window_free(&t->window);
    cf_fourier_free(&t->around);
    cf_fourier_free(&t->torus);
    free(t->arrays);
    free(t);
    *transform = NULL;
}

cf_window *cf_sphere_window(cf_sphere_transform *t)
{
    return t->window;
}

void cf_sphere_set_points(cf_sphere_transform *t, const double *x)
{
    enum { BLOCK = 256 };
    const cf_vector_kernels *vector = cf_vector_kernels_get(CF_SIMD_BEST);
    size_t n = t->setup.points;
#pragma omp parallel for schedule(static) if ((double)n * BLOCK >= CF_WORTH_THREADS)
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t count = n - from < BLOCK ? n - from : BLOCK;
        double plane[4 * BLOCK], *angle = t->position + 2 * from;
        for (size_t i = 0; i < count; i++) { /* s is the angle of (x_1, x_2), t that of (x_3, r) */
            const double *point = x + 3 * (from + i);
            plane[4 * i] = point[0];
            plane[4 * i + 1] = point[1];
            plane[4 * i + 2] = point[2];
            plane[4 * i + 3] = sqrt(point[0] * point[0] + point[1] * point[1]);
        }
        vector->angle(plane, 2 * count, angle);
        for (size_t k = 0; k < 2 * count; k++) {
            double part = angle[k] / (2 * PI);
            angle[k] = part < 0 ? part + 1 : part;
        }
    }
    cf_window_set_points(t->window, t->position);
}

/* --- between the torus and the nodes --- */

/* Mode of index k of M. */
static double mode_of(const cf_sphere_transform *t, size_t k)
{
    double M = (double)t->setup.length;
    return 2 * (double)k <= M ? (double)k : (double)k - M;
}

/* What happens to a spectrum on the torus. */
typedef struct {
    double factor;
    bool window; /* times the inverse of the window */
    double
        half_step; /* moves the nodes of t by this times pi/M: they are half a step off the pole */
    bool along;    /* differentiated by t */
} filter;

/* Modes beyond L + 1 are dropped. */
static void apply_filter(const cf_sphere_transform *t, const filter *f, const double *in,
                         double *out)
{
    size_t M = t->setup.length, width = M / 2 + 1, degree = t->setup.degree + 1;
    const double *inverse = cf_window_inverse(t->window);
    memset(out, 0, 2 * M * width * sizeof *out);
    for (size_t row = 0; row < M; row++)
        for (size_t k = 0; k <= degree && fabs(mode_of(t, row)) <= (double)degree; k++) {
            const double *from = in + 2 * (row * width + k);
            double *to = out + 2 * (row * width + k);
            double angle = f->half_step * PI * (double)k / (double)M, scale = f->factor;
            scale *= (f->window ? inverse[row] * inverse[k] : 1) * (f->along ? (double)k : 1);
            double c = scale * cos(angle), s = scale * sin(angle);
            double re = from[0] * c - from[1] * s, im = from[0] * s + from[1] * c;
            to[0] = f->along ? -im : re;
            to[1] = f->along ? re : im;
        }
}

static double inverse_count(const cf_sphere_transform *t)
{
    return 1 / ((double)t->setup.length * (double)t->setup.length);
}

/* The factor of a function beyond the pole, at -t, in its mode m. */
static double parity(size_t m, bool around)
{
    return (m % 2 == 0) != around ? 1 : -1;
}

/* The spectrum of spread sources becomes modes of s at all t. */
static void to_modes(cf_sphere_transform *t, double sign, bool along)
{
    const filter f = {sign * inverse_count(t), true, 1, along};
    double *filtered = cf_window_workspace(t->window);
    apply_filter(t, &f, t->spectrum, filtered);
    cf_fourier_back(t->torus, filtered, t->values);
    cf_fourier_forward(t->around, t->values, t->modes);
}

/* Both sides of the pole together. */
static void fold(const cf_sphere_transform *t, double *nodes)
{
    size_t M = t->setup.length;
    for (size_t m = 0; m <= t->setup.degree + 1; m++)
        for (size_t a = 0; a < t->half; a++) {
            const double *near = t->modes + 2 * (m * M + a);
            const double *beyond = t->modes + 2 * (m * M + M - 1 - a);
            nodes[m * M + a] = near[0] + parity(m, false) * beyond[0];
            nodes[m * M + t->half + a] = near[1] + parity(m, false) * beyond[1];
        }
}

/* The same for the functions -im p_lm/sin t, added. */
static void fold_around(const cf_sphere_transform *t, double *nodes)
{
    size_t M = t->setup.length;
    for (size_t m = 0; m <= t->setup.degree + 1; m++)
        for (size_t a = 0; a < t->half; a++) {
            const double *near = t->modes + 2 * (m * M + a);
            const double *beyond = t->modes + 2 * (m * M + M - 1 - a);
            double factor = (double)m / t->sine[a];
            nodes[m * M + a] += factor * (near[1] + parity(m, true) * beyond[1]);
            nodes[m * M + t->half + a] -= factor * (near[0] + parity(m, true) * beyond[0]);
        }
}

void cf_sphere_spread(cf_sphere_transform *t, const double *q, double *nodes)
{
    cf_window_spread(t->window, q, NULL, 0, t->spectrum);
    to_modes(t, 1, false);
    fold(t, nodes);
}

/* By t: sum_j q_j v_j p'(t_j) is the sum with p of the spectrum times -ik. */
void cf_sphere_spread_moving(cf_sphere_transform *t, const double *q, const double *velocity,
                             double *nodes)
{
    cf_window_spread(t->window, q, velocity, 2, t->spectrum);
    to_modes(t, -1, true);
    fold(t, nodes);
    cf_window_spread(t->window, q, velocity + 1, 2, t->spectrum);
    to_modes(t, 1, false);
    fold_around(t, nodes);
}

/* values [M*M] of a function at nodes, or of its derivative around. */
static void to_values(cf_sphere_transform *t, const double *nodes, bool around, double *values)
{
    size_t M = t->setup.length;
    memset(t->modes, 0, M * (M + 2) * sizeof *t->modes);
    for (size_t m = 0; m <= t->setup.degree + 1; m++)
        for (size_t a = 0; a < t->half; a++) {
            double re = nodes[m * M + a], im = nodes[m * M + t->half + a];
            double factor = around ? (double)m / t->sine[a] : 1;
            double *near = t->modes + 2 * (m * M + a);
            double *beyond = t->modes + 2 * (m * M + M - 1 - a);
            near[0] = factor * (around ? -im : re);
            near[1] = factor * (around ? re : im);
            beyond[0] = parity(m, around) * near[0];
            beyond[1] = parity(m, around) * near[1];
        }
    cf_fourier_back(t->around, t->modes, values);
}

void cf_sphere_show(cf_sphere_transform *t, int field, const double *nodes, cf_sphere_part part)
{
    const filter f = {inverse_count(t), true, -1, part == CF_SPHERE_ALONG};
    to_values(t, nodes, part == CF_SPHERE_AROUND, t->values);
    cf_fourier_forward(t->torus, t->values, t->spectrum);
    apply_filter(t, &f, t->spectrum, cf_window_workspace(t->window));
    cf_window_show(t->window, field);
}

/* --- vector fields --- */

void cf_sphere_vector(cf_sphere_transform *t, const double *potential, const double *radial)
{
    const filter f = {inverse_count(t), false, 0, true};
    double *filtered = cf_window_workspace(t->window);
    to_values(t, potential, false, t->values);
    cf_fourier_forward(t->torus, t->values, t->spectrum);
    apply_filter(t, &f, t->spectrum, filtered);
    cf_fourier_back(t->torus, filtered, t->part[1]);
    to_values(t, potential, true, t->part[2]);
    to_values(t, radial, false, t->part[0]);
}

/* Component c of the unit vectors x, along t, and along s. */
static void frame(double sine, double cosine, double angle, int c, double out[3])
{
    double turn = c == 0 ? cos(angle) : sin(angle);
    out[0] = c == 2 ? cosine : sine * turn;
    out[1] = c == 2 ? -sine : cosine * turn;
    out[2] = c == 0 ? -sin(angle) : c == 1 ? cos(angle) : 0;
}

void cf_sphere_component(cf_sphere_transform *t, int c, double *nodes)
{
    size_t M = t->setup.length;
    for (size_t b = 0; b < M; b++)
        for (size_t a = 0; a < t->half; a++) {
            double unit[3], total = 0;
            frame(t->sine[a], t->cosine[a], 2 * PI * (double)b / (double)M, c, unit);
            for (int k = 0; k < 3; k++)
                total += t->part[k][b * M + a] * unit[k];
            t->values[b * M + a] = total / (double)M;
            t->values[b * M + t->half + a] = 0;
        }
    cf_fourier_forward(t->around, t->values, t->modes);
    for (size_t m = 0; m <= t->setup.degree + 1; m++)
        for (size_t a = 0; a < t->half; a++) {
            nodes[m * M + a] = t->modes[2 * (m * M + a)];
            nodes[m * M + t->half + a] = t->modes[2 * (m * M + a) + 1];
        }
}

/* --- harmonics --- */

/* p = p_mm(t_a), below = 0. */
static void start_legendre(const cf_sphere_transform *t, size_t m, double *p, double *below)
{
    double norm = 1;
    for (size_t k = 1; k <= m; k++)
        norm *= sqrt((2 * (double)k - 1) / (2 * (double)k));
    for (size_t a = 0; a < t->half; a++) {
        double value = norm * pow(t->sine[a], (double)m);
        p[a] = value > TINY ? value : 0;
        below[a] = 0;
    }
}

/* From degrees l, l-1 to l+1, l: sqrt((l+1)^2 - m^2) p_{l+1} = (2l+1) cos t p_l - sqrt(l^2 - m^2)
 * p_{l-1}. */
static void step_legendre(const cf_sphere_transform *t, size_t m, size_t l, double *p,
                          double *below)
{
    double degree = (double)l, order = (double)m;
    double root = sqrt((degree + 1 - order) * (degree + 1 + order));
    double alpha = (2 * degree + 1) / root;
    double beta = sqrt((degree - order) * (degree + order)) / root;
    for (size_t a = 0; a < t->half; a++) {
        double next = alpha * t->cosine[a] * p[a] - beta * below[a];
        below[a] = p[a];
        p[a] = next;
    }
}

static double dot(const double *x, const double *y, size_t count)
{
    double lane[4] = {0};
    size_t whole = count / 4 * 4;
    for (size_t k = 0; k < whole; k += 4)
        for (size_t l = 0; l < 4; l++)
            lane[l] += x[k + l] * y[k + l];
    for (size_t k = whole; k < count; k++)
        lane[0] += x[k] * y[k];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* One order: coefficients f_l of the sources, and the sums of a_l f_l p_lm. */
static void convolve_order(const cf_sphere_transform *t, size_t m, const double *nodes, int count,
                           const double *const *a, double *const *out, double *scratch)
{
    size_t H = t->half, L = t->setup.degree, at = m * t->setup.length;
    double *p = scratch, *below = p + H, *f = below + H;
    for (int k = 0; k < count; k++)
        memset(out[k] + at, 0, 2 * H * sizeof **out);
    start_legendre(t, m, p, below);
    for (size_t l = m; l <= L; step_legendre(t, m, l++, p, below)) {
        f[2 * (l - m)] = dot(p, nodes + at, H);
        f[2 * (l - m) + 1] = dot(p, nodes + at + H, H);
    }
    start_legendre(t, m, p, below);
    for (size_t l = m; l <= L; step_legendre(t, m, l++, p, below))
        for (int k = 0; k < count; k++) {
            double re = a[k][l] * f[2 * (l - m)], im = a[k][l] * f[2 * (l - m) + 1];
            for (size_t i = 0; i < H; i++) {
                out[k][at + i] += re * p[i];
                out[k][at + H + i] += im * p[i];
            }
        }
}

/* The sum over orders -m is the conjugate of that over m, which a real function implies. */
void cf_sphere_convolve(cf_sphere_transform *t, const double *nodes, int count,
                        const double *const *a, double *const *out)
{
    size_t orders = t->setup.degree + 2; /* the last is empty */
#pragma omp parallel for schedule(static) if (t->half * orders * orders >= (size_t)CF_WORTH_THREADS)
    for (size_t chunk = 0; chunk < CHUNKS; chunk++)
        for (size_t m = chunk; m < orders; m += CHUNKS)
            convolve_order(t, m, nodes, count, a, out,
                           t->scratch + chunk * scratch_size(&t->setup));
}

/* Ten passes of Fourier transforms, three Legendre sums; as measured. */
double cf_sphere_predict(const cf_sphere_setup *setup)
{
    double M = (double)setup->length, L = (double)setup->degree + 1;
    return 10 * 8 * M * M + 3 * 0.75 * L * L * M;
}

/* Six arrays on the torus here and five in the window and its transforms; per point two places here
 * and eight numbers of the window. */
double cf_sphere_bytes(const cf_sphere_setup *setup)
{
    double M = (double)setup->length, torus = 1.3 * M * (M + 2);
    double scratch = (double)(CHUNKS * scratch_size(setup));
    return 8 * (10 * (double)setup->points + 11 * torus + scratch);
}
