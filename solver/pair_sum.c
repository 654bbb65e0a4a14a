/* Kernel sums: the engine that serves a setup, and the way to it. */
#include "contraflow/solver/pair_sum.h"

#include <stdio.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "sum_engine.h"

struct cf_pair_sum {
    const cf_sum_engine *engine;
    cf_sum_state *state;
    double error;
    char description[96];
};

cf_status cf_pair_sum_create(const cf_pair_sum_setup *setup, cf_pair_sum **out, cf_err *err)
{
    *out = NULL;
    cf_pair_sum *sum = cf_allocate("kernel sums", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    sum->engine = &cf_sum_engine_direct;
    cf_status status = sum->engine->create(setup, &sum->state, err);
    if (status != CF_OK) {
        cf_pair_sum_free(&sum);
        return status;
    }
    char text[64];
    sum->error = sum->engine->describe(sum->state, text, sizeof text);
    snprintf(sum->description, sizeof sum->description, "%s, %s", sum->engine->name, text);
    *out = sum;
    return CF_OK;
}

int cf_sum_columns(const cf_pair_weights *w, cf_sum_column column[2])
{
    int count = 0;
    if (w->a != NULL)
        column[count++] = (cf_sum_column){w->a, w->q};
    if (w->b != NULL)
        column[count++] = (cf_sum_column){NULL, w->b};
    return count;
}

cf_status cf_sum_engine_needs_plain(const cf_pair_sum_setup *setup, const char *engine, cf_err *err)
{
    if (setup->two_sets || setup->without_self || setup->references)
        return cf_fail(err, CF_EINPUT,
                       "sums.engine = %s: does not serve losses of several views; use direct",
                       engine);
    return CF_OK;
}

void cf_pair_sum_free(cf_pair_sum **sum)
{
    if (*sum == NULL)
        return;
    if ((*sum)->state != NULL)
        (*sum)->engine->free(&(*sum)->state);
    free(*sum);
    *sum = NULL;
}

const char *cf_pair_sum_engine(const cf_pair_sum *sum)
{
    return sum->description;
}

double cf_pair_sum_error(const cf_pair_sum *sum)
{
    return sum->error;
}

void cf_pair_sum_set_points(cf_pair_sum *sum, const double *y, const double *x)
{
    sum->engine->set_points(sum->state, y, x);
}

void cf_pair_sum_set_motion(cf_pair_sum *sum, const double *ydot, const double *xdot)
{
    sum->engine->set_motion(sum->state, ydot, xdot);
}

void cf_pair_sum_smallest(cf_pair_sum *sum, double *out)
{
    sum->engine->smallest(sum->state, out);
}

void cf_pair_sum_potential(cf_pair_sum *sum, const cf_pair_weights *w, double *out)
{
    sum->engine->potential(sum->state, w, out);
}

void cf_pair_sum_force(cf_pair_sum *sum, const cf_pair_weights *w, double *out)
{
    sum->engine->force(sum->state, w, out);
}

void cf_pair_sum_potential_rate(cf_pair_sum *sum, const cf_pair_weights *w, double *out)
{
    sum->engine->potential_rate(sum->state, w, out);
}

void cf_pair_sum_force_rate(cf_pair_sum *sum, const cf_pair_weights *w, const cf_pair_weights *dw,
                            double *out)
{
    sum->engine->force_rate(sum->state, w, dw, out);
}
