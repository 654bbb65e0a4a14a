/* Spectra of stationary states in closed form (E91 to E94). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "stationary_states.h"

enum { MOST = 64 };
static const double PI = 3.14159265358979323846;

/* eta, eta', eta'' at s, by themselves. */
static void profile(const cf_loss_parameters *loss, double s, double eta[3])
{
    double tau = loss->eta.tau, p = loss->eta.exponent;
    if (loss->eta.row == cf_eta_rows[0]) {
        eta[0] = exp(-s / tau);
        eta[1] = -eta[0] / tau;
        eta[2] = eta[0] / (tau * tau);
    } else {
        eta[0] = pow(1 + s / tau, -p);
        eta[1] = -p / tau * pow(1 + s / tau, -p - 1);
        eta[2] = p * (p + 1) / (tau * tau) * pow(1 + s / tau, -p - 2);
    }
}

static void psi_at(const cf_loss_parameters *loss, double G, double dpsi[2])
{
    double value;
    loss->psi->evaluate(&G, 1, 1, &value, &dpsi[0], &dpsi[1]);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* E91 (out of plane: E93 too) without the rotations, and 2 Psi' F_0. Returns how many there are.
 * F_0 - F_k and C_k - C_1 are summed as differences: they may be far smaller than their parts. */
static size_t polygon_values(const cf_loss_parameters *loss, size_t K, bool across, double *values,
                             double *F0)
{
    size_t count = 0;
    double G = 0, F[MOST] = {0}, D[MOST] = {0}, C[MOST] = {0}, eta[3], dpsi[2],
           share = 1 / (double)K;
    *F0 = 0;
    for (size_t j = 0; j < K; j++) {
        double angle = 2 * PI * (double)j / (double)K, sine = sin(angle), half = sin(angle / 2);
        profile(loss, 2 * half * half, eta);
        double second = eta[2] * sine * sine + eta[1] * (1 - 2 * half * half);
        G += share * eta[0];
        *F0 += share * second;
        for (size_t k = 0; k < K; k++) {
            double phase = (double)(j * k % K) * PI / (double)K, wave = sin(phase);
            F[k] += share * second * 2 * wave * wave;
            D[k] += share * eta[1] * sine * sin(2 * phase);
            C[k] -= share * eta[1] * 2 * (half * half - wave * wave);
        }
    }
    psi_at(loss, G, dpsi);
    for (size_t k = 1; k < K; k++)
        values[count++] = 2 * dpsi[0] * F[k] + dpsi[1] * D[k] * D[k];
    for (size_t k = 0; k < K && across; k++)
        if (k != 1 && k != K - 1)
            values[count++] = 2 * dpsi[0] * C[k];
    qsort(values, count, sizeof *values, ascending);
    *F0 *= 2 * dpsi[0];
    return count;
}

/* Over all losses: relative to the largest eigenvalue; splitting relative to its own scale. */
static void test_polygons(void)
{
    static const double taus[] = {0.01, 0.1, 1, 10};
    double flat = 0, across = 0, split = 0, values[2 * MOST], F0;
    size_t wrong_index = 0;
    for (size_t K = 2; K <= 12; K++)
        for (size_t k = 0; k < 24; k++) {
            const cf_loss_parameters loss = stationary_loss(k % 3, k / 3 % 2, taus[k / 6]);
            char name[32];
            snprintf(name, sizeof name, "polygon-%zu", K);
            cf_configuration *c = stationary_configuration(name, 2, NULL, 1),
                             *wide = stationary_configuration(name, 3, NULL, 1);
            cf_stationary *s = stationary_state_at(&loss, c, &stationary_as_it_is);
            size_t count = polygon_values(&loss, K, false, values, &F0);
            flat = worse(flat,
                         stationary_difference(s->spectrum, values, count) / s->spectrum->largest);
            split = worse(split, fabs(s->split - F0) / fmax(1 / loss.eta.tau, fabs(F0)));
            cf_stationary_free(&s);
            s = stationary_state_at(&loss, wide, &stationary_as_it_is);
            if (K > 2) {
                count = polygon_values(&loss, K, true, values, &F0);
                across = worse(across, stationary_difference(s->spectrum, values, count) /
                                           s->spectrum->largest);
                wrong_index += k / 3 % 2 == 0 && taus[k / 6] < 5 && s->unstable != K - 3;
            }
            cf_stationary_free(&s);
            cf_configuration_free(&c);
            cf_configuration_free(&wide);
        }
    check_below(flat, 1e-10, "spectra of K-gons, K = 2 .. 12, all losses, are E91");
    check_below(across, 1e-10, "and on an equator E91 with E93");
    check_below(split, 1e-10, "clusters at vertices part at the rate of E92");
    check(wrong_index == 0, "equatorial K-gons are saddles of index K - 3 (E93)");
}

/* p particles at every vertex: the spectrum of the vertices and p - 1 times that of phi (E92). */
static void test_particles(void)
{
    const cf_loss_parameters loss = stationary_loss(0, 0, 0.3);
    const size_t p = 3;
    cf_configuration *many = stationary_configuration("cube", 0, NULL, p),
                     *one = stationary_configuration("cube", 0, NULL, 1);
    cf_stationary *m = stationary_state_at(&loss, many, &stationary_as_it_is),
                  *s = stationary_state_at(&loss, one, &stationary_as_it_is);
    double values[MOST];
    size_t count = 0;
    for (size_t k = 0; k < s->spectrum->count; k++)
        values[count++] = s->spectrum->values[k];
    for (size_t k = 0; k < one->n * 2; k++)
        for (size_t copy = 1; copy < p; copy++)
            values[count++] = s->splitting[k];
    qsort(values, count, sizeof *values, ascending);
    check_below(stationary_difference(m->spectrum, values, count), 1e-13,
                "three particles at every vertex of a cube: rigid and splitting modes (E92)");
    check_near(m->split, s->split, 1e-13, "which do not depend on the number of particles");
    cf_stationary_free(&m);
    cf_stationary_free(&s);
    cf_configuration_free(&many);
    cf_configuration_free(&one);
}

static void test_antipodes(void)
{
    static const double masses[] = {5, 1};
    double worst = 0, eta0[3], eta2[3], a = 5. / 6, b = 1. / 6;
    for (size_t k = 0; k < 18; k++) {
        const cf_loss_parameters loss = stationary_loss(k % 3, k / 3 % 2,
                                                        k < 6    ? 0.3
                                                        : k < 12 ? 1
                                                                 : 3);
        cf_configuration *c = stationary_configuration("antipodes", 3, masses, 1);
        cf_stationary *s = stationary_state_at(&loss, c, &stationary_as_it_is);
        double pa[2], pb[2];
        profile(&loss, 0, eta0);
        profile(&loss, 2, eta2);
        psi_at(&loss, a * eta0[0] + b * eta2[0], pa);
        psi_at(&loss, b * eta0[0] + a * eta2[0], pb);
        double rigid = -(pa[0] + pb[0]) * eta2[1];
        double light = -(pa[0] + pb[0]) * a * eta2[1] + 2 * pb[0] * b * eta0[1];
        double heavy = -(pa[0] + pb[0]) * b * eta2[1] + 2 * pa[0] * a * eta0[1];
        const double values[] = {rigid, rigid}, found[] = {heavy, heavy, light, light};
        worst = worse(worst, stationary_difference(s->spectrum, values, 2));
        for (size_t i = 0; i < 4; i++)
            worst = worse(worst, fabs(s->splitting[i] - found[i]));
        cf_stationary_free(&s);
        cf_configuration_free(&c);
    }
    check_below(worst, 1e-13, "antipodes of masses 5 and 1: both spectra are E94");
}

/* E94: the light cluster holds above tau = 2/log(a/b) for Psi = identity. */
static void test_threshold(void)
{
    static const double masses[] = {20, 1};
    double signs[2];
    for (int side = 0; side < 2; side++) {
        const cf_loss_parameters loss =
            stationary_loss(2, 0, (side == 0 ? 0.999 : 1.001) * 2 / log(20));
        cf_configuration *c = stationary_configuration("antipodes-2", 0, masses, 1);
        cf_stationary *s = stationary_state_at(&loss, c, &stationary_as_it_is);
        signs[side] = s->splitting[1];
        cf_stationary_free(&s);
        cf_configuration_free(&c);
    }
    check(signs[0] < 0 && signs[1] > 0, "a light cluster opposite to a heavy one holds above E94");
}

int main(void)
{
    test_polygons();
    test_particles();
    test_antipodes();
    test_threshold();
    return check_done();
}
