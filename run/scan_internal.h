/* Names of configurations; private to run/. */
#ifndef CONTRAFLOW_RUN_SCAN_INTERNAL_H
#define CONTRAFLOW_RUN_SCAN_INTERNAL_H

#include <stdbool.h>

#include "contraflow/run/scan.h"

/* How many configurations a name with a range stands for, and the k-th of them; malloc'ed. */
size_t cf_scan_name_count(const char *name);
char *cf_scan_name(const char *name, size_t k, cf_err *err);

/* The points of a name without range. */
cf_status cf_scan_points(const char *name, cf_configuration **out, cf_err *err);

#endif
