/* Configurations of masses on the sphere: the vertices of regular polytopes (C4). */
#ifndef CONTRAFLOW_MODELS_CONFIGURATION_H
#define CONTRAFLOW_MODELS_CONFIGURATION_H

#include <stddef.h>

#include "contraflow/solver/error.h"

typedef struct {
    size_t n, d;     /* points in R^d */
    size_t vertices; /* different places */
    double *z;       /* [n*d] unit rows */
    double *masses;  /* [n] of sum 1 */
    size_t *vertex;  /* [n] the place of each point; points of a place follow one another */
} cf_configuration;

/* A row of the table. `size` is what it is named with: the vertices of a polygon, the dimension d
 * of the space of another polytope. */
typedef struct {
    const char *name;
    const char *doc;
    const char *size;                /* what it counts; NULL: there is one only */
    size_t smallest, usual, largest; /* size */
    size_t (*dimension)(size_t size);
    size_t (*vertices)(size_t size);
    void (*place)(size_t size, double *z); /* z [vertices * dimension] */
} cf_configuration_kind;

/* NULL-terminated: polygon, simplex, cross-polytope, cube, icosahedron, dodecahedron, antipodes. */
extern const cf_configuration_kind *const cf_configuration_kinds[];

typedef struct {
    const cf_configuration_kind *kind;
    size_t size;      /* 0: the usual one */
    size_t dimension; /* d at least that of the kind, whose sphere is then an equator; 0: its own */
    const double *masses; /* [vertices] > 0, of any sum; NULL: equal */
    size_t particles;     /* at every vertex, sharing its mass; 0 counts as 1 */
} cf_configuration_setup;

/* The kind and size of a name, "cube" or "polygon-7". CF_EINPUT lists what there is. */
cf_status cf_configuration_find(const char *name, cf_configuration_setup *setup, cf_err *err);

/* CF_EINPUT for sizes out of range and masses that are not positive. */
cf_status cf_configuration_create(const cf_configuration_setup *setup, cf_configuration **out,
                                  cf_err *err);
void cf_configuration_free(cf_configuration **configuration);

#endif
