#include "snapshots.h"

#include <math.h>
#include <string.h>

static double event_of(const cf_flow_view *flow, const char *name)
{
    double value = cf_group_real(flow->group, name);
    return value > 0 ? value : NAN; /* clustered from the start is no crossing */
}

static void insert(double *times, size_t *count, double value)
{
    size_t k = *count;
    for (; k > 0 && times[k - 1] > value; k--)
        times[k] = times[k - 1];
    times[k] = value;
    ++*count;
}

/* Smallest positive and largest time of all snapshots; false where there is none. */
static bool range_of(const cf_result *result, double range[2])
{
    size_t cursor = 0;
    cf_flow_view flow;
    cf_latent_view latent;
    range[0] = INFINITY;
    range[1] = 0;
    while (cf_flow_next(result, &cursor, &flow)) {
        if (!cf_flow_latent(&flow, &latent))
            continue;
        for (size_t k = 0; k < latent.count; k++) {
            double time = latent.times[k];
            range[0] = time > 0 ? fmin(range[0], time) : range[0];
            range[1] = fmax(range[1], time);
        }
    }
    return range[1] > 0;
}

static void find_crossings(const cf_result *result, cf_snapshot_plan *plan)
{
    size_t cursor = 0;
    cf_flow_view flow;
    int most = 0;
    plan->emergence = plan->dissolution = plan->middle = NAN;
    while (cf_flow_next(result, &cursor, &flow)) {
        double emergence = event_of(&flow, "emergence"),
               dissolution = event_of(&flow, "dissolution");
        int crossings = !isnan(emergence) + !isnan(dissolution);
        if (crossings > most) {
            most = crossings;
            plan->emergence = emergence;
            plan->dissolution = dissolution;
        }
    }
}

static void fill_widest_gap(cf_snapshot_plan *plan, double first)
{
    double widest = 0, middle = 0;
    for (size_t k = 1; k < plan->count; k++) {
        double low = fmax(plan->times[k - 1], first), high = plan->times[k];
        if (high > low && log(high / low) > widest - 1e-9) { /* the later of equal ones */
            widest = log(high / low);
            middle = sqrt(low * high);
        }
    }
    if (middle > 0)
        insert(plan->times, &plan->count, middle);
}

void cf_snapshot_plan_make(const cf_result *result, cf_snapshot_plan *plan)
{
    double range[2];
    *plan = (cf_snapshot_plan){.count = 0};
    find_crossings(result, plan);
    insert(plan->times, &plan->count, 0);
    if (!range_of(result, range))
        return;
    insert(plan->times, &plan->count, range[1]);
    if (plan->emergence < range[1])
        insert(plan->times, &plan->count, plan->emergence);
    if (plan->dissolution < range[1])
        insert(plan->times, &plan->count, plan->dissolution);
    if (plan->emergence < range[1] && plan->emergence > 2 * range[0]) {
        range[0] = plan->emergence / 2;
        insert(plan->times, &plan->count, range[0]);
    }
    if (plan->dissolution < range[1]) {
        plan->middle = sqrt(plan->emergence * plan->dissolution);
        insert(plan->times, &plan->count, plan->middle);
    }
    for (size_t k = plan->count; k < CF_SNAPSHOT_COLUMNS; k++)
        fill_widest_gap(plan, range[0]);
}

/* `size` numbers of what was recorded at an event, or NULL. */
static const double *event_record(const cf_flow_view *flow, const char *name, size_t size,
                                  const char *kind, double time)
{
    const cf_record *latent = flow->events == NULL ? NULL : cf_group_record(flow->events, name);
    const cf_record *kinds = flow->events == NULL ? NULL : cf_group_record(flow->events, "kind");
    const cf_record *times = flow->events == NULL ? NULL : cf_group_record(flow->events, "time");
    if (latent == NULL || kinds == NULL || times == NULL || latent->rank < 1 ||
        latent->type != CF_VALUE_REAL || kinds->type != CF_VALUE_TEXT ||
        times->type != CF_VALUE_REAL || cf_record_count(kinds) != latent->dims[0] ||
        cf_record_count(times) != latent->dims[0] ||
        cf_record_count(latent) != latent->dims[0] * size)
        return NULL;
    for (size_t k = 0; k < latent->dims[0]; k++)
        if (strcmp(kinds->text[k], kind) == 0 && times->real[k] == time)
            return latent->real + k * size;
    return NULL;
}

/* Nearest by ratio; 0 is nearest to itself and then to the smallest times. */
static size_t nearest_snapshot(const double *times, size_t count, double time)
{
    size_t nearest = 0;
    double least = INFINITY;
    for (size_t k = 0; k < count; k++) {
        double distance = fabs(log((times[k] + 1e-12) / (time + 1e-12)));
        if (distance < least) {
            least = distance;
            nearest = k;
        }
    }
    return nearest;
}

static cf_snapshot snapshot_at(const cf_flow_view *flow, double time)
{
    cf_latent_view latent;
    if (!cf_flow_latent(flow, &latent))
        return (cf_snapshot){NULL, NULL, time, ""};
    size_t k = nearest_snapshot(latent.times, latent.count, time);
    const double *probes =
        latent.probes == NULL ? NULL : latent.probes + k * latent.probe_count * latent.d;
    return (cf_snapshot){latent.points + k * cf_latent_size(&latent), probes, latent.times[k], ""};
}

static cf_snapshot event_snapshot(const cf_flow_view *flow, const char *kind, double time)
{
    cf_latent_view own;
    if (!cf_flow_latent(flow, &own))
        return snapshot_at(flow, time);
    const cf_snapshot snapshot = {
        event_record(flow, "latent", cf_latent_size(&own), kind, time),
        own.probes == NULL
            ? NULL
            : event_record(flow, "probe_latent", own.probe_count * own.d, kind, time),
        time, kind};
    return snapshot.z != NULL ? snapshot : snapshot_at(flow, time);
}

/* What repeats the panel before it, the run having ended or its snapshots being few, is left
 * empty. */
static void clear_repeats(cf_snapshot row[CF_SNAPSHOT_COLUMNS], const char *status)
{
    size_t last = 0;
    for (size_t k = 1; k < CF_SNAPSHOT_COLUMNS; k++)
        if (row[k].z != NULL && row[k].time == row[last].time) {
            row[k].z = NULL;
            if (row[last].remark[0] == '\0')
                row[last].remark = row[k].remark;
        } else if (row[k].z != NULL) {
            last = k;
        }
    if (strcmp(status, "complete") != 0 && row[last].remark[0] == '\0')
        row[last].remark = status;
}

void cf_snapshot_row(const cf_flow_view *flow, const cf_snapshot_plan *plan,
                     cf_snapshot row[CF_SNAPSHOT_COLUMNS])
{
    double own[] = {event_of(flow, "emergence"), event_of(flow, "dissolution")};
    for (size_t k = 0; k < CF_SNAPSHOT_COLUMNS; k++) {
        double time = k < plan->count ? plan->times[k] : INFINITY;
        cf_snapshot next = {NULL, NULL, time, ""};
        if (time == plan->emergence && !isnan(own[0]))
            next = event_snapshot(flow, "emergence", own[0]);
        else if (time == plan->dissolution && !isnan(own[1]))
            next = event_snapshot(flow, "dissolution", own[1]);
        else if (time == plan->middle && !isnan(own[0]) && !isnan(own[1]))
            next = snapshot_at(flow, sqrt(own[0] * own[1]));
        else if (k < plan->count)
            next = snapshot_at(flow, time);
        size_t place = k;
        for (; place > 0 && row[place - 1].time > next.time; place--)
            row[place] = row[place - 1];
        row[place] = next;
    }
    clear_repeats(row, cf_group_text(flow->group, "status"));
}
