/* Configurations over a range of temperatures: their loss, stability as wholes and stability of
 * clusters at their vertices, and where that changes (E90 to E94). */
#ifndef CONTRAFLOW_RUN_SCAN_H
#define CONTRAFLOW_RUN_SCAN_H

#include "contraflow/models/configuration.h"
#include "contraflow/models/loss.h"
#include "contraflow/solver/error.h"

/* A configuration as it is named: KIND[-SIZE][,in=D][,masses=M1:M2:...], "polygon-6,in=3" say: on
 * an equator of the sphere in R^3. */
typedef struct {
    char *name;
    cf_configuration *points;
} cf_scan_configuration;

/* One configuration at one tau. */
typedef struct {
    double tau;
    double loss, uniform; /* L, and that of the uniform measure on the sphere */
    double residual;      /* largest |P grad phi| (C3) */
    double spacing;       /* least squared distance of two vertices */
    size_t unstable, neutral;
    double lowest; /* eigenvalue, E90 */
    /* Of the Hessian of phi at vertices (E92); not defined for nt-xent. */
    double split[2];    /* least eigenvalue of a vertex: where it is least, where it is largest */
    double split_bound; /* of their rounding */
    size_t parting;     /* vertices at which it is negative */
    size_t undecided;   /* and at which rounding leaves that open */
    size_t count;       /* eigenvalues */
    double *values;     /* [count] */
} cf_scan_state;

typedef enum { CF_CHANGE_WHOLE, CF_CHANGE_SPLIT } cf_scan_change;

/* Where the number of unstable modes, or of vertices at which clusters part, changes. */
typedef struct {
    size_t configuration;
    cf_scan_change change;
    double tau;
    size_t below, above; /* that number */
} cf_scan_threshold;

typedef struct {
    cf_loss_parameters loss;               /* at every tau */
    cf_scan_configuration *configurations; /* [count] */
    size_t count;
    size_t tau_count;
    cf_scan_state *states; /* [count*tau_count] */
    cf_scan_threshold *thresholds;
    size_t threshold_count;
} cf_scan;

/* `names` [count] may be ranges, "polygon-2..12"; taus [tau_count] ascend. Thresholds are found
 * between neighboring taus to 1e-10, relative, where no mode at either is neutral. CF_EINPUT for
 * what is no configuration, or stationary at no tau. */
cf_status cf_scan_create(const cf_loss_parameters *loss, const char *const *names, size_t count,
                         const double *taus, size_t tau_count, cf_scan **out, cf_err *err);
void cf_scan_free(cf_scan **scan);

#endif
