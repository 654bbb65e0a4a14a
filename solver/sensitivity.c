#include "contraflow/solver/sensitivity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"

/* Directional derivatives of event functions: the first step relative to the length of y, and how
 * much the function, of order 1, may change for the step to be small on its own scale. */
static const double DIRECTION_STEP = 1e-5, SMALL_CHANGE = 1e-4;
enum { MOST_SHORTENINGS = 40 };

struct cf_sensitivity {
    const cf_ode *base;
    const cf_parameter *parameters;
    size_t count;
    cf_ode ode;
    double *above, *below, *moved; /* [size] */
    double *integrals;             /* [quadratures] that nobody needs */
    double *g;                     /* [3*roots] */
};

/* ds/dt = J s + (f(p + step) - f(p - step))/(2 step); the base is linearized at y. */
static cf_status set_rate(const cf_sensitivity *s, const cf_parameter *p, double t, const double *y,
                          const double *in, double *out, cf_err *err)
{
    const cf_ode *base = s->base;
    cf_status status = base->jacobian_times(base->system, in, out, s->integrals, err);
    if (status == CF_OK)
        status = p->above->rhs(p->above->system, t, y, s->above, s->integrals, err);
    if (status == CF_OK)
        status = p->below->rhs(p->below->system, t, y, s->below, s->integrals, err);
    for (size_t i = 0; i < base->size && status == CF_OK; i++)
        out[i] += (s->above[i] - s->below[i]) / (2 * p->step);
    return status;
}

static cf_status rhs(void *system, double t, const double *y, double *ydot, double *qdot,
                     cf_err *err)
{
    const cf_sensitivity *s = system;
    const cf_ode *base = s->base;
    cf_status status = base->rhs(base->system, t, y, ydot, qdot, err);
    if (status == CF_OK)
        status = base->linearize(base->system, t, y, err);
    for (size_t k = 0; k < s->count && status == CF_OK; k++)
        status = set_rate(s, &s->parameters[k], t, y, y + (k + 1) * base->size,
                          ydot + (k + 1) * base->size, err);
    return status;
}

static cf_status linearize(void *system, double t, const double *y, cf_err *err)
{
    const cf_ode *base = ((const cf_sensitivity *)system)->base;
    return base->linearize(base->system, t, y, err);
}

static cf_status jacobian_times(void *system, const double *v, double *jv, double *jq, cf_err *err)
{
    const cf_sensitivity *s = system;
    const cf_ode *base = s->base;
    cf_status status = base->jacobian_times(base->system, v, jv, jq, err);
    for (size_t k = 1; k <= s->count && status == CF_OK; k++)
        status = base->jacobian_times(base->system, v + k * base->size, jv + k * base->size,
                                      s->integrals, err);
    return status;
}

static cf_status root(void *system, double t, const double *y, double *g, cf_err *err)
{
    const cf_ode *base = ((const cf_sensitivity *)system)->base;
    return base->root(base->system, t, y, g, err);
}

cf_status cf_sensitivity_create(const cf_ode *ode, const cf_parameter *parameters, size_t count,
                                cf_sensitivity **out, cf_err *err)
{
    *out = NULL;
    for (size_t k = 0; k < count; k++)
        if (parameters[k].above->size != ode->size || parameters[k].below->size != ode->size ||
            parameters[k].above->roots != ode->roots || parameters[k].below->roots != ode->roots)
            return cf_fail(
                err, CF_EINPUT,
                "sensitivity: parameter %zu of %zu changes the number of states or events", k + 1,
                count);
    cf_sensitivity *s = cf_allocate("sensitivity", 1, sizeof *s, err);
    if (s == NULL)
        return CF_ESYSTEM;
    s->base = ode;
    s->parameters = parameters;
    s->count = count;
    s->ode = (cf_ode){.system = s,
                      .size = (count + 1) * ode->size,
                      .quadratures = ode->quadratures,
                      .roots = ode->roots,
                      .remainder = ode->remainder,
                      .rhs = rhs,
                      .linearize = linearize,
                      .jacobian_times = jacobian_times,
                      .root = root};
    s->above = cf_allocate("sensitivity", 3 * ode->size + ode->quadratures + 3 * ode->roots,
                           sizeof(double), err);
    if (s->above == NULL) {
        free(s);
        return CF_ESYSTEM;
    }
    s->below = s->above + ode->size;
    s->moved = s->below + ode->size;
    s->integrals = s->moved + ode->size;
    s->g = s->integrals + ode->quadratures;
    *out = s;
    return CF_OK;
}

void cf_sensitivity_free(cf_sensitivity **sensitivity)
{
    if (*sensitivity == NULL)
        return;
    free((*sensitivity)->above); /* the first part of one block */
    free(*sensitivity);
    *sensitivity = NULL;
}

const cf_ode *cf_sensitivity_ode(const cf_sensitivity *sensitivity)
{
    return &sensitivity->ode;
}

/* --- events --- */

static double length(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

/* g at y + step v, at place `side` of the scratch. */
static cf_status root_at(cf_sensitivity *s, double t, const double *y, const double *v, double step,
                         int side, cf_err *err)
{
    const cf_ode *base = s->base;
    for (size_t i = 0; i < base->size; i++)
        s->moved[i] = y[i] + step * v[i];
    return base->root(base->system, t, s->moved, s->g + (size_t)side * base->roots, err);
}

/* The derivative of g along v, by a central difference. Where points are close together, g varies
 * on their scale and not on that of y: the step is shortened until neither side changes g by much.
 */
static cf_status along(cf_sensitivity *s, double t, const double *y, const double *v, size_t r,
                       double *slope, cf_err *err)
{
    size_t roots = s->base->roots;
    double size = length(v, s->base->size);
    double step = DIRECTION_STEP * fmax(length(y, s->base->size), 1e-10) / size;
    double change = INFINITY;
    *slope = 0;
    if (!(size > 0))
        return CF_OK;
    cf_status status = root_at(s, t, y, v, 0, 2, err);
    for (int k = 0; k < MOST_SHORTENINGS && change > SMALL_CHANGE && status == CF_OK; k++) {
        status = root_at(s, t, y, v, step, 0, err);
        if (status == CF_OK)
            status = root_at(s, t, y, v, -step, 1, err);
        double here = s->g[2 * roots + r];
        change = fmax(fabs(s->g[r] - here), fabs(s->g[roots + r] - here));
        *slope = (s->g[r] - s->g[roots + r]) / (2 * step);
        step *= fmax(0.5 * SMALL_CHANGE / change, 1e-3);
    }
    return status;
}

/* The derivative of g by the parameter itself. */
static cf_status by_parameter(cf_sensitivity *s, const cf_parameter *p, double t, const double *y,
                              size_t r, double *slope, cf_err *err)
{
    double *above = s->g, *below = s->g + s->base->roots;
    cf_status status = p->above->root(p->above->system, t, y, above, err);
    if (status == CF_OK)
        status = p->below->root(p->below->system, t, y, below, err);
    *slope = (above[r] - below[r]) / (2 * p->step);
    return status;
}

cf_status cf_sensitivity_event(cf_sensitivity *s, double t, const double *y, size_t r,
                               double *derivatives, cf_err *err)
{
    const cf_ode *base = s->base;
    double speed, moved = 0, direct = 0;
    /* the time derivative: g changes along f */
    cf_status status = base->rhs(base->system, t, y, s->above, s->integrals, err);
    if (status == CF_OK)
        status = along(s, t, y, s->above, r, &speed, err);
    if (status == CF_OK && !(fabs(speed) > 0))
        status = cf_fail(err, CF_ENUMERIC, "sensitivity: the event at t = %.6g is no crossing", t);
    for (size_t k = 0; k < s->count && status == CF_OK; k++) {
        status = along(s, t, y, y + (k + 1) * base->size, r, &moved, err);
        if (status == CF_OK)
            status = by_parameter(s, &s->parameters[k], t, y, r, &direct, err);
        if (status == CF_OK)
            derivatives[k] = -(moved + direct) / speed;
    }
    return status;
}
