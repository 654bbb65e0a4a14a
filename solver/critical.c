#include "contraflow/solver/critical.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "spectrum.h"

enum { HALVINGS = 12 };

typedef struct {
    const cf_landscape *landscape;
    const cf_critical_options *options;
    double *y, *trial;               /* [size] */
    double *gradient, *step, *slope; /* [dimension]; slope: the gradient at the trial */
    cf_critical *out;
} search;

static double norm(const double *v, size_t count)
{
    double square = 0;
    for (size_t k = 0; k < count; k++)
        square += v[k] * v[k];
    return sqrt(square);
}

/* step = -sum_k q_k (q_k . gradient)/lambda_k over the modes that are stiff enough. */
static cf_status newton_step(search *s, double *largest, cf_err *err)
{
    size_t dimension = s->landscape->dimension;
    cf_spectrum *spectrum = NULL;
    cf_status status =
        cf_spectrum_of_gradient(s->landscape, &s->options->spectrum, s->gradient, &spectrum, err);
    if (status != CF_OK)
        return status;
    memset(s->step, 0, dimension * sizeof *s->step);
    for (size_t k = 0; k < spectrum->count; k++) {
        const double *q = spectrum->vectors + k * dimension;
        double component = 0;
        if (!(fabs(spectrum->values[k]) > s->options->cutoff * spectrum->largest))
            continue;
        for (size_t i = 0; i < dimension; i++)
            component += q[i] * s->gradient[i];
        for (size_t i = 0; i < dimension; i++)
            s->step[i] -= component / spectrum->values[k] * q[i];
    }
    *largest = spectrum->largest;
    cf_spectrum_free(&spectrum);
    return CF_OK;
}

/* From y, evaluated last: shortens the step until the gradient does; false where it never does. */
static cf_status advance(search *s, bool *better, cf_err *err)
{
    const cf_landscape *landscape = s->landscape;
    size_t dimension = landscape->dimension;
    cf_status status = CF_OK;
    double value = 0;
    *better = false;
    for (int k = 0; k < HALVINGS && status == CF_OK && !*better; k++) {
        if (k > 0) /* the frame at y again */
            status = landscape->evaluate(landscape->system, s->y, &value, s->gradient, err);
        memcpy(s->trial, s->y, landscape->size * sizeof *s->y);
        landscape->move(landscape->system, s->step, s->trial);
        if (status == CF_OK)
            status = landscape->evaluate(landscape->system, s->trial, &value, s->slope, err);
        *better = status == CF_OK && norm(s->slope, dimension) < s->out->residual;
        if (*better)
            s->out->moved += norm(s->step, dimension);
        for (size_t i = 0; i < dimension && !*better; i++)
            s->step[i] /= 2;
    }
    if (!*better)
        return status;
    memcpy(s->y, s->trial, landscape->size * sizeof *s->y);
    memcpy(s->gradient, s->slope, dimension * sizeof *s->slope);
    s->out->residual = norm(s->slope, dimension);
    s->out->value = value;
    s->out->steps++;
    return CF_OK;
}

static cf_status iterate(search *s, cf_err *err)
{
    const cf_landscape *landscape = s->landscape;
    bool better = true;
    double largest = 0;
    cf_status status =
        landscape->evaluate(landscape->system, s->y, &s->out->value, s->gradient, err);
    s->out->residual = norm(s->gradient, landscape->dimension);
    while (status == CF_OK && better) {
        status = newton_step(s, &largest, err);
        s->out->converged = s->out->residual <= s->options->tolerance * largest;
        if (s->out->converged || s->out->steps >= s->options->steps)
            break;
        if (status == CF_OK)
            status = advance(s, &better, err);
    }
    if (status == CF_OK) /* the frame at y again */
        status = landscape->evaluate(landscape->system, s->y, &s->out->value, s->gradient, err);
    return status;
}

cf_status cf_critical_find(const cf_landscape *landscape, const cf_critical_options *options,
                           double *y, cf_critical *out, cf_err *err)
{
    size_t dimension = landscape->dimension;
    search s = {.landscape = landscape, .options = options, .y = y, .out = out};
    *out = (cf_critical){.value = 0};
    double *memory =
        cf_allocate("critical point", landscape->size + 3 * dimension, sizeof *memory, err);
    if (memory == NULL)
        return CF_ESYSTEM;
    s.gradient = memory;
    s.step = memory + dimension;
    s.slope = memory + 2 * dimension;
    s.trial = memory + 3 * dimension;
    cf_status status = iterate(&s, err);
    free(memory);
    return status;
}
