/* The recursion E11 on the pairs of one point with others, in the chords of E84: loops that are
 * compiled once per instruction set, with the same bits on all of them. Private to models/. */
#ifndef CF_MODELS_GAUSSIAN_KERNELS_H
#define CF_MODELS_GAUSSIAN_KERNELS_H

#include "contraflow/models/activation.h"
#include "contraflow/solver/simd.h"

/* Unit vectors that are split between features and bias, (f e, g): of one point and of others. */
typedef struct {
    double fx, gx;
    const double *fy, *gy;
} cf_feature_pairs;

typedef struct {
    /* apart += (x - y)^2, along += (x + y)^2. */
    void (*add_coordinate)(double x, const double *y, size_t count, cf_chords chords);
    /* Chords of (f e, g) from those of e. */
    void (*add_bias)(const cf_feature_pairs *pairs, size_t count, cf_chords chords);
    /* sqrt(qx qy) cos t. */
    void (*product)(const cf_gaussian_pairs *pairs, double *value);
    /* E[phi phi] and E[phi' phi']; of phi(u) = A u + B |u| from A^2 and B^2, with the chords of
     * phi(u), phi(v) unless `mapped` is NULL; of erf and of u Phi(u). */
    void (*homogeneous)(const cf_gaussian_pairs *pairs, double odd, double even, double *value,
                        double *derivative, const cf_chords *mapped);
    void (*erf)(const cf_gaussian_pairs *pairs, double *value, double *derivative);
    void (*gelu)(const cf_gaussian_pairs *pairs, double *value, double *derivative);
    /* Chords of vectors with product `value` and norms 1/ix, 1/iy[j]; a norm of zero, 1/0 = 0, is
     * at a right angle to everything. */
    void (*chords)(const double *value, double ix, const double *iy, size_t count,
                   cf_chords chords);
    /* tangent = a value + b + a derivative tangent, then value = a value + b. */
    void (*raise)(double a, double b, const double *derivative, size_t count, double *value,
                  double *tangent);
} cf_gaussian_kernels;

/* Of what `simd` stands for. */
const cf_gaussian_kernels *cf_gaussian_kernels_get(cf_simd simd);

extern const cf_gaussian_kernels cf_gaussian_kernels_portable;
#ifdef CF_HAVE_X86
extern const cf_gaussian_kernels cf_gaussian_kernels_avx2;
extern const cf_gaussian_kernels cf_gaussian_kernels_avx512;
#endif

#endif
