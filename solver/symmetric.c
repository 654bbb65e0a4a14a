/* The engines of products with symmetric matrices: what each would need, the choice, and the way to
 * the one that was chosen. */
#include "contraflow/solver/symmetric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "symmetric_engine.h"

struct cf_symmetric {
    cf_symmetric_tiles *tiles; /* one of both */
    cf_low_rank *low_rank;
    size_t n;
    bool recomputed;
    char description[256];
};

const char *const cf_symmetric_names[] = {"stored", "recomputed", "low-rank", NULL};

/* Times of one thread: reading a stored entry, and a product with it that is not read; an element
 * of L that is read, and one that is computed. */
static const double STORED = 0.7e-9, MULTIPLIED = 0.3e-9, READ = 1.4e-9, UPDATED = 0.5e-9;

static const double GIB = 1024.0 * 1024 * 1024;

/* --- predictions --- */

static cf_symmetric_plan predict_tiles(const cf_symmetric_setup *s, bool stored)
{
    double n = (double)s->n, d = (double)s->columns, pairs = n * (n + 1) / 2;
    double each = pairs * (stored ? STORED + MULTIPLIED * (d / 4) : MULTIPLIED * (1 + d / 4));
    double compute = pairs * s->entry_seconds;
    cf_symmetric_plan plan = {.bytes = 16 * n * d + (stored ? cf_symmetric_tiles_bytes(s->n) : 0)};
    plan.seconds_before = stored ? compute + pairs * STORED : 0;
    plan.seconds_each = each + (stored ? 0 : compute);
    plan.serves = plan.bytes <= s->memory && (stored || !s->once);
    return plan;
}

static cf_symmetric_plan predict_low_rank(const cf_symmetric_setup *s)
{
    double n = (double)s->n, d = (double)s->columns, r = (double)s->rank;
    cf_symmetric_plan plan = {.bytes = cf_low_rank_bytes(s->n, s->rank, s->columns),
                              .error = s->tolerance};
    plan.seconds_before = n * r * (s->entry_seconds + r * UPDATED);
    plan.seconds_each = n * r * READ * (0.5 + d / 4);
    plan.serves = s->tolerance > cf_low_rank_rounding(s->rank) && plan.bytes <= s->memory;
    return plan;
}

static int place(cf_symmetric_engine engine)
{
    return (int)engine - (int)CF_SYMMETRIC_STORED;
}

static cf_symmetric_engine engine_at(int place)
{
    return (cf_symmetric_engine)(place + (int)CF_SYMMETRIC_STORED);
}

static double total(const cf_symmetric_setup *setup, const cf_symmetric_plan *plan)
{
    return plan->seconds_before + setup->products * plan->seconds_each;
}

/* --- choice --- */

static cf_status refuse_memory(const cf_symmetric_setup *setup, const cf_symmetric_choice *choice,
                               cf_err *err)
{
    int nearest = place(setup->once ? CF_SYMMETRIC_STORED : CF_SYMMETRIC_RECOMPUTED);
    int asked = place(choice->chosen);
    return cf_fail(err, CF_EINPUT,
                   "sums.engine: the kernel of %zu points needs about %.3g GiB %s, but there are "
                   "%.3g GiB; %s needs %.3g GiB",
                   setup->n, choice->plans[asked].bytes / GIB, cf_symmetric_names[asked],
                   setup->memory / GIB, cf_symmetric_names[nearest],
                   choice->plans[nearest].bytes / GIB);
}

static cf_symmetric_engine cheapest(const cf_symmetric_setup *setup,
                                    const cf_symmetric_choice *choice, int last)
{
    int best = place(setup->once ? CF_SYMMETRIC_STORED : CF_SYMMETRIC_RECOMPUTED);
    for (int k = 0; k <= last; k++)
        if (choice->plans[k].serves &&
            (!choice->plans[best].serves ||
             total(setup, &choice->plans[k]) < total(setup, &choice->plans[best])))
            best = k;
    return engine_at(best);
}

/* Stored and recomputed entries have the same bits, so that this may depend on what memory is free.
 */
static cf_symmetric_engine exact(const cf_symmetric_setup *setup, const cf_symmetric_choice *choice)
{
    cf_symmetric_engine best = cheapest(setup, choice, place(CF_SYMMETRIC_RECOMPUTED));
    bool free_enough = choice->plans[place(best)].bytes <= setup->available || setup->once;
    return free_enough ? best : CF_SYMMETRIC_RECOMPUTED;
}

cf_status cf_symmetric_choose(const cf_symmetric_setup *setup, cf_symmetric_choice *choice,
                              cf_err *err)
{
    choice->plans[0] = predict_tiles(setup, true);
    choice->plans[1] = predict_tiles(setup, false);
    choice->plans[2] = predict_low_rank(setup);
    choice->chosen = setup->engine;
    if (setup->engine == CF_SYMMETRIC_AUTO)
        choice->chosen = cheapest(setup, choice, place(CF_SYMMETRIC_LOW_RANK));
    bool free_to = setup->engine == CF_SYMMETRIC_AUTO || setup->engine == CF_SYMMETRIC_EXACT;
    if (free_to && choice->chosen != CF_SYMMETRIC_LOW_RANK)
        choice->chosen = exact(setup, choice);
    double least = cf_low_rank_rounding(1);
    if (choice->chosen == CF_SYMMETRIC_LOW_RANK && setup->tolerance < least)
        return cf_fail(err, CF_EINPUT,
                       "sums.tolerance = %g: must be at least %.2g where sums.engine is low-rank",
                       setup->tolerance, least);
    /* the least that an engine can do with is for the caller to judge, who knows what else is held
     */
    bool fits = free_to || choice->plans[place(choice->chosen)].bytes <= setup->memory;
    return fits ? CF_OK : refuse_memory(setup, choice, err);
}

/* --- creation --- */

static void describe(cf_symmetric *m, const cf_symmetric_setup *setup,
                     const cf_symmetric_choice *choice)
{
    int chosen = place(choice->chosen);
    m->recomputed = choice->chosen == CF_SYMMETRIC_RECOMPUTED;
    size_t size = sizeof m->description, used;
    const cf_symmetric_plan *plan = &choice->plans[chosen];
    if (m->low_rank != NULL)
        used = (size_t)snprintf(m->description, size, "low-rank, rank %zu, error %.2g of the trace",
                                cf_symmetric_rank(m), cf_symmetric_error(m));
    else
        used = (size_t)snprintf(m->description, size, "%s, exact", cf_symmetric_names[chosen]);
    double bytes = m->low_rank == NULL
                       ? plan->bytes
                       : cf_low_rank_bytes(m->n, cf_symmetric_rank(m), setup->columns);
    used += (size_t)snprintf(m->description + used, size - used, ", %.3g MB, predicted %.2g s",
                             bytes / 1e6, plan->seconds_each);
    for (int k = 0; k < CF_SYMMETRIC_ENGINES && used < size; k++)
        if (k != chosen && setup->engine == CF_SYMMETRIC_AUTO)
            used += (size_t)snprintf(m->description + used, size - used,
                                     choice->plans[k].serves ? ", %s %.2g s" : ", %s declined",
                                     cf_symmetric_names[k], choice->plans[k].seconds_each);
}

/* Low rank pays as long as its products do, and must fit. */
static size_t most_rank(const cf_symmetric_setup *setup, const cf_symmetric_choice *choice)
{
    double n = (double)setup->n, d = (double)setup->columns;
    double most = fmin(n, setup->memory / (8 * n));
    if (setup->engine == CF_SYMMETRIC_AUTO) {
        const cf_symmetric_plan *stored = &choice->plans[0], *recomputed = &choice->plans[1];
        double exact = stored->serves ? stored->seconds_each : recomputed->seconds_each;
        most = fmin(most, exact / (n * READ * (0.5 + d / 4)));
    }
    return (size_t)fmax(most, 1);
}

static cf_status create_chosen(cf_symmetric *m, const cf_symmetric_setup *setup,
                               const cf_symmetric_entries *entries,
                               const cf_symmetric_choice *choice, cf_err *err)
{
    if (choice->chosen == CF_SYMMETRIC_LOW_RANK)
        return cf_low_rank_create(setup, entries, most_rank(setup, choice), &m->low_rank, err);
    return cf_symmetric_tiles_create(setup, entries, choice->chosen == CF_SYMMETRIC_STORED,
                                     &m->tiles, err);
}

cf_status cf_symmetric_create(const cf_symmetric_setup *setup, const cf_symmetric_entries *entries,
                              cf_symmetric **out, cf_err *err)
{
    cf_symmetric_choice choice;
    *out = NULL;
    cf_status status = cf_symmetric_choose(setup, &choice, err);
    if (status != CF_OK)
        return status;
    cf_symmetric *m = cf_allocate("matrix", 1, sizeof *m, err);
    if (m == NULL)
        return CF_ESYSTEM;
    m->n = setup->n;
    cf_err reason = {0};
    status = create_chosen(m, setup, entries, &choice, &reason);
    if (status == CF_EINPUT && setup->engine == CF_SYMMETRIC_AUTO) {
        choice.plans[place(CF_SYMMETRIC_LOW_RANK)].serves = false;
        choice.chosen = exact(setup, &choice);
        reason = (cf_err){0};
        status = create_chosen(m, setup, entries, &choice, &reason);
    }
    if (status != CF_OK)
        cf_fail(err, status, "%s", reason.message);
    if (status == CF_OK)
        describe(m, setup, &choice);
    else
        cf_symmetric_free(&m);
    *out = m;
    return status;
}

void cf_symmetric_free(cf_symmetric **matrix)
{
    if (*matrix == NULL)
        return;
    cf_symmetric_tiles_free(&(*matrix)->tiles);
    cf_low_rank_free(&(*matrix)->low_rank);
    free(*matrix);
    *matrix = NULL;
}

void cf_symmetric_times(cf_symmetric *matrix, const double *x, double *out)
{
    if (matrix->low_rank != NULL)
        cf_low_rank_times(matrix->low_rank, x, out);
    else
        cf_symmetric_tiles_times(matrix->tiles, x, out);
}

const char *cf_symmetric_description(const cf_symmetric *matrix)
{
    return matrix->description;
}

bool cf_symmetric_keeps_entries(const cf_symmetric *matrix)
{
    return matrix->recomputed;
}

double cf_symmetric_error(const cf_symmetric *matrix)
{
    return matrix->low_rank != NULL ? cf_low_rank_error(matrix->low_rank) : 0;
}

size_t cf_symmetric_rank(const cf_symmetric *matrix)
{
    return matrix->low_rank != NULL ? cf_low_rank_rank(matrix->low_rank) : matrix->n;
}
