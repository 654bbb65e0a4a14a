/* C6: the loss of the regular K-gon, its plateau, and where it begins (E100, E101). */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "claim.h"
#include "contraflow/solver/bessel.h"
#include "contraflow/solver/memory.h"

typedef struct {
    cf_reals tau;
    cf_integers psi, clusters;
    double epsilon;
} polygons;

static const cf_option OPTIONS[] = {
    {.key = "tau",
     .type = CF_OPTION_REALS,
     .offset = offsetof(polygons, tau),
     .fallback = "[0.01, 0.02, 0.05, 0.1, 0.2, 0.5]",
     .min = 0.001,
     .max = 1,
     .doc = "Temperatures."},
    {.key = "psi",
     .type = CF_OPTION_CHOICES,
     .offset = offsetof(polygons, psi),
     .fallback = "[log1p, log, identity]",
     .choices = cf_psi_names,
     .doc = "Psi of the loss."},
    {.key = "clusters",
     .type = CF_OPTION_INTEGERS,
     .offset = offsetof(polygons, clusters),
     .fallback = "[1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32]",
     .min = 1,
     .max = 5000,
     .doc = "Numbers of vertices K."},
    {.key = "epsilon",
     .type = CF_OPTION_REAL,
     .offset = offsetof(polygons, epsilon),
     .fallback = "0.01",
     .min = 1e-9,
     .max = 0.05,
     .doc = "The excess L(K) - L(inf) of Psi = log at which the plateau is said to begin."}};

static const double PI = 3.14159265358979323846;
static const double ROUNDING = 1e-13; /* of losses of size 1, whose sums are exact to 6e-15 */
enum { LOG = 1 /* among the rows of Psi */ };

/* L of K equal masses at equal angles; vertex 0 is moved by `shift` of the distance of two. */
static cf_status polygon_loss(long psi, double tau, size_t K, double shift, double *value,
                              cf_err *err)
{
    const cf_loss_parameters loss = cf_claim_loss_of(psi, tau, true);
    double *z = cf_allocate("polygon", 2 * K, sizeof *z, err);
    if (z == NULL)
        return CF_ESYSTEM;
    for (size_t i = 0; i < K; i++) {
        double angle = 2 * PI * ((double)i + (i == 0 ? shift : 0)) / (double)K;
        z[2 * i] = cos(angle);
        z[2 * i + 1] = sin(angle);
    }
    cf_status status = cf_claim_loss(&loss, z, NULL, K, 2, value, err);
    free(z);
    return status;
}

/* sum_{j>=1} I_{jK}(1/tau) / I_0(1/tau): terms below e^-40 of the first order are left out. */
static cf_status aliases(double tau, size_t K, double *sum, cf_err *err)
{
    size_t count = 64 + K + (size_t)sqrt(80 / tau);
    double *bessel = cf_allocate("Bessel functions", count, sizeof *bessel, err);
    if (bessel == NULL)
        return CF_ESYSTEM;
    cf_bessel_scaled(1 / tau, count, bessel);
    *sum = 0;
    for (size_t k = (count - 1) / K * K; k > 0; k -= K)
        *sum += bessel[k] / bessel[0];
    free(bessel);
    return CF_OK;
}

/* E100: L(inf), and L(K) - L(inf). */
static cf_status exact(long psi, double tau, size_t K, double *plateau, double *excess, cf_err *err)
{
    double c0, sum, at[3], above[3];
    cf_status status = cf_claim_multipliers(tau, 2, 1, &c0, err);
    if (status == CF_OK)
        status = aliases(tau, K, &sum, err);
    if (status != CF_OK)
        return status;
    cf_claim_psi(psi, c0, at);
    cf_claim_psi(psi, c0 * (1 + 2 * sum), above);
    *plateau = at[0];
    *excess = psi == LOG ? log1p(2 * sum) : above[0] - at[0];
    return CF_OK;
}

/* How far L(K) - L(inf) is from E100. */
static cf_status error_of(long psi, double tau, size_t K, double shift, double *error, cf_err *err)
{
    double plateau, excess, loss;
    cf_status status = exact(psi, tau, K, &plateau, &excess, err);
    if (status == CF_OK)
        status = polygon_loss(psi, tau, K, shift, &loss, err);
    if (status == CF_OK)
        *error = fabs(loss - plateau - excess);
    return status;
}

static cf_status check_formula(const polygons *p, double tau, long psi, cf_claim_log *log,
                               cf_err *err)
{
    double worst = 0, error;
    for (size_t k = 0; k < p->clusters.count; k++) {
        cf_status status = error_of(psi, tau, (size_t)p->clusters.values[k], 0, &error, err);
        if (status != CF_OK)
            return status;
        worst = error <= worst ? worst : error;
    }
    const cf_finding finding = {"largest error of L(K) - L(inf) by the sum of Bessel functions",
                                CF_RULE_EQUAL,
                                0,
                                worst,
                                ROUNDING,
                                false};
    return cf_claim_find(log, &finding, err, "tau %g, psi %s, K %ld..%ld", tau, cf_psi_names[psi],
                         p->clusters.values[0], p->clusters.values[p->clusters.count - 1]);
}

/* Up to the K of which 2 I_K/I_0 is below rounding. */
static cf_status check_plateau(double tau, long psi, cf_claim_log *log, cf_err *err)
{
    double plateau = NAN, excess = INFINITY, loss = NAN, before, rise = -INFINITY;
    size_t K = 1;
    cf_status status = polygon_loss(psi, tau, 1, 0, &before, err);
    for (; excess > 0.1 * ROUNDING && status == CF_OK; before = loss) {
        status = polygon_loss(psi, tau, ++K, 0, &loss, err);
        if (status == CF_OK)
            status = exact(psi, tau, K, &plateau, &excess, err);
        rise = loss - before <= rise ? rise : loss - before;
    }
    if (status != CF_OK)
        return status;
    const cf_finding falls = {
        "largest rise of L from K to K + 1", CF_RULE_AT_MOST, ROUNDING, rise, 0, false};
    const cf_finding ends = {"L at the last K", CF_RULE_EQUAL, plateau, loss, ROUNDING, false};
    status = cf_claim_find(log, &falls, err, "tau %g, psi %s, K 1..%zu", tau, cf_psi_names[psi], K);
    return status == CF_OK
               ? cf_claim_find(log, &ends, err, "tau %g, psi %s, K %zu", tau, cf_psi_names[psi], K)
               : status;
}

/* The hypothesis broken: a vertex a fifth of the way to the next one. */
static cf_status check_irregular(double tau, long psi, cf_claim_log *log, cf_err *err)
{
    size_t K = (size_t)fmax(3, round(2 / sqrt(tau)));
    cf_finding finding = {
        "error of the formula, one vertex displaced", CF_RULE_EQUAL, 0, 0, ROUNDING, true};
    cf_status status = error_of(psi, tau, K, 0.2, &finding.measured, err);
    return status == CF_OK ? cf_claim_find(log, &finding, err, "tau %g, psi %s, K %zu", tau,
                                           cf_psi_names[psi], K)
                           : status;
}

/* --- the beginning of the plateau --- */

/* The squared distance of neighbours at which the excess is epsilon; its logarithm is nearly linear
 * in K^2, and so it is interpolated. */
static cf_status threshold_of(double tau, double epsilon, double *square, cf_err *err)
{
    double c0, loss, before = NAN, excess = INFINITY;
    cf_status status = cf_claim_multipliers(tau, 2, 1, &c0, err);
    double K = 0;
    while (excess > epsilon && status == CF_OK) {
        before = excess;
        status = polygon_loss(LOG, tau, (size_t)(K += 1), 0, &loss, err);
        excess = loss - log(c0);
    }
    double part = log(before / epsilon) / log(before / excess);
    double side = 2 * sin(PI / sqrt((K - 1) * (K - 1) + part * (2 * K - 1)));
    *square = side * side;
    return status;
}

/* E101. */
typedef struct {
    double slope, correction, alias;
} threshold_law;

static threshold_law law_of(double epsilon)
{
    double Lambda = log(2 / expm1(epsilon));
    return (threshold_law){2 * PI * PI / Lambda, Lambda / 6 - 0.5 + PI * PI / (6 * Lambda),
                           2 * exp(-3 * Lambda) / Lambda};
}

/* The relative deviation from linearity is at most that of its first order, and a tenth more. */
static double bound_of(const threshold_law *law, double tau)
{
    return 1.1 * law->correction * tau + law->alias;
}

static cf_status check_slope(const polygons *p, const double *square, cf_claim_log *log,
                             cf_err *err)
{
    const threshold_law law = law_of(p->epsilon);
    double n = (double)p->tau.count, tau = 0, value = 0, largest = 0, above = 0, below = 0;
    for (size_t k = 0; k < p->tau.count; k++) {
        tau += p->tau.values[k] / n;
        value += square[k] / n;
        largest = fmax(largest, p->tau.values[k]);
    }
    for (size_t k = 0; k < p->tau.count; k++) {
        above += (p->tau.values[k] - tau) * (square[k] - value);
        below += (p->tau.values[k] - tau) * (p->tau.values[k] - tau);
    }
    if (below == 0)
        return CF_OK;
    const cf_finding finding = {"slope of the fitted line, threshold against tau",
                                CF_RULE_RELATIVE,
                                law.slope,
                                above / below,
                                2 * bound_of(&law, largest),
                                false};
    return cf_claim_find(log, &finding, err, "epsilon %g, tau up to %g", p->epsilon, largest);
}

static cf_status check_thresholds(const polygons *p, cf_claim_log *log, cf_err *err)
{
    const threshold_law law = law_of(p->epsilon);
    double *square = cf_allocate("thresholds", p->tau.count, sizeof *square, err);
    cf_status status = square == NULL ? CF_ESYSTEM : CF_OK;
    for (size_t k = 0; k < p->tau.count && status == CF_OK; k++) {
        double tau = p->tau.values[k];
        cf_finding finding = {"squared distance of neighbours where the excess is epsilon",
                              CF_RULE_RELATIVE,
                              law.slope * tau,
                              NAN,
                              bound_of(&law, tau),
                              false};
        status = threshold_of(tau, p->epsilon, &square[k], err);
        finding.measured = square[k];
        if (status == CF_OK)
            status = cf_claim_find(log, &finding, err, "tau %g, epsilon %g", tau, p->epsilon);
    }
    if (status == CF_OK)
        status = check_slope(p, square, log, err);
    free(square);
    return status;
}

/* --- figure --- */

/* The excess of Psi = log against K: measured, as far as rounding allows, and predicted. */
static cf_status draw(double tau, cf_claim_log *log, cf_err *err)
{
    enum { MOST = 40 };
    double K[MOST], measured[MOST], predicted[MOST], plateau = NAN, loss = NAN;
    size_t count = 0;
    cf_status status = CF_OK;
    while (count < MOST && status == CF_OK) {
        K[count] = (double)count + 1;
        status = exact(LOG, tau, count + 1, &plateau, &predicted[count], err);
        if (status == CF_OK)
            status = polygon_loss(LOG, tau, count + 1, 0, &loss, err);
        measured[count] = loss - plateau;
        if (status != CF_OK || predicted[count] < 100 * DBL_EPSILON)
            break;
        count++;
    }
    cf_claim_curve points = {"", false, K, measured, count}, line = {"", true, K, predicted, count};
    snprintf(points.label, sizeof points.label, "tau %g", tau);
    snprintf(line.label, sizeof line.label, "tau %g", tau);
    if (status == CF_OK)
        status = cf_claim_draw(log, &points, err);
    return status == CF_OK ? cf_claim_draw(log, &line, err) : status;
}

static cf_status check(const void *options, cf_claim_log *log, cf_err *err)
{
    const polygons *p = options;
    cf_status status = CF_OK;
    for (size_t t = 0; t < p->tau.count && status == CF_OK; t++) {
        double tau = p->tau.values[t];
        for (size_t k = 0; k < p->psi.count && status == CF_OK; k++) {
            long psi = p->psi.values[k];
            status = check_formula(p, tau, psi, log, err);
            if (status == CF_OK)
                status = check_plateau(tau, psi, log, err);
            if (status == CF_OK)
                status = check_irregular(tau, psi, log, err);
        }
        if (status == CF_OK)
            status = draw(tau, log, err);
    }
    return status == CF_OK ? check_thresholds(p, log, err) : status;
}

const cf_claim cf_claim_polygons = {
    .kind = {"C6",
             "The loss of K equal masses on a regular polygon exceeds that of the uniform measure "
             "by log(1 + 2 sum_j I_jK(1/tau)/I_0(1/tau)) for Psi = log: it falls with K to a "
             "plateau, which begins at a squared distance of neighbours linear in tau.",
             OPTIONS, sizeof OPTIONS / sizeof *OPTIONS, sizeof(polygons)},
    .title = "loss against the number of clusters",
    .source = "Figure 3; E100, E101",
    .hypothesis = "equal masses at equal angles, exponential profile",
    .control = "one vertex is displaced by a fifth of the spacing",
    .quick = "{tau: [0.05, 0.1]}",
    .full = "{tau: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]}",
    .seconds = {1, 1, 30},
    .figure = {"number of clusters K", "L(K) - L(inf)",
               "Excess loss of the regular K-gon, Psi = log: points are measured, lines are E100.",
               false, true},
    .check = check};
