/* The infinite-width kernels K and Theta (E11-E13): against values of 50-digit arithmetic in
 * tests/data/kernels.csv (validation/kernels/make_reference.py), and by their properties. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "check.h"
#include "contraflow/models/neural_kernel.h"
#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/simd.h"

static const double PI = 3.14159265358979323846;

enum { ACTIVATIONS = 7, CASES = 1134 };

static int index_of(const char *name)
{
    for (int i = 0; cf_activation_names[i] != NULL; i++)
        if (strcmp(cf_activation_names[i], name) == 0)
            return i;
    return -1;
}

static void kernel(const cf_mlp *mlp, const double *points, size_t n, size_t d, double *k,
                   double *theta)
{
    cf_err err = {0};
    require(cf_mlp_kernel(mlp, points, n, d, k, theta, &err), &err, "kernel");
}

static double *numbers(size_t count)
{
    cf_err err = {0};
    double *x = cf_allocate("test", count, sizeof *x, &err);
    require(err.status, &err, "memory");
    return x;
}

/* Clusters, duplicates, an antipode, a multiple and the origin. */
static double *test_points(size_t n, size_t d, double scale)
{
    double *x = numbers(n * d);
    cf_random random = {5, CF_STREAM_PROBE};
    for (size_t i = 0; i < n * d; i++)
        x[i] = scale * (cf_random_normal(random, i % d, (uint32_t)(i / d % 3)) +
                        0.01 * cf_random_normal(random, 1000 + i, 7));
    for (size_t k = 0; k < d; k++) {
        x[1 * d + k] = x[k];
        x[2 * d + k] = -x[k];
        x[3 * d + k] = 2 * x[k];
        x[4 * d + k] = 0;
        x[5 * d + k] = x[k] * (1 + 1e-9 * (double)k);
    }
    return x;
}

/* One line of the file: the differences relative to the larger diagonal entry. */
static bool read_case(const char *line, cf_mlp *mlp, char *name, char *pair, double error[2])
{
    double x[6], want[6], k[4], theta[4];
    if (sscanf(line,
               "%31[^,],%lf,%31[^,],%lf,%lf,%ld,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf",
               name, &mlp->slope, pair, &mlp->weight_variance, &mlp->bias_variance,
               &mlp->hidden_layers, x, x + 1, x + 2, x + 3, x + 4, x + 5, want, want + 1, want + 2,
               want + 3, want + 4, want + 5) != 18)
        return false;
    mlp->activation = index_of(name);
    kernel(mlp, x, 2, 3, k, theta);
    double got[6] = {k[0], k[1], k[3], theta[0], theta[1], theta[3]};
    for (int m = 0; m < 2; m++) {
        double scale = fmax(want[3 * m], want[3 * m + 2]);
        error[m] = 0;
        for (int e = 0; e < 3 && scale > 0; e++)
            error[m] = worse(error[m], fabs(got[3 * m + e] - want[3 * m + e]) / scale);
    }
    return true;
}

static void check_reference(void)
{
    char line[1024], name[32], pair[32];
    double worst[ACTIVATIONS][2] = {{0}};
    int cases = 0;
    FILE *file = fopen("tests/data/kernels.csv", "r");
    if (!check(file != NULL && fgets(line, sizeof line, file) != NULL, "the reference file opens"))
        return;
    while (fgets(line, sizeof line, file) != NULL) {
        cf_mlp mlp = {0};
        double error[2];
        if (!read_case(line, &mlp, name, pair, error))
            break;
        cases++;
        double bound = cf_activations()[mlp.activation]->expectation != NULL ? 1e-12 : 1e-10;
        for (int m = 0; m < 2; m++) {
            worst[mlp.activation][m] = worse(worst[mlp.activation][m], error[m]);
            if (!(error[m] <= bound))
                printf("# %s %s depth %ld, variances %g %g: %c off by %.3g\n", name, pair,
                       mlp.hidden_layers, mlp.weight_variance, mlp.bias_variance, "KT"[m],
                       error[m]);
        }
    }
    fclose(file);
    check(cases == CASES, "all %d cases were read: %d", CASES, cases);
    for (int a = 0; a < ACTIVATIONS; a++)
        for (int m = 0; m < 2; m++)
            check_below(worst[a][m], cf_activations()[a]->expectation != NULL ? 1e-12 : 1e-10,
                        "%s, depth 1 to 6: %s agrees with 50-digit arithmetic (E11, E12)",
                        cf_activation_names[a], m == 0 ? "K" : "Theta");
}

/* Cyclic Jacobi rotations; smallest and largest eigenvalue. Destroys the matrix. */
static void extreme_eigenvalues(double *a, size_t n, double extremes[2])
{
    for (int sweep = 0; sweep < 12; sweep++)
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                double angle = 0.5 * atan2(2 * a[p * n + q], a[q * n + q] - a[p * n + p]);
                double c = cos(angle), s = sin(angle);
                for (size_t k = 0; k < n; k++) {
                    double x = a[k * n + p], y = a[k * n + q];
                    a[k * n + p] = c * x - s * y;
                    a[k * n + q] = s * x + c * y;
                }
                for (size_t k = 0; k < n; k++) {
                    double x = a[p * n + k], y = a[q * n + k];
                    a[p * n + k] = c * x - s * y;
                    a[q * n + k] = s * x + c * y;
                }
            }
    extremes[0] = extremes[1] = a[0];
    for (size_t i = 1; i < n; i++) {
        extremes[0] = -worse(-extremes[0], -a[i * n + i]);
        extremes[1] = worse(extremes[1], a[i * n + i]);
    }
}

static void check_matrix(double *matrix, size_t n, const char *name, const char *which)
{
    bool symmetric = true, same = true, finite = true;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            symmetric &= matrix[i * n + j] == matrix[j * n + i];
            finite &= isfinite(matrix[i * n + j]) != 0;
        }
        same &= matrix[i] == matrix[n + i];
    }
    check(symmetric && finite, "%s: %s is finite and symmetric to the last bit", name, which);
    check(same, "%s: duplicates have the same rows of %s to the last bit", name, which);
    double extremes[2];
    extreme_eigenvalues(matrix, n, extremes);
    check_below(-extremes[0] / extremes[1], 1e-13 * (double)n,
                "%s: %s is positive semidefinite to rounding", name, which);
}

static void check_structure(double bias)
{
    size_t n = 24, d = 2;
    double *x = test_points(n, d, 0.7), *k = numbers(n * n), *theta = numbers(n * n);
    for (int a = 0; a < ACTIVATIONS; a++) {
        cf_mlp mlp = {3, a, 0.2, 1.5, bias};
        kernel(&mlp, x, n, d, k, theta);
        char name[64];
        snprintf(name, sizeof name, "%s, bias variance %g", cf_activation_names[a], bias);
        check_matrix(k, n, name, "K");
        check_matrix(theta, n, name, "Theta");
    }
    free(x);
    free(k);
    free(theta);
}

/* Reversed points, one output at a time. */
static void check_equivariance(void)
{
    size_t n = 80, d = 3;
    double *x = test_points(n, d, 0.7), *y = numbers(n * d), *all = numbers(4 * n * n);
    double *k = all, *theta = all + n * n, *k2 = all + 2 * n * n, *theta2 = all + 3 * n * n;
    for (size_t i = 0; i < n; i++)
        memcpy(y + (n - 1 - i) * d, x + i * d, d * sizeof *y);
    for (int a = 0; a < ACTIVATIONS; a++) {
        cf_mlp mlp = {2, a, 0.2, 1.5, 0.1};
        bool same = true;
        kernel(&mlp, x, n, d, k, theta);
        kernel(&mlp, y, n, d, k2, NULL);
        kernel(&mlp, y, n, d, NULL, theta2);
        for (size_t i = 0; i < n * n; i++)
            same &= k[i] == k2[n * n - 1 - i] && theta[i] == theta2[n * n - 1 - i];
        check(same,
              "%s: reversing the points reverses K and Theta, to the last bit, "
              "computed together or alone",
              cf_activation_names[a]);
    }
    free(x);
    free(y);
    free(all);
}

static void check_threads(void)
{
#ifdef _OPENMP
    size_t n = 150, d = 3;
    double *x = test_points(n, d, 0.7), *all = numbers(4 * n * n);
    for (int a = 0; a < ACTIVATIONS; a++) {
        cf_mlp mlp = {2, a, 0.2, 1.5, 0.1};
        omp_set_num_threads(1);
        kernel(&mlp, x, n, d, all, all + n * n);
        for (int threads = 2; threads <= 3; threads++) {
            omp_set_num_threads(threads);
            kernel(&mlp, x, n, d, all + 2 * n * n, all + 3 * n * n);
            check(memcmp(all, all + 2 * n * n, 2 * n * n * sizeof *all) == 0,
                  "%s: the same bits on 1 and %d threads", cf_activation_names[a], threads);
        }
    }
    free(x);
    free(all);
#endif
}

/* The recursion has the same bits on all instruction sets, whatever the lengths of its loops. */
static void check_instruction_sets(void)
{
    size_t n = 150, d = 3;
    double *x = test_points(n, d, 0.7), *all = numbers(2 * n * n);
    for (int a = 0; a < ACTIVATIONS; a++) {
        if (cf_activations()[a]->expectation == NULL)
            continue; /* whose phi takes elementary functions, which differ in the last bit */
        cf_mlp mlp = {2, a, 0.2, 1.5, 0.1};
        cf_simd_use(CF_SIMD_PORTABLE);
        kernel(&mlp, x, n, d, NULL, all);
        for (cf_simd simd = CF_SIMD_AVX2; simd <= CF_SIMD_AVX512; simd++) {
            if (!cf_simd_available(simd))
                continue;
            cf_simd_use(simd);
            kernel(&mlp, x, n, d, NULL, all + n * n);
            check(memcmp(all, all + n * n, n * n * sizeof *all) == 0,
                  "%s: %s gives the bits of portable", cf_activation_names[a], cf_simd_name(simd));
        }
    }
    cf_simd_use(CF_SIMD_BEST);
    free(x);
    free(all);
}

/* sigma_w^2 = 1 in both layers; E13 has unscaled input, hence points times sqrt(D). */
static void check_e13(void)
{
    size_t d = 2;
    double root = sqrt(2), theta[4];
    cf_mlp mlp = {1, index_of("relu"), 0, 1, 0};
    double worst = 0;
    for (int step = 0; step <= 40; step++) {
        double t = PI * step / 40, r = 0.5 + step;
        double x[4] = {root, 0, r * root * cos(t), r * root * sin(t)};
        kernel(&mlp, x, 2, d, NULL, theta);
        double want =
            r * cos(t) * (PI - t) / (2 * PI) + r * (sin(t) + (PI - t) * cos(t)) / (2 * PI);
        worst = worse(worst, fabs(theta[1] - want) / r);
    }
    check_below(worst, 1e-14, "one hidden ReLU layer without biases has the kernel of E13");
    double centers[4] = {root, 0, 0, root};
    kernel(&mlp, centers, 2, d, NULL, theta);
    check_near(theta[1] / theta[0], 1 / (2 * PI), 1e-15,
               "orthogonal unit centers have Theta(x,y)/Theta(x,x) = 1/(2 pi) (E13)");
}

static void check_refusal(const char *name, double scale, long layers, double weight,
                          const char *fragment)
{
    double x[4] = {0.1, 0.2, scale, -scale}, k[4] = {0};
    cf_mlp mlp = {layers, index_of(name), 0.2, weight, 0.1};
    cf_err err = {0};
    cf_status status = cf_mlp_kernel(&mlp, x, 2, 2, k, NULL, &err);
    check(status == CF_EINPUT && strstr(err.message, fragment) != NULL,
          "%s with x = %g, weight variance %g is refused, saying \"%s\": %s", name, scale, weight,
          fragment, err.message);
}

static void check_refusals(void)
{
    check_refusal("tanh", 10, 2, 2, "layer 1: diag K = 200.1 of point 2");
    check_refusal("softplus", 20, 1, 2, "layer 1: diag K = 800.1 of point 2");
    check_refusal("tanh", 1, 2, 100, "layer 1: diag K = 100.1 of point 2");
    check_refusal("softplus", 3, 6, 12, "layer 2: diag K");
    check_refusal("relu", 1, 100, 1e6, "layer 27: diag K");
    check_refusal("relu", NAN, 1, 1, "layer 1: diag K = nan");
    check_refusal("relu", 1, 0, 1, "hidden-layers = 0");
    check_refusal("relu", 1, 1, -1, "weight-variance = -1");
}

/* No quantity is lost where squares of coordinates are tiny or huge. */
static void check_scaling(void)
{
    cf_mlp mlp = {3, index_of("relu"), 0, 2, 0};
    double worst = 0;
    for (int power = -120; power <= 120; power += 40) {
        double x[4] = {1, 2, -0.5, 1}, theta[4], unit[4], scale = ldexp(1, power);
        kernel(&mlp, x, 2, 2, NULL, unit);
        for (int i = 0; i < 4; i++)
            x[i] *= scale;
        kernel(&mlp, x, 2, 2, NULL, theta);
        worst = worse(worst, fabs(theta[1] / (scale * scale) - unit[1]) / unit[0]);
    }
    check_below(worst, 1e-14, "ReLU without biases: Theta is homogeneous of degree 2");
}

int main(void)
{
    check_reference();
    check_structure(0.1);
    check_structure(0);
    check_equivariance();
    check_threads();
    check_instruction_sets();
    check_e13();
    check_scaling();
    check_refusals();
    return check_done();
}
