/* When a run puts out, and which outputs keep their embedding. */
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "parts_internal.h"

static const double SNAPSHOT_BYTES =
    256.0 * 1024 * 1024; /* a flow, unless the problem says otherwise */

static size_t count_of(const cf_times *times)
{
    if (times->spacing == CF_TIMES_ALL)
        return 0;
    return times->spacing == CF_TIMES_LIST ? times->list.count : (size_t)times->count;
}

/* The k-th requested time; the last of a spacing is the end to the last bit. */
static double time_of(const cf_times *times, size_t k, double end)
{
    if (times->spacing == CF_TIMES_LIST)
        return times->list.values[k];
    size_t last = (size_t)times->count - 1;
    if (k == last)
        return end;
    if (times->spacing == CF_TIMES_LOG)
        return times->first * pow(end / times->first, (double)k / (double)last);
    return end * (double)(k + 1) / (double)(last + 1);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool contains(const cf_times *times, double t, double end)
{
    for (size_t k = 0; k < count_of(times); k++)
        if (time_of(times, k, end) == t)
            return true;
    return false;
}

/* Keeps every stride-th output, counted from the end, so that the kept ones fit in SNAPSHOT_BYTES.
 */
static void keep_what_fits(cf_parts *parts)
{
    double bytes = 8.0 * (double)parts->rows->n * (double)parts->latent.dimension *
                   (parts->latent.sphere ? 2 : 1);
    double most = fmax(1, floor(SNAPSHOT_BYTES / bytes));
    size_t stride = (size_t)ceil((double)parts->time_count / most);
    for (size_t k = 0; k < parts->time_count; k++)
        parts->keeps[k] = (parts->time_count - 1 - k) % stride == 0;
}

cf_status cf_schedule_create(cf_parts *parts, cf_err *err)
{
    const cf_problem *problem = parts->problem;
    double end = problem->end;
    size_t outputs = count_of(&problem->outputs), snapshots = count_of(&problem->snapshots),
           count = 0;
    size_t room = outputs + snapshots + 2;
    parts->times = cf_allocate("output times", room, sizeof(double), err);
    parts->keeps = cf_allocate("output times", room, sizeof(bool), err);
    if (parts->times == NULL || parts->keeps == NULL)
        return CF_ESYSTEM;
    parts->times[count++] = 0;
    parts->times[count++] = end;
    for (size_t k = 0; k < outputs; k++)
        parts->times[count++] = time_of(&problem->outputs, k, end);
    for (size_t k = 0; k < snapshots; k++)
        parts->times[count++] = time_of(&problem->snapshots, k, end);
    qsort(parts->times, count, sizeof(double), ascending);
    for (size_t k = 0; k < count; k++)
        if (parts->times[k] <= end &&
            (parts->time_count == 0 || parts->times[k] > parts->times[parts->time_count - 1]))
            parts->times[parts->time_count++] = parts->times[k];
    for (size_t k = 0; k < parts->time_count; k++)
        parts->keeps[k] = problem->snapshots.spacing == CF_TIMES_ALL || parts->times[k] == 0 ||
                          parts->times[k] == end ||
                          contains(&problem->snapshots, parts->times[k], end);
    if (problem->snapshots.spacing == CF_TIMES_ALL)
        keep_what_fits(parts);
    return CF_OK;
}
