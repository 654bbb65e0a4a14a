/* C5 for any profile and dimension: G = c_0 is a mean over the polar angle, by Gauss rules on
 * intervals that grow from the width of the profile on. */
#include <math.h>

#include "contraflow/models/stationary.h"

enum { ORDER = 24 };

static const double PI = 3.14159265358979323846;
static const double GROWTH = 1.5;

/* Adds the integrals of sin^(d-2) and of eta sin^(d-2) over [from, to]. */
static void add_interval(const cf_profile *profile, const cf_rule *rule, size_t d,
                         const double ends[2], double sums[2])
{
    double s[ORDER], eta[ORDER], area[ORDER];
    for (size_t k = 0; k < rule->n; k++) {
        double angle = ends[0] + (ends[1] - ends[0]) * rule->points[k], half = sin(angle / 2);
        s[k] = 2 * half * half;
        area[k] = (ends[1] - ends[0]) * rule->weights[k] * pow(sin(angle), (double)d - 2);
    }
    cf_profile_values(profile, s, rule->n, eta);
    for (size_t k = 0; k < rule->n; k++) {
        sums[0] += area[k];
        sums[1] += area[k] * eta[k];
    }
}

cf_status cf_uniform_loss(const cf_loss_parameters *loss, size_t d, double *out, cf_err *err)
{
    cf_rule *rule = NULL;
    double sums[2] = {0, 0}, ends[2] = {0, 0.5 * sqrt(loss->eta.tau)}, slope, curvature;
    *out = NAN;
    cf_status status = cf_rule_interval(ORDER, &rule, err);
    if (status != CF_OK || loss->psi == &cf_psi_nt_xent) {
        cf_rule_free(&rule);
        return status;
    }
    for (ends[1] = fmin(ends[1], PI / 8); ends[0] < PI; ends[1] = fmin(GROWTH * ends[1], PI)) {
        add_interval(&loss->eta, rule, d, ends, sums);
        ends[0] = ends[1];
    }
    cf_rule_free(&rule);
    double G = sums[1] / sums[0];
    loss->psi->evaluate(&G, 1, 1, out, &slope, &curvature);
    return CF_OK;
}
