#include "contraflow/solver/threads.h"

#ifdef _OPENMP
#include <omp.h>

void cf_set_threads(long threads)
{
    if (threads > 0)
        omp_set_num_threads((int)threads);
}

int cf_threads(void)
{
    return omp_get_max_threads();
}

static bool alone(void)
{
    return omp_in_parallel() || omp_get_max_threads() == 1;
}
#else
void cf_set_threads(long threads)
{
    (void)threads;
}

int cf_threads(void)
{
    return 1;
}

static bool alone(void)
{
    return true;
}
#endif

/* Without threads no team is made: one of a single thread costs as much as a small product. */
void cf_parallel(size_t count, bool threaded, void (*body)(void *context, size_t k), void *context)
{
    if (!threaded || count < 2 || alone()) {
        for (size_t k = 0; k < count; k++)
            body(context, k);
        return;
    }
#pragma omp parallel for schedule(dynamic)
    for (size_t k = 0; k < count; k++)
        body(context, k);
}
