/* Configurations over temperatures: names, phases and thresholds (E90 to E94). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "contraflow/run/rest.h"
#include "contraflow/run/result.h"
#include "contraflow/run/scan.h"

enum { TAUS = 13 };

static cf_loss_parameters loss_of(size_t psi)
{
    return (cf_loss_parameters){
        .psi = cf_psi_rows[psi], .eta = {cf_eta_rows[0], 1, 1}, .unit = true};
}

static cf_scan *scan_of(size_t psi, const char *const *names, size_t count)
{
    const cf_loss_parameters loss = loss_of(psi);
    double taus[TAUS];
    cf_scan *scan;
    cf_err err = {0};
    for (size_t k = 0; k < TAUS; k++)
        taus[k] = 0.02 * pow(500, (double)k / (TAUS - 1));
    require(cf_scan_create(&loss, names, count, taus, TAUS, &scan, &err), &err, "scan");
    return scan;
}

static void test_names(void)
{
    static const char *const names[] = {"polygon-3..5,in=4", "antipodes-2,masses=3:1", "cube"};
    cf_scan *scan = scan_of(0, names, 3);
    check(scan->count == 5 && strcmp(scan->configurations[1].name, "polygon-4,in=4") == 0,
          "a range stands for its members: %s", scan->configurations[1].name);
    const cf_configuration *polygon = scan->configurations[2].points;
    check(polygon->n == 5 && polygon->d == 4, "in= is the dimension of the space");
    check_near(scan->configurations[3].points->masses[0], 0.75, 1e-16, "masses= are relative");
    const cf_scan_state *square = &scan->states[TAUS];
    check(square->count == 4 * 3 - 5 && square->unstable == 2,
          "a square on an equator of S^3: %zu modes beside 5 rotations, index (K-3)(d-2) (E93)",
          square->count);
    check_near(square->spacing, 2, 1e-15, "squared distance of neighbors");
    cf_scan_free(&scan);
}

/* Psi = identity: clusters of the light antipode hold above 2/log(a/b) (E94). */
static void test_thresholds(void)
{
    static const char *const names[] = {"antipodes,masses=20:1", "antipodes-2,masses=3:1",
                                        "polygon-5", "cube,masses=1:5:5:1:5:1:1:5"};
    cf_scan *scan = scan_of(2, names, 4);
    check(scan->threshold_count == 4, "%zu thresholds", scan->threshold_count);
    const cf_scan_threshold *t = scan->thresholds;
    check_near(t[0].tau, 2 / log(20), 1e-9, "antipodes of masses 20 and 1: that of E94");
    check_near(t[1].tau, 2 / log(3), 1e-9, "antipodes of masses 3 and 1: that of E94");
    check(t[0].change == CF_CHANGE_SPLIT && t[0].below == 2 && t[0].above == 1,
          "where the light cluster holds, the heavy one parts");
    check(t[2].configuration == 3 && t[2].change == CF_CHANGE_WHOLE && t[2].below == 2 &&
              t[2].above == 0,
          "a cube of two tetrahedra, masses 1 and 5, becomes stable at tau = %.9g", t[2].tau);
    cf_scan_free(&scan);
}

/* On both sides of a threshold by 1e-6, the counts are those that it states. */
static void test_sides(void)
{
    static const char *const names[] = {"cross-polytope,masses=1:1:5:5:5:5"};
    const cf_loss_parameters loss = loss_of(0);
    cf_scan *scan = scan_of(0, names, 1), *sides;
    cf_err err = {0};
    check(scan->threshold_count == 2, "an octahedron of a light axis has two thresholds");
    for (size_t k = 0; k < scan->threshold_count; k++) {
        const cf_scan_threshold *t = &scan->thresholds[k];
        const double taus[] = {t->tau * (1 - 1e-6), t->tau * (1 + 1e-6)};
        require(cf_scan_create(&loss, names, 1, taus, 2, &sides, &err), &err, "scan");
        const cf_scan_state *s = sides->states;
        bool whole = t->change == CF_CHANGE_WHOLE;
        check((whole ? s[0].unstable : s[0].parting) == t->below &&
                  (whole ? s[1].unstable : s[1].parting) == t->above,
              "tau = %.9g: %zu below, %zu above", t->tau, t->below, t->above);
        cf_scan_free(&sides);
    }
    cf_scan_free(&scan);
}

static void check_refusal(const char *name, const char *part)
{
    const cf_loss_parameters loss = loss_of(0);
    const double tau = 0.5;
    cf_scan *scan;
    cf_err err = {0};
    cf_status status = cf_scan_create(&loss, &name, 1, &tau, 1, &scan, &err);
    check(status == CF_EINPUT && scan == NULL && strstr(err.message, part) != NULL,
          "%s is refused: %s", name, err.message);
}

static void test_refusals(void)
{
    check_refusal("cube,size=3", "in=DIMENSION or masses");
    check_refusal("cube,in=three", "in must be a dimension");
    check_refusal("polygon-3,masses=1:x:2", "colons");
    check_refusal("polygon-3,masses=1:2", "2 masses, but 3 vertices");
    check_refusal("polygon-4,masses=1:2:3:4", "is not stationary");
    check_refusal("polygon-7..3", "must be one of");
    check_refusal("polygon-9000", "more than 1500 modes");
}

/* --- rest --- */

static const char problem_text[] = "format: 1\ndata: {kind: discs, points-per-cluster: 3}\n"
                                   "latent: {space: sphere, dimension: 3}\n"
                                   "start: {kind: random, seed: 4}\n"
                                   "loss: {psi: log1p, tau: 0.2}\nflows: [{kind: vanilla}]\n"
                                   "time: {end: 1}\n";

static void test_rest(void)
{
    static const char *const names[] = {"icosahedron"};
    cf_problem *problem;
    cf_parts *parts;
    cf_rest *rest;
    cf_scan *scan;
    cf_err err = {0};
    const cf_loss_parameters loss = loss_of(0);
    const double tau = 0.2;
    require(cf_problem_parse("p.yaml", problem_text, NULL, 0, &problem, &err), &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    require(cf_rest_create(parts, NULL, &rest, &err), &err, "rest");
    require(cf_scan_create(&loss, names, 1, &tau, 1, &scan, &err), &err, "scan");
    check(rest->state->unstable == 0 && rest->state->search.converged,
          "the flow of 12 points comes to rest at a stable state");
    check_near(rest->state->loss, scan->states[0].loss, 1e-13, "which is the icosahedron");
    check_near(rest->state->spectrum->values[0], scan->states[0].lowest, 1e-10,
               "by its spectrum, too");
    cf_scan_free(&scan);
    cf_rest_free(&rest);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

/* The Coulomb energy of the points. */
static double coulomb(const cf_rest *rest)
{
    double energy = 0;
    for (size_t i = 0; i < rest->n; i++)
        for (size_t j = 0; j < i; j++) {
            double square = 0;
            for (size_t k = 0; k < 3; k++)
                square += pow(rest->z[3 * i + k] - rest->z[3 * j + k], 2);
            energy += 1 / sqrt(square);
        }
    return energy;
}

/* With Psi = identity and eta = (1 + s/tau)^(-1/2), L = 1/n + (2 sqrt(2 tau)/n^2) sum 1/|z_i - z_j|
 * as tau -> 0: Thomson's problem. Energies: E. L. Altschuler et al., Phys. Rev. Lett. 78 (1997)
 * 2681, D. J. Wales and S. Ulker, Phys. Rev. B 74 (2006) 212101. */
static void test_thomson(void)
{
    static const struct {
        int points;
        double energy;
    } known[] = {{4, 3.674234614},   {5, 6.474691495},   {6, 9.985281374},
                 {7, 14.452977414},  {8, 19.675287861},  {9, 25.759986531},
                 {10, 32.716949460}, {11, 40.596450510}, {12, 49.165253058}};
    double worst = 0;
    size_t unstable = 0;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        char points[96];
        snprintf(points, sizeof points,
                 "data={kind: discs, centers: [[0, 0]], points-per-cluster: %d}", known[k].points);
        const char *const settings[] = {
            points, "loss={psi: identity, eta: power, exponent: 0.5, tau: 1e-6}"};
        cf_problem *problem;
        cf_parts *parts;
        cf_rest *rest;
        cf_err err = {0};
        require(cf_problem_parse("p.yaml", problem_text, settings, 2, &problem, &err), &err, "p");
        require(cf_parts_create(problem, &parts, &err), &err, "parts");
        require(cf_rest_create(parts, NULL, &rest, &err), &err, "rest");
        worst = worse(worst, fabs(coulomb(rest) / known[k].energy - 1));
        unstable += rest->state->unstable;
        cf_rest_free(&rest);
        cf_parts_free(&parts);
        cf_problem_free(&problem);
    }
    check_below(worst, 1e-9, "4 to 12 charges on the sphere come to rest at Thomson's minima");
    check(unstable == 0, "which are stable");
}

static void test_rest_refusal(void)
{
    const char *const settings[] = {"latent={space: euclidean, dimension: 3}"};
    cf_problem *problem;
    cf_parts *parts;
    cf_rest *rest;
    cf_err err = {0};
    require(cf_problem_parse("p.yaml", problem_text, settings, 1, &problem, &err), &err, "problem");
    require(cf_parts_create(problem, &parts, &err), &err, "parts");
    check(cf_rest_create(parts, NULL, &rest, &err) == CF_EINPUT && rest == NULL, "%s", err.message);
    cf_parts_free(&parts);
    cf_problem_free(&problem);
}

int main(void)
{
    test_names();
    test_thresholds();
    test_sides();
    test_refusals();
    test_rest();
    test_thomson();
    test_rest_refusal();
    return check_done();
}
