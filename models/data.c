#include "contraflow/models/data.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "data_internal.h"

static const cf_data_kind *const kinds[] = {&cf_data_discs,
                                            &cf_data_gaussians,
                                            &cf_data_rings,
                                            &cf_data_moons,
                                            &cf_data_sphere_caps,
                                            &cf_data_polygon,
                                            NULL};

const cf_data_kind *const *cf_data_kinds(void)
{
    return kinds;
}

cf_status cf_data_create(size_t n, size_t dimension, int labelled, cf_data **out, cf_err *err)
{
    *out = NULL;
    if (n == 0 || dimension == 0)
        return cf_fail(err, CF_EINPUT, "data: %zu points of dimension %zu; both must be at least 1",
                       n, dimension);
    cf_data *data = cf_allocate("data", 1, sizeof *data, err);
    if (data == NULL)
        return CF_ESYSTEM;
    data->n = n;
    data->dimension = dimension;
    data->points = cf_allocate("data points", n, dimension * sizeof *data->points, err);
    if (data->points != NULL)
        data->weights = cf_allocate("data weights", n, sizeof *data->weights, err);
    if (data->weights != NULL && labelled)
        data->labels = cf_allocate("data labels", n, sizeof *data->labels, err);
    data->clusters = labelled ? 1 : 0;
    if (data->points == NULL || data->weights == NULL || (labelled && data->labels == NULL)) {
        cf_data_free(&data);
        return CF_ESYSTEM;
    }
    for (size_t i = 0; i < n; i++)
        data->weights[i] = 1 / (double)n;
    *out = data;
    return CF_OK;
}

void cf_data_free(cf_data **data)
{
    cf_data *d = *data;
    if (d == NULL)
        return;
    free(d->points);
    free(d->weights);
    free(d->labels);
    free(d);
    *data = NULL;
}

static cf_status check_points(const cf_data *data, cf_err *err)
{
    if (data->n < 2)
        return cf_fail(err, CF_EINPUT,
                       "data: a single point; a contrastive loss needs at least two");
    for (size_t i = 0; i < data->n * data->dimension; i++)
        if (!isfinite(data->points[i]))
            return cf_fail(err, CF_EINPUT, "data: row %zu: coordinate %zu = %g: must be finite",
                           i / data->dimension + 1, i % data->dimension + 1, data->points[i]);
    return CF_OK;
}

static cf_status count_clusters(cf_data *data, cf_err *err)
{
    data->clusters = 0;
    for (size_t i = 0; i < data->n && data->labels != NULL; i++) {
        if (data->labels[i] < 0)
            return cf_fail(err, CF_EINPUT, "data: row %zu: label = %d: must be at least 0", i + 1,
                           data->labels[i]);
        if ((size_t)data->labels[i] >= data->clusters)
            data->clusters = (size_t)data->labels[i] + 1;
    }
    return CF_OK;
}

/* Weights whose sum is 1 to rounding keep their bits, so that data written and read again are the
 * same data. Division by the largest comes first because the sum of huge weights overflows. */
static cf_status normalize_weights(cf_data *data, cf_err *err)
{
    double *m = data->weights, largest = 0, sum = 0, scaled = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (!isfinite(m[i]) || m[i] <= 0)
            return cf_fail(err, CF_EINPUT,
                           "data: row %zu: weight = %g: must be finite and positive", i + 1, m[i]);
        largest = fmax(largest, m[i]);
        sum += m[i];
    }
    if (fabs(sum - 1) <= (double)data->n * DBL_EPSILON)
        return CF_OK;
    for (size_t i = 0; i < data->n; i++)
        scaled += m[i] / largest;
    for (size_t i = 0; i < data->n; i++) {
        double mass = m[i] / largest / scaled;
        if (mass < DBL_MIN)
            return cf_fail(err, CF_EINPUT,
                           "data: row %zu: weight = %g: vanishes beside the largest, %g", i + 1,
                           m[i], largest);
        m[i] = mass;
    }
    return CF_OK;
}

cf_status cf_data_finish(cf_data *data, cf_err *err)
{
    cf_status status = check_points(data, err);
    if (status == CF_OK)
        status = count_clusters(data, err);
    return status == CF_OK ? normalize_weights(data, err) : status;
}
