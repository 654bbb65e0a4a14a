/* Points for observers. */
#ifndef CONTRAFLOW_TESTS_OBSERVER_POINTS_H
#define CONTRAFLOW_TESTS_OBSERVER_POINTS_H

#include <stdbool.h>
#include <stddef.h>

enum { OBSERVER_MOST = 2000, OBSERVER_MOST_D = 8 };

typedef struct {
    size_t n, d, clusters;
    double z[OBSERVER_MOST * OBSERVER_MOST_D], m[OBSERVER_MOST];
    int labels[OBSERVER_MOST];
} observer_points;

/* `option` goes where the observer's only option is. */
double observer_value(const char *name, const observer_points *p, double option);

/* n points on a line, with masses (NULL: equal) and labels (NULL: label i is i mod
 * clusters). */
observer_points observer_line(size_t n, const double *z, const double *m, const int *labels,
                              size_t clusters);

/* Equal masses at equal angles. */
observer_points observer_circle(size_t n, size_t clusters, bool interleaved);

#endif
