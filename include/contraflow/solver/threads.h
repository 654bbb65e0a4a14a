/* Number of threads of this process. Results have the same bits whatever it is. */
#ifndef CONTRAFLOW_SOLVER_THREADS_H
#define CONTRAFLOW_SOLVER_THREADS_H

/* 0: as many as the machine offers. Without OpenMP there is one. */
void cf_set_threads(long threads);
int cf_threads(void);

#endif
