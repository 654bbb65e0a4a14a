/* The spectrum of a Hessian H on the complement of the span of Q, its symmetries: that of
 * (1 - QQ^T) H (1 - QQ^T), as a matrix by LAPACK or in a Krylov space (Lanczos, with complete
 * reorthogonalization). */
#include "spectrum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"

enum { DENSE = 1500, KRYLOV = 300, WANTED = 20 };

static const double STILL = 1e-7;     /* a motion this slow moves nothing, or nothing new */
static const double CONVERGED = 1e-9; /* error bound, relative to the largest eigenvalue */

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t k = 0; k < count; k++)
        sum += a[k] * b[k];
    return sum;
}

static void add(double factor, const double *a, size_t count, double *b)
{
    for (size_t k = 0; k < count; k++)
        b[k] += factor * a[k];
}

/* Twice, so that rounding is orthogonal too. */
void cf_project_out(const double *rows, size_t count, size_t dimension, double *v)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < count; k++)
            add(-dot(rows + k * dimension, v, dimension), rows + k * dimension, dimension, v);
}

cf_status cf_symmetries_create(const cf_landscape *landscape, double **out, size_t *rank,
                               cf_err *err)
{
    size_t dimension = landscape->dimension;
    double *rows =
        cf_allocate("symmetries", (landscape->symmetries + 1) * dimension, sizeof *rows, err);
    *out = rows;
    *rank = 0;
    if (rows == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < landscape->symmetries; k++) {
        double *v = rows + *rank * dimension;
        landscape->symmetry(landscape->system, k, v);
        cf_project_out(rows, *rank, dimension, v);
        double size = sqrt(dot(v, v, dimension));
        if (!(size > STILL))
            continue;
        for (size_t i = 0; i < dimension; i++)
            v[i] /= size;
        ++*rank;
    }
    return CF_OK;
}

static cf_status allocate(const cf_landscape *landscape, size_t count, cf_spectrum **out,
                          cf_err *err)
{
    cf_spectrum *s = cf_allocate("spectrum", 1, sizeof *s, err);
    *out = s;
    if (s == NULL)
        return CF_ESYSTEM;
    s->count = count;
    s->values = cf_allocate("spectrum", count, sizeof *s->values, err);
    s->bounds = cf_allocate("spectrum", count, sizeof *s->bounds, err);
    s->vectors = cf_allocate("spectrum", count * landscape->dimension, sizeof *s->vectors, err);
    return s->values == NULL || s->bounds == NULL || s->vectors == NULL ? CF_ESYSTEM : CF_OK;
}

void cf_spectrum_free(cf_spectrum **spectrum)
{
    if (*spectrum != NULL) {
        free((*spectrum)->values);
        free((*spectrum)->vectors);
        free((*spectrum)->bounds);
        free(*spectrum);
    }
    *spectrum = NULL;
}

/* --- as a matrix --- */

/* The largest |H q| of a symmetry: rounding, and what is not critical about the point. */
static double symmetry_defect(const cf_landscape *landscape, const double *Q, size_t rank,
                              double *hq)
{
    size_t dimension = landscape->dimension;
    double worst = 0;
    for (size_t k = 0; k < rank; k++) {
        landscape->hessian_times(landscape->system, Q + k * dimension, hq);
        worst = fmax(worst, sqrt(dot(hq, hq, dimension)));
    }
    return worst;
}

/* (1 - QQ^T) H (1 - QQ^T), column by column, then made symmetric; returns its asymmetry. */
static double assemble(const cf_landscape *landscape, const double *Q, size_t rank, double *e,
                       double *matrix)
{
    size_t dimension = landscape->dimension;
    double worst = 0;
    for (size_t j = 0; j < dimension; j++) {
        memset(e, 0, dimension * sizeof *e);
        e[j] = 1;
        cf_project_out(Q, rank, dimension, e);
        landscape->hessian_times(landscape->system, e, matrix + j * dimension);
        cf_project_out(Q, rank, dimension, matrix + j * dimension);
    }
    for (size_t i = 0; i < dimension; i++)
        for (size_t j = 0; j < i; j++) {
            double *a = matrix + i * dimension + j, *b = matrix + j * dimension + i;
            worst = fmax(worst, fabs(*a - *b));
            *a = *b = (*a + *b) / 2;
        }
    return worst;
}

/* Symmetries are lifted above all eigenvalues, and so come last. */
static double lift(const double *Q, size_t rank, size_t dimension, double *matrix)
{
    double square = dot(matrix, matrix, dimension * dimension), height = 2 * sqrt(square);
    for (size_t k = 0; k < rank; k++)
        for (size_t i = 0; i < dimension; i++)
            add(height * Q[k * dimension + i], Q + k * dimension, dimension,
                matrix + i * dimension);
    return sqrt(square);
}

static cf_status dense(const cf_landscape *landscape, const double *Q, size_t rank,
                       cf_spectrum **out, cf_err *err)
{
    size_t dimension = landscape->dimension, count = dimension - rank;
    double *matrix = cf_allocate("Hessian", dimension * dimension, sizeof *matrix, err);
    double *values = cf_allocate("Hessian", dimension, sizeof *values, err);
    cf_status status =
        matrix == NULL || values == NULL ? CF_ESYSTEM : allocate(landscape, count, out, err);
    if (status == CF_OK) {
        double defect = symmetry_defect(landscape, Q, rank, values);
        double asymmetry = assemble(landscape, Q, rank, values, matrix);
        double size = lift(Q, rank, dimension, matrix);
        double bound = defect + sqrt((double)dimension) * asymmetry + 4 * DBL_EPSILON * size;
        status = cf_matrix_eigen(matrix, dimension, values, err);
        (*out)->complete = true;
        for (size_t k = 0; k < count && status == CF_OK; k++) {
            (*out)->values[k] = values[k];
            (*out)->bounds[k] = bound;
            (*out)->largest = fmax((*out)->largest, fabs(values[k]));
        }
        if (status == CF_OK)
            memcpy((*out)->vectors, matrix, count * dimension * sizeof *matrix);
    }
    free(matrix);
    free(values);
    return status;
}

/* --- in a Krylov space --- */

/* Rows of basis are orthonormal, H basis^T = basis^T T but for `off[steps-1]` in the last one.
 * Returns the steps made: fewer where the space is exhausted. */
static size_t tridiagonalize(const cf_landscape *landscape, const double *Q, size_t rank,
                             size_t steps, double *basis, double *diagonal, double *off)
{
    size_t dimension = landscape->dimension, k = 0;
    double size = 0;
    for (; k < steps; k++) {
        double *next = basis + (k + 1) * dimension;
        landscape->hessian_times(landscape->system, basis + k * dimension, next);
        cf_project_out(Q, rank, dimension, next);
        diagonal[k] = dot(next, basis + k * dimension, dimension);
        cf_project_out(basis, k + 1, dimension, next);
        off[k] = sqrt(dot(next, next, dimension));
        size = fmax(size, fabs(diagonal[k]) + off[k]);
        if (!(off[k] > 1e-13 * size))
            return k + 1;
        for (size_t i = 0; i < dimension; i++)
            next[i] /= off[k];
    }
    return k;
}

/* The Ritz pairs from the eigenvectors s [steps*steps] of T, with |off s_last| as error bound. */
static void combine(const double *basis, const double *ritz, const double *s, size_t steps,
                    double off, size_t dimension, cf_spectrum *out)
{
    for (size_t k = 0; k < out->count; k++) {
        const double *row = s + k * steps;
        double *vector = out->vectors + k * dimension;
        memset(vector, 0, dimension * sizeof *vector);
        for (size_t j = 0; j < steps; j++)
            add(row[j], basis + j * dimension, dimension, vector);
        out->values[k] = ritz[k];
        out->bounds[k] = fabs(off * row[steps - 1]);
        out->largest = fmax(out->largest, fabs(ritz[k]));
    }
}

/* T is sorted by LAPACK; all Ritz pairs of the space of `start` [dimension], which is destroyed. */
static cf_status krylov(const cf_landscape *landscape, const double *Q, size_t rank, size_t steps,
                        double *start, cf_spectrum **out, cf_err *err)
{
    size_t dimension = landscape->dimension;
    double *basis = cf_allocate("Krylov space", (steps + 1) * dimension, sizeof *basis, err);
    double *diagonal = cf_allocate("Krylov space", 2 * steps, sizeof *diagonal, err);
    double *s = cf_allocate("Krylov space", steps * steps, sizeof *s, err);
    cf_status status = basis == NULL || diagonal == NULL || s == NULL ? CF_ESYSTEM : CF_OK;
    cf_project_out(Q, rank, dimension, start);
    double size = sqrt(dot(start, start, dimension));
    if (status == CF_OK && size > 0) {
        double *off = diagonal + steps;
        for (size_t i = 0; i < dimension; i++)
            basis[i] = start[i] / size;
        size_t made = tridiagonalize(landscape, Q, rank, steps, basis, diagonal, off);
        double last = off[made - 1];
        status = allocate(landscape, made, out, err);
        if (status == CF_OK)
            status = cf_matrix_eigen_tridiagonal(diagonal, off, made, s, err);
        if (status == CF_OK)
            combine(basis, diagonal, s, made, last, dimension, *out);
    } else if (status == CF_OK) {
        status = allocate(landscape, 0, out, err);
    }
    free(basis);
    free(diagonal);
    free(s);
    return status;
}

/* Keeps the lowest pairs up to the first that has not converged. */
static void keep_lowest(size_t wanted, cf_spectrum *s)
{
    size_t kept = 0;
    while (kept < s->count && kept < wanted && s->bounds[kept] <= CONVERGED * s->largest)
        kept++;
    s->count = kept;
}

static size_t or_usual(size_t value, size_t usual)
{
    return value > 0 ? value : usual;
}

cf_status cf_spectrum_create(const cf_landscape *landscape, const cf_spectrum_options *options,
                             cf_spectrum **out, cf_err *err)
{
    size_t dimension = landscape->dimension, rank = 0;
    double *Q = NULL;
    *out = NULL;
    cf_status status = cf_symmetries_create(landscape, &Q, &rank, err);
    if (status == CF_OK && dimension <= or_usual(options->dense, DENSE)) {
        status = dense(landscape, Q, rank, out, err);
    } else if (status == CF_OK) {
        const cf_random random = {0, CF_STREAM_PROBE};
        size_t steps = or_usual(options->krylov, KRYLOV), room = dimension - rank;
        double *start = cf_allocate("Krylov space", dimension, sizeof *start, err);
        for (size_t i = 0; i < dimension && start != NULL; i++)
            start[i] = cf_random_normal(random, i, 2);
        status = start == NULL
                     ? CF_ESYSTEM
                     : krylov(landscape, Q, rank, steps < room ? steps : room, start, out, err);
        if (status == CF_OK)
            keep_lowest(or_usual(options->wanted, WANTED), *out);
        free(start);
    }
    free(Q);
    if (status == CF_OK)
        (*out)->symmetries = rank;
    else
        cf_spectrum_free(out);
    return status;
}

cf_status cf_spectrum_of_gradient(const cf_landscape *landscape, const cf_spectrum_options *options,
                                  const double *gradient, cf_spectrum **out, cf_err *err)
{
    size_t dimension = landscape->dimension, rank = 0;
    if (dimension <= or_usual(options->dense, DENSE))
        return cf_spectrum_create(landscape, options, out, err);
    double *Q = NULL;
    double *start = cf_duplicate("gradient", gradient, dimension, sizeof *start, err);
    *out = NULL;
    cf_status status = start == NULL ? CF_ESYSTEM : cf_symmetries_create(landscape, &Q, &rank, err);
    size_t steps = or_usual(options->krylov, KRYLOV), room = dimension - rank;
    if (status == CF_OK)
        status = krylov(landscape, Q, rank, steps < room ? steps : room, start, out, err);
    free(Q);
    free(start);
    if (status != CF_OK)
        cf_spectrum_free(out);
    return status;
}
