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

/* What no fast engine can be below: where pairs are cheaper, none is looked at. */
static const double FAST_SECONDS = 1e-6;

/* In the order of cf_sums, from `direct` on, which has three. */
static void list_engines(const cf_pair_sum_setup *setup, const cf_sum_engine *engines[ENGINES])
{
    cf_sum_plan plan;
    engines[0] = &cf_sum_engine_blocks;
    if (cf_sum_engine_direct.plan(setup, &plan, NULL) == CF_OK)
        engines[0] = &cf_sum_engine_direct;
    else if (cf_sum_engine_products.plan(setup, &plan, NULL) == CF_OK)
        engines[0] = &cf_sum_engine_products;
    engines[1] = &cf_sum_engine_circle;
    engines[2] = &cf_sum_engine_sphere;
    engines[3] = &cf_sum_engine_grid;
}

static cf_status take(cf_pair_sum *sum, const cf_sum_engine *engine, const cf_pair_sum_setup *setup,
                      const cf_sum_plan *plan, cf_err *err)
{
    sum->engine = engine;
    sum->error = plan->error;
    snprintf(sum->description, sizeof sum->description, "%s, %s, error %.1g, %.3g MB", engine->name,
             plan->text, plan->error, plan->bytes / 1e6);
    return engine->create(setup, &sum->state, err);
}

/* "; auto: 2e-05 s, direct 0.003 s": what was predicted, the choice first. */
static void tell_choice(cf_pair_sum *sum, const cf_sum_engine *const engines[ENGINES],
                        const cf_sum_plan plans[ENGINES], int chosen)
{
    size_t size = sizeof sum->description, used = strlen(sum->description);
    used += (size_t)snprintf(sum->description + used, size - used, "; auto: %.2g s",
                             plans[chosen].seconds);
    for (int k = 0; k < ENGINES && used < size; k++)
        if (k != chosen && plans[k].seconds < HUGE_VAL)
            used += (size_t)snprintf(sum->description + used, size - used, ", %s %.2g s",
                                     engines[k]->name, plans[k].seconds);
}

/* The fastest of the engines that serve and fit into the machine; the direct one always does. */
static int choose(const cf_pair_sum_setup *setup, const cf_sum_engine *const engines[ENGINES],
                  cf_sum_plan plans[ENGINES])
{
    int best = 0;
    double memory = cf_memory_physical();
    for (int k = 0; k < ENGINES; k++) {
        bool few = k > 0 && plans[0].seconds < FAST_SECONDS;
        bool tried = k == 0 || (setup->tolerance > 0 && !few);
        bool serves = tried && engines[k]->plan(setup, &plans[k], NULL) == CF_OK;
        if (!serves || (k > 0 && plans[k].bytes > memory))
            plans[k] = (cf_sum_plan){.seconds = HUGE_VAL};
        best = plans[k].seconds < plans[best].seconds ? k : best;
    }
    return best;
}

static cf_status take_fastest(cf_pair_sum *sum, const cf_pair_sum_setup *setup, cf_err *err)
{
    const cf_sum_engine *engines[ENGINES];
    cf_sum_plan plans[ENGINES];
    int served = 0;
    list_engines(setup, engines);
    int best = choose(setup, engines, plans);
    for (int k = 0; k < ENGINES; k++)
        served += plans[k].seconds < HUGE_VAL;
    cf_status status = take(sum, engines[best], setup, &plans[best], err);
    if (status == CF_OK && served > 1)
        tell_choice(sum, engines, plans, best);
    return status;
}

/* With what would serve instead. */
static cf_status take_asked(cf_pair_sum *sum, const cf_pair_sum_setup *setup, cf_err *err)
{
    const cf_sum_engine *engines[ENGINES];
    cf_sum_plan plan, plans[ENGINES];
    cf_err reason = {0};
    list_engines(setup, engines);
    const cf_sum_engine *asked = engines[setup->engine - CF_SUMS_DIRECT];
    if (asked->plan(setup, &plan, &reason) == CF_OK)
        return take(sum, asked, setup, &plan, err);
    return cf_fail(err, reason.status, "%s (auto takes %s)", reason.message,
                   engines[choose(setup, engines, plans)]->name);
}

double cf_pair_sum_bytes(const cf_pair_sum_setup *setup)
{
    const cf_sum_engine *engines[ENGINES];
    cf_sum_plan plans[ENGINES], plan;
    list_engines(setup, engines);
    if (setup->engine == CF_SUMS_AUTO)
        return plans[choose(setup, engines, plans)].bytes;
    bool serves = engines[setup->engine - CF_SUMS_DIRECT]->plan(setup, &plan, NULL) == CF_OK;
    return serves ? plan.bytes : 0;
}

cf_status cf_pair_sum_create(const cf_pair_sum_setup *setup, cf_pair_sum **out, cf_err *err)
{
    *out = NULL;
    if (setup->pairs == CF_PAIRS_BETWEEN_HALVES && setup->n % 2 != 0)
        return cf_fail(err, CF_EINPUT, "kernel sums between halves: %zu points have none",
                       setup->n);
    cf_pair_sum *sum = cf_allocate("kernel sums", 1, sizeof *sum, err);
    if (sum == NULL)
        return CF_ESYSTEM;
    cf_status status = (setup->engine == CF_SUMS_AUTO ? take_fastest : take_asked)(sum, setup, err);
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

bool cf_sum_is_symmetric(const cf_pair_weights *w, size_t n)
{
    if (w->a == NULL || w->b == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        if (w->b[i] != w->a[i] * w->q[i])
            return false;
    return true;
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
