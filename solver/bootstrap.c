/* The bootstrap with percentiles, E67. */
#include <math.h>
#include <stdlib.h>

#include "contraflow/solver/memory.h"
#include "contraflow/solver/random.h"
#include "contraflow/solver/survival.h"

static int ascending(const void *a, const void *b)
{
    double s = *(const double *)a, t = *(const double *)b;
    return (s > t) - (s < t);
}

/* Of n sorted values the one of rank p (n + 1), or the nearest there is. */
static double percentile(const double *values, size_t n, double p)
{
    double rank = round(p * ((double)n + 1));
    size_t k = rank < 1 ? 1 : rank > (double)n ? n : (size_t)rank;
    return values[k - 1];
}

cf_status cf_bootstrap_interval(const cf_bootstrap *bootstrap, cf_resampled statistic,
                                void *context, double *low, double *high, cf_err *err)
{
    const cf_random random = {bootstrap->seed, CF_STREAM_BOOTSTRAP};
    size_t count = bootstrap->count, kept = 0;
    size_t *drawn = cf_allocate("bootstrap", count, sizeof *drawn, err);
    double *values = cf_allocate("bootstrap", bootstrap->replicates, sizeof *values, err);
    cf_status status = drawn != NULL && values != NULL ? CF_OK : CF_ESYSTEM;
    *low = *high = NAN;
    for (size_t r = 0; r < bootstrap->replicates && status == CF_OK; r++) {
        for (size_t i = 0; i < count; i++)
            drawn[i] = (size_t)(cf_random_uniform(random, r, (uint32_t)i) * (double)count);
        double value = statistic(context, drawn, count);
        if (!isnan(value))
            values[kept++] = value;
    }
    if (status == CF_OK && kept > 0 && 2 * kept >= bootstrap->replicates) {
        qsort(values, kept, sizeof *values, ascending);
        *low = percentile(values, kept, (1 - bootstrap->confidence) / 2);
        *high = percentile(values, kept, (1 + bootstrap->confidence) / 2);
    }
    free(values);
    free(drawn);
    return status;
}
