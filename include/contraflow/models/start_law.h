/* The law of the start of a point, as a density on the latent space: what flows on densities start
 * from (E10). */
#ifndef CONTRAFLOW_MODELS_START_LAW_H
#define CONTRAFLOW_MODELS_START_LAW_H

#include "contraflow/models/data.h"
#include "contraflow/models/latent.h"
#include "contraflow/solver/error.h"

typedef struct cf_start_law {
    /* rho [n]: the density of cluster q at latent points z [n*d], with respect to arc length,
     * surface or volume. */
    void (*density)(const struct cf_start_law *law, size_t d, size_t q, const double *z, size_t n,
                    double *rho);
    bool axial;      /* invariant under rotations about e_1 */
    bool by_cluster; /* another density for every cluster */
    double width;    /* length on which it changes */
    double reach;    /* in R^d, per coordinate: there is no mass to speak of farther from 0 */

    double spread; /* near-point; of points, the width of the kernel that stands for each */
    /* perturbed: the density 1 + sum_k amplitude_k H_k over the surface, H_k = cos(k angle) or
     * P_k(z . e_1), k = degrees_k */
    const long *degrees;
    const double *amplitudes;
    size_t modes;
    /* of points */
    const cf_data *data;
    const double *z; /* [data->n * d] */
    double peak;     /* of the kernel */
    /* given: values at the nodes of the grid, one column for all clusters or one for each */
    const double *values; /* [rows*columns] */
    size_t rows, columns;
} cf_start_law;

/* z of h = e_1 + spread N(0, I) on the circle or S^2 (projected normal law), spread N(0, I) in R^d.
 * CF_EINPUT where the spread is 0, which has no density. */
cf_status cf_law_near_point(const cf_latent *latent, double spread, cf_start_law *out, cf_err *err);

/* Uniform on the sphere, N(0, I) in R^d. Also the law at every data point of a `network` start on
 * the sphere, which is a centered normal one. */
cf_start_law cf_law_random(const cf_latent *latent);

/* Arrays are borrowed and kept. CF_EINPUT where the density would be negative. */
cf_status cf_law_perturbed(const cf_latent *latent, const long *degrees, const double *amplitudes,
                           size_t modes, cf_start_law *out, cf_err *err);

/* Of a perturbed law: the angle from e_1 (circle) or its cosine (S^2) within which that mass lies.
 */
double cf_law_perturbed_quantile(const cf_start_law *law, size_t d, double mass);

/* The kernel estimate from labelled points: each of them counts as a von Mises-Fisher law (normal
 * in R^d) of that width; width 0 takes Silverman's rule. Arrays are borrowed and kept. */
cf_start_law cf_law_points(const cf_latent *latent, const cf_data *data, const double *z,
                           double width);

/* The array is borrowed and kept. */
cf_start_law cf_law_given(const double *values, size_t rows, size_t columns);

#endif
