/* Augmented views of data points (theory 1, 2): x_iv is a random change of x_i. */
#ifndef CONTRAFLOW_MODELS_AUGMENTATION_H
#define CONTRAFLOW_MODELS_AUGMENTATION_H

#include <stdint.h>

#include "contraflow/models/data.h"
#include "contraflow/solver/error.h"
#include "contraflow/solver/option.h"

/* Options of every row but `none`. */
typedef struct {
    double size;
    cf_reals direction; /* shift only: [D] */
    long views;         /* V of the flows */
    long seed;
} cf_augmentation_options;

/* The random numbers of one view of one point: a component serves one number. */
typedef struct {
    uint64_t seed, index;
} cf_view_random;

/* One row per augmentation: gaussian, ball, shift, rotation, scaling. Size 0 changes nothing, to
 * the last bit. */
typedef struct {
    cf_kind kind;
    size_t smallest_dimension; /* D that it needs */
    /* view [D] = a random change of x [D]; they do not overlap. */
    void (*apply)(const cf_augmentation_options *options, cf_view_random random, const double *x,
                  size_t dimension, double *view);
} cf_augmentation;

/* NULL-terminated table. */
const cf_augmentation *const *cf_augmentations(void);

/* CF_EINPUT where the options do not fit points of that dimension. */
cf_status cf_augmentation_check(const cf_augmentation *row, const cf_augmentation_options *options,
                                size_t dimension, cf_err *err);

/* View number `view` of sample i: the same in every run and for any number of views. Flows use the
 * views 0..V-1, discrete training fresh ones from V on; view < 2^32. */
void cf_augmentation_view(const cf_augmentation *row, const cf_augmentation_options *options,
                          const cf_data *data, size_t i, uint64_t view, double *out);

/* All V views of all points: row i*V + v, mass m_i/V, the label of the point. A NULL row, without
 * augmentation, copies the data. */
cf_status cf_views_create(const cf_augmentation *row, const cf_augmentation_options *options,
                          const cf_data *data, cf_data **out, cf_err *err);

#endif
