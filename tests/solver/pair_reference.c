#include "pair_reference.h"

#include <math.h>
#include <string.h>

const char *const sum_names[SUMS] = {"potential", "force", "rate of the potential",
                                     "rate of the force"};

size_t sum_width(const pair_problem *p, int which)
{
    return which == FORCE || which == FORCE_RATE ? p->d : 1;
}

/* eta, eta', eta''. */
static void profile_at(const cf_profile *profile, long double s, long double k[3])
{
    long double tau = profile->tau, p = profile->exponent;
    if (strcmp(profile->row->name, "exponential") == 0) {
        k[0] = expl(-s / tau);
        k[1] = -k[0] / tau;
        k[2] = k[0] / (tau * tau);
        return;
    }
    k[0] = powl(1 + s / tau, -p);
    k[1] = -p / tau * k[0] / (1 + s / tau);
    k[2] = p * (p + 1) / (tau * tau) * k[0] / ((1 + s / tau) * (1 + s / tau));
}

static long double weight(const cf_pair_weights *w, size_t i, size_t j)
{
    return (long double)w->a[i] * w->q[j] + w->b[j];
}

static bool counts(const pair_problem *p, size_t i, size_t j)
{
    if (p->pairs == CF_PAIRS_BETWEEN_HALVES)
        return (i < p->n / 2) != (j < p->n / 2);
    return p->pairs == CF_PAIRS_ALL || i != j;
}

static void add_pair(const pair_problem *p, size_t i, size_t j, long double *const sums[SUMS])
{
    const double *x = p->x, *v = p->v;
    size_t d = p->d;
    long double s = 0, xv = 0, k[3];
    for (size_t c = 0; c < d; c++) {
        long double dx = (long double)x[i * d + c] - x[j * d + c];
        s += dx * dx / 2;
        xv += dx * ((long double)v[i * d + c] - v[j * d + c]);
    }
    profile_at(&p->profile, s, k);
    long double w = weight(&p->w, i, j), dw = weight(&p->dw, i, j);
    sums[POTENTIAL][i] += w * k[0];
    sums[POTENTIAL_RATE][i] += w * k[1] * xv;
    for (size_t c = 0; c < d; c++) {
        long double dx = (long double)x[i * d + c] - x[j * d + c];
        long double dv = (long double)v[i * d + c] - v[j * d + c];
        sums[FORCE][i * d + c] += w * k[1] * dx;
        sums[FORCE_RATE][i * d + c] += (w * k[2] * xv + dw * k[1]) * dx + w * k[1] * dv;
    }
}

static double weights_size(const cf_pair_weights *w, size_t n)
{
    double a = 0, q = 0, b = 0;
    for (size_t i = 0; i < n; i++) {
        a = fmax(a, fabs(w->a[i]));
        q += fabs(w->q[i]);
        b += fabs(w->b[i]);
    }
    return a * q + b;
}

/* max of |eta'(s)| sqrt(2s), over s <= 2 for points of norm 1. */
static double largest_force(const cf_profile *profile, bool unit)
{
    double largest = 0;
    for (double s = 1e-9; s <= (unit ? 2 : 10 * profile->tau); s *= 1.01) {
        long double k[3];
        profile_at(profile, s, k);
        largest = fmax(largest, (double)(-k[1] * sqrtl(2 * s)));
    }
    return largest;
}

void pair_reference(const pair_problem *p, long double *const sums[SUMS], double size[SUMS])
{
    double w = weights_size(&p->w, p->n), dw = weights_size(&p->dw, p->n), motion = 0;
    long double k[3];
    for (int which = 0; which < SUMS; which++)
        for (size_t i = 0; i < p->targets * sum_width(p, which); i++)
            sums[which][i] = 0;
    for (size_t i = 0; i < p->n; i++) {
        double square = 0;
        for (size_t j = 0; j < p->n && i < p->targets; j++)
            if (counts(p, i, j))
                add_pair(p, i, j, sums);
        for (size_t c = 0; c < p->d; c++)
            square += p->v[i * p->d + c] * p->v[i * p->d + c];
        motion = fmax(motion, sqrt(square));
    }
    profile_at(&p->profile, 0, k);
    double force = largest_force(&p->profile, p->unit);
    size[POTENTIAL] = w;
    size[FORCE] = w * force;
    size[POTENTIAL_RATE] = 2 * w * force * motion;
    size[FORCE_RATE] = 2 * w * fabs((double)k[1]) * motion + dw * force;
}

void pair_evaluate(const cf_sum_engine *engine, cf_sum_state *state, const pair_problem *p,
                   double *sums, size_t apart)
{
    engine->set_points(state, p->v, p->v); /* nothing may stay of other points */
    engine->set_motion(state, p->x, p->x);
    engine->force_rate(state, &p->w, &p->dw, sums + FORCE_RATE * apart);
    engine->set_points(state, p->x, p->x);
    engine->set_motion(state, p->v, p->v);
    engine->potential(state, &p->w, sums + POTENTIAL * apart);
    engine->force(state, &p->w, sums + FORCE * apart);
    engine->potential_rate(state, &p->w, sums + POTENTIAL_RATE * apart);
    engine->force_rate(state, &p->w, &p->dw, sums + FORCE_RATE * apart);
}
