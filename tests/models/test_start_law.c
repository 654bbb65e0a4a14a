/* Laws of starts as densities (E73): against the integral over rays, against their mass, and
 * against points that are drawn from them. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/start.h"
#include "contraflow/models/start_law.h"
#include "contraflow/solver/harmonics.h"

enum { NODES = 100000, DRAWS = 100000 };
static const double PI = 3.14159265358979323846;

/* int_0^inf r^{d-1} of the normal density around e_1 over the ray whose cosine is c, by Simpson's
 * rule. */
static double ray(size_t d, double s, double c)
{
    enum { STEPS = 20000 };
    double low = fmax(0, c - 12 * s), high = fmax(c, 0) + 12 * s, total = 0;
    double h = (high - low) / STEPS, scale = pow(2 * PI * s * s, -0.5 * (double)d);
    for (int k = 0; k <= STEPS; k++) {
        double r = low + h * k, weight = k == 0 || k == STEPS ? 1 : k % 2 == 1 ? 4 : 2;
        total += weight * pow(r, (double)d - 1) * exp(-(r * r - 2 * r * c + 1) / (2 * s * s));
    }
    return scale * total * h / 3;
}

static void test_near_point(size_t d)
{
    static const double spreads[] = {0.02, 0.1, 0.5, 2, 50};
    const cf_latent latent = {.sphere = true, .dimension = d};
    for (size_t k = 0; k < sizeof spreads / sizeof *spreads; k++) {
        cf_err err = {0};
        cf_start_law law;
        double worst = 0, peak = 0;
        require(cf_law_near_point(&latent, spreads[k], &law, &err), &err, "law");
        for (double angle = 0; angle < 3.14; angle += 0.01) {
            double z[3] = {cos(angle), sin(angle), 0}, rho;
            law.density(&law, d, 0, z, 1, &rho);
            worst = worse(worst, fabs(rho - ray(d, spreads[k], z[0])));
            peak = worse(peak, rho);
        }
        check_below(worst / peak, 1e-10,
                    "near-point, d = %zu, spread %g: the law of a direction "
                    "is its integral over the ray (E73)",
                    d, spreads[k]);
    }
}

static double mass_of(const cf_start_law *law, size_t d, size_t q)
{
    static double rho[NODES];
    cf_err err = {0};
    cf_harmonics *h = NULL;
    double mass = 0;
    if (d == 2)
        require(cf_harmonics_circle(200, 602, 1, &h, &err), &err, "nodes");
    else
        require(cf_harmonics_sphere(60, 60, 1, &h, &err), &err, "nodes");
    const cf_harmonics_grid *grid = cf_harmonics_view(h);
    law->density(law, d, q, grid->points, grid->nodes, rho);
    for (size_t i = 0; i < grid->nodes; i++)
        mass += grid->weights[i] * rho[i];
    cf_harmonics_free(&h);
    return mass;
}

static void test_points(size_t d)
{
    double z[9] = {1, 0, 0, 0.6, 0.8, 0, 0, -1, 0}, weights[3] = {0.2, 0.3, 0.5}, x[3] = {0};
    int labels[3] = {0, 1, 1};
    const cf_data data = {3, 1, x, weights, labels, 2};
    const cf_latent latent = {.sphere = true, .dimension = d};
    double flat[6] = {1, 0, 0.6, 0.8, 0, -1};
    const cf_start_law law = cf_law_points(&latent, &data, d == 2 ? flat : z, 0.3);
    for (size_t q = 0; q < 2; q++)
        check_near(mass_of(&law, d, q), 1, 1e-10,
                   "d = %zu: the kernel estimate of a cluster has mass 1 (E73)", d);
    double middle[3] = {1, 0, 0}, rho[2];
    for (size_t q = 0; q < 2; q++)
        law.density(&law, d, q, middle, 1, &rho[q]);
    check(rho[0] > 5 * rho[1], "and is large where the points of the cluster are");
    const cf_start_law automatic = cf_law_points(&latent, &data, d == 2 ? flat : z, 0);
    check(automatic.spread > 0.1 && automatic.spread < 2, "Silverman's rule gives a width");
}

/* Two clusters of four points at +-0.1 and +-0.3 about -5 and 5: the width knows of their own
 * spread only. */
static void test_width(void)
{
    double z[8], weights[8], x[8] = {0};
    int labels[8];
    for (int i = 0; i < 8; i++) {
        z[i] = (i < 4 ? -5 : 5) + 0.1 * (2 * (i % 4) - 3);
        weights[i] = 1 / 8.0;
        labels[i] = i >= 4;
    }
    const cf_data data = {8, 1, x, weights, labels, 2};
    const cf_latent line = {.sphere = false, .dimension = 1};
    const cf_start_law law = cf_law_points(&line, &data, z, 0);
    check_near(law.spread, sqrt(0.05) * pow(4 / 3.0 / 4, 0.2), 1e-12,
               "Silverman's rule takes the variance within clusters (E73)");
}

/* Means of the harmonics over draws: a_k/2 on the circle, a_k/(2k+1) on S^2. */
static void test_perturbed(size_t d)
{
    static double h[3 * DRAWS];
    const long degrees[2] = {1, 3};
    const double amplitudes[2] = {0.5, -0.4};
    const cf_latent latent = {.sphere = true, .dimension = d};
    cf_err err = {0};
    cf_start_law law;
    require(cf_law_perturbed(&latent, degrees, amplitudes, 2, &law, &err), &err, "law");
    check_near(mass_of(&law, d, 0), 1, 1e-12, "perturbed, d = %zu: has mass 1", d);
    cf_start_perturbed(&law, d, 7, DRAWS, h);
    double mean[4] = {0}, side = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        double c = h[i * d];
        mean[1] += c / DRAWS;
        mean[2] += (d == 2 ? 2 * c * c - 1 : (3 * c * c - 1) / 2) / DRAWS;
        mean[3] += (d == 2 ? 4 * c * c * c - 3 * c : (5 * c * c * c - 3 * c) / 2) / DRAWS;
        side += h[i * d + 1] / DRAWS;
    }
    double noise = 4 / sqrt(DRAWS);
    check_near(mean[1], d == 2 ? 0.25 : 0.5 / 3, noise, "d = %zu: draws have the harmonic 1", d);
    check_near(mean[2], 0, noise, "none of degree 2");
    check_near(mean[3], d == 2 ? -0.2 : -0.4 / 7, noise, "and that of degree 3");
    check_near(side, 0, noise, "and no preferred side");
    const double most = 1.1;
    check(cf_law_perturbed(&latent, degrees, &most, 1, &law, NULL) == CF_EINPUT,
          "amplitudes that make it negative are refused");
}

int main(void)
{
    test_width();
    for (size_t d = 2; d <= 3; d++) {
        test_near_point(d);
        test_points(d);
        test_perturbed(d);
    }
    return check_done();
}
