/* Gauss rules, and products of them (theory E31). */
#include "contraflow/solver/quadrature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/matrix.h"
#include "contraflow/solver/memory.h"

static const double PI = 3.14159265358979323846264338327950;

static cf_status check_size(double n, size_t dimension, cf_err *err)
{
    if (n <= 1e6)
        return CF_OK;
    return cf_fail(err, CF_EINPUT, "quadrature: %.3g nodes in R^%zu: must be at most a million", n,
                   dimension);
}

cf_status cf_rule_create(double n, size_t dimension, cf_rule **out, cf_err *err)
{
    *out = NULL;
    if (check_size(n, dimension, err) != CF_OK)
        return CF_EINPUT;
    cf_rule *rule = cf_allocate("quadrature", 1, sizeof *rule, err);
    if (rule == NULL)
        return CF_ESYSTEM;
    rule->n = (size_t)n;
    rule->dimension = dimension;
    rule->points = cf_allocate("quadrature nodes", rule->n, dimension * sizeof(double), err);
    rule->weights = cf_allocate("quadrature weights", rule->n, sizeof(double), err);
    *out = rule;
    if (rule->points != NULL && rule->weights != NULL)
        return CF_OK;
    cf_rule_free(out);
    return CF_ESYSTEM;
}

void cf_rule_free(cf_rule **rule)
{
    if (*rule == NULL)
        return;
    free((*rule)->points);
    free((*rule)->weights);
    free(*rule);
    *rule = NULL;
}

/* --- Gauss rules --- */

/* From the three-term recurrence of the orthonormal polynomials of a probability measure, off[k]
 * p_{k+1} = (x - diagonal[k]) p_k - off[k-1] p_{k-1}, both [m] and destroyed: the points are the
 * eigenvalues of the symmetric tridiagonal matrix, the weights the squares of the first components
 * of its eigenvectors (Golub and Welsch, Math. Comp. 23, 1969). */
static cf_status gauss(double *diagonal, double *off, size_t m, cf_rule **out, cf_err *err)
{
    cf_status status = cf_rule_create((double)m, 1, out, err);
    double *vectors = cf_allocate("quadrature", m * m, sizeof *vectors, err);
    if (status == CF_OK)
        status = vectors == NULL ? CF_ESYSTEM
                                 : cf_matrix_eigen_tridiagonal(diagonal, off, m, vectors, err);
    for (size_t k = 0; k < m && status == CF_OK; k++) {
        (*out)->points[k] = diagonal[k];
        (*out)->weights[k] = vectors[k * m] * vectors[k * m];
    }
    if (status != CF_OK)
        cf_rule_free(out);
    free(vectors);
    return status;
}

/* A classical recurrence: diagonal all `center`, off-diagonal from its law. */
static cf_status classical(double center, double (*law)(double k), size_t m, cf_rule **out,
                           cf_err *err)
{
    *out = NULL;
    double *a = cf_allocate("quadrature", 2 * m, sizeof *a, err);
    if (a == NULL)
        return CF_ESYSTEM;
    for (size_t k = 0; k < m; k++) {
        a[k] = center;
        a[m + k] = law((double)k + 1);
    }
    cf_status status = gauss(a, a + m, m, out, err);
    free(a);
    return status;
}

static double legendre(double k)
{
    return 0.5 / sqrt(4 - 1 / (k * k));
}

static double hermite(double k)
{
    return sqrt(k);
}

cf_status cf_rule_interval(size_t m, cf_rule **out, cf_err *err)
{
    return classical(0.5, legendre, m, out, err);
}

/* Stieltjes' procedure: the recurrence of the discrete measure, from its orthonormal polynomials at
 * its points, p and before [n]. It ends where a polynomial vanishes, to rounding, at all of them.
 * Returns the number of coefficients. */
static size_t recurrence(const cf_rule *fine, size_t m, double *p, double *before, double *a)
{
    double *b = a + m, norm = 1, negligible = 0;
    for (size_t i = 0; i < fine->n; i++) {
        p[i] = 1;
        before[i] = 0;
        negligible = fmax(negligible, 1e-12 * fabs(fine->points[i] - fine->points[0]) +
                                          1e-14 * fabs(fine->points[i]));
    }
    for (size_t k = 0; k < m; k++) {
        for (size_t i = 0; i < fine->n; i++)
            a[k] += fine->weights[i] * fine->points[i] * p[i] * p[i];
        double square = 0;
        for (size_t i = 0; i < fine->n; i++) {
            double next = (fine->points[i] - a[k]) * p[i] - (k > 0 ? norm * before[i] : 0);
            before[i] = p[i];
            p[i] = next;
            square += fine->weights[i] * next * next;
        }
        b[k] = norm = sqrt(square);
        if (!(norm > negligible))
            return k + 1;
        for (size_t i = 0; i < fine->n; i++)
            p[i] /= norm;
    }
    return m;
}

cf_status cf_rule_compress(const cf_rule *fine, size_t m, cf_rule **out, cf_err *err)
{
    *out = NULL;
    double *a = cf_allocate("quadrature", 2 * (m + fine->n), sizeof *a, err);
    if (a == NULL)
        return CF_ESYSTEM;
    size_t found = recurrence(fine, m, a + 2 * m, a + 2 * m + fine->n, a);
    cf_status status = gauss(a, a + m, found, out, err);
    free(a);
    return status;
}

/* --- products --- */

/* All combinations: combine() writes a point of the product at x from points p of the first and q
 * of the second. */
typedef void combination(const double *p, const double *q, size_t dimension, double *x);

static cf_status product(const cf_rule *first, const cf_rule *second, size_t dimension,
                         combination *combine, cf_rule **out, cf_err *err)
{
    cf_status status = cf_rule_create((double)first->n * (double)second->n, dimension, out, err);
    if (status != CF_OK)
        return status;
    for (size_t i = 0; i < first->n; i++)
        for (size_t j = 0; j < second->n; j++) {
            size_t k = i * second->n + j;
            (*out)->weights[k] = first->weights[i] * second->weights[j];
            combine(first->points + i * first->dimension, second->points + j * second->dimension,
                    dimension, (*out)->points + k * dimension);
        }
    return CF_OK;
}

/* (p, q) with p a number. */
static void append(const double *p, const double *q, size_t dimension, double *x)
{
    x[0] = p[0];
    memcpy(x + 1, q, (dimension - 1) * sizeof *x);
}

cf_status cf_rule_normal(size_t d, size_t m, cf_rule **out, cf_err *err)
{
    cf_rule *line = NULL;
    *out = NULL;
    cf_status status = check_size(pow((double)m, (double)d), d, err);
    if (status == CF_OK)
        status = classical(0, hermite, m, &line, err);
    if (status == CF_OK)
        status = cf_rule_create(1, 0, out, err);
    if (status == CF_OK)
        (*out)->weights[0] = 1;
    for (size_t k = 1; k <= d && status == CF_OK; k++) {
        cf_rule *smaller = *out;
        status = product(line, smaller, k, append, out, err);
        cf_rule_free(&smaller);
    }
    cf_rule_free(&line);
    return status;
}

/* The radius sqrt(p) times the direction q. */
static void stretch(const double *p, const double *q, size_t dimension, double *x)
{
    for (size_t k = 0; k < dimension; k++)
        x[k] = sqrt(p[0]) * q[k];
}

/* Spheres whose squared radii have the law of `fine`; destroyed. Averaged over directions, a
 * polynomial of degree below 2m is one of degree below m in the square of the radius. */
static cf_status shells(cf_rule **fine, size_t d, size_t m, cf_rule **out, cf_err *err)
{
    cf_rule *radial = NULL, *sphere = NULL;
    cf_status status = cf_rule_compress(*fine, (m + 1) / 2, &radial, err);
    if (status == CF_OK)
        status = cf_rule_sphere(d, m, &sphere, err);
    if (status == CF_OK)
        status = product(radial, sphere, d, stretch, out, err);
    cf_rule_free(&radial);
    cf_rule_free(&sphere);
    cf_rule_free(fine);
    return status;
}

static cf_status circle(size_t m, cf_rule **out, cf_err *err)
{
    cf_status status = cf_rule_create(2 * (double)m, 2, out, err);
    for (size_t k = 0; k < 2 * m && status == CF_OK; k++) {
        double angle = PI * ((double)k + 0.5) / (double)m;
        (*out)->points[2 * k] = cos(angle);
        (*out)->points[2 * k + 1] = sin(angle);
        (*out)->weights[k] = 0.5 / (double)m;
    }
    return status;
}

cf_status cf_rule_sphere(size_t d, size_t m, cf_rule **out, cf_err *err)
{
    *out = NULL;
    if (d > 1)
        return d == 2 ? circle(m, out, err) : cf_rule_cap(d, PI, m, out, err);
    cf_status status = cf_rule_create(2, 1, out, err);
    for (size_t k = 0; k < 2 && status == CF_OK; k++) {
        (*out)->points[k] = k == 0 ? -1 : 1;
        (*out)->weights[k] = 0.5;
    }
    return status;
}

/* The radius r has the density d r^{d-1} on [0, 1]. */
cf_status cf_rule_ball(size_t d, size_t m, cf_rule **out, cf_err *err)
{
    cf_rule *fine = NULL;
    *out = NULL;
    cf_status status = cf_rule_interval(m + d / 2 + 2, &fine, err);
    for (size_t i = 0; status == CF_OK && i < fine->n; i++) {
        double r = fine->points[i];
        fine->weights[i] *= (double)d * pow(r, (double)d - 1);
        fine->points[i] = r * r;
    }
    return status == CF_OK ? shells(&fine, d, m, out, err) : status;
}

/* x = ((R + s a), s b) in the frame of its direction on the circle, with a and b standard normal:
 * |x|^2 = R^2 + s (2 R a + s (a^2 + b^2)). */
cf_status cf_rule_ring(double radius, double noise, size_t m, cf_rule **out, cf_err *err)
{
    cf_rule *fine = NULL;
    *out = NULL;
    cf_status status = cf_rule_normal(2, 2 * m + 2, &fine, err);
    for (size_t i = 0; status == CF_OK && i < fine->n; i++) {
        double a = fine->points[2 * i], b = fine->points[2 * i + 1];
        fine->points[i] = radius * radius + noise * (2 * radius * a + noise * (a * a + b * b));
    }
    if (status == CF_OK)
        fine->dimension = 1;
    return status == CF_OK ? shells(&fine, 2, m, out, err) : status;
}

/* The point at height 1 - p over the direction q around the axis. */
static void lift(const double *p, const double *q, size_t dimension, double *x)
{
    x[0] = 1 - p[0];
    for (size_t k = 1; k < dimension; k++)
        x[k] = sqrt(p[0] * (2 - p[0])) * q[k - 1];
}

/* The polar angle t has a density proportional to sin^{d-2} t; in 1 - cos t = 2 sin^2(t/2), which
 * keeps its digits for small caps, averages over directions of polynomials are polynomials. */
static cf_status polar(size_t d, double angle, size_t m, cf_rule **out, cf_err *err)
{
    cf_rule *fine = NULL;
    double total = 0;
    cf_status status = cf_rule_interval(4 * m + d + 32, &fine, err);
    for (size_t i = 0; status == CF_OK && i < fine->n; i++) {
        double t = angle * fine->points[i], half = sin(t / 2);
        fine->weights[i] *= pow(sin(t) / sin(fmin(angle, PI / 2)), (double)d - 2);
        fine->points[i] = 2 * half * half;
        total += fine->weights[i];
    }
    for (size_t i = 0; status == CF_OK && i < fine->n; i++)
        fine->weights[i] /= total;
    if (status == CF_OK)
        status = cf_rule_compress(fine, m, out, err);
    cf_rule_free(&fine);
    return status;
}

cf_status cf_rule_cap(size_t d, double angle, size_t m, cf_rule **out, cf_err *err)
{
    cf_rule *height = NULL, *sphere = NULL;
    *out = NULL;
    cf_status status = polar(d, angle, m, &height, err);
    if (status == CF_OK)
        status = cf_rule_sphere(d - 1, m, &sphere, err);
    if (status == CF_OK)
        status = product(height, sphere, d, lift, out, err);
    cf_rule_free(&height);
    cf_rule_free(&sphere);
    return status;
}
