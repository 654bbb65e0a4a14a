/* The losses E2 and E1 of V views. For a pair of views (v, v') let
 *   lambda_i = log eta(s_ii),  s_ij = |z_iv - z_jv'|^2 / 2,  rho_i = log sum_j m_j eta(s_ij),
 * and in the other order the same lambda_i and another rho. E2 is the mean over the ordered pairs
 * of sum_i m_i F(l_i), l_i = log(R_i/A_i) = rho_i - lambda_i, F(l) = Psi(e^l): sums between the two
 * halves of the 2n points that two views are. E1 has one sum for each of its N = nV embeddings,
 * over all the others, L = mean over a of l_a,  l_a = log N + rho_a - mean over partners of lambda,
 *   rho_a = log sum_{b != a} eta(s_ab)/N.
 * Nothing is kept of a pair of views but what the next needs anew: memory n V, not n V^2, and a
 * Hessian product computes it again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "log_sum.h"
#include "loss_internal.h"
#include "view_pairs.h"

/* Below, sums may underflow. */
static const double LEAST_SIMILARITY = -300;

typedef struct {
    cf_loss base;
    const cf_psi *psi;
    cf_profile eta;
    cf_view_shape shape;
    size_t terms; /* points of a sum: 2n, or N of E1 */
    cf_log_sum *sum;
    double *arrays;                  /* owns everything below */
    double *z, *zdot, *g;            /* [V][n*d] by view */
    double *points, *motion, *sum_g; /* [terms*d] of two views, or of all, and a gradient */
    double *masses;                  /* [terms], as all below: m_i */
    double *l, *ldot;                /* also of E1 */
    double *value, *f, *f2, *fdot;   /* F and its derivatives at l; of E1 f = 1 and fdot = 0 */
    double *lambda, *share;          /* [n] lambda or its rate; what partners contribute to f */
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
    size_t V = loss->shape.views, n = loss->shape.n, terms = loss->terms;
    size_t all = n * V * loss->shape.d, some = terms * loss->shape.d;
    double **points[POINT_ARRAYS] = {&loss->masses, &loss->l,      &loss->ldot,
                                     &loss->value,  &loss->f,      &loss->f2,
                                     &loss->fdot,   &loss->lambda, &loss->share};
    loss->z = loss->arrays;
    loss->zdot = loss->z + all;
    loss->g = loss->zdot + all;
    loss->points = loss->g + all;
    loss->motion = loss->points + some;
    loss->sum_g = loss->motion + some;
    for (size_t k = 0; k < POINT_ARRAYS; k++)
        *points[k] = loss->sum_g + some + k * terms;
    for (size_t a = 0; a < terms; a++)
        loss->masses[a] = weights[a % n * V] * (double)V;
    for (size_t a = 0; a < terms && loss->psi == &cf_psi_nt_xent; a++) {
        loss->masses[a] = 1 / (double)terms;
        loss->f[a] = 1;
        loss->share[a] = 2 / (double)(V - 1);
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
    loss->terms = all ? n : 2 * loss->shape.n;
    const cf_pair_sum_setup setup = {.profile = parameters->eta,
                                     .n = loss->terms,
                                     .d = d,
                                     .pairs = all ? CF_PAIRS_OTHERS : CF_PAIRS_BETWEEN_HALVES,
                                     .engine = parameters->engine};
    loss->arrays = cf_allocate(
        "loss arrays", 3 * (n + loss->terms) * d + POINT_ARRAYS * loss->terms, sizeof(double), err);
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

static size_t view_size(const views_loss *loss)
{
    return loss->shape.n * loss->shape.d;
}

static cf_view_pair pair_of(const views_loss *loss, size_t v, size_t w)
{
    size_t first = v * view_size(loss), second = w * view_size(loss);
    return (cf_view_pair){&loss->eta,       loss->shape.n,      loss->shape.d,      loss->z + first,
                          loss->z + second, loss->zdot + first, loss->zdot + second};
}

static double smallest(const double *x, size_t count)
{
    double least = INFINITY;
    for (size_t k = 0; k < count; k++)
        least = fmin(least, x[k]);
    return least;
}

/* --- E2 --- */

/* [2n*d] from the rows of two views, and back. */
static void join(const views_loss *loss, const double *y, const double *x, double *both)
{
    memcpy(both, y, view_size(loss) * sizeof *both);
    memcpy(both + view_size(loss), x, view_size(loss) * sizeof *both);
}

static void add_halves(views_loss *loss, size_t v, size_t w)
{
    double *gy = loss->g + v * view_size(loss), *gx = loss->g + w * view_size(loss);
    for (size_t k = 0; k < view_size(loss); k++) {
        gy[k] += loss->sum_g[k];
        gx[k] += loss->sum_g[view_size(loss) + k];
    }
}

/* f of partners, who meet in both orders. */
static const double *partners(const views_loss *loss, const double *f)
{
    for (size_t i = 0; i < loss->shape.n; i++)
        loss->share[i] = f[i] + f[loss->shape.n + i];
    return loss->share;
}

static void evaluate_pair(views_loss *loss, const cf_view_pair *pair)
{
    cf_view_pair_similarity(pair, loss->lambda);
    bool relative = smallest(loss->lambda, pair->n) < LEAST_SIMILARITY;
    join(loss, pair->y, pair->x, loss->points);
    cf_log_sum_evaluate(loss->sum, loss->points, relative, loss->l);
    for (size_t i = 0; i < 2 * pair->n; i++)
        loss->l[i] -= loss->lambda[i % pair->n];
    loss->psi->of_log(loss->l, 2 * pair->n, loss->value, loss->f, loss->f2);
}

static double add_pair(views_loss *loss, size_t v, size_t w, bool gradient)
{
    cf_view_pair pair = pair_of(loss, v, w);
    double total = 0;
    evaluate_pair(loss, &pair);
    for (size_t i = 0; i < 2 * pair.n; i++)
        total += loss->masses[i] * loss->value[i];
    if (!gradient)
        return total;
    cf_log_sum_gradient(loss->sum, loss->f, loss->sum_g);
    add_halves(loss, v, w);
    cf_view_pair_subtract_gradient(&pair, partners(loss, loss->f), loss->g + v * view_size(loss),
                                   loss->g + w * view_size(loss));
    return total;
}

static double evaluate(cf_loss *base, const double *z, double *u)
{
    views_loss *loss = (views_loss *)base;
    size_t V = loss->shape.views;
    double total = 0, others = (double)(V - 1);
    cf_views_gather(&loss->shape, z, loss->z);
    memset(loss->g, 0, V * view_size(loss) * sizeof(double));
    for (size_t v = 0; v < V; v++)
        for (size_t w = v + 1; w < V; w++)
            total += add_pair(loss, v, w, u != NULL);
    if (u != NULL)
        cf_views_scatter(&loss->shape, 1 / others, loss->g, u);
    return total / ((double)V * others);
}

static void add_pair_rate(views_loss *loss, size_t v, size_t w)
{
    cf_view_pair pair = pair_of(loss, v, w);
    evaluate_pair(loss, &pair);
    join(loss, pair.ydot, pair.xdot, loss->motion);
    cf_log_sum_rate(loss->sum, loss->motion, loss->ldot);
    cf_view_pair_similarity_rate(&pair, loss->lambda);
    for (size_t i = 0; i < 2 * pair.n; i++)
        loss->fdot[i] = loss->f2[i] * (loss->ldot[i] - loss->lambda[i % pair.n]);
    cf_log_sum_gradient_rate(loss->sum, loss->f, loss->fdot, loss->sum_g);
    add_halves(loss, v, w);
    for (size_t i = 0; i < pair.n; i++)
        loss->lambda[i] = loss->fdot[i] + loss->fdot[pair.n + i];
    cf_view_pair_subtract_gradient_rate(&pair, partners(loss, loss->f), loss->lambda,
                                        loss->g + v * view_size(loss),
                                        loss->g + w * view_size(loss));
}

static void hessian_times(cf_loss *base, const double *zdot, double *du)
{
    views_loss *loss = (views_loss *)base;
    size_t V = loss->shape.views;
    cf_views_gather(&loss->shape, zdot, loss->zdot);
    memset(loss->g, 0, V * view_size(loss) * sizeof(double));
    for (size_t v = 0; v < V; v++)
        for (size_t w = v + 1; w < V; w++)
            add_pair_rate(loss, v, w);
    cf_views_scatter(&loss->shape, 1 / (double)(V - 1), loss->g, du);
}

/* --- E1: F(l) = l --- */

/* l [N] = minus the mean of lambda over the partners. Returns the smallest lambda. */
static double subtract_similarity(views_loss *loss)
{
    size_t V = loss->shape.views, n = loss->shape.n;
    double least = INFINITY;
    memset(loss->l, 0, loss->terms * sizeof(double));
    for (size_t v = 0; v < V; v++)
        for (size_t w = v + 1; w < V; w++) {
            cf_view_pair pair = pair_of(loss, v, w);
            cf_view_pair_similarity(&pair, loss->lambda);
            least = fmin(least, smallest(loss->lambda, n));
            for (size_t i = 0; i < n; i++) {
                loss->l[v * n + i] -= loss->lambda[i] / (double)(V - 1);
                loss->l[w * n + i] -= loss->lambda[i] / (double)(V - 1);
            }
        }
    return least;
}

/* Subtracts from g, or from its rate, what partners contribute. */
static void subtract_partners(views_loss *loss, bool rate)
{
    size_t V = loss->shape.views, size = view_size(loss);
    for (size_t v = 0; v < V; v++)
        for (size_t w = v + 1; w < V; w++) {
            cf_view_pair pair = pair_of(loss, v, w);
            double *gy = loss->g + v * size, *gx = loss->g + w * size;
            if (rate)
                cf_view_pair_subtract_gradient_rate(&pair, loss->share, loss->fdot, gy, gx);
            else
                cf_view_pair_subtract_gradient(&pair, loss->share, gy, gx);
        }
}

static double nt_xent_evaluate(cf_loss *base, const double *z, double *u)
{
    views_loss *loss = (views_loss *)base;
    double total = 0;
    cf_views_gather(&loss->shape, z, loss->z);
    bool relative = subtract_similarity(loss) < LEAST_SIMILARITY;
    cf_log_sum_evaluate(loss->sum, loss->z, relative, loss->value);
    for (size_t a = 0; a < loss->terms; a++)
        total += loss->masses[a] * (loss->l[a] + loss->value[a] + log((double)loss->terms));
    if (u == NULL)
        return total;
    cf_log_sum_gradient(loss->sum, loss->f, loss->g);
    subtract_partners(loss, false);
    cf_views_scatter(&loss->shape, 1, loss->g, u);
    return total;
}

static void nt_xent_hessian_times(cf_loss *base, const double *zdot, double *du)
{
    views_loss *loss = (views_loss *)base;
    cf_views_gather(&loss->shape, zdot, loss->zdot);
    cf_log_sum_rate(loss->sum, loss->zdot, loss->ldot);
    cf_log_sum_gradient_rate(loss->sum, loss->f, loss->fdot, loss->g);
    subtract_partners(loss, true);
    cf_views_scatter(&loss->shape, 1, loss->g, du);
}

const cf_loss_form cf_loss_generalized = {create, release, evaluate, hessian_times, NULL, NULL};
const cf_loss_form cf_loss_nt_xent = {create, release, nt_xent_evaluate, nt_xent_hessian_times,
                                      NULL,   NULL};
