/* The upwind scheme of lattice.h, axis by axis and face by face. */
#include <math.h>
#include <string.h>

#include "contraflow/solver/lattice.h"

/* The cell after (side = 1) or before cell i along the axis whose cells are `stride` apart; i
 * itself where there is none. */
static size_t neighbor(const cf_lattice *lattice, size_t i, size_t stride, int side)
{
    size_t position = i / stride % lattice->cells, last = lattice->cells - 1;
    if (position != (side > 0 ? last : 0))
        return side > 0 ? i + stride : i - stride;
    if (!lattice->periodic)
        return i;
    return side > 0 ? i - last * stride : i + last * stride;
}

/* minmod(2a, (a + b)/2, 2b), a and b the differences to the left and to the right; and its
 * derivative along da, db. */
static double minmod(double a, double b)
{
    if (a * b <= 0)
        return 0;
    double size = fmin(fmin(2 * fabs(a), 2 * fabs(b)), 0.5 * fabs(a + b));
    return a > 0 ? size : -size;
}

static double minmod_rate(double a, double b, double da, double db)
{
    if (a * b <= 0)
        return 0;
    double center = 0.5 * fabs(a + b);
    if (center <= 2 * fabs(a) && center <= 2 * fabs(b))
        return 0.5 * (da + db);
    return fabs(a) < fabs(b) ? 2 * da : 2 * db;
}

static void set_slopes(const cf_upwind *w, size_t stride, const double *rho, const double *v)
{
    size_t B = w->batch;
    for (size_t i = 0; i < cf_lattice_size(&w->lattice); i++) {
        size_t before = neighbor(&w->lattice, i, stride, -1);
        size_t after = neighbor(&w->lattice, i, stride, 1);
        for (size_t b = 0; b < B; b++) {
            size_t k = i * B + b;
            double left = rho[k] - rho[before * B + b], right = rho[after * B + b] - rho[k];
            w->slopes[k] = minmod(left, right);
            if (v != NULL)
                w->slope_rates[k] =
                    minmod_rate(left, right, v[k] - v[before * B + b], v[after * B + b] - v[k]);
        }
    }
}

static void add_faces(const cf_upwind *w, size_t stride, const double *rho, const double *phi,
                      double *rate, double *dissipation)
{
    double h = w->lattice.width;
    size_t B = w->batch;
    for (size_t i = 0; i < cf_lattice_size(&w->lattice); i++) {
        size_t j = neighbor(&w->lattice, i, stride, 1); /* i itself: no face, and no flux */
        double u = -(phi[j] - phi[i]) / h;
        for (size_t b = 0; b < B; b++) {
            size_t left = i * B + b, right = j * B + b;
            double upwind =
                u > 0 ? rho[left] + 0.5 * w->slopes[left] : rho[right] - 0.5 * w->slopes[right];
            double flux = u * upwind - w->noise * (rho[right] - rho[left]) / h;
            rate[left] -= flux / h;
            rate[right] += flux / h;
            *dissipation += w->mix[b] * flux * u;
        }
    }
}

void cf_upwind_rate(const cf_upwind *w, const double *rho, const double *phi, double *rate,
                    double *dissipation)
{
    memset(rate, 0, cf_lattice_size(&w->lattice) * w->batch * sizeof *rate);
    *dissipation = 0;
    for (int axis = 0; axis < w->lattice.rank; axis++) {
        size_t stride = axis == 0 ? 1 : w->lattice.cells;
        set_slopes(w, stride, rho, NULL);
        add_faces(w, stride, rho, phi, rate, dissipation);
    }
    *dissipation *= pow(w->lattice.width, w->lattice.rank);
}

static void add_face_changes(const cf_upwind *w, size_t stride, const double *const at[2],
                             const double *const along[2], double *change, double *dissipation)
{
    const double *rho = at[0], *phi = at[1], *v = along[0], *dphi = along[1];
    double h = w->lattice.width;
    size_t B = w->batch;
    for (size_t i = 0; i < cf_lattice_size(&w->lattice); i++) {
        size_t j = neighbor(&w->lattice, i, stride, 1); /* i itself: no face, and no flux */
        double u = -(phi[j] - phi[i]) / h, du = -(dphi[j] - dphi[i]) / h;
        for (size_t b = 0; b < B; b++) {
            size_t left = i * B + b, right = j * B + b;
            double upwind =
                u > 0 ? rho[left] + 0.5 * w->slopes[left] : rho[right] - 0.5 * w->slopes[right];
            double moved = u > 0 ? v[left] + 0.5 * w->slope_rates[left]
                                 : v[right] - 0.5 * w->slope_rates[right];
            double flux = u * upwind - w->noise * (rho[right] - rho[left]) / h;
            double dflux = du * upwind + u * moved - w->noise * (v[right] - v[left]) / h;
            change[left] -= dflux / h;
            change[right] += dflux / h;
            *dissipation += w->mix[b] * (dflux * u + flux * du);
        }
    }
}

void cf_upwind_change(const cf_upwind *w, const double *const at[2], const double *v,
                      const double *dphi, double *change, double *dissipation)
{
    const double *const along[2] = {v, dphi};
    memset(change, 0, cf_lattice_size(&w->lattice) * w->batch * sizeof *change);
    *dissipation = 0;
    for (int axis = 0; axis < w->lattice.rank; axis++) {
        size_t stride = axis == 0 ? 1 : w->lattice.cells;
        set_slopes(w, stride, at[0], v);
        add_face_changes(w, stride, at, along, change, dissipation);
    }
    *dissipation *= pow(w->lattice.width, w->lattice.rank);
}
