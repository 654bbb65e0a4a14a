#include "contraflow/models/augmentation.h"

#include <string.h>

#include "augmentation_internal.h"

static const cf_augmentation *const rows[] = {&cf_augmentation_gaussian, &cf_augmentation_ball,
                                              &cf_augmentation_shift,    &cf_augmentation_rotation,
                                              &cf_augmentation_scaling,  NULL};

const cf_augmentation *const *cf_augmentations(void)
{
    return rows;
}

cf_status cf_augmentation_check(const cf_augmentation *row, const cf_augmentation_options *options,
                                size_t dimension, cf_err *err)
{
    if (dimension < row->smallest_dimension)
        return cf_fail(err, CF_EINPUT,
                       "augmentation.kind = %s: needs data of dimension %zu or more",
                       row->kind.name, row->smallest_dimension);
    if (row == &cf_augmentation_shift && options->direction.count != dimension)
        return cf_fail(err, CF_EINPUT,
                       "augmentation.direction has %zu numbers: must have %zu, the dimension of "
                       "the data",
                       options->direction.count, dimension);
    return CF_OK;
}

void cf_augmentation_view(const cf_augmentation *row, const cf_augmentation_options *options,
                          const cf_data *data, size_t i, uint64_t view, double *out)
{
    const cf_view_random random = {(uint64_t)options->seed, view << 32 | i};
    row->apply(options, random, data->points + i * data->dimension, data->dimension, out);
}

cf_status cf_views_create(const cf_augmentation *row, const cf_augmentation_options *options,
                          const cf_data *data, cf_data **out, cf_err *err)
{
    *out = NULL;
    size_t dimension = data->dimension, views = row == NULL ? 1 : (size_t)options->views;
    cf_status status = row == NULL ? CF_OK : cf_augmentation_check(row, options, dimension, err);
    if (status == CF_OK)
        status = cf_data_create(data->n * views, dimension, data->labels != NULL, out, err);
    if (status != CF_OK)
        return status;
    (*out)->clusters = data->clusters;
    for (size_t k = 0; k < data->n * views; k++) {
        size_t i = k / views;
        double *view = (*out)->points + k * dimension;
        if (row == NULL)
            memcpy(view, data->points + i * dimension, dimension * sizeof *view);
        else
            cf_augmentation_view(row, options, data, i, k % views, view);
        (*out)->weights[k] = data->weights[i] / (double)views;
        if (data->labels != NULL)
            (*out)->labels[k] = data->labels[i];
    }
    return CF_OK;
}
