/* Fully connected networks of finite width (theory 5): architecture, initialization, and passes
 * over a fixed set of points: forward, its pull-back (vector-Jacobian product), its push-forward
 * (Jacobian-vector product) and the derivative of the pull-back. With a^0 = x,
 *   u^l = s_l W^l a^{l-1} + t_l b^l,  a^l = phi(u^l),  l = 1..H,   f = s W a^H + t b,
 * where the parametrization sets the scales s, t and the law of the entries:
 *   ntk         s = sigma_w / sqrt(fan-in), t = sigma_b, entries N(0,1): E11 in the limit
 *   standard    s = t = 1, entries uniform on +-1/sqrt(fan-in)
 *   mean-field  one hidden layer of N units: s = t = 1 below, s = 1/N and no bias above, N(0,1). */
#ifndef CONTRAFLOW_MODELS_NETWORK_H
#define CONTRAFLOW_MODELS_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contraflow/models/neural_kernel.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"

typedef enum {
    CF_PARAMETRIZATION_NTK,
    CF_PARAMETRIZATION_MEAN_FIELD,
    CF_PARAMETRIZATION_STANDARD
} cf_parametrization;

extern const char *const cf_parametrization_names[]; /* NULL-terminated, in this order */

/* Options of a network in a problem file. */
typedef struct {
    long hidden_layers;     /* H >= 1 */
    cf_matrix widths;       /* one network a row: one number for all hidden layers, or H of them */
    int activation;         /* index into cf_activations() */
    double slope;           /* of leaky-relu */
    double weight_variance; /* sigma_w^2; ntk only */
    double bias_variance;   /* sigma_b^2; ntk only; 0 leaves the biases out */
    int parametrization;    /* cf_parametrization */
    bool biases;
    bool centered; /* h = h_start + f_theta - f_theta(0), E10 */
} cf_network_options;

extern const cf_kind cf_network_kind;

/* CF_EINPUT for widths that do not fit the hidden layers, widths of 0, and a mean-field network
 * with more than one hidden layer. */
cf_status cf_network_check(const cf_network_options *options, cf_err *err);

/* Row `row` of the widths: that of hidden layer l = 0..H-1. */
size_t cf_network_width(const cf_network_options *options, size_t row, size_t l);

typedef struct cf_network cf_network;

/* The network of one row of the widths, from R^inputs to R^outputs. */
cf_status cf_network_create(const cf_network_options *options, size_t row, size_t inputs,
                            size_t outputs, cf_network **out, cf_err *err);
void cf_network_free(cf_network **network);

size_t cf_network_outputs(const cf_network *network);    /* d */
size_t cf_network_parameters(const cf_network *network); /* P */
size_t cf_network_units(const cf_network *network);      /* of all hidden layers */
double cf_network_rate(const cf_network *network);       /* gamma of E8 */
bool cf_network_smooth(const cf_network *network);       /* its activation is */

/* theta [P]: layer after layer, weights [fan-out*fan-in] by row and then biases. A parameter
 * depends on the seed, its layer and its place in it alone. */
void cf_network_initialize(const cf_network *network, uint64_t seed, double *theta);

/* The options of the kernel E11 that the network has in the limit of infinite width; false where
 * there is none (parametrizations other than ntk). */
bool cf_network_limit(const cf_network_options *options, cf_mlp *mlp);

/* E14: over all hidden units, the largest change from theta_0 to theta of |outgoing weights|^2 -
 * |incoming weights and bias|^2, relative to the sum of the two at theta_0. NaN for activations
 * that are not positively homogeneous. */
double cf_network_conserved_drift(const cf_network *network, const double *theta_0,
                                  const double *theta);

/* --- passes --- */

typedef struct cf_network_pass cf_network_pass;

/* A pass over up to n points at a time. Memory: n times the units, three times; with `rates`, what
 * push and pull_rate need, seven times. The network is borrowed and kept. */
cf_status cf_network_pass_create(const cf_network *network, size_t n, bool rates,
                                 cf_network_pass **out, cf_err *err);
void cf_network_pass_free(cf_network_pass **pass);
double cf_network_pass_bytes(const cf_network *network, size_t n, bool rates);

/* f [n*d] at x [n*D]; x is kept until the next forward. */
void cf_network_forward(cf_network_pass *pass, const double *theta, const double *x, size_t n,
                        double *f);

/* f alone: no pull or push may follow. */
void cf_network_values(cf_network_pass *pass, const double *theta, const double *x, size_t n,
                       double *f);

/* E114: from here on kinks are rounded within `width` times the root mean square of what the
 * activation gave in their layer at the last forward or values. Smooth activations have none. */
void cf_network_round(cf_network_pass *pass, double width);

/* gradient [P] = sum_i (df_i/dtheta)^T g_i at the last forward, g [n*d]. */
void cf_network_pull(cf_network_pass *pass, const double *theta, const double *g, double *gradient);

/* fdot [n*d] along a motion [P] of theta, at the last forward. */
void cf_network_push(cf_network_pass *pass, const double *theta, const double *motion,
                     double *fdot);

/* rate [P]: the derivative of the pull-back along a motion while g moves at gdot; after a pull of
 * that g and a push of that motion, in this order, of which it uses up the push. */
void cf_network_pull_rate(cf_network_pass *pass, const double *theta, const double *motion,
                          const double *g, const double *gdot, double *rate);

/* kernel [n*d * n*d] = gamma J J^T at the points x, row i*d + a; exactly symmetric. Memory beside
 * the result: another matrix of its size and n*d times the units; never J. */
cf_status cf_network_kernel(const cf_network *network, const double *theta, const double *x,
                            size_t n, double *kernel, cf_err *err);
double cf_network_kernel_bytes(const cf_network *network, size_t n); /* beside the result */

#endif
