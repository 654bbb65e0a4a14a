/* Augmentations: size 0 changes nothing, views have the moments of their law, rotations keep norms,
 * and a view depends on its seed, its point and its number alone. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/augmentation.h"
#include "shapes.h"

enum { N = 400, MOST_D = 4 };

static double points[N * MOST_D], weights[N], direction[MOST_D] = {1, -2, 0.5, 3};
static int labels[N];

static cf_data *views(const cf_augmentation *row, cf_augmentation_options options, size_t dimension)
{
    const cf_data data = {N, dimension, points, weights, labels, 2};
    cf_data *out = NULL;
    cf_err err = {0};
    require(cf_views_create(row, &options, &data, &out, &err), &err, row->kind.name);
    return out;
}

static double square_change(const cf_data *rows, size_t V)
{
    double total = 0;
    for (size_t k = 0; k < rows->n * rows->dimension; k++) {
        size_t i = k / rows->dimension / V;
        total += pow(rows->points[k] - points[i * rows->dimension + k % rows->dimension], 2);
    }
    return total / (double)rows->n;
}

/* E|x_iv - x_i|^2 / size^2 for small size, D dimensions, |x| and |direction|. */
static double expected_square(const char *name, size_t D, double x2, double direction2)
{
    double d = (double)D;
    if (strcmp(name, "gaussian") == 0)
        return d;
    if (strcmp(name, "ball") == 0)
        return d / (d + 2);
    if (strcmp(name, "shift") == 0)
        return direction2;
    if (strcmp(name, "rotation") == 0)
        return x2 * 2 / d; /* the part of |x|^2 in a random plane */
    return x2;
}

static void test_row(const cf_augmentation *row, size_t D)
{
    cf_augmentation_options options = {.direction = {direction, D}, .views = 3, .seed = 5};
    double x2 = 0, direction2 = 0, mass = 0, norms = 0;
    bool same = true;
    shape_random(points, N, D, 3, 0);
    for (size_t k = 0; k < N * D; k++)
        x2 += points[k] * points[k] / N;
    for (size_t k = 0; k < D; k++)
        direction2 += direction[k] * direction[k];
    cf_data *none = views(row, options, D);
    check(square_change(none, 3) == 0, "%s, D = %zu: size 0 changes nothing", row->kind.name, D);
    cf_data_free(&none);
    options.size = 0.01;
    options.views = 60;
    cf_data *many = views(row, options, D);
    double ratio =
        square_change(many, 60) / 1e-4 / expected_square(row->kind.name, D, x2, direction2);
    check_near(ratio, 1, 0.03, "%s, D = %zu: the variance of its law", row->kind.name, D);
    options.views = 2;
    cf_data *few = views(row, options, D);
    for (size_t k = 0; k < many->n; k++) {
        size_t i = k / 60, v = k % 60;
        mass += many->weights[k];
        same = same && many->labels[k] == labels[i];
        if (v < 2)
            same = same && memcmp(few->points + (2 * i + v) * D, many->points + k * D,
                                  D * sizeof(double)) == 0;
        for (size_t c = 0; c < D; c++)
            norms += pow(many->points[k * D + c], 2) / (60 * N);
    }
    check(same, "%s, D = %zu: two views are the first of sixty, with their labels", row->kind.name,
          D);
    check_near(mass, 1, 1e-11, "%s, D = %zu: the masses sum to 1", row->kind.name, D);
    if (strcmp(row->kind.name, "rotation") == 0)
        check_near(norms, x2, 1e-13, "rotations, D = %zu, keep norms", D);
    cf_data_free(&many);
    cf_data_free(&few);
}

static void test_refusals(void)
{
    cf_augmentation_options options = {.direction = {direction, 3}};
    for (const cf_augmentation *const *row = cf_augmentations(); *row != NULL; row++) {
        cf_err err = {0};
        bool fits = cf_augmentation_check(*row, &options, 1, &err) == CF_OK;
        bool expected = strcmp((*row)->kind.name, "shift") != 0 && (*row)->smallest_dimension == 1;
        check(fits == expected, "%s on the line: %s", (*row)->kind.name, err.message);
    }
}

int main(void)
{
    for (size_t i = 0; i < N; i++) {
        weights[i] = 1.0 / N;
        labels[i] = i % 3 == 0;
    }
    for (const cf_augmentation *const *row = cf_augmentations(); *row != NULL; row++)
        for (size_t D = (*row)->smallest_dimension; D <= MOST_D; D++)
            test_row(*row, D);
    test_refusals();
    return check_done();
}
