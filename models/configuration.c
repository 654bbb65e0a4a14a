#include "contraflow/models/configuration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

static const double PI = 3.14159265358979323846;
static const double GOLDEN = 1.6180339887498948482;

/* --- vertices --- */

static size_t same(size_t size)
{
    return size;
}

static size_t one_more(size_t size)
{
    return size + 1;
}

static size_t twice(size_t size)
{
    return 2 * size;
}

static size_t power_of_two(size_t size)
{
    return (size_t)1 << size;
}

static size_t two(size_t size)
{
    (void)size;
    return 2;
}

static size_t three(size_t size)
{
    (void)size;
    return 3;
}

static size_t twelve(size_t size)
{
    (void)size;
    return 12;
}

static size_t twenty(size_t size)
{
    (void)size;
    return 20;
}

static void polygon(size_t size, double *z)
{
    for (size_t i = 0; i < size; i++) {
        z[2 * i] = cos(2 * PI * (double)i / (double)size);
        z[2 * i + 1] = sin(2 * PI * (double)i / (double)size);
    }
}

/* Vertex k is the first to leave the span of e_1 .. e_k; its height over it is the square root, and
 * the later ones balance it. */
static void simplex(size_t size, double *z)
{
    double d = (double)size;
    memset(z, 0, (size + 1) * size * sizeof *z);
    for (size_t k = 0; k < size; k++) {
        double left = d - (double)k, height = sqrt((d + 1) * left / (d * (left + 1)));
        z[k * size + k] = height;
        for (size_t i = k + 1; i <= size; i++)
            z[i * size + k] = -height / left;
    }
}

static void cross_polytope(size_t size, double *z)
{
    memset(z, 0, 2 * size * size * sizeof *z);
    for (size_t k = 0; k < size; k++) {
        z[2 * k * size + k] = 1;
        z[(2 * k + 1) * size + k] = -1;
    }
}

static void cube(size_t size, double *z)
{
    for (size_t i = 0; i < power_of_two(size); i++)
        for (size_t k = 0; k < size; k++)
            z[i * size + k] = (i >> k & 1 ? -1 : 1) / sqrt((double)size);
}

/* The twelve points (0, +-a, +-b) in the three cyclic orders, scaled to norm 1. */
static double *rectangles(double a, double b, double *z)
{
    double norm = sqrt(a * a + b * b);
    for (size_t order = 0; order < 3; order++)
        for (size_t sign = 0; sign < 4; sign++, z += 3) {
            z[order] = 0;
            z[(order + 1) % 3] = (sign & 1 ? -a : a) / norm;
            z[(order + 2) % 3] = (sign & 2 ? -b : b) / norm;
        }
    return z;
}

static void icosahedron(size_t size, double *z)
{
    (void)size;
    rectangles(1, GOLDEN, z);
}

static void dodecahedron(size_t size, double *z)
{
    (void)size;
    cube(3, rectangles(1 / GOLDEN, GOLDEN, z));
}

static void antipodes(size_t size, double *z)
{
    memset(z, 0, 2 * size * sizeof *z);
    z[0] = 1;
    z[size] = -1;
}

static const cf_configuration_kind polygon_row = {
    "polygon", "regular polygon in S^1", "vertices", 2, 4, 100000, two, same, polygon};
static const cf_configuration_kind simplex_row = {
    "simplex", "regular simplex in S^(d-1)", "dimension", 1, 3, 1000, same, one_more, simplex};
static const cf_configuration_kind cross_polytope_row = {
    "cross-polytope",
    "the points +-e_k of S^(d-1); the octahedron for d = 3",
    "dimension",
    1,
    3,
    1000,
    same,
    twice,
    cross_polytope};
static const cf_configuration_kind cube_row = {
    "cube", "vertices of the cube in S^(d-1)", "dimension", 1, 3, 16, same, power_of_two, cube};
static const cf_configuration_kind icosahedron_row = {
    "icosahedron", "icosahedron in S^2", NULL, 0, 0, 0, three, twelve, icosahedron};
static const cf_configuration_kind dodecahedron_row = {
    "dodecahedron", "dodecahedron in S^2", NULL, 0, 0, 0, three, twenty, dodecahedron};
static const cf_configuration_kind antipodes_row = {
    "antipodes", "the two points +-e_1 of S^(d-1)", "dimension", 1, 3, 1000, same, two, antipodes};

const cf_configuration_kind *const cf_configuration_kinds[] = {
    &polygon_row,     &simplex_row,      &cross_polytope_row, &cube_row,
    &icosahedron_row, &dodecahedron_row, &antipodes_row,      NULL};

/* --- names --- */

static cf_status refuse_name(const char *name, cf_err *err)
{
    char list[256];
    size_t used = 0;
    for (size_t k = 0; cf_configuration_kinds[k] != NULL; k++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s%s", k > 0 ? ", " : "",
                                 cf_configuration_kinds[k]->name,
                                 cf_configuration_kinds[k]->size != NULL ? "[-SIZE]" : "");
    return cf_fail(err, CF_EINPUT, "configuration %s: must be one of %s", name, list);
}

static cf_status check_size(const cf_configuration_kind *kind, size_t size, cf_err *err)
{
    if (kind->size == NULL ? size == 0 : size >= kind->smallest && size <= kind->largest)
        return CF_OK;
    if (kind->size == NULL)
        return cf_fail(err, CF_EINPUT, "configuration %s: has no size", kind->name);
    return cf_fail(err, CF_EINPUT, "configuration %s: %s = %zu: must be in [%zu, %zu]", kind->name,
                   kind->size, size, kind->smallest, kind->largest);
}

cf_status cf_configuration_find(const char *name, cf_configuration_setup *setup, cf_err *err)
{
    for (size_t k = 0; cf_configuration_kinds[k] != NULL; k++) {
        const cf_configuration_kind *kind = cf_configuration_kinds[k];
        size_t length = strlen(kind->name);
        if (strncmp(name, kind->name, length) != 0)
            continue;
        char *end = NULL;
        unsigned long size = kind->usual;
        if (name[length] == '-' && name[length + 1] >= '0' && name[length + 1] <= '9')
            size = strtoul(name + length + 1, &end, 10);
        if (end == NULL ? name[length] != '\0' : *end != '\0')
            continue;
        *setup = (cf_configuration_setup){.kind = kind, .size = size};
        return check_size(kind, size, err);
    }
    return refuse_name(name, err);
}

/* --- points --- */

void cf_configuration_free(cf_configuration **configuration)
{
    if (*configuration != NULL) {
        free((*configuration)->z);
        free((*configuration)->masses);
        free((*configuration)->vertex);
        free(*configuration);
    }
    *configuration = NULL;
}

static cf_status check_setup(const cf_configuration_setup *setup, size_t size, cf_err *err)
{
    const cf_configuration_kind *kind = setup->kind;
    cf_status status = check_size(kind, size, err);
    if (status == CF_OK && setup->dimension != 0 && setup->dimension < kind->dimension(size))
        return cf_fail(err, CF_EINPUT, "configuration %s: dimension = %zu: must be at least %zu",
                       kind->name, setup->dimension, kind->dimension(size));
    for (size_t k = 0; status == CF_OK && setup->masses != NULL && k < kind->vertices(size); k++)
        if (!(setup->masses[k] > 0 && isfinite(setup->masses[k])))
            status = cf_fail(err, CF_EINPUT,
                             "configuration %s: mass %zu = %g: must be positive and finite",
                             kind->name, k + 1, setup->masses[k]);
    return status;
}

static void fill(const cf_configuration_setup *setup, size_t own, const double *places,
                 cf_configuration *c)
{
    size_t particles = c->n / c->vertices;
    double total = 0;
    for (size_t k = 0; k < c->vertices; k++)
        total += setup->masses == NULL ? 1 : setup->masses[k];
    for (size_t i = 0; i < c->n; i++) {
        size_t k = i / particles;
        c->vertex[i] = k;
        c->masses[i] = (setup->masses == NULL ? 1 : setup->masses[k]) / (total * (double)particles);
        memcpy(c->z + i * c->d, places + k * own, own * sizeof *places);
    }
}

cf_status cf_configuration_create(const cf_configuration_setup *setup, cf_configuration **out,
                                  cf_err *err)
{
    const cf_configuration_kind *kind = setup->kind;
    size_t size = setup->size == 0 ? kind->usual : setup->size;
    *out = NULL;
    cf_status status = check_setup(setup, size, err);
    if (status != CF_OK)
        return status;
    size_t own = kind->dimension(size), vertices = kind->vertices(size);
    size_t n = vertices * (setup->particles > 1 ? setup->particles : 1);
    size_t d = setup->dimension == 0 ? own : setup->dimension;
    double *places = cf_allocate("configuration", vertices * own, sizeof *places, err);
    cf_configuration *c = cf_allocate("configuration", 1, sizeof *c, err);
    if (c != NULL) {
        *c = (cf_configuration){.n = n, .d = d, .vertices = vertices};
        c->z = cf_allocate("configuration", n * d, sizeof *c->z, err);
        c->masses = cf_allocate("configuration", n, sizeof *c->masses, err);
        c->vertex = cf_allocate("configuration", n, sizeof *c->vertex, err);
    }
    if (places == NULL || c == NULL || c->z == NULL || c->masses == NULL || c->vertex == NULL) {
        cf_configuration_free(&c);
        free(places);
        return CF_ESYSTEM;
    }
    kind->place(size, places);
    fill(setup, own, places, c);
    free(places);
    *out = c;
    return CF_OK;
}
