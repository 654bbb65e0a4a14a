/* Number of threads of this process. Results have the same bits whatever it is. */
#ifndef CONTRAFLOW_SOLVER_THREADS_H
#define CONTRAFLOW_SOLVER_THREADS_H

#include <stdbool.h>
#include <stddef.h>

/* 0: as many as the machine offers. Without OpenMP there is one. Threads of libgomp that wait spin
 * for milliseconds unless its environment says GOMP_SPINCOUNT=1000, as that of the program does. */
void cf_set_threads(long threads);
int cf_threads(void);

/* body(context, k) for k = 0, ..., count - 1 in any order; on several threads if `threaded` and not
 * within another such loop. */
void cf_parallel(size_t count, bool threaded, void (*body)(void *context, size_t k), void *context);

#endif
