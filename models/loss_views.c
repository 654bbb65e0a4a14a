/* The losses E2 and E1 of V views. For an ordered pair of views (v, v') let
 *   lambda_i = log eta(s_ii),  s_ij = |z_iv - z_jv'|^2 / 2,  rho_i = log sum_j m_j eta(s_ij).
 * E2 is the mean over the pairs of sum_i m_i F(l_i), l_i = log(R_i/A_i) = rho_i - lambda_i, F(l) =
 * Psi(e^l). E1 has one sum for each of its N = nV embeddings, over all the others,
 *   L = mean over a of l_a,  l_a = log N + rho_a - mean over partners of lambda,
 *   rho_a = log sum_{b != a} eta(s_ab)/N.
 * No R and no A is ever formed, either of which may underflow. Nothing is kept of a pair of views
 * but what the next needs anew: memory n V, not n V^2, and a Hessian product computes it again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "log_sum.h"
#include "loss_internal.h"
#include "view_pairs.h"

typedef struct {
    cf_loss base;
    const cf_psi *psi;
    cf_profile eta;
    cf_view_shape shape;
    size_t terms; /* of a sum: n, or N of E1 */
    cf_log_sum *sum;
    double *arrays;                /* owns everything below */
    double *z, *zdot, *g;          /* [V][n*d] by view */
    double *masses;                /* [terms], as all below: m_i of sum 1 */
    double *l, *ldot, *lambda;     /* lambda and its rate have n */
    double *value, *f, *f2, *fdot; /* F and its derivatives at l; of E1 f = 1 and fdot = 0 */
    double *share;                 /* of E1: 1/(V-1), the part of one partner */
} views_loss;

enum { POINT_ARRAYS = 9 };

static void release(cf_loss *base)
{
    views_loss *loss = (views_loss *)base;
    cf_log_sum_free(&loss->sum);
    free(loss->arrays);
    free(loss);
}

static void set_arrays(views_loss *loss, const double *weights)
{
    size_t all = loss->shape.n * loss->shape.views * loss->shape.d;
    double **points[POINT_ARRAYS] = {&loss->masses, &loss->l,     &loss->ldot,
                                     &loss->lambda, &loss->value, &loss->f,
                                     &loss->f2,     &loss->fdot,  &loss->share};
    loss->z = loss->arrays;
    loss->zdot = loss->z + all;
    loss->g = loss->zdot + all;
    for (size_t k = 0; k < POINT_ARRAYS; k++)
        *points[k] = loss->g + all + k * loss->terms;
    for (size_t i = 0; i < loss->shape.n; i++)
        loss->masses[i] = weights[i * loss->shape.views] * (double)loss->shape.views;
    for (size_t a = 0; a < loss->terms && loss->psi == &cf_psi_nt_xent; a++) {
        loss->masses[a] = 1 / (double)loss->terms;
        loss->f[a] = 1;
        loss->share[a] = 1 / (double)(loss->shape.views - 1);
    }
}

static cf_status create(const cf_loss_parameters *parameters, const double *weights, size_t n,
                        size_t d, cf_loss **out, cf_err *err)
{
    bool all = parameters->psi == &cf_psi_nt_xent;
    views_loss *loss = cf_allocate("loss", 1, sizeof *loss, err);
    if (loss == NULL)
        return CF_ESYSTEM;
    loss->base.form = all ? &cf_loss_nt_xent : &cf_loss_generalized;
    loss->psi = parameters->psi;
    loss->eta = parameters->eta;
    loss->shape = (cf_view_shape){parameters->views, n / parameters->views, d};
    loss->terms = all ? n : loss->shape.n;
    const cf_pair_sum_setup setup = {.profile = parameters->eta,
                                     .n = loss->terms,
                                     .d = d,
                                     .two_sets = !all,
                                     .without_self = all,
                                     .references = true,
                                     .engine = parameters->engine};
    loss->arrays =
        cf_allocate("loss arrays", 3 * n * d + POINT_ARRAYS * loss->terms, sizeof(double), err);
    cf_status status = CF_ESYSTEM;
    if (loss->arrays != NULL) {
        set_arrays(loss, weights);
        status = cf_log_sum_create(&setup, loss->masses, &loss->sum, err);
    }
    if (status != CF_OK) {
        release(&loss->base);
        return status;
    }
    loss->base.engine = cf_log_sum_engine(loss->sum);
    *out = &loss->base;
    return CF_OK;
}

/* Ordered pairs of different views. */
static size_t pairs(const views_loss *loss)
{
    return loss->shape.views * (loss->shape.views - 1);
}

/* The views of a pair, and the rows of g that belong to them. */
static cf_view_pair pair_of(const views_loss *loss, size_t pair, double **gy, double **gx)
{
    size_t others = loss->shape.views - 1, size = loss->shape.n * loss->shape.d;
    size_t v = pair / others, w = pair % others;
    size_t first = v * size, second = (w < v ? w : w + 1) * size;
    *gy = loss->g + first;
    *gx = loss->g + second;
    return (cf_view_pair){&loss->eta,       loss->shape.n,      loss->shape.d,      loss->z + first,
                          loss->z + second, loss->zdot + first, loss->zdot + second};
}

/* --- E2 --- */

static void evaluate_pair(views_loss *loss, const cf_view_pair *pair)
{
    cf_log_sum_evaluate(loss->sum, pair->y, pair->x, loss->l);
    cf_view_pair_similarity(pair, loss->lambda);
    for (size_t i = 0; i < pair->n; i++)
        loss->l[i] -= loss->lambda[i];
    loss->psi->of_log(loss->l, pair->n, loss->value, loss->f, loss->f2);
}

static double evaluate(cf_loss *base, const double *z, double *u)
{
    views_loss *loss = (views_loss *)base;
    const cf_view_shape *shape = &loss->shape;
    double total = 0, *gy, *gx;
    cf_views_gather(shape, z, loss->z);
    memset(loss->g, 0, shape->views * shape->n * shape->d * sizeof(double));
    for (size_t k = 0; k < pairs(loss); k++) {
        cf_view_pair pair = pair_of(loss, k, &gy, &gx);
        evaluate_pair(loss, &pair);
        for (size_t i = 0; i < shape->n; i++)
            total += loss->masses[i] * loss->value[i];
        if (u == NULL)
            continue;
        cf_log_sum_add_gradient(loss->sum, loss->f, gy, gx);
        cf_view_pair_subtract_gradient(&pair, loss->f, gy, gx);
    }
    if (u != NULL)
        cf_views_scatter(shape, 1 / (double)(shape->views - 1), loss->g, u);
    return total / (double)pairs(loss);
}

static void hessian_times(cf_loss *base, const double *zdot, double *du)
{
    views_loss *loss = (views_loss *)base;
    const cf_view_shape *shape = &loss->shape;
    double *gy, *gx;
    cf_views_gather(shape, zdot, loss->zdot);
    memset(loss->g, 0, shape->views * shape->n * shape->d * sizeof(double));
    for (size_t k = 0; k < pairs(loss); k++) {
        cf_view_pair pair = pair_of(loss, k, &gy, &gx);
        evaluate_pair(loss, &pair);
        cf_log_sum_rate(loss->sum, pair.ydot, pair.xdot, loss->ldot);
        cf_view_pair_similarity_rate(&pair, loss->lambda);
        for (size_t i = 0; i < shape->n; i++)
            loss->fdot[i] = loss->f2[i] * (loss->ldot[i] - loss->lambda[i]);
        cf_log_sum_add_gradient_rate(loss->sum, loss->f, loss->fdot, gy, gx);
        cf_view_pair_subtract_gradient_rate(&pair, loss->f, loss->fdot, gy, gx);
    }
    cf_views_scatter(shape, 1 / (double)(shape->views - 1), loss->g, du);
}

/* --- E1: F(l) = l --- */

/* The V - 1 terms of each row of l that compare it with its partners. */
static void subtract_similarity(views_loss *loss, const cf_view_pair *pair, double *l)
{
    cf_view_pair_similarity(pair, loss->lambda);
    for (size_t i = 0; i < pair->n; i++)
        l[i] -= loss->share[i] * loss->lambda[i];
}

static double nt_xent_evaluate(cf_loss *base, const double *z, double *u)
{
    views_loss *loss = (views_loss *)base;
    double total = 0, *gy, *gx;
    cf_views_gather(&loss->shape, z, loss->z);
    memset(loss->g, 0, loss->terms * loss->shape.d * sizeof(double));
    cf_log_sum_evaluate(loss->sum, loss->z, loss->z, loss->l);
    if (u != NULL)
        cf_log_sum_add_gradient(loss->sum, loss->f, loss->g, loss->g);
    for (size_t k = 0; k < pairs(loss); k++) {
        cf_view_pair pair = pair_of(loss, k, &gy, &gx);
        subtract_similarity(loss, &pair, loss->l + (size_t)(gy - loss->g) / loss->shape.d);
        cf_view_pair_subtract_gradient(&pair, loss->share, gy, gx);
    }
    for (size_t a = 0; a < loss->terms; a++)
        total += loss->masses[a] * (loss->l[a] + log((double)loss->terms));
    if (u != NULL)
        cf_views_scatter(&loss->shape, 1, loss->g, u);
    return total;
}

static void nt_xent_hessian_times(cf_loss *base, const double *zdot, double *du)
{
    views_loss *loss = (views_loss *)base;
    double *gy, *gx;
    cf_views_gather(&loss->shape, zdot, loss->zdot);
    memset(loss->g, 0, loss->terms * loss->shape.d * sizeof(double));
    cf_log_sum_rate(loss->sum, loss->zdot, loss->zdot, loss->ldot);
    cf_log_sum_add_gradient_rate(loss->sum, loss->f, loss->fdot, loss->g, loss->g);
    for (size_t k = 0; k < pairs(loss); k++) {
        cf_view_pair pair = pair_of(loss, k, &gy, &gx);
        cf_view_pair_subtract_gradient_rate(&pair, loss->share, loss->fdot, gy, gx);
    }
    cf_views_scatter(&loss->shape, 1, loss->g, du);
}

const cf_loss_form cf_loss_generalized = {create, release, evaluate, hessian_times, NULL};
const cf_loss_form cf_loss_nt_xent = {create, release, nt_xent_evaluate, nt_xent_hessian_times,
                                      NULL};
