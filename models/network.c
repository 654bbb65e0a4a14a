/* Architecture and initialization of finite networks. */
#include "contraflow/models/network.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "network_internal.h"

const char *const cf_parametrization_names[] = {"ntk", "mean-field", "standard", NULL};

static const cf_option network_options[] = {
    {.key = "hidden-layers",
     .type = CF_OPTION_INTEGER,
     .offset = offsetof(cf_network_options, hidden_layers),
     .fallback = "1",
     .min = 1,
     .max = 100,
     .doc = "Number of hidden layers."},
    {.key = "widths",
     .type = CF_OPTION_TABLE,
     .offset = offsetof(cf_network_options, widths),
     .fallback = "256",
     .min = 1,
     .max = 1e6,
     .doc = "Units of a hidden layer: one number, or a list with one network for each; a network "
            "of unequal layers is a list itself: [[64, 32], [128, 64]]."},
    {.key = "activation",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_network_options, activation),
     .fallback = "relu",
     .choices = cf_activation_names,
     .doc = "Activation of the hidden layers."},
    {.key = "slope",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_network_options, slope),
     .fallback = "0.2",
     .min = -10,
     .max = 10,
     .doc = "Slope of leaky-relu for negative arguments; without effect for the others."},
    {.key = "parametrization",
     .type = CF_OPTION_CHOICE,
     .offset = offsetof(cf_network_options, parametrization),
     .fallback = "ntk",
     .choices = cf_parametrization_names,
     .doc = "How weights are scaled and drawn (theory, 5)."},
    {.key = "weight-variance",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_network_options, weight_variance),
     .fallback = "2",
     .min = 1e-6,
     .max = 1e6,
     .only = "parametrization: ntk",
     .doc = "Variance sigma_w^2 of the weights, each layer scaled by its fan-in (E11)."},
    {.key = "bias-variance",
     .type = CF_OPTION_REAL,
     .offset = offsetof(cf_network_options, bias_variance),
     .fallback = "0.1",
     .min = 0,
     .max = 1e6,
     .only = "parametrization: ntk",
     .doc = "Variance sigma_b^2 of the biases (E11); 0 leaves them out."},
    {.key = "biases",
     .type = CF_OPTION_BOOL,
     .offset = offsetof(cf_network_options, biases),
     .fallback = "true",
     .doc = "Whether layers have biases (the output of a mean-field network has none)."},
    {.key = "centered",
     .type = CF_OPTION_BOOL,
     .offset = offsetof(cf_network_options, centered),
     .fallback = "true",
     .doc = "h = start + f - f(0), so that every network begins at the start of the problem; "
            "otherwise h = f (E10)."},
};

const cf_kind cf_network_kind = {"network", "Fully connected network of finite width.",
                                 network_options, sizeof network_options / sizeof *network_options,
                                 sizeof(cf_network_options)};

cf_status cf_network_check(const cf_network_options *options, cf_err *err)
{
    const cf_matrix *widths = &options->widths;
    size_t hidden = (size_t)options->hidden_layers;
    if (widths->columns != 1 && widths->columns != hidden)
        return cf_fail(err, CF_EINPUT,
                       "widths: a network of unequal layers needs %zu widths, one for each of "
                       "hidden-layers, not %zu",
                       hidden, widths->columns);
    for (size_t k = 0; k < widths->rows * widths->columns; k++)
        if (widths->values[k] != floor(widths->values[k]) || widths->values[k] < 1)
            return cf_fail(err, CF_EINPUT, "widths = %g: must be a whole number of at least 1",
                           widths->values[k]);
    if (options->parametrization == CF_PARAMETRIZATION_MEAN_FIELD && hidden > 1)
        return cf_fail(err, CF_EINPUT,
                       "hidden-layers = %zu: a mean-field network has one hidden layer", hidden);
    return CF_OK;
}

size_t cf_network_width(const cf_network_options *options, size_t row, size_t l)
{
    const cf_matrix *widths = &options->widths;
    return (size_t)widths->values[row * widths->columns + (widths->columns > 1 ? l : 0)];
}

static void set_layer(const cf_network_options *options, bool last, cf_layer *layer)
{
    double fan_in = (double)layer->in;
    layer->s = layer->t = 1;
    layer->biased = options->biases;
    switch ((cf_parametrization)options->parametrization) {
    case CF_PARAMETRIZATION_NTK:
        layer->s = sqrt(options->weight_variance / fan_in);
        layer->t = sqrt(options->bias_variance);
        layer->biased = options->biases && layer->t > 0;
        break;
    case CF_PARAMETRIZATION_MEAN_FIELD:
        layer->s = last ? 1 / fan_in : 1;
        layer->biased = options->biases && !last;
        break;
    case CF_PARAMETRIZATION_STANDARD:
        break;
    }
}

cf_status cf_network_create(const cf_network_options *options, size_t row, size_t inputs,
                            size_t outputs, cf_network **out, cf_err *err)
{
    *out = NULL;
    cf_status status = cf_network_check(options, err);
    if (status != CF_OK)
        return status;
    size_t hidden = (size_t)options->hidden_layers, place = 0;
    cf_network *network = cf_allocate("network", 1, sizeof *network, err);
    cf_layer *layers = cf_allocate("network", hidden + 1, sizeof *layers, err);
    if (network == NULL || layers == NULL) {
        free(network);
        free(layers);
        return CF_ESYSTEM;
    }
    for (size_t l = 0; l <= hidden; l++) {
        layers[l].in = l == 0 ? inputs : layers[l - 1].out;
        layers[l].out = l == hidden ? outputs : cf_network_width(options, row, l);
        set_layer(options, l == hidden, &layers[l]);
        layers[l].weights = place;
        place += layers[l].in * layers[l].out;
        layers[l].biases = place;
        place += layers[l].biased ? layers[l].out : 0;
    }
    *network = (cf_network){.hidden = hidden,
                            .layers = layers,
                            .parameters = place,
                            .activation = cf_activations()[options->activation],
                            .slope = options->slope,
                            .parametrization = (cf_parametrization)options->parametrization,
                            .rate = options->parametrization == CF_PARAMETRIZATION_MEAN_FIELD
                                        ? (double)layers[0].out
                                        : 1};
    *out = network;
    return CF_OK;
}

void cf_network_free(cf_network **network)
{
    if (*network == NULL)
        return;
    free((*network)->layers);
    free(*network);
    *network = NULL;
}

size_t cf_network_outputs(const cf_network *network)
{
    return network->layers[network->hidden].out;
}

size_t cf_network_parameters(const cf_network *network)
{
    return network->parameters;
}

size_t cf_network_units(const cf_network *network)
{
    size_t units = 0;
    for (size_t l = 0; l < network->hidden; l++)
        units += network->layers[l].out;
    return units;
}

double cf_network_rate(const cf_network *network)
{
    return network->rate;
}

bool cf_network_smooth(const cf_network *network)
{
    return network->activation->smooth;
}

/* The place of a parameter in its layer is the index of its random number; the layer is the
 * component, even for weights and odd for biases. */
static void draw(const cf_network *network, cf_random random, uint32_t component, double bound,
                 double *values, size_t count)
{
    bool uniform = network->parametrization == CF_PARAMETRIZATION_STANDARD;
#pragma omp parallel for schedule(static)
    for (size_t k = 0; k < count; k++)
        values[k] = uniform ? bound * (2 * cf_random_uniform(random, k, component) - 1)
                            : cf_random_normal(random, k, component);
}

void cf_network_initialize(const cf_network *network, uint64_t seed, double *theta)
{
    const cf_random random = {seed, CF_STREAM_NETWORK};
    for (size_t l = 0; l <= network->hidden; l++) {
        const cf_layer *layer = &network->layers[l];
        double bound = 1 / sqrt((double)layer->in);
        draw(network, random, 2 * (uint32_t)l, bound, theta + layer->weights,
             layer->in * layer->out);
        if (layer->biased)
            draw(network, random, 2 * (uint32_t)l + 1, bound, theta + layer->biases, layer->out);
    }
}

bool cf_network_limit(const cf_network_options *options, cf_mlp *mlp)
{
    *mlp = (cf_mlp){.hidden_layers = options->hidden_layers,
                    .activation = options->activation,
                    .slope = options->slope,
                    .weight_variance = options->weight_variance,
                    .bias_variance = options->biases ? options->bias_variance : 0};
    return options->parametrization == CF_PARAMETRIZATION_NTK;
}

/* |outgoing weights|^2 and |incoming weights and bias|^2 of unit k below layer l. */
static void squares(const cf_network *network, const double *theta, size_t l, size_t k,
                    double *outgoing, double *incoming)
{
    const cf_layer *below = &network->layers[l - 1], *above = &network->layers[l];
    double bias = below->biased ? theta[below->biases + k] : 0;
    *outgoing = 0;
    *incoming = bias * bias;
    for (size_t j = 0; j < above->out; j++) {
        double w = theta[above->weights + j * above->in + k];
        *outgoing += w * w;
    }
    for (size_t j = 0; j < below->in; j++) {
        double w = theta[below->weights + k * below->in + j];
        *incoming += w * w;
    }
}

double cf_network_conserved_drift(const cf_network *network, const double *theta_0,
                                  const double *theta)
{
    double worst = 0;
    if (!network->activation->homogeneous)
        return NAN;
    for (size_t l = 1; l <= network->hidden; l++)
        for (size_t k = 0; k < network->layers[l].in; k++) {
            double out_0, in_0, out, in;
            squares(network, theta_0, l, k, &out_0, &in_0);
            squares(network, theta, l, k, &out, &in);
            worst = fmax(worst, fabs((out - in) - (out_0 - in_0)) / (out_0 + in_0));
        }
    return worst;
}
