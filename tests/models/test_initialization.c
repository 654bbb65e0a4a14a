/* The law of the parameters at the start: N(0,1) in the NTK and mean-field parametrizations, and in
 * the standard one uniform on +-1/sqrt(fan-in), weights and biases alike, as deep-learning
 * libraries start a dense layer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "contraflow/models/network.h"
#include "contraflow/solver/memory.h"

enum { INPUTS = 3, OUTPUTS = 2, LAYERS = 3 };
static const size_t WIDTHS[LAYERS + 1] = {INPUTS, 300, 500, OUTPUTS};

/* Moments 1..4 of x in units of `scale`, and the largest |x|. */
typedef struct {
    double moment[5], largest;
} law;

static law law_of(const double *x, size_t count, double scale)
{
    law l = {0};
    for (size_t k = 0; k < count; k++) {
        for (int p = 1; p <= 4; p++)
            l.moment[p] += pow(x[k] / scale, p) / (double)count;
        l.largest = worse(l.largest, fabs(x[k]) / scale);
    }
    return l;
}

/* Five standard deviations of the means of x, x^2, x^3, x^4 over `count` entries. */
static void check_law(const double *x, size_t count, size_t fan_in, bool uniform, const char *name)
{
    static const double normal[5] = {1, 0, 1, 0, 3}, normal_spread[5] = {0, 1, 2, 15, 96};
    static const double flat[5] = {1, 0, 1 / 3.0, 0, 1 / 5.0};
    static const double flat_spread[5] = {0, 1 / 3.0, 4 / 45.0, 1 / 7.0, 16 / 225.0};
    law l = law_of(x, count, uniform ? 1 / sqrt((double)fan_in) : 1);
    double worst = 0;
    for (int p = 1; p <= 4; p++) {
        double sd = sqrt((uniform ? flat_spread : normal_spread)[p] / (double)count);
        worst = worse(worst, fabs(l.moment[p] - (uniform ? flat : normal)[p]) / sd);
    }
    check_below(worst, 5, "%s: four moments, in standard deviations", name);
    check(uniform ? l.largest < 1 : l.largest > 1, "%s: %s", name,
          uniform ? "within 1/sqrt(fan-in)" : "beyond 1");
}

static double correlation(const double *x, const double *y, size_t count)
{
    double xy = 0, xx = 0, yy = 0;
    for (size_t k = 0; k < count; k++) {
        xy += x[k] * y[k];
        xx += x[k] * x[k];
        yy += y[k] * y[k];
    }
    return xy / sqrt(xx * yy) * sqrt((double)count);
}

static cf_network *open_network(cf_parametrization parametrization, size_t hidden)
{
    static double widths[2] = {300, 500};
    const cf_network_options options = {.hidden_layers = (long)hidden,
                                        .widths = {widths, 1, hidden},
                                        .weight_variance = 2,
                                        .bias_variance = 0.1,
                                        .parametrization = (int)parametrization,
                                        .biases = true};
    cf_err err = {0};
    cf_network *network = NULL;
    require(cf_network_create(&options, 0, INPUTS, OUTPUTS, &network, &err), &err, "network");
    return network;
}

static double *start_of(const cf_network *network, uint64_t seed)
{
    cf_err err = {0};
    double *theta = cf_allocate("theta", cf_network_parameters(network), sizeof *theta, &err);
    cf_network_initialize(network, seed, theta);
    return theta;
}

static void test_layers(cf_parametrization parametrization, const char *name)
{
    static const char *const parts[] = {"first", "second", "third"};
    cf_network *network = open_network(parametrization, 2);
    double *theta = start_of(network, 1);
    size_t place = 0;
    bool uniform = parametrization == CF_PARAMETRIZATION_STANDARD;
    for (size_t l = 0; l < LAYERS; l++) {
        char text[64];
        size_t weights = WIDTHS[l] * WIDTHS[l + 1], biases = WIDTHS[l + 1];
        snprintf(text, sizeof text, "%s, weights of the %s layer", name, parts[l]);
        check_law(theta + place, weights, WIDTHS[l], uniform, text);
        place += weights;
        snprintf(text, sizeof text, "%s, biases of the %s layer", name, parts[l]);
        if (l < 2)
            check_law(theta + place, biases, WIDTHS[l], uniform, text);
        else if (uniform)
            check(fabs(theta[place]) < 1 / sqrt(500.0) && fabs(theta[place + 1]) < 1 / sqrt(500.0),
                  "%s: within 1/sqrt(fan-in)", text);
        place += biases;
    }
    check(place == cf_network_parameters(network), "%s: that is all of them", name);
    const double *second = theta + 300 * INPUTS + 300;
    check_below(fabs(correlation(theta, second, 300 * INPUTS)), 5, "%s: layers are independent",
                name);
    check_below(fabs(correlation(theta, theta + 300 * INPUTS, 300)), 5,
                "%s: and so are weights and biases", name);
    double *other = start_of(network, 2), *again = start_of(network, 1);
    check_below(fabs(correlation(theta, other, place)), 5, "%s: and seeds", name);
    check(memcmp(theta, again, place * sizeof *theta) == 0, "%s: a seed draws the same again",
          name);
    free(theta);
    free(other);
    free(again);
    cf_network_free(&network);
}

/* a and w and b of the mean-field network; no output bias. */
static void test_mean_field(void)
{
    cf_network *network = open_network(CF_PARAMETRIZATION_MEAN_FIELD, 1);
    double *theta = start_of(network, 1);
    size_t count = 300 * (INPUTS + 1 + OUTPUTS);
    check(cf_network_parameters(network) == count, "a mean-field network has no output bias");
    check_law(theta, count, 1, false, "mean-field");
    free(theta);
    cf_network_free(&network);
}

int main(void)
{
    test_layers(CF_PARAMETRIZATION_NTK, "ntk");
    test_layers(CF_PARAMETRIZATION_STANDARD, "standard");
    test_mean_field();
    return check_done();
}
