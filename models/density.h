/* Vanilla flows on a density: what the schemes in space share; private to models/.
 *
 * One density rho_q of mass 1 per cluster, known at nodes z_i of weight w_i with respect to the
 * surface or the volume; sum_q pi_q rho_q = rho, pi_q the mass of the cluster (E15). All are
 * carried by the same phi, so clusters that start alike stay alike: then one function stands for
 * all of them. Values at nodes are interleaved: node i of function b at i*functions + b. */
#ifndef CONTRAFLOW_MODELS_DENSITY_H
#define CONTRAFLOW_MODELS_DENSITY_H

#include "flow_internal.h"
#include "mean_field.h"

/* A scheme keeps its flow in a struct that begins with this one. */
typedef struct cf_density {
    cf_flow flow;
    size_t n, d, clusters; /* nodes, dimension, Q (1 where the data have no labels) */
    size_t functions;      /* Q, or 1 where all clusters start alike */
    const double *points;  /* [n*d] */
    const double *weights; /* [n] */
    double *shares;        /* [Q] pi_q */
    double *mix;           /* [functions] the share of each in rho */
    double loss;           /* at the last right-hand side */
    double free_energy;    /* of the last observed state */
    cf_mean_field *field;
    double *rho;   /* [n*functions] values of the last observed state */
    double *total; /* [n] */
    char engine[96];
    /* Of the scheme: values of a state at the nodes; what to tell the user of a state, in
     * `warning`, or nothing; quantities of its own; what it owns. */
    void (*values)(struct cf_density *density, const double *y, double *rho);
    void (*judge)(struct cf_density *density, double t, const double *y);
    void (*put)(struct cf_density *density, const double *y, cf_flow_state *state);
    void (*release)(struct cf_density *density);
    struct cf_density_view *view; /* as a measure */
    char warning[160];
} cf_density;

/* Clusters and shares, for a struct of `size` bytes; the caller sets the members from n on and then
 * calls cf_density_finish. */
cf_status cf_density_create(const cf_flow_setup *setup, size_t size, cf_density **out, cf_err *err);

/* Arrays and observation, once nodes are known, and the state has `size` numbers: the caller then
 * sets flow.start. `layers` [2] are the numbers of nodes along the two dimensions of the grid, the
 * inner one last. */
cf_status cf_density_finish(cf_density *density, const cf_convolution *convolution,
                            const size_t *layers, cf_err *err);
void cf_density_free(cf_density **density);

/* The law of the start at the nodes, rho [n*functions], scaled to mass 1. CF_EINPUT where the nodes
 * miss more than 1e-6 of it, or a value is negative or not finite. */
cf_status cf_density_start(const cf_density *density, double *rho, cf_err *err);

/* total [n] of rho [n*functions]. */
void cf_density_sum(const cf_density *density, const double *rho, double *total);

/* eta at |z_i - e|^2/2, e = e_1 or the origin of the lattice: [n]. */
void cf_density_kernel(const cf_density *density, const double *from, double *values);

/* Clusters, and functions that stand for them. */
double cf_density_clusters(const cf_flow_setup *setup);
double cf_density_functions(const cf_flow_setup *setup);

/* The schemes, and what they need. */
cf_status cf_density_spectral(const cf_flow_setup *setup, cf_flow **out, cf_err *err);
cf_flow_size cf_density_spectral_size(const cf_flow_setup *setup);
cf_status cf_density_volumes(const cf_flow_setup *setup, cf_flow **out, cf_err *err);
cf_flow_size cf_density_volumes_size(const cf_flow_setup *setup);

#endif
