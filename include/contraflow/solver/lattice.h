/* Cells of equal width on the circle, the line and the plane: convolutions and implicit diffusion
 * by fast Fourier transforms, and the second-order upwind scheme for gradient flows of Carrillo,
 * Chertock and Huang (Commun. Comput. Phys. 17, 2015). Several functions at once: cell i of
 * function b at i*batch + b. */
#ifndef CONTRAFLOW_SOLVER_LATTICE_H
#define CONTRAFLOW_SOLVER_LATTICE_H

#include <stdbool.h>
#include <stddef.h>

#include "contraflow/solver/error.h"

/* `cells` along each of `rank` sides, 1 or 2, in row-major order; without periods nothing passes
 * the boundary. */
typedef struct {
    int rank;
    size_t cells;
    double width;
    bool periodic;
} cf_lattice;

size_t cf_lattice_size(const cf_lattice *lattice);

/* --- convolution --- */

typedef struct cf_lattice_sum cf_lattice_sum;

/* The cells that a kernel of distance is given on: displacements [cf_lattice_sum_kernel_size *
 * rank] in units of the width, the shortest way around where there are periods. */
cf_status cf_lattice_sum_create(const cf_lattice *lattice, cf_lattice_sum **out, cf_err *err);
void cf_lattice_sum_free(cf_lattice_sum **sum);
size_t cf_lattice_sum_kernel_size(const cf_lattice_sum *sum);
void cf_lattice_sum_displacements(const cf_lattice_sum *sum, double *displacements);
void cf_lattice_sum_set_kernel(cf_lattice_sum *sum, const double *kernel);

/* out [n] = width^rank sum_j k(i - j) f_j. */
void cf_lattice_sum_apply(cf_lattice_sum *sum, const double *f, double *out);

/* --- diffusion --- */

typedef struct cf_lattice_diffusion cf_lattice_diffusion;

cf_status cf_lattice_diffusion_create(const cf_lattice *lattice, size_t batch,
                                      cf_lattice_diffusion **out, cf_err *err);
void cf_lattice_diffusion_free(cf_lattice_diffusion **diffusion);

/* x [n*batch] with (1 - a Lap) x = f, Lap the second difference of cf_upwind_rate, a >= 0. */
void cf_lattice_diffusion_solve(cf_lattice_diffusion *diffusion, double a, const double *f,
                                double *x);

/* --- upwind --- */

/* d rho/dt = div(rho grad phi + noise grad rho). The velocity at a face is u = -(phi_+ - phi_-)/h;
 * the flux takes the density of the upwind side from slopes limited by minmod(2 left, centered, 2
 * right), and the centered difference for the noise. Mass is conserved, no cell of density 0 is
 * drained, and with dL = sum h^rank phi drho the loss falls at the rate h^rank sum over faces of
 * flux times u: nonnegative without noise. */
typedef struct {
    cf_lattice lattice;
    size_t batch;
    const double *mix; /* [batch] the share of every function in that sum */
    double noise;
    double *slopes, *slope_rates; /* [n*batch] scratch */
} cf_upwind;

/* rate [n*batch] of rho [n*batch] and phi [n]; *dissipation. */
void cf_upwind_rate(const cf_upwind *upwind, const double *rho, const double *phi, double *rate,
                    double *dissipation);

/* The derivatives of both along v [n*batch] and dphi [n]; where the limiter or the wind changes
 * side, those of one side. */
void cf_upwind_change(const cf_upwind *upwind, const double *const at[2], const double *v,
                      const double *dphi, double *change, double *dissipation);

#endif
