/* The rows of the table of augmentations. */
#ifndef CONTRAFLOW_MODELS_AUGMENTATION_INTERNAL_H
#define CONTRAFLOW_MODELS_AUGMENTATION_INTERNAL_H

#include "contraflow/models/augmentation.h"

extern const cf_augmentation cf_augmentation_gaussian;
extern const cf_augmentation cf_augmentation_ball;
extern const cf_augmentation cf_augmentation_shift;
extern const cf_augmentation cf_augmentation_rotation;
extern const cf_augmentation cf_augmentation_scaling;

#endif
