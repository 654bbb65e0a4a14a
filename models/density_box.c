/* How far a density spreads in R^m until T (E75). When it is wide, G = c rho with c = int eta, and
 * d rho/dt = div(rho grad d/drho[rho Psi(c rho)]): for Psi = log diffusion with coefficient 1,
 * else, at small densities, the porous medium equation d rho/dt = c Lap rho^2 at most, whose
 * solution from a point has the radius k_m (c T)^{1/(m+2)}, k_1 = 2.080, k_2 = 1.787 (Barenblatt).
 * Where eta is not integrable, the dissipated energy bounds the mean square displacement by T L(0).
 */
#include "density_box.h"

#include <math.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* int eta over R^m; infinite where the tail is too heavy. */
static double integral(const cf_profile *eta, double m)
{
    if (strcmp(eta->row->name, "exponential") == 0)
        return pow(2 * PI * eta->tau, 0.5 * m);
    double p = eta->exponent;
    if (2 * p <= m)
        return INFINITY;
    return pow(2 * PI * eta->tau, 0.5 * m) * exp(lgamma(p - 0.5 * m) - lgamma(p));
}

static const double DIFFUSION_REACH = 6; /* standard deviations: 1e-9 of the mass lies outside */

static double spread(const cf_flow_setup *setup)
{
    double T = setup->end, m = (double)setup->latent.dimension;
    double c = integral(&setup->loss.eta, m), noise = 2 * setup->noise * T;
    if (setup->loss.psi == cf_psi_rows[1])
        return DIFFUSION_REACH * sqrt(2 * T + noise);
    double porous = m == 1 ? 2.080 * pow(c * T, 1.0 / 3) : 1.787 * pow(c * T, 0.25);
    double energy = 3 * sqrt(T);
    return fmin(porous, energy) + DIFFUSION_REACH * sqrt(noise);
}

static double half_side(const cf_flow_setup *setup)
{
    if (setup->latent.sphere)
        return PI;
    if (setup->grid.box > 0)
        return setup->grid.box;
    return setup->law->reach + 1.25 * spread(setup) + 4 * sqrt(setup->loss.eta.tau);
}

enum { MOST_LINE = 16384, MOST_PLANE = 512 };

cf_status cf_density_box(const cf_flow_setup *setup, cf_lattice *out, cf_err *err)
{
    int rank = setup->latent.sphere ? 1 : (int)setup->latent.dimension;
    double side = 2 * half_side(setup), root = sqrt(setup->loss.eta.tau);
    double finest = fmin(root / 8, setup->law->width / 4);
    size_t most = rank == 1 ? MOST_LINE : MOST_PLANE, nodes = (size_t)setup->grid.nodes;
    if (nodes == 0 && setup->law->rows > 0)
        nodes = rank == 1 ? setup->law->rows : (size_t)(sqrt((double)setup->law->rows) + 0.5);
    if (nodes == 0) {
        nodes = side / finest < (double)most ? (size_t)(side / finest) + 1 : most;
        nodes += nodes % 2;
    }
    *out = (cf_lattice){rank, nodes, side / (double)nodes, setup->latent.sphere};
    if (!setup->latent.sphere && setup->law->rows > 0 && setup->grid.box == 0)
        return cf_fail(err, CF_EINPUT,
                       "grid.box: must be given with start.kind = density, whose nodes lie in it");
    if (!setup->latent.sphere && setup->law->reach > side / 2)
        return cf_fail(err, CF_EINPUT,
                       "grid.box = %g: too small for the start, which reaches to %.4g", side / 2,
                       setup->law->reach);
    if (out->width > root / 2)
        return cf_fail(err, CF_EINPUT,
                       "grid.nodes: %zu cells to a side of length %.4g are too coarse for loss.tau "
                       "= %g, where the kernel has the width %.3g; use %zu or more%s",
                       nodes, side, setup->loss.eta.tau, root, (size_t)ceil(2 * side / root),
                       rank == 2 ? ", a smaller grid.box or an earlier time.end" : "");
    return CF_OK;
}
