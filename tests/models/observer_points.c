#include "observer_points.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/observer.h"

static const double PI = 3.14159265358979323846;

double observer_value(const char *name, const observer_points *p, double option)
{
    const cf_observer *const *row = cf_observers();
    while (*row != NULL && strcmp((*row)->kind.name, name) != 0)
        row++;
    union {
        long integer;
        double real;
    } options = {.real = option};
    if (*row != NULL && (*row)->kind.count > 0 && (*row)->kind.options[0].type == CF_OPTION_INTEGER)
        options.integer = (long)option;
    cf_err err = {0};
    cf_measure measure = {p->n, p->d, p->clusters, p->z, p->m, p->labels, false, 0, false};
    double value = NAN;
    require(*row == NULL ? CF_EINPUT : (*row)->observe(&options, &measure, &value, &err), &err,
            name);
    return value;
}

observer_points observer_line(size_t n, const double *z, const double *m, const int *labels,
                              size_t clusters)
{
    observer_points p = {.n = n, .d = 1, .clusters = clusters};
    for (size_t i = 0; i < n; i++) {
        p.z[i] = z == NULL ? (double)i : z[i];
        p.m[i] = m == NULL ? 1 / (double)n : m[i];
        p.labels[i] = labels == NULL ? (int)(i % clusters) : labels[i];
    }
    return p;
}

observer_points observer_circle(size_t n, size_t clusters, bool interleaved)
{
    observer_points p = {.n = n, .d = 2, .clusters = clusters};
    for (size_t i = 0; i < n; i++) {
        p.z[2 * i] = cos(2 * PI * ((double)i + 0.5) / (double)n);
        p.z[2 * i + 1] = sin(2 * PI * ((double)i + 0.5) / (double)n);
        p.m[i] = 1 / (double)n;
        p.labels[i] = (int)(interleaved ? i % clusters : i * clusters / n);
    }
    return p;
}
