/* Lattices: convolution is the double sum, implicit diffusion undoes the second difference, the
 * upwind scheme keeps mass and converges with its design order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/solver/lattice.h"
#include "contraflow/solver/random.h"

enum { MOST = 20000 };
static const double PI = 3.14159265358979323846;
static const cf_lattice LATTICES[] = {
    {1, 24, 0.3, true}, {1, 23, 0.3, false}, {2, 12, 0.25, false}};
enum { COUNT = sizeof LATTICES / sizeof *LATTICES };

static void fill(double *a, size_t count, uint64_t seed)
{
    const cf_random random = {seed, CF_STREAM_PROBE};
    for (size_t i = 0; i < count; i++)
        a[i] = cf_random_normal(random, i, 0);
}

/* Squared distance of two cells in units of the width. */
static double square(const cf_lattice *l, size_t i, size_t j)
{
    double total = 0;
    for (int axis = 0; axis < l->rank; axis++) {
        double a = (double)(axis == 0 ? i % l->cells : i / l->cells);
        double b = (double)(axis == 0 ? j % l->cells : j / l->cells);
        double apart = fabs(a - b);
        if (l->periodic)
            apart = fmin(apart, (double)l->cells - apart);
        total += apart * apart;
    }
    return total;
}

static double kernel_of(double r2)
{
    return exp(-0.05 * r2) / (1 + 0.1 * r2);
}

static void test_convolution(const cf_lattice *l)
{
    static double at[2 * MOST], kernel[MOST], f[MOST], out[MOST];
    cf_err err = {0};
    cf_lattice_sum *sum = NULL;
    require(cf_lattice_sum_create(l, &sum, &err), &err, "convolution");
    size_t n = cf_lattice_size(l), count = cf_lattice_sum_kernel_size(sum);
    cf_lattice_sum_displacements(sum, at);
    for (size_t i = 0; i < count; i++) {
        const double *x = at + i * (size_t)l->rank;
        kernel[i] = kernel_of(x[0] * x[0] + (l->rank == 2 ? x[1] * x[1] : 0));
    }
    cf_lattice_sum_set_kernel(sum, kernel);
    fill(f, n, 1);
    cf_lattice_sum_apply(sum, f, out);
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double total = 0;
        for (size_t j = 0; j < n; j++)
            total += pow(l->width, l->rank) * kernel_of(square(l, i, j)) * f[j];
        worst = worse(worst, fabs(total - out[i]));
    }
    check_below(worst, 1e-13, "rank %d, %s: convolution is the double sum, and nothing wraps",
                l->rank, l->periodic ? "periodic" : "a box");
    cf_lattice_sum_free(&sum);
}

enum { BATCH = 2 };

static cf_upwind upwind_of(const cf_lattice *l, double noise)
{
    static double slopes[BATCH * MOST], slope_rates[BATCH * MOST];
    static const double mix[BATCH] = {0.25, 0.75};
    return (cf_upwind){*l, BATCH, mix, noise, slopes, slope_rates};
}

static void test_diffusion(const cf_lattice *l)
{
    static double f[BATCH * MOST], x[BATCH * MOST], rate[BATCH * MOST], phi[MOST];
    cf_err err = {0};
    cf_lattice_diffusion *diffusion = NULL;
    size_t n = cf_lattice_size(l);
    double a = 0.7, dissipation, worst = 0;
    require(cf_lattice_diffusion_create(l, BATCH, &diffusion, &err), &err, "diffusion");
    fill(f, BATCH * n, 2);
    cf_lattice_diffusion_solve(diffusion, a, f, x);
    const cf_upwind w = upwind_of(l, 1);
    cf_upwind_rate(&w, x, phi, rate, &dissipation);
    for (size_t i = 0; i < BATCH * n; i++)
        worst = worse(worst, fabs(x[i] - a * rate[i] - f[i]));
    check_below(worst, 1e-12, "rank %d, %s: (1 - a Lap)^-1 undoes the diffusion of the scheme",
                l->rank, l->periodic ? "periodic" : "a box");
    cf_lattice_diffusion_free(&diffusion);
}

static void test_upwind(const cf_lattice *l)
{
    static double rho[BATCH * MOST], phi[MOST], rate[BATCH * MOST];
    size_t n = cf_lattice_size(l);
    double dissipation, decay = 0, mass[BATCH] = {0}, size = 0;
    fill(rho, BATCH * n, 3);
    fill(phi, n, 4);
    for (size_t i = 0; i < BATCH * n; i++)
        rho[i] = fabs(rho[i]);
    const cf_upwind w = upwind_of(l, 0.1);
    cf_upwind_rate(&w, rho, phi, rate, &dissipation);
    for (size_t i = 0; i < n; i++)
        for (size_t b = 0; b < BATCH; b++) {
            mass[b] += rate[i * BATCH + b];
            size += fabs(rate[i * BATCH + b]);
            decay -= pow(l->width, l->rank) * w.mix[b] * phi[i] * rate[i * BATCH + b];
        }
    check_below(worse(fabs(mass[0]), fabs(mass[1])) / size, 1e-15, "rank %d: mass is conserved",
                l->rank);
    check_near(dissipation / decay, 1, 1e-13, "and the dissipation is -sum phi drho/dt");
    const cf_upwind pure = upwind_of(l, 0);
    cf_upwind_rate(&pure, rho, phi, rate, &dissipation);
    check(dissipation > 0, "which is positive without noise");
}

/* Cell means, over cells centered at h*i, of the exact d(rho phi')/dx for smooth rho and phi. */
static double upwind_error(size_t cells)
{
    static double rho[MOST], phi[MOST], rate[MOST], slopes[MOST];
    const double mix = 1;
    double h = 2 * PI / (double)cells, dissipation, error = 0;
    for (size_t i = 0; i < cells; i++) {
        double x = h * (double)i, mean = sin(0.5 * h) / (0.5 * h);
        rho[i] = 2 + mean * sin(x);
        phi[i] = cos(x) + 0.5 * sin(2 * x);
    }
    const cf_upwind w = {{1, cells, h, true}, 1, &mix, 0, slopes, NULL};
    cf_upwind_rate(&w, rho, phi, rate, &dissipation);
    for (size_t i = 0; i < cells; i++) {
        double flux[2];
        for (int side = 0; side < 2; side++) {
            double x = h * ((double)i + side - 0.5);
            flux[side] = (2 + sin(x)) * (-sin(x) + cos(2 * x));
        }
        error += fabs(rate[i] - (flux[1] - flux[0]) / h) / (double)cells;
    }
    return error;
}

int main(void)
{
    for (int k = 0; k < COUNT; k++) {
        test_convolution(&LATTICES[k]);
        test_diffusion(&LATTICES[k]);
        test_upwind(&LATTICES[k]);
    }
    double order = log2(upwind_error(400) / upwind_error(800));
    check_near(order, 2, 0.15, "the upwind scheme is of second order in the mean");
    return check_done();
}
