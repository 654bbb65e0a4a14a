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
#else
void cf_set_threads(long threads)
{
    (void)threads;
}

int cf_threads(void)
{
    return 1;
}
#endif
