/* One flow against the reference: E50-E52. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_internal.h"
#include "contraflow/solver/memory.h"

/* Requests for one time may differ in their last bits. */
static bool same_time(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

bool cf_shared_next(cf_shared_times *walk)
{
    while (walk->at[0] < walk->count[0] && walk->at[1] < walk->count[1]) {
        double a = walk->times[0][walk->at[0]], b = walk->times[1][walk->at[1]];
        if (same_time(a, b))
            return true;
        walk->at[a < b ? 0 : 1]++;
    }
    return false;
}

cf_shared_times cf_shared_snapshots(const cf_compare_side *a, const cf_compare_side *b)
{
    return (cf_shared_times){{a->times, b->times}, {a->count, b->count}, {0, 0}};
}

cf_status cf_course_create(size_t most, cf_course *course, cf_err *err)
{
    *course = (cf_course){.sup = NAN, .when = NAN};
    course->time = cf_allocate("comparison", most, sizeof *course->time, err);
    course->value = cf_allocate("comparison", most, sizeof *course->value, err);
    return course->time == NULL || course->value == NULL ? CF_ESYSTEM : CF_OK;
}

void cf_course_append(cf_course *course, double time, double value)
{
    course->time[course->count] = time;
    course->value[course->count++] = value;
    if (!(fabs(value) <= course->sup)) {
        course->sup = fabs(value);
        course->when = time;
    }
}

/* E50 of two snapshots. */
static double distance(const cf_compare_side *side, const double *z, const double *other)
{
    size_t views = side->latent.views, d = side->latent.d;
    double sum = 0;
    for (size_t row = 0; row < side->latent.samples * views; row++) {
        double square = 0;
        for (size_t k = row * d; k < (row + 1) * d; k++)
            square += (z[k] - other[k]) * (z[k] - other[k]);
        sum += side->weights[row / views] / (double)views * square;
    }
    return sqrt(sum);
}

/* To the rounding of another build. */
static bool same_reals(const double *a, const double *b, size_t count)
{
    double largest = 0, difference = 0;
    for (size_t k = 0; k < count; k++) {
        largest = fmax(largest, fabs(a[k]));
        difference = fmax(difference, fabs(a[k] - b[k]));
    }
    return difference <= 1e-12 * largest;
}

/* Row by row the latent points of the same points, of the same masses. */
static bool are_paired(const cf_compare_side *a, const cf_compare_side *b)
{
    const cf_record *x = a->points, *y = b->points;
    bool same = x != NULL && y != NULL && a->latent.samples > 0 &&
                a->latent.samples == b->latent.samples && a->latent.views == b->latent.views &&
                x->rank == y->rank;
    for (int k = 0; same && k < x->rank; k++)
        same = x->dims[k] == y->dims[k];
    return same && same_reals(x->real, y->real, cf_record_count(x)) &&
           same_reals(a->weights, b->weights, a->latent.samples);
}

static cf_status compare_points(const cf_compare_reference *reference, const cf_compare_side *side,
                                cf_flow_comparison *c, cf_err *err)
{
    const cf_latent_view *own = &side->latent, *known = &reference->side.latent;
    c->points = own->samples * own->views + side->density.n;
    c->reference_points = known->samples * known->views + reference->side.density.n;
    c->d = side->d;
    c->paired = are_paired(side, &reference->side);
    cf_status status = cf_course_create(c->paired ? own->count : 0, &c->distance, err);
    if (status != CF_OK || !c->paired)
        return status;
    size_t size = cf_latent_size(own);
    cf_shared_times walk = cf_shared_snapshots(side, &reference->side);
    for (; cf_shared_next(&walk); walk.at[0]++, walk.at[1]++)
        cf_course_append(
            &c->distance, own->times[walk.at[0]],
            distance(side, own->points + walk.at[0] * size, known->points + walk.at[1] * size));
    return CF_OK;
}

static cf_status compare_loss(const cf_compare_reference *reference, cf_flow_comparison *c,
                              cf_err *err)
{
    const cf_flow_view *flows[] = {&c->flow, &reference->side.flow};
    const double *loss[2];
    cf_shared_times walk = {0};
    bool both = true;
    for (int k = 0; k < 2; k++) {
        size_t losses;
        walk.times[k] = cf_flow_series(flows[k], "time", &walk.count[k]);
        loss[k] = cf_flow_series(flows[k], "loss", &losses);
        both = both && walk.times[k] != NULL && losses == walk.count[k];
    }
    cf_status status = cf_course_create(both ? walk.count[0] : 0, &c->loss, err);
    if (status != CF_OK || !both)
        return status;
    for (; cf_shared_next(&walk); walk.at[0]++, walk.at[1]++)
        cf_course_append(&c->loss, walk.times[0][walk.at[0]],
                         loss[0][walk.at[0]] - loss[1][walk.at[1]]);
    return CF_OK;
}

/* Where the time of an event lies, E52. */
static cf_bounds event_bounds(const cf_flow_view *flow, const char *name, const char *censored)
{
    static const cf_bounds none = {NAN, NAN};
    double time = cf_group_real(flow->group, name);
    if (!isnan(time))
        return (cf_bounds){time, time};
    if (cf_group_integer(flow->group, censored) != 1 ||
        strcmp(cf_group_text(flow->group, "status"), "norm-collapse") == 0)
        return none;
    return (cf_bounds){cf_group_real(flow->group, "observed_until"), INFINITY};
}

static cf_bounds event_difference(const cf_flow_view *flow, const cf_flow_view *reference,
                                  const char *name, const char *censored)
{
    cf_bounds a = event_bounds(flow, name, censored), b = event_bounds(reference, name, censored);
    return (cf_bounds){a.low - b.high, a.high - b.low};
}

bool cf_bounds_known(cf_bounds bounds)
{
    return bounds.low == bounds.high;
}

static void compare_events(const cf_compare_reference *reference, cf_flow_comparison *c)
{
    c->emergence = c->dissolution = (cf_bounds){NAN, NAN};
    if (!reference->events)
        return;
    c->emergence =
        event_difference(&c->flow, &reference->side.flow, "emergence", "emergence_censored");
    c->dissolution =
        event_difference(&c->flow, &reference->side.flow, "dissolution", "persistence_censored");
}

static double largest(const cf_flow_view *flow, const char *name)
{
    size_t count;
    const double *values = cf_flow_series(flow, name, &count);
    double most = NAN;
    for (size_t k = 0; k < count; k++)
        most = values[k] <= most ? most : values[k];
    return most;
}

cf_status cf_compare_flow(const cf_compare_reference *reference, const cf_compare_side *side,
                          cf_flow_comparison *out, cf_err *err)
{
    const cf_flow_view *flow = &side->flow;
    *out = (cf_flow_comparison){.flow = *flow, .reference = reference->side.flow.name};
    out->status = cf_group_text(flow->group, "status");
    out->width = cf_group_integer(flow->group, "width");
    out->seed = cf_group_integer(flow->group, "seed");
    cf_status status = compare_points(reference, side, out, err);
    if (status == CF_OK)
        status = cf_compare_measures(reference, side, out, err);
    if (status == CF_OK)
        status = compare_loss(reference, out, err);
    if (status != CF_OK)
        return status;
    compare_events(reference, out);
    out->conserved_drift = largest(flow, "conserved_drift");
    out->conserved_bound = 10 * cf_group_real(flow->group, "rtol");
    const double values[CF_COMPARED_COUNT] = {
        [CF_COMPARED_DISTANCE] = out->distance.sup,
        [CF_COMPARED_TRANSPORT] = out->transport.sup,
        [CF_COMPARED_DISCREPANCY] = out->discrepancy.sup,
        [CF_COMPARED_LOSS] = out->loss.sup,
        [CF_COMPARED_EMERGENCE] = cf_bounds_known(out->emergence) ? fabs(out->emergence.low) : NAN,
        [CF_COMPARED_DISSOLUTION] =
            cf_bounds_known(out->dissolution) ? fabs(out->dissolution.low) : NAN,
        [CF_COMPARED_KERNEL] = cf_group_real(flow->group, "kernel_error"),
        [CF_COMPARED_DRIFT] = largest(flow, "kernel_drift")};
    memcpy(out->values, values, sizeof values);
    return CF_OK;
}

void cf_flow_comparison_release(cf_flow_comparison *flow)
{
    cf_course *courses[] = {&flow->distance, &flow->transport, &flow->discrepancy, &flow->loss};
    for (size_t k = 0; k < sizeof courses / sizeof courses[0]; k++) {
        free(courses[k]->time);
        free(courses[k]->value);
    }
}
