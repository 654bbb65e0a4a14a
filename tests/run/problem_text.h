/* A problem file for the tests: numbered lines, every section. */
#ifndef CONTRAFLOW_TESTS_PROBLEM_TEXT_H
#define CONTRAFLOW_TESTS_PROBLEM_TEXT_H

static const char full_problem[] =
    "format: 1\n"                                                                 /* 1 */
    "title: Four discs on the circle\n"                                           /* 2 */
    "data:\n"                                                                     /* 3 */
    "  kind: discs\n"                                                             /* 4 */
    "  centers: [[-1,-1],[-1,1],[1,-1],[1,1]]\n"                                  /* 5 */
    "  radius: 0.3\n"                                                             /* 6 */
    "  points-per-cluster: 50\n"                                                  /* 7 */
    "  seed: 1\n"                                                                 /* 8 */
    "augmentation: {kind: none}\n"                                                /* 9 */
    "latent: {space: sphere, dimension: 2, norm-floor: 0, collapse-norm: 1e-4}\n" /* 10 */
    "start: {kind: near-point, spread: 0.02, seed: 2}\n"                          /* 11 */
    "loss: {kind: generalized, psi: log1p, eta: exponential, tau: 0.1}\n"         /* 12 */
    "flows:\n"                                                                    /* 13 */
    "  - {name: free, kind: vanilla}\n"                                           /* 14 */
    "  - name: infinite-width\n"                                                  /* 15 */
    "    kind: neural\n"                                                          /* 16 */
    "    kernel: {hidden-layers: 3, activation: relu, weight-variance: 2,\n"      /* 17 */
    "             bias-variance: 0.1}\n"                                          /* 18 */
    "time: {end: 100, outputs: {spacing: log, first: 0.01, count: 25}}\n"         /* 19 */
    "snapshots: [1, 10, 100]\n"                                                   /* 20 */
    "integrator: {method: auto, rtol: 1e-6}\n"                                    /* 21 */
    "sums: {engine: auto, tolerance: 1e-12}\n"                                    /* 22 */
    "clusters: {observable: separation, threshold: 0.9}\n"                        /* 23 */
    "observers: {knn: {neighbors: 5}}\n";                                         /* 24 */

#endif
