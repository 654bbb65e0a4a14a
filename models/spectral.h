/* Densities by harmonics: what dynamics and creation share; private to models/. */
#ifndef CONTRAFLOW_MODELS_SPECTRAL_H
#define CONTRAFLOW_MODELS_SPECTRAL_H

#include "contraflow/solver/harmonics.h"
#include "density.h"

typedef struct cf_spectral {
    cf_density density;
    cf_harmonics *many, *one;         /* of B functions and of one */
    size_t size, single;              /* coefficients of B functions, of one */
    double *arrays;                   /* owns everything below */
    double *multipliers;              /* [degree + 1] of the convolution */
    double *many_lambda, *one_lambda; /* [size], [single] eigenvalues -l (l + d - 2) */
    double *start;                    /* [size] */
    double *rho, *lap;                /* [n*B] values and Laplacian at the last evaluation, */
    double *moved, *moved_lap;        /* [n*B] and along the last motion */
    double *product, *other;          /* [n*B] */
    double *phi, *phi_lap, *dphi, *dphi_lap, *total; /* [n] */
    double *phi_hat, *dphi_hat, *rate_hat, *scratch; /* [single] */
    double *first, *second;                          /* [size] */
    double *rate;                                    /* [size] at the last evaluation */
    double *spectrum;                                /* [degree + 1] */
    double unresolved;
} cf_spectral;

/* C of mean_field.h; context is a cf_spectral. */
void cf_spectral_convolve(void *context, const double *f, double *out);

/* Sets right-hand side, products, preconditioner and observation. */
void cf_spectral_attach(cf_spectral *spectral);

/* The norm of the last tenth of the degrees relative to that of all. */
double cf_spectral_tail(const double *spectrum, size_t degree);

#endif
