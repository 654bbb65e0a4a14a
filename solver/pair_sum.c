/* Kernel sums: the engine that serves a setup, and the way to it. */
#include "contraflow/solver/pair_sum.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contraflow/solver/memory.h"
#include "sum_engine.h"

struct cf_pair_sum {
    const cf_sum_engine *engine;
    cf_sum_state *state;
    double error;
    char description[192];
};

const char *const cf_sums_names[] = {"auto", "direct", "circle", "sphere", "grid", NULL};

enum { ENGINES = CF_SUMS_GRID };

/* What no fast engine can be below: where pairs are cheaper, none is prepared. */
static const double FAST_SECONDS = 1e-6;

/* In the order of cf_sums, from `direct` on, which has two. */
static void list_engines(const cf_pair_sum_setup *setup, const cf_sum_engine *engines[ENGINES])
{
    bool registers = setup->d <= 4 && setup->profile.row == cf_eta_rows[0];
    engines[0] = registers ? &cf_sum_engine_direct : &cf_sum_engine_blocks;
    engines[1] = &cf_sum_engine_circle;
    engines[2] = &cf_sum_engine_sphere;
    engines[3] = &cf_sum_engine_grid;
}

static void take(cf_pair_sum *sum, const cf_sum_engine *engine, cf_sum_state *state)
{
    cf_sum_estimate e = engine->estimate(state);
    sum->engine = engine;
    sum->state = state;
    sum->error = e.error;
    snprintf(sum->description, sizeof sum->description, "%s, %s, error %.1g", engine->name, e.text,
             e.error);
}

/* "; auto: 2e-05 s, direct 0.003 s": what was predicted, the choice first. */
static void tell_choice(cf_pair_sum *sum, const cf_sum_engine *const engines[ENGINES],
                        const double seconds[ENGINES], int chosen)
{
    size_t size = sizeof sum->description, used = strlen(sum->description);
    used +=
        (size_t)snprintf(sum->description + used, size - used, "; auto: %.2g s", seconds[chosen]);
    for (int k = 0; k < ENGINES && used < size; k++)
        if (k != chosen && seconds[k] < HUGE_VAL)
            used += (size_t)snprintf(sum->description + used, size - used, ", %s %.2g s",
                                     engines[k]->name, seconds[k]);
}

/* Of the engines that serve, the direct one always. */
static cf_status take_fastest(cf_pair_sum *sum, const cf_pair_sum_setup *setup, cf_err *err)
{
    const cf_sum_engine *engines[ENGINES];
    cf_sum_state *state[ENGINES] = {NULL};
    double seconds[ENGINES];
    int best = 0, served = 0;
    list_engines(setup, engines);
    cf_status status = engines[0]->create(setup, &state[0], err);
    if (status != CF_OK)
        return status;
    bool few = engines[0]->estimate(state[0]).seconds < FAST_SECONDS;
    for (int k = 0; k < ENGINES; k++) {
        if (k > 0 && setup->tolerance > 0 && !few)
            engines[k]->create(setup, &state[k], NULL);
        served += state[k] != NULL;
        seconds[k] = state[k] != NULL ? engines[k]->estimate(state[k]).seconds : HUGE_VAL;
        best = seconds[k] < seconds[best] ? k : best;
    }
    take(sum, engines[best], state[best]);
    if (served > 1)
        tell_choice(sum, engines, seconds, best);
    for (int k = 0; k < ENGINES; k++)
        if (k != best && state[k] != NULL)
            engines[k]->free(&state[k]);
    return CF_OK;
}

cf_status cf_pair_sum_create(const cf_pair_sum_setup *setup, cf_pair_sum **out, cf_err *err)
{
    *out = NULL;
    cf_pair_sum *sum = cf_allocate("kernel sums", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    cf_status status;
    if (setup->engine == CF_SUMS_AUTO) {
        status = take_fastest(sum, setup, err);
    } else {
        const cf_sum_engine *engines[ENGINES], *engine;
        cf_sum_state *state = NULL;
        list_engines(setup, engines);
        engine = engines[setup->engine - CF_SUMS_DIRECT];
        status = engine->create(setup, &state, err);
        if (status == CF_OK)
            take(sum, engine, state);
    }
    if (status != CF_OK)
        cf_pair_sum_free(&sum);
    *out = sum;
    return status;
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
    if (setup->two_sets || setup->pairs != CF_PAIRS_ALL || setup->references)
        return cf_fail(err, CF_EINPUT,
                       "sums.engine = %s: does not serve several views or blurred points; use auto",
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
