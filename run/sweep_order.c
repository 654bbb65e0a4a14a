#include "sweep_order.h"

#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"

enum { MOST_NEIGHBORS = 512 };
static const double NEAR = 0.15;     /* of the length of an axis */
static const double SHORTEST = 1e-4; /* seconds that tell runs apart */

typedef enum { WAITING, GIVEN, DONE } state;

typedef struct {
    size_t run;
    bool first; /* of a point of which nothing has begun */
    double expected;
} entry;

struct cf_sweep_order {
    const cf_sweep_plan *plan;
    unsigned char *states;    /* [runs] */
    double *logs, *counts;    /* [points] of measured seconds: sum of logarithms, number */
    double *expected;         /* [points] seconds of a run */
    size_t *begun, *measured; /* [points] runs given or done; the points with a measured run */
    size_t measured_count;
    entry *queue; /* [queued] waiting runs, the next one last */
    size_t queued;
    size_t ended, sort_at; /* number of ended runs; at which the queue is sorted again */
    double left;
};

cf_status cf_sweep_order_create(const cf_sweep_plan *plan, cf_sweep_order **out, cf_err *err)
{
    *out = NULL;
    cf_sweep_order *o = cf_allocate("sweep", 1, sizeof *o, err);
    if (o == NULL)
        return CF_ESYSTEM;
    o->plan = plan;
    o->states = cf_allocate("sweep", plan->runs, 1, err);
    o->logs = cf_allocate("sweep", plan->points, sizeof(double), err);
    o->counts = cf_allocate("sweep", plan->points, sizeof(double), err);
    o->expected = cf_allocate("sweep", plan->points, sizeof(double), err);
    o->begun = cf_allocate("sweep", plan->points, sizeof(size_t), err);
    o->measured = cf_allocate("sweep", plan->points, sizeof(size_t), err);
    o->queue = cf_allocate("sweep", plan->runs, sizeof *o->queue, err);
    *out = o;
    if (o->states != NULL && o->logs != NULL && o->counts != NULL && o->expected != NULL &&
        o->begun != NULL && o->measured != NULL && o->queue != NULL)
        return CF_OK;
    cf_sweep_order_free(out);
    return CF_ESYSTEM;
}

void cf_sweep_order_free(cf_sweep_order **order)
{
    cf_sweep_order *o = *order;
    if (o == NULL)
        return;
    free(o->states);
    free(o->logs);
    free(o->counts);
    free(o->expected);
    free(o->begun);
    free(o->measured);
    free(o->queue);
    free(o);
    *order = NULL;
}

static double squared_distance(const cf_sweep_plan *plan, size_t p, size_t q)
{
    double sum = 0;
    for (size_t a = 0; a < plan->axes; a++) {
        double d = plan->coordinates[p * plan->axes + a] - plan->coordinates[q * plan->axes + a];
        sum += d * d;
    }
    return sum;
}

/* Weighted by nearness, of logarithms; of at most MOST_NEIGHBORS points, evenly chosen. */
static double expect(const cf_sweep_order *o, size_t point)
{
    double sum = 0, weight = 0;
    if (o->counts[point] > 0)
        return exp(o->logs[point] / o->counts[point]);
    size_t stride = 1 + o->measured_count / MOST_NEIGHBORS;
    for (size_t k = 0; k < o->measured_count; k += stride) {
        size_t q = o->measured[k];
        double w = exp(-squared_distance(o->plan, point, q) / (2 * NEAR * NEAR)) + 1e-9;
        sum += w * o->logs[q] / o->counts[q];
        weight += w;
    }
    return weight > 0 ? exp(sum / weight) : NAN;
}

/* The next run last: first runs of points before others, longer before shorter, then by number. */
static int last_is_next(const void *a, const void *b)
{
    const entry *s = a, *t = b;
    if (s->first != t->first)
        return s->first ? 1 : -1;
    if (s->expected < t->expected || s->expected > t->expected)
        return s->expected > t->expected ? 1 : -1;
    return s->run < t->run ? 1 : -1;
}

static void sort(cf_sweep_order *o)
{
    size_t last = (size_t)-1;
    o->queued = 0;
    o->left = 0;
    for (size_t p = 0; p < o->plan->points; p++)
        o->expected[p] = expect(o, p);
    for (size_t run = 0; run < o->plan->runs; run++) {
        size_t point = run / o->plan->repeat;
        if (o->states[run] != DONE)
            o->left += o->expected[point];
        if (o->states[run] != WAITING)
            continue;
        o->queue[o->queued++] = (entry){run, o->begun[point] == 0 && point != last,
                                        isnan(o->expected[point]) ? 0 : o->expected[point]};
        last = point;
    }
    qsort(o->queue, o->queued, sizeof *o->queue, last_is_next);
    o->sort_at = o->ended + 1 + o->ended / 2;
}

void cf_sweep_order_done(cf_sweep_order *o, size_t run, double seconds)
{
    size_t point = run / o->plan->repeat;
    o->begun[point] += o->states[run] == WAITING;
    o->states[run] = DONE;
    o->ended++;
    o->left -= o->expected[point];
    if (!isnan(seconds)) {
        if (!(o->counts[point] > 0))
            o->measured[o->measured_count++] = point;
        o->logs[point] += log(fmax(seconds, SHORTEST));
        o->counts[point]++;
    }
}

void cf_sweep_order_return(cf_sweep_order *o, size_t run)
{
    o->states[run] = WAITING;
    o->begun[run / o->plan->repeat]--;
    o->sort_at = 0;
}

bool cf_sweep_order_next(cf_sweep_order *o, size_t *run)
{
    if (o->ended >= o->sort_at)
        sort(o);
    while (o->queued > 0 && o->states[o->queue[o->queued - 1].run] != WAITING)
        o->queued--;
    if (o->queued == 0)
        return false;
    *run = o->queue[--o->queued].run;
    o->states[*run] = GIVEN;
    o->begun[*run / o->plan->repeat]++;
    return true;
}

double cf_sweep_order_left(const cf_sweep_order *o)
{
    return o->measured_count > 0 ? fmax(o->left, 0) : NAN;
}
