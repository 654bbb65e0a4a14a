/* Steps of the assembly that have files of their own; private to run/. */
#ifndef CONTRAFLOW_RUN_PARTS_INTERNAL_H
#define CONTRAFLOW_RUN_PARTS_INTERNAL_H

#include "contraflow/run/parts.h"

/* Sets times, keeps and time_count from the problem's outputs and snapshots; needs the data. */
cf_status cf_schedule_create(cf_parts *parts, cf_err *err);

/* Refuses, before anything large is allocated, a problem that needs more memory than there is. */
cf_status cf_memory_check(const cf_parts *parts, cf_err *err);

#endif
