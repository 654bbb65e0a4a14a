/* The laws of E65: log f and log P(W > u) with two derivatives. */
#include <math.h>
#include <string.h>

#include "contraflow/solver/lifetime.h"
#include "contraflow/solver/statistics.h"

static const double HALF_LOG_TWO_PI = 0.91893853320467274178;

/* The logarithm of a Weibull time: P(W > u) = exp(-e^u). */
static void minimum_density(double u, double g[3])
{
    double hazard = exp(u);
    g[0] = u - hazard;
    g[1] = 1 - hazard;
    g[2] = -hazard;
}

static void minimum_tail(double u, double g[3])
{
    g[0] = g[1] = g[2] = -exp(u);
}

static double minimum_quantile(double p)
{
    return log(-log1p(-p));
}

static void normal_density(double u, double g[3])
{
    g[0] = -u * u / 2 - HALF_LOG_TWO_PI;
    g[1] = -u;
    g[2] = -1;
}

/* phi(u)/P(W > u) - u for large u, by its continued fraction 1/(u + 2/(u + 3/(u + ...))). */
static double hazard_excess(double u)
{
    enum { TERMS = 60 };
    double rest = u;
    for (int k = TERMS; k > 1; k--)
        rest = u + k / rest;
    return 1 / rest;
}

/* The derivative of log P(W > u) is minus the hazard, that of the hazard is hazard (hazard - u). */
static void normal_tail(double u, double g[3])
{
    static const double LARGE = 5;
    double log_density = -u * u / 2 - HALF_LOG_TWO_PI, below = erfc(-u / sqrt(2)) / 2, excess;
    if (u > LARGE) {
        excess = hazard_excess(u);
        g[0] = log_density - log(u + excess);
    } else {
        double tail = u > 0 ? erfc(u / sqrt(2)) / 2 : 1 - below;
        excess = exp(log_density) / tail - u;
        g[0] = u > 0 ? log(tail) : log1p(-below);
    }
    g[1] = -(u + excess);
    g[2] = -(u + excess) * excess;
}

static const cf_lifetime_law exponential = {"exponential",   "a constant hazard", true,
                                            minimum_density, minimum_tail,        minimum_quantile};
static const cf_lifetime_law weibull = {"weibull",    "a hazard that is a power of time",
                                        false,        minimum_density,
                                        minimum_tail, minimum_quantile};
static const cf_lifetime_law log_normal = {
    "log-normal", "a normal logarithm", false, normal_density, normal_tail, cf_normal_quantile};

const cf_lifetime_law *const *cf_lifetime_laws(void)
{
    static const cf_lifetime_law *const laws[] = {&exponential, &weibull, &log_normal, NULL};
    return laws;
}

const cf_lifetime_law *cf_lifetime_law_find(const char *name)
{
    const cf_lifetime_law *const *law = cf_lifetime_laws();
    while (*law != NULL && strcmp((*law)->name, name) != 0)
        law++;
    return *law;
}
