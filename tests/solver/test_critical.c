/* Critical points of x.Ax on the unit sphere: eigenvectors a of A, where the Hessian has the
 * eigenvalues 2 (l_j - l_a) (E90). A repeated eigenvalue is a rotation that changes nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/critical.h"
#include "contraflow/solver/matrix.h"

enum { N = 40, MOST = 400 };

/* A = sum_k l_k r_k r_k^T with r the rows of a reflection, so that nothing is diagonal. */
typedef struct {
    size_t n;
    double lambda[MOST], mirror[MOST]; /* r_k = e_k - mirror_k mirror */
    double x[MOST], frame[MOST];       /* the point, and h of its frame */
} quotient;

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

static void reflect(const double *mirror, const double *v, size_t n, double *out)
{
    double along = dot(mirror, v, n);
    for (size_t k = 0; k < n; k++)
        out[k] = v[k] - along * mirror[k];
}

static void times(const quotient *q, const double *v, double *out)
{
    double work[MOST];
    reflect(q->mirror, v, q->n, work);
    for (size_t k = 0; k < q->n; k++)
        work[k] *= q->lambda[k];
    reflect(q->mirror, work, q->n, out);
}

/* The reflection of e_1 to +-x takes e_2 .. e_n to a frame at x. */
static void lower(const quotient *q, const double *v, double *w)
{
    size_t count = q->n - 1 < MOST ? q->n - 1 : 0; /* which gcc cannot see */
    double work[MOST];
    reflect(q->frame, v, q->n, work);
    memcpy(w, work + 1, count * sizeof *w);
}

static void raise_to(const quotient *q, const double *w, double *v)
{
    double work[MOST] = {0};
    size_t count = q->n - 1 < MOST ? q->n - 1 : 0;
    memcpy(work + 1, w, count * sizeof *w);
    reflect(q->frame, work, q->n, v);
}

static cf_status evaluate(void *system, const double *y, double *value, double *gradient,
                          cf_err *err)
{
    (void)err;
    quotient *q = system;
    double image[MOST];
    memcpy(q->x, y, q->n * sizeof *y);
    memcpy(q->frame, y, q->n * sizeof *y);
    q->frame[0] += y[0] > 0 ? 1 : -1;
    double size = sqrt(dot(q->frame, q->frame, q->n) / 2);
    for (size_t k = 0; k < q->n; k++)
        q->frame[k] /= size;
    times(q, y, image);
    *value = dot(y, image, q->n);
    lower(q, image, gradient);
    for (size_t k = 0; k + 1 < q->n; k++)
        gradient[k] *= 2;
    return CF_OK;
}

static void hessian_times(void *system, const double *w, double *hw)
{
    const quotient *q = system;
    double v[MOST], image[MOST];
    times(q, q->x, image);
    double radial = dot(q->x, image, q->n);
    raise_to(q, w, v);
    times(q, v, image);
    lower(q, image, hw);
    for (size_t k = 0; k + 1 < q->n; k++)
        hw[k] = 2 * (hw[k] - radial * w[k]);
}

/* The rotation that turns r_1 into r_2, whose eigenvalues are equal. */
static void symmetry(void *system, size_t k, double *w)
{
    (void)k;
    const quotient *q = system;
    double r[2][MOST], v[MOST];
    for (size_t a = 0; a < 2; a++) {
        double e[MOST] = {0};
        e[1 + a] = 1;
        reflect(q->mirror, e, q->n, r[a]);
    }
    double first = dot(r[0], q->x, q->n), second = dot(r[1], q->x, q->n);
    for (size_t i = 0; i < q->n; i++)
        v[i] = first * r[1][i] - second * r[0][i];
    lower(q, v, w);
}

static void move(void *system, const double *w, double *y)
{
    const quotient *q = system;
    double v[MOST];
    raise_to(q, w, v);
    double length = sqrt(dot(v, v, q->n));
    for (size_t k = 0; k < q->n; k++)
        y[k] = cos(length) * q->x[k] + (length > 0 ? sin(length) / length : 1) * v[k];
}

static quotient make(size_t n)
{
    quotient q = {.n = n};
    for (size_t k = 0; k < n; k++) {
        q.lambda[k] = k == 2 ? 2 : (double)(k + 1) + (k > 30 ? sqrt((double)k) : 0);
        q.mirror[k] = sin(1 + (double)(k * k));
    }
    double size = sqrt(dot(q.mirror, q.mirror, n) / 2);
    for (size_t k = 0; k < n; k++)
        q.mirror[k] /= size;
    return q;
}

static cf_landscape view_of(quotient *q)
{
    return (cf_landscape){.system = q,
                          .size = q->n,
                          .dimension = q->n - 1,
                          .symmetries = 1,
                          .evaluate = evaluate,
                          .hessian_times = hessian_times,
                          .symmetry = symmetry,
                          .move = move};
}

/* Near r_a, off by `distance` in all directions. */
static void start(const quotient *q, size_t a, double distance, double *y)
{
    double e[MOST] = {0};
    for (size_t k = 0; k < q->n; k++)
        e[k] = k == a ? 1 : distance * cos(3 * (double)k) / sqrt((double)q->n);
    reflect(q->mirror, e, q->n, y);
    double size = sqrt(dot(y, y, q->n));
    for (size_t k = 0; k < q->n; k++)
        y[k] /= size;
}

/* Largest distance between eigenvalues and 2 (l_j - l_a), j != a, without the rotation's. */
static double spectrum_error(const quotient *q, size_t a, const cf_spectrum *s)
{
    double worst = 0;
    size_t k = 0;
    for (size_t j = 0; j < q->n && k < s->count; j++) {
        bool rotation = (a == 1 && j == 2) || (a == 2 && j == 1);
        if (j != a && !rotation)
            worst = worse(worst, fabs(s->values[k++] - 2 * (q->lambda[j] - q->lambda[a])));
    }
    return worst;
}

static void test_search(size_t n, size_t a, const cf_spectrum_options *options, const char *how)
{
    static double y[MOST];
    quotient q = make(n);
    const cf_landscape landscape = view_of(&q);
    const cf_critical_options search = {
        .tolerance = 1e-14, .steps = 30, .cutoff = 1e-10, .spectrum = *options};
    cf_critical found;
    cf_spectrum *s;
    cf_err err = {0};
    start(&q, a, 0.1, y);
    require(cf_critical_find(&landscape, &search, y, &found, &err), &err, "search");
    check(found.converged && found.steps <= 8, "%s: Newton from near eigenvector %zu, %ld steps",
          how, a, found.steps);
    check_near(found.value, q.lambda[a], 1e-11, "%s: the value is the eigenvalue", how);
    check_below(found.moved, 0.4, "%s: the critical point is the near one", how);
    require(cf_spectrum_create(&landscape, options, &s, &err), &err, "spectrum");
    bool turned = a == 1 || a == 2;
    check(s->symmetries == (turned ? 1u : 0u), "%s: %zu symmetries move the point", how,
          s->symmetries);
    check(s->complete ? s->count == n - 1 - s->symmetries : s->count >= 5, "%s: %zu eigenvalues",
          how, s->count);
    check_below(spectrum_error(&q, a, s), 1e-7 * q.lambda[n - 1], "%s: they are 2 (l_j - l_a)",
                how);
    double worst = 0;
    for (size_t k = 0; k < s->count; k++) {
        static double image[MOST];
        hessian_times(&q, s->vectors + k * (n - 1), image);
        for (size_t i = 0; i + 1 < n; i++)
            worst = worse(worst, fabs(image[i] - s->values[k] * s->vectors[k * (n - 1) + i]));
    }
    check_below(worst, 1e-8 * s->largest, "%s: vectors are eigenvectors", how);
    cf_spectrum_free(&s);
}

static void test_matrix_eigen(void)
{
    double matrix[9] = {2, 1, 0, 1, 2, 0, 0, 0, -1}, values[3];
    cf_err err = {0};
    require(cf_matrix_eigen(matrix, 3, values, &err), &err, "eigenvalues");
    check_near(worse(fabs(values[0] + 1), worse(fabs(values[1] - 1), fabs(values[2] - 3))), 0,
               1e-15, "eigenvalues of a symmetric matrix ascend");
    check_near(fabs(matrix[6] + matrix[7]), sqrt(2), 1e-15, "rows are unit eigenvectors");
}

int main(void)
{
    const cf_spectrum_options dense = {.dense = 1000}, krylov = {.dense = 1, .krylov = 300};
    test_matrix_eigen();
    test_search(N, 0, &dense, "dense, minimum");
    test_search(N, 1, &dense, "dense, rotation");
    test_search(N, 7, &dense, "dense, saddle");
    test_search(N, 0, &krylov, "whole Krylov space");
    test_search(MOST, 7, &krylov, "Krylov, saddle");
    return check_done();
}
