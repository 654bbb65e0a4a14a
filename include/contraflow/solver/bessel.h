/* Scaled modified Bessel functions of the first kind, sequences of orders at one argument: the
 * coefficients of exp((cos - 1)/tau) in Fourier modes on S^1 and in harmonics on S^2, at x = 1/tau
 * (E15). Relative error below 2e-14 for x up to 1e6 and orders into the thousands; values below
 * the range of doubles come out as denormals or 0. */
#ifndef CONTRAFLOW_SOLVER_BESSEL_H
#define CONTRAFLOW_SOLVER_BESSEL_H

#include <stddef.h>

/* out [count]: e^-x I_k(x), k = 0 .. count-1, x >= 0. Their sum over all integers k is 1. */
void cf_bessel_scaled(double x, size_t count, double *out);

/* out [count]: e^-x i_l(x) = e^-x sqrt(pi/2x) I_{l+1/2}(x), l = 0 .. count-1, x >= 0. The sum of
 * (2l+1) e^-x i_l is 1. */
void cf_bessel_spherical_scaled(double x, size_t count, double *out);

#endif
