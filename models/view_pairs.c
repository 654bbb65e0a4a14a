#include "view_pairs.h"

void cf_views_gather(const cf_view_shape *shape, const double *rows, double *by_view)
{
    size_t V = shape->views, d = shape->d;
    for (size_t i = 0; i < shape->n; i++)
        for (size_t v = 0; v < V; v++)
            for (size_t k = 0; k < d; k++)
                by_view[(v * shape->n + i) * d + k] = rows[(i * V + v) * d + k];
}

void cf_views_scatter(const cf_view_shape *shape, double factor, const double *by_view,
                      double *rows)
{
    size_t V = shape->views, d = shape->d;
    for (size_t i = 0; i < shape->n; i++)
        for (size_t v = 0; v < V; v++)
            for (size_t k = 0; k < d; k++)
                rows[(i * V + v) * d + k] = factor * by_view[(v * shape->n + i) * d + k];
}

/* lambda and its derivatives in s at point i. */
static void similarity(const cf_view_pair *pair, size_t i, double lambda[3])
{
    const double *y = pair->y + i * pair->d, *x = pair->x + i * pair->d;
    double s = 0;
    for (size_t k = 0; k < pair->d; k++)
        s += 0.5 * ((y[k] - x[k]) * (y[k] - x[k]));
    pair->eta->row->logarithm(pair->eta, s, lambda);
}

/* ds_i/dt. */
static double motion(const cf_view_pair *pair, size_t i)
{
    double total = 0;
    for (size_t k = i * pair->d; k < (i + 1) * pair->d; k++)
        total += (pair->y[k] - pair->x[k]) * (pair->ydot[k] - pair->xdot[k]);
    return total;
}

void cf_view_pair_similarity(const cf_view_pair *pair, double *lambda)
{
    for (size_t i = 0; i < pair->n; i++) {
        double at[3];
        similarity(pair, i, at);
        lambda[i] = at[0];
    }
}

void cf_view_pair_similarity_rate(const cf_view_pair *pair, double *lambdadot)
{
    for (size_t i = 0; i < pair->n; i++) {
        double at[3];
        similarity(pair, i, at);
        lambdadot[i] = at[1] * motion(pair, i);
    }
}

void cf_view_pair_subtract_gradient(const cf_view_pair *pair, const double *f, double *gy,
                                    double *gx)
{
    for (size_t i = 0; i < pair->n; i++) {
        double at[3];
        similarity(pair, i, at);
        for (size_t k = i * pair->d; k < (i + 1) * pair->d; k++) {
            double part = f[i] * at[1] * (pair->y[k] - pair->x[k]);
            gy[k] -= part;
            gx[k] += part;
        }
    }
}

void cf_view_pair_subtract_gradient_rate(const cf_view_pair *pair, const double *f,
                                         const double *fdot, double *gy, double *gx)
{
    for (size_t i = 0; i < pair->n; i++) {
        double at[3];
        similarity(pair, i, at);
        double change = fdot[i] * at[1] + f[i] * at[2] * motion(pair, i);
        for (size_t k = i * pair->d; k < (i + 1) * pair->d; k++) {
            double part =
                change * (pair->y[k] - pair->x[k]) + f[i] * at[1] * (pair->ydot[k] - pair->xdot[k]);
            gy[k] -= part;
            gx[k] += part;
        }
    }
}
