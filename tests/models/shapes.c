#include "shapes.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_integration.h>

#include "contraflow/solver/random.h"

static const double PI = 3.14159265358979323846;

static void equal_masses(shape *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->weights[i] = 1 / (double)s->n;
}

void shape_polygon(shape *s, size_t count)
{
    s->name = "polygon";
    s->n = count;
    s->d = 2;
    for (size_t i = 0; i < count; i++) {
        s->z[2 * i] = cos(2 * PI * (double)i / (double)count + 0.3);
        s->z[2 * i + 1] = sin(2 * PI * (double)i / (double)count + 0.3);
    }
    equal_masses(s);
}

static void add_vertex(shape *s, double x, double y, double w)
{
    double size = sqrt(x * x + y * y + w * w);
    double *z = s->z + 3 * s->n++;
    z[0] = x / size;
    z[1] = y / size;
    z[2] = w / size;
}

/* All sign changes of the nonzero coordinates, in the three cyclic orders if asked. */
static void add_signs(shape *s, double x, double y, double w, int cyclic)
{
    for (int order = 0; order < (cyclic ? 3 : 1); order++)
        for (int sign = 0; sign < 8; sign++) {
            double c[3] = {sign & 1 ? -x : x, sign & 2 ? -y : y, sign & 4 ? -w : w};
            if ((x == 0 && (sign & 1)) || (y == 0 && (sign & 2)) || (w == 0 && (sign & 4)))
                continue;
            add_vertex(s, c[order], c[(order + 1) % 3], c[(order + 2) % 3]);
        }
}

void shape_solid(shape *s, int which)
{
    static const char *const names[] = {"simplex", "cross-polytope", "cube", "icosahedron",
                                        "dodecahedron"};
    const double golden = (1 + sqrt(5)) / 2;
    s->name = names[which];
    s->n = 0;
    s->d = 3;
    if (which == 0) {
        add_vertex(s, 1, 1, 1);
        add_vertex(s, 1, -1, -1);
        add_vertex(s, -1, 1, -1);
        add_vertex(s, -1, -1, 1);
    } else if (which == 1) {
        add_signs(s, 1, 0, 0, 1);
    } else if (which == 2) {
        add_signs(s, 1, 1, 1, 0);
    } else if (which == 3) {
        add_signs(s, 0, 1, golden, 1);
    } else {
        add_signs(s, 1, 1, 1, 0);
        add_signs(s, 0, 1 / golden, golden, 1);
    }
    equal_masses(s);
    shape_rotate(s->z, s->n, 3);
}

void shape_sphere_rule(shape *s, size_t heights, size_t angles)
{
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(heights);
    s->name = "uniform measure on the sphere";
    s->d = 3;
    s->n = 0;
    for (size_t i = 0; i < heights; i++) {
        double height, weight;
        gsl_integration_glfixed_point(-1, 1, i, &height, &weight, table);
        for (size_t k = 0; k < angles; k++) {
            double angle = 2 * PI * (double)k / (double)angles, radius = sqrt(1 - height * height);
            s->weights[s->n] = weight / 2 / (double)angles;
            add_vertex(s, radius * cos(angle), radius * sin(angle), height);
        }
    }
    gsl_integration_glfixed_table_free(table);
}

/* Plane rotations by 0.7, 1.7, ... in successive coordinate planes. */
void shape_rotate(double *x, size_t n, size_t d)
{
    for (size_t k = 0; k + 1 < d; k++) {
        double c = cos(0.7 + (double)k), s = sin(0.7 + (double)k);
        for (size_t i = 0; i < n; i++) {
            double a = x[i * d + k], b = x[i * d + k + 1];
            x[i * d + k] = c * a - s * b;
            x[i * d + k + 1] = s * a + c * b;
        }
    }
}

void shape_random(double *x, size_t n, size_t d, unsigned seed, int normalized)
{
    cf_random random = {seed, CF_STREAM_PROBE};
    for (size_t i = 0; i < n; i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++) {
            x[i * d + k] = cf_random_normal(random, i, (uint32_t)k);
            square += x[i * d + k] * x[i * d + k];
        }
        for (size_t k = 0; k < d && normalized; k++)
            x[i * d + k] /= sqrt(square);
    }
}

double shape_dot(const double *a, const double *b, size_t n)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += a[i] * b[i];
    return total;
}
