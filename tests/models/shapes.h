/* Configurations with known symmetry, and transformations of points, for tests of the models. */
#ifndef CONTRAFLOW_TESTS_SHAPES_H
#define CONTRAFLOW_TESTS_SHAPES_H

#include <stddef.h>

enum { SHAPE_MOST = 4096 };

typedef struct {
    const char *name;
    size_t n, d;
    double z[SHAPE_MOST * 3];
    double weights[SHAPE_MOST];
} shape;

/* `count` equal masses on the regular polygon in S^1. */
void shape_polygon(shape *s, size_t count);

/* The vertex sets of theory C4 in S^2: 0 simplex, 1 cross-polytope, 2 cube, 3 icosahedron, 4
 * dodecahedron, with equal masses. */
enum { SHAPE_SOLIDS = 5 };
void shape_solid(shape *s, int which);

/* A quadrature rule of the uniform measure on S^2: Gauss-Legendre in height times the trapezoidal
 * rule. */
void shape_sphere_rule(shape *s, size_t heights, size_t angles);

/* Rows of x [n*d] times a fixed rotation. */
void shape_rotate(double *x, size_t n, size_t d);

/* n i.i.d. normal rows, normalized on request. */
void shape_random(double *x, size_t n, size_t d, unsigned seed, int normalized);

/* Of two arrays [n]. */
double shape_dot(const double *a, const double *b, size_t n);

#endif
