/* Observers against their definitions E18, E21 and E110, evaluated in the plainest way. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/observer.h"
#include "observer_points.h"
#include "shapes.h"

static double distance(const observer_points *p, size_t i, size_t j)
{
    double square = 0;
    for (size_t k = 0; k < p->d; k++)
        square += pow(p->z[i * p->d + k] - p->z[j * p->d + k], 2);
    return sqrt(square);
}

/* The share of j with label c_i among the j that have fewer than k points nearer to i. */
static double plain_knn(const observer_points *p, size_t k)
{
    double sum = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n; j++) {
            size_t nearer = 0;
            for (size_t l = 0; l < p->n; l++)
                nearer += l != i && distance(p, i, l) < distance(p, i, j);
            sum += j != i && nearer < k && p->labels[j] == p->labels[i];
        }
    return sum / (double)(k * p->n);
}

/* Components by spreading the smallest index until nothing changes. */
static double plain_count(const observer_points *p, double delta)
{
    size_t mark[OBSERVER_MOST], count = 0;
    for (size_t i = 0; i < p->n; i++)
        mark[i] = i;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < p->n; i++)
            for (size_t j = 0; j < p->n; j++)
                if (distance(p, i, j) < delta && mark[j] < mark[i]) {
                    mark[i] = mark[j];
                    changed = true;
                }
    }
    for (size_t i = 0; i < p->n; i++)
        count += mark[i] == i;
    return (double)count;
}

static void check_definitions(void)
{
    static observer_points p;
    p = (observer_points){.n = 120, .d = 3, .clusters = 3};
    shape_random(p.z, p.n, p.d, 8, 0);
    for (size_t i = 0; i < p.n; i++) {
        p.m[i] = 1 / (double)p.n;
        p.labels[i] = (int)(i % 3);
        p.z[3 * i] += p.labels[i];
    }
    for (size_t k = 1; k < p.n; k = 3 * k + 1)
        check_near(observer_value("knn", &p, (double)k), plain_knn(&p, k), 1e-13,
                   "%zu of 119 neighbors by the definition, E18", k);
    for (double delta = 0.3; delta < 1.5; delta += 0.3)
        check_near(observer_value("cluster-count", &p, delta), plain_count(&p, delta), 0,
                   "components at %.1f by the definition, E21", delta);
}

/* E110 as it is written, with the distances between all means. */
static double plain_cluster(const observer_points *p, int q, double *mass, double *distance)
{
    double center[8][OBSERVER_MOST_D] = {{0}}, masses[8] = {0}, spread = 0, present = 0;
    for (size_t i = 0; i < p->n; i++)
        masses[p->labels[i]] += p->m[i];
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->d && p->m[i] > 0; k++)
            center[p->labels[i]][k] += p->m[i] * p->z[i * p->d + k] / masses[p->labels[i]];
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->d && p->labels[i] == q; k++)
            spread += p->m[i] / masses[q] * pow(p->z[i * p->d + k] - center[q][k], 2);
    *distance = 0;
    *mass = masses[q];
    for (size_t r = 0; r < p->clusters; r++) {
        present += masses[r] > 0;
        for (size_t k = 0; k < p->d; k++)
            *distance += masses[r] / (1 - *mass) * pow(center[q][k] - center[r][k], 2);
    }
    return *distance / (*distance + 2 * present / (present - 1) * spread);
}

static double separations(const observer_points *p, double *each)
{
    const cf_measure measure = {p->n, p->d, p->clusters, p->z, p->m, p->labels, false, 0, false};
    double scratch[8 * (OBSERVER_MOST_D + 1) + OBSERVER_MOST_D];
    return cf_separation_of_each(&measure, scratch, each);
}

/* Three clusters of unequal masses and spreads, and a label that nobody has. */
static void check_clusters(void)
{
    static observer_points p;
    double each[4], worst = 0, signal = 0, noise = 0, mass, distance;
    p = (observer_points){.n = 120, .d = 3, .clusters = 4};
    shape_random(p.z, p.n, p.d, 8, 0);
    for (size_t i = 0; i < p.n; i++) {
        p.labels[i] = i < 20 ? 0 : i < 70 ? 1 : 3;
        p.m[i] = (1 + 0.5 * sin((double)i)) / 120;
        for (size_t k = 0; k < 3; k++)
            p.z[3 * i + k] =
                0.2 * (p.labels[i] + 1) * p.z[3 * i + k] + 2 * sin(p.labels[i] + (double)k);
    }
    double total = 0;
    for (size_t i = 0; i < p.n; i++)
        total += p.m[i];
    for (size_t i = 0; i < p.n; i++)
        p.m[i] /= total;
    double S = separations(&p, each);
    check_near(S, observer_value("separation", &p, 0), 0, "E17 beside E110");
    for (int q = 0; q < 4; q++) {
        if (q == 2)
            continue;
        worst = worse(worst, fabs(each[q] - plain_cluster(&p, q, &mass, &distance)));
        noise += 2.0 / 3 * mass * distance * (1 - each[q]) / each[q];
        signal += mass * (1 - mass) * distance;
    }
    check_below(worst, 1e-14, "separation of each cluster by its definition (E110)");
    check(isnan(each[2]), "a cluster without points has none");
    check_near(noise / signal, (1 - S) / S, 1e-13, "they add up to the separation of all (E110)");
    p = observer_line(6, (double[]){0, 0, 0, 2, 3, 4}, NULL, (int[]){0, 0, 0, 1, 1, 1}, 2);
    separations(&p, each);
    check_near(each[0], 1, 0, "a cluster that is one point: S_0 = 1");
    check_near(each[1], 9 / (9 + 4 * 2.0 / 3), 1e-15, "and its neighbor: 9/(9 + 4 w)");
    p = observer_line(4, (double[]){5, 5, 5, 5}, NULL, NULL, 2);
    separations(&p, each);
    check(each[0] == 0 && each[1] == 0, "coincident points: S_q = 0");
    p.clusters = 1;
    memset(p.labels, 0, sizeof p.labels);
    separations(&p, each);
    check(isnan(each[0]), "a single cluster is not separated from anything");
}

int main(void)
{
    check_clusters();
    check_definitions();
    return check_done();
}
